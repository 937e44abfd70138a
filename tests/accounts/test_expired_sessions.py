"""A session that is over leaves nothing behind: neither its row nor a living refresh token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Session
from accounts.sessions import revocation
from accounts.sessions.engine import SessionStore
from tests import fault_proxy
from tests.accounts.test_logout import refresh_token_of, still_works
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person

WAYS = [lambda: revocation.end_expired(10), lambda: call_command("clearsessions")]


def let_run_out(browser: CheckedClient) -> None:
    """Let the session of `browser` run out, with the clock of the local AWS left alone."""
    Session.objects.filter(session_key=browser.session_cookie).update(expire_date=timezone.now() - timedelta(seconds=1))


@pytest.fixture
def over(signed_in: CheckedClient) -> CheckedClient:
    """Ada's browser, whose session has run out."""
    let_run_out(signed_in)
    return signed_in


def token_in_row(browser: CheckedClient) -> str:
    """Return the refresh token of a session that may be over."""
    held = SessionStore(browser.session_cookie).read_tokens()
    assert held
    assert held.tokens
    return held.tokens.refresh_token


def test_a_session_found_to_be_over_is_deleted_and_its_token_revoked(
    over: CheckedClient, pool: LocalPool, cognito: FaultProxy
) -> None:
    token = token_in_row(over)
    assert over.get("/account/").url == "/login/?ended=idle&next=%2Faccount%2F"
    assert not Session.objects.exists()
    assert cognito.calls["RevokeToken"] == 1
    assert not still_works(pool, token)


IDLE = "You were signed out after a while without activity. Sign in to pick up where you left off."
ENDED = "You were signed out. Sign in again to continue."


def test_a_session_that_was_idle_says_so_once(over: CheckedClient, person: Person) -> None:
    address = over.get("/account/").url
    page = over.page(address)
    assert IDLE in page.words
    refused = over.post(
        page.all("form", method="post")[0]["action"], {"username": person.email, "password": "Wrong-1a"}
    )
    assert IDLE not in refused.content.decode()
    assert ENDED not in refused.content.decode()


def test_a_session_that_was_used_to_its_very_end_was_not_idle(over: CheckedClient, settings: Settings) -> None:
    Session.objects.update(created_at=timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE + 2))
    assert ENDED in over.page(over.get("/account/").url).words


def test_a_session_in_which_nobody_was_signed_in_has_signed_nobody_out(pool: LocalPool) -> None:
    browser = CheckedClient()
    browser.post("/login/", {"username": "ada@example.com", "password": "Wrong-1a"})
    let_run_out(browser)
    assert browser.get("/account/").url == "/login/?next=/account/"


def test_a_form_sent_too_late_leads_back_to_the_page_it_was_on(over: CheckedClient) -> None:
    page = {"Referer": "http://testserver/account/sessions/?page=2"}
    answer = over.post("/account/sessions/end-others/", headers=page)
    assert answer.url == "/login/?ended=idle&next=%2Faccount%2Fsessions%2F%3Fpage%3D2"


def test_a_session_found_to_be_over_is_deleted_also_while_cognito_is_away(
    over: CheckedClient, cognito: FaultProxy
) -> None:
    cognito.fail("RevokeToken", fault_proxy.server_error())
    assert over.get("/account/").status_code == 302
    assert not Session.objects.exists()


@pytest.mark.parametrize("end", WAYS)
def test_clearing_revokes_before_it_deletes(over: CheckedClient, pool: LocalPool, end: Callable[[], object]) -> None:
    token = token_in_row(over)
    end()
    assert not Session.objects.exists()
    assert not still_works(pool, token)


@pytest.mark.parametrize("end", WAYS)
def test_clearing_leaves_a_session_that_goes_on(
    signed_in: CheckedClient, pool: LocalPool, cognito: FaultProxy, end: Callable[[], object]
) -> None:
    token = refresh_token_of(signed_in)
    end()
    assert signed_in.get("/account/").status_code == 200
    assert cognito.calls["RevokeToken"] == 0
    assert still_works(pool, token)


def test_sessions_are_ended_in_batches_the_oldest_first(browser_of: SignIn, person: Person) -> None:
    browsers = [browser_of(person) for _ in range(3)]
    for browser in browsers:
        let_run_out(browser)
    oldest = browsers[1].session_cookie
    Session.objects.filter(session_key=oldest).update(expire_date=timezone.now() - timedelta(days=1))
    assert revocation.end_expired(1) == 1
    assert not Session.objects.filter(session_key=oldest).exists()
    assert [revocation.end_expired(2), revocation.end_expired(2)] == [2, 0]


def test_an_outage_keeps_the_row_for_the_next_time(over: CheckedClient, pool: LocalPool, cognito: FaultProxy) -> None:
    token = token_in_row(over)
    cognito.fail("RevokeToken", fault_proxy.server_error())
    assert revocation.end_expired(10) == 0
    assert still_works(pool, token)
    cognito.heal()
    assert revocation.end_expired(10) == 1
    assert not still_works(pool, token)


def test_a_token_that_cognito_does_not_take_back_keeps_no_row(over: CheckedClient, cognito: FaultProxy) -> None:
    cognito.fail("RevokeToken", fault_proxy.aws_error("UnsupportedTokenTypeException"))
    assert revocation.end_expired(10) == 1


def test_sessions_of_strangers_and_damaged_rows_are_ended_too(db: None, cognito: FaultProxy) -> None:
    for tokens in ("", "damaged"):
        session = SessionStore()
        session["colour"] = "blue"
        session.save()
        Session.objects.filter(session_key=session.session_key).update(
            tokens=tokens, expire_date=timezone.now() - timedelta(days=1)
        )
    assert revocation.end_expired(10) == 2
    assert cognito.calls["RevokeToken"] == 0
