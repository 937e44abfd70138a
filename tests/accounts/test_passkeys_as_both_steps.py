"""A passkey beside a second step: it stands for both where the pool counts it so, and says so where it does not.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_WebAuthnMfaSettingsType.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.conftest import UsePool
from tests.devcloud.conformance.authenticator import Authenticator
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.markup import Page
from tests.other_pools import another_pool
from tests.second_factors import AuthenticatorApp

SECURITY = "/account/security/"
PASSKEYS = "/account/security/passkeys/"
CHALLENGE = "/login/challenge/"


def add_passkey(client: CheckedClient, key: Authenticator) -> Page:
    options: dict[str, Any] = client.post(f"{PASSKEYS}options/").json()
    credential = json.dumps(key.register(options))
    assert client.post(f"{PASSKEYS}add/", {"credential": credential}).url == SECURITY
    return client.page(SECURITY)


def switch(client: CheckedClient, factor: str, action: str) -> Page:
    assert client.post(f"{SECURITY}two-step/{factor}/{action}/").url == SECURITY
    return client.page(SECURITY)


def set_up_app(client: CheckedClient) -> AuthenticatorApp:
    app = AuthenticatorApp(client.page(f"{SECURITY}totp/").one("code", id="totp-key").text)
    assert client.post(f"{SECURITY}totp/", {"code": app.first_code()}).url == SECURITY
    return app


def sign_in_with_passkey(person: Person, key: Authenticator) -> bool:
    """Sign in on the site with nothing but the passkey, in a browser of its own; say whether that was possible."""
    client = CheckedClient()
    if not client.page("/login/").all("form", action="/login/passkey/"):
        return False
    assert client.post("/login/passkey/", {"username": person.email}).url == CHALLENGE
    html = client.page(CHALLENGE).html
    start = html.index(">", html.index('id="passkey-options"')) + 1
    client.post(CHALLENGE, {"credential": key.sign_in(html[start : html.index("</script>", start)])})
    return bool(client.get("/account/").status_code == 200)


@pytest.fixture
def key() -> Authenticator:
    """An authenticator on Ada's device."""
    return Authenticator()


def test_a_passkey_added_beside_a_second_step_signs_in_alone(
    signed_in: CheckedClient, person: Person, key: Authenticator
) -> None:
    switch(signed_in, "email", "on")
    assert "Use it next time you sign in." in add_passkey(signed_in, key).words
    assert sign_in_with_passkey(person, key)


def test_a_second_step_turned_on_beside_a_passkey_leaves_it_useful(
    signed_in: CheckedClient, person: Person, key: Authenticator
) -> None:
    add_passkey(signed_in, key)
    switch(signed_in, "email", "on")
    assert sign_in_with_passkey(person, key)


def test_an_authenticator_app_set_up_beside_a_passkey_leaves_it_useful(
    signed_in: CheckedClient, person: Person, key: Authenticator
) -> None:
    add_passkey(signed_in, key)
    set_up_app(signed_in)
    assert sign_in_with_passkey(person, key)


def test_the_password_still_takes_the_second_step(signed_in: CheckedClient, person: Person, key: Authenticator) -> None:
    add_passkey(signed_in, key)
    set_up_app(signed_in)
    client = CheckedClient()
    assert client.post("/login/", {"username": person.email, "password": person.password}).url == CHALLENGE
    assert client.get("/account/").status_code == 302


def test_the_last_second_step_can_be_turned_off(signed_in: CheckedClient, person: Person, key: Authenticator) -> None:
    add_passkey(signed_in, key)
    switch(signed_in, "email", "on")
    assert "Two-step verification is off." in switch(signed_in, "email", "off").words
    assert sign_in_with_passkey(person, key)


def test_a_second_step_without_a_passkey_says_nothing_of_passkeys(
    signed_in: CheckedClient, cognito: FaultProxy
) -> None:
    switch(signed_in, "email", "on")
    assert cognito.last("SetUserMFAPreference")["WebAuthnMfaSettings"] == {"Enabled": False}


def test_a_passkey_that_cognito_will_not_count_is_kept_and_the_person_told(
    signed_in: CheckedClient, cognito: FaultProxy, person: Person, key: Authenticator
) -> None:
    switch(signed_in, "email", "on")
    cognito.fail("SetUserMFAPreference", fault_proxy.aws_error("InvalidParameterException"))
    page = add_passkey(signed_in, key)
    assert "Passkey added. You can use it once two-step verification is off." in page.words
    assert "next time you sign in" not in page.words
    assert not sign_in_with_passkey(person, key)


