"""What every answer carries, whatever the page."""

import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.request_id import request_id

View = Callable[[HttpRequest], HttpResponse]


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
        return response
