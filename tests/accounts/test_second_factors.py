"""Each second factor at sign-in: by text message, by mail, from an app, chosen among several, set up on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.conftest import UsePool
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, another
from tests.markup import Page
from tests.other_pools import APP_ONLY, another_pool
from tests.second_factors import ON, AuthenticatorApp, with_app, with_mail, with_text_message

CHALLENGE = "/login/challenge/"
ANOTHER_WAY = "/login/another-way/"
NUMBER = "+442079460123"


@pytest.fixture(autouse=True)
def _short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.sessions.double_submit.LONGEST_WAIT", 0.2)


def password_typed(client: CheckedClient, person: Person, **data: str) -> Page:
    response = client.post("/login/", {"username": person.email, "password": person.password, **data})
    assert (response.status_code, response.url) == (302, CHALLENGE)
    client.get(CHALLENGE)
    return client.page(CHALLENGE)


def answered(client: CheckedClient, **data: str) -> Page:
    response = client.post(CHALLENGE, data)
    assert response.status_code == 200
    return Page.of(response.content)


def test_a_texted_code_signs_in(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    with_text_message(pool, person, NUMBER)
    page = password_typed(client, person)
    assert "texted you" in page.one("h1").text
    assert client.post(CHALLENGE, {"code": pool.code(NUMBER)}).url == "/account/"


def test_the_number_is_shown_masked(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    with_text_message(pool, person, NUMBER)
    page = password_typed(client, person)
    assert NUMBER not in page.html
    assert f"the phone number ending in {NUMBER[-4:]}." in page.words


def test_a_wrong_texted_code_is_refused(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    with_text_message(pool, person, NUMBER)
    password_typed(client, person)
    assert "not the right code" in answered(client, code=another(pool.code(NUMBER))).error_of("code")


def test_a_code_of_an_earlier_sign_in_is_refused(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    with_text_message(pool, person, NUMBER)
    password_typed(client, person)
    first = pool.code(NUMBER)
    sent = len(pool.mails(NUMBER))
    password_typed(client, person)
    assert pool.code(NUMBER, after=sent) != first
    assert answered(client, code=first).error_of("code")


def test_a_mailed_code_signs_in(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    with_mail(pool, person)
    page = password_typed(client, person, next="/account/profile/")
    assert "emailed you" in page.one("h1").text
    assert person.email not in page.one("p", **{"class": "lead"}).text
    assert client.post(CHALLENGE, {"code": pool.code(person.email)}).url == "/account/profile/"


def test_a_wrong_mailed_code_is_refused(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    with_mail(pool, person)
    password_typed(client, person)
    assert answered(client, code=another(pool.code(person.email))).error_of("code")
    assert client.get("/account/").status_code == 302


def test_an_expired_code_can_be_replaced(
    client: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    with_mail(pool, person)
    password_typed(client, person)
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error("ExpiredCodeException"))
    page = answered(client, code=pool.code(person.email))
    assert page.error_of("code") == "Error: That code has expired. Ask for a new one."
    assert page.one("form", action="/login/challenge/resend/")


def test_reloading_the_page_sends_no_other_code(
    client: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    with_mail(pool, person)
    password_typed(client, person)
    client.page(CHALLENGE)
    assert len(pool.mails(person.email)) == 1
    assert cognito.calls["InitiateAuth"] == 1


enrol: dict[str, Callable[[LocalPool, Person], object]] = {
    "app": with_app,
    "mail": with_mail,
    "text": lambda pool, person: with_text_message(pool, person, NUMBER),
}


@pytest.mark.parametrize("kind", enrol)
def test_a_code_page_takes_a_code_and_helps_without_the_device(
    client: CheckedClient, pool: LocalPool, person: Person, kind: str
) -> None:
    enrol[kind](pool, person)
    page = password_typed(client, person)
    field = page.field("code")
    assert (field["type"], field["inputmode"], field["autocomplete"]) == ("text", "numeric", "one-time-code")
    assert "maxlength" not in field
    assert [link["href"] for link in page.all("a") if "can’t get" in link.text] == ["/help/#device"]
    assert page.all("a", href="/login/?other=1")


def test_a_code_of_the_app_works_once(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    app = with_app(pool, person)
    code = app.code()
    password_typed(client, person)
    assert client.post(CHALLENGE, {"code": code}).status_code == 302
    second = CheckedClient()
    password_typed(second, person)
    page = answered(second, code=code)
    assert "already used" in page.error_of("code")
    assert second.post(CHALLENGE, {"code": app.code()}).status_code == 302


def test_somebody_with_two_factors_may_choose(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    app = two_factors(pool, person)
    password_typed(client, person, next="/account/activity/")
    page = client.page(ANOTHER_WAY)
    assert {field["value"] for field in page.all("button", name="answer")} == {"SOFTWARE_TOKEN_MFA", "EMAIL_OTP"}
    assert client.post(ANOTHER_WAY, {"answer": "SOFTWARE_TOKEN_MFA"}).url == CHALLENGE
    page = client.page(CHALLENGE)
    assert "app" in page.one("h1").text
    assert "was not accepted" not in page.words
    assert client.post(CHALLENGE, {"code": app.code()}).url == "/account/activity/"


def two_factors(pool: LocalPool, person: Person) -> AuthenticatorApp:
    app = with_app(pool, person, preferred=False)
    pool.admin("set_user_mfa_preference", person, EmailMfaSettings=ON)
    return app


def test_a_chosen_mail_is_sent_and_its_code_signs_in(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    two_factors(pool, person)
    password_typed(client, person)
    assert pool.mails(person.email) == []
    client.post(ANOTHER_WAY, {"answer": "EMAIL_OTP"})
    assert client.post(CHALLENGE, {"code": pool.code(person.email)}).url == "/account/"


@pytest.mark.parametrize("answer", ["", "SMS_MFA", "PASSWORD", "X" * 300])
def test_a_factor_that_was_not_offered_is_not_sent(
    client: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy, answer: str
) -> None:
    two_factors(pool, person)
    password_typed(client, person)
    page = Page.of(client.post(ANOTHER_WAY, {"answer": answer}).content)
    assert "Choose one of the ways." in page.summary()
    assert cognito.calls["RespondToAuthChallenge"] == 0


def test_each_answer_goes_with_the_newest_session(
    client: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    app = two_factors(pool, person)
    password_typed(client, person)
    client.post(CHALLENGE, {"code": app.code()})
    chosen, coded = [sent for operation, sent in cognito.sent if operation == "RespondToAuthChallenge"]
    assert (chosen["ChallengeName"], coded["ChallengeName"]) == ("SELECT_MFA_TYPE", "SOFTWARE_TOKEN_MFA")
    assert chosen["Session"] != coded["Session"]
    assert client.get("/account/").status_code == 200


@pytest.fixture(scope="module")
def strict_pool(local_pool: LocalPool) -> LocalPool:
    """A pool in which everybody needs an authenticator app."""
    return another_pool(local_pool, mfa={"MfaConfiguration": "ON", **APP_ONLY})


@pytest.fixture
def strict(strict_pool: LocalPool, use_pool: UsePool) -> LocalPool:
    return use_pool(strict_pool)


def test_an_app_the_pool_demands_is_set_up_on_the_way(client: CheckedClient, strict: LocalPool) -> None:
    person = strict.person()
    page = password_typed(client, person, next="/account/security/")
    app = AuthenticatorApp(key_on(page))
    assert client.post(CHALLENGE, {"code": app.first_code()}).url == "/account/security/"
    again = CheckedClient()
    assert "Enter the code from your app" in password_typed(again, person).words
    assert again.post(CHALLENGE, {"code": app.code()}).status_code == 302


def key_on(page: Page) -> str:
    key = page.one("code", id="totp-key").text
    assert re.fullmatch(r"[A-Z2-7]{4}( [A-Z2-7]{1,4})+", key)
    return key


def test_a_wrong_first_code_shows_the_same_key_and_speaks_of_the_clock(
    client: CheckedClient, strict: LocalPool, cognito: FaultProxy
) -> None:
    page = password_typed(client, strict.person())
    app = AuthenticatorApp(key_on(page))
    refused = answered(client, code=app.wrong_code())
    assert "clock" in refused.error_of("code")
    assert key_on(refused) == key_on(page)
    assert cognito.calls["AssociateSoftwareToken"] == 1
    assert client.post(CHALLENGE, {"code": app.first_code()}).status_code == 302


def test_a_key_nobody_has_proved_opens_nothing(client: CheckedClient, strict: LocalPool, cognito: FaultProxy) -> None:
    page = password_typed(client, strict.person())
    app = AuthenticatorApp(key_on(page))
    answered(client, code=app.wrong_code())
    assert cognito.calls["RespondToAuthChallenge"] == 0
    assert client.get("/account/").status_code == 302


def test_the_key_is_neither_in_an_address_nor_cached(client: CheckedClient, strict: LocalPool) -> None:
    key = key_on(password_typed(client, strict.person())).replace(" ", "")
    response = client.get(CHALLENGE)
    page = Page.of(response.content)
    assert "no-store" in response["Cache-Control"]
    assert key not in page.title + page.one("div", class_="qr-box")["aria-label"]
    assert [link["href"] for link in page.all("a") if key in link["href"]] == [
        page.one("a", href=link_of(page))["href"]
    ]
    assert not page.all("img", src=key)


def link_of(page: Page) -> str:
    return next(link["href"] for link in page.all("a") if link["href"].startswith("otpauth:"))


def test_a_factor_that_cannot_be_set_up_here_is_explained(
    client: CheckedClient, strict: LocalPool, cognito: FaultProxy
) -> None:
    answer = {
        "ChallengeName": "MFA_SETUP",
        "Session": "s" * 32,
        "ChallengeParameters": {"MFAS_CAN_SETUP": '["SMS_MFA"]'},
    }
    cognito.fail("InitiateAuth", fault_proxy.answered(200, json.dumps(answer).encode()))
    assert "can’t finish this sign-in here" in password_typed(client, strict.person()).words
    assert cognito.calls["AssociateSoftwareToken"] == 0


def test_another_region_cannot_set_up_an_app_now_and_keeps_the_sign_in(
    client: CheckedClient, strict: LocalPool, cognito: FaultProxy
) -> None:
    person = strict.person()
    client.post("/login/", {"username": person.email, "password": person.password})
    for operation in ("AssociateSoftwareToken", "VerifySoftwareToken"):
        cognito.fail(operation, fault_proxy.aws_error("OperationNotEnabledException"), times=1)
    assert client.get(CHALLENGE).status_code == 503
    assert client.get(CHALLENGE).status_code == 302
    app = AuthenticatorApp(key_on(client.page(CHALLENGE)))
    assert client.post(CHALLENGE, {"code": app.first_code()}).status_code == 503
    assert client.post(CHALLENGE, {"code": app.first_code()}).status_code == 302
    assert client.get("/account/").status_code == 200


def test_an_outage_after_the_first_code_was_taken_loses_nothing(
    client: CheckedClient, strict: LocalPool, cognito: FaultProxy
) -> None:
    app = AuthenticatorApp(key_on(password_typed(client, strict.person())))
    cognito.fail("RespondToAuthChallenge", fault_proxy.closed_before(), times=1)
    assert client.post(CHALLENGE, {"code": app.first_code()}).status_code == 503
    assert client.post(CHALLENGE, {"code": app.first_code()}).status_code == 302
    assert cognito.calls["VerifySoftwareToken"] == 1
    assert client.get("/account/").status_code == 200


def test_a_session_that_died_while_the_app_was_installed_starts_again(
    client: CheckedClient, strict: LocalPool, cognito: FaultProxy
) -> None:
    page = password_typed(client, strict.person())
    cognito.fail("VerifySoftwareToken", fault_proxy.aws_error("NotAuthorizedException", "Invalid session"))
    assert client.post(CHALLENGE, {"code": AuthenticatorApp(key_on(page)).first_code()}).url == "/login/"


def test_a_first_password_leads_through_both_steps(client: CheckedClient, strict: LocalPool) -> None:
    person = strict.invited()
    page = password_typed(client, person, next="/account/activity/")
    assert "Choose your own password" in page.words
    new = {"new_password1": "Another-horse-2", "new_password2": "Another-horse-2"}
    assert client.post(CHALLENGE, new).url == CHALLENGE
    client.get(CHALLENGE)
    app = AuthenticatorApp(key_on(client.page(CHALLENGE)))
    assert client.get("/account/").status_code == 302
    assert client.post(CHALLENGE, {"code": app.first_code()}).url == "/account/activity/"
