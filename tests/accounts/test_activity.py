"""Recent activity: one's own, newest first, and a log line that names the flow and never the person's words."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accounts import activity, activity_words
from accounts.cognito.factors import Factor
from accounts.models import Activity, User
from accounts.views.activity import PER_PAGE
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.local_pool import LocalPool, Person, new_email
from tests.markup import Element, Page

PAGE = "/account/activity/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"


def rows(page: Page) -> list[Element]:
    return [*page.all("li", class_="event"), *page.all("li", class_="event event--failed")]


def test_a_sign_in_is_listed_with_browser_and_address(client: CheckedClient, person: Person) -> None:
    data = {"username": person.email, "password": person.password}
    client.post("/login/", data, headers={"User-Agent": FIREFOX}, REMOTE_ADDR="192.0.2.7")
    words = client.page(PAGE).words
    assert "Signed in" in words
    assert "Firefox on Linux" in words
    assert "192.0.2.7" in words


def test_what_others_do_is_not_listed(signed_in: CheckedClient, browser_of: SignIn, pool: LocalPool) -> None:
    bob = browser_of(pool.person())
    bob.post("/logout/")
    assert len(rows(signed_in.page(PAGE))) == 1


def test_a_long_list_comes_in_pages_newest_first(signed_in: CheckedClient) -> None:
    user = User.objects.get()
    Activity.objects.bulk_create(
        Activity(user=user, kind=Activity.Kind.PROFILE_CHANGED, ip_address=f"192.0.2.{n}") for n in range(PER_PAGE)
    )
    first, second = signed_in.page(PAGE), signed_in.page(f"{PAGE}?page=2")
    assert len(rows(first)) == PER_PAGE
    assert "Signed in with a password" not in first.words
    assert "Signed in with a password" in second.words
    assert "Page 1 of 2" in first.words
    assert ("Older" in first.words, "Newer" in first.words) == (True, False)
    assert first.all("a", href="?page=2")


@pytest.mark.parametrize("number", ["0", "-1", "x", "999"])
def test_a_page_that_is_not_there_is_another_page(signed_in: CheckedClient, number: str) -> None:
    assert rows(signed_in.page(f"{PAGE}?page={number}"))


def test_a_row_once_written_stays(signed_in: CheckedClient, person: Person) -> None:
    row = Activity.objects.get()
    signed_in.post("/logout/")
    assert Activity.objects.filter(pk=row.pk, kind=Activity.Kind.FIRST_SIGN_IN, at=row.at).exists()


@pytest.mark.parametrize(
    ("path", "flow", "data"),
    [
        ("/login/", "login", {"password": "Canary-horse-1"}),
        ("/verify-code/", "verify_code", {"code": "135790"}),
        (
            "/password/reset/",
            "reset_password",
            {"code": "135790", "new_password1": "Canary-1a", "new_password2": "Canary-1a"},
        ),
    ],
)
def test_a_refusal_is_logged_by_its_flow_and_not_by_name(
    client: CheckedClient,
    pool: LocalPool,
    caplog: pytest.LogCaptureFixture,
    path: str,
    flow: str,
    data: dict[str, str],
) -> None:
    name = new_email("nobody")
    with caplog.at_level(logging.INFO, "accounts"):
        client.post(path, {"username": name, **data})
    logged = [record.__dict__ for record in caplog.records if record.getMessage() == "refused"]
    assert [entry["what"] for entry in logged] == [flow]
    assert "Canary" not in str(logged)
    assert name not in str(logged)
    assert "135790" not in str(logged)


def test_a_refused_answer_is_logged_too(
    client: CheckedClient, person: Person, caplog: pytest.LogCaptureFixture
) -> None:
    client.post("/login/passkey/", {"username": person.email})
    client.post("/login/another-way/", {"answer": "PASSWORD"})
    with caplog.at_level(logging.INFO, "accounts"):
        client.post("/login/challenge/", {"password": "Canary-horse-2"})
    logged = [record.__dict__ for record in caplog.records if record.getMessage() == "refused"]
    assert [entry["what"] for entry in logged] == ["challenge"]
    assert "Canary" not in str(logged)


def test_a_stranger_sees_no_activity(client: CheckedClient, pool: LocalPool) -> None:
    assert client.get(PAGE).url.startswith("/login/")


def test_a_row_of_a_kind_that_is_written_no_more_has_words(signed_in: CheckedClient) -> None:
    Activity.objects.create(user=User.objects.get(), kind="factor_changed", factor=Factor.TOTP)
    assert "Changed a second step for signing in: Authenticator app" in signed_in.page(PAGE).words


def test_failed_tries_of_one_device_in_one_hour_are_one_row(signed_in: CheckedClient) -> None:
    user, at = User.objects.get(), timezone.now().replace(minute=30) - timedelta(hours=5)

    def fail(minutes: int, address: str = "192.0.2.7", detail: str = "password") -> None:
        Activity.objects.create(
            user=user,
            kind=Activity.Kind.SIGN_IN_REFUSED,
            outcome=Activity.Outcome.REFUSED,
            role=Activity.Role.UNKNOWN,
            at=at + timedelta(minutes=minutes),
            ip_address=address,
            detail=detail,
        )

    for minutes in (0, 1, 29):
        fail(minutes)
    fail(30)
    fail(0, "192.0.2.8")
    fail(0, detail="code")
    fail(0, detail="off")
    failed = [row.text for row in signed_in.page(PAGE).all("li", class_="event event--failed")]
    assert len(failed) == 5
    assert [("3 tries" in text) for text in failed].count(True) == 1
    words = " ".join(failed)
    for reason in ("wrong password", "wrong code", "account switched off"):
        assert f"Sign-in failed: {reason}" in words


def test_each_day_has_a_heading_in_the_readers_zone(signed_in: CheckedClient) -> None:
    Activity.objects.create(
        user=User.objects.get(), kind=Activity.Kind.DATA_DOWNLOADED, at=datetime(2025, 11, 2, 23, 30, tzinfo=UTC)
    )
    assert [heading.text for heading in signed_in.page(PAGE).all("h3")] == ["Today", "November 2, 2025"]
    assert "11:30\N{NO-BREAK SPACE}PM\N{NO-BREAK SPACE}UTC" in signed_in.page(PAGE).html
    signed_in.cookies["tz"] = "Europe/Berlin"
    page = signed_in.page(PAGE)
    assert "November 3, 2025" in [heading.text for heading in page.all("h3")]
    assert "Times are shown in your time zone, Europe/Berlin." in page.words
    assert "12:30\N{NO-BREAK SPACE}AM<" in page.html


@pytest.mark.parametrize("path", [PAGE, "/account/sessions/"])
def test_no_time_is_without_its_zone_unless_the_browser_told_its_own(signed_in: CheckedClient, path: str) -> None:
    moments = signed_in.page(path).all("time")
    with_clock = [moment for moment in moments if ":" in moment.text]
    assert with_clock
    for moment in with_clock:
        assert moment.text.strip().endswith("UTC")
    for moment in moments:
        assert datetime.fromisoformat(moment["datetime"]).tzinfo is not None
        assert moment["title"].endswith("UTC")
    signed_in.cookies["tz"] = "Asia/Tokyo"
    assert not [moment for moment in signed_in.page(path).all("time") if moment.text.strip().endswith(("UTC", "JST"))]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "x" * 4000, "<b>"])
def test_a_zone_that_nobody_knows_is_no_zone(signed_in: CheckedClient, zone: str) -> None:
    signed_in.cookies["tz"] = zone
    assert "Times are shown in UTC." in signed_in.page(PAGE).words


def test_the_devices_page_shows_the_last_ten_and_leads_to_all(signed_in: CheckedClient) -> None:
    user = User.objects.get()
    Activity.objects.bulk_create(Activity(user=user, kind=Activity.Kind.DATA_DOWNLOADED) for _ in range(12))
    page = signed_in.page("/account/sessions/")
    assert len(rows(page)) == 10
    assert page.one("a", href=PAGE).text == "See all activity"


@pytest.mark.parametrize(
    ("came_by", "answered", "words"),
    [
        ("password", "", "Signed in with a password"),
        ("password", "SOFTWARE_TOKEN_MFA", "Signed in with a password and a code from your app"),
        ("password", "EMAIL_OTP", "Signed in with a password and an email code"),
        ("password", "SMS_MFA", "Signed in with a password and a text code"),
        ("password", "NEW_PASSWORD_REQUIRED", "Chose a password after an invitation"),
        ("choice", "WEB_AUTHN", "Signed in with a passkey"),
        ("choice", "EMAIL_OTP", "Signed in with an email code"),
        ("choice", "SMS_OTP", "Signed in with a text code"),
        ("choice", "", "Signed in"),
        ("registration", "", "Created the account"),
        ("Nobody", "", "Signed in"),
        ("", "", "Signed in"),
    ],
)
def test_a_sign_in_says_how(pool: LocalPool, came_by: str, answered: str, words: str) -> None:
    row = Activity(kind=Activity.Kind.SIGNED_IN, **activity.how_signed_in(came_by, answered))
    assert activity_words.words(row) == words


def test_every_kind_has_words_and_a_drawing_that_exists() -> None:
    sprite = Path("static/img/icons.svg").read_text()
    for kind in Activity.Kind:
        row = Activity(kind=kind)
        assert activity_words.words(row)
        assert "%(" not in activity_words.words(row)
        assert f'id="{activity_words.icon(row)}"' in sprite


def test_a_sign_in_with_a_provider_and_a_second_step_name_it(db: None) -> None:
    outside = Activity(kind=Activity.Kind.SIGNED_IN, detail=activity_words.OUTSIDE, target="Google")
    assert activity_words.words(outside) == "Signed in with Google"
    step = Activity(kind=Activity.Kind.FACTOR_ADDED, factor=Factor.TOTP)
    assert activity_words.words(step) == "Turned on two-step verification: authenticator app"
