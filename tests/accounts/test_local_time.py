"""Moments in words: in the reader's zone where it is known, and with the zone's name where it is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation
from pytest_django import Settings

from accounts import local_time

NOW = datetime(2026, 11, 21, 12, 34, tzinfo=UTC)
LONDON = local_time.zone("Europe/London")
TOKYO = local_time.zone("Asia/Tokyo")


def plain(words: str) -> str:
    return words.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW, "today, 12:34 PM"),
        (NOW - timedelta(hours=12, minutes=34), "today, 12:00 AM"),
        (NOW - timedelta(hours=12, minutes=35), "yesterday, 11:59 PM"),
        (NOW - timedelta(days=2), "Nov 19, 12:34 PM"),
        (datetime(2026, 7, 1, 11, 0, tzinfo=UTC), "Jul 1, 12:00 PM"),
        (datetime(2025, 11, 2, 12, 0, tzinfo=UTC), "Nov 2, 2025"),
        (NOW + timedelta(days=30), "Dec 21, 12:34 PM"),
    ],
)
def test_a_moment_is_said_as_people_say_it(at: datetime, words: str) -> None:
    assert plain(local_time.words(at, NOW, LONDON)) == words


def test_the_day_is_the_readers_own() -> None:
    assert plain(local_time.words(NOW, NOW, TOKYO)) == "today, 9:34 PM"
    assert plain(local_time.words(NOW, NOW + timedelta(hours=3), TOKYO)) == "yesterday, 9:34 PM"


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(0), "now"),
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=3), "3 hours ago"),
        (timedelta(days=1), "yesterday, 12:34 PM"),
    ],
)
def test_how_long_ago_something_was_on_the_same_day(before: timedelta, words: str) -> None:
    assert plain(local_time.words(NOW - before, NOW, LONDON, ago=True)) == words


def test_without_a_known_zone_a_moment_says_which_it_is_told_in(settings: Settings) -> None:
    assert plain(local_time.words(NOW, NOW, None)) == "Nov 21, 12:34 PM UTC"
    settings.DISPLAY_TIME_ZONE = "Asia/Tokyo"
    assert plain(local_time.words(NOW, NOW, None)) == "Nov 21, 9:34 PM JST"
    assert plain(local_time.words(datetime(2025, 1, 2, tzinfo=UTC), NOW, None)) == "Jan 2, 2025, 9:00 AM JST"


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "x" * 4000, "UTC\n"])
def test_a_cookie_that_names_no_zone_is_not_looked_at(name: str) -> None:
    assert local_time.zone(name) is None


def test_other_languages_have_their_own_formats() -> None:
    with translation.override("de"):
        assert plain(local_time.words(NOW - timedelta(days=2), NOW, LONDON)) == "19. November, 12:34"


def shown(tag: str, cookie: str = "") -> str:
    request = RequestFactory().get("/")
    if cookie:
        request.COOKIES["tz"] = cookie
    return plain(Template(tag).render(Context({"at": NOW, "request": request})))


def test_a_moment_on_a_page_has_its_machine_form_and_its_full_one() -> None:
    assert 'datetime="2026-11-21T12:34:00+00:00" title="Nov 21, 2026, 9:34 PM JST"' in shown(
        "{% moment at %}", "Asia/Tokyo"
    )
    assert "UTC</time>" in shown("{% moment at %}")
    assert " data-ago" in shown("{% moment at ago=True %}")
    assert " data-ago" not in shown("{% moment at %}")


def test_a_page_without_a_request_shows_moments_too() -> None:
    assert "UTC</time>" in Template("{% moment at %}").render(Context({"at": NOW}))
