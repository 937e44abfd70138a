"""What every answer carries, whatever the page."""

import re
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware as DjangoCommonMiddleware

from accounts import error_responses, form_again
from accounts.request_id import request_id

View = Callable[[HttpRequest], HttpResponse]

HEALTH = frozenset({"/livez", "/readyz"})
LENGTH = re.compile("[0-9]{1,19}")  # more digits than any machine has bytes


class RequestIdMiddleware:
    """Gives each request an id, in the log and in ``X-Request-ID``. An id sent by the client is not taken."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer, with the id of its request."""
        token = request_id.set(uuid.uuid4().hex)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            return response
        finally:
            request_id.reset(token)


class SecurityHeadersMiddleware:
    """Adds the headers that Django 5.2 has no setting for.

    ``SECURE_CSP`` has the shape Django 6.0 gives it, so an upgrade can drop that part.
    https://docs.djangoproject.com/en/6.0/ref/csp/
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response
        self.policy = "; ".join(f"{name} {' '.join(sources)}" for name, sources in settings.SECURE_CSP.items())

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer with its policies; what the view said itself stands."""
        response = self.get_response(request)
        # Django's own debug pages are built of inline styles.
        if not (settings.DEBUG and response.status_code in (404, 500)):
            response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # Every page shows who is signed in, so none may be kept by a cache or come back by the Back button.
        response.headers.setdefault("Cache-Control", "no-store")
        if form_again.is_for_back(response):
            # The answer has set a cookie, so the browser's next request has another one: by Vary, the page that Back
            # asks for would not be the one that was kept. No other request can be answered with that of a POST.
            del response.headers["Vary"]
        return response


class BodySizeMiddleware:
    """Refuses a body that is too large, or does not say how large it is, before anything reads it.

    ``DATA_UPLOAD_MAX_MEMORY_SIZE`` alone leaves files out: Django would write them to disk first. A view that takes
    more says how many bytes in an attribute ``largest_body``, and in ``why_too_large`` how to say that.
    https://www.rfc-editor.org/rfc/rfc9110#name-413-content-too-large
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the view's answer."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        """Return None for a body that ``view`` takes, else the page that says why not: 413, or 411 without a length.

        CsrfViewMiddleware, which reads the form, comes later.
        """
        length = request.META.get("CONTENT_LENGTH") or ("" if "HTTP_TRANSFER_ENCODING" in request.META else "0")
        if not LENGTH.fullmatch(length):
            return error_responses.length_required(request)
        allowed = getattr(view, "largest_body", settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        if int(length) <= allowed:
            return None
        why = getattr(view, "why_too_large", str)
        return error_responses.content_too_large(request, why())


class CommonMiddleware(DjangoCommonMiddleware):
    """Django's, but for what a balancer asks: it calls a process by its address, which is no name of the site.

    Nothing of the host stands in those answers.
    """

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        """Return None, or a redirect to the address as the site spells it. Raises DisallowedHost for another host."""
        return None if request.path_info in HEALTH else super().process_request(request)