@pytest.mark.parametrize("fault", [fault_proxy.aws_error("InvalidParameterException"), fault_proxy.server_error()])
def test_a_passkey_that_cognito_would_not_count_at_first_is_paused_and_counts_once_it_will(
    signed_in: CheckedClient, cognito: FaultProxy, person: Person, key: Authenticator, fault: fault_proxy.Fault
) -> None:
    switch(signed_in, "email", "on")
    cognito.fail("SetUserMFAPreference", fault)
    options = signed_in.post(f"{PASSKEYS}options/").json()
    signed_in.post(f"{PASSKEYS}add/", {"credential": json.dumps(key.register(options))})
    words = signed_in.page(SECURITY).words
    assert "Works again when two-step verification is off." in words
    assert "A passkey counts as both steps." not in words
    assert "Sign in with your passkey instead" not in words
    cognito.heal()
    words = signed_in.page(SECURITY).words
    assert "Paused" not in words
    assert "Sign in with your passkey instead Ready" in words
    assert sign_in_with_passkey(person, key)
    asked = cognito.calls["SetUserMFAPreference"]
    signed_in.page(SECURITY)
    assert cognito.calls["SetUserMFAPreference"] == asked


def test_a_paused_passkey_that_is_removed_leaves_room_for_another(
    signed_in: CheckedClient, cognito: FaultProxy, key: Authenticator
) -> None:
    switch(signed_in, "email", "on")
    cognito.fail("SetUserMFAPreference", fault_proxy.aws_error("InvalidParameterException"))
    page = add_passkey(signed_in, key)
    assert not page.all("a", href=PASSKEYS)
    (link,) = [link["href"] for link in page.all("a") if link["href"].startswith(PASSKEYS)]
    signed_in.post(f"{link}delete/")
    assert signed_in.page(SECURITY).all("a", href=PASSKEYS)


@pytest.fixture
def single_factor(local_pool: LocalPool, use_pool: UsePool) -> LocalPool:
    """A pool that counts a passkey as one factor."""
    mfa = {
        "MfaConfiguration": "OPTIONAL",
        "SoftwareTokenMfaConfiguration": {"Enabled": True},
        "WebAuthnConfiguration": {"RelyingPartyId": "localhost", "UserVerification": "required"},
    }
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    return use_pool(another_pool(local_pool, mfa=mfa, Policies=policies), ENDPOINT_URL=local_pool.endpoint)


def test_where_a_passkey_is_one_factor_the_person_is_told_that_it_waits(
    single_factor: LocalPool, client: CheckedClient, key: Authenticator
) -> None:
    person = single_factor.person()
    client.post("/login/", {"username": person.email, "password": person.password})
    assert "Your passkeys can’t be used while this is on." in client.page(SECURITY).words
    set_up_app(client)
    page = add_passkey(client, key)
    assert "Passkey added. You can use it once two-step verification is off." in page.words
    assert "Paused" in page.words
    assert "Works again when two-step verification is off." in page.words
    assert not sign_in_with_passkey(person, key)


def test_no_passkey_is_asked_for_beside_a_second_step_that_it_would_not_pass(
    single_factor: LocalPool, client: CheckedClient
) -> None:
    person = single_factor.person()
    client.post("/login/", {"username": person.email, "password": person.password})
    set_up_app(client)
    words = client.page("/account/").words
    assert "Your account is well protected All 2 steps done. Nothing needs your attention." in words
    assert "passkey" not in words.lower()
    assert "passkey" not in client.page(SECURITY).words.lower()
    page = client.page(PASSKEYS)
    assert "Passkeys can’t be used on this site while two-step verification is on." in page.words
    assert not page.all("button", type="button")
    for path in ("/account/", "/account/profile/", SECURITY, "/account/sessions/", f"{SECURITY}totp/"):
        assert not client.page(path).all("a", href=PASSKEYS)


def test_what_a_second_step_does_to_passkeys_is_said_before(
    single_factor: LocalPool, client: CheckedClient, key: Authenticator
) -> None:
    person = single_factor.person()
    client.post("/login/", {"username": person.email, "password": person.password})
    add_passkey(client, key)
    assert "Your passkey can’t be used while this is on." in client.page(f"{SECURITY}totp/").words
    add_passkey(client, Authenticator())
    assert "Your 2 passkeys can’t be used while this is on." in client.page(f"{SECURITY}totp/").words


def test_a_passkey_that_counts_is_the_backup_of_the_app(signed_in: CheckedClient, key: Authenticator) -> None:
    add_passkey(signed_in, key)
    set_up_app(signed_in)
    words = signed_in.page(SECURITY).words
    assert "If you lose your authenticator app Sign in with your passkey instead Ready" in words
    switch(signed_in, "email", "on")
    # Nobody needs help who has it.
    said = signed_in.page(f"{SECURITY}two-step/totp/off/").words
    assert "Email codes are then your only second step. Cancel" in said.replace("Remove Cancel", "Cancel")


def test_the_security_page_says_what_a_passkey_counts_for(signed_in: CheckedClient) -> None:
    words = signed_in.page(SECURITY).words
    assert "A passkey counts as both steps" in words
    assert "can’t be used while" not in words
    assert "cannot be used while" not in signed_in.page("/account/").words
