"""Requests of people who are signed in or bring a token, and the token they act with at Cognito."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest

from accounts import conf, users
from accounts.cognito.results import AccessClaims, Profile, Tokens
from accounts.models import User
from accounts.sessions import refresh
from accounts.sessions.engine import SessionStore, session_of


@dataclass(frozen=True, slots=True)
class Bearer:
    """The access token that a request came with, and what it allows."""

    token: str = field(repr=False)
    claims: AccessClaims


class SignInRequired(Exception):
    """A view that lets in strangers asked for the tokens of one."""


class NoIdToken(PermissionDenied):
    """The request brings an access token of its own, as programs do, and no ID token comes with one."""


class NotForTemplates(Exception):
    """A template asked for a token, which would stand in a page."""


class PersonsTokens:
    """The tokens of whoever makes the request, as ``request.cognito``: to call other services in their name.

    Each is looked up when it is asked for, and renewed first if its end is near. A browser's come from its session; a
    program's access token is the one that it brings. Both may raise SignInRequired for a stranger, SessionOver,
    EndedElsewhere, NoTokens for somebody who signed in without Cognito, and Unavailable: where the view lets these
    through, the site answers them (docs/calling-other-services.md).
    """

    __slots__ = ("_request",)

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    def __getitem__(self, name: str) -> str:
        """Raise NotForTemplates: this is where a template looks first."""
        raise NotForTemplates(name)

    @property
    def access_token(self) -> str:
        """The access token: what a service takes that asks for scopes."""
        bearer = self._bearer()
        return bearer.token if bearer else self._held().access_token

    @property
    def id_token(self) -> str:
        """The ID token: what a service takes that asks who somebody is. Raises NoIdToken besides."""
        if self._bearer():
            raise NoIdToken
        return self._held().id_token

    def _bearer(self) -> Bearer | None:
        return getattr(self._request, "bearer", None)

    def _held(self) -> Tokens:
        if not self._request.user.is_authenticated:
            raise SignInRequired
        return refresh.fresh_tokens(session_of(self._request))


class AuthenticatedRequest(HttpRequest):
    """A request of somebody signed in, which is what LoginRequiredMiddleware lets through."""

    user: User
    session: SessionStore
    cognito: PersonsTokens


class BearerRequest(AuthenticatedRequest):
    """A request of somebody who brings an access token, which is what bearer_required lets through."""

    bearer: Bearer


def json_object(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object that is the body of ``request``. Raises BadRequest for anything else.

    The type has to be said: a form of another site cannot say it. https://www.rfc-editor.org/rfc/rfc8259
    """
    if request.content_type != "application/json":
        raise BadRequest("the body is not said to be JSON")
    try:
        value = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise BadRequest("the body is not JSON") from error
    if not isinstance(value, dict):
        raise BadRequest("the body is no JSON object")
    return value


def access_token(request: HttpRequest) -> str:
    """Return the person's access token. Raises PermissionDenied for somebody who did not come by way of Cognito."""
    held = session_of(request).read_tokens()
    if held is None or held.tokens is None:
        raise PermissionDenied
    return held.tokens.access_token


def own_profile(request: AuthenticatedRequest, token: str) -> Profile:
    """Return what Cognito shows the bearer of the access token, who made ``request``; what differs here is written.

    Raises AccessTokenRefused, AccountGone, Unavailable.
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetUser.html
    """
    profile = conf.user_account().get_user(token)
    users.update(request.user, profile)
    return profile
