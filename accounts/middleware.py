"""Between a request and its view: is the session still good, and what if Cognito or the database is not."""

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoLoginRequiredMiddleware
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, NotSupportedError, ProgrammingError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from accounts import activity, bearer, error_responses
from accounts.cognito.errors import AccessTokenRefused, AccountGone, CognitoError, Refused, Unavailable
from accounts.http import PersonsTokens, SignInRequired
from accounts.limits import LimitExceeded
from accounts.models import User
from accounts.sessions import refresh
from accounts.sessions.engine import EndedElsewhere, session_of
from accounts.waiting import Busy

logger = logging.getLogger(__name__)

View = Callable[[HttpRequest], HttpResponse]

# What a database that is there says of a statement of ours: no outage, and an answer of 500 like any other mistake.
MISTAKES = (DataError, IntegrityError, NotSupportedError, ProgrammingError)


def end_refused(request: HttpRequest) -> None:
    """End a session whose tokens Cognito takes no longer: its person was signed out, disabled or deleted there.

    One that was ended here meanwhile, by another tab or with its person, was recorded there.
    """
    user, session = request.user, session_of(request)
    goes_on = session.exists(session.session_key or "")
    auth.logout(request)
    if isinstance(user, User) and goes_on:
        activity.ended_elsewhere(request, user)


def way_back_in(request: HttpRequest, exception: Exception) -> HttpResponse | None:
    """Return the way to sign in where ``exception`` says that nobody is, or no longer; None where it does not."""
    match exception:
        case AccessTokenRefused() | AccountGone() | EndedElsewhere() if request.user.is_authenticated:
            # These speak of the person's own token. An administrator who acts on somebody who is gone meets others.
            logger.warning("session ended elsewhere", extra={"error": str(exception)})
            end_refused(request)
            return error_responses.session_ended(request)
        case refresh.SessionOver():
            auth.logout(request)
            return error_responses.session_ended(request)
        case UpdateError():
            # Another tab ended the session while a view wanted it kept at once.
            return error_responses.session_ended(request)
        case SignInRequired():
            return error_responses.sign_in_required(request)
    return None


def database_failed(request: HttpRequest, error: DatabaseError | InterfaceError) -> HttpResponse:
    """Return the page for a database that is away, or the way to sign in for somebody who was deleted meanwhile.

    Raises ``error`` where it is a mistake of ours.
    """
    if isinstance(error, MISTAKES):
        raise error
    if is_of_somebody_gone(request, error):
        auth.logout(request)
        return error_responses.session_ended(request)
    logger.error("database unavailable", extra={"error": type(error).__name__})
    return error_responses.database_unavailable(request)


def is_of_somebody_gone(request: HttpRequest, error: DatabaseError | InterfaceError) -> bool:
    """Whether ``error`` is Django's own, of a row to change that is not there, and so is the person signed in.

    https://docs.djangoproject.com/en/5.2/ref/models/instances/#specifying-which-fields-to-save
    """
    if type(error) is not DatabaseError or error.__cause__ is not None:
        return False
    person = request.session.get(SESSION_KEY)
    return person is not None and not User.objects.filter(pk=person).exists()


class SessionMiddleware(DjangoSessionMiddleware):
    """Django's, with a page for people whose session was ended by another tab while this request ran.

    It never deletes the cookie. An answer that comes late, to a request that brought the key of a session that has
    ended, would delete the cookie of the one that has begun since; and a key with no session behind it opens nothing.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save the session; it is not resurrected when it is gone. A program has none to save."""
        if hasattr(request, "bearer"):
            return response
        try:
            response = super().process_response(request, response)
        except SessionInterrupted:
            response = error_responses.session_ended(request)
        except (DatabaseError, InterfaceError) as error:
            response = database_failed(request, error)
        cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
        if cookie is not None and not cookie.value:
            del response.cookies[settings.SESSION_COOKIE_NAME]
        return response


class LoginRequiredMiddleware(DjangoLoginRequiredMiddleware):
    """Django's, with a word to people whose session has run out, and no way back to where only forms are sent."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponse:  # type: ignore[override]
        """Return the way to sign in, which for a script is a status."""
        # The browser has a session cookie and no session is stored under it: the person's session has ended.
        session = session_of(request)
        gone = settings.SESSION_COOKIE_NAME in request.COOKIES and session.session_key is None
        lost = gone and not session.was_nobodys
        if lost or request.method not in ("GET", "HEAD") or error_responses.is_from_script(request):
            return error_responses.session_ended(request, idle=session.ended_idle)
        response: HttpResponse = super().handle_no_permission(request, view_func)
        return response


class CognitoErrorMiddleware:
    """Turns what a view lets through into an answer, in one place."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the view's answer; a method it does not take gets a page, too."""
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed):
            return error_responses.method_not_allowed(request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the page for an outage, a mistake in the configuration or a limit; None for anything else."""
        if getattr(request, "bearer", None) and isinstance(exception, AccessTokenRefused | AccountGone):
            # Of the token that came along. A cookie may have come as well, and its session is somebody else's.
            return bearer.invalid(exception).answer()
        if (back := way_back_in(request, exception)) is not None:
            return back
        match exception:
            case LimitExceeded():
                return error_responses.too_many_requests(request, exception.retry_after, exception.limit)
            case Busy():
                return error_responses.busy(request)
            case Unavailable():
                logger.warning("Cognito unavailable", extra={"error": str(exception)})
                return error_responses.service_unavailable(request)
            case Refused():
                # A refusal that its view did not expect.
                logger.error("unexpected refusal", extra={"error": str(exception)})
                return error_responses.service_unavailable(request)
            case CognitoError():
                logger.error("Cognito misconfigured", extra={"error": str(exception)})
                return error_responses.service_unavailable(request)
            case DatabaseError() | InterfaceError() if not isinstance(exception, MISTAKES):
                return database_failed(request, exception)
        return None


class TokenRefreshMiddleware:
    """Keeps the tokens of signed-in people fresh. A request whose tokens are costs nothing beyond its session."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer, which :meth:`process_view` may give in place of the view; the view has the tokens."""
        request.cognito = PersonsTokens(request)  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        """Return None, or the answer that says that the session is over or cannot be renewed now.

        A view for programs (accounts/bearer.py) looks at no session, so none is touched.
        """
        # Without a cookie there is no session, and the database is not asked.
        if request.session.session_key is None or getattr(view, "ignores_session", False):
            return None
        try:
            session = session_of(request)
            outcome = refresh.ensure_fresh(session)
            session.touch()
        except (DatabaseError, InterfaceError) as error:
            return database_failed(request, error)
        if outcome is refresh.Outcome.REFUSED:
            end_refused(request)
            return error_responses.session_ended(request)
        if outcome is refresh.Outcome.ENDED:
            auth.logout(request)
            return error_responses.session_ended(request)
        # What strangers may do takes no token: whoever is signed in still is, and above all can sign out.
        if outcome is refresh.Outcome.UNAVAILABLE and getattr(view, "login_required", True):
            return error_responses.service_unavailable(request)
        return None
