"""Django's test client with eyes: every page it gets, in whatever test, must keep the rules of all pages."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.test import Client

from accounts import after_answer
from tests.markup import Page, faults_in

CSRF = re.compile(rb'(name="csrfmiddlewaretoken" value=")[^"]+')
# Seconds until another code may be asked for, which go by while a test runs.
WAIT = re.compile(rb'data-wait="\d+"')
REQUEST_ID = re.compile(rb"\b[0-9a-f]{32}\b")


class CheckedClient(Client):
    """A browser without JavaScript. The admin's pages are Django's and are left alone."""

    # What is done after an answer is done before the test goes on.
    sees_what_follows = True

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        if self.sees_what_follows:
            after_answer.flush(5)
        if response.get("Content-Type", "").startswith("text/html") and not request["PATH_INFO"].startswith("/admin/"):
            found = faults_in(response.content) if response.content else []
            assert found == [], f"{request['PATH_INFO']}: {found}"
            assert "Content-Security-Policy" in response
        return response

    # Django's stubs know one kind of answer; redirects, files and JSON are others.
    def get(self, *args: Any, **kwargs: Any) -> Any:
        return super().get(*args, **kwargs)

    def post(self, *args: Any, **kwargs: Any) -> Any:
        return super().post(*args, **kwargs)

    def page(self, path: str) -> Page:
        """Return the page at `path`, which must be there."""
        response = self.get(path)
        assert response.status_code == 200, f"{path}: {response.status_code}"
        return Page.of(response.content)

    @property
    def session_cookie(self) -> str:
        """The value of the session cookie, "" without one."""
        cookie = self.cookies.get(settings.SESSION_COOKIE_NAME)
        return cookie.value if cookie else ""


def answer(response: Any, *names: str) -> tuple[int, dict[str, str], bytes]:
    """Return what a stranger can tell of a response, with everything that differs by chance or by `names` masked."""
    headers = {name: value for name, value in response.headers.items() if name not in {"X-Request-ID", "Date"}}
    body = REQUEST_ID.sub(b"request-id", CSRF.sub(rb"\1token", response.content))
    body = WAIT.sub(b"", body)
    for name in names:
        body = body.replace(name.encode(), b"name")
        headers = {header: value.replace(name, "name") for header, value in headers.items()}
    headers.pop("Content-Length", None)
    return response.status_code, headers, body
