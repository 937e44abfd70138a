"""Names of groups: Cognito renames none, so another is made and the old one deleted last; and one is used again."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission

from accounts import administration, groups
from accounts.context import Context
from accounts.models import User
from tests.accounts.test_admin_groups import (
    LIST,
    at_cognito,
    desk,
    editors,
    members,
    new_name,
    page_of,
    put,
    tools,
    words,
)
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy, answered, aws_error, closed_after, closed_before
from tests.local_pool import LocalPool, Person

__all__ = ["desk", "editors"]  # fixtures


@pytest.mark.parametrize("setting", ["COGNITO_STAFF_GROUP", "COGNITO_SUPERUSER_GROUP"])
def test_the_groups_that_make_staff_are_not_deleted_or_renamed(
    desk: CheckedClient, pool: LocalPool, setting: str
) -> None:
    desk.get(LIST)
    group = Group.objects.get(name=pool.env[setting])
    assert tools(desk, group) == {"describe"}
    assert "cannot be renamed or deleted" in words(desk.get(page_of(group)))
    for act in ("delete", "rename"):
        assert "The settings of this site name" in words(desk.post(page_of(group, act), {"name": "x"}, follow=True))
    assert at_cognito(pool, group.name)
    assert Group.objects.filter(name=pool.env[setting]).exists()


def test_a_group_that_is_deleted_and_made_again_gives_its_members_what_the_new_one_gives(
    desk: CheckedClient, pool: LocalPool, browser_of: SignIn, editors: Group, person: Person
) -> None:
    name = editors.name
    browser_of(person)

    def put_in() -> User:
        user = User.objects.get(sub=person.sub)
        administration.change_groups(user, add=(name,), by=None, context=Context())
        return User.objects.get(sub=person.sub)

    assert put_in().has_perm("accounts.view_user")
    desk.post(page_of(editors, "delete"))
    assert User.objects.get(sub=person.sub).cognito_groups == []
    desk.post(f"{LIST}add/", {"name": name})
    Group.objects.get(name=name).permissions.add(Permission.objects.get(codename="view_user"))
    assert put_in().has_perm("accounts.view_user")


def test_a_group_is_renamed_with_its_members_and_permissions(
    desk: CheckedClient, pool: LocalPool, browser_of: SignIn, editors: Group, person: Person
) -> None:
    old, name, stranger = editors.name, new_name(), pool.person()
    for one in (person, stranger):
        put(pool, one, editors)
    browser_of(person)
    response = desk.post(page_of(editors, "rename"), {"name": name}, follow=True)
    assert f"The group is now called {name}." in words(response)
    assert members(pool, name) == {person.email, stranger.email}
    assert (at_cognito(pool, name) or {})["Precedence"] == 7
    assert at_cognito(pool, old) is None
    user = User.objects.get(sub=person.sub)
    assert user.cognito_groups == [name]
    assert [(group.pk, group.name) for group in user.groups.all()] == [(editors.pk, name)]
    assert Group.objects.get(name=name).permissions.count() == 1


@pytest.mark.parametrize("operation", ["CreateGroup", "AdminAddUserToGroup", "DeleteGroup", "ListUsersInGroup"])
@pytest.mark.parametrize("fault", [closed_before, closed_after])
def test_a_renaming_that_failed_is_done_by_doing_it_again(
    desk: CheckedClient,
    pool: LocalPool,
    cognito: FaultProxy,
    editors: Group,
    person: Person,
    operation: str,
    fault: Any,
) -> None:
    old, name = editors.name, new_name()
    put(pool, person, editors)
    cognito.fail(operation, fault(), times=1)
    desk.post(page_of(editors, "rename"), {"name": name})
    # Whatever failed, nobody has lost the group, and the permissions are somewhere.
    assert person.email in members(pool, name if at_cognito(pool, old) is None else old)
    assert Permission.objects.get(codename="view_user").group_set.filter(pk=editors.pk).exists()
    desk.get(LIST)
    desk.post(page_of(editors, "rename"), {"name": name})
    desk.get(LIST)
    if left := Group.objects.filter(name=old).first():
        desk.post(page_of(left, "delete"))
    assert (members(pool, name), at_cognito(pool, old)) == ({person.email}, None)
    assert Group.objects.get(name=name).pk == editors.pk
    assert Group.objects.get(name=name).permissions.count() == 1


def test_nobody_is_given_the_members_or_the_permissions_of_another_group(
    desk: CheckedClient, pool: LocalPool, editors: Group, person: Person
) -> None:
    other = Group.objects.create(name=new_name())
    pool.root.create_group(UserPoolId=pool.id, GroupName=other.name)
    put(pool, person, other)
    response = desk.post(page_of(editors, "rename"), {"name": other.name}, follow=True)
    assert "There is a group of this name already." in words(response)
    only_here = Group.objects.create(name=new_name())
    only_here.permissions.add(Permission.objects.get(codename="delete_user"))
    desk.post(page_of(only_here, "rename"), {"name": other.name})
    desk.post(page_of(editors, "rename"), {"name": only_here.name})
    assert {group.name for group in Group.objects.filter(pk__in=[editors.pk, other.pk, only_here.pk])} == {
        editors.name,
        other.name,
        only_here.name,
    }
    assert members(pool, other.name) == {person.email}
    assert at_cognito(pool, only_here.name) is None


def test_no_group_is_renamed_to_one_that_makes_superusers(desk: CheckedClient, pool: LocalPool, editors: Group) -> None:
    response = desk.post(page_of(editors, "rename"), {"name": pool.env["COGNITO_SUPERUSER_GROUP"]}, follow=True)
    assert "has a meaning of its own" in words(response)
    assert at_cognito(pool, editors.name)


def test_a_group_of_many_is_not_renamed(
    desk: CheckedClient, pool: LocalPool, editors: Group, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "MOST_MOVED", 1)
    for _ in range(2):
        put(pool, pool.person(), editors)
    cognito.forget()
    response = desk.post(page_of(editors, "rename"), {"name": new_name()}, follow=True)
    assert "more than 1 members" in words(response)
    assert cognito.calls["CreateGroup"] == 0


def test_a_member_who_is_deleted_meanwhile_holds_nobody_up(
    desk: CheckedClient, pool: LocalPool, cognito: FaultProxy, editors: Group, person: Person
) -> None:
    name, other = new_name(), pool.person()
    for one in (person, other):
        put(pool, one, editors)
    cognito.fail("AdminAddUserToGroup", aws_error("UserNotFoundException"), times=1)
    desk.post(page_of(editors, "rename"), {"name": name})
    assert at_cognito(pool, editors.name) is None
    assert len(members(pool, name)) == 1


def test_a_pool_that_repeats_its_page_for_ever_is_not_read_for_ever(
    pool: LocalPool, cognito: FaultProxy, editors: Group
) -> None:
    cognito.fail("ListUsersInGroup", answered(200, b'{"Users": [], "NextToken": "again"}'))
    assert groups.all_members(editors.name) == set()
    assert cognito.calls["ListUsersInGroup"] == 2
