"""Choosing another way to sign in: before anything is proved, and among one's second steps."""

from __future__ import annotations

import itertools
import json

import pytest

from accounts import limits
from tests import fault_proxy
from tests.accounts.conftest import MovedClock
from tests.accounts.ways_in import ANOTHER_WAY, CHALLENGE, chosen, go
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, new_email
from tests.markup import Page
from tests.second_factors import ON, AuthenticatorApp, with_app, with_text_message

# Texts stay in the outbox, so that nobody may have the number of somebody before.
numbers = itertools.count(10)


def values(page: Page) -> list[str]:
    return [button["value"] for button in page.all("button", name="answer")]


def typed(client: CheckedClient, person: Person, **data: str) -> Page:
    assert client.post("/login/", {"username": person.email, "password": person.password, **data}).url == CHALLENGE
    return client.page(CHALLENGE)


def with_app_and_text(pool: LocalPool, person: Person) -> tuple[AuthenticatorApp, str]:
    number = f"+4420794607{next(numbers):02}"
    app = with_app(pool, person, preferred=False)
    with_text_message(pool, person, number)
    pool.admin("set_user_mfa_preference", person, SMSMfaSettings=ON, SoftwareTokenMfaSettings=ON)
    return app, number


def test_the_app_is_asked_for_and_another_way_costs_nothing(
    client: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    app, _number = with_app_and_text(pool, person)
    assert typed(client, person, next="/account/activity/").one("h1").text == "Enter the code from your app"
    page = client.page(ANOTHER_WAY)
    assert page.one("h1").text == "Choose another way"
    assert values(page) == ["SOFTWARE_TOKEN_MFA", "SMS_MFA"]
    assert client.post(ANOTHER_WAY, {"answer": "SOFTWARE_TOKEN_MFA"}).url == CHALLENGE
    assert cognito.calls["RespondToAuthChallenge"] == 0
    assert client.post(CHALLENGE, {"code": app.code()}).url == "/account/activity/"
    sent = [parameters["ChallengeName"] for name, parameters in cognito.sent if name == "RespondToAuthChallenge"]
    assert sent == ["SELECT_MFA_TYPE", "SOFTWARE_TOKEN_MFA"]
    assert cognito.calls["InitiateAuth"] == 1


def test_from_the_app_to_a_text_message_with_one_password(
    client: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    _app, number = with_app_and_text(pool, person)
    typed(client, person)
    assert pool.mails(number) == []
    assert client.post(ANOTHER_WAY, {"answer": "SMS_MFA"}).url == CHALLENGE
    page = client.page(CHALLENGE)
    assert page.one("h1").text == "Enter the code we texted you"
    assert f"We sent a code to the phone number ending in {number[-4:]}. It works for 15 minutes." in page.words
    assert f"A code to the phone number ending in {number[-4:]}" in client.page(ANOTHER_WAY).words
    assert client.post(CHALLENGE, {"code": pool.code(number)}).url == "/account/"
    assert cognito.calls["InitiateAuth"] == 1


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("CodeDeliveryFailureException", "We couldn’t send you a code. Use another way."),
        ("LimitExceededException", "That was tried too often. Wait an hour, then try again."),
    ],
)
def test_a_choice_that_no_code_can_be_sent_for_leaves_the_others(
    client: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy, code: str, sentence: str
) -> None:
    app, _number = with_app_and_text(pool, person)
    typed(client, person)
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error(code), times=1)
    response = client.post(ANOTHER_WAY, {"answer": "SMS_MFA"})
    assert response.status_code == 200
    page = Page.of(response.content)
    assert page.one("a", href="#id_answer").text == sentence
    assert page.one("button", id="id_answer")["value"] == "SOFTWARE_TOKEN_MFA"
    assert values(page) == ["SOFTWARE_TOKEN_MFA", "SMS_MFA"]
    assert client.post(CHALLENGE, {"code": app.code()}).url == "/account/"


def test_going_back_to_the_code_that_was_sent_sends_no_other(
    client: CheckedClient, pool: LocalPool, person: Person
) -> None:
    _app, number = with_app_and_text(pool, person)
    typed(client, person)
    for _ in range(2):
        assert client.post(ANOTHER_WAY, {"answer": "SMS_MFA"}).url == CHALLENGE
    assert len(pool.mails(number)) == 1


def test_a_choice_that_cognito_takes_no_second_time_needs_the_password_again(
    client: CheckedClient, pool: LocalPool, person: Person
) -> None:
    with_app_and_text(pool, person)
    typed(client, person, next="/account/activity/")
    client.post(ANOTHER_WAY, {"answer": "SMS_MFA"})
    assert client.post(ANOTHER_WAY, {"answer": "SOFTWARE_TOKEN_MFA"}).url == "/login/?next=%2Faccount%2Factivity%2F"
    page = client.page("/login/?next=/account/activity/")
    assert "Enter your password again to choose another way." in page.words
    assert page.field("username")["value"] == person.email


