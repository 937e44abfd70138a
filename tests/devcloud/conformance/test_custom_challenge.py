"""CUSTOM_AUTH, whose challenges Lambda functions make on AWS and a fixed question stands in for locally.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-challenge.html
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.devcloud.conformance.conftest import MakePool
from tests.devcloud.conformance.user_pool import AppClient, Outbox, Person, another, new_email, refused


@pytest.fixture(scope="module")
def asking(make_pool: MakePool) -> AppClient:
    """A client that allows the flow."""
    return make_pool(client={"ExplicitAuthFlows": ["ALLOW_CUSTOM_AUTH"]})


@pytest.fixture
def somebody(asking: AppClient) -> Person:
    """A person of that client's pool."""
    return asking.person()


def asked(app: AppClient, name: str) -> Any:
    challenge = app.initiate("CUSTOM_AUTH", name)
    assert challenge["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert challenge["ChallengeParameters"]["question"]
    return challenge


def test_the_mailed_answer_signs_in(asking: AppClient, somebody: Person, outbox: Outbox) -> None:
    session = asked(asking, somebody.name)["Session"]
    answer = asking.respond("CUSTOM_CHALLENGE", session, somebody.name, ANSWER=outbox.code(somebody.name))
    assert answer["AuthenticationResult"]


def test_a_wrong_answer_asks_again_and_the_third_ends_it(asking: AppClient, somebody: Person, outbox: Outbox) -> None:
    session = asked(asking, somebody.name)["Session"]
    wrong = another(outbox.code(somebody.name))
    sessions = {session}
    for _ in range(2):
        session = asking.respond("CUSTOM_CHALLENGE", session, somebody.name, ANSWER=wrong)["Session"]
        sessions.add(session)
    assert len(sessions) == 3
    with refused("NotAuthorizedException", "Incorrect username or password."):
        asking.respond("CUSTOM_CHALLENGE", session, somebody.name, ANSWER=wrong)


def test_a_session_is_used_once(asking: AppClient, somebody: Person, outbox: Outbox) -> None:
    session = asked(asking, somebody.name)["Session"]
    asking.respond("CUSTOM_CHALLENGE", session, somebody.name, ANSWER="wrong")
    with refused("NotAuthorizedException", "only be used once"):
        asking.respond("CUSTOM_CHALLENGE", session, somebody.name, ANSWER=outbox.code(somebody.name))


def test_nobody_answers_for_somebody_else(asking: AppClient, somebody: Person, outbox: Outbox) -> None:
    session = asked(asking, somebody.name)["Session"]
    with refused("NotAuthorizedException", "Invalid session"):
        asking.respond("CUSTOM_CHALLENGE", session, asking.person().name, ANSWER=outbox.code(somebody.name))


def test_an_unknown_person_is_asked_too(asking: AppClient, outbox: Outbox) -> None:
    nobody = new_email()
    session = asked(asking, nobody)["Session"]
    assert asking.respond("CUSTOM_CHALLENGE", session, nobody, ANSWER="123456")["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert outbox.messages(nobody) == []


def test_a_client_must_allow_it(app: AppClient, person: Person) -> None:
    with refused("InvalidParameterException", "not enabled"):
        app.initiate("CUSTOM_AUTH", person.name)
