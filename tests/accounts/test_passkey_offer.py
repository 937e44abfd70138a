"""The offer of a passkey after a sign-in: to whom, once, and on to where they were going."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils import timezone

from accounts import passkey_offer
from accounts import pool as site_pool
from accounts.models import LOCAL_ISSUER, User
from tests.accounts.ways_in import CHALLENGE, chosen, json_of, with_passkey
from tests.checked_client import CheckedClient
from tests.conftest import UsePool
from tests.devcloud.conformance.authenticator import Authenticator
from tests.fault_proxy import FaultProxy, aws_error, closed_before
from tests.local_pool import LocalPool, Person
from tests.other_pools import another_pool
from tests.second_factors import with_app

OFFER = "/account/security/passkeys/offer/"
TO_OFFER = f"{OFFER}?next=%2Faccount%2Factivity%2F"


def sign_in(client: CheckedClient, person: Person, **data: str) -> str:
    given = {"username": person.email, "password": person.password, "next": "/account/activity/", **data}
    return str(client.post("/login/", given).url)


def test_whoever_has_no_passkey_is_offered_one_once(client: CheckedClient, person: Person) -> None:
    assert sign_in(client, person, scripts="on") == TO_OFFER
    page = client.page(TO_OFFER)
    assert page.one("h1").text == "Skip the password next time"
    assert client.page(TO_OFFER), "it can be loaded again"
    assert client.post(OFFER, {"next": "/account/activity/"}).url == "/account/activity/"
    assert client.get(TO_OFFER).url == "/account/activity/"
    client.post("/logout/")
    assert sign_in(client, person, scripts="on") == "/account/activity/"


@pytest.mark.parametrize(
    ("changes", "answered", "posted", "due"),
    [
        ({}, "", "on", True),
        ({"came_by": "choice"}, "EMAIL_OTP", "on", True),
        ({}, "SOFTWARE_TOKEN_MFA", "on", True),
        ({"came_by": "choice"}, "WEB_AUTHN", "on", False),
        ({"came_by": "registration"}, "", "on", False),
        ({"came_by": "Elsewhere"}, "", "on", False),
        ({"came_by": ""}, "", "on", False),
        ({}, "", "", False),
        ({}, "", "yes", False),
        ({"issuer": LOCAL_ISSUER}, "", "on", False),
        ({"passkey_offered_at": timezone.now()}, "", "on", False),
    ],
)
def test_it_is_offered_after_a_password_or_a_code_where_scripts_run(
    pool: LocalPool, changes: dict[str, Any], answered: str, posted: str, due: bool
) -> None:
    user = User(issuer="x", sub="sub-of-ada")
    for name, value in {"came_by": "password", **changes}.items():
        setattr(user, name, value)
    request = RequestFactory().post("/login/", {"scripts": posted})
    assert passkey_offer.is_due(request, user, answered) is due


@pytest.mark.parametrize("both_steps", [True, False])
def test_where_a_passkey_is_one_step_it_is_not_offered_after_two(
    pool: LocalPool, monkeypatch: pytest.MonkeyPatch, both_steps: bool
) -> None:
    described = replace(site_pool.description(), passkeys_satisfy_mfa=both_steps)
    monkeypatch.setattr(site_pool, "description", lambda: described)
    user = User(issuer="x", sub="sub-of-ada")
    user.second_step = True
    assert passkey_offer.is_usable(user) is both_steps
    user.second_step = False
    assert passkey_offer.is_usable(user)
    monkeypatch.setattr(site_pool, "description", lambda: replace(described, first_factors=frozenset()))
    assert not passkey_offer.is_usable(user)


def test_leaving_the_offer_counts_as_not_now(client: CheckedClient, person: Person) -> None:
    sign_in(client, person, scripts="on")
    client.page(TO_OFFER)
    client.post("/logout/")
    assert sign_in(client, person, scripts="on") == "/account/activity/"


def test_without_scripts_nobody_is_stopped_by_an_offer(client: CheckedClient, person: Person) -> None:
    assert sign_in(client, person) == "/account/activity/"


def test_a_code_leads_over_the_offer_too_and_a_passkey_does_not(
    client: CheckedClient, pool: LocalPool, person: Person
) -> None:
    chosen(client, person, "EMAIL_OTP", next="/account/activity/")
    assert client.post(CHALLENGE, {"code": pool.code(person.email), "scripts": "on"}).url == TO_OFFER
    key, other = Authenticator(), pool.person()
    with_passkey(pool, other, key)
    client = CheckedClient()
    credential = key.sign_in(json.dumps(json_of(chosen(client, other, "WEB_AUTHN"))))
    assert client.post(CHALLENGE, {"credential": credential, "scripts": "on"}).url == "/account/"


def test_whoever_has_a_passkey_is_led_on(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    with_passkey(pool, person, Authenticator())
    assert client.get(sign_in(client, person, scripts="on")).url == "/account/activity/"


def test_where_cognito_does_not_say_nobody_is_stopped(
    client: CheckedClient, person: Person, cognito: FaultProxy
) -> None:
    sign_in(client, person, scripts="on")
    cognito.fail("ListWebAuthnCredentials", closed_before())
    assert client.get(TO_OFFER).url == "/account/activity/"
    assert User.objects.get().passkey_offered_at is None


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", OFFER])
def test_the_offer_leads_to_pages_of_this_site_alone(client: CheckedClient, person: Person, elsewhere: str) -> None:
    sign_in(client, person)
    assert client.post(OFFER, {"next": elsewhere}).url == "/account/"


def test_the_offer_is_for_people_who_are_in(client: CheckedClient, pool: LocalPool) -> None:
    assert client.get(OFFER).url.startswith("/login/?next=")


def test_a_passkey_from_the_offer_leads_on(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    sign_in(client, person, scripts="on")
    client.page(TO_OFFER)
    options = client.post("/account/security/passkeys/options/").json()
    data = {"credential": json.dumps(Authenticator().register(options)), "next": "/account/activity/"}
    response = client.post("/account/security/passkeys/add/", data)
    assert response.url == "/account/activity/"
    assert "passkey_here" in response.cookies


@pytest.mark.parametrize("onwards", ["/account/activity/", "https://evil.example/"])
def test_a_passkey_that_is_refused_leads_back_to_the_offer_and_from_there_on(
    client: CheckedClient, person: Person, cognito: FaultProxy, onwards: str
) -> None:
    sign_in(client, person, scripts="on")
    client.page(TO_OFFER)
    options = client.post("/account/security/passkeys/options/").json()
    cognito.fail("CompleteWebAuthnRegistration", aws_error("WebAuthnClientMismatchException"))
    data = {"credential": json.dumps(Authenticator().register(options)), "next": onwards}
    response = client.post("/account/security/passkeys/add/", data)
    own = onwards.startswith("/")
    assert response.url == (TO_OFFER if own else "/account/security/passkeys/")
    page = client.page(response.url)
    assert "This passkey couldn’t be added. Try again, or on another device." in page.words
    assert [field["value"] for field in page.all("input", name="next")] == [onwards] * (2 if own else 0)


def test_where_a_passkey_is_one_step_nobody_with_two_is_offered_one(
    client: CheckedClient, local_pool: LocalPool, use_pool: UsePool
) -> None:
    mfa = {
        "MfaConfiguration": "OPTIONAL",
        "SoftwareTokenMfaConfiguration": {"Enabled": True},
        "WebAuthnConfiguration": {"RelyingPartyId": "localhost", "UserVerification": "required"},
    }
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    pool = use_pool(another_pool(local_pool, mfa=mfa, Policies=policies), ENDPOINT_URL=local_pool.endpoint)
    assert site_pool.description().passkeys
    person = pool.person()
    app = with_app(pool, person)
    sign_in(client, person, scripts="on")
    assert client.post(CHALLENGE, {"code": app.code(), "scripts": "on"}).url == "/account/activity/"
    assert client.get(OFFER).url == "/account/"
    for path in ("/account/", "/account/security/"):
        assert "Add a passkey" not in client.page(path).words
