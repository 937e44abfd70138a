"""Signing in without a password: a mailed or texted code, a passkey, or the password after all (SELECT_CHALLENGE)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from django.test import RequestFactory

from accounts import limits, way_in
from accounts import pool as pool_module
from accounts.models import Activity
from tests import fault_proxy
from tests.accounts.conftest import UsePool
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.devcloud.conformance.authenticator import Authenticator
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, another, new_email
from tests.markup import Page
from tests.other_pools import another_client, another_pool
from tests.second_factors import access_token, with_app

CHALLENGE = "/login/challenge/"
NUMBER = "+442079460456"


def chosen(client: CheckedClient, person: Person, way: str, **data: str) -> Page:
    assert client.post("/login/options/", {"username": person.email, **data}).url == CHALLENGE
    assert client.post(CHALLENGE, {"answer": way}).url == CHALLENGE
    return client.page(CHALLENGE)


def refused(client: CheckedClient, **data: str) -> Page:
    response = client.post(CHALLENGE, data)
    assert response.status_code == 200
    return Page.of(response.content)


def with_passkey(pool: LocalPool, person: Person, authenticator: Authenticator) -> None:
    token = access_token(pool, person)
    options = pool.root.start_web_authn_registration(AccessToken=token)["CredentialCreationOptions"]
    pool.root.complete_web_authn_registration(AccessToken=token, Credential=authenticator.register(options))


def json_of(page: Page) -> Any:
    start = page.html.index('id="passkey-options"')
    text = page.html[page.html.index(">", start) + 1 : page.html.index("</script>", start)]
    return json.loads(text)


def test_the_sign_in_page_offers_what_the_pool_allows(client: CheckedClient, pool: LocalPool) -> None:
    page = client.page("/login/")
    assert page.one("button", formaction="/login/options/").text == "Sign in with a code or passkey"
    assert page.field("password")


def test_a_client_without_the_flow_offers_the_password_alone(
    client: CheckedClient, local_pool: LocalPool, use_pool: UsePool
) -> None:
    use_pool(
        another_client(local_pool, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]), ENDPOINT_URL=local_pool.endpoint
    )
    assert not client.page("/login/").all("button", formaction="/login/options/")


def test_each_way_the_pool_has_can_be_chosen(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    client.post("/login/options/", {"username": person.email})
    page = client.page(CHALLENGE)
    assert [field["value"] for field in page.all("button", name="answer")] == ["PASSWORD", "WEB_AUTHN", "EMAIL_OTP"]


def test_a_mailed_code_signs_in(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    chosen(client, person, "EMAIL_OTP", next="/account/activity/")
    assert client.post(CHALLENGE, {"code": pool.code(person.email)}).url == "/account/activity/"


def test_a_wrong_mailed_code_does_not(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    chosen(client, person, "EMAIL_OTP")
    assert refused(client, code=another(pool.code(person.email))).error_of("code")
    assert client.get("/account/").status_code == 302


def test_a_texted_code_signs_in(client: CheckedClient, local_pool: LocalPool, use_pool: UsePool) -> None:
    pool = use_pool(
        another_pool(local_pool, Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}}),
        ENDPOINT_URL=local_pool.endpoint,
    )
    person = pool.person(phone_number=NUMBER, phone_number_verified="true")
    page = chosen(client, person, "SMS_OTP")
    assert "texted you" in page.one("h1").text
    code = pool.code(NUMBER)
    assert refused(client, code=another(code)).error_of("code")
    assert client.post(CHALLENGE, {"code": code}).url == "/account/"


def test_the_password_may_be_chosen_after_all(client: CheckedClient, person: Person, cognito: FaultProxy) -> None:
    page = chosen(client, person, "PASSWORD", next="/account/sessions/")
    assert page.field("password")["autocomplete"] == "current-password"
    assert client.post(CHALLENGE, {"password": person.password}).url == "/account/sessions/"
    assert cognito.last("InitiateAuth")["AuthFlow"] == "USER_PASSWORD_AUTH"


def test_a_wrong_password_starts_again_and_signs_nobody_in(client: CheckedClient, person: Person) -> None:
    chosen(client, person, "PASSWORD")
    assert client.post(CHALLENGE, {"password": "Wrong-horse-1"}).url == "/login/"
    assert client.get("/account/").status_code == 302
    page = client.page("/login/")
    assert "That email and password don’t match." in page.words
    assert page.field("username")["value"] == person.email


def test_passwords_are_guessed_out_of_one_budget(client: CheckedClient, person: Person, cognito: FaultProxy) -> None:
    for _ in range(limits.LOGIN_BY_NAME.most):
        client.post("/login/", {"username": person.email, "password": "Wrong-horse-1"})
    chosen(client, person, "PASSWORD")
    answered = cognito.calls["InitiateAuth"]
    assert client.post(CHALLENGE, {"password": person.password}).status_code == 429
    assert cognito.calls["InitiateAuth"] == answered


def test_a_password_chosen_leads_on_to_the_second_factor(
    client: CheckedClient, pool: LocalPool, person: Person
) -> None:
    app = with_app(pool, person)
    chosen(client, person, "PASSWORD", next="/account/activity/")
    assert client.post(CHALLENGE, {"password": person.password}).url == CHALLENGE
    assert "authenticator app" in client.page(CHALLENGE).words
    assert client.get("/account/").status_code == 302
    assert client.post(CHALLENGE, {"code": app.code()}).url == "/account/activity/"


def test_where_there_is_only_the_password_it_is_asked_at_once(
    client: CheckedClient, local_pool: LocalPool, use_pool: UsePool
) -> None:
    pool = use_pool(another_client(local_pool, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]))
    person = pool.person()
    client.post("/login/options/", {"username": person.email, "next": "/account/activity/"})
    assert client.page(CHALLENGE).field("password")
    assert client.post(CHALLENGE, {"password": person.password}).url == "/account/activity/"


@pytest.mark.parametrize("way", ["", "SMS_OTP", "PASSWORD_SRP", "MFA_SETUP"])
def test_a_way_that_was_not_offered_is_not_sent(
    client: CheckedClient, person: Person, cognito: FaultProxy, way: str
) -> None:
    client.post("/login/options/", {"username": person.email})
    assert "Choose one of the ways." in refused(client, answer=way).summary()
    assert cognito.calls["InitiateAuth"] == cognito.calls["RespondToAuthChallenge"] == 0


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
    assert refused(client, credential="x" * 20_000).summary()
    assert cognito.calls["RespondToAuthChallenge"] == calls


def test_a_passkey_page_says_that_it_needs_javascript_and_has_another_way(
    client: CheckedClient, pool: LocalPool, person: Person
) -> None:
    with_passkey(pool, person, Authenticator())
    page = chosen(client, person, "WEB_AUTHN")
    assert "Passkeys need JavaScript" in page.words
    assert "Use another way" in [link.text for link in page.all("a", href="/login/")]
    assert "hidden" in page.one("button", type="button")


@pytest.mark.parametrize("name", ["", "ada", "x" * 130 + "@example.com"])
def test_what_cannot_be_a_name_is_not_sent(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy, name: str
) -> None:
    assert Page.of(client.post("/login/options/", {"username": name}).content).error_of("username")
    assert cognito.calls["InitiateAuth"] == 0


def test_asking_for_one_name_ends_before_cognito(client: CheckedClient, person: Person, cognito: FaultProxy) -> None:
    most = limits.OPTIONS_BY_NAME.most
    statuses = [client.post("/login/options/", {"username": person.email}).status_code for _ in range(most + 1)]
    assert statuses == [302] * most + [429]
    assert cognito.calls["InitiateAuth"] == 0


def test_where_the_person_was_going_is_a_page_of_this_site(
    client: CheckedClient, pool: LocalPool, person: Person
) -> None:
    chosen(client, person, "EMAIL_OTP", next="//evil.example/")
    assert client.post(CHALLENGE, {"code": pool.code(person.email)}).url == "/account/"


def test_an_outage_blames_nobody_and_keeps_the_choice(
    client: CheckedClient, person: Person, pool: LocalPool, cognito: FaultProxy
) -> None:
    client.post("/login/options/", {"username": person.email})
    cognito.fail("InitiateAuth", fault_proxy.html_success(), times=1)
    assert client.post(CHALLENGE, {"answer": "EMAIL_OTP"}).status_code == 503
    assert client.post(CHALLENGE, {"answer": "EMAIL_OTP"}).url == CHALLENGE
    assert client.post(CHALLENGE, {"code": pool.code(person.email)}).url == "/account/"


def test_the_page_of_a_passkey_does_not_say_which_ones_a_name_has(
    client: CheckedClient, pool: LocalPool, person: Person
) -> None:
    with_passkey(pool, person, Authenticator())
    assert set(json_of(chosen(client, person, "WEB_AUTHN"))) == {"challenge", "rpId", "userVerification"}


def test_codes_for_one_name_end_before_cognitos_budget(pool: LocalPool, person: Person, cognito: FaultProxy) -> None:
    most = limits.SIGN_IN_CODES_BY_NAME.most
    for name in (person.email, new_email("nobody")):
        cognito.forget()
        statuses = []
        for _ in range(most + 1):
            client = CheckedClient()
            limits.clear(name, limits.OPTIONS_BY_NAME)
            client.post("/login/options/", {"username": name})
            statuses.append(client.post(CHALLENGE, {"answer": "EMAIL_OTP"}).status_code)
        assert statuses == [302] * most + [429]
        assert cognito.calls["InitiateAuth"] == most


def test_a_new_sign_in_session_begins_with_the_choice(client: CheckedClient, pool: LocalPool) -> None:
    client.post("/login/options/", {"username": "ada@example.com"})
    planted = client.session_cookie
    client.post("/login/options/", {"username": "ada@example.com"})
    assert client.session_cookie != planted


def test_a_wrong_code_is_told_to_its_person(
    client: CheckedClient, pool: LocalPool, person: Person, browser_of: SignIn
) -> None:
    browser_of(person)
    chosen(client, person, "EMAIL_OTP")
    refused(client, code=another(pool.code(person.email)))
    assert Activity.objects.filter(user__email=person.email, kind=Activity.Kind.SIGN_IN_REFUSED).count() == 1


@pytest.mark.parametrize(("configured", "offered"), [("ids.example", "ids.example"), ("", "testserver")])
def test_options_that_are_made_up_name_the_site_as_cognito_would(
    pool: LocalPool, monkeypatch: pytest.MonkeyPatch, configured: str, offered: str
) -> None:
    description = replace(pool_module.description(), relying_party=configured)
    monkeypatch.setattr(pool_module, "description", lambda: description)
    assert way_in.made_up_passkey_options(RequestFactory().get("/", SERVER_PORT="8443"))["rpId"] == offered


def test_three_wrong_codes_begin_again(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    chosen(client, person, "EMAIL_OTP", next="/account/activity/")
    wrong = another(pool.code(person.email))
    for _ in range(way_in.TRIES - 1):
        assert refused(client, code=wrong).error_of("code")
    assert client.post(CHALLENGE, {"code": wrong}).url == "/login/?next=%2Faccount%2Factivity%2F"
    assert "Those codes didn’t work" in client.page("/login/").words
    assert client.post(CHALLENGE, {"code": pool.code(person.email)}).url == "/login/?again=1"
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize(
    ("typed", "kept"), [("/account/activity/", "/account/activity/"), ("https://evil.example", "")]
)
def test_whoever_presses_the_button_before_typing_a_name_is_asked_for_it_and_not_corrected(
    client: CheckedClient, pool: LocalPool, typed: str, kept: str
) -> None:
    response = client.post("/login/options/", {"username": " ", "password": "", "next": typed})
    page = client.page(response.url)
    assert not page.title.startswith("Error")
    assert page.one("input", name="next")["value"] == kept


def test_continuing_without_a_name_is_corrected(client: CheckedClient, pool: LocalPool) -> None:
    page = Page.of(client.post("/login/options/", {"username": "", "next": ""}).content)
    assert "Enter your email." in page.summary()


def test_the_choice_says_that_a_passkey_counts_as_both_steps(client: CheckedClient, pool: LocalPool) -> None:
    client.post("/login/options/", {"username": new_email()})
    assert (
        "A code works only while two-step verification is off, a passkey if you added one."
        in client.page("/login/challenge/").words
    )
