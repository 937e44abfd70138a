"""What is answered when something does not work: the right status, and a page for people or JSON for scripts.

This is the one place that chooses. Pages say in plain words what is wrong and show a way on; JSON has the shape of
RFC 9457 everywhere (docs/adr/0031). Neither needs a session or the database: whoever is signed in keeps their places
and their way out around a page, and where that cannot be read, the page stands without.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import form_again, local_time, return_address, waiting
from accounts.form_again import Notice
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


def problem(status: int, error: str, **members: object) -> JsonResponse:
    """Return problem details with ``status``; ``error`` names, for a program, which of its causes it was.

    No ``type`` stands for about:blank, whose ``title`` is the phrase of the status. RFC 9457, section 4.2.1; more
    ``members`` as in section 3.2.
    """
    details = {"title": HTTPStatus(status).phrase, "status": status, "error": error, "request_id": request_id.get()}
    return JsonResponse({**details, **members}, status=status, content_type=PROBLEM)


def bearer_refused(status: int, error: str, challenge: str) -> HttpResponse:
    """Answer a request that brought no access token that is good for it; ``challenge`` says what would be.

    https://www.rfc-editor.org/rfc/rfc6750#section-3
    """
    response = problem(status, error)
    response["WWW-Authenticate"] = challenge
    return response


def not_accepted(errors: Mapping[str, Sequence[str]]) -> HttpResponse:
    """Answer 422: ``errors`` has sentences for people, by the name of what each is about, "" for the whole.

    https://www.rfc-editor.org/rfc/rfc9110#name-422-unprocessable-content
    """
    return problem(422, "not_accepted", errors=errors)


def reference() -> str:
    """Return what people quote of the id of the request: enough to find it in the log, and to say on the telephone."""
    digits = request_id.get()[:8].upper()
    return f"{digits[:4]}-{digits[4:]}" if digits else ""


def without_session(template: str, **context: str) -> str:
    """Return ``template`` where neither the session nor the database may be asked."""
    return render_to_string(template, {"request_id": request_id.get(), "reference": reference(), **context})


def token_to_leave(request: HttpRequest) -> str:
    """Return the CSRF token of a form that signs out; "" for a browser that is not signed in or could not send it."""
    signed_in = request.COOKIES.get(settings.SESSION_COOKIE_NAME) and "CSRF_COOKIE" in request.META
    return get_token(request) if signed_in else ""


def layout_for(request: HttpRequest) -> dict[str, object]:
    """Return what an error page is told of whoever asks: their layout, and that they are at none of its places."""
    if request.user.is_authenticated:
        return {"layout": "layouts/error_account.html", "here": "error"}
    return {"stranger": True}


def for_person(request: HttpRequest, template: str, **context: object) -> str:
    """Return ``template`` for somebody who is signed in, and whom it can so let sign out."""
    return render_to_string(template, {"request_id": request_id.get(), "reference": reference(), **context}, request)


def refused_to(request: HttpRequest, template: str, **context: object) -> str:
    """Return ``template``, which says no, in the layout of whoever asks."""
    return for_person(request, template, **layout_for(request), **context)


def for_whoever(request: HttpRequest, template: str, **context: object) -> str:
    """Return ``template`` for whoever asks, and where that cannot be read, for nobody."""
    try:
        if hasattr(request, "user") and request.user.is_authenticated:
            return refused_to(request, template, **context)
    except (DatabaseError, InterfaceError):
        return without_session(template)
    return render_to_string(template, {"reference": reference(), "stranger": True, **context})


@lru_cache(maxsize=256)
def rendered(template: str, language: str, **context: int) -> str:
    """Return ``template`` in ``language``, made once: a flood is answered for next to nothing."""
    return render_to_string(template, context)


def made_once(request: HttpRequest, template: str, **context: int) -> str:
    """Return ``template`` in the language of ``request``; for strangers, of whom there may be many, it is made once."""
    if request.COOKIES.get(settings.SESSION_COOKIE_NAME):
        return for_whoever(request, template, **context)
    return rendered(template, get_language() or "", stranger=True, **context)


def respond(
    request: HttpRequest,
    status: int,
    error: str,
    template: str,
    *,
    render: Callable[[str], str] | None = None,
    notice: Notice | None = None,
    retry_after: int | None = None,
) -> HttpResponse:
    """Return the answer to ``request``: the page ``template``, or for a script the problem called ``error``.

    ``render`` makes the page of the template, for whoever asks unless it is another. Where a form was sent, and
    ``notice`` says all that is to be said, it is the page of the form with that notice and with what was typed.
    ``retry_after`` is in seconds. RFC 9110, section 10.2.3.
    """
    if is_from_script(request):
        response: HttpResponse = problem(status, error)
    elif notice and (page_of_form := form_again.with_notice(request, notice)):
        response, response.status_code = page_of_form, status
    else:
        page = render(template) if render else for_whoever(request, template)
        response = HttpResponse(page, status=status)
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400: the request makes no sense."""
    return respond(request, 400, "bad_request", "400.html")


