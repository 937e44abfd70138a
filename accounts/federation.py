"""Who else signs people in: the ways to them through the pool's domain, and what follows from having come that way.

People are never linked by an address, whoever says it is theirs: somebody new at a provider is somebody new here. What
the way out needs is kept on the server, for each tab by itself (docs/adr/0040).
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render, resolve_url

from accounts import conf, return_address, users
from accounts.cognito.config import OWN_DIRECTORY, Provider
from accounts.cognito.handshake import Handshake
from accounts.cognito.results import Claims, Status
from accounts.models import CameBy
from accounts.sessions.engine import WENT_TO_DOMAIN, session_of
from accounts.sessions.pending import PendingProviders, Tab


def set_out(request: HttpRequest, provider: Provider, next_url: str, **purpose: Any) -> str:
    """Return where the browser goes to be signed in by ``provider``; what it has to come back with is kept.

    ``purpose`` says what for, in the words of Tab. Whoever shall prove that it is still them, or wants the provider as
    another way in, has to prove it now: that the domain remembers somebody is not enough.
    """
    handshake = Handshake()
    tab = Tab(
        provider=provider.name,
        next_url=return_address.own_path(next_url),
        at=time.time(),
        nonce=handshake.nonce,
        verifier=handshake.verifier,
        **purpose,
    )
    PendingProviders.keep(request, handshake.state, tab)
    request.session[WENT_TO_DOMAIN] = True
    hint = getattr(request.user, "email", "") if tab.again else ""
    asked = tab.again or bool(tab.connects)
    return conf.hosted_ui().authorize_url(handshake, provider.name, again=asked, login_hint=hint)


def leave_for(request: HttpRequest, url: str, provider: str = "") -> HttpResponse:
    """Return the page that sends the browser on to ``url`` at the pool's domain, on the way to ``provider``.

    A redirect would not get there: browsers apply ``form-action`` to what follows after a form, and the addresses of
    all providers cannot be listed. A refresh is a navigation of its own, which needs no script.
    https://www.w3.org/TR/CSP3/#directive-form-action, https://html.spec.whatwg.org/#attr-meta-http-equiv-refresh
    """
    response = render(request, "leaving.html", {"url": url, "provider": provider})
    response["Refresh"] = f"0; url={url}"
    return response


def through_domain(came_by: str) -> bool:
    """Whether a session that began by ``came_by`` began at the pool's domain, which then remembers the person."""
    return bool(came_by and conf.config().domain) and came_by not in set(CameBy)


def known_at_domain(request: HttpRequest) -> bool:
    """Whether the pool's domain may remember whoever used this session: they came by it, or have been there since."""
    went = request.session.get(WENT_TO_DOMAIN, False)
    return through_domain(session_of(request).came_by()) or bool(went and conf.config().domain)


def sign_out_at_domain(request: HttpRequest, *, known: bool) -> HttpResponse | None:
    """Return the way that ends at the sign-in page and by which the domain forgets the person; None if it need not.

    ``known`` is what :func:`known_at_domain` said before the session ended.
    https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
    """
    if not known:
        return None
    return leave_for(request, conf.hosted_ui().logout_url(f"{settings.SITE_URL}{resolve_url('login')}"))


def is_known_address(claims: Claims) -> bool:
    """Whether a person whom ``claims`` bring here for the first time has the address of an account that is here.

    Nobody is taken for somebody else by that: it is only asked so that they may say themselves who they are.
    """
    user = users.found(claims.issuer, claims.sub)
    newcomer = user is None or user.last_login is None
    if not newcomer or not claims.email or users.status_of(claims) is not Status.EXTERNAL_PROVIDER:
        return False
    return users.with_address(claims.email).exclude(sub=claims.sub).exists()


def own_provider(request: HttpRequest) -> Provider | None:
    """Return the provider that the person of ``request`` came by, None for those who came otherwise.

    One that the site no longer offers has the name that the pool has for it. One statement.
    """
    came_by = session_of(request).came_by()
    if not came_by or came_by in set(CameBy):
        return None
    return conf.config().provider(came_by) or Provider(came_by, came_by)


def has_password(request: HttpRequest) -> bool:
    """Whether the account of the person of ``request`` can have a password: not so where a provider looks after it."""
    return getattr(request.user, "cognito_status", "") != Status.EXTERNAL_PROVIDER.value


def way_to_confirm(request: HttpRequest) -> Provider | None:
    """Return the provider that can say that it is still them, None where they did not come by one that is offered.

    The domain's own page is none of these: there people type the password that they can type here.
    """
    provider = own_provider(request)
    return provider if provider in conf.config().providers and provider.name != OWN_DIRECTORY else None


def own_password_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorate a view that is about a password, or about what comes besides one.

    People whose provider looks after both get a page that says so, and what they send is refused.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if has_password(request):
            return view(request, *args, **kwargs)
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        return render(request, "no_password.html", {"provider": own_provider(request)})

    return guarded
