"""manage.py sync_users and groups, against the local AWS: who is in which, and which rights follow, downwards too."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError

from accounts import administration, groups, users
from accounts.context import Context
from accounts.models import Activity, User
from tests import fault_proxy
from tests.accounts.conftest import Meanwhile
from tests.accounts.synchronising import drift, kept, kinds_of, put_into, sync
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool(own_pool: LocalPool) -> LocalPool:
    """A pool in which nobody is yet."""
    own_pool.root.create_group(UserPoolId=own_pool.id, GroupName="zebras")
    return own_pool


@pytest.fixture
def ada(pool: LocalPool) -> Person:
    """Somebody of the pool, who has never been here."""
    return pool.person(name="Ada Lovelace")


def test_a_member_of_the_staff_group_is_staff_and_one_who_left_it_is_not(pool: LocalPool, ada: Person) -> None:
    put_into(pool, ada, "staff")
    sync()
    user = kept(ada.sub)
    assert (user.is_staff, user.is_superuser, user.cognito_groups) == (True, False, ["staff"])
    assert [group.name for group in user.groups.all()] == ["staff"]
    pool.admin("remove_user_from_group", ada, GroupName="staff")
    assert drift(sync()) == {"groups": 1}
    user = kept(ada.sub)
    assert (user.is_staff, user.cognito_groups, list(user.groups.all())) == (False, [], [])
    assert kinds_of(ada) == [Activity.Kind.GROUPS_CHANGED] * 2


def test_rights_are_taken_away_before_anybody_is_listed(pool: LocalPool, ada: Person, cognito: FaultProxy) -> None:
    put_into(pool, ada, "superusers")
    sync()
    pool.admin("remove_user_from_group", ada, GroupName="superusers")
    cognito.fail("ListUsers", fault_proxy.aws_error("AccessDeniedException"))
    with pytest.raises(CommandError):
        sync()
    assert not kept(ada.sub).is_superuser


def test_a_superuser_who_stays_in_the_staff_group_stays_staff(pool: LocalPool, ada: Person) -> None:
    put_into(pool, ada, "staff")
    put_into(pool, ada, "superusers")
    sync()
    pool.admin("remove_user_from_group", ada, GroupName="superusers")
    sync()
    user = kept(ada.sub)
    assert (user.is_staff, user.is_superuser, user.cognito_groups) == (True, False, ["staff"])


def test_rights_set_by_hand_are_taken_back(ada: Person) -> None:
    sync()
    User.objects.update(is_staff=True, is_superuser=True)
    assert drift(sync()) == {"groups": 1}
    assert (kept(ada.sub).is_staff, kept(ada.sub).is_superuser) == (False, False)


def test_a_group_joined_by_hand_is_left_again(ada: Person) -> None:
    sync()
    for name in ("editors", "only here"):
        Group.objects.get_or_create(name=name)[0].user_set.add(kept(ada.sub))
    assert drift(sync()) == {"groups": 2}
    assert list(kept(ada.sub).groups.all()) == []


def test_a_membership_lost_by_hand_comes_back(pool: LocalPool, ada: Person) -> None:
    put_into(pool, ada, "editors")
    sync()
    kept(ada.sub).groups.clear()
    assert drift(sync()) == {"groups": 1}
    assert [group.name for group in kept(ada.sub).groups.all()] == ["editors"]


def test_a_group_deleted_there_has_no_members_here(pool: LocalPool, ada: Person) -> None:
    put_into(pool, ada, "staff")
    sync()
    pool.root.delete_group(UserPoolId=pool.id, GroupName="staff")
    assert drift(sync()) == {"groups": 1}
    user = kept(ada.sub)
    assert (user.is_staff, user.cognito_groups, list(user.groups.all())) == (False, [], [])


@pytest.fixture
def bea(pool: LocalPool, ada: Person, meanwhile: Meanwhile) -> Person:
    """A superuser who has just left the zebras at Cognito, as Ada has, and whom the site sees while they are listed."""
    bea = pool.person(name="Beatrice")
    for one in (ada, bea):
        put_into(pool, one, "superusers")
        put_into(pool, one, "zebras")
    sync()
    for one in (ada, bea):
        pool.admin("remove_user_from_group", one, GroupName="zebras")
    meanwhile("members", lambda: users.write(kept(bea.sub), {"name": "Bea"}), of="zebras")
    return bea


def change_groups(person: Person, **changes: tuple[str, ...]) -> None:
    """Change somebody's groups as an administrator does."""
    administration.change_groups(kept(person.sub), **changes, by=None, context=Context())


def test_whoever_is_no_superuser_any_more_is_none_again_for_leaving_another_group(
    ada: Person, bea: Person, meanwhile: Meanwhile
) -> None:
    meanwhile("groups_of", lambda: change_groups(ada, remove=("superusers",)), of=kept(bea.sub).username)
    sync()
    user = kept(ada.sub)
    assert (user.is_superuser, user.is_staff, user.cognito_groups) == (False, False, [])
    assert list(user.groups.all()) == []
    assert kept(bea.sub).cognito_groups == ["superusers"]


def test_whoever_is_put_back_while_cognito_is_asked_stays_in_the_group(
    ada: Person, bea: Person, meanwhile: Meanwhile
) -> None:
    meanwhile("groups_of", lambda: change_groups(bea, add=("zebras",)), of=kept(bea.sub).username)
    sync()
    assert (kept(ada.sub).cognito_groups, kept(bea.sub).cognito_groups) == (["superusers"], ["superusers", "zebras"])


def test_a_group_made_while_the_others_are_compared_keeps_its_members(
    pool: LocalPool, ada: Person, meanwhile: Meanwhile
) -> None:
    sync()

    def make() -> None:
        made = groups.create("new", description="", precedence=None, by=None, context=Context())
        made.permissions.add(Permission.objects.get(codename="view_user"))
        change_groups(ada, add=("new",))

    meanwhile("members", make, of="editors")
    assert drift(sync()) == {}
    assert kept(ada.sub).cognito_groups == ["new"]
    assert kept(ada.sub).has_perm("accounts.view_user")


def test_whoever_is_gone_while_the_others_are_listed_leaves_the_group_and_ends_no_run(
    pool: LocalPool, bea: Person, meanwhile: Meanwhile
) -> None:
    meanwhile("members", lambda: pool.root.admin_delete_user(UserPoolId=pool.id, Username=bea.email), of="zebras")
    sync()
    assert kept(bea.sub).cognito_groups == ["superusers"]


def test_groups_of_an_outside_provider_are_neither_mirrored_nor_taken_away(pool: LocalPool, ada: Person) -> None:
    provider = f"{pool.id}_Google"
    pool.root.create_group(UserPoolId=pool.id, GroupName=provider)
    put_into(pool, ada, provider)
    sync()
    User.objects.update(cognito_groups=[provider])
    put_into(pool, ada, "editors")
    sync()
    assert kept(ada.sub).cognito_groups == ["editors", provider]
    assert not Group.objects.filter(name=provider).exists()


def test_permissions_of_a_group_stay_when_its_members_change(pool: LocalPool, ada: Person) -> None:
    sync()
    Group.objects.get(name="editors").permissions.add(Permission.objects.get(codename="view_user"))
    put_into(pool, ada, "editors")
    sync()
    assert kept(ada.sub).has_perm("accounts.view_user")
