"""Every question that Cognito can ask at a sign-in, in each of its states, wide and narrow, light and dark."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import expect
from pytest_django import Settings

from accounts import limits
from accounts.cognito.challenges import ChallengeName
from accounts.views import base
from tests import fault_proxy
from tests.browser.conftest import Visit
from tests.browser.states import A_WHILE, AWAY
from tests.browser.test_passkeys import Device
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy
from tests.local_pool import Person, another
from tests.other_pools import APP_ONLY, another_pool
from tests.second_factors import with_app, with_mail

WRONG = "That’s not the right code. Check it and try again."
UNKNOWN = "NEVER_HEARD_OF_IT"
HEADINGS = {
    ChallengeName.NEW_PASSWORD_REQUIRED: "Choose your own password",
    ChallengeName.SMS_MFA: "Enter the code we texted you",
    ChallengeName.SOFTWARE_TOKEN_MFA: "Enter the code from your app",
    ChallengeName.EMAIL_OTP: "Enter the code we emailed you",
    ChallengeName.SMS_OTP: "Enter the code we texted you",
    ChallengeName.SELECT_MFA_TYPE: "Enter the code from your app",
    ChallengeName.MFA_SETUP: "Set up an authenticator app",
    ChallengeName.SELECT_CHALLENGE: "Choose how to sign in",
    ChallengeName.PASSWORD: "Enter your password",
    ChallengeName.WEB_AUTHN: "Use your passkey",
    ChallengeName.CUSTOM_CHALLENGE: "One more question",
    UNKNOWN: "We can’t finish this sign-in here",
}
PARAMETERS = {
    "CODE_DELIVERY_DESTINATION": "a***@e***",
    "MFAS_CAN_CHOOSE": '["SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA"]',
    "MFAS_CAN_SETUP": '["SOFTWARE_TOKEN_MFA"]',
    "requiredAttributes": '["userAttributes.name", "userAttributes.birthdate", "userAttributes.address"]',
    "question": "What is the name of the harbour in which your grandmother's boat lay?",
}


def asked(cognito: FaultProxy, name: str) -> None:
    """Have Cognito ask this at the next sign-in."""
    answer: dict[str, Any] = {
        "ChallengeName": name,
        "Session": "s" * 32,
        "AvailableChallenges": ["PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"],
        "ChallengeParameters": PARAMETERS,
    }
    cognito.fail("InitiateAuth", fault_proxy.answered(200, json.dumps(answer).encode()), times=1)


def test_every_question_has_a_clean_page(visit: Visit, person: Person, cognito: FaultProxy) -> None:
    assert HEADINGS.keys() - {UNKNOWN} == set(ChallengeName)
    visitor = visit()
    secret = json.dumps({"SecretCode": "JBSWY3DPEHPK3PXP", "Session": "t" * 32}).encode()
    cognito.fail("AssociateSoftwareToken", fault_proxy.answered(200, secret))
    for name, heading in HEADINGS.items():
        asked(cognito, name)
        visitor.sign_in(person.email, person.password)
        expect(visitor.page).to_have_url(re.compile("/login/(challenge|another-way)/$"))
        visitor.examine(name, heading)


def test_an_answer_may_be_missing_or_refused(visit: Visit, person: Person, cognito: FaultProxy) -> None:
    visitor = visit()
    for name, button, says in (
        (ChallengeName.NEW_PASSWORD_REQUIRED, "Save and sign in", "Choose a password."),
        (ChallengeName.PASSWORD, "Sign in", "Enter your password."),
        (ChallengeName.CUSTOM_CHALLENGE, "Continue signing in", "Enter the answer."),
        (ChallengeName.SMS_MFA, "Sign in", "Enter the code."),
    ):
        asked(cognito, name)
        visitor.sign_in(person.email, person.password)
        visitor.press(button)
        visitor.examine(f"{name}, nothing typed", says)


def test_the_code_of_an_app_is_wrong_or_not_to_be_had(visit: Visit, person: Person, cognito: FaultProxy) -> None:
    visitor = visit()
    app = with_app(visitor.pool, person)
    visitor.sign_in(person.email, person.password)
    visitor.examine("app, the only way", "I can’t get a code")
    visitor.send("Sign in", code=app.wrong_code())
    visitor.examine("app, wrong code", "That code doesn’t match.")
    cognito.fail("RespondToAuthChallenge", fault_proxy.server_error())
    visitor.send("Sign in", code=app.wrong_code())
    visitor.examine("app, away", AWAY, status=503)
    cognito.heal()
    for _ in range(limits.CHALLENGE_BY_NAME.most):
        elsewhere = CheckedClient()
        elsewhere.post("/login/", {"username": person.email, "password": person.password})
        elsewhere.post("/login/challenge/", {"code": app.wrong_code()})
    visitor.send("Sign in", code=app.wrong_code())
    visitor.examine("app, limited", "Too many tries.", status=429)


def test_what_is_left_to_do_first_says_why(visit: Visit, person: Person, cognito: FaultProxy) -> None:
    visitor = visit()
    app = with_app(visitor.pool, person)
    for error, name, says in (
        ("PasswordResetRequiredException", "reset required", "For your security, choose a new password"),
        ("UserNotConfirmedException", "not confirmed", "Confirm your email first, then you’re in."),
    ):
        visitor.sign_in(person.email, person.password)
        cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error(error), times=1)
        visitor.send("Sign in", code=app.code())
        visitor.examine(name, says)


def test_a_mailed_code_is_waited_for_wrong_and_sent_again(
    visit: Visit, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = visit()
    with_mail(visitor.pool, person)
    monkeypatch.setattr(base, "COOL_DOWN", A_WHILE)
    visitor.sign_in(person.email, person.password)
    visitor.examine("mailed code, waiting", "Send a new code in")
    visitor.send("Sign in", code=another(visitor.pool.code(person.email)))
    visitor.examine("mailed code, wrong", WRONG)
    visitor.page.evaluate("document.querySelector('form[action$=\"/resend/\"]').submit()")
    visitor.examine("mailed code, too soon", "You can ask for a new code in")
    monkeypatch.setattr(base, "COOL_DOWN", 0)
    visitor.go("/login/challenge/")
    visitor.press("Send a new code")
    visitor.examine("mailed code, sign-in begun again", "Enter your password again to get a new code.")
    visitor.page.context.clear_cookies()
    visitor.go("/login/code/")
    visitor.send("Send code", username=person.email)
    visitor.press("Send a new code")
    visitor.examine("code in place of a password, sent again", "we sent a new code there.")


def test_a_passkey_is_not_there_and_another_way_is_chosen(visit: Visit, person: Person) -> None:
    visitor = visit()
    Device(visitor)
    visitor.go("/login/")
    visitor.send("Sign in with a passkey", username=person.email)
    visitor.examine("passkey, canceled", "Canceled, or nothing was found on this device.")
    visitor.page.evaluate("document.querySelector('[data-passkey-form]').submit()")
    visitor.examine("passkey, none used", "Your browser didn’t use a passkey.")
    expect(visitor.page.get_by_role("button", name="Try again")).to_be_visible()
    visitor.page.locator("#error-summary a").click()
    expect(visitor.page.get_by_role("button", name="Try again")).to_be_focused()
    visitor.page.get_by_role("link", name="Use another way").click()
    visitor.examine("another way", "Choose another way")
    visitor.page.evaluate("document.querySelector('main form').submit()")
    visitor.examine("another way, none chosen", "Choose one of the ways.")
    visitor.page.get_by_role("link", name="Choose one of the ways.").click()
    expect(visitor.page.locator("button[name=answer]").first).to_be_focused()


def test_a_first_password_and_a_demanded_app_are_refused(visit: Visit, settings: Settings) -> None:
    visitor = visit()
    pool = another_pool(visitor.pool, mfa={"MfaConfiguration": "ON", **APP_ONLY})
    settings.COGNITO = pool.cognito_setting()
    person = pool.invited()
    visitor.sign_in(person.email, person.password)
    visitor.examine("first password", "Choose your own password")
    visitor.send("Save and sign in", new_password1="short")
    visitor.examine("first password, too short", "Make your password at least")
    visitor.send("Save and sign in", new_password1="Another-horse-2")
    visitor.examine("demanded app", "asks everyone for a code as well as a password.")
    visitor.send("Turn on and sign in", code="000000")
    visitor.examine("demanded app, wrong code", "That code doesn’t match.")
