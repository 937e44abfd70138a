"""Proving the address: every wrong way says the same, and a new code is a click with a pause."""

from __future__ import annotations

import json
import re
import time

import pytest
import time_machine
from pytest_django import Settings

from accounts import activity_words, limits
from accounts.models import Activity
from tests import fault_proxy
from tests.checked_client import CheckedClient, answer
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, Person, another, new_email
from tests.markup import Page
from tests.second_factors import with_app

FORGED = json.dumps(
    {"AuthenticationResult": {"IdToken": "header.payload.x", "AccessToken": "header.payload.y", "ExpiresIn": 300}}
).encode()


@pytest.fixture
def email(client: CheckedClient, pool: LocalPool) -> str:
    """The address of somebody who has just registered in `client` and was sent a code."""
    email = new_email()
    response = client.post("/register/", {"email": email, "password1": PASSWORD, "password2": PASSWORD})
    assert response.url == "/verify-code/"
    return email


def refusal(client: CheckedClient, **data: str) -> str:
    response = client.post("/verify-code/", data)
    assert response.status_code == 200
    return Page.of(response.content).error_of("code")


def later(seconds: float) -> time_machine.travel:
    return time_machine.travel(time.time() + seconds)


def test_the_right_code_confirms_the_account(client: CheckedClient, pool: LocalPool, email: str) -> None:
    assert client.post("/verify-code/", {"code": pool.code(email)}).status_code == 302
    assert pool.status(email) == "CONFIRMED"
    assert pool.attributes(email)["email_verified"] == "true"


def test_after_confirming_the_newcomer_is_signed_in(client: CheckedClient, pool: LocalPool, email: str) -> None:
    response = client.post("/verify-code/", {"code": pool.code(email)})
    assert response.url == "/account/"
    assert email in client.page("/account/").words
    assert [activity_words.words(row) for row in Activity.objects.all()] == ["Verified email", "Created the account"]


@pytest.mark.parametrize(
    ("fault", "message", "level"),
    [
        (fault_proxy.server_error(), "not signed in after a confirmation", "WARNING"),
        (fault_proxy.aws_error("NotAuthorizedException"), "not signed in after a confirmation", "WARNING"),
        (fault_proxy.answered(200, FORGED), "token refused after a confirmation", "ERROR"),
    ],
)
def test_what_keeps_a_confirmed_newcomer_from_coming_in_is_logged(
    client: CheckedClient,
    pool: LocalPool,
    cognito: FaultProxy,
    email: str,
    caplog: pytest.LogCaptureFixture,
    fault: fault_proxy.Fault,
    message: str,
    level: str,
) -> None:
    cognito.fail("InitiateAuth", fault)
    assert client.post("/verify-code/", {"code": pool.code(email)}).url == "/login/"
    line = next(record for record in caplog.records if record.message == message)
    assert line.levelname == level
    assert re.match("[A-Z][A-Za-z]+ operation=", vars(line)["error"])
    # What a line has besides its sentence, too.
    assert "header.payload" not in str([vars(record) for record in caplog.records])
    assert pool.status(email) == "CONFIRMED"


def test_where_cognito_hands_out_no_session_the_sign_in_page_comes_next(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy, email: str
) -> None:
    cognito.fail("InitiateAuth", fault_proxy.aws_error("NotAuthorizedException"))
    response = client.post("/verify-code/", {"code": pool.code(email)})
    assert response.url == "/login/"
    page = client.page("/login/")
    assert page.field("username")["value"] == email
    assert "confirmed" in page.words


def test_a_wrong_code_is_refused(client: CheckedClient, pool: LocalPool, email: str) -> None:
    assert "didn’t work" in refusal(client, code=another(pool.code(email)))
    assert pool.status(email) == "UNCONFIRMED"


def test_a_wrong_code_is_not_shown_again(client: CheckedClient, pool: LocalPool, email: str) -> None:
    code = another(pool.code(email))
    assert code not in client.post("/verify-code/", {"code": code}).content.decode()


