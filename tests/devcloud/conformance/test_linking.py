"""Linking people of outside providers to people of the pool.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-identity-federation-consolidate-users.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.devcloud.conformance.hosted import Browser
from tests.devcloud.conformance.test_federation import come_back, provider, visitor
from tests.devcloud.conformance.user_pool import AppClient, Person, claims, refused

__all__ = ["provider", "visitor"]
LINKED_ALREADY = "SourceUser is already linked to DestinationUser"
MERGING = "Merging is not currently supported"
NOT_LINKED = "isn't linked to anyone else"


def identifier(name: str, value: str, attribute: str = "Cognito_Subject") -> dict[str, str]:
    """Return a ProviderUserIdentifierType."""
    return {"ProviderName": name, "ProviderAttributeName": attribute, "ProviderAttributeValue": value}


def username(app: AppClient, person: Person) -> str:
    """Return the pool's own name for a person."""
    return str(app.on(person, "get_user")["Username"])


def link(app: AppClient, source: dict[str, str], to: dict[str, str]) -> None:
    app.admin.admin_link_provider_for_user(UserPoolId=app.pool_id, SourceUser=source, DestinationUser=to)


def unlink(app: AppClient, user: dict[str, str]) -> None:
    app.admin.admin_disable_provider_for_user(UserPoolId=app.pool_id, User=user)


def known(app: AppClient, person: Person) -> list[dict[str, Any]]:
    """Return whom a person is elsewhere, as the pool keeps it."""
    found: list[dict[str, Any]] = json.loads(app.attributes(person).get("identities", "[]"))
    return found


@pytest.fixture
def app(visitor: Browser) -> AppClient:
    """The app client of a pool that knows a provider."""
    return visitor.app


@pytest.fixture
def native(app: AppClient) -> tuple[Person, dict[str, str]]:
    """Somebody of the pool, and how the API calls them."""
    person = app.person()
    return person, identifier("Cognito", username(app, person))


