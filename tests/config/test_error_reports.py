"""What Django's own reporter shows of a real mistake, on the debug page and in the mail."""

from __future__ import annotations

import logging
import sys
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core import mail
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.utils.log import AdminEmailHandler
from pytest_django import Settings

from accounts.urls import urlpatterns as site_patterns
from config.error_reports import ExceptionReporter

CANARY = f"canary{7 * 1013}"  # put together here, since reports show lines of this file


@login_not_required
def failing(request: HttpRequest) -> HttpResponse:
    """A page with a mistake in it, that holds a secret meanwhile."""
    password = f"{CANARY}-local"
    raise RuntimeError(f"a mistake of ours, {len(password)}")


@login_not_required
def undecodable(request: HttpRequest) -> HttpResponse:
    """A page that chokes on what was sent."""
    return HttpResponse(f"{CANARY}\xff".encode("ascii"))


urlpatterns = [*site_patterns, path("failing/", failing), path("undecodable/", undecodable)]
pytestmark = [pytest.mark.urls("tests.config.test_error_reports"), pytest.mark.django_db]

SETTINGS: dict[str, Any] = {
    "EMAIL_URL": f"smtps://ada:{CANARY}-mail@mail.example:465",
    "EMAIL_HOST_PASSWORD": f"{CANARY}-mail",
    "CACHE_URL": f"redis://:{CANARY}-cache@cache.example:6379/1",
    "DATABASE_URL": f"postgres://ada:{CANARY}-database@db.example/latchkey",
    "TOKEN_KEYS": [f"{CANARY}-token-key"],
    "SECRET_KEY": f"{CANARY}-secret-key",
    "SECRET_KEY_FALLBACKS": [f"{CANARY}-fallback"],
    # Under names of their own, so that the real ones go on working.
    "OTHER_CACHES": {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": [f"redis://:{CANARY}@cache.example:6379/1"],
            "OPTIONS": {"extra": CANARY},
        }
    },
    "OTHER_DATABASES": {"default": {"USER": "ada", "PASSWORD": CANARY, "OPTIONS": {"passfile": CANARY}}},
    "OTHER_COGNITO": {"CLIENT_SECRET": CANARY, "JWKS_URL": f"https://ada:{CANARY}@keys.example/"},
}


@pytest.fixture(autouse=True)
def _full_of_secrets(settings: Settings) -> None:
    for name, value in SETTINGS.items():
        setattr(settings, name, value)
    settings.ADMINS = [("Ada", "ada@example.com")]


def ask(address: str, accept: str = "text/html") -> Any:
    """Return the answer to a request that has a secret in every place a request has."""
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = f"{CANARY}-session"
    client.cookies["csrftoken"] = f"{CANARY}-csrf"
    client.cookies["other"] = f"{CANARY}-cookie"
    return client.generic(
        "POST",
        f"{address}?code={CANARY}-query",
        f"password={CANARY}-typed",
        content_type="application/x-www-form-urlencoded",
        headers={
            "Accept": accept,
            "Referer": f"https://testserver/password/reset/?code={CANARY}-referer",
            "Authorization": f"Bearer {CANARY}-bearer",
            "X-Anything": f"{CANARY}-header",
        },
        # The development server hands the environment of the process on.
        EMAIL_URL=SETTINGS["EMAIL_URL"],
        SOMETHING=f"{CANARY}-environment",
    )


@pytest.mark.parametrize("accept", ["text/html", "text/plain"])
@pytest.mark.parametrize("address", ["/failing/", "/undecodable/"])
def test_the_debug_page_shows_no_secret(settings: Settings, address: str, accept: str) -> None:
    settings.DEBUG = True
    page = ask(address, accept).content.decode()
    assert "test_error_reports" in page
    assert "RuntimeError" in page or "UnicodeEncodeError" in page
    # Of a text that cannot be encoded Django shows five characters to either side.
    assert [line for line in page.splitlines() if CANARY[-5:] in line] == []


@pytest.mark.parametrize("include_html", [True, False])
@pytest.mark.parametrize("address", ["/failing/", "/undecodable/"])
def test_the_mail_to_the_administrators_shows_no_secret(address: str, include_html: bool) -> None:
    handler, logger = AdminEmailHandler(include_html=include_html), logging.getLogger("django.request")
    logger.addHandler(handler)
    try:
        assert ask(address).status_code == 500
    finally:
        logger.removeHandler(handler)
    sent = mail.outbox[0].message().as_string()
    assert "test_error_reports" in sent
    assert CANARY not in sent


def test_a_report_without_a_request_is_made_all_the_same() -> None:
    try:
        undecodable(HttpRequest())
    except UnicodeEncodeError:
        report = ExceptionReporter(None, *sys.exc_info()).get_traceback_text()
    assert "UnicodeEncodeError" in report
    assert CANARY not in report


def test_a_report_says_where_and_how_the_request_came(settings: Settings) -> None:
    settings.DEBUG = True
    page = ask("/failing/", "text/plain").content.decode()
    assert "Request URL: http://testserver/failing/\n" in page
    assert "REQUEST_METHOD = 'POST'" in page
    assert "HTTP_REFERER = '********************'" in page


def test_the_page_for_everybody_shows_no_detail() -> None:
    response = ask("/failing/")
    assert response.status_code == 500
    assert CANARY not in response.content.decode()
    assert "RuntimeError" not in response.content.decode()
