"""Putting people into groups and taking them out: what counts at once, and who may give which rights."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from accounts import administration, conf
from accounts.administration import ActRefused
from accounts.audit import Kind, Outcome
from accounts.models import User
from tests.accounts.administrators import DESK, again, group, happened, known, mailed, staff_who_may, superuser
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person


@pytest.fixture
def root(pool: LocalPool) -> User:
    """A superuser."""
    return superuser(pool)


@pytest.fixture
def ada(pool: LocalPool, person: Person) -> User:
    """Ada, as this site knows her, who is in no group."""
    return known(pool, person)


def groups_there(pool: LocalPool, user: User) -> list[str]:
    return sorted(conf.directory().groups_of(user.username))


def test_somebody_is_then_in_these_groups_and_no_other(pool: LocalPool, ada: User, root: User, person: Person) -> None:
    editors, authors = group(pool, "editors"), group(pool, "authors")
    pool.admin("add_user_to_group", person, GroupName=authors)
    done = administration.change_groups(ada, groups=(editors,), by=root, context=DESK)
    assert done.names == (editors,)
    assert groups_there(pool, ada) == again(ada).cognito_groups == [editors]
    assert [each.name for each in again(ada).groups.all()] == [editors]
    assert happened(ada) == [(Kind.GROUPS_CHANGED, Outcome.DONE, root.pk)]
    assert "Your groups are now: editors." in mailed(person.email)[0]


def test_others_stay_where_some_are_added_and_removed(pool: LocalPool, ada: User, root: User, person: Person) -> None:
    names = [group(pool, name) for name in ("authors", "editors", "members")]
    for name in names[:2]:
        pool.admin("add_user_to_group", person, GroupName=name)
    done = administration.change_groups(ada, add=("members",), remove=("authors", "nobodys"), by=root, context=DESK)
    assert done.names == ("editors", "members")
    assert groups_there(pool, ada) == ["editors", "members"]


def test_rights_count_from_the_next_page_on(
    pool: LocalPool, ada: User, root: User, person: Person, browser_of: SignIn
) -> None:
    browser = browser_of(person)
    administration.change_groups(ada, add=(pool.env["COGNITO_STAFF_GROUP"],), by=root, context=DESK)
    assert again(ada).is_staff
    administration.change_groups(again(ada), groups=(), by=root, context=DESK)
    assert not again(ada).is_staff
    assert browser.get("/account/").status_code == 200


def test_groups_that_are_so_already_are_no_event(pool: LocalPool, ada: User, root: User, cognito: FaultProxy) -> None:
    assert administration.change_groups(ada, groups=(), by=root, context=DESK).names == ()
    assert (happened(ada), mailed(ada.email)) == ([], [])


def test_the_group_of_an_outside_provider_is_left_alone(
    pool: LocalPool, ada: User, root: User, person: Person, cognito: FaultProxy
) -> None:
    theirs, other = group(pool, f"{pool.id}_Google"), group(pool, f"{pool.id}_Apple")
    pool.admin("add_user_to_group", person, GroupName=theirs)
    administration.change_groups(ada, groups=(other,), by=root, context=DESK)
    assert groups_there(pool, ada) == [theirs]


def test_a_group_that_is_gone_is_told_in_words(pool: LocalPool, ada: User, root: User) -> None:
    with pytest.raises(ActRefused, match="a group that does not exist any more"):
        administration.change_groups(ada, add=("nobodys",), by=root, context=DESK)
    assert not Group.objects.filter(name="nobodys").exists()


def test_staff_make_nobody_a_superuser(pool: LocalPool, ada: User) -> None:
    clerk = staff_who_may(pool, "change_groups_user")
    with pytest.raises(ActRefused, match="only a superuser"):
        administration.change_groups(ada, add=(pool.env["COGNITO_SUPERUSER_GROUP"],), by=clerk, context=DESK)
    assert groups_there(pool, ada) == []


def test_staff_give_nobody_rights_that_they_lack(pool: LocalPool, ada: User) -> None:
    clerk = staff_who_may(pool, "change_groups_user")
    powerful = group(pool, "powerful", "change_groups_user", "delete_user")
    with pytest.raises(ActRefused, match="cannot get rights that you do not have"):
        administration.change_groups(ada, add=(powerful,), by=clerk, context=DESK)
    assert groups_there(pool, ada) == []


def test_staff_give_rights_that_they_have(pool: LocalPool, ada: User) -> None:
    clerk = staff_who_may(pool, "change_groups_user")
    alike = group(pool, "alike", "change_groups_user")
    staff_group = pool.env["COGNITO_STAFF_GROUP"]
    administration.change_groups(ada, add=(alike, staff_group), by=clerk, context=DESK)
    assert again(ada).has_perm("accounts.change_groups_user")
    assert again(ada).is_staff


def test_a_superuser_makes_a_superuser(pool: LocalPool, ada: User, root: User) -> None:
    administration.change_groups(ada, add=(pool.env["COGNITO_SUPERUSER_GROUP"],), by=root, context=DESK)
    assert again(ada).is_superuser
