"""The steps between a password and being signed in: nothing is skipped, replayed or steered (R13, R19-R21, F22)."""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyotp
import pytest
import time_machine
from django.db import connections
from pytest_django import Settings

from accounts.models import Session, User
from accounts.pending import PendingChallenge
from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, Person, another
from tests.markup import Page

NEW_PASSWORD = "Quite-another-2"
NUMBER = "+4915112345678"


@pytest.fixture
def app(pool: LocalPool, person: Person) -> pyotp.TOTP:
    """Ada's authenticator app."""
    return pool.with_app(person)


def begin(client: CheckedClient, person: Person, **data: str) -> Page:
    """Type the password, and return the page with the question."""
    response = client.post("/login/", {"username": person.email, "password": person.password, **data})
    assert response.url == "/login/challenge/", response.url
    return client.page("/login/challenge/")


def respond(client: CheckedClient, **data: str) -> Any:
    return client.post("/login/challenge/", data)


def refusal(client: CheckedClient, **data: str) -> Page:
    response = respond(client, **data)
    assert response.status_code == 200
    return Page.of(response.content)


def is_signed_in(client: CheckedClient) -> bool:
    return bool(client.get("/account/").status_code == 200)


def fresh_code(app: pyotp.TOTP) -> str:
    """Return a code the app has not shown yet: one that was used is not taken again."""
    return app.at(int(time.time()) + 30)


def test_the_apps_code_leads_in(client: CheckedClient, person: Person, app: pyotp.TOTP) -> None:
    page = begin(client, person)
    assert "authenticator app" in page.words
    assert respond(client, code=fresh_code(app)).url == "/account/"
    assert is_signed_in(client)


def test_r19_the_password_alone_does_not(client: CheckedClient, person: Person, app: pyotp.TOTP) -> None:
    begin(client, person)
    assert not is_signed_in(client)
    assert not User.objects.exists()
    assert not Session.objects.exclude(user=None).exists()


@pytest.mark.parametrize("path", ["/account/", "/account/security/", "/account/data/", "/admin/"])
def test_r19_a_pending_question_opens_no_page(
    client: CheckedClient, person: Person, app: pyotp.TOTP, path: str
) -> None:
    begin(client, person)
    assert client.get(path).status_code == 302


def test_a_wrong_code_can_be_corrected(client: CheckedClient, person: Person, app: pyotp.TOTP) -> None:
    begin(client, person)
    code = fresh_code(app)
    assert "not the code" in refusal(client, code=another(code)).error_of("code")
    assert not is_signed_in(client)
    assert respond(client, code=code).url == "/account/"


def test_r8_guesses_end_before_cognito(
    client: CheckedClient, person: Person, app: pyotp.TOTP, cognito: FaultProxy
) -> None:
    begin(client, person)
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error("CodeMismatchException"))
    statuses = [respond(client, code="123456").status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    assert cognito.calls["RespondToAuthChallenge"] == 10


def test_r20_nothing_sent_by_the_browser_steers_the_step(
    client: CheckedClient, person: Person, app: pyotp.TOTP, pool: LocalPool
) -> None:
    bob = pool.person()
    begin(client, person)
    forged = {
        "username": bob.email,
        "USERNAME": bob.email,
        "session": "x" * 30,
        "challenge": "SMS_MFA",
        "name": "SMS_MFA",
    }
    respond(client, code=fresh_code(app), **forged)
    assert person.email in client.page("/account/").words


def test_r20_the_page_holds_nothing_of_cognitos(client: CheckedClient, person: Person, app: pyotp.TOTP) -> None:
    page = begin(client, person)
    hidden = {element["name"] for element in page.all("input", type="hidden")}
    assert hidden <= {"csrfmiddlewaretoken"}
    assert person.sub not in page.html


def test_r20_one_persons_question_is_not_answered_by_anothers_code(
    client: CheckedClient, person: Person, app: pyotp.TOTP, pool: LocalPool
) -> None:
    bobs = pool.with_app(pool.person())
    begin(client, person)
    assert refusal(client, code=fresh_code(bobs)).error_of("code")
    assert not is_signed_in(client)


def test_r21_an_old_question_is_not_sent_to_cognito(
    client: CheckedClient, person: Person, app: pyotp.TOTP, cognito: FaultProxy
) -> None:
    begin(client, person, next="/account/activity/")
    with time_machine.travel(time.time() + PendingChallenge.AGE + 5):
        response = respond(client, code=fresh_code(app))
    assert response.url.startswith("/login/")
    assert cognito.calls["RespondToAuthChallenge"] == 0
    assert "Sign in again" in client.page("/login/").words


@pytest.mark.parametrize("code", ["NotAuthorizedException", "ExpiredCodeException"])
def test_r21_a_spent_session_starts_again_with_the_name(
    client: CheckedClient, person: Person, app: pyotp.TOTP, cognito: FaultProxy, code: str
) -> None:
    begin(client, person, next="/account/activity/")
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error(code))
    response = respond(client, code="123456")
    assert response.url == "/login/?next=%2Faccount%2Factivity%2F"
    page = client.page(response.url)
    assert page.field("username")["value"] == person.email
    assert page.field("password")["value"] == ""
    assert "took too long" in page.words


