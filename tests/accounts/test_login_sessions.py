"""What a sign-in does to sessions: it begins a new one, and ends what the browser brought along. None rises again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpRequest
from django.utils import timezone
from pytest_django import Settings

from accounts import conf, entrance
from accounts.models import Activity, Session, User
from accounts.sessions import revocation
from accounts.sessions.engine import SessionStore
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, new_email
from tests.second_factors import AuthenticatorApp


def end_everything_after(monkeypatch: pytest.MonkeyPatch, gateway: object, call: str) -> None:
    """Have all of Ada's sessions ended between Cognito's answer to `call` and what the site does then."""
    asked: Callable[..., Any] = getattr(gateway, call)

    def answer(*given: Any) -> Any:
        said = asked(*given)
        assert revocation.end_sessions(User.objects.get()) == 1
        return said

    monkeypatch.setattr(gateway, call, answer)


def test_signing_in_changes_the_session_and_kills_the_old_one(client: CheckedClient, person: Person) -> None:
    client.post("/login/", {"username": person.email, "password": "Wrong-1a"})
    planted = CheckedClient()
    planted.post("/verify-code/resend/", {"username": person.email})
    client.cookies["sessionid"] = planted.session_cookie
    assert planted.session_cookie
    client.post("/login/", {"username": person.email, "password": person.password})
    assert client.session_cookie != planted.session_cookie
    assert planted.get("/account/").status_code == 302
    assert not Session.objects.filter(session_key=planted.session_cookie).exists()


def test_nothing_of_the_anonymous_session_survives(client: CheckedClient, person: Person) -> None:
    client.post("/verify-code/resend/", {"username": "canary@example.com"})
    assert set(dict(client.session)) - {"_messages"}
    client.post("/login/", {"username": person.email, "password": person.password})
    assert {name for name in dict(client.session) if not name.startswith("_")} == set()


def test_the_same_person_signing_in_again_gets_a_new_session(signed_in: CheckedClient, person: Person) -> None:
    before = signed_in.session_cookie
    other = CheckedClient()
    other.cookies["sessionid"] = before
    assert other.get("/account/").status_code == 200
    confirmed = signed_in.post("/account/confirm/", {"password": person.password})
    assert confirmed.status_code == 302
    assert signed_in.session_cookie != before
    assert other.get("/account/").status_code == 302


def test_another_person_in_the_same_browser_sees_nothing_of_the_first(
    signed_in: CheckedClient, person: Person, pool: LocalPool
) -> None:
    bob = pool.person(email=new_email("bob"))
    signed_in.post("/logout/")
    signed_in.post("/login/", {"username": bob.email, "password": bob.password})
    page = signed_in.page("/account/")
    assert bob.email in page.words
    assert person.email not in page.html


def test_a_second_browser_leaves_the_first_signed_in(browser_of: SignIn, person: Person) -> None:
    first, second = browser_of(person), browser_of(person)
    assert first.get("/account/").status_code == second.get("/account/").status_code == 200


def test_an_idle_session_leads_back_to_sign_in(signed_in: CheckedClient, settings: Settings) -> None:
    with time_machine.travel(timezone.now() + timedelta(seconds=settings.SESSION_IDLE_AGE + 5)):
        assert signed_in.get("/account/").url.startswith("/login/")


def test_the_cookie_says_nothing_and_goes_nowhere_else(client: CheckedClient, person: Person) -> None:
    cookie = client.post("/login/", {"username": person.email, "password": person.password}).cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")
    assert len(cookie.value) == 32
    assert cookie.value.isalnum()


def test_a_proof_leaves_nobody_signed_in_whose_sessions_were_ended_meanwhile(
    signed_in: CheckedClient, person: Person, app: AuthenticatorApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    end_everything_after(monkeypatch, conf.authentication(), "with_password")
    answer = signed_in.post("/account/confirm/", {"password": person.password, "next": "/account/"})
    assert answer.url == "/login/?ended=1"
    assert not Session.objects.filter(user__isnull=False).exists()
    assert signed_in.get("/account/").status_code == 302


def test_a_new_password_ends_a_sign_in_with_the_old_one_that_is_not_stored_yet(
    browser_of: SignIn, person: Person, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, thief = browser_of(person), CheckedClient()
    store, new = entrance.store_sign_in, "Another-horse-22"

    def as_the_owner_changes_it(request: HttpRequest, user: User) -> None:
        data = {"old_password": person.password, "new_password1": new, "new_password2": new}
        assert owner.post("/account/password/", data).url == "/account/security/"
        store(request, user)

    monkeypatch.setattr(entrance, "store_sign_in", as_the_owner_changes_it)
    assert thief.post("/login/", {"username": person.email, "password": person.password}).url == "/login/?ended=1"
    assert thief.get("/account/").status_code == 302
    assert owner.get("/account/").status_code == 200
    assert Session.objects.exclude(user=None).count() == 1
    assert cognito.calls["RevokeToken"] == 1
    assert not Activity.objects.filter(kind=Activity.Kind.SIGNED_IN).exists()


def test_a_new_password_leaves_nobody_signed_in_whose_sessions_were_ended_meanwhile_and_is_recorded(
    signed_in: CheckedClient, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    end_everything_after(monkeypatch, conf.user_account(), "change_password")
    new = "Another-horse-22"
    data = {"old_password": person.password, "new_password1": new, "new_password2": new}
    assert signed_in.post("/account/password/", data).url.startswith("/login/?ended=1")
    assert not Session.objects.filter(user__isnull=False).exists()
    assert Activity.objects.filter(kind=Activity.Kind.PASSWORD_CHANGED).count() == 1


def test_two_tabs_with_the_old_secret_key_are_no_two_sessions(
    signed_in: CheckedClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-key-of-many-many-characters-0123456789"
    other = CheckedClient()
    other.cookies["sessionid"] = signed_in.session_cookie
    touch = SessionStore.touch

    def as_the_other_tab_comes(session: SessionStore) -> None:
        touch(session)
        monkeypatch.setattr(SessionStore, "touch", touch)
        assert other.get("/account/").status_code == 200

    # Both tabs have read the session, and each goes on to give it a new key.
    monkeypatch.setattr(SessionStore, "touch", as_the_other_tab_comes)
    assert signed_in.get("/account/").url.startswith("/login/?ended=1")
    assert [bool(row.tokens) for row in Session.objects.all()] == [True]
    assert other.get("/account/").status_code == 200
