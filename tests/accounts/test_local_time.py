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
        (timedelta(minutes=60), "1 hour ago"),
        (timedelta(minutes=119), "1 hour ago"),
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


def test_where_no_language_is_active_they_are_those_of_english() -> None:
    with translation.override(None):
        assert plain(local_time.words(NOW - timedelta(days=2), NOW, LONDON)) == "Nov 19, 12:34 PM"


def shown(tag: str, cookie: str = "") -> str:
    request = RequestFactory().get("/")
    if cookie:
        request.COOKIES["tz"] = cookie
    return plain(Template(tag).render(Context({"at": NOW, "request": request})))


def test_a_moment_on_a_page_has_its_machine_form_and_its_full_one() -> None:
    assert 'datetime="2026-11-21T12:34:00Z" title="Nov 21, 2026, 9:34 PM JST"' in shown("{% moment at %}", "Asia/Tokyo")
    assert "UTC</time>" in shown("{% moment at %}")
    assert " data-ago" in shown("{% moment at ago=True %}")
    assert " data-ago" not in shown("{% moment at %}")
    assert 'class="at at--first"' in shown("{% moment at first=True %}")
    assert 'class="at"' in shown("{% moment at %}")


def test_a_date_is_put_right_by_the_script_and_a_clock_under_its_day_is_not() -> None:
    machine = 'datetime="2026-11-21T12:34:00Z" title="Nov 21, 2026, 12:34 PM UTC"'
    assert shown("{% on_day at %}") == f'<time class="at" data-day {machine}>Nov 21, 2026</time>'
    assert shown("{% clock at %}") == f"<time {machine}>12:34 PM UTC</time>"


def test_for_machines_a_moment_is_always_in_utc() -> None:
    assert local_time.for_machines(NOW.astimezone(TOKYO).replace(microsecond=7)) == "2026-11-21T12:34:00Z"


def test_a_page_without_a_request_shows_moments_too() -> None:
    assert "UTC</time>" in Template("{% moment at %}").render(Context({"at": NOW}))


EVENING = datetime(2026, 11, 20, 20, 5, tzinfo=UTC)


def test_a_day_a_date_and_a_clock_are_the_readers_own() -> None:
    assert local_time.day(EVENING, NOW, LONDON) == "Yesterday"
    assert local_time.day(EVENING, NOW, TOKYO) == "Today"
    assert local_time.date(EVENING, LONDON) == "Nov 20, 2026"
    assert local_time.date(EVENING, TOKYO) == "Nov 21, 2026"
    assert plain(local_time.clock(EVENING, LONDON)) == "8:05 PM"
    assert plain(local_time.clock(EVENING, TOKYO)) == "5:05 AM"


def test_where_it_is_not_known_they_are_the_sites(settings: Settings) -> None:
    settings.DISPLAY_TIME_ZONE = "Asia/Tokyo"
    assert local_time.day(EVENING, NOW, None) == "Today"
    assert local_time.date(EVENING, None) == "Nov 21, 2026"
    assert plain(local_time.clock(EVENING, None)) == "5:05 AM JST"
    assert plain(local_time.in_full(EVENING, None)) == "Nov 21, 2026, 5:05 AM JST"


@pytest.mark.parametrize(
    ("language", "of_this_year", "of_last_year"),
    [("en", "November 18", "November 18, 2025"), ("de", "18. November", "18. November 2025")],
)
def test_an_older_day_is_named(language: str, of_this_year: str, of_last_year: str) -> None:
    day = datetime(2026, 11, 18, tzinfo=UTC)
    with translation.override(language):
        assert local_time.day(day, NOW, LONDON) == of_this_year
        assert local_time.day(day.replace(year=2025), NOW, LONDON) == of_last_year


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "Wait 1 second, then try again."),
        (119, "Wait 119 seconds, then try again."),
        (120, "Wait 2 minutes, then try again."),
        (179, "Wait 3 minutes, then try again."),
        (300, "Wait 5 minutes, then try again."),
        (3599, "Wait an hour, then try again."),
        (3600, "Wait an hour, then try again."),
        (7200, "Wait 120 minutes, then try again."),
    ],
)
def test_a_wait_is_said_in_what_people_count_in(seconds: int, words: str) -> None:
    assert local_time.wait_words(seconds) == words