def test_without_a_question_there_is_nothing_to_answer(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy
) -> None:
    assert client.get("/login/challenge/").url == "/login/"
    assert respond(client, code="123456").url == "/login/"
    assert cognito.calls["RespondToAuthChallenge"] == 0


def test_r13_the_session_changes_with_the_last_step(client: CheckedClient, person: Person, app: pyotp.TOTP) -> None:
    begin(client, person)
    before = client.session_cookie
    respond(client, code=fresh_code(app))
    assert client.session_cookie != before
    assert not Session.objects.filter(session_key=before).exists()


def test_r51_where_to_go_survives_the_steps(client: CheckedClient, person: Person, app: pyotp.TOTP) -> None:
    begin(client, person, next="/account/sessions/")
    assert respond(client, code=fresh_code(app)).url == "/account/sessions/"


def test_r51_a_bad_place_to_go_does_not(client: CheckedClient, person: Person, app: pyotp.TOTP) -> None:
    begin(client, person, next="//evil.example/")
    assert respond(client, code=fresh_code(app), next="//evil.example/").url == "/account/"


def test_f22_a_double_click_on_the_last_step_ends_signed_in(
    client: CheckedClient, person: Person, app: pyotp.TOTP
) -> None:
    begin(client, person)
    code = fresh_code(app)
    assert [respond(client, code=code).url for _ in range(2)] == ["/account/", "/account/"]


@pytest.mark.django_db(transaction=True)
def test_f22_two_answers_at_once_end_signed_in(pool: LocalPool, person: Person, app: pyotp.TOTP) -> None:
    first = CheckedClient()
    begin(first, person)
    code = fresh_code(app)

    def send(browser: CheckedClient) -> str:
        try:
            return str(respond(browser, code=code).url)
        finally:
            connections.close_all()

    browsers = [CheckedClient(), CheckedClient()]
    for browser in browsers:
        browser.cookies["sessionid"] = first.session_cookie
    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(send, browsers)) == ["/account/", "/account/"]
    assert all(is_signed_in(browser) for browser in browsers)


@pytest.mark.parametrize(
    "fault",
    [fault_proxy.server_error(), fault_proxy.html_success(), fault_proxy.empty(), fault_proxy.closed_before()],
    ids=["500", "page", "nothing", "closed"],
)
def test_f2_an_outage_lets_nobody_in_and_keeps_the_question(
    client: CheckedClient, person: Person, app: pyotp.TOTP, cognito: FaultProxy, fault: fault_proxy.Fault
) -> None:
    begin(client, person)
    cognito.fail("RespondToAuthChallenge", fault, times=1)
    assert respond(client, code=fresh_code(app)).status_code == 503
    assert not is_signed_in(client)
    assert cognito.calls["RespondToAuthChallenge"] == 1
    assert respond(client, code=fresh_code(app)).url == "/account/"


def test_f3_an_answer_that_was_lost_starts_again(
    client: CheckedClient, person: Person, app: pyotp.TOTP, cognito: FaultProxy
) -> None:
    begin(client, person)
    cognito.fail("RespondToAuthChallenge", fault_proxy.closed_after(), times=1)
    code = fresh_code(app)
    assert respond(client, code=code).status_code == 503
    assert respond(client, code=code).url.startswith("/login/")
    assert not is_signed_in(client)


