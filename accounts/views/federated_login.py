"""Signing in with another provider, through the pool's domain: out by a form, back by an address."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from accounts import (
    conf,
    decorators,
    entrance,
    error_responses,
    federation,
    kept_name,
    limits,
    linking,
    return_address,
)
from accounts.cognito.config import LEEWAY, Provider
from accounts.cognito.errors import CognitoError, Refused, TokenError
from accounts.cognito.results import Tokens
from accounts.cognito.sign_in_names import NameKind
from accounts.sessions import revocation
from accounts.sessions.engine import session_of
from accounts.sessions.pending import PendingProviders, Tab

logger = logging.getLogger(__name__)

# What the domain may send back. RFC 6749, section 4.1.2; RFC 9207 for the issuer.
ANSWERS = ("code", "state", "error", "error_description", "iss")
# How Cognito says that it has linked two accounts just now, and is ready at the next try. No other sign is given.
JUST_LINKED = "already found an entry for username"


NOT_CONNECTED = gettext_lazy("We couldn’t connect %(provider)s. Nothing was changed. Try again.")
NOT_SIGNED_IN = gettext_lazy("We couldn’t sign you in with %(provider)s. Try again, or use another way.")


class NotTheirs(Exception):
    """The tokens are good and speak of somebody else than they should, or of a proof that is too old."""


@login_not_required
@require_POST
@limits.limited(limits.FEDERATION, lambda _request: "")
def federated_login(request: HttpRequest, provider: str) -> HttpResponse:
    """Send the browser to ``provider``; somebody who came by it proves there that it is still them.

    Others who are signed in are sent on. A provider that is not offered is not found. ``separate`` in the form is from
    somebody who was told that an account with their address is here, and wants another one.
    """
    offered = conf.config().provider(provider)
    if offered is None:
        # Django's own page for developers, which Http404 leads to, shows the whole request.
        return error_responses.page_not_found(request, Http404())
    next_url, again = request.POST.get("next", ""), request.user.is_authenticated
    if again and session_of(request).came_by() != offered.name:
        return return_address.redirect_to(next_url)
    separate = request.POST.get("separate") == "on"
    url = federation.set_out(request, offered, next_url, again=again, separate=separate)
    return federation.leave_for(request, url, offered.label)


@login_not_required
@require_GET
@sensitive_variables("tokens", "answer", "state", "tab")
def federated_callback(request: HttpRequest) -> HttpResponse:
    """Take what the browser brings back from the domain: a code leads in, anything else leads to a page of our words.

    What no tab of this browser went out for does nothing, and keeps nothing. One that comes back a second time goes
    where it went the first time.
    """
    answer = single(request.GET)
    state = answer.get("state", "")
    tab = PendingProviders.tab(request, state) if state else None
    if tab is None or not is_answer(answer):
        return unfinished(request)
    if tab.used:
        return led_on(request, tab)
    if answer.get("error"):
        PendingProviders.use(request, state, tab)
        return refused(request, tab, answer)
    try:
        tokens = conf.hosted_ui().redeem(answer["code"], tab.verifier)
    except Refused as error:
        PendingProviders.use(request, state, tab)
        return failed(request, tab, error)
    PendingProviders.use(request, state, tab)
    if tab.connects:
        return connect(request, tab, tokens)
    return come_in(request, state, tab, tokens)


def single(query: QueryDict) -> Mapping[str, str]:
    """Return the parameters of ``query`` that an answer has; none at all where one comes twice."""
    given = {name: query.getlist(name) for name in ANSWERS if name in query}
    return {name: values[0] for name, values in given.items()} if all(len(v) == 1 for v in given.values()) else {}


def is_answer(answer: Mapping[str, str]) -> bool:
    """Whether ``answer`` has a code or an error, and is our pool's where it says whose it is. RFC 9207, section 2.4."""
    return bool(answer.get("code")) != bool(answer.get("error")) and answer.get("iss", issuer()) == issuer()


def issuer() -> str:
    """Return the issuer, which comes from the settings alone."""
    return conf.config().issuer


def led_on(request: HttpRequest, tab: Tab) -> HttpResponse:
    """Answer a tab that came back before: with the way it led then."""
    if request.user.is_authenticated:
        return return_address.redirect_to(tab.next_url)
    return known_here(request, tab) if tab.known else unfinished(request)


@sensitive_variables("tokens", "state")
def come_in(request: HttpRequest, state: str, tab: Tab, tokens: Tokens) -> HttpResponse:
    """Let in whom the tokens speak of, by the one door; a person who is signed in stays the same one.

    A newcomer whose address an account here has is told so first, and comes in only if they choose to.
    """
    try:
        if request.user.is_authenticated:
            refuse_others(request, tab, tokens)
        elif not tab.separate and (address := known_address(tab, tokens)):
            PendingProviders.use(request, state, replace(tab, known=True))
            kept_name.keep(request, address if NameKind.EMAIL in conf.config().sign_in_with.kinds else "")
            return known_here(request, tab)
        return entrance.proceed(request, tokens, typed="", came_by=tab.provider, next_url=tab.next_url, nonce=tab.nonce)
    except (Refused, TokenError, NotTheirs) as error:
        return failed(request, tab, error)


