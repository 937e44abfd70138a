"""The page of a form instead of an error page: with what was typed, without its secrets, and with what there is to say.

A view leaves on the request how its form is shown again, once it has read it. So whatever ends the request later, a
limit or an outage, is still told in one place (accounts/error_responses.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import cast

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils.translation import gettext_lazy as _

from accounts import return_address
from accounts.cognito.errors import CognitoError
from accounts.forms.fields import Sentence

AWAY = (CognitoError, DatabaseError, InterfaceError)


# What a browser may keep for its Back button, and nobody else for anything.
FOR_BACK = "private, no-cache"


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
    changes_nothing: bool = False
    # What was done too often, in place of "Too many tries.", where it is a name's own limit that was reached.
    too_often: Sentence = ""


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


def too_often(request: HttpRequest, limit: str) -> Sentence:
    """Return what the form of ``request`` did too often where the ``limit`` is not that of an address, "" for tries."""
    again = offered(request)
    return again.too_often if again and not limit.endswith("-address") else ""


def with_notice(request: HttpRequest, notice: Notice) -> HttpResponse | None:
    """Return the page of the form that ``request`` sent, with ``notice``; None where none is, or can be made."""
    again = offered(request)
    try:
        page = again.show(notice) if again else None
    except AWAY:
        return None
    return page if page and page.status_code == 200 else None


def keep_for_back(response: HttpResponseBase) -> None:
    """Have the browser keep the answer to a form, so that Back shows it. RFC 9111, section 5.2.2."""
    response["Cache-Control"] = FOR_BACK


def is_for_back(response: HttpResponseBase) -> bool:
    """Whether the browser keeps ``response`` for Back."""
    return response.get("Cache-Control") == FOR_BACK


def to_fill_in(request: HttpRequest) -> Notice | None:
    """Return the notice of a page that is shown in place of an answer, and filled with what was sent; else None."""
    notice: Notice | None = getattr(request, "filled_page_notice", None)
    return notice


def filled_page(request: HttpRequest, notice: Notice, view: Callable[[], HttpResponseBase]) -> HttpResponse:
    """Return the page that ``view`` makes, with ``notice`` and filled with what ``request`` sent."""
    request.filled_page_notice = notice  # type: ignore[attr-defined]
    method, request.method = request.method, "GET"
    try:
        response = view()
        if isinstance(response, SimpleTemplateResponse):
            response.render()
    finally:
        request.method = method
    return cast(HttpResponse, response)


def stale(request: HttpRequest) -> HttpResponse | None:
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
    try:
        response = filled_page(request, STALE, partial(match.func, request, *match.args, **match.kwargs))
    except AWAY:
        return None
    if response.status_code == 200:
        response.status_code = 403
    return response
