"""The company's colour as a sheet of its own, and the company on every page."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from pytest_django import Settings

from accounts import brand
from tests.checked_client import CheckedClient
from tests.local_pool import LocalPool
from tests.markup import Page

ORANGE = "#ff6a00"
FOR_GOOD = "public, max-age=31536000, immutable"


def sheets(page: Page) -> list[str]:
    return [link["href"] for link in page.all("link", rel="stylesheet")]


@pytest.mark.parametrize("path", ["/", "/login/", "/help/", "/nothing-here/"])
def test_pages_load_the_colour_last_and_it_is_kept_for_good(
    client: CheckedClient, pool: LocalPool, settings: Settings, path: str
) -> None:
    settings.BRAND_ACCENT = ORANGE
    address = sheets(Page.of(client.get(path).content))[-1]
    response = client.get(address)
    assert response.content.decode() == brand.stylesheet(ORANGE)
    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert response["Cache-Control"] == FOR_GOOD
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.parametrize("version", ["", "?v=", "?v=00000000", "?v=../../x", "?w=1"])
def test_under_an_address_of_another_version_nothing_is_kept(
    client: CheckedClient, settings: Settings, version: str
) -> None:
    settings.BRAND_ACCENT = ORANGE
    response = client.get(f"/brand.css{version}")
    assert response["Cache-Control"] == "no-cache"
    assert response.content.decode() == brand.stylesheet(ORANGE)


def test_a_sheet_takes_no_form_and_touches_no_session(signed_in: CheckedClient) -> None:
    assert signed_in.post("/brand.css").status_code == 405
    response = signed_in.get("/brand.css")
    assert "Cookie" not in response.get("Vary", "")
    assert response.cookies == {}


def test_with_the_default_colour_no_page_asks_for_it(client: CheckedClient, pool: LocalPool) -> None:
    assert not [address for address in sheets(client.page("/login/")) if "brand" in address]


@pytest.mark.parametrize("path", ["/", "/login/", "/help/", "/nothing-here/"])
def test_every_page_has_the_name_and_the_logo_of_the_company(
    client: CheckedClient, pool: LocalPool, settings: Settings, path: str
) -> None:
    settings.SITE_NAME, settings.BRAND_LOGO = "Acme & Sons", "img/acme.svg"
    page = Page.of(client.get(path).content)
    assert page.title.endswith("\N{EN DASH} Acme & Sons")
    assert "Latchkey" not in page.title + page.words
    logo = page.all("img")[0]
    assert (logo["src"], logo["alt"]) == ("/static/img/acme.svg", "")


def test_a_wordmark_says_the_name_to_who_cannot_see_it(
    client: CheckedClient, pool: LocalPool, settings: Settings
) -> None:
    settings.BRAND_LOGO_HAS_NAME, settings.BRAND_LOGO_DARK = True, "img/dark.png"
    page = client.page("/login/")
    assert page.one("source")["srcset"] == "/static/img/dark.png"
    assert page.one("source")["media"] == "(prefers-color-scheme: dark)"
    hidden = [span for span in page.all("span") if span["class"] == "visually-hidden" and "a" in span.ancestors]
    assert [span.text for span in hidden] == ["Latchkey"]


def footer(client: CheckedClient, path: str) -> list[tuple[str, str]]:
    """Return the links at the foot of the page, in their order."""
    page = Page.of(client.get(path).content)
    return [(link.text, link["href"]) for link in page.all("a") if "footer" in link.ancestors]


# A page that is there, and one in the place of those that are not.
ANY_PAGE = pytest.mark.parametrize("path", ["/login/", "/nothing-here/"])


@ANY_PAGE
def test_the_footer_leads_where_the_company_says(
    client: CheckedClient, pool: LocalPool, settings: Settings, path: str
) -> None:
    settings.SUPPORT_EMAIL = "help@acme.example"
    settings.PRIVACY_URL, settings.TERMS_URL = "https://acme.example/privacy", "https://acme.example/terms"
    assert footer(client, path) == [
        ("Help", "/help/"),
        ("Privacy", "https://acme.example/privacy"),
        ("Terms", "https://acme.example/terms"),
        ("Contact", "mailto:help@acme.example"),
    ]


@ANY_PAGE
def test_what_is_not_set_is_not_in_the_footer(client: CheckedClient, pool: LocalPool, path: str) -> None:
    assert footer(client, path) == [("Help", "/help/"), ("Privacy", reverse("privacy"))]


def test_a_page_has_no_styles_but_files_and_the_colour(
    client: CheckedClient, pool: LocalPool, settings: Settings
) -> None:
    settings.BRAND_ACCENT = ORANGE
    assert all(re.match(r"/static/css/[\w]+\.css|/brand\.css\?v=", address) for address in sheets(client.page("/")))