@sensitive_variables("tokens")
def known_address(tab: Tab, tokens: Tokens) -> str:
    """Return the address of a newcomer that an account here has too, and have their tokens revoked; else "".

    Raises TokenError, Unreachable.
    """
    claims = conf.verifier().verify_id_token(tokens.id_token, nonce=tab.nonce)
    if not federation.is_known_address(claims):
        return ""
    revocation.revoke([tokens.refresh_token])
    return claims.email


def known_here(request: HttpRequest, tab: Tab) -> HttpResponse:
    """Return the page for a newcomer whose address an account here has: sign in to it, then connect."""
    provider = conf.config().provider(tab.provider)
    context = {"known_provider": provider, "next_url": tab.next_url}
    return render(request, "accounts/federated_callback.html", context) if provider else unfinished(request)


@sensitive_variables("tokens")
def connect(request: HttpRequest, tab: Tab, tokens: Tokens) -> HttpResponse:
    """Connect whom the tokens speak of with the account of the person who set out for that, and say what came of it."""
    try:
        done = linking.connect(request, tab, tokens)
    except (linking.NotConnected, TokenError) as error:
        logger.warning("provider not connected", extra={"provider": tab.provider, "error": repr(error)})
        return back(request, tab, not_connected(request, error))
    sentence = _("%(provider)s connected. You can sign in with it.") if done else linking.ALREADY_CONNECTED
    messages.success(request, sentence % {"provider": label_of(tab)})
    return return_address.redirect_to(tab.next_url)


def not_connected(request: HttpRequest, error: Exception) -> str:
    """Return why a provider was not connected, in words."""
    if not request.user.is_authenticated:
        return _("You’re not signed in any more. Sign in, then connect %(provider)s again.")
    match error:
        case linking.InUse():
            return _(
                "This %(provider)s account belongs to another account here. Sign in with it first, "
                "to disconnect it there or to delete that account. Then you can connect it here."
            )
        case linking.OtherAddress():
            return _(
                "%(provider)s has another email address than this account. Nothing was changed. "
                "Connect it again and allow another address, or choose another account there."
            )
        case linking.Full():
            return str(linking.FULL)
        case linking.AlreadyConnected():
            return str(linking.ALREADY_CONNECTED)
    return str(NOT_CONNECTED)


@sensitive_variables("tokens")
def refuse_others(request: HttpRequest, tab: Tab, tokens: Tokens) -> None:
    """Raise NotTheirs, and have the tokens revoked, unless they speak of the person signed in.

    Whoever goes there to prove that it is still them must have done so since. Raises TokenError, Unreachable.
    """
    with revocation.revoked_on_failure(tokens):
        claims = conf.verifier().verify_id_token(tokens.id_token, nonce=tab.nonce)
        user: Any = request.user
        if (claims.issuer, claims.sub) != (user.issuer, user.sub):
            raise NotTheirs("another person")
        if tab.again and claims.authenticated_at < tab.at - LEEWAY:
            raise NotTheirs("an earlier proof")


def refused(request: HttpRequest, tab: Tab, answer: Mapping[str, str]) -> HttpResponse:
    """Answer an error: what it says is never shown, and decides no more than whether trying once more can help."""
    provider = conf.config().provider(tab.provider)
    if provider and not tab.retried and JUST_LINKED in answer.get("error_description", "").lower():
        again = tab.again and request.user.is_authenticated
        purpose = {"again": again, "connects": tab.connects, "separate": tab.separate}
        purpose["takes_address"] = tab.takes_address
        url = federation.set_out(request, provider, tab.next_url, **purpose, retried=True)
        return HttpResponseRedirect(url)
    logger.warning("federated sign-in refused", extra={"provider": tab.provider, "error": repr(answer["error"][:40])})
    canceled = answer["error"] == "access_denied"
    return back(request, tab, _("Sign-in with %(provider)s was canceled.") if canceled else not_reached(tab))


def failed(request: HttpRequest, tab: Tab, error: CognitoError | NotTheirs) -> HttpResponse:
    """Answer a code, or tokens, that lead nobody in."""
    logger.warning("federated sign-in failed", extra={"provider": tab.provider, "error": str(error)})
    sentence = not_reached(tab)
    if isinstance(error, NotTheirs) and tab.again:
        sentence = _("%(provider)s didn’t confirm that it’s you. Try again with the account you signed in with.")
    elif isinstance(error, NotTheirs):
        sentence = _("You’re signed in as somebody else. Sign out first, then sign in with %(provider)s.")
    return back(request, tab, sentence)


def not_reached(tab: Tab) -> str:
    """Return what a tab came to that failed, in words."""
    return str(NOT_CONNECTED if tab.connects else NOT_SIGNED_IN)


def back(request: HttpRequest, tab: Tab, sentence: str) -> HttpResponse:
    """Return the way to where the person set out from, where ``sentence`` is shown."""
    messages.error(request, sentence % {"provider": label_of(tab)})
    if not request.user.is_authenticated:
        return HttpResponseRedirect(return_address.login_url(tab.next_url))
    if tab.connects:
        return return_address.redirect_to(tab.next_url)
    return decorators.confirm_first(tab.next_url) if tab.again else return_address.redirect_to("")


def label_of(tab: Tab) -> str:
    """Return what people know the provider of ``tab`` by."""
    return (conf.config().provider(tab.provider) or Provider(tab.provider, tab.provider)).label


def unfinished(request: HttpRequest) -> HttpResponse:
    """Answer what this browser did not ask for, or asked for too long ago: nothing is done, and no session is made."""
    return render(request, "accounts/federated_callback.html", status=400)
