"""Signing in with a passkey, for every name alike: the page, its options, and what comes back from the device."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from django.test import RequestFactory

from accounts import pool as pool_module
from accounts import way_in
from tests.accounts.ways_in import ANOTHER_WAY, CHALLENGE, PASSKEY, chosen, json_of, refused, with_passkey
from tests.checked_client import CheckedClient
from tests.conftest import UsePool
from tests.devcloud.conformance.authenticator import Authenticator
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.markup import Page
from tests.other_pools import another_client


def test_the_button_is_a_form_without_a_password_and_waits_for_a_script(client: CheckedClient, pool: LocalPool) -> None:
    page = client.page("/login/?next=/account/activity/")
    form = page.one("form", action=f"{PASSKEY}?next=%2Faccount%2Factivity%2F")
    assert "hidden" in form
    start = page.html.index(f'action="{PASSKEY}')
    within = page.html[start : page.html.index("</form>", start)]
    assert 'name="username"' in within
    assert "password" not in within.casefold()


def test_whoever_comes_without_a_name_is_asked_for_it_and_not_corrected(client: CheckedClient, pool: LocalPool) -> None:
    response = client.post(PASSKEY, {"username": "", "from": "login", "next": "/account/activity/"})
    page = client.page(response.url)
    assert page.one("h1").text == "Sign in with a passkey"
    assert "Enter your email, then follow the prompt on your device." in page.words
    assert not page.summary()
    assert page.one("input", name="next")["value"] == "/account/activity/"


def test_the_page_itself_corrects_whoever_sends_it_empty(client: CheckedClient, pool: LocalPool) -> None:
    assert "Enter your email." in Page.of(client.post(PASSKEY, {"username": ""}).content).summary()


def test_where_the_pool_has_no_passkeys_the_password_is_asked_for(
    client: CheckedClient, local_pool: LocalPool, use_pool: UsePool
) -> None:
    use_pool(
        another_client(local_pool, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]), ENDPOINT_URL=local_pool.endpoint
    )
    assert client.post(PASSKEY, {"username": "ada@example.com", "next": "/files/"}).url == "/login/?next=%2Ffiles%2F"
    assert "A passkey can’t be used for this account right now." in client.page("/login/").words


def test_a_passkey_signs_in(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    key = Authenticator()
    with_passkey(pool, person, key)
    page = chosen(client, person, "WEB_AUTHN", next="/account/security/passkeys/")
    credential = key.sign_in(json.dumps(json_of(page)))
    assert client.post(CHALLENGE, {"credential": credential}).url == "/account/security/passkeys/"
    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize("forged", ["impostor", "another site", "replayed", "nonsense", "an object", "empty"])
def test_a_forged_passkey_signs_nobody_in(client: CheckedClient, pool: LocalPool, person: Person, forged: str) -> None:
    key = Authenticator()
    with_passkey(pool, person, key)
    stale = key.sign_in(json.dumps(json_of(chosen(CheckedClient(), person, "WEB_AUTHN"))))
    options = json.dumps(json_of(chosen(client, person, "WEB_AUTHN")))
    impostor, elsewhere = key.impostor(), Authenticator("https://evil.example", "evil.example")
    credentials = {
        "impostor": impostor.sign_in(options),
        "another site": elsewhere.sign_in(options),
        "replayed": stale,
        "nonsense": "[" * 100,
        "an object": '{"id": 7}',
        "empty": "",
    }
    response = client.post(CHALLENGE, {"credential": credentials[forged]})
    assert "passkey" in Page.of((response if response.status_code == 200 else client.get("/login/")).content).words
    assert client.get("/account/").status_code == 302


def test_a_passkey_of_somebody_else_signs_nobody_in(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    mallory, keys = pool.person(), [Authenticator(), Authenticator()]
    with_passkey(pool, person, keys[0])
    with_passkey(pool, mallory, keys[1])
    options = json.dumps(json_of(chosen(client, person, "WEB_AUTHN")))
    client.post(CHALLENGE, {"credential": keys[1].sign_in(options)})
    assert client.get("/account/").status_code == 302


def test_a_credential_too_long_is_not_sent(
    client: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    with_passkey(pool, person, Authenticator())
    chosen(client, person, "WEB_AUTHN")
    calls = cognito.calls["RespondToAuthChallenge"]
    page = refused(client, credential="x" * 20_000)
    assert page.summary()
    assert page.one("a", href="#passkey").ancestors[-1] == "li"
    assert cognito.calls["RespondToAuthChallenge"] == calls


def test_a_passkey_page_says_that_it_needs_javascript_and_has_another_way(
    client: CheckedClient, pool: LocalPool, person: Person
) -> None:
    with_passkey(pool, person, Authenticator())
    page = chosen(client, person, "WEB_AUTHN")
    assert "Passkeys need JavaScript" in page.words
    assert page.one("a", href=ANOTHER_WAY).text == "Use another way"
    assert "hidden" in page.one("button", type="button")


def test_the_page_of_a_passkey_does_not_say_which_ones_a_name_has(
    client: CheckedClient, pool: LocalPool, person: Person
) -> None:
    with_passkey(pool, person, Authenticator())
    assert set(json_of(chosen(client, person, "WEB_AUTHN"))) == {"challenge", "rpId", "userVerification"}


@pytest.mark.parametrize(("configured", "offered"), [("ids.example", "ids.example"), ("", "testserver")])
def test_options_that_are_made_up_name_the_site_as_cognito_would(
    pool: LocalPool, monkeypatch: pytest.MonkeyPatch, configured: str, offered: str
) -> None:
    description = replace(pool_module.description(), relying_party=configured)
    monkeypatch.setattr(pool_module, "description", lambda: description)
    assert way_in.made_up_passkey_options(RequestFactory().get("/", SERVER_PORT="8443"))["rpId"] == offered
