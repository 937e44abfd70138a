"""The page of a form instead of an error page: with what was typed, without its secrets, and with what there is to say.

A view leaves on the request how its form is shown again, once it has read it. So whatever ends the request later, a
limit or an outage, is still told in one place (accounts/error_responses.py).
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils.translation import gettext_lazy as _

from accounts import return_address
from accounts.cognito.errors import CognitoError
from accounts.forms.fields import Sentence

AWAY = (CognitoError, DatabaseError, InterfaceError)


@dataclass(frozen=True, slots=True)
class Notice:
    """What is to be said on the page of a form: ``kind`` as of a message; ``limit`` is the limit that was reached."""

    says: Sentence
    kind: str = "error"
    icon: str = "error"
    limit: str = ""


STALE = Notice(_("This page was open for a while. Check it and send it again."), kind="info", icon="info")


@dataclass(frozen=True, slots=True)
class Again:
    """How the form of a request is shown again, and whether sending it never changes anything."""

    show: Callable[[Notice], HttpResponse]
    changes_nothing: bool


def offer(request: HttpRequest, again: Again) -> None:
    """Leave on ``request`` how its form is shown again."""
    request.form_again = again  # type: ignore[attr-defined]


def offered(request: HttpRequest) -> Again | None:
    """Return how the form of ``request`` is shown again, None where it was not read, or is none."""
    again: Again | None = getattr(request, "form_again", None)
    return again


def changes_nothing(request: HttpRequest) -> bool:
    """Whether it is sure that the form of ``request`` has changed nothing, whatever became of it."""
    again = offered(request)
    return bool(again and again.changes_nothing)


def with_notice(request: HttpRequest, notice: Notice) -> HttpResponse | None:
    """Return the page of the form that ``request`` sent, with ``notice``; None where none is, or can be made."""
    again = offered(request)
    try:
        return again.show(notice) if again else None
    except AWAY:
        return None


def is_stale(request: HttpRequest) -> bool:
    """Whether the form of ``request`` came too late, and is only shown again."""
    return hasattr(request, "stale_form")


def stale(request: HttpRequest) -> HttpResponseBase | None:
    """Return the page of the form that came too late, filled, with status 403; None where it may not be filled.

    That is done for people who are signed out, and for forms of this very site: another one could fill in what it
    likes. A browser that sends no cookie at all would be asked to send its form again and again.
    """
    match = request.resolver_match
    source = request.headers.get("Origin") or request.headers.get("Referer", "")
    if match is None or not request.COOKIES or not return_address.on_this_site(request, source):
        return None
    shows = getattr(getattr(match.func, "view_class", None), "shows_stale_forms", False)
    if not shows or getattr(match.func, "login_required", True):
        return None
    request.stale_form = True  # type: ignore[attr-defined]
    request.method = "GET"
    try:
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        if isinstance(response, SimpleTemplateResponse):
            response.render()
    except AWAY:
        return None
    finally:
        request.method = "POST"
    if response.status_code == 200:
        response.status_code = 403
    return response
