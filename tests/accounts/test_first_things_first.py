"""Whoever has proved a password and must first confirm an address or choose another one is led there, with a code."""

from __future__ import annotations

import json

import pytest

from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy

CHALLENGE = "/login/challenge/"


@pytest.mark.parametrize(
    ("code", "to", "words", "sends"),
    [
        (
            "UserNotConfirmedException",
            "/verify-code/",
            "Confirm your email first, then you’re in. We sent you a new code.",
            "ResendConfirmationCode",
        ),
        (
            "PasswordResetRequiredException",
            "/password/reset/",
            "choose a new password before you sign in. We sent a code to a***@e***.",
            "ForgotPassword",
        ),
    ],
)
def test_whoever_has_something_to_do_first_is_led_there_and_sent_a_code(
    halfway: CheckedClient, cognito: FaultProxy, code: str, to: str, words: str, sends: str
) -> None:
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error(code))
    assert halfway.post(CHALLENGE, {"code": "123456"}).url == to
    page = halfway.page(to)
    assert words in page.words
    assert cognito.calls[sends] == 1
    assert page.all("a", href="/login/?next=%2Faccount%2Fsessions%2F")
    assert halfway.get(CHALLENGE).url == "/login/?again=1"


@pytest.mark.parametrize(
    ("target", "hint"),
    [
        ("a***@e***", "Check your spam folder, or ask for a new code. Only the newest one works."),
        ("+*******42", "A text message can take a few minutes. You can ask for a new code."),
        ("", "Accounts that use email as a second step can’t be reset this way"),
    ],
)
def test_nobody_is_told_that_a_code_cannot_come_whose_code_was_sent(
    halfway: CheckedClient, cognito: FaultProxy, target: str, hint: str
) -> None:
    sent = {"CodeDeliveryDetails": {"Destination": target, "DeliveryMedium": "EMAIL" if "@" in target else "SMS"}}
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error("PasswordResetRequiredException"))
    cognito.fail("ForgotPassword", fault_proxy.answered(200, json.dumps(sent).encode()))
    halfway.post(CHALLENGE, {"code": "123456"})
    words = halfway.page("/password/reset/").words
    assert hint in words
    assert ("can’t be reset this way" in words) is (not target)


@pytest.mark.parametrize(
    ("code", "to", "sends"),
    [
        ("UserNotConfirmedException", "/verify-code/", "ResendConfirmationCode"),
        ("PasswordResetRequiredException", "/password/reset/", "ForgotPassword"),
    ],
)
def test_where_no_code_could_be_sent_the_page_does_not_say_so(
    halfway: CheckedClient, cognito: FaultProxy, code: str, to: str, sends: str
) -> None:
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error(code))
    cognito.fail(sends, fault_proxy.server_error())
    halfway.post(CHALLENGE, {"code": "123456"})
    page = halfway.page(to)
    assert "Ask for a new code to do so." in page.words
    assert "We sent you a new code" not in page.words
    assert "We sent a code to" not in page.words