def test_a_mailed_code_leads_in(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    pool.with_codes_by(person, "Email")
    page = begin(client, person)
    assert "e-mail" in page.words
    assert person.email not in page.one("main").text
    assert respond(client, code=pool.code(person.email)).url == "/account/"


def test_a_texted_code_leads_in(client: CheckedClient, pool: LocalPool) -> None:
    person = pool.person(phone_number=NUMBER, phone_number_verified="true")
    before = len(pool.mails(NUMBER))
    pool.with_codes_by(person, "SMS")
    page = begin(client, person)
    assert "text message" in page.words
    assert NUMBER not in page.html
    assert respond(client, code=pool.code(NUMBER, after=before)).url == "/account/"


def test_with_two_factors_the_person_chooses(client: CheckedClient, pool: LocalPool) -> None:
    person = pool.person(phone_number=NUMBER, phone_number_verified="true")
    pool.with_codes_by(person, "Email", "SMS")
    page = begin(client, person)
    choices = [radio["value"] for radio in page.all("input", type="radio")]
    assert set(choices) == {"EMAIL_OTP", "SMS_MFA"}
    assert not any("checked" in radio for radio in page.all("input", type="radio"))
    assert refusal(client).error_of("answer").endswith("Choose one.")
    assert respond(client, answer="EMAIL_OTP").url == "/login/challenge/"
    assert respond(client, code=pool.code(person.email)).url == "/account/"


def test_a_factor_that_was_not_offered_cannot_be_chosen(client: CheckedClient, pool: LocalPool) -> None:
    person = pool.person(phone_number=NUMBER, phone_number_verified="true")
    pool.with_codes_by(person, "Email", "SMS")
    begin(client, person)
    assert refusal(client, answer="SOFTWARE_TOKEN_MFA").error_of("answer")


def test_a_first_password_has_to_be_replaced(client: CheckedClient, pool: LocalPool) -> None:
    person = pool.invited()
    page = begin(client, person)
    assert "Choose your own password" in page.words
    answered = respond(client, new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD)
    assert answered.url == "/account/"
    assert pool.status(person.email) == "CONFIRMED"
    assert CheckedClient().post("/login/", {"username": person.email, "password": PASSWORD}).status_code == 200


@pytest.mark.parametrize(
    ("first", "second", "field"),
    [("weak", "weak", "new_password1"), (NEW_PASSWORD, "Different-2", "new_password2"), ("", "", "new_password1")],
)
def test_a_first_password_is_not_replaced_by_a_weak_one(
    client: CheckedClient, pool: LocalPool, first: str, second: str, field: str
) -> None:
    person = pool.invited()
    begin(client, person)
    assert refusal(client, new_password1=first, new_password2=second).error_of(field)
    assert pool.status(person.email) == "FORCE_CHANGE_PASSWORD"
    assert not is_signed_in(client)


def test_a_new_password_cognito_refuses_is_told_at_its_field(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy
) -> None:
    begin(client, pool.invited())
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error("InvalidPasswordException", "canary"), times=1)
    page = refusal(client, new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD)
    assert page.error_of("new_password1")
    assert "canary" not in page.html
    assert respond(client, new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD).url == "/account/"


def challenge(name: str, **parameters: str) -> fault_proxy.Fault:
    """Answer with a question that the local AWS would not ask."""
    answer = {"ChallengeName": name, "Session": "s" * 40, "ChallengeParameters": parameters}
    return fault_proxy.answered(200, json.dumps(answer).encode())


def test_missing_attributes_are_asked_for_and_sent_under_their_names(
    client: CheckedClient, person: Person, cognito: FaultProxy
) -> None:
    asked = json.dumps(["userAttributes.given_name"])
    cognito.fail("InitiateAuth", challenge("NEW_PASSWORD_REQUIRED", requiredAttributes=asked))
    page = begin(client, person)
    assert page.field("given_name")["autocomplete"] == "given-name"
    assert refusal(client, new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD).error_of("given_name")
    assert cognito.calls["RespondToAuthChallenge"] == 0


