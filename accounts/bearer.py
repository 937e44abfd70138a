"""The other way in: an access token with each request, for programs that hold tokens themselves (docs/api.md).

The token is verified here, without asking Cognito, and leads to the same person as a session does: by issuer and
``sub``, and by nothing else. https://www.rfc-editor.org/rfc/rfc6750
"""

import logging
import time
from collections.abc import Callable, Collection
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from accounts import activity, conf, error_responses, limits, newcomers, users
from accounts.audit import Kind
from accounts.cognito.errors import AccessTokenRefused, AccountGone, MachineToken, TokenError
from accounts.cognito.results import AccessClaims, Claims
from accounts.context import Context
from accounts.http import Bearer, BearerRequest
from accounts.models import User
from accounts.sessions.engine import SessionStore

logger = logging.getLogger(__name__)

# Without it Cognito lets nobody read or change their own account by their access token.
# https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-define-resource-servers.html
OWN_ACCOUNT = "aws.cognito.signin.user.admin"

INVALID_REQUEST, INVALID_TOKEN, INSUFFICIENT_SCOPE = "invalid_request", "invalid_token", "insufficient_scope"
TOKEN_REQUIRED = "token_required"  # noqa: S105 -- what is answered where none came
# https://www.rfc-editor.org/rfc/rfc9470#section-3
INSUFFICIENT_USER_AUTHENTICATION = "insufficient_user_authentication"

View = Callable[..., HttpResponse]


class BearerRefused(Exception):
    """The request brought no access token that is good for it.

    ``status`` is HTTP's; ``error`` is ours, for the body; ``code`` and ``parameters`` are those of RFC 6750, for the
    header. No ``code`` where no token came: then nothing is said but that one is wanted.
    """

    def __init__(self, status: int, error: str, code: str = "", **parameters: str) -> None:
        super().__init__(error)
        self.status, self.error = status, error
        self.parameters = {"error": code, **parameters} if code else parameters

    @property
    def challenge(self) -> str:
        """The value of WWW-Authenticate. RFC 6750, section 3."""
        # A header holds ASCII only, and the site's name need not be of it.
        realm = settings.SITE_NAME if settings.SITE_NAME.isascii() else settings.SITE_URL
        said = {"realm": realm, **self.parameters}
        return "Bearer " + ", ".join(f"{name}={quoted(value)}" for name, value in said.items())

    def answer(self) -> HttpResponse:
        """Return the response."""
        return error_responses.bearer_refused(self.status, self.error, self.challenge)


def quoted(text: str) -> str:
    """Return ``text`` as a quoted string of a header. https://www.rfc-editor.org/rfc/rfc9110#section-5.6.4"""
    escaped = text.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'