def session_ended(request: HttpRequest, *, idle: bool = False) -> HttpResponse:
    """Answer a request whose session is over, or never was: sign in and come back, or 401 for a script.

    ``idle``: it is known to have ended because nobody used it for a while.
    """
    if is_from_script(request):
        return problem(401, "session_ended")
    # The way back is an address, which repeats a GET and nothing that a form wanted to change.
    own = return_address.own_path(request.get_full_path()) if request.method == "GET" else ""
    path = own if request.method == "GET" else return_address.form_page(request)
    query = {"ended": "idle" if idle else "1"} | ({"next": path} if path else {})
    return HttpResponseRedirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode(query)}")


def sign_in_required(request: HttpRequest) -> HttpResponse:
    """Answer a stranger whose view found that it takes somebody signed in: to sign in and back, 401 for a script."""
    if request.method != "GET" or is_from_script(request):
        return session_ended(request)
    return HttpResponseRedirect(return_address.login_url(request.get_full_path()))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403: not for this person, who may sign out and come back as another."""
    return respond(request, 403, "permission_denied", "403.html", render=partial(refused_to, request))


def second_step_required(request: HttpRequest) -> HttpResponse:
    """Answer 403: not for a session that began with one step; the page says how to begin one with two."""
    page = partial(
        refused_to,
        request,
        security_url=resolve_url("security"),
        again_url=f"{resolve_url('confirm_access')}?{urlencode({'next': resolve_url('admin:index')})}",
    )
    return respond(request, 403, "second_step_required", "admin_second_step.html", render=page)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form that was not sent from its own page, or is stale. A reload mends it.

    A stale form of somebody who is signed out comes back filled.
    """
    again = None if is_from_script(request) else form_again.stale(request)
    page = partial(for_whoever, request, page=return_address.form_page(request))
    return again or respond(request, 403, "csrf_failed", "403_csrf.html", render=page)


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


def content_too_large(request: HttpRequest, why: str = "") -> HttpResponse:
    """Answer 413: nobody has that much to say here; ``why`` says how much there may be, where it can be much."""
    return respond(request, 413, "content_too_large", "413.html", render=partial(for_whoever, request, why=why))


def too_many_requests(request: HttpRequest, retry_after: int, limit: str = "") -> HttpResponse:
    """Answer 429: wait ``retry_after`` seconds; ``limit`` is the name of what was reached. RFC 6585, section 4."""
    # The page rounds up to what people think in, so that one does for many.
    step = 5 if retry_after < 120 else 60
    rounded = math.ceil(retry_after / step) * step
    first = form_again.too_often(request, limit) or _("Too many tries.")
    return respond(
        request,
        429,
        "too_many_requests",
        "429.html",
        render=partial(made_once, request, retry_after=rounded),
        notice=Notice(f"{first} {local_time.wait_words(rounded)}", icon="clock", limit=limit),
        retry_after=retry_after,
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500: a mistake of ours."""
    page = partial(without_session, csrf_token=token_to_leave(request))
    return respond(request, 500, "server_error", "500.html", render=page)


def busy(request: HttpRequest) -> HttpResponse:
    """Answer 503: as many strangers as may are waiting already. RFC 9110, section 15.6.4."""
    return respond(
        request, 503, "busy", "busy.html", render=partial(made_once, request), retry_after=waiting.RETRY_AFTER
    )


def service_unavailable(request: HttpRequest) -> HttpResponse:
    """Answer 503: Cognito is away, which is nobody's fault here."""
    only_read = request.method in ("GET", "HEAD")
    form_page = "" if only_read else return_address.form_page(request)
    page = partial(for_whoever, request, only_read=only_read, page=form_page)
    says = [_("We can’t reach the service that holds accounts."), _("Try again in a few minutes.")]
    if form_again.changes_nothing(request):
        says.insert(1, _("Nothing was changed."))
    notice = Notice(f"{' '.join(says)} ({reference()})")
    return respond(request, 503, "service_unavailable", "503.html", render=page, notice=notice, retry_after=OUTAGE)


def database_unavailable(request: HttpRequest) -> HttpResponse:
    """Answer 503: the database is away. It is not asked again who it is."""
    return respond(request, 503, "service_unavailable", "503.html", render=without_session, retry_after=OUTAGE)
