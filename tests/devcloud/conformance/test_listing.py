"""Listing people: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html."""

from __future__ import annotations

from typing import Any

import pytest

from tests.devcloud.conformance.conftest import MakePool
from tests.devcloud.conformance.user_pool import AppClient, Person, refused


@pytest.fixture(scope="module")
def three(make_pool: MakePool) -> AppClient:
    """A client of a pool with three people in it."""
    made = make_pool()
    made.person("Ada@example.com", name="Ada Lovelace")
    made.person("grace@example.com", name="Grace Hopper")
    made.on(made.invited("alan@example.com", name="Alan Turing"), "disable_user")
    return made


class TestListing:
    """API_ListUsers."""

    def names(self, three: AppClient, condition: str) -> set[str]:
        users = three.admin.list_users(UserPoolId=three.pool_id, Filter=condition)["Users"]
        return {item["Value"].split()[0] for user in users for item in user["Attributes"] if item["Name"] == "name"}

    @pytest.mark.parametrize(
        ("condition", "found"),
        [
            ('email = "ada@example.com"', {"Ada"}),
            ('email ^= "a"', {"Ada", "Alan"}),
            ('"name" ^= "grace"', {"Grace"}),
            ('cognito:user_status = "CONFIRMED"', {"Ada", "Grace"}),
            ('cognito:user_status = "confirmed"', {"Ada", "Grace"}),
            ('cognito:user_status ^= "FORCE"', {"Alan"}),
            ('status = "disabled"', set()),
            ('status = "Enabled"', {"Ada", "Grace"}),
            ('username = "Ada@example.com"', set()),
            ('name = "GRACE HOPPER"', {"Grace"}),
            ('status = "Disabled"', {"Alan"}),
            ('email = "no\\"body"', set()),
        ],
    )
    def test_a_filter_picks_people(self, three: AppClient, condition: str, found: set[str]) -> None:
        assert self.names(three, condition) == found

    @pytest.mark.parametrize(
        "condition",
        [
            "nonsense",
            "email = ada",
            'email = "a" b"',
            'custom:shoe = "42"',
            'email != "x"',
            'locale = "en"',
            'email = "x" extra',
        ],
    )
    def test_a_filter_that_cannot_be_read_is_refused(self, three: AppClient, condition: str) -> None:
        with refused("InvalidParameterException"):
            self.names(three, condition)

    def test_only_the_attributes_asked_for_are_shown(self, three: AppClient) -> None:
        users = three.admin.list_users(UserPoolId=three.pool_id, AttributesToGet=["name"])["Users"]
        assert {item["Name"] for user in users for item in user["Attributes"]} == {"name"}

    def test_pages_follow_one_another(self, three: AppClient) -> None:
        first = three.admin.list_users(UserPoolId=three.pool_id, Limit=2)
        second = three.admin.list_users(UserPoolId=three.pool_id, PaginationToken=first["PaginationToken"])
        seen = [user["Username"] for page in (first, second) for user in page["Users"]]
        assert (len(seen), len(set(seen)), "PaginationToken" in second) == (3, 3, False)

    @pytest.mark.parametrize("wanted", [["given_name"], ["name", "family_name"], ["custom:shoe"]])
    def test_an_attribute_that_somebody_lacks_is_refused(self, three: AppClient, wanted: list[str]) -> None:
        """API_ListUsers, AttributesToGet; https://github.com/aws/aws-sdk-js/issues/3091."""
        with refused("InvalidParameterException", "do not exist"):
            three.admin.list_users(UserPoolId=three.pool_id, AttributesToGet=wanted)

    @pytest.mark.parametrize("token", ["nonsense", "MTI=", "2"])
    def test_a_token_that_cannot_be_read_is_refused(self, three: AppClient, token: str) -> None:
        with refused("InvalidParameterException", "token"):
            three.admin.list_users(UserPoolId=three.pool_id, PaginationToken=token)

    def test_the_pages_of_a_filter_follow_one_another(self, three: AppClient) -> None:
        question: dict[str, Any] = {"UserPoolId": three.pool_id, "Filter": 'email ^= "a"', "Limit": 1}
        first = three.admin.list_users(**question)
        second = three.admin.list_users(**question, PaginationToken=first["PaginationToken"])
        assert first["Users"][0]["Username"] != second["Users"][0]["Username"]
        assert "PaginationToken" not in second

    def test_boto3s_paginator_reads_them(self, three: AppClient) -> None:
        pages = three.admin.get_paginator("list_users").paginate(
            UserPoolId=three.pool_id, PaginationConfig={"PageSize": 1}
        )
        assert [len(page["Users"]) for page in pages] == [1, 1, 1]


@pytest.mark.parametrize("gone", [[0], [1], [0, 1]])
def test_nobody_is_left_out_when_others_are_deleted_between_two_pages(make_pool: MakePool, gone: list[int]) -> None:
    app = make_pool()
    people = [app.person() for _ in range(4)]
    first = app.admin.list_users(UserPoolId=app.pool_id, Limit=2)
    for index in gone:
        app.on(people[index], "delete_user")
    second = app.admin.list_users(UserPoolId=app.pool_id, PaginationToken=first["PaginationToken"])
    assert subs(second) == [people[2].sub, people[3].sub]


def test_somebody_who_comes_between_two_pages_is_on_the_second(make_pool: MakePool) -> None:
    app = make_pool()
    people: list[Person] = [app.person() for _ in range(3)]
    first = app.admin.list_users(UserPoolId=app.pool_id, Limit=2)
    people.append(app.person())
    second = app.admin.list_users(UserPoolId=app.pool_id, PaginationToken=first["PaginationToken"])
    assert subs(second) == [people[2].sub, people[3].sub]


def subs(page: Any) -> list[str]:
    return [item["Value"] for user in page["Users"] for item in user["Attributes"] if item["Name"] == "sub"]
