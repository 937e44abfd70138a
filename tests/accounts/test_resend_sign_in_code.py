"""Another code for a sign-in under way: not too soon, the newest alone works, and no name is told apart."""

from __future__ import annotations

import json

import time_machine
from django.utils import timezone

from accounts import limits
from tests import fault_proxy
from tests.accounts.ways_in import ANOTHER_WAY, CHALLENGE, chosen, go, refused
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, new_email
from tests.second_factors import ON, with_app, with_mail

AGAIN = "/login/challenge/resend/"
LATER = 31  # seconds: more than have to pass between two codes


def test_another_code_can_be_asked_for_and_only_the_newest_works(
    client: CheckedClient, pool: LocalPool, person: Person
) -> None:
    chosen(client, person, "EMAIL_OTP")
    first = pool.code(person.email)
    assert client.post(AGAIN).url == CHALLENGE
    assert "You can ask for a new code in" in client.page(CHALLENGE).words
    with time_machine.travel(timezone.now().timestamp() + LATER):
        assert client.post(AGAIN).url == CHALLENGE
        words = client.page(CHALLENGE).words
        assert f"If {person.email} has an account, we sent a new code there. Only the newest one works." in words
        assert refused(client, code=first).error_of("code")
        assert client.post(CHALLENGE, {"code": pool.code(person.email, after=1)}).url == "/account/"


def test_another_code_is_said_to_be_sent_to_names_without_an_account_too(
    client: CheckedClient, pool: LocalPool
) -> None:
    go(client, new_email("nobody"), "EMAIL_OTP")
    with time_machine.travel(timezone.now().timestamp() + LATER):
        assert client.post(AGAIN).url == CHALLENGE
        assert "has an account, we sent a new code there." in client.page(CHALLENGE).words


def test_another_code_without_a_sign_in_under_way_begins_anew(client: CheckedClient, pool: LocalPool) -> None:
    assert client.post(AGAIN).url == "/login/?again=1"


def test_another_code_after_a_password_begins_again_and_says_so(
    client: CheckedClient, pool: LocalPool, person: Person
) -> None:
    with_mail(pool, person)
    client.post("/login/", {"username": person.email, "password": person.password})
    assert client.post(AGAIN).url == CHALLENGE
    with time_machine.travel(timezone.now().timestamp() + LATER):
        assert client.post(AGAIN).url == "/login/"
        page = client.page("/login/")
    assert "Enter your password again to get a new code." in page.words
    assert page.field("username")["value"] == person.email


def test_a_choice_that_cognito_takes_again_sends_another_code(
    client: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    with_app(pool, person, preferred=False)
    pool.admin("set_user_mfa_preference", person, EmailMfaSettings=ON)
    client.post("/login/", {"username": person.email, "password": person.password})
    client.post(ANOTHER_WAY, {"answer": "EMAIL_OTP"})
    parameters = {"CODE_DELIVERY_DESTINATION": "a***@e***"}
    asked = {"ChallengeName": "EMAIL_OTP", "Session": "s" * 32, "ChallengeParameters": parameters}
    cognito.fail("RespondToAuthChallenge", fault_proxy.answered(200, json.dumps(asked).encode()), times=1)
    with time_machine.travel(timezone.now().timestamp() + LATER):
        assert client.post(AGAIN).url == CHALLENGE
        assert "New code sent to a•••@e•••. Only the newest one works." in client.page(CHALLENGE).words


def test_no_other_code_is_sent_for_an_app(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    with_app(pool, person)
    client.post("/login/", {"username": person.email, "password": person.password})
    assert client.post(AGAIN).url == CHALLENGE
    assert pool.mails(person.email) == []


def test_codes_asked_for_again_count_among_those_of_the_name(client: CheckedClient, pool: LocalPool) -> None:
    name = new_email("nobody")
    go(client, name, "EMAIL_OTP")
    statuses = []
    for step in range(1, limits.SIGN_IN_CODES_BY_NAME.most + 1):
        limits.clear(name, limits.OPTIONS_BY_NAME)
        with time_machine.travel(timezone.now().timestamp() + LATER * step, tick=False):
            statuses.append(client.post(AGAIN).status_code)
    assert statuses == [302] * (limits.SIGN_IN_CODES_BY_NAME.most - 1) + [429]
