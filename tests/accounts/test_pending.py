"""Steps begun and not finished: on the server, dated, encrypted, and readable by other versions."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
import time_machine
from django.http import HttpRequest
from django.test import RequestFactory

from accounts import conf
from accounts.cognito.results import Challenge
from accounts.sessions.engine import SessionStore
from accounts.sessions.pending import (
    PendingAccount,
    PendingAct,
    PendingAuthenticator,
    PendingChallenge,
    PendingName,
    PendingProof,
    PendingProviders,
    PendingRegistration,
    PendingReset,
    PendingStep,
)

CHALLENGE = Challenge(
    name="SMS_MFA", username="sub-1", session="session-canary", parameters={"CODE_DELIVERY_DESTINATION": "+*******1234"}
)


@pytest.fixture
def request_() -> HttpRequest:
    request = RequestFactory().get("/")
    request.session = SessionStore()
    return request


def park(request: HttpRequest) -> None:
    PendingChallenge.of(CHALLENGE, typed="ada@example.com", next_url="/account/", came_by="choice").park(request)


def test_a_parked_challenge_is_found_again(request_: HttpRequest) -> None:
    park(request_)
    found = PendingChallenge.find(request_)
    assert found
    assert (found.challenge, found.typed, found.next_url) == (CHALLENGE, "ada@example.com", "/account/")
    assert found.came_by == "choice"


def test_what_is_parked_cannot_be_read_in_the_store(request_: HttpRequest) -> None:
    park(request_)
    stored = request_.session.encode(dict(request_.session))
    assert "session-canary" not in str(dict(request_.session)) + stored


def test_an_old_step_is_forgotten(request_: HttpRequest) -> None:
    park(request_)
    with time_machine.travel(time.time() + PendingChallenge.AGE + 1):
        assert PendingChallenge.find(request_) is None


MINUTE, HOUR = 60, 60 * 60
STEPS: list[tuple[PendingStep, int]] = [
    (PendingChallenge.of(CHALLENGE, typed="ada@example.com", next_url="", came_by=""), 15 * MINUTE),
    (PendingRegistration(username="ada"), 24 * HOUR),
    (PendingAccount(username="ada", attributes={}, details={}), HOUR),
    (PendingProviders(), 15 * MINUTE),
    (PendingReset(username="ada"), HOUR),
    (PendingProof(username="ada"), HOUR),
    (PendingAuthenticator(secret="A" * 32), HOUR),
    (PendingName(name="ada"), HOUR),
    (PendingAct(words="", path="/", page="/"), 15 * MINUTE),
]


def kinds(step: type[PendingStep] = PendingStep) -> list[type[PendingStep]]:
    """Return the steps there are: the classes that none is made from."""
    made = step.__subclasses__()
    return [kind for each in made for kind in kinds(each)] if made else [step]


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_each_step_has_its_time(request_: HttpRequest, kind: type[PendingStep]) -> None:
    step, age = next((step, age) for step, age in STEPS if type(step) is kind)
    with time_machine.travel(1_700_000_000, tick=False) as clock:
        replace(step, at=time.time()).park(request_)
        clock.shift(age - 1)
        assert kind.find(request_)
        clock.shift(2)
        assert kind.find(request_) is None


def test_a_dropped_step_is_gone(request_: HttpRequest) -> None:
    park(request_)
    PendingChallenge.drop(request_)
    assert PendingChallenge.find(request_) is None


def test_one_kind_of_step_is_not_another(request_: HttpRequest) -> None:
    park(request_)
    assert PendingRegistration.find(request_) is None


@pytest.mark.parametrize("damaged", ["", "x", 7, None, {"name": "SMS_MFA"}])
def test_a_damaged_step_is_no_step(request_: HttpRequest, damaged: object) -> None:
    request_.session[PendingChallenge.key()] = damaged
    assert PendingChallenge.find(request_) is None


def test_a_field_of_a_newer_version_is_ignored(request_: HttpRequest) -> None:
    record = {"secret": "JBSWY3DP", "at": time.time(), "colour": "blue"}
    request_.session[PendingAuthenticator.key()] = conf.token_cipher().encrypt(record)
    found = PendingAuthenticator.find(request_)
    assert found
    assert found.secret == "JBSWY3DP"


def test_a_record_without_what_this_version_needs_is_no_step(request_: HttpRequest) -> None:
    request_.session[PendingAuthenticator.key()] = conf.token_cipher().encrypt({"at": time.time()})
    assert PendingAuthenticator.find(request_) is None
