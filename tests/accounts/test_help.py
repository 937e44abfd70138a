"""Help and Privacy: what they promise is so, for every way to sign in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytest_django import Settings

from accounts import limits
from accounts import pool as site_pool
from tests.checked_client import CheckedClient
from tests.local_pool import LocalPool


def test_help_names_the_wait_that_there_is(client: CheckedClient, pool: LocalPool) -> None:
    assert "After five wrong passwords you wait five minutes." in client.page("/help/").words
    assert (limits.LOGIN_BY_NAME.most, limits.LOGIN_BY_NAME.seconds) == (5, 300)


def test_help_leads_to_whom_to_ask(client: CheckedClient, pool: LocalPool, settings: Settings) -> None:
    settings.SUPPORT_EMAIL = "help@example.com"
    page = client.page("/help/")
    assert {link["href"] for link in page.all("a") if link.text == "help@example.com"} == {"mailto:help@example.com"}
    assert "Nobody who helps you will ever ask for your password or a code." in page.words
    settings.SUPPORT_EMAIL, settings.SITE_NAME = "", "Alder"
    assert "contact the people who run Alder." in client.page("/help/").words


@pytest.mark.parametrize("part", ["device", "unknown"])
def test_other_pages_can_lead_to_a_part_of_help(client: CheckedClient, pool: LocalPool, part: str) -> None:
    assert client.page("/help/").one("h2", id=part)


@pytest.mark.parametrize(
    ("both_steps", "way"),
    [(True, "a text message, an email code or a passkey"), (False, "a text message or an email code")],
)
def test_a_passkey_helps_whoever_lost_a_phone_only_where_it_is_both_steps(
    client: CheckedClient, pool: LocalPool, monkeypatch: pytest.MonkeyPatch, both_steps: bool, way: str
) -> None:
    described = replace(site_pool.description(), passkeys_satisfy_mfa=both_steps)
    monkeypatch.setattr(site_pool, "description", lambda: described)
    words = client.page("/help/").words
    assert f"choose Use another way: {way}, whichever you set up." in words
    assert ("While two-step verification is on, passkeys can’t be used on this site." in words) is not both_steps


def test_privacy_names_the_cookies_that_are_preferences(client: CheckedClient, pool: LocalPool) -> None:
    words = client.page("/privacy/").words
    assert "A few cookies remember how you last signed in, your language and your time zone." in words
    assert "They hold neither your name nor your email." in words


def test_whoever_sees_something_unknown_is_led_to_where_it_is_stopped(client: CheckedClient, pool: LocalPool) -> None:
    hrefs = {link["href"] for link in client.page("/help/").all("a") if link["href"].startswith("/account/")}
    assert hrefs == {"/account/password/", "/account/sessions/", "/account/security/"}
