"""Between the password and being in: nothing can be skipped, replayed or steered from the browser."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

import pytest
import time_machine

from accounts import limits
from accounts.cognito.challenges import ChallengeName
from accounts.models import Activity, Session
from accounts.sessions.pending import PendingChallenge
from accounts.urls import urlpatterns as account_urls
from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.markup import Page
from tests.second_factors import AuthenticatorApp, with_app

CHALLENGE = "/login/challenge/"


def password_typed(client: CheckedClient, person: Person, **data: str) -> Any:
    return client.post("/login/", {"username": person.email, "password": person.password, **data})


def question(cognito: FaultProxy, name: str, ways: list[str] | None = None, **parameters: str) -> None:
    answer = {
        "ChallengeName": name,
        "Session": "s" * 32,
        "ChallengeParameters": parameters,
        "AvailableChallenges": ways or [],
    }
    cognito.fail("InitiateAuth", fault_proxy.answered(200, json.dumps(answer).encode()), times=1)


def test_the_code_leads_in_and_where_the_person_was_going(halfway: CheckedClient, app: AuthenticatorApp) -> None:
    assert halfway.post(CHALLENGE, {"code": app.code()}).url == "/account/sessions/"
    assert halfway.get("/account/").status_code == 200


def test_a_wrong_code_asks_again(halfway: CheckedClient, app: AuthenticatorApp) -> None:
    page = Page.of(halfway.post(CHALLENGE, {"code": app.wrong_code()}).content)
    assert "doesn’t match" in page.error_of("code")
    assert page.title.startswith("Error: ")
    assert halfway.post(CHALLENGE, {"code": app.code()}).status_code == 302


def test_a_wrong_code_of_another_length_is_told_how_many_digits_it_has(halfway: CheckedClient) -> None:
    page = Page.of(halfway.post(CHALLENGE, {"code": "12345"}).content)
    assert page.error_of("code") == "Error: That’s five digits. The code has six."


def test_a_wrong_code_signs_nobody_in(halfway: CheckedClient, app: AuthenticatorApp) -> None:
    halfway.post(CHALLENGE, {"code": app.wrong_code()})
    assert not Session.objects.exclude(user=None).exists()
    assert not Activity.objects.exclude(kind=Activity.Kind.SIGN_IN_REFUSED).exists()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("", "Enter the code"),
        ("12a456", "digits only"),
        ("123", "That’s three digits. The code has six."),
        ("12345678901", "That’s 11 digits. The code has six."),
    ],
)
def test_what_cannot_be_a_code_is_not_sent(halfway: CheckedClient, cognito: FaultProxy, code: str, words: str) -> None:
    page = Page.of(halfway.post(CHALLENGE, {"code": code}).content)
    assert words in page.error_of("code")
    assert cognito.calls["RespondToAuthChallenge"] == 0


def test_a_code_may_be_typed_in_groups(halfway: CheckedClient, app: AuthenticatorApp) -> None:
    code = app.code()
    assert halfway.post(CHALLENGE, {"code": f" {code[:3]} {code[3:]} "}).status_code == 302


def test_a_pending_sign_in_is_nobody(halfway: CheckedClient) -> None:
    assert "_auth_user_id" not in halfway.session
    assert halfway.get("/").wsgi_request.user.is_anonymous


def test_a_stolen_pending_session_opens_nothing(halfway: CheckedClient) -> None:
    thief = CheckedClient()
    thief.cookies["sessionid"] = halfway.session_cookie
    addresses = [f"/{pattern.pattern}" for pattern in account_urls if not pattern.pattern.converters]
    pages = [address for address in addresses if address.startswith(("/account/", "/admin/"))]
    assert len(pages) > 15
    for page in pages:
        response = thief.get(page)
        assert response.status_code == 401 or response.url.startswith("/login/?"), page


def test_the_session_of_the_password_dies_with_the_code(halfway: CheckedClient, app: AuthenticatorApp) -> None:
    stolen = CheckedClient()
    stolen.cookies["sessionid"] = halfway.session_cookie
    halfway.post(CHALLENGE, {"code": app.code()})
    assert halfway.session_cookie != stolen.session_cookie
    assert stolen.get("/account/").status_code == 302
    assert PendingChallenge.key() not in halfway.session


def test_the_form_carries_neither_name_nor_challenge_nor_session(halfway: CheckedClient, person: Person) -> None:
    page = halfway.page(CHALLENGE)
    hidden = {field["name"] for field in page.all("input", type="hidden")}
    assert hidden == {"csrfmiddlewaretoken"}
    assert person.sub not in page.html


def test_what_a_browser_names_is_not_what_counts(
    halfway: CheckedClient, pool: LocalPool, app: AuthenticatorApp, cognito: FaultProxy, person: Person
) -> None:
    victim = pool.person()
    steered = {"username": victim.email, "USERNAME": victim.sub, "session": "x" * 20, "challenge": "PASSWORD"}
    assert halfway.post(CHALLENGE, {"code": app.code(), "next": "/admin/", **steered}).url == "/account/sessions/"
    sent = cognito.last("RespondToAuthChallenge")
    assert sent["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert sent["ChallengeResponses"]["USERNAME"] == person.sub
    assert person.email in halfway.page("/account/").words


def test_another_persons_code_does_not_answer(halfway: CheckedClient, pool: LocalPool) -> None:
    mallory = pool.person()
    foreign = with_app(pool, mallory)
    page = Page.of(halfway.post(CHALLENGE, {"code": foreign.code()}).content)
    assert page.error_of("code")
    assert halfway.get("/account/").status_code == 302


def test_another_browser_has_no_question_to_answer(
    halfway: CheckedClient, app: AuthenticatorApp, cognito: FaultProxy
) -> None:
    assert CheckedClient().post(CHALLENGE, {"code": app.code()}).url == "/login/?again=1"
    assert cognito.calls["RespondToAuthChallenge"] == 0


def test_a_tampered_record_is_no_question(halfway: CheckedClient, app: AuthenticatorApp) -> None:
    session = halfway.session
    session[PendingChallenge.key()] = session[PendingChallenge.key()][:-4] + "AAAA"
    session.save()
    assert halfway.post(CHALLENGE, {"code": app.code()}).url == "/login/?again=1"


def test_a_record_of_another_key_is_no_question(halfway: CheckedClient, app: AuthenticatorApp, settings: Any) -> None:
    settings.TOKEN_KEYS = ["another-key-altogether-0123456789"]
    assert halfway.post(CHALLENGE, {"code": app.code()}).url == "/login/?again=1"


def test_an_old_question_starts_again_without_a_call(
    halfway: CheckedClient, app: AuthenticatorApp, cognito: FaultProxy
) -> None:
    with time_machine.travel(time.time() + PendingChallenge.AGE + 1):
        again = halfway.post(CHALLENGE, {"code": app.code()}).url
        assert again == "/login/?again=1&next=%2Faccount%2Fsessions%2F"
        assert "took too long" in halfway.page(again).words
    assert cognito.calls["RespondToAuthChallenge"] == 0


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("NotAuthorizedException", "Invalid session for the user, session is expired."),
        ("NotAuthorizedException", "Invalid session for the user, session can only be used once."),
        ("NotAuthorizedException", "User is disabled."),
        ("UserNotFoundException", "gone"),
    ],
)
def test_a_session_cognito_no_longer_takes_starts_again_with_the_name(
    halfway: CheckedClient, app: AuthenticatorApp, cognito: FaultProxy, person: Person, code: str, message: str
) -> None:
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error(code, message))
    response = halfway.post(CHALLENGE, {"code": app.code()})
    assert response.url == "/login/?next=%2Faccount%2Fsessions%2F"
    page = halfway.page(response.url)
    assert "Start again." in page.words
    assert page.field("username")["value"] == person.email
    assert page.one("input", name="next")["value"] == "/account/sessions/"
    assert halfway.get(CHALLENGE).url == "/login/?again=1"


def test_a_question_answered_in_one_tab_is_over_in_the_other(halfway: CheckedClient, app: AuthenticatorApp) -> None:
    halfway.page(CHALLENGE)
    halfway.post(CHALLENGE, {"code": app.code()})
    assert halfway.get(CHALLENGE).url == "/account/"
    assert halfway.post(CHALLENGE, {"code": app.wrong_code()}).url == "/account/"


def test_starting_again_replaces_the_question(halfway: CheckedClient, pool: LocalPool, cognito: FaultProxy) -> None:
    bob = pool.person()
    app = with_app(pool, bob)
    password_typed(halfway, bob)
    assert halfway.post(CHALLENGE, {"code": app.code()}).url == "/account/"
    assert bob.email in halfway.page("/account/").words


def test_five_wrong_codes_end_the_sign_in(halfway: CheckedClient, app: AuthenticatorApp) -> None:
    for _ in range(5):
        assert halfway.post(CHALLENGE, {"code": app.wrong_code()}).status_code == 200
    assert halfway.post(CHALLENGE, {"code": app.code()}).status_code == 302
    assert halfway.get("/account/").status_code == 302


def test_guesses_end_before_cognito(halfway: CheckedClient, app: AuthenticatorApp, cognito: FaultProxy) -> None:
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error("CodeMismatchException"))
    most = limits.CHALLENGE_BY_NAME.most
    answers = [halfway.post(CHALLENGE, {"code": "123456"}) for _ in range(most + 1)]
    assert [answer.status_code for answer in answers] == [200] * most + [429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert cognito.calls["RespondToAuthChallenge"] == most


def test_too_many_tries_are_told_to_wait(halfway: CheckedClient, cognito: FaultProxy) -> None:
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error("LimitExceededException"))
    page = Page.of(halfway.post(CHALLENGE, {"code": "123456"}).content)
    assert "Wait" in page.summary()
    assert "not the code" not in page.words


@pytest.mark.parametrize(
    "fault",
    [
        fault_proxy.closed_before(),
        fault_proxy.server_error(),
        fault_proxy.bad_gateway(),
        fault_proxy.html_success(),
        fault_proxy.answered(200, b"{}"),
        fault_proxy.aws_error("TooManyRequestsException"),
        fault_proxy.aws_error("OperationNotEnabledException"),
    ],
    ids=["closed", "500", "502 page", "200 page", "empty", "throttled", "other region"],
)
def test_an_outage_lets_nobody_in_and_keeps_the_question(
    halfway: CheckedClient, app: AuthenticatorApp, cognito: FaultProxy, fault: fault_proxy.Fault
) -> None:
    cognito.fail("RespondToAuthChallenge", fault, times=1)
    code = app.code()
    response = halfway.post(CHALLENGE, {"code": code})
    assert response.status_code == 503
    assert halfway.get("/account/").status_code == 302
    assert halfway.post(CHALLENGE, {"code": code}).url == "/account/sessions/"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("UserLambdaValidationException", "We can’t sign you in. The help page says who to ask."),
        ("CodeDeliveryFailureException", "We couldn’t send you a code. Try again in a few minutes."),
    ],
)
def test_what_keeps_somebody_out_is_no_outage(
    halfway: CheckedClient, app: AuthenticatorApp, cognito: FaultProxy, error: str, words: str
) -> None:
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error(error, "developer text"), times=1)
    page = Page.of(halfway.post(CHALLENGE, {"code": app.code()}).content)
    assert words in page.summary()
    assert "developer text" not in page.html
    assert halfway.get("/account/").status_code == 302


def test_an_answer_that_got_lost_starts_again(
    halfway: CheckedClient, app: AuthenticatorApp, cognito: FaultProxy
) -> None:
    cognito.fail("RespondToAuthChallenge", fault_proxy.closed_after(), times=1)
    code = app.code()
    assert halfway.post(CHALLENGE, {"code": code}).status_code == 503
    assert halfway.post(CHALLENGE, {"code": code}).url.startswith("/login/?next=")
    assert cognito.calls["RespondToAuthChallenge"] == 2


def test_a_spent_question_is_logged_with_what_cognito_said(
    halfway: CheckedClient, cognito: FaultProxy, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.sessions.double_submit.LONGEST_WAIT", 0.1)
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error("NotAuthorizedException"))
    halfway.post(CHALLENGE, {"code": "123456"})
    refused = [vars(record) for record in caplog.records if record.message == "refused"]
    assert [(line["what"], "NotAuthorizedException" in line["reason"]) for line in refused] == [("challenge", True)]


def test_a_planted_cookie_is_worth_nothing_from_the_password_on(client: CheckedClient, pool: LocalPool) -> None:
    planted, invited = CheckedClient(), pool.invited()
    planted.post("/verify-code/resend/", {"username": "mallory@example.com"})
    client.cookies["sessionid"] = planted.session_cookie
    assert password_typed(client, invited).url == CHALLENGE
    assert client.session_cookie != planted.session_cookie
    new = {"new_password1": "Mallorys-horse-1", "new_password2": "Mallorys-horse-1"}
    assert planted.get(CHALLENGE).url == planted.post(CHALLENGE, new).url == "/login/?again=1"
    assert pool.status(invited.email) == "FORCE_CHANGE_PASSWORD"


def test_a_custom_question_is_asked_in_its_own_words(
    client: CheckedClient, person: Person, cognito: FaultProxy
) -> None:
    question(cognito, "CUSTOM_CHALLENGE", question="Where did you <b>grow</b> up?", USERNAME="ada")
    password_typed(client, person)
    page = client.page(CHALLENGE)
    assert "Where did you <b>grow</b> up?" in page.words
    assert page.field("answer")["type"] == "text"
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error("NotAuthorizedException"))
    assert client.post(CHALLENGE, {"answer": " In Leith, by the sea "}).url == "/login/"
    assert cognito.last("RespondToAuthChallenge")["ChallengeResponses"]["ANSWER"] == "In Leith, by the sea"


def test_a_custom_question_asked_again_says_so(client: CheckedClient, person: Person, cognito: FaultProxy) -> None:
    question(cognito, "CUSTOM_CHALLENGE")
    password_typed(client, person)
    again = {"ChallengeName": "CUSTOM_CHALLENGE", "Session": "t" * 32, "ChallengeParameters": {}}
    cognito.fail("RespondToAuthChallenge", fault_proxy.answered(200, json.dumps(again).encode()))
    assert client.post(CHALLENGE, {"answer": "Leith"}).url == CHALLENGE
    assert "your answer wasn’t accepted" in client.page(CHALLENGE).words
    client.post(CHALLENGE, {"answer": "Portobello"})
    assert cognito.last("RespondToAuthChallenge")["Session"] == "t" * 32


@pytest.mark.parametrize("answer", ["", " ", "x" * 2049])
def test_a_custom_question_wants_an_answer(
    client: CheckedClient, person: Person, cognito: FaultProxy, answer: str
) -> None:
    question(cognito, "CUSTOM_CHALLENGE")
    password_typed(client, person)
    assert Page.of(client.post(CHALLENGE, {"answer": answer}).content).error_of("answer")
    assert cognito.calls["RespondToAuthChallenge"] == 0


@pytest.mark.parametrize("name", ["DEVICE_SRP_AUTH", "PASSWORD_VERIFIER", "NEVER_HEARD_OF_IT"])
def test_a_question_without_a_page_is_explained_and_logged(
    client: CheckedClient, person: Person, cognito: FaultProxy, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    question(cognito, name)
    password_typed(client, person, next="/account/security/")
    with caplog.at_level(logging.WARNING, "accounts"):
        page = client.page(CHALLENGE)
    assert "can’t finish this sign-in here" in page.words
    assert page.one("a", class_="button button--primary")["href"] == "/login/?next=%2Faccount%2Fsecurity%2F"
    assert any(name in str(record.__dict__) for record in caplog.records)
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("CUSTOM_CHALLENGE", "Start again"),
        ("NEVER_HEARD_OF_IT", "Back to sign-in"),
        ("WEB_AUTHN", "Use another way"),
    ],
)
def test_whoever_begins_again_finds_the_name_in_the_form_and_not_in_the_address(
    client: CheckedClient, person: Person, cognito: FaultProxy, name: str, words: str
) -> None:
    question(cognito, name)
    password_typed(client, person, next="/account/security/")
    link = next(link for link in client.page(CHALLENGE).all("a") if link.text == words)
    assert link["href"] == "/login/?next=%2Faccount%2Fsecurity%2F"
    assert client.page(link["href"]).field("username")["value"] == person.email


def test_an_answer_leaves_no_trace_in_the_log(
    halfway: CheckedClient, app: AuthenticatorApp, caplog: pytest.LogCaptureFixture
) -> None:
    code = app.wrong_code()
    with caplog.at_level(logging.INFO):
        halfway.post(CHALLENGE, {"code": code})
        good = app.code()
        halfway.post(CHALLENGE, {"code": good})
    logged = " ".join(str(record.__dict__) for record in caplog.records)
    assert "challenge" in logged
    assert code not in logged
    assert good not in logged


@pytest.mark.parametrize("name", list(ChallengeName))
def test_every_question_has_a_page_of_its_own(
    client: CheckedClient, person: Person, cognito: FaultProxy, name: str
) -> None:
    parameters = {"MFAS_CAN_CHOOSE": '["SMS_MFA", "EMAIL_OTP"]', "MFAS_CAN_SETUP": '["SOFTWARE_TOKEN_MFA"]'}
    cognito.fail(
        "AssociateSoftwareToken",
        fault_proxy.answered(200, json.dumps({"SecretCode": "JBSWY3DPEHPK3PXP", "Session": "t" * 32}).encode()),
    )
    question(cognito, name, ["PASSWORD", "EMAIL_OTP"], **parameters)
    password_typed(client, person)
    client.get(CHALLENGE)
    page = client.page(client.get(CHALLENGE).headers.get("Location", CHALLENGE))
    assert "not available" not in page.words
    assert page.all("input", type="hidden", name="csrfmiddlewaretoken")