@pytest.mark.parametrize("separator", [" ", "-", "\N{EN DASH}", "\N{NO-BREAK SPACE}"])
def test_a_code_may_be_typed_in_groups(client: CheckedClient, pool: LocalPool, email: str, separator: str) -> None:
    code = pool.code(email)
    client.post("/verify-code/", {"code": f" {code[:3]}{separator}{code[3:]} "})
    assert pool.status(email) == "CONFIRMED"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("", "Enter the code"),
        ("abcdef", "digits only"),
        ("12345O", "digits only"),
        ("١٢٣٤٥٦", "digits only"),
        ("123", "That’s three digits. The code has six."),
        ("12345678901", "That’s 11 digits. The code has six."),
    ],
)
def test_what_cannot_be_a_code_is_told_apart(
    client: CheckedClient, cognito: FaultProxy, email: str, code: str, words: str
) -> None:
    assert words in refusal(client, code=code)
    assert cognito.calls["ConfirmSignUp"] == 0


@pytest.mark.parametrize(
    "code", ["CodeMismatchException", "ExpiredCodeException", "NotAuthorizedException", "UserNotFoundException"]
)
def test_whatever_is_wrong_the_answer_is_one(cognito: FaultProxy, pool: LocalPool, code: str) -> None:
    cognito.fail("ConfirmSignUp", fault_proxy.aws_error("CodeMismatchException"), times=1)
    data = {"username": "ada@example.com", "code": "123456"}
    usual = answer(CheckedClient().post("/verify-code/", data))
    cognito.fail("ConfirmSignUp", fault_proxy.aws_error(code, "canary words of AWS"), times=1)
    assert answer(CheckedClient().post("/verify-code/", data)) == usual


def test_five_kinds_of_account_get_one_answer(pool: LocalPool, person: Person) -> None:
    unconfirmed = new_email()
    CheckedClient().post("/register/", {"email": unconfirmed, "password1": PASSWORD, "password2": PASSWORD})
    wrong = another(pool.code(unconfirmed))
    names = [unconfirmed, person.email, new_email("nobody"), pool.invited().email]
    answers = {
        answer(CheckedClient().post("/verify-code/", {"username": name, "code": wrong}), name)[2] for name in names
    }
    assert len(answers) == 1


def test_asking_for_a_new_code_says_the_same_to_all(pool: LocalPool, person: Person) -> None:
    unconfirmed = new_email()
    CheckedClient().post("/register/", {"email": unconfirmed, "password1": PASSWORD, "password2": PASSWORD})
    pages = []
    for name in (unconfirmed, person.email, new_email("nobody"), pool.invited().email):
        browser = CheckedClient()
        sent = answer(browser.post("/verify-code/resend/", {"username": name}), name)
        pages.append((sent, answer(browser.get("/verify-code/"), name)))
    assert pages[0] == pages[1] == pages[2] == pages[3]


@pytest.mark.parametrize("code", ["TooManyFailedAttemptsException", "LimitExceededException"])
def test_too_many_tries_are_told_like_a_wrong_code(
    client: CheckedClient, cognito: FaultProxy, email: str, code: str
) -> None:
    wrong = refusal(client, code="123456")
    cognito.fail("ConfirmSignUp", fault_proxy.aws_error(code))
    assert refusal(client, code="123456") == wrong


def test_after_too_many_tries_even_the_right_code_is_refused(
    client: CheckedClient, pool: LocalPool, email: str
) -> None:
    code = pool.code(email)
    for _ in range(5):
        refusal(client, code=another(code))
    assert client.post("/verify-code/", {"code": code}).status_code == 429
    assert pool.status(email) == "UNCONFIRMED"


def test_guesses_end_before_cognito_says_so(client: CheckedClient, cognito: FaultProxy, email: str) -> None:
    answers = [client.post("/verify-code/", {"code": "123456"}).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]
    assert cognito.calls["ConfirmSignUp"] == 5


