"""What is answered when something does not work: the right status, and a page for people or JSON for scripts.

This is the one place that chooses. Pages say in plain words what is wrong and show a way on; JSON has the shape of
RFC 9457 everywhere (docs/adr/0031). Neither needs a session or the database, so pages are rendered without the request.
"""

import math
from collections.abc import Callable
from functools import lru_cache, partial
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils.translation import get_language

from accounts import return_address, waiting
from accounts.request_id import request_id

PROBLEM = "application/problem+json"
OUTAGE = 60  # seconds after which it is worth trying again

AnyView = TypeVar("AnyView", bound=Callable[..., object])


def for_scripts(view: AnyView) -> AnyView:
    """Decorate a view that is written for scripts: whatever goes wrong there, before it or in it, is answered in JSON.

    Goes outside of the view's other decorators. On a class, use method_decorator with ``name="dispatch"``.
    """
    view.for_scripts = True  # type: ignore[attr-defined]
    return view


def is_from_script(request: HttpRequest) -> bool:
    """Whether a script reads the answer: its view is :func:`for_scripts`, or the browser says that nobody went there.

    https://www.w3.org/TR/fetch-metadata/#sec-fetch-mode-header
    """
    if request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        return True
    try:
        # A middleware may answer before Django has looked for the view.
        match = request.resolver_match or resolve(request.path_info)
    except Resolver404:
        return False
    return getattr(match.func, "for_scripts", False)


def problem(status: int, error: str) -> JsonResponse:
    """Return problem details with ``status``; ``error`` names, for a program, which of its causes it was.

    No ``type`` stands for about:blank, whose ``title`` is the phrase of the status. RFC 9457, section 4.2.1.
    """
    details = {"title": HTTPStatus(status).phrase, "status": status, "error": error, "request_id": request_id.get()}
    return JsonResponse(details, status=status, content_type=PROBLEM)


def with_request_id(template: str) -> str:
    """Return ``template`` with the id that finds the request in the log."""
    return render_to_string(template, {"request_id": request_id.get()})


@lru_cache(maxsize=256)
def rendered(template: str, language: str, **context: int) -> str:
    """Return ``template`` in ``language``, made once: a flood is answered for next to nothing."""
    return render_to_string(template, context)


def made_once(template: str, **context: int) -> str:
    """Return ``template`` in the language of the request."""
    return rendered(template, get_language() or "", **context)


def respond(
    request: HttpRequest,
    status: int,
    error: str,
    template: str,
    *,
    render: Callable[[str], str] = with_request_id,
    retry_after: int | None = None,
) -> HttpResponse:
    """Return the answer to ``request``: the page ``template``, or for a script the problem called ``error``.

    ``retry_after`` is in seconds. RFC 9110, section 10.2.3.
    """
    if is_from_script(request):
        response: HttpResponse = problem(status, error)
    else:
        response = HttpResponse(render(template), status=status)
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400: the request makes no sense."""
    return respond(request, 400, "bad_request", "400.html")


def session_ended(request: HttpRequest) -> HttpResponse:
    """Answer a request whose session is over, or never was: sign in and come back, or 401 for a script."""
    if is_from_script(request):
        return problem(401, "session_ended")
    # The way back is an address, which repeats a GET and nothing that a form wanted to change.
    path = return_address.own_path(request.get_full_path()) if request.method == "GET" else ""
    back = {"next": path} if path else {}
    return HttpResponseRedirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'ended': '1', **back})}")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403: not for this person."""
    return respond(request, 403, "permission_denied", "403.html")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form that was not sent from its own page, or is stale. A reload mends it."""
    return respond(request, 403, "csrf_failed", "403_csrf.html")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404: no such page."""
    return respond(request, 404, "not_found", "404.html")


def method_not_allowed(request: HttpRequest, response: HttpResponseNotAllowed) -> HttpResponse:
    """Give ``response`` (405), which names the methods that are allowed, a body: its address takes forms alone."""
    answer = respond(request, 405, "method_not_allowed", "405.html")
    response.content, response["Content-Type"] = answer.content, answer["Content-Type"]
    return response


def length_required(request: HttpRequest) -> HttpResponse:
    """Answer 411: a body whose length nobody knows beforehand is not read. Browsers always tell a form's."""
    return respond(request, 411, "length_required", "400.html")


def content_too_large(request: HttpRequest) -> HttpResponse:
    """Answer 413: nobody has that much to say here."""
    return respond(request, 413, "content_too_large", "413.html")


def too_many_requests(request: HttpRequest, retry_after: int) -> HttpResponse:
    """Answer 429: wait ``retry_after`` seconds. RFC 6585, section 4."""
    # The page rounds up to what people think in, so that one does for many.
    step = 5 if retry_after < 60 else 60
    return respond(
        request,
        429,
        "too_many_requests",
        "429.html",
        render=partial(made_once, retry_after=math.ceil(retry_after / step) * step),
        retry_after=retry_after,
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500: a mistake of ours."""
    return respond(request, 500, "server_error", "500.html")


def busy(request: HttpRequest) -> HttpResponse:
    """Answer 503: as many strangers as may are waiting already. RFC 9110, section 15.6.4."""
    return respond(request, 503, "busy", "busy.html", render=made_once, retry_after=waiting.RETRY_AFTER)


def service_unavailable(request: HttpRequest) -> HttpResponse:
    """Answer 503: Cognito or the database is away, which is nobody's fault here."""
    return respond(request, 503, "service_unavailable", "503.html", retry_after=OUTAGE)