def test_a_choice_that_cognito_takes_again_leads_to_its_page(
    client: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    with_app_and_text(pool, person)
    typed(client, person)
    client.post(ANOTHER_WAY, {"answer": "SMS_MFA"})
    asked = {"ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": "s" * 32, "ChallengeParameters": {}}
    cognito.fail("RespondToAuthChallenge", fault_proxy.answered(200, json.dumps(asked).encode()), times=1)
    assert client.post(ANOTHER_WAY, {"answer": "SOFTWARE_TOKEN_MFA"}).url == CHALLENGE
    assert client.page(CHALLENGE).one("h1").text == "Enter the code from your app"


def test_a_wrong_code_of_the_app_can_be_mended(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    app, _number = with_app_and_text(pool, person)
    typed(client, person)
    page = Page.of(client.post(CHALLENGE, {"code": app.wrong_code()}).content)
    assert "Check that your phone sets its clock automatically" in page.error_of("code")
    assert client.post(CHALLENGE, {"code": app.code()}).url == "/account/"


def test_a_choice_that_is_refused_takes_as_long_as_every_refusal(
    client: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy, clock: MovedClock
) -> None:
    with_app_and_text(pool, person)
    typed(client, person)
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error("CodeDeliveryFailureException"), times=1)
    before = clock.now
    assert client.post(ANOTHER_WAY, {"answer": "SMS_MFA"}).status_code == 200
    assert clock.now >= before + clock.floor


def test_a_text_message_comes_before_a_mail(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    with_text_message(pool, person, f"+4420794607{next(numbers):02}")
    pool.admin("set_user_mfa_preference", person, SMSMfaSettings=ON, EmailMfaSettings=ON)
    assert typed(client, person).one("h1").text == "Enter the code we texted you"
    assert values(client.page(ANOTHER_WAY)) == ["SMS_MFA", "EMAIL_OTP"]
    assert pool.mails(person.email) == []


def test_the_kind_of_code_that_was_last_used_here_comes_first(
    client: CheckedClient, pool: LocalPool, person: Person
) -> None:
    _app, number = with_app_and_text(pool, person)
    typed(client, person)
    client.post(ANOTHER_WAY, {"answer": "SMS_MFA"})
    client.post(CHALLENGE, {"code": pool.code(number)})
    client.post("/logout/")
    assert typed(client, person).one("h1").text == "Enter the code we texted you"


def test_where_cognito_does_not_take_the_choice_the_person_makes_it(
    client: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    with_app_and_text(pool, person)
    client.cookies["second_step"] = "sms"
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error("CodeDeliveryFailureException"), times=1)
    client.post("/login/", {"username": person.email, "password": person.password})
    assert client.get(CHALLENGE).url == ANOTHER_WAY
    page = client.page(ANOTHER_WAY)
    assert page.one("h1").text == "Choose how to sign in"
    assert page.one("a", href="/help/#device").text == "None of these work for me"


def test_where_every_step_is_unknown_here_it_is_explained(
    client: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    parameters = {"MFAS_CAN_CHOOSE": '["CARRIER_PIGEON"]'}
    asked = {"ChallengeName": "SELECT_MFA_TYPE", "Session": "s" * 32, "ChallengeParameters": parameters}
    cognito.fail("InitiateAuth", fault_proxy.answered(200, json.dumps(asked).encode()), times=1)
    client.post("/login/", {"username": person.email, "password": person.password})
    for path in (CHALLENGE, ANOTHER_WAY):
        assert client.page(path).one("h1").text == "We can’t finish this sign-in here"
    assert cognito.calls["RespondToAuthChallenge"] == 0


def test_one_second_step_leaves_no_choice(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    with_app(pool, person)
    page = typed(client, person)
    assert page.one("a", href="/help/#device").text == "I can’t get a code"
    assert not page.all("a", href=ANOTHER_WAY)
    assert client.get(ANOTHER_WAY).url == CHALLENGE


def test_every_name_may_choose_among_the_ways_of_the_pool(client: CheckedClient, pool: LocalPool) -> None:
    go(client, new_email("nobody"), "WEB_AUTHN")
    page = client.page(ANOTHER_WAY)
    assert values(page) == ["PASSWORD", "WEB_AUTHN", "EMAIL_OTP"]
    assert "Choose how to confirm it’s you." in page.words


def test_a_choice_sent_to_the_address_of_the_questions_is_led_to_its_own(
    client: CheckedClient, pool: LocalPool
) -> None:
    go(client, new_email("nobody"), "WEB_AUTHN")
    response = client.post(CHALLENGE, {"answer": "PASSWORD"})
    assert (response.status_code, response.url) == (307, ANOTHER_WAY)
    client.post(CHALLENGE, {"answer": "PASSWORD"}, follow=True)
    assert client.page(CHALLENGE).one("h1").text == "Enter your password"


def test_nothing_to_choose_without_a_sign_in_under_way(client: CheckedClient, pool: LocalPool) -> None:
    assert client.get(ANOTHER_WAY).url == "/login/?again=1"
    assert client.post(ANOTHER_WAY, {"answer": "PASSWORD"}).url == "/login/?again=1"


def test_an_expired_first_password_says_who_can_help_there_too(
    client: CheckedClient, person: Person, cognito: FaultProxy
) -> None:
    chosen(client, person, "PASSWORD")
    message = "Temporary password has expired and must be reset by an administrator."
    cognito.fail("InitiateAuth", fault_proxy.aws_error("NotAuthorizedException", message))
    page = Page.of(client.post(CHALLENGE, {"password": person.password}).content)
    assert "Your temporary password has expired." in page.summary()


def test_the_password_may_be_chosen_after_all(client: CheckedClient, person: Person, cognito: FaultProxy) -> None:
    page = chosen(client, person, "PASSWORD", next="/account/sessions/")
    assert page.field("password")["autocomplete"] == "current-password"
    assert client.post(CHALLENGE, {"password": person.password}).url == "/account/sessions/"
    assert cognito.last("InitiateAuth")["AuthFlow"] == "USER_PASSWORD_AUTH"


def test_a_wrong_password_can_be_typed_again(client: CheckedClient, person: Person) -> None:
    chosen(client, person, "PASSWORD", next="/account/sessions/")
    page = Page.of(client.post(CHALLENGE, {"password": "Wrong-horse-1"}).content)
    assert page.error_of("password") == "Error: That email and password don’t match."
    assert client.get("/account/").status_code == 302
    assert client.post(CHALLENGE, {"password": person.password}).url == "/account/sessions/"


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


@pytest.mark.parametrize("name", ["somebody", "nobody"])
def test_choosing_again_and_again_asks_cognito_no_more_often_than_the_buttons_do(
    client: CheckedClient, person: Person, cognito: FaultProxy, name: str
) -> None:
    go(client, person.email if name == "somebody" else new_email(name), "WEB_AUTHN")
    for _ in range(limits.OPTIONS_BY_NAME.most - 1):
        assert client.post(ANOTHER_WAY, {"answer": "PASSWORD"}).url == CHALLENGE
        assert client.post(ANOTHER_WAY, {"answer": "WEB_AUTHN"}).url == CHALLENGE
    client.post(ANOTHER_WAY, {"answer": "PASSWORD"})
    assert client.post(ANOTHER_WAY, {"answer": "WEB_AUTHN"}).status_code == 429
    assert cognito.calls["InitiateAuth"] == limits.OPTIONS_BY_NAME.most
    # What asks nothing stays free.
    assert client.post(ANOTHER_WAY, {"answer": "PASSWORD"}).url == CHALLENGE


def test_choosing_the_password_asks_nothing_and_holds_no_thread(
    client: CheckedClient, person: Person, cognito: FaultProxy, clock: MovedClock
) -> None:
    go(client, person.email, "WEB_AUTHN")
    asked, before = cognito.calls["InitiateAuth"], clock.now
    assert client.post(ANOTHER_WAY, {"answer": "PASSWORD"}).url == CHALLENGE
    assert (cognito.calls["InitiateAuth"], clock.now) == (asked, before)
    client.post(ANOTHER_WAY, {"answer": "WEB_AUTHN"})
    assert clock.now >= before + clock.floor


def test_whoever_forgot_the_password_that_is_asked_for_stays_on_the_way(client: CheckedClient, person: Person) -> None:
    page = chosen(client, person, "PASSWORD", next="/account/activity/")
    forgot = [link for link in page.all("a") if link.text == "Forgot your password?"]
    assert [link["href"] for link in forgot] == ["/password/forgot/?next=%2Faccount%2Factivity%2F"]


@pytest.mark.parametrize("way", ["", "SMS_OTP", "PASSWORD_SRP", "MFA_SETUP"])
def test_a_way_that_was_not_offered_is_not_sent(
    client: CheckedClient, person: Person, cognito: FaultProxy, way: str
) -> None:
    go(client, person.email, "WEB_AUTHN")
    asked = cognito.calls["InitiateAuth"]
    page = Page.of(client.post(ANOTHER_WAY, {"answer": way}).content)
    assert "Choose one of the ways." in page.summary()
    assert (cognito.calls["InitiateAuth"], cognito.calls["RespondToAuthChallenge"]) == (asked, 0)
