"""The language that a profile names: one the site has, whatever spelling, and nothing else."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from pytest_django import Settings

from accounts import language


@pytest.mark.parametrize(
    ("locale", "found"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("de-AT", "de"),
        ("de_AT", "de"),
        ("fr-CA", "fr"),
        ("en-GB", "en"),
        ("nl", ""),
        ("", ""),
        ("-", ""),
        ("de\x00", ""),
        ("../de", ""),
        ("d" * 10_000, ""),
        ("de-" * 5_000, "de"),
    ],
    ids=range(13),
)
def test_a_locale_is_one_of_the_sites_languages_or_none(locale: str, found: str) -> None:
    assert language.supported(locale) == found


def test_each_language_is_called_what_it_calls_itself() -> None:
    assert language.names() == [("en", "English"), ("de", "Deutsch"), ("es", "Español"), ("fr", "Français")]


@pytest.mark.parametrize(("locale", "name"), [("de-AT", "Deutsch"), ("nl", "nl"), ("", "")])
def test_what_the_site_does_not_have_is_shown_as_it_is(locale: str, name: str) -> None:
    assert language.name_of(locale) == name


def test_a_browser_is_told_a_language_of_the_site_for_a_year(settings: Settings) -> None:
    settings.LANGUAGE_COOKIE_SECURE = True
    response = HttpResponse()
    language.remember(response, "de_AT")
    cookie = response.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (cookie.value, cookie["max-age"], cookie["samesite"]) == ("de", 365 * 24 * 60 * 60, "Lax")
    assert cookie["httponly"]
    assert cookie["secure"]


@pytest.mark.parametrize("locale", ["nl", "", "\r\nSet-Cookie: x=y"])
def test_a_browser_is_not_told_any_other(locale: str) -> None:
    response = HttpResponse()
    language.remember(response, locale)
    assert not response.cookies