@pytest.mark.parametrize("name", ["DEVICE_SRP_AUTH", "BRAND_NEW_CHALLENGE", "PASSWORD_SRP"])
def test_a_question_nobody_knows_gets_a_page_that_explains(
    client: CheckedClient, person: Person, cognito: FaultProxy, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    cognito.fail("InitiateAuth", challenge(name))
    page = begin(client, person)
    assert "not available here" in page.words
    assert name in str([vars(record) for record in caplog.records])
    assert page.all("form", action="") == []
    assert not is_signed_in(client)


def test_a_question_of_the_pools_own_is_shown_and_answered(
    client: CheckedClient, person: Person, cognito: FaultProxy
) -> None:
    cognito.fail("InitiateAuth", challenge("CUSTOM_CHALLENGE", question="Which bird sings first?"))
    assert "Which bird sings first?" in begin(client, person).words
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error("NotAuthorizedException"))
    assert respond(client, answer="The nightingale").url == "/login/"


def test_mfa_that_is_required_is_set_up_within_the_sign_in(
    client: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    config = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
    before = pool.root.get_user_pool_mfa_config(UserPoolId=pool.id)
    restored = {key: before[key] for key in before if key.endswith("Configuration")}
    pool.root.set_user_pool_mfa_config(UserPoolId=pool.id, MfaConfiguration="ON", **config)
    try:
        client.post("/login/", {"username": person.email, "password": person.password})
        client.get("/login/challenge/")
        page = client.page("/login/challenge/")
        key = page.one("code", id="totp-key").text
        assert re.fullmatch(r"([A-Z2-7]{4} )+[A-Z2-7]{1,4}", key.strip())
        app = pyotp.TOTP(key.replace(" ", ""))
        again = refusal(client, code=another(app.now()))
        assert "clock" in again.error_of("code")
        assert again.one("code", id="totp-key").text == key
        assert respond(client, code=app.now()).url == "/account/"
    finally:
        pool.root.set_user_pool_mfa_config(UserPoolId=pool.id, **restored)


def test_choosing_a_way_in_leads_to_a_mailed_code(
    client: CheckedClient, pool: LocalPool, person: Person, settings: Settings
) -> None:
    settings.COGNITO = {**settings.COGNITO, "AUTH_FLOW": "USER_AUTH"}
    assert client.post("/login/options/", {"username": person.email}).url == "/login/challenge/"
    page = client.page("/login/challenge/")
    assert {"EMAIL_OTP", "PASSWORD"} <= {radio["value"] for radio in page.all("input", type="radio")}
    assert respond(client, answer="EMAIL_OTP").url == "/login/challenge/"
    assert respond(client, code=pool.code(person.email)).url == "/account/"


def test_choosing_the_password_asks_for_it(
    client: CheckedClient, pool: LocalPool, person: Person, settings: Settings
) -> None:
    settings.COGNITO = {**settings.COGNITO, "AUTH_FLOW": "USER_AUTH"}
    client.post("/login/options/", {"username": person.email})
    assert respond(client, answer="PASSWORD").url == "/login/challenge/"
    assert client.page("/login/challenge/").field("password")["autocomplete"] == "current-password"
    assert respond(client, password=person.password).url == "/account/"


@pytest.mark.parametrize("flow", ["USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_AUTH"])
def test_every_flow_leads_through_the_second_step(
    client: CheckedClient, person: Person, app: pyotp.TOTP, settings: Settings, flow: str
) -> None:
    settings.COGNITO = {**settings.COGNITO, "AUTH_FLOW": flow}
    begin(client, person)
    assert refusal(client, code=another(fresh_code(app))).error_of("code")
    assert respond(client, code=fresh_code(app)).url == "/account/"


@pytest.mark.parametrize("flow", ["USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_AUTH"])
def test_every_flow_refuses_a_wrong_password(
    client: CheckedClient, person: Person, settings: Settings, flow: str
) -> None:
    settings.COGNITO = {**settings.COGNITO, "AUTH_FLOW": flow}
    response = client.post("/login/", {"username": person.email, "password": "Wrong-horse-1"})
    assert response.status_code == 200
    assert not is_signed_in(client)
