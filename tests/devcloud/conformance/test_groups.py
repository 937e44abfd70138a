"""Groups: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-user-groups.html."""

from __future__ import annotations

from typing import Any

import pytest

from tests.devcloud.conformance.conftest import MakePool
from tests.devcloud.conformance.user_pool import AppClient, Person, claims, new_email, refused


@pytest.fixture
def app(make_pool: MakePool) -> AppClient:
    """A client of a pool of its own: the groups of a pool are listed."""
    return make_pool()


def make_group(app: AppClient, name: str, **properties: Any) -> Any:
    return app.admin.create_group(UserPoolId=app.pool_id, GroupName=name, **properties)["Group"]


def names(groups: list[dict[str, Any]]) -> list[str]:
    return [group["GroupName"] for group in groups]


class TestTheGroup:
    """API_CreateGroup, API_UpdateGroup, API_GetGroup, API_DeleteGroup."""

    def test_one_without_a_precedence_has_none(self, app: AppClient) -> None:
        """API_CreateGroup, Precedence: the default is null, and zero is the highest."""
        made = make_group(app, "editors", Description="They edit")
        assert ("Precedence" in made, made["Description"]) == (False, "They edit")
        assert make_group(app, "owners", Precedence=0)["Precedence"] == 0

    def test_a_name_is_taken_once(self, app: AppClient) -> None:
        make_group(app, "editors")
        with refused("GroupExistsException"):
            make_group(app, "editors")

    def test_its_description_changes_and_nothing_else(self, app: AppClient) -> None:
        made = make_group(app, "editors", Description="They edit", Precedence=3)
        app.admin.update_group(UserPoolId=app.pool_id, GroupName="editors", Description="They read")
        found = app.admin.get_group(UserPoolId=app.pool_id, GroupName="editors")["Group"]
        assert (found["Description"], found["Precedence"]) == ("They read", 3)
        assert found["LastModifiedDate"] > made["LastModifiedDate"]

    def test_deleted_it_is_in_nobodys_tokens(self, app: AppClient) -> None:
        person = app.person()
        make_group(app, "editors")
        app.on(person, "add_user_to_group", GroupName="editors")
        app.admin.delete_group(UserPoolId=app.pool_id, GroupName="editors")
        make_group(app, "editors")
        assert "cognito:groups" not in claims(app.tokens(person)["IdToken"])

    @pytest.mark.parametrize("operation", ["get_group", "update_group", "delete_group", "list_users_in_group"])
    def test_an_unknown_one_is_not_found(self, app: AppClient, operation: str) -> None:
        with refused("ResourceNotFoundException"):
            getattr(app.admin, operation)(UserPoolId=app.pool_id, GroupName="nobody")


class TestWhoIsInIt:
    """API_AdminAddUserToGroup, API_AdminRemoveUserFromGroup, API_AdminListGroupsForUser, API_ListUsersInGroup."""

    def test_twice_is_once(self, app: AppClient) -> None:
        person = app.person()
        make_group(app, "editors")
        for _ in range(2):
            app.on(person, "add_user_to_group", GroupName="editors")
        assert names(app.on(person, "list_groups_for_user")["Groups"]) == ["editors"]
        for _ in range(2):
            app.on(person, "remove_user_from_group", GroupName="editors")
        assert app.on(person, "list_groups_for_user")["Groups"] == []

    @pytest.mark.parametrize("operation", ["add_user_to_group", "remove_user_from_group"])
    def test_an_unknown_group_is_not_found(self, app: AppClient, operation: str) -> None:
        with refused("ResourceNotFoundException"):
            app.on(app.person(), operation, GroupName="nobody")

    @pytest.mark.parametrize("operation", ["add_user_to_group", "remove_user_from_group"])
    def test_an_unknown_person_is_not_found(self, app: AppClient, operation: str) -> None:
        make_group(app, "editors")
        with refused("UserNotFoundException"):
            app.on(Person(new_email(), "", ""), operation, GroupName="editors")
        with refused("UserNotFoundException"):
            app.on(Person(new_email(), "", ""), "list_groups_for_user")

    def test_somebody_deleted_is_in_no_group(self, app: AppClient) -> None:
        make_group(app, "editors")
        people = [app.person() for _ in range(3)]
        for person in people:
            app.on(person, "add_user_to_group", GroupName="editors")
        app.on(people[0], "delete_user")
        page = app.admin.list_users_in_group(UserPoolId=app.pool_id, GroupName="editors", Limit=2)
        assert (len(page["Users"]), "NextToken" in page) == (2, False)


class TestPages:
    """Limit and NextToken of API_ListGroups, API_AdminListGroupsForUser and API_ListUsersInGroup."""

    @pytest.fixture
    def person(self, app: AppClient) -> Person:
        person = app.person()
        for name in ("a", "b", "c"):
            make_group(app, name)
            app.on(person, "add_user_to_group", GroupName=name)
        return person

    @pytest.mark.parametrize("operation", ["list_groups", "admin_list_groups_for_user"])
    def test_they_follow_one_another(self, app: AppClient, person: Person, operation: str) -> None:
        whose = {"Username": person.name} if operation.startswith("admin") else {}
        pages = app.admin.get_paginator(operation).paginate(
            UserPoolId=app.pool_id, **whose, PaginationConfig={"PageSize": 2}
        )
        assert [names(page["Groups"]) for page in pages] == [["a", "b"], ["c"]]

    @pytest.mark.parametrize("limit", [61, 1000])
    def test_sixty_are_listed_at_a_time(self, app: AppClient, person: Person, limit: int) -> None:
        with refused("InvalidParameterException", "less than or equal to 60"):
            app.admin.list_groups(UserPoolId=app.pool_id, Limit=limit)
        with refused("InvalidParameterException", "less than or equal to 60"):
            app.on(person, "list_groups_for_user", Limit=limit)
        with refused("InvalidParameterException", "less than or equal to 60"):
            app.admin.list_users_in_group(UserPoolId=app.pool_id, GroupName="a", Limit=limit)

    def test_a_token_that_cannot_be_read_is_refused(self, app: AppClient, person: Person) -> None:
        with refused("InvalidParameterException", "token"):
            app.on(person, "list_groups_for_user", NextToken="nonsense")
