"""Requests of people who are signed in, and the token they act with at Cognito."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.models import User
from accounts.sessions.engine import SessionStore, session_of


class AuthenticatedRequest(HttpRequest):
    """A request of somebody signed in, which is what LoginRequiredMiddleware lets through."""

    user: User
    session: SessionStore


def access_token(request: HttpRequest) -> str:
    """Return the person's access token. Raises PermissionDenied for somebody who did not come by way of Cognito."""
    held = session_of(request).read_tokens()
    if held is None or held.tokens is None:
        raise PermissionDenied
    return held.tokens.access_token