class TestLinking:
    """API_AdminLinkProviderForUser."""

    def test_whoever_signs_in_there_is_the_person_of_the_pool(
        self, app: AppClient, visitor: Browser, native: tuple[Person, dict[str, str]]
    ) -> None:
        person, own = native
        link(app, identifier("Elsewhere", "ada"), own)
        told = claims(visitor.redeem(come_back(visitor)).json()["id_token"])
        assert told["sub"] == person.sub
        assert [entry["userId"] for entry in told["identities"]] == ["ada"]
        assert "cognito:groups" not in told

    def test_the_profile_says_who_and_since_when(self, app: AppClient, native: tuple[Person, dict[str, str]]) -> None:
        person, own = native
        link(app, identifier("Elsewhere", "ada"), own)
        (entry,) = known(app, person)
        assert (entry["providerName"], entry["providerType"], entry["primary"]) == ("Elsewhere", "OIDC", False)
        assert int(entry["dateCreated"]) > 1_700_000_000_000

    def test_somebody_of_a_provider_can_have_another_one(self, app: AppClient, visitor: Browser) -> None:
        first = claims(visitor.redeem(come_back(visitor)).json()["id_token"])
        link(app, identifier("Elsewhere", "countess"), identifier("Elsewhere", "ada"))
        assert [entry["primary"] for entry in known(app, Person("Elsewhere_ada", "", first["sub"]))] == [True, False]

    def test_who_has_signed_up_is_not_merged(
        self, app: AppClient, visitor: Browser, native: tuple[Person, dict[str, str]]
    ) -> None:
        """Linking federated users: the profile has to be deleted first."""
        visitor.redeem(come_back(visitor))
        with refused("InvalidParameterException", MERGING):
            link(app, identifier("Elsewhere", "ada"), native[1])
        app.admin.admin_delete_user(UserPoolId=app.pool_id, Username="Elsewhere_ada")
        link(app, identifier("Elsewhere", "ada"), native[1])

    def test_nobody_is_linked_twice(self, app: AppClient, native: tuple[Person, dict[str, str]]) -> None:
        link(app, identifier("Elsewhere", "ada"), native[1])
        other = identifier("Cognito", username(app, app.person()))
        for to in (native[1], other):
            with refused("InvalidParameterException", LINKED_ALREADY):
                link(app, identifier("Elsewhere", "ada"), to)

    def test_a_link_goes_with_its_profile(self, app: AppClient, native: tuple[Person, dict[str, str]]) -> None:
        link(app, identifier("Elsewhere", "ada"), native[1])
        app.on(native[0], "delete_user")
        link(app, identifier("Elsewhere", "ada"), identifier("Cognito", username(app, app.person())))

    def test_somebody_of_the_pool_is_no_source(self, app: AppClient, native: tuple[Person, dict[str, str]]) -> None:
        with refused("InvalidParameterException", "Invalid SourceUser"):
            link(app, identifier("Cognito", username(app, app.person())), native[1])

    @pytest.mark.parametrize("name", ["Nobody", "elsewhere", "Google"])
    def test_a_provider_the_pool_does_not_know_is_refused(
        self, app: AppClient, native: tuple[Person, dict[str, str]], name: str
    ) -> None:
        with refused("InvalidParameterException", "does not exist"):
            link(app, identifier(name, "ada"), native[1])
        with refused("InvalidParameterException", "does not exist"):
            link(app, identifier("Elsewhere", "ada"), identifier(name, "ada"))

    @pytest.mark.parametrize("to", [("Cognito", "nobody"), ("Elsewhere", "nobody")])
    def test_a_destination_has_to_be_there(self, app: AppClient, to: tuple[str, str]) -> None:
        with refused("UserNotFoundException"):
            link(app, identifier("Elsewhere", "ada"), identifier(*to))

    def test_an_attribute_that_is_not_mapped_names_nobody(
        self, app: AppClient, native: tuple[Person, dict[str, str]]
    ) -> None:
        with refused("InvalidParameterException"):
            link(app, identifier("Elsewhere", "ada@example.com", "locale"), native[1])

    def test_there_are_five_at_most(self, app: AppClient, native: tuple[Person, dict[str, str]]) -> None:
        for number in range(5):
            link(app, identifier("Elsewhere", f"ada-{number}"), native[1])
        with refused("LimitExceededException"):
            link(app, identifier("Elsewhere", "ada-5"), native[1])


class TestUnlinking:
    """API_AdminDisableProviderForUser."""

    def test_whoever_signs_in_there_then_is_somebody_new(
        self, app: AppClient, visitor: Browser, native: tuple[Person, dict[str, str]]
    ) -> None:
        person, own = native
        link(app, identifier("Elsewhere", "ada"), own)
        unlink(app, identifier("Elsewhere", "ada"))
        assert known(app, person) == []
        assert claims(visitor.redeem(come_back(visitor)).json()["id_token"])["cognito:username"] == "Elsewhere_ada"

    def test_who_is_linked_to_nobody_is_refused(self, app: AppClient, visitor: Browser) -> None:
        with refused("InvalidParameterException", NOT_LINKED):
            unlink(app, identifier("Elsewhere", "nobody"))
        visitor.redeem(come_back(visitor))
        with refused("InvalidParameterException", NOT_LINKED):
            unlink(app, identifier("Elsewhere", "ada"))

    def test_a_provider_the_pool_does_not_know_is_refused(self, app: AppClient) -> None:
        with refused("InvalidParameterException", "does not exist"):
            unlink(app, identifier("Nobody", "ada"))

    def test_somebody_of_the_pool_loses_the_password(
        self, app: AppClient, native: tuple[Person, dict[str, str]]
    ) -> None:
        person, own = native
        unlink(app, own)
        with refused("NotAuthorizedException"):
            app.tokens(person)
