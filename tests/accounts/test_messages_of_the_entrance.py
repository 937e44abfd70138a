"""The sentences of passwords, codes and ways in: each is what a real request gets."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from pytest_django import Settings

from tests import fault_proxy
from tests.accounts.ways_in import CHALLENGE, go, json_of, with_passkey
from tests.checked_client import CheckedClient
from tests.devcloud.conformance.authenticator import Authenticator
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, another, new_email
from tests.markup import Page

USED_BEFORE = "PasswordHistoryPolicyViolationException"


def said(client: CheckedClient, path: str, **fields: str) -> str:
    """Send a form; return the words of the page that follows."""
    response: Any = client.post(path, fields)
    return client.page(response.url).words if response.status_code == 302 else Page.of(response.content).words


@pytest.mark.parametrize(
    ("password", "refusal", "sentence"),
    [
        ("", "", "Choose a password."),
        ("aA1-", "", "Make your password at least 8 characters long."),
        ("long-enough-1", "", "Add an uppercase letter to your password."),
        ("P@ssw0rd", "", "Too many people use this password. Choose a less common one."),
        ("Lovelace-1815", "", "Don’t use your name or email in your password."),
        ("Another-horse-2", USED_BEFORE, "You’ve used this password before. Choose a new one."),
        (
            "Another-horse-2",
            "InvalidPasswordException",
            "This password doesn’t meet the rules. Make it longer, or mix in more kinds of characters.",
        ),
    ],
)
def test_a_new_password_is_refused_with_what_to_do(
    signed_in: CheckedClient, person: Person, cognito: FaultProxy, password: str, refusal: str, sentence: str
) -> None:
    if refusal:
        cognito.fail("ChangePassword", fault_proxy.aws_error(refusal), times=1)
    fields = {"old_password": person.password, "new_password1": password}
    assert sentence in said(signed_in, "/account/password/", **fields)


def test_a_present_password_that_is_wrong_is_named(signed_in: CheckedClient) -> None:
    fields = {"old_password": "Wrong-horse-1", "new_password1": "Another-horse-2"}
    assert "That’s not your current password." in said(signed_in, "/account/password/", **fields)


@pytest.mark.parametrize(
    ("code", "sentence"), [("12", "That code is too short."), ("1" * 11, "That code is too long.")]
)
def test_a_code_of_no_known_length_is_too_short_or_too_long(
    client: CheckedClient, pool: LocalPool, settings: Settings, code: str, sentence: str
) -> None:
    settings.CODE_LENGTH = 0
    assert sentence in said(client, "/verify-code/", username=new_email(), code=code)


def test_a_code_that_leads_nowhere_tells_nothing_of_the_account(client: CheckedClient, pool: LocalPool) -> None:
    email = new_email()
    sentence = "That code didn’t work. Check it, or ask for a new one."
    assert sentence in said(client, "/verify-code/", username=email, code="123456")
    words = said(CheckedClient(), "/verify-code/resend/", username=email)
    assert f"If {email} has an account waiting, we sent a new code there." in words


def test_a_wrong_code_of_a_new_app_names_the_clock(signed_in: CheckedClient) -> None:
    signed_in.get("/account/security/totp/")
    words = said(signed_in, "/account/security/totp/", code="000000")
    assert "That code doesn’t match. Check that your phone sets its clock automatically" in words


def test_a_passkey_of_somebody_else_leads_to_another_way(pool: LocalPool, person: Person) -> None:
    client, key = CheckedClient(), Authenticator()
    with_passkey(pool, person, key)
    go(client, person.email, "WEB_AUTHN")
    credential = key.impostor().sign_in(json.dumps(json_of(client.page(CHALLENGE))))
    assert "That passkey wasn’t accepted. Try another one, or use another way." in said(
        client, CHALLENGE, credential=credential
    )


def test_a_device_that_is_gone_is_said_to_be(signed_in: CheckedClient) -> None:
    path = f"/account/sessions/{uuid.uuid4()}/end/"
    assert "That device was signed out already." in said(signed_in, path)


def test_an_outage_is_told_on_the_form_with_what_to_quote(
    client: CheckedClient, person: Person, cognito: FaultProxy
) -> None:
    cognito.fail("InitiateAuth", fault_proxy.closed_before())
    words = said(client, "/login/", username=person.email, password=person.password)
    assert "We can’t reach the service that holds accounts. Nothing was changed. Try again in a few minutes. (" in words


def test_a_wrong_code_of_a_mail_can_be_typed_again(pool: LocalPool, client: CheckedClient) -> None:
    email = new_email()
    client.post("/register/", {"email": email, "password1": "Correct-horse-1"})
    wrong = another(pool.code(email))
    assert "That code didn’t work. Check it, or ask for a new one." in said(client, "/verify-code/", code=wrong)


def test_what_cannot_be_copied_can_be_copied_by_hand(signed_in: CheckedClient) -> None:
    copied = [element["data-selected"] for element in signed_in.page("/account/security/totp/").elements]
    assert "Selected. Copy it with your keyboard or menu." in copied