def test_guesses_at_no_account_end_just_so(pool: LocalPool, cognito: FaultProxy) -> None:
    data = {"username": new_email("nobody"), "code": "123456"}
    answers = [CheckedClient().post("/verify-code/", data).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


def test_a_new_code_may_be_guessed_at_afresh(pool: LocalPool, email: str) -> None:
    for _ in range(5):
        CheckedClient().post("/verify-code/", {"username": email, "code": "123456"})
    CheckedClient().post("/verify-code/resend/", {"username": email})
    CheckedClient().post("/verify-code/", {"username": email, "code": pool.code(email)})
    assert pool.status(email) == "CONFIRMED"


def test_guesses_end_before_cognitos_hourly_budget(cognito: FaultProxy, email: str) -> None:
    cognito.fail("ConfirmSignUp", fault_proxy.aws_error("CodeMismatchException"))
    for _ in range(4):
        for _ in range(5):
            CheckedClient().post("/verify-code/", {"username": email, "code": "123456"})
        limits.clear(email, limits.GUESSES_BY_NAME)
    assert cognito.calls["ConfirmSignUp"] == limits.VERIFY_BY_NAME.most


def test_another_browser_confirms_by_typing_the_name(pool: LocalPool, email: str) -> None:
    other = CheckedClient()
    assert other.page("/verify-code/").one("input", id="id_username")
    other.post("/verify-code/", {"username": email, "code": pool.code(email)})
    assert pool.status(email) == "CONFIRMED"


def test_this_browser_is_not_asked_for_the_name(client: CheckedClient, email: str) -> None:
    page = client.page("/verify-code/")
    assert [field for field in page.all("input") if field["name"] == "username"] == []
    assert email in page.words


def test_a_name_sent_along_does_not_replace_the_pending_one(client: CheckedClient, pool: LocalPool, email: str) -> None:
    stranger = new_email()
    CheckedClient().post("/register/", {"email": stranger, "password1": PASSWORD, "password2": PASSWORD})
    client.post("/verify-code/", {"username": stranger, "code": pool.code(stranger)})
    assert pool.status(stranger) == "UNCONFIRMED"


def test_a_new_code_replaces_the_old_one(client: CheckedClient, pool: LocalPool, email: str) -> None:
    old = pool.code(email)
    with later(31):
        assert client.post("/verify-code/resend/").url == "/verify-code/"
        new = pool.code(email, after=1)
        if old != new:
            refusal(client, code=old)
            assert pool.status(email) == "UNCONFIRMED"
        client.post("/verify-code/", {"code": new})
    assert pool.status(email) == "CONFIRMED"


def test_a_new_code_has_to_wait_a_moment(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy, email: str
) -> None:
    client.post("/verify-code/resend/")
    assert cognito.calls["ResendConfirmationCode"] == 0
    assert "seconds" in client.page("/verify-code/").words


def test_the_page_says_how_long_to_wait_before_it_is_asked(client: CheckedClient, email: str) -> None:
    def waits() -> list[str]:
        return [button["data-wait"] for button in client.page("/verify-code/").all("button") if button["data-wait"]]

    assert [0 < int(seconds) <= 30 for seconds in waits()] == [True]
    with later(31):
        assert waits() == []


def test_a_double_click_sends_one_mail(pool: LocalPool, cognito: FaultProxy, email: str) -> None:
    browser = CheckedClient()
    for _ in range(2):
        browser.post("/verify-code/resend/", {"username": email})
    assert cognito.calls["ResendConfirmationCode"] == 1


def test_new_codes_end_before_cognitos_budget(pool: LocalPool, cognito: FaultProxy, email: str) -> None:
    answers = [CheckedClient().post("/verify-code/resend/", {"username": email}).status_code for _ in range(6)]
    # One was sent when the account was made.
    most = limits.RESEND_BY_NAME.most - 1
    assert answers == [302] * most + [429] * (6 - most)
    assert cognito.calls["ResendConfirmationCode"] == most


def test_a_new_code_is_asked_for_by_post_only(client: CheckedClient, pool: LocalPool) -> None:
    assert client.get("/verify-code/resend/").status_code == 405


def test_a_new_code_for_nobody_is_not_sent(client: CheckedClient, pool: LocalPool, cognito: FaultProxy) -> None:
    page = Page.of(client.post("/verify-code/resend/", {"code": "12"}).content)
    assert page.summary() == "There is a problem Enter your email."
    assert page.error_of("code") == ""
    assert cognito.calls["ResendConfirmationCode"] == 0


def test_a_wrong_address_can_be_corrected(client: CheckedClient, pool: LocalPool, email: str) -> None:
    link = next(a for a in client.page("/verify-code/").all("a") if "correct" in a["href"])
    page = client.page(link["href"])
    assert page.field("email")["value"] == email
    right = new_email("right")
    client.post("/register/", {"email": right, "password1": PASSWORD, "password2": PASSWORD})
    client.post("/verify-code/", {"code": pool.code(right)})
    assert pool.status(right) == "CONFIRMED"


def test_confirming_twice_does_not_frighten(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy, email: str
) -> None:
    cognito.fail("ConfirmSignUp", fault_proxy.closed_after(), times=1)
    assert client.post("/verify-code/", {"code": pool.code(email)}).status_code == 503
    assert pool.status(email) == "CONFIRMED"
    page = Page.of(client.post("/verify-code/", {"code": pool.code(email)}).content)
    assert any(link["href"] == "/login/" for link in page.all("a"))


def test_an_outage_keeps_the_pending_registration(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy, email: str
) -> None:
    cognito.fail("ConfirmSignUp", fault_proxy.server_error(), times=1)
    assert client.post("/verify-code/", {"code": pool.code(email)}).status_code == 503
    assert client.post("/verify-code/", {"code": pool.code(email)}).status_code == 302


def test_the_code_field_is_made_for_codes(client: CheckedClient, email: str) -> None:
    field = client.page("/verify-code/").field("code")
    assert (field["type"], field["inputmode"], field["autocomplete"]) == ("text", "numeric", "one-time-code")
    assert "maxlength" not in field


def register(client: CheckedClient, next_url: str) -> str:
    email = new_email()
    data = {"email": email, "password1": PASSWORD, "password2": PASSWORD}
    client.post("/register/", data, query_params={"next": next_url})
    return email


def test_where_the_newcomer_was_going_is_kept(client: CheckedClient, pool: LocalPool) -> None:
    email = register(client, "/account/security/")
    assert client.post("/verify-code/", {"code": pool.code(email)}).url == "/account/security/"


@pytest.mark.parametrize("bad", ["//evil.example", "https://evil.example/", "javascript:alert(1)", "/\\evil.example"])
def test_a_newcomer_is_not_sent_to_another_site(client: CheckedClient, pool: LocalPool, bad: str) -> None:
    email = register(client, bad)
    assert client.post("/verify-code/", {"code": pool.code(email)}).url == "/account/"


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/verify-code/", "Enter your username and the code we emailed you."),
        ("/password/reset/", "Enter what you sign in with, the code we sent you, and a new password."),
    ],
)
def test_nobody_is_asked_for_an_email_who_signs_in_by_user_name(
    client: CheckedClient, pool: LocalPool, settings: Settings, path: str, sentence: str
) -> None:
    settings.COGNITO = {**settings.COGNITO, "SIGN_IN_WITH": "username"}
    words = client.page(path).words
    assert sentence in words
    assert "Enter your email" not in words


def test_no_code_is_claimed_where_strangers_have_spent_the_names(
    client: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    app = with_app(pool, person)
    for _ in range(limits.RESEND_BY_NAME.most):
        CheckedClient().post("/verify-code/resend/", {"username": person.email})
    client.post("/login/", {"username": person.email, "password": PASSWORD})
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error("UserNotConfirmedException"), times=1)
    assert client.post("/login/challenge/", {"code": app.code()}).url == "/verify-code/"
    words = client.page("/verify-code/").words
    assert "Ask for a new code, then enter it here." in words
    assert "We sent" not in words
