"""Putting people into groups and taking them out: what counts at once, and who may give which rights."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from accounts import administration, conf
from accounts.administration import ActRefused
from accounts.audit import Kind, Outcome
from accounts.cognito.errors import Unavailable
from accounts.models import User
from tests import fault_proxy
from tests.accounts.administrators import DESK, again, group, happened, known, mailed, staff_who_may, superuser
from tests.accounts.conftest import Meanwhile
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


def test_of_two_who_change_the_groups_of_one_person_neither_undoes_what_the_other_did(
    pool: LocalPool, ada: User, root: User, meanwhile: Meanwhile
) -> None:
    editors, superusers = group(pool, "editors"), pool.env["COGNITO_SUPERUSER_GROUP"]
    administration.change_groups(ada, add=(superusers,), by=root, context=DESK)

    def demote() -> None:
        administration.change_groups(again(ada), remove=(superusers,), by=root, context=DESK)

    meanwhile("add_to_group", demote)
    done = administration.change_groups(again(ada), add=(editors,), by=root, context=DESK)
    assert groups_there(pool, ada) == again(ada).cognito_groups == list(done.names) == [editors]
    assert (again(ada).is_superuser, again(ada).is_staff) == (False, False)


def test_neither_does_so_where_cognito_answers_nothing_more(
    pool: LocalPool, ada: User, root: User, meanwhile: Meanwhile, cognito: FaultProxy
) -> None:
    editors, superusers = group(pool, "editors"), pool.env["COGNITO_SUPERUSER_GROUP"]
    administration.change_groups(ada, add=(superusers,), by=root, context=DESK)

    def demote() -> None:
        administration.change_groups(again(ada), remove=(superusers,), by=root, context=DESK)
        cognito.fail("*", fault_proxy.closed_before())

    meanwhile("add_to_group", demote)
    administration.change_groups(again(ada), add=(editors,), by=root, context=DESK)
    cognito.heal()
    assert groups_there(pool, ada) == again(ada).cognito_groups == [editors]


def test_rights_that_went_at_cognito_go_here_though_it_answers_nothing_more(
    pool: LocalPool, ada: User, root: User, meanwhile: Meanwhile, cognito: FaultProxy
) -> None:
    editors, superusers = group(pool, "editors"), pool.env["COGNITO_SUPERUSER_GROUP"]
    administration.change_groups(ada, add=(superusers,), by=root, context=DESK)
    meanwhile("remove_from_group", lambda: cognito.fail("*", fault_proxy.closed_before()))
    with pytest.raises(Unavailable):
        administration.change_groups(again(ada), groups=(editors,), by=root, context=DESK)
    assert (again(ada).is_superuser, again(ada).cognito_groups) == (False, [])


def test_what_was_changed_elsewhere_is_not_called_done_where_cognito_answers_nothing_more(
    pool: LocalPool, ada: User, root: User, person: Person, meanwhile: Meanwhile, cognito: FaultProxy
) -> None:
    superusers = pool.env["COGNITO_SUPERUSER_GROUP"]
    administration.change_groups(ada, add=(superusers,), by=root, context=DESK)
    pool.admin("remove_user_from_group", person, GroupName=superusers)
    meanwhile("groups_of", lambda: cognito.fail("*", fault_proxy.closed_before()))
    with pytest.raises(Unavailable):
        administration.change_groups(again(ada), groups=(), by=root, context=DESK)
    cognito.heal()
    administration.change_groups(again(ada), groups=(), by=root, context=DESK)
    assert not again(ada).is_superuser


def test_somebody_let_in_meanwhile_is_not_shut_out_by_an_act_that_remembers_them_otherwise(
    pool: LocalPool, ada: User, root: User, person: Person, browser_of: SignIn
) -> None:
    administration.disable(ada, by=root, context=DESK)
    remembered = again(ada)
    administration.enable(again(ada), by=root, context=DESK)
    browser = browser_of(person)
    administration.change_groups(remembered, add=(group(pool, "editors"),), by=root, context=DESK)
    assert again(ada).is_active
    assert browser.get("/account/").status_code == 200


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
