"""Acts of the page of security that were begun with an old proof: each is done by the proof, without another click."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.utils import timezone
from pytest_django import Settings

from accounts import limits
from accounts.models import Session
from accounts.sessions.pending import PendingAct
from tests.accounts.connecting import CONNECT, DISCONNECT, SECURITY, Connecting, linked, signed_in
from tests.accounts.federating import LABEL, Domain, query_of, way_out
from tests.accounts.test_passkeys import PAGE, added, link_of, options
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.devcloud.conformance.authenticator import Authenticator
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.second_factors import PREFERRED

CONFIRM = "/account/confirm/"
# What the act is at, what it is called, and the words that say it is done.
TWO_STEP = {
    "on": ("You’re about to turn on email codes.", "Email codes turned on."),
    "off": ("You’re about to turn off email codes.", "Two-step verification is off."),
}
AddApp = Callable[[], None]


def grow_old() -> None:
    """Let the proof of everybody be longer ago than what protects an account may be changed after."""
    Session.objects.update(created_at=timezone.now() - timedelta(seconds=settings.FRESH_SIGN_IN_AGE + 1))


def proved(browser: CheckedClient, person: Person, asked: str, words: str) -> Any:
    """Prove who it is on the page that is ``asked`` for and says ``words``; return the answer of the act."""
    assert urlsplit(asked).path == CONFIRM
    assert f"{words} Confirm it’s you, and we’ll do the rest." in browser.page(asked).words
    way_on = parse_qs(urlsplit(asked).query)["next"][0]
    response = browser.post(CONFIRM, {"password": person.password, "next": way_on})
    if response.url == "/login/challenge/":
        return response
    assert response.url == way_on
    return browser.get(way_on)


@pytest.mark.parametrize("switch", TWO_STEP)
def test_a_method_is_switched(
    signed_in: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy, switch: str
) -> None:
    about, done = TWO_STEP[switch]
    if switch == "off":
        pool.admin("set_user_mfa_preference", person, EmailMfaSettings=PREFERRED)
    grow_old()
    path = f"/account/security/two-step/email/{switch}/"
    assert signed_in.page(path)
    asked = signed_in.post(path).url
    assert cognito.calls["SetUserMFAPreference"] == 0
    answer = proved(signed_in, person, asked, about)
    if switch == "off":
        way_on = parse_qs(urlsplit(asked).query)["next"][0]
        assert signed_in.post("/login/challenge/", {"code": pool.code(person.email)}).url == way_on
        answer = signed_in.get(way_on)
    assert answer.url == SECURITY
    assert done in signed_in.page(SECURITY).words


def test_giving_up_leads_back_to_the_page_of_security(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    grow_old()
    asked = signed_in.post("/account/security/two-step/email/on/").url
    assert signed_in.page(asked).one("a", href=SECURITY).text.strip() == "Cancel and go back"
    signed_in.get(SECURITY)
    assert cognito.calls["SetUserMFAPreference"] == 0


def test_a_passkey_is_removed(signed_in: CheckedClient, person: Person, cognito: FaultProxy) -> None:
    added(signed_in, Authenticator().register(options(signed_in)))
    link = link_of(signed_in)
    grow_old()
    assert signed_in.page(f"{link}delete/")
    asked = signed_in.post(f"{link}delete/").url
    assert cognito.calls["DeleteWebAuthnCredential"] == 0
    assert proved(signed_in, person, asked, "You’re about to remove a passkey.").url == SECURITY
    assert cognito.calls["DeleteWebAuthnCredential"] == 1


def test_a_passkey_that_was_to_be_added_is_asked_for_by_its_page(signed_in: CheckedClient, person: Person) -> None:
    assert "data-starts" not in signed_in.page(PAGE).html
    grow_old()
    asked = signed_in.post(f"{PAGE}options/").url
    assert signed_in.page(asked).one("a", href=PAGE).text.strip() == "Cancel and go back"
    answer = proved(signed_in, person, asked, "You’re about to add a passkey.")
    assert b"data-starts" in answer.content
    # Once: whoever loads the page again has not asked for anything.
    assert "data-starts" not in signed_in.page(PAGE).html


def test_a_page_starts_nothing_before_the_proof_or_for_another_act(signed_in: CheckedClient, person: Person) -> None:
    grow_old()
    signed_in.post(f"{PAGE}options/")
    assert "data-starts" not in signed_in.page(PAGE).html
    signed_in.post("/account/security/two-step/email/on/")
    signed_in.post(CONFIRM, {"password": person.password})
    assert "data-starts" not in signed_in.page(PAGE).html


def test_an_app_is_set_up_on_its_page(signed_in: CheckedClient, person: Person, cognito: FaultProxy) -> None:
    grow_old()
    asked = signed_in.get("/account/security/totp/").url
    answer = proved(signed_in, person, asked, "You’re about to set up an authenticator app.")
    assert b'id="totp-key"' in answer.content
    assert cognito.calls["AssociateSoftwareToken"] == 1


@pytest.fixture
def native(federated: LocalPool, domain: Domain) -> Connecting:
    """Somebody with a password here."""
    return signed_in(federated, domain)


def test_a_provider_is_connected(native: Connecting) -> None:
    grow_old()
    assert native.browser.page(CONNECT)
    asked = native.browser.post(CONNECT, {"takes_address": "on"}).url
    assert native.browser.page(asked).one("a", href=SECURITY).text.strip() == "Cancel and go back"
    answer = proved(native.browser, native.person, asked, f"You’re about to connect {LABEL}.")
    assert query_of(way_out(answer))["prompt"] == "login"
    assert native.browser.get(native.domain.sign_in_elsewhere(way_out(answer))).url == SECURITY
    assert f"{LABEL} connected. You can sign in with it." in native.words()


def test_a_provider_is_disconnected(native: Connecting) -> None:
    native.connect()
    grow_old()
    assert native.browser.page(DISCONNECT)
    asked = native.browser.post(DISCONNECT).url
    assert linked(native.pool, native.person)
    assert native.browser.page(asked).one("a", href=SECURITY).text.strip() == "Cancel and go back"
    assert proved(native.browser, native.person, asked, f"You’re about to disconnect {LABEL}.").url == SECURITY
    assert f"{LABEL} disconnected." in native.words()


def test_no_password_and_no_code_waits_for_a_proof(signed_in: CheckedClient, person: Person) -> None:
    grow_old()
    signed_in.post("/account/security/totp/", {"code": "123456"})
    kept = PendingAct.find(type("Request", (), {"session": signed_in.session})())
    assert kept
    assert kept.values == {}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("email/on", "turn on email codes"),
        ("email/off", "turn off email codes"),
        ("sms/on", "turn on text messages"),
        ("sms/off", "turn off text messages"),
        ("totp/off", "remove your authenticator app"),
    ],
)
def test_each_method_says_what_is_about_to_be_done(
    signed_in: CheckedClient, cognito: FaultProxy, path: str, words: str
) -> None:
    grow_old()
    page = signed_in.page(signed_in.post(f"/account/security/two-step/{path}/").url)
    assert f"You’re about to {words}. Confirm it’s you, and we’ll do the rest." in page.words
    assert cognito.calls["SetUserMFAPreference"] == 0


UNPROVED = (
    "/account/security/two-step/email/on/",
    "/account/security/passkeys/nobodys/delete/",
    "/account/connections/Elsewhere/connect/",
    "/account/connections/Elsewhere/disconnect/",
    "/account/delete/",
)


@pytest.mark.parametrize("path", UNPROVED)
def test_whoever_cannot_prove_it_uses_up_nothing_of_the_owner(
    browser_of: SignIn, person: Person, settings: Settings, path: str
) -> None:
    settings.COGNITO = {**settings.COGNITO, "DOMAIN": "https://x.example", "PROVIDERS": ["Elsewhere"]}
    thief = browser_of(person)
    grow_old()
    answers = [thief.post(path, {"confirm": person.email}).status_code for _ in range(limits.FACTOR_BY_USER.most + 1)]
    assert answers[-1] == 429
    owner = browser_of(person)
    assert owner.post("/account/security/two-step/email/on/").url == SECURITY
    assert "Email codes turned on." in owner.page(SECURITY).words


def test_names_of_a_passkey_use_up_nothing_that_takes_a_proof(
    signed_in: CheckedClient, browser_of: SignIn, person: Person
) -> None:
    added(signed_in, Authenticator().register(options(signed_in)))
    label = link_of(signed_in)
    grow_old()
    for number in range(limits.FACTOR_BY_USER.most):
        assert signed_in.post(label, {"name": f"Key {number}"}).url == SECURITY
    assert signed_in.post(label, {"name": "Key"}).status_code == 429
    assert browser_of(person).post("/account/security/two-step/email/on/").url == SECURITY


def test_whoever_cannot_prove_it_leaves_the_owner_the_profile(browser_of: SignIn, person: Person) -> None:
    thief = browser_of(person)
    grow_old()
    for number in range(limits.PROFILE_BY_USER.most):
        thief.post("/account/profile/", {"attribute": "name", "name": f"Mallory {number}"})
    assert thief.post("/account/profile/", {"attribute": "name", "name": "Mallory"}).status_code == 429
    owner = browser_of(person)
    assert owner.post("/account/profile/", {"attribute": "name", "name": "Ada King"}).url == "/account/profile/"
