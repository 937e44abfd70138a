"""Which scripts of other sites may call the API: none, unless the settings name their origin."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as site_settings
from pytest_django import Settings

from tests.checked_client import CheckedClient

APP = "https://app.example.com"
pytestmark = pytest.mark.django_db


def preflight(page: str = "/api/me", origin: str = APP) -> Any:
    headers = {"Origin": origin, "Access-Control-Request-Method": "PATCH"}
    return CheckedClient().options(page, headers={**headers, "Access-Control-Request-Headers": "authorization"})


def said(response: Any) -> set[str]:
    """Return what a response says of other origins."""
    return {name for name in response.headers if name.startswith("Access-Control")}


@pytest.fixture
def opened(settings: Settings) -> None:
    """The site, where the settings name an origin."""
    place = settings.MIDDLEWARE.index("django.middleware.security.SecurityMiddleware")
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:place], site_settings.CORS_MIDDLEWARE, *settings.MIDDLEWARE[place:]]
    settings.CORS_ALLOWED_ORIGINS = [APP]


def test_no_other_origin_is_let_in_by_default() -> None:
    assert site_settings.CORS_MIDDLEWARE not in site_settings.MIDDLEWARE
    assert said(preflight()) | said(CheckedClient().get("/api/me", headers={"Origin": APP})) == set()


@pytest.mark.usefixtures("opened")
def test_an_origin_of_the_settings_may_send_a_token_and_no_cookie() -> None:
    response = preflight()
    assert (response.status_code, response["Access-Control-Allow-Origin"]) == (200, APP)
    assert "authorization" in response["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in response
    refused = CheckedClient().get("/api/me", headers={"Origin": APP})
    assert (refused.status_code, refused["Access-Control-Allow-Origin"]) == (401, APP)
    assert "www-authenticate" in refused["Access-Control-Expose-Headers"]


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("origin", ["https://evil.example", f"{APP}.evil.example", "http://app.example.com", "null"])
def test_another_origin_is_not_let_in(origin: str) -> None:
    assert "Access-Control-Allow-Origin" not in preflight(origin=origin)


@pytest.mark.usefixtures("opened")
def test_pages_are_for_this_site_alone() -> None:
    assert said(preflight("/login/")) | said(CheckedClient().get("/login/", headers={"Origin": APP})) == set()
