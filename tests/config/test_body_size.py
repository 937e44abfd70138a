"""A body that no form of the site sends is refused before it is read, and nothing is written to disk."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.contrib.auth.decorators import login_not_required
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import path

from accounts.urls import urlpatterns as site_patterns
from config.middleware import BodySizeMiddleware
from tests.checked_client import CheckedClient
from tests.local_pool import LocalPool

LIMIT = site_settings.DATA_UPLOAD_MAX_MEMORY_SIZE
MULTIPART = "multipart/form-data; boundary=x"


class Unread(BytesIO):
    """A body nobody may touch."""

    def read(self, *_: Any) -> bytes:
        raise AssertionError("the body was read")


def body(length: str) -> dict[str, Any]:
    """Return what the server says of a body that declares itself `length` bytes long."""
    return {"wsgi.input": Unread(), "CONTENT_LENGTH": length, "CONTENT_TYPE": MULTIPART}


@login_not_required
def uploading(request: HttpRequest) -> HttpResponse:
    """A page that takes a file."""
    return HttpResponse(", ".join(request.FILES), content_type="text/plain")


uploading.largest_body = 2 * LIMIT  # type: ignore[attr-defined]
urlpatterns = [*site_patterns, path("uploading/", uploading)]
pytestmark = pytest.mark.urls("tests.config.test_body_size")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("address", ["/", "/login/", "/account/", "/account/security/"])
def test_a_large_body_is_refused_before_it_is_read(pool: LocalPool, method: str, address: str) -> None:
    response = CheckedClient().generic(method, address, **body("60000000"))
    assert response.status_code == 413
    assert "larger than any form" in response.content.decode()
    assert "Content-Security-Policy" in response


@pytest.mark.parametrize("length", ["", "abc", "-1", "1e9", "\u0663", "9" * 20])
def test_a_body_that_does_not_say_how_large_it_is_is_refused(pool: LocalPool, length: str) -> None:
    response = CheckedClient().generic(
        "POST",
        "/login/",
        **body(length),
        headers={"Transfer-Encoding": "chunked"},
    )
    assert response.status_code == 411


@pytest.mark.parametrize("length", ["99999999999999999999", "abc"])
def test_a_length_that_is_none_is_refused(pool: LocalPool, length: str) -> None:
    assert CheckedClient().generic("POST", "/login/", **body(length)).status_code == 411


def test_the_largest_body_is_taken_and_one_byte_more_is_not(pool: LocalPool) -> None:
    form = "application/x-www-form-urlencoded"
    bodies = [b"username=" + b"a" * (LIMIT + more - len("username=")) for more in (0, 1)]
    statuses = [CheckedClient().post("/login/", body, content_type=form).status_code for body in bodies]
    assert statuses == [200, 413]


def test_no_form_of_the_site_needs_more_than_64_kilobytes() -> None:
    assert LIMIT == 64 * 1024


def test_nothing_that_is_sent_is_written_to_disk() -> None:
    assert site_settings.FILE_UPLOAD_HANDLERS == ["django.core.files.uploadhandler.MemoryFileUploadHandler"]


def test_a_view_that_says_so_takes_more(client: CheckedClient, db: None) -> None:
    for size, status in ((LIMIT + 1, 200), (2 * LIMIT, 413)):
        response = client.post("/uploading/", {"file": SimpleUploadedFile("a.bin", b"a" * size)})
        assert response.status_code == status


def test_a_request_without_a_body_is_none_of_this() -> None:
    middleware = BodySizeMiddleware(lambda _: HttpResponse())
    for length in ("", "0", "1"):
        request = RequestFactory().get("/", CONTENT_LENGTH=length)
        assert middleware.process_view(request, uploading, (), {}) is None
