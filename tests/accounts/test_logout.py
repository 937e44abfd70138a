"""Signing out: the session is gone at once, whatever Cognito says, and Back shows nothing."""

from __future__ import annotations

import threading
from unittest.mock import Mock

import pytest
from django.db import OperationalError
from pytest_django import Settings

from accounts import after_answer
from accounts.models import Session
from accounts.sessions.engine import SessionStore
from tests import fault_proxy
from tests.accounts.test_refresh import expire
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person


def refresh_token_of(browser: CheckedClient) -> str:
    held = SessionStore(browser.session_cookie).read_tokens()
    assert held
    assert held.tokens
    return held.tokens.refresh_token


def still_works(pool: LocalPool, refresh_token: str) -> bool:
    try:
        pool.root.get_tokens_from_refresh_token(
            ClientId=pool.env["COGNITO_CLIENT_ID"],
            ClientSecret=pool.env["COGNITO_CLIENT_SECRET"],
            RefreshToken=refresh_token,
        )
    except pool.root.exceptions.ClientError:
        return False
    return True


def test_signing_out_leads_to_the_sign_in_page_and_says_so(signed_in: CheckedClient) -> None:
    assert signed_in.post("/logout/").url == "/login/"
    assert "You’re signed out." in signed_in.page("/login/").words


def test_signing_out_deletes_the_session(signed_in: CheckedClient) -> None:
    key = signed_in.session_cookie
    assert Session.objects.filter(session_key=key).exists()
    signed_in.post("/logout/")
    assert not Session.objects.filter(session_key=key).exists()


def test_a_stolen_cookie_opens_nothing_afterwards(signed_in: CheckedClient) -> None:
    thief = CheckedClient()
    thief.cookies["sessionid"] = signed_in.session_cookie
    assert thief.get("/account/").status_code == 200
    signed_in.post("/logout/")
    assert thief.get("/account/").url.startswith("/login/")


def test_back_shows_nothing(signed_in: CheckedClient) -> None:
    page = signed_in.get("/account/")
    assert "no-store" in page["Cache-Control"]
    assert "Cookie" in page["Vary"]
    assert signed_in.post("/logout/")["Clear-Site-Data"] == '"cache", "storage"'


def test_the_refresh_token_dies_at_cognito(signed_in: CheckedClient, pool: LocalPool, cognito: FaultProxy) -> None:
    token = refresh_token_of(signed_in)
    signed_in.post("/logout/")
    assert cognito.calls["RevokeToken"] == 1
    assert not still_works(pool, token)


def test_another_browser_keeps_its_token(browser_of: SignIn, person: Person, pool: LocalPool) -> None:
    first, second = browser_of(person), browser_of(person)
    token = refresh_token_of(second)
    first.post("/logout/")
    assert second.get("/account/").status_code == 200
    assert still_works(pool, token)


@pytest.mark.parametrize("method", ["get", "head", "options", "put", "delete"])
def test_only_a_form_signs_out(signed_in: CheckedClient, method: str) -> None:
    assert getattr(signed_in, method)("/logout/").status_code == 405
    assert signed_in.get("/account/").status_code == 200


def test_another_site_cannot_sign_anybody_out(pool: LocalPool, person: Person) -> None:
    browser = CheckedClient(enforce_csrf_checks=True)
    token = browser.page("/login/").all("input", name="csrfmiddlewaretoken")[0]["value"]
    browser.post("/login/", {"username": person.email, "password": person.password, "csrfmiddlewaretoken": token})
    assert browser.post("/logout/", headers={"Origin": "https://evil.example"}).status_code == 403
    assert browser.get("/account/").status_code == 200


@pytest.mark.parametrize(
    "fault",
    [fault_proxy.hanging(4), fault_proxy.closed_before(), fault_proxy.server_error(), fault_proxy.html_success()],
    ids=["hanging", "closed", "500", "page"],
)
def test_an_outage_does_not_keep_anybody_in(
    signed_in: CheckedClient, cognito: FaultProxy, fault: fault_proxy.Fault
) -> None:
    cognito.fail("*", fault)
    signed_in.sees_what_follows = False
    key = signed_in.session_cookie
    assert signed_in.post("/logout/").url == "/login/"
    assert not Session.objects.filter(session_key=key).exists()
    after_answer.flush()
    assert cognito.calls["RevokeToken"] == 1


@pytest.mark.parametrize("way_out", ["/logout/", "/admin/logout/"])
def test_an_outage_that_outlasts_the_token_does_not_keep_anybody_in(
    signed_in: CheckedClient, cognito: FaultProxy, way_out: str
) -> None:
    expire(-3600)
    cognito.fail("*", fault_proxy.server_error())
    assert signed_in.get("/account/").status_code == 503
    assert signed_in.post(way_out).url == "/login/"
    assert not Session.objects.exclude(user=None).exists()


def test_nobody_waits_for_the_revocation(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    release = threading.Event()
    cognito.fail("RevokeToken", fault_proxy.held(release))
    signed_in.sees_what_follows = False
    try:
        assert signed_in.post("/logout/").url == "/login/"
        # Whoever had waited would have found it done, or given up.
        assert after_answer.revocations.flush(0) == 1
    finally:
        release.set()
    after_answer.flush()
    assert cognito.calls["RevokeToken"] == 1


def test_signing_out_twice_is_no_error(signed_in: CheckedClient) -> None:
    assert [signed_in.post("/logout/").url for _ in range(2)] == ["/login/", "/login/"]


def test_somebody_not_signed_in_can_sign_out(client: CheckedClient, pool: LocalPool, cognito: FaultProxy) -> None:
    assert client.post("/logout/").url == "/login/"
    assert cognito.calls["RevokeToken"] == 0


def test_a_session_whose_tokens_cannot_be_read_can_be_signed_out(signed_in: CheckedClient, settings: Settings) -> None:
    settings.TOKEN_KEYS = ["another-key-of-thirty-two-characters!"]
    assert signed_in.post("/logout/").url == "/login/"
    assert signed_in.get("/account/").status_code == 302


def test_the_admins_way_out_is_the_same(browser_of: SignIn, staff: Person, cognito: FaultProxy) -> None:
    browser = browser_of(staff)
    assert browser.post("/admin/logout/").url == "/login/"
    assert cognito.calls["RevokeToken"] == 1
    assert browser.get("/admin/").status_code == 302


def test_signing_out_leads_nowhere_else(signed_in: CheckedClient) -> None:
    assert signed_in.post("/logout/?next=//evil.example", {"next": "//evil.example"}).url == "/login/"


def test_a_sign_out_that_fails_here_revokes_nothing(
    signed_in: CheckedClient, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The session goes on, so its token must.
    with monkeypatch.context() as patched:
        patched.setattr(SessionStore, "flush", Mock(side_effect=OperationalError))
        assert signed_in.post("/logout/").status_code == 503
    assert cognito.calls["RevokeToken"] == 0
    assert signed_in.get("/account/").status_code == 200
