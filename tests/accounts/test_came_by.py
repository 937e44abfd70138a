"""How a person came in stands in the session: known where they do, whatever was asked besides, and never in a token."""

from __future__ import annotations

import json

import pytest
from pytest_django import Settings

from accounts.models import Session
from tests.accounts.test_local_superusers import NAME, made
from tests.accounts.test_refresh import REFRESH, expire
from tests.accounts.ways_in import NUMBER, chosen, json_of, with_passkey
from tests.checked_client import CheckedClient
from tests.conftest import UsePool
from tests.devcloud.conformance.authenticator import Authenticator
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, Person, new_email
from tests.other_pools import another_pool
from tests.second_factors import AuthenticatorApp

CHALLENGE = "/login/challenge/"
CONFIRM = "/account/confirm/"


def came_by(browser: CheckedClient) -> str:
    """Return what the session of `browser` says, in which somebody is signed in."""
    assert browser.get("/account/sessions/").status_code == 200
    return Session.objects.get(session_key=browser.session_cookie).came_by


def test_by_a_password(signed_in: CheckedClient) -> None:
    assert came_by(signed_in) == "password"


def test_by_a_password_and_a_code_besides(halfway: CheckedClient, app: AuthenticatorApp) -> None:
    assert halfway.post(CHALLENGE, {"code": app.code()}).url == "/account/sessions/"
    assert came_by(halfway) == "password"


def test_by_a_password_that_had_to_be_changed(client: CheckedClient, pool: LocalPool) -> None:
    person = pool.invited()
    client.post("/login/", {"username": person.email, "password": person.password})
    answers = {"new_password1": "Another-horse-2", "new_password2": "Another-horse-2", "name": "Ada"}
    assert client.post(CHALLENGE, answers).url == "/account/"
    assert came_by(client) == "password"


def test_by_a_mailed_code(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    chosen(client, person, "EMAIL_OTP")
    assert client.post(CHALLENGE, {"code": pool.code(person.email)}).status_code == 302
    assert came_by(client) == "choice"


def test_by_a_code_in_a_text_message(client: CheckedClient, local_pool: LocalPool, use_pool: UsePool) -> None:
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}}
    pool = use_pool(another_pool(local_pool, Policies=policies), ENDPOINT_URL=local_pool.endpoint)
    person = pool.person(phone_number=NUMBER, phone_number_verified="true")
    before = len(pool.mails(NUMBER))
    chosen(client, person, "SMS_OTP")
    assert client.post(CHALLENGE, {"code": pool.code(NUMBER, after=before)}).status_code == 302
    assert came_by(client) == "choice"


def test_by_a_passkey(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    key = Authenticator()
    with_passkey(pool, person, key)
    page = chosen(client, person, "WEB_AUTHN")
    assert client.post(CHALLENGE, {"credential": key.sign_in(json.dumps(json_of(page)))}).status_code == 302
    assert came_by(client) == "choice"


def test_by_the_password_after_all(client: CheckedClient, person: Person) -> None:
    chosen(client, person, "PASSWORD")
    assert client.post(CHALLENGE, {"password": person.password}).status_code == 302
    assert came_by(client) == "password"


def test_by_a_registration_that_was_just_confirmed(client: CheckedClient, pool: LocalPool) -> None:
    email = new_email()
    client.post("/register/", {"email": email, "password1": PASSWORD, "password2": PASSWORD})
    assert client.post("/verify-code/", {"code": pool.code(email)}).url == "/account/"
    assert came_by(client) == "registration"


def test_by_the_password_of_a_superuser_of_this_database(
    client: CheckedClient, pool: LocalPool, settings: Settings
) -> None:
    settings.LOCAL_SUPERUSERS = True
    settings.AUTHENTICATION_BACKENDS = ["accounts.backends.LocalSuperuserBackend", *settings.AUTHENTICATION_BACKENDS]
    made(NAME)
    from_here = {"username": NAME, "password": "Break-the-glass-1"}
    assert client.post("/login/", from_here).status_code == 302
    assert Session.objects.get(session_key=client.session_cookie).came_by == "password"


@pytest.mark.parametrize(
    ("way", "by"), [("EMAIL_OTP", "choice"), ("PASSWORD", "password")], ids=["a code", "the password"]
)
def test_who_confirms_access_comes_in_anew(
    long_signed_in: CheckedClient, pool: LocalPool, person: Person, way: str, by: str
) -> None:
    Session.objects.update(came_by="earlier")
    assert long_signed_in.post(f"{CONFIRM}options/", {"next": "/account/delete/"}).url == CHALLENGE
    long_signed_in.post("/login/another-way/", {"answer": way})
    answer = {"code": pool.code(person.email)} if way == "EMAIL_OTP" else {"password": person.password}
    assert long_signed_in.post(CHALLENGE, answer).url == "/account/delete/"
    assert came_by(long_signed_in) == by


def test_new_tokens_and_a_new_key_leave_it_alone(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    expire(60)
    assert came_by(signed_in) == "password"
    assert cognito.calls[REFRESH] == 1
    session = signed_in.session
    session.cycle_key()
    session["colour"] = "blue"
    session.save()
    assert Session.objects.get(session_key=session.session_key).came_by == "password"
