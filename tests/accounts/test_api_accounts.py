"""Registering by a program's own form: the acts of the pages, one answer for every name, nothing kept in a session."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts import holds, limits
from accounts.models import Session, User
from accounts.sessions.pending import PendingAccount
from tests import fault_proxy
from tests.accounts.conftest import MovedClock
from tests.accounts.registering import CLOSED_TO_THEIR_OWN, Newcomer
from tests.background import finish
from tests.checked_client import CheckedClient
from tests.conftest import UsePool, forget_counts
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, Person, another, new_email
from tests.other_pools import another_pool

ACCOUNTS, CONFIRM, RESEND = "/api/accounts", "/api/accounts/confirm", "/api/accounts/resend"
NEW = "Another-horse-2"


def send(path: str, **data: Any) -> Any:
    response = CheckedClient(enforce_csrf_checks=True).post(path, data, content_type="application/json")
    finish()
    assert not response.cookies
    return response


def registered(email: str, password: str = PASSWORD) -> str:
    """Return what comes back for a registration that waits for its code."""
    response = send(ACCOUNTS, email=email, password=password)
    assert response.status_code == 202, response.content
    assert response.json().keys() == {"confirmed", "registration"}
    return str(response.json()["registration"])


def error_of(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["error"]


@pytest.fixture
def email() -> str:
    return new_email("mobile")


@pytest.fixture
def by_site(pool: LocalPool, use_pool: UsePool) -> LocalPool:
    """A pool in which this site makes the accounts."""
    return use_pool(another_pool(pool, **CLOSED_TO_THEIR_OWN), REGISTRATION="admin")


def test_an_account_is_made_and_confirmed(pool: LocalPool, email: str) -> None:
    registration = registered(email)
    assert pool.status(email) == "UNCONFIRMED"
    response = send(CONFIRM, registration=registration, code=pool.code(email))
    assert response.json() == {"confirmed": True, "choose_password": False}
    assert pool.status(email) == "CONFIRMED"
    assert not holds.is_held([email])
    assert not Session.objects.exists()


def test_a_name_that_is_taken_gets_the_very_same_answer(pool: LocalPool, person: Person) -> None:
    free = "a" * (len(person.email) - len("@example.com")) + "@example.com"
    answers = [send(ACCOUNTS, email=name, password=NEW) for name in (person.email, free)]
    assert len({response.status_code for response in answers}) == 1
    assert len({len(response.content) for response in answers}) == 1
    assert {str(sorted(response.json())) for response in answers} == {"['confirmed', 'registration']"}


def test_a_name_that_a_stranger_registered_is_held_until_its_owner_has_chosen(pool: LocalPool, email: str) -> None:
    registered(email, NEW)
    mine = registered(email)
    response = send(CONFIRM, registration=mine, code=pool.code(email))
    assert response.json() == {"confirmed": True, "choose_password": True}
    assert holds.is_held([email])


def test_the_name_stays_held_where_a_trigger_fails_after_the_code(
    pool: LocalPool, email: str, cognito: FaultProxy
) -> None:
    registered(email, NEW)
    mine = registered(email)
    cognito.fail("ConfirmSignUp", fault_proxy.trigger_failed_after(), times=1)
    response = send(CONFIRM, registration=mine, code=pool.code(email))
    assert error_of(response) == (422, "not_accepted")
    assert "Your code was right" in response.json()["errors"][""][0]
    assert holds.is_held([email])


@pytest.mark.parametrize("registration", [None, "forged", "\xe4", 7, "x" * 20_000])
def test_without_what_came_back_the_name_is_told_and_held(pool: LocalPool, email: str, registration: Any) -> None:
    registered(email)
    code = pool.code(email)
    assert error_of(send(CONFIRM, registration=registration, code=code)) == (422, "not_accepted")
    response = send(CONFIRM, registration=registration, username=email, code=code)
    assert response.json() == {"confirmed": True, "choose_password": True}


def test_what_came_back_is_good_for_an_hour(pool: LocalPool, email: str) -> None:
    registration = registered(email)
    with time_machine.travel(timezone.now().timestamp() + PendingAccount.AGE + 5):
        response = send(CONFIRM, registration=registration, code=pool.code(email))
    assert response.json()["errors"].keys() == {"username"}


def test_a_wrong_code_an_unknown_name_and_a_confirmed_one_get_one_answer(pool: LocalPool, email: str) -> None:
    registration, person = registered(email), pool.person()
    code = another(pool.code(email))
    answers = [
        send(CONFIRM, registration=registration, code=code),
        send(CONFIRM, username=email, code=code),
        send(CONFIRM, username=new_email(), code=code),
        send(CONFIRM, username=person.email, code=code),
    ]
    assert {error_of(response) for response in answers} == {(422, "not_accepted")}
    assert len({str(response.json()["errors"]) for response in answers}) == 1
    assert not holds.is_held([email, person.email])


def test_codes_are_guessed_a_few_times_only(pool: LocalPool, email: str, cognito: FaultProxy) -> None:
    registration = registered(email)
    code = another(pool.code(email))
    answers = [send(CONFIRM, registration=registration, code=code).status_code for _ in range(7)]
    assert answers == [422] * limits.GUESSES_BY_NAME.most + [429] * 2
    assert cognito.calls["ConfirmSignUp"] == limits.GUESSES_BY_NAME.most


def test_registrations_are_counted(pool: LocalPool, email: str) -> None:
    answers = [send(ACCOUNTS, email=email, password=PASSWORD).status_code for _ in range(6)]
    assert answers == [202] * limits.RESEND_BY_NAME.most + [429] * 2


def test_another_code_is_sent_and_nobody_is_told_whether(pool: LocalPool, email: str) -> None:
    registration = registered(email)
    first = pool.code(email)
    answers = [send(RESEND, username=name) for name in (email, new_email())]
    assert {(response.status_code, response.content) for response in answers} == {(202, b'{"registration": ""}')}
    assert pool.code(email) != first
    assert send(CONFIRM, registration=registration, code=pool.code(email)).status_code == 200


def test_no_answer_that_could_tell_comes_sooner(pool: LocalPool, person: Person, clock: MovedClock) -> None:
    tries = [
        (ACCOUNTS, {"email": person.email, "password": PASSWORD}),
        (ACCOUNTS, {"email": new_email(), "password": PASSWORD}),
        (CONFIRM, {"username": person.email, "code": "123456"}),
        (RESEND, {"username": new_email()}),
    ]
    for path, data in tries:
        before = clock.now
        send(path, **data)
        assert clock.now - before == pytest.approx(clock.floor), path


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        ({}, {"email", "password"}),
        ({"email": "nowhere", "password": PASSWORD}, {"email"}),
        ({"email": "a@example.com", "password": "short"}, {"password"}),
        ({"email": 7, "password": [1]}, {"email", "password"}),
    ],
)
def test_what_is_wrong_is_told_in_sentences(pool: LocalPool, data: dict[str, Any], wrong: set[str]) -> None:
    response = send(ACCOUNTS, **data)
    assert error_of(response) == (422, "not_accepted")
    assert response.json()["errors"].keys() == wrong


def test_a_form_of_another_site_does_nothing(pool: LocalPool, email: str, cognito: FaultProxy) -> None:
    for content_type in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"):
        response = CheckedClient().post(ACCOUNTS, b'{"email": "a@example.com"}', content_type=content_type)
        assert error_of(response) == (400, "bad_request")
    assert cognito.calls["SignUp"] == 0


def test_an_outage_counts_nothing(pool: LocalPool, email: str, cognito: FaultProxy) -> None:
    cognito.fail("SignUp", fault_proxy.server_error())
    assert {send(ACCOUNTS, email=email, password=PASSWORD).status_code for _ in range(6)} == {503}
    cognito.heal()
    registered(email)


def test_by_invitation_nobody_registers(pool: LocalPool, use_pool: UsePool, email: str, cognito: FaultProxy) -> None:
    use_pool(pool, REGISTRATION="closed")
    assert error_of(send(ACCOUNTS, email=email, password=PASSWORD)) == (403, "registration_closed")
    assert cognito.calls["SignUp"] == 0


@pytest.mark.parametrize("known", [True, False])
def test_in_a_pool_that_takes_nobody_nobody_registers(
    pool: LocalPool, use_pool: UsePool, email: str, cognito: FaultProxy, known: bool
) -> None:
    use_pool(another_pool(pool, **CLOSED_TO_THEIR_OWN))
    if not known:
        cognito.fail("DescribeUserPool", fault_proxy.aws_error("AccessDeniedException"))
    assert error_of(send(ACCOUNTS, email=email, password=PASSWORD)) == (403, "registration_closed")
    assert (cognito.calls["SignUp"] == 0) is known


def test_the_site_makes_the_account_once_the_mailbox_is_proved(by_site: LocalPool, email: str) -> None:
    newcomer = Newcomer(by_site, email, CheckedClient())
    registration = send(ACCOUNTS, email=email).json()["registration"]
    assert newcomer.halves == ("", 0)
    code = newcomer.code()
    wrong = send(CONFIRM, registration=registration, code=another(code), password=PASSWORD)
    assert (error_of(wrong), newcomer.halves) == ((422, "not_accepted"), ("", 0))
    assert send(CONFIRM, registration=registration, code=code, password=PASSWORD).json()["confirmed"]
    assert newcomer.halves == ("CONFIRMED", 1)
    again = send(CONFIRM, registration=registration, code=code, password=NEW)
    assert error_of(again) == (409, "account_exists")


def test_a_code_of_the_site_is_good_for_its_own_registration_only(by_site: LocalPool, email: str) -> None:
    newcomer, other = Newcomer(by_site, email, CheckedClient()), new_email()
    send(ACCOUNTS, email=email)
    code = newcomer.code()
    theirs = send(ACCOUNTS, email=other).json()["registration"]
    assert send(CONFIRM, registration=theirs, code=code, password=PASSWORD).status_code == 422
    assert send(CONFIRM, username=email, code=code, password=PASSWORD).status_code == 422
    assert not User.objects.exists()


def test_a_code_of_the_site_can_be_asked_for_again(by_site: LocalPool, email: str) -> None:
    newcomer = Newcomer(by_site, email, CheckedClient())
    first = send(ACCOUNTS, email=email).json()["registration"]
    second = send(RESEND, registration=first).json()["registration"]
    code = newcomer.code()
    assert send(CONFIRM, registration=first, code=code, password=PASSWORD).status_code == 422
    assert send(CONFIRM, registration=second, code=code, password=PASSWORD).status_code == 200
    assert send(RESEND, username=email).status_code == 422


def test_wrong_codes_of_the_site_are_counted(by_site: LocalPool, email: str) -> None:
    newcomer = Newcomer(by_site, email, CheckedClient())
    registration = send(ACCOUNTS, email=email).json()["registration"]
    code = newcomer.code()
    answers = [
        send(CONFIRM, registration=registration, code=another(code), password=PASSWORD).status_code for _ in range(6)
    ]
    assert answers == [422] * 5 + [429]
    forget_counts()
    assert send(CONFIRM, registration=registration, code=code, password=PASSWORD).status_code == 200
