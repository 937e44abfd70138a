"""Pages for when something does not work: plain words, the right status, a way on.

They are rendered without the request, so that they need neither a session nor the database.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string

from accounts.request_id import request_id


def page(status: int, template: str, **context: object) -> HttpResponse:
    """Return ``template`` with ``status``."""
    return HttpResponse(render_to_string(template, {"request_id": request_id.get(), **context}), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400: the request makes no sense."""
    return page(400, "400.html")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403: not for this person."""
    return page(403, "403.html")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form that was not sent from its own page, or is stale. A reload mends it."""
    return page(403, "403_csrf.html")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404: no such page."""
    return page(404, "404.html")


def method_not_allowed(response: HttpResponseNotAllowed) -> HttpResponse:
    """Give ``response`` (405) a page: somebody opened an address that only takes forms."""
    response.write(render_to_string("405.html"))
    return response


def content_too_large(request: HttpRequest) -> HttpResponse:
    """Answer 413: nobody has that much to say here."""
    return page(413, "413.html")


def length_required(request: HttpRequest) -> HttpResponse:
    """Answer 411: a body whose length nobody knows beforehand is not read. Browsers always tell a form's."""
    return page(411, "400.html")


def too_many_requests(request: HttpRequest, retry_after: int) -> HttpResponse:
    """Answer 429: wait ``retry_after`` seconds. RFC 6585, section 4."""
    response = page(429, "429.html", retry_after=retry_after)
    response["Retry-After"] = str(retry_after)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500: a mistake of ours."""
    return page(500, "500.html")


def service_unavailable(request: HttpRequest) -> HttpResponse:
    """Answer 503: Cognito or the database is away, which is nobody's fault here."""
    response = page(503, "503.html")
    response["Retry-After"] = "60"
    return response
