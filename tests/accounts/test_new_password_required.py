"""A first password, given by somebody else, is replaced on the way in, with whatever the account still lacks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.conftest import UsePool
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.markup import Page
from tests.other_pools import another_pool, text

CHALLENGE = "/login/challenge/"
NEW = "Another-horse-2"
TWICE = {"new_password1": NEW, "new_password2": NEW}
BORN = {"given_name": "Ada", "birthdate": "1815-12-10"}


@pytest.fixture
def invited(pool: LocalPool) -> Person:
    """Somebody whom staff have invited."""
    return pool.invited()


@pytest.fixture(scope="module")
def curious_pool(local_pool: LocalPool) -> LocalPool:
    """A pool that wants to know more of everybody."""
    wanted = [text("given_name", Required=True), text("birthdate", Required=True), text("email", Required=True)]
    return another_pool(local_pool, Schema=wanted)


@pytest.fixture
def curious(curious_pool: LocalPool, use_pool: UsePool) -> LocalPool:
    return use_pool(curious_pool)


def begun(client: CheckedClient, person: Person, **data: str) -> Page:
    response = client.post("/login/", {"username": person.email, "password": person.password, **data})
    assert response.url == CHALLENGE
    return client.page(CHALLENGE)


def refused(client: CheckedClient, data: dict[str, str]) -> Page:
    response = client.post(CHALLENGE, data)
    assert response.status_code == 200
    return Page.of(response.content)


def test_a_password_of_ones_own_leads_in(client: CheckedClient, pool: LocalPool, invited: Person) -> None:
    begun(client, invited, next="/account/profile/")
    assert client.post(CHALLENGE, TWICE).url == "/account/profile/"
    assert pool.status(invited.email) == "CONFIRMED"
    assert CheckedClient().post("/login/", {"username": invited.email, "password": NEW}).status_code == 302


def test_the_first_password_stops_working(client: CheckedClient, invited: Person) -> None:
    begun(client, invited)
    client.post(CHALLENGE, TWICE)
    old = {"username": invited.email, "password": invited.password}
    assert CheckedClient().post("/login/", old).status_code == 200


def test_the_page_says_why(client: CheckedClient, invited: Person) -> None:
    page = begun(client, invited)
    assert "a temporary password" in page.words
    assert page.one("input", autocomplete="username")["value"] == invited.email
    assert page.field("new_password1")["autocomplete"] == "new-password"


@pytest.mark.parametrize(
    ("first", "second", "field", "words"),
    [
        ("", "", "new_password1", "Choose a password"),
        ("short1!", "short1!", "new_password1", "at least 8 characters"),
        (NEW, "Another-horse-3", "new_password2", "don’t match"),
        (NEW, "", "new_password2", "don’t match"),
        ("P@ssw0rd", "P@ssw0rd", "new_password1", "Too many people"),
    ],
)
def test_a_poor_password_is_refused_before_cognito(
    client: CheckedClient, invited: Person, cognito: FaultProxy, first: str, second: str, field: str, words: str
) -> None:
    begun(client, invited)
    page = refused(client, {"new_password1": first, "new_password2": second})
    assert words in page.error_of(field)
    assert cognito.calls["RespondToAuthChallenge"] == 0


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("InvalidPasswordException", "doesn’t meet the rules"),
        ("PasswordHistoryPolicyViolationException", "You’ve used this password before"),
        ("InvalidParameterException", "doesn’t meet the rules"),
    ],
)
def test_a_password_cognito_refuses_is_told_at_its_field(
    client: CheckedClient, invited: Person, cognito: FaultProxy, code: str, words: str
) -> None:
    begun(client, invited)
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error(code, "Developer words"), times=1)
    page = refused(client, TWICE)
    assert words in page.error_of("new_password1")
    assert "Developer" not in page.html
    assert NEW not in page.html
    assert client.post(CHALLENGE, TWICE).status_code == 302


def test_the_own_address_makes_no_password(client: CheckedClient, pool: LocalPool, cognito: FaultProxy) -> None:
    person = pool.invited()
    name = person.email.partition("@")[0]
    begun(client, person)
    own = {"new_password1": f"{name}-A1", "new_password2": f"{name}-A1"}
    assert refused(client, own).error_of("new_password1")
    assert cognito.calls["RespondToAuthChallenge"] == 0


def test_what_the_account_lacks_is_asked_and_kept(client: CheckedClient, curious: LocalPool) -> None:
    person = curious.invited()
    page = begun(client, person)
    assert page.field("given_name")["autocomplete"] == "given-name"
    assert page.field("birthdate")["type"] == "date"
    assert client.post(CHALLENGE, {**TWICE, **BORN}).url == "/account/"
    assert curious.attributes(person.email).items() >= BORN.items()


def test_what_the_account_has_is_not_asked(client: CheckedClient, curious: LocalPool, cognito: FaultProxy) -> None:
    page = begun(client, curious.invited(given_name="Grace"))
    assert not page.all("input", name="given_name")
    assert not page.all("input", name="email")
    assert client.post(CHALLENGE, {**TWICE, "birthdate": BORN["birthdate"]}).url == "/account/"
    assert sent(cognito).keys() >= {"NEW_PASSWORD", "userAttributes.birthdate"}
    assert "userAttributes.given_name" not in sent(cognito)


def sent(cognito: FaultProxy) -> dict[str, Any]:
    responses: dict[str, Any] = cognito.last("RespondToAuthChallenge")["ChallengeResponses"]
    return responses


def test_an_attribute_left_empty_is_asked_again_and_the_others_stay(
    client: CheckedClient, curious: LocalPool, cognito: FaultProxy
) -> None:
    begun(client, curious.invited())
    page = refused(client, {**TWICE, "given_name": "Ada", "birthdate": ""})
    assert page.error_of("birthdate")
    assert page.field("given_name")["value"] == "Ada"
    assert "value" not in page.field("new_password1")
    assert cognito.calls["RespondToAuthChallenge"] == 0


@pytest.mark.parametrize("birthdate", ["10.12.1815", "tomorrow", "1815-02-30"])
def test_an_attribute_of_another_shape_is_refused(client: CheckedClient, curious: LocalPool, birthdate: str) -> None:
    begun(client, curious.invited())
    assert "1990-12-31" in refused(client, {**TWICE, **BORN, "birthdate": birthdate}).error_of("birthdate")


@pytest.mark.parametrize(
    "smuggled",
    [
        {"email": "mallory@example.com"},
        {"userAttributes.email": "mallory@example.com"},
        {"userAttributes.custom:role": "admin"},
        {"email_verified": "true"},
        {"NEW_PASSWORD": "Mallorys-horse-1"},
    ],
)
def test_nothing_that_was_not_asked_is_sent(
    client: CheckedClient, curious: LocalPool, cognito: FaultProxy, smuggled: dict[str, str]
) -> None:
    begun(client, curious.invited())
    client.post(CHALLENGE, {**TWICE, **BORN, **smuggled})
    asked = {"userAttributes.given_name", "userAttributes.birthdate"}
    assert sent(cognito).keys() == {"USERNAME", "SECRET_HASH", "NEW_PASSWORD", *asked}
    assert sent(cognito)["NEW_PASSWORD"] == NEW


def test_a_required_parameter_of_nonsense_asks_for_nothing(
    client: CheckedClient, invited: Person, cognito: FaultProxy
) -> None:
    parameters = {"requiredAttributes": "{"}
    answer = {"ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": "s" * 32, "ChallengeParameters": parameters}
    cognito.fail("InitiateAuth", fault_proxy.answered(200, json.dumps(answer).encode()))
    page = begun(client, invited)
    fields = {field["name"] for field in page.all("input") if field["type"] == "password"}
    assert fields == {"new_password1"}


def test_what_cognito_has_against_the_details_is_not_blamed_on_the_password(
    client: CheckedClient, curious: LocalPool, cognito: FaultProxy
) -> None:
    begun(client, curious.invited())
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error("InvalidParameterException"), times=1)
    page = refused(client, {**TWICE, **BORN})
    assert "Some of this wasn’t accepted. Check what you entered" in page.summary()
    assert page.error_of("new_password1") == ""


def test_an_attribute_longer_than_the_pool_takes_is_told_at_its_field(
    client: CheckedClient, local_pool: LocalPool, use_pool: UsePool, cognito: FaultProxy
) -> None:
    short = text("nickname", Required=True, StringAttributeConstraints={"MinLength": "1", "MaxLength": "5"})
    pool = use_pool(another_pool(local_pool, Schema=[short]))
    begun(client, pool.invited())
    assert "This is too long." in refused(client, {**TWICE, "nickname": "Countess"}).error_of("nickname")
    assert cognito.calls["RespondToAuthChallenge"] == 0