def without_session(view: View) -> View:
    """Decorate a view for programs: cookies count for nothing there and none is set; errors are answered in JSON.

    So no form of another site can do anything, and no CSRF token is asked for.
    """

    @wraps(view)
    def called(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Somebody may be signed in with this browser: that is not who asks.
        request.session, request.user = SessionStore(), AnonymousUser()
        request.bearer = None  # type: ignore[attr-defined]
        response = view(request, *args, **kwargs)
        response.cookies.clear()
        return response

    called.ignores_session = True  # type: ignore[attr-defined]
    return error_responses.for_scripts(csrf_exempt(login_not_required(called)))


def bearer_required(*, scopes: Collection[str] = (), groups: Collection[str] = ()) -> Callable[[View], View]:
    """Decorate a view for programs: it is made for whoever's access token the request brings, and for nobody else.

    The token has to have all of ``scopes`` and, unless there are none, one of ``groups``. The view gets a
    :class:`BearerRequest`, as one does that is decorated :func:`without_session`.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(admit(request, scopes, groups), *args, **kwargs)
            except BearerRefused as refused:
                return refused.answer()
            except (AccessTokenRefused, AccountGone) as error:
                # Good by itself, and Cognito takes it no longer.
                return invalid(error).answer()

        return without_session(guarded)

    return decorate


@sensitive_variables("token")
def admit(request: HttpRequest, scopes: Collection[str] = (), groups: Collection[str] = ()) -> BearerRequest:
    """Return ``request`` as that of the person whose token it brings. Raises BearerRefused, Unavailable."""
    token = token_of(request)
    claims = claims_of(token)
    refuse_unless_allowed(claims, scopes, groups)
    request.user = person_of(request, claims, token)
    request.bearer = Bearer(token, claims)  # type: ignore[attr-defined]
    return cast(BearerRequest, request)


@sensitive_variables("token")
def token_of(request: HttpRequest) -> str:
    """Return the access token that ``request`` brings. Raises BearerRefused.

    Only from its header: an address is kept by logs, histories and proxies.
    https://www.rfc-editor.org/rfc/rfc9700#section-4.3.2
    """
    if "access_token" in request.GET:
        raise BearerRefused(400, "token_in_address", INVALID_REQUEST)
    scheme, _, token = str(request.META.get("HTTP_AUTHORIZATION", "")).partition(" ")
    if scheme.lower() != "bearer":
        raise BearerRefused(401, TOKEN_REQUIRED)
    parts = token.split()
    if len(parts) != 1:
        raise BearerRefused(400, "bad_request", INVALID_REQUEST)
    return parts[0]


def invalid(reason: object) -> BearerRefused:
    """Return the refusal of a token that is good for nothing, after a line in the log that says why."""
    logger.warning("access token refused", extra={"reason": str(reason)})
    return BearerRefused(401, "invalid_token", INVALID_TOKEN)


@sensitive_variables("token")
def claims_of(token: str) -> AccessClaims:
    """Return what ``token`` allows. Raises BearerRefused; Unreachable while the pool's keys cannot be had."""
    try:
        return conf.verifier().verify_access_token(token)
    except MachineToken as error:
        logger.warning("access token refused", extra={"reason": str(error)})
        raise BearerRefused(403, "machine_token", INSUFFICIENT_SCOPE) from error
    except TokenError as error:
        raise invalid(error) from error


def refuse_unless_allowed(claims: AccessClaims, scopes: Collection[str], groups: Collection[str]) -> None:
    """Raise BearerRefused unless all of ``scopes`` and, if there are any, one of ``groups`` are among ``claims``."""
    if not set(scopes) <= set(claims.scopes):
        raise BearerRefused(403, "insufficient_scope", INSUFFICIENT_SCOPE, scope=" ".join(scopes))
    if groups and not set(groups) & set(claims.groups):
        raise BearerRefused(403, "group_required", INSUFFICIENT_SCOPE)


@sensitive_variables("token")
def person_of(request: HttpRequest, claims: AccessClaims, token: str) -> User:
    """Return the person ``claims`` speak of. Raises BearerRefused for one who is shut out, or was since signed out."""
    user = users.found(claims.issuer, claims.sub)
    if user is not None and not user.is_active:
        raise invalid("the person is shut out")
    if user is not None and is_over(user, claims):
        raise invalid("signed out everywhere since")
    return user if user is not None and user.last_login else first_time(request, claims, token)


def is_over(user: User, claims: AccessClaims) -> bool:
    """Whether ``user`` has had everything ended since the sign-in that ``claims`` come from.

    By the sign-in, not by the token: a refresh makes new tokens of an old sign-in. Cognito tells whole seconds, and
    what happened within the same one is taken to have ended with it.
    """
    valid_from = user.tokens_valid_from
    return valid_from is not None and claims.authenticated_at <= valid_from.timestamp()


@sensitive_variables("token")
def first_time(request: HttpRequest, claims: AccessClaims, token: str) -> User:
    """Return the row of somebody who was never here, made of what Cognito tells the bearer of ``token``.

    An access token says nothing of address or name, so Cognito is asked, once. As at the first sign-in, nobody comes
    in by a name that is held (docs/adr/0020). Raises BearerRefused, LimitExceeded, Unavailable.
    """
    if OWN_ACCOUNT not in claims.scopes:
        raise BearerRefused(403, "unknown_person", INSUFFICIENT_SCOPE, scope=OWN_ACCOUNT)
    try:
        with limits.attempt(request, limits.FIRST_TIME, claims.sub):
            profile = conf.user_account().get_user(token)
    except (AccessTokenRefused, AccountGone) as error:
        raise invalid(error) from error
    described = Claims(
        issuer=claims.issuer,
        sub=claims.sub,
        username=claims.username,
        email=profile.email,
        email_verified=profile.email_verified,
        name=profile.name,
        groups=claims.groups,
        phone_number=profile.phone_number,
        phone_number_verified=profile.phone_number_verified,
    )
    try:
        user = users.user_for(described)
    except users.Held as held:
        logger.warning("held name refused")
        raise BearerRefused(403, "password_unproven", INSUFFICIENT_SCOPE) from held
    # Of several requests at once, one is the first.
    if User.objects.filter(pk=user.pk, last_login=None).update(last_login=timezone.now()):
        newcomers.join_default_group(user, claims.groups)
        activity.write(Kind.FIRST_SIGN_IN, user, context=Context.of(request))
    return user


def refuse_unless_fresh(request: BearerRequest) -> None:
    """Raise BearerRefused unless the person signed in within FRESH_SIGN_IN_AGE, as the pages ask of them, too.

    https://www.rfc-editor.org/rfc/rfc9470
    """
    if time.time() - request.bearer.claims.authenticated_at >= settings.FRESH_SIGN_IN_AGE:
        error, age = INSUFFICIENT_USER_AUTHENTICATION, settings.FRESH_SIGN_IN_AGE
        raise BearerRefused(401, error, error, max_age=str(age))
