"""manage.py sync_users against the local AWS: who differs and how, both ways, and what becomes of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError

from accounts import conf, users
from accounts.cognito.results import Status
from accounts.models import Activity, Session, Synchronisation, User
from tests import fault_proxy
from tests.accounts.squatting import EVES, VERIFY, opens, register
from tests.accounts.synchronising import attributes, drift, in_words, kept, kinds_of, put_into, said, sync
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, Person, new_email

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool(own_pool: LocalPool) -> LocalPool:
    """A pool in which nobody is yet."""
    return own_pool


@pytest.fixture
def ada(pool: LocalPool) -> Person:
    """Somebody of the pool, who has never been here."""
    return pool.person(name="Ada Lovelace")


def test_somebody_who_is_missing_here_gets_a_row(pool: LocalPool, ada: Person) -> None:
    assert drift(sync()) == {"missing": 1}
    user = kept(ada.sub)
    assert (user.email, user.email_verified, user.name) == (ada.email, True, "Ada Lovelace")
    assert (user.cognito_status, user.is_active, user.is_staff, user.last_login) == ("CONFIRMED", True, False, None)
    described = pool.root.admin_get_user(UserPoolId=pool.id, Username=ada.email)
    assert user.date_joined == described["UserCreateDate"]
    assert user.username == described["Username"]
    assert not user.has_usable_password()
    assert user.password != User.objects.exclude(pk=user.pk).values_list("password", flat=True).first()


def test_a_second_run_finds_nothing(ada: Person) -> None:
    sync()
    before = User.objects.values().get()
    assert drift(sync()) == {}
    assert User.objects.values().get() == before


def test_people_of_every_status_are_kept(pool: LocalPool, ada: Person) -> None:
    invited = pool.invited()
    pool.root.admin_reset_user_password(UserPoolId=pool.id, Username=ada.email)
    email = new_email()
    register(email, EVES)
    sync()
    assert kept(ada.sub).cognito_status == Status.RESET_REQUIRED
    assert kept(invited.sub).cognito_status == Status.FORCE_CHANGE_PASSWORD
    assert User.objects.get(email=email).cognito_status == Status.UNCONFIRMED


def test_what_changed_there_changes_here(pool: LocalPool, ada: Person) -> None:
    sync()
    renamed = new_email()
    attributes(pool, ada, email=renamed, name="Countess")
    assert drift(sync()) == {"changed": 1}
    user = kept(ada.sub)
    assert (user.email, user.email_verified, user.name) == (renamed, False, "Countess")


def test_an_attribute_that_is_taken_away_is_taken_away_here(pool: LocalPool, ada: Person) -> None:
    sync()
    attributes(pool, ada, name="")
    assert drift(sync()) == {"changed": 1}
    assert kept(ada.sub).name == ""


def test_two_people_who_swap_addresses_stay_who_they_are(pool: LocalPool, ada: Person) -> None:
    eve = pool.person(name="Eve")
    sync()
    first, second = kept(ada.sub).pk, kept(eve.sub).pk
    attributes(pool, ada, email=new_email())
    attributes(pool, eve, email=ada.email)
    pool.root.admin_update_user_attributes(
        UserPoolId=pool.id, Username=kept(ada.sub).username, UserAttributes=[{"Name": "email", "Value": eve.email}]
    )
    assert drift(sync()) == {"changed": 2}
    assert (kept(ada.sub).pk, kept(ada.sub).email) == (first, eve.email)
    assert (kept(eve.sub).pk, kept(eve.sub).email) == (second, ada.email)


def test_somebody_disabled_loses_their_sessions_and_is_out_at_once(
    pool: LocalPool, ada: Person, browser_of: SignIn, cognito: FaultProxy
) -> None:
    browser = browser_of(ada)
    pool.admin("disable_user", ada)
    cognito.calls.clear()
    totals = sync()
    assert drift(totals) == {"disabled": 1}
    assert totals["sessions_ended"] == 1
    assert cognito.calls["RevokeToken"] == 1
    assert not Session.objects.exists()
    assert browser.get("/account/").status_code == 302
    assert kinds_of(ada)[-1] == Activity.Kind.SHUT_OUT


def test_somebody_enabled_again_gets_in_again_and_finds_no_old_session(
    pool: LocalPool, ada: Person, browser_of: SignIn
) -> None:
    browser = browser_of(ada)
    pool.admin("disable_user", ada)
    sync()
    pool.admin("enable_user", ada)
    assert drift(sync()) == {"enabled": 1}
    assert kept(ada.sub).is_active
    assert browser.get("/account/").status_code == 302
    assert opens(ada.email, ada.password)
    assert Activity.Kind.LET_IN in kinds_of(ada)


def test_whoever_was_shut_out_since_they_were_listed_stays_out(
    pool: LocalPool, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync()
    User.objects.update(is_active=False)
    directory = conf.directory()
    listed = directory.list_people()
    monkeypatch.setattr(type(directory), "list_people", lambda *_args, **_kwargs: listed)
    pool.admin("disable_user", ada)
    sync()
    assert not kept(ada.sub).is_active
    assert kinds_of(ada) == []


def test_nobody_is_let_in_while_cognito_does_not_say_so(ada: Person, cognito: FaultProxy) -> None:
    sync()
    User.objects.update(is_active=False)
    cognito.fail("AdminGetUser", fault_proxy.server_error())
    sync()
    assert not kept(ada.sub).is_active
    cognito.heal()
    sync()
    assert kept(ada.sub).is_active


def test_somebody_gone_loses_sessions_groups_and_rights(pool: LocalPool, browser_of: SignIn) -> None:
    staff = pool.person(groups=("staff",))
    browser = browser_of(staff)
    pool.admin("delete_user", staff)
    totals = sync()
    # No member of any group comes first.
    assert drift(totals) == {"groups": 1, "gone": 1}
    user = kept(staff.sub)
    assert (user.cognito_status, user.is_active, user.is_staff, user.cognito_groups) == (Status.GONE, False, False, [])
    assert list(user.groups.all()) == []
    assert totals["sessions_ended"] == 1
    assert browser.get("/account/").status_code == 302
    assert kinds_of(staff)[-1] == Activity.Kind.ACCOUNT_DELETED


def test_whoever_is_gone_is_reported_once(pool: LocalPool, ada: Person) -> None:
    sync()
    pool.admin("delete_user", ada)
    assert drift(sync()) == {"gone": 1}
    assert drift(sync()) == {}


def test_a_recreated_account_is_a_new_person(pool: LocalPool, ada: Person) -> None:
    put_into(pool, ada, "superusers")
    sync()
    pool.admin("delete_user", ada)
    again = pool.person(email=ada.email)
    assert drift(sync()) == {"groups": 1, "gone": 1, "missing": 1}
    assert not kept(ada.sub).is_active
    new = kept(again.sub)
    assert (new.is_active, new.is_superuser, new.cognito_groups) == (True, False, [])
    assert list(users.named(ada.email)) == [new]


def test_nobody_is_gone_who_is_only_not_listed(
    pool: LocalPool, ada: Person, browser_of: SignIn, cognito: FaultProxy
) -> None:
    browser = browser_of(ada)
    sync()
    cognito.fail("ListUsers", fault_proxy.answered(200, b'{"Users": []}'), times=1)
    assert drift(sync()) == {}
    assert browser.get("/account/").status_code == 200


def test_nobody_is_gone_because_every_listing_is_empty(
    pool: LocalPool, ada: Person, browser_of: SignIn, cognito: FaultProxy
) -> None:
    browser = browser_of(ada)
    sync()
    cognito.fail("ListUsers", fault_proxy.answered(200, b'{"Users": []}'))
    assert drift(sync()) == {}
    assert browser.get("/account/").status_code == 200


def test_somebody_who_came_during_the_run_is_left_to_the_next(
    pool: LocalPool, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync()
    directory = conf.directory()
    listed = directory.list_people()
    monkeypatch.setattr(type(directory), "known", lambda *_args: pytest.fail("nobody is to be asked for"))
    eve = pool.person()

    def list_people(*_args: Any, **_kwargs: Any) -> Any:
        users.keep(directory.get(eve.email))
        return listed

    monkeypatch.setattr(type(directory), "list_people", list_people)
    assert drift(sync()) == {}
    assert kept(eve.sub).is_active


@pytest.mark.parametrize("issuer", ["local", "https://another.example/pool"])
def test_people_of_other_issuers_are_never_touched(pool: LocalPool, ada: Person, issuer: str) -> None:
    put_into(pool, ada, "staff")
    editors = Group.objects.create(name="editors")
    other = User.objects.create(
        issuer=issuer, sub=ada.sub, username="root", is_staff=True, is_superuser=True, cognito_groups=["editors"]
    )
    other.groups.add(editors)
    before = User.objects.filter(pk=other.pk).values().get()
    assert drift(sync()) == {"missing": 1, "groups": 1}
    assert User.objects.filter(pk=other.pk).values().get() == before
    assert list(other.groups.all()) == [editors]


@pytest.mark.parametrize("issuer", ["local", "https://another.example/pool"])
def test_people_of_other_issuers_are_never_gone(ada: Person, issuer: str) -> None:
    User.objects.create(issuer=issuer, sub="of another", username="root")
    sync()
    # Now that somebody younger is known here, whoever has an older row and was not met is asked for.
    assert drift(sync()) == {}
    assert kept("of another").is_active


def test_a_squatted_name_is_no_less_held_for_having_been_listed(pool: LocalPool) -> None:
    email = new_email()
    register(email, EVES)
    sync()
    ada = register(email, PASSWORD)
    ada.post(VERIFY, {"code": pool.code(email)})
    sync()
    assert pool.status(email) == "CONFIRMED"
    assert not opens(email, EVES)


def test_somebody_listed_signs_in_for_the_first_time_as_anybody_does(pool: LocalPool, ada: Person) -> None:
    sync()
    assert opens(ada.email, ada.password)
    assert kinds_of(ada) == [Activity.Kind.FIRST_SIGN_IN]
    assert drift(sync()) == {}


def test_a_dry_run_says_what_differs_and_writes_nothing(pool: LocalPool, ada: Person, browser_of: SignIn) -> None:
    eve, mallory, staff = pool.person(), pool.person(), pool.person(groups=("staff",))
    for person in (ada, eve, mallory, staff):
        browser_of(person)
    sync()
    newcomer = pool.person()
    attributes(pool, ada, name="Countess")
    pool.admin("disable_user", eve)
    pool.admin("delete_user", mallory)
    pool.admin("remove_user_from_group", staff, GroupName="staff")
    before = list(User.objects.order_by("pk").values())
    *lines, totals = said("--dry-run")
    assert {(line["drift"], line["sub"]) for line in lines} == {
        ("missing", newcomer.sub),
        ("changed", ada.sub),
        ("disabled", eve.sub),
        ("gone", mallory.sub),
        ("groups", staff.sub),
    }
    assert drift(totals) == {"missing": 1, "changed": 1, "disabled": 1, "gone": 1, "groups": 1}
    assert list(User.objects.order_by("pk").values()) == before
    assert Session.objects.count() == 4
    assert drift(sync()) == drift(totals)


def test_the_report_names_nobody_but_by_sub(ada: Person) -> None:
    lines = in_words("--dry-run")
    assert lines[0] == f"missing here: {ada.sub}"
    assert ada.email not in "".join(lines)
    assert lines[1].startswith("1 people compared in")
    assert lines[1].endswith("1 missing here. Nothing was written.")


def test_a_run_says_in_one_line_what_it_did(ada: Person) -> None:
    [line] = in_words()
    assert line.endswith("1 missing here.")
    [line] = in_words()
    assert line.endswith("nothing differs.")
    assert len(in_words("-v", "2")) == 1


def test_every_person_is_named_where_more_is_asked_for(ada: Person) -> None:
    assert in_words("-v", "2")[0] == f"missing here: {ada.sub}"


def test_a_check_ends_with_one_where_something_differs_and_writes_nothing(ada: Person) -> None:
    with pytest.raises(CommandError) as ended:
        sync("--check")
    assert ended.value.returncode == 1
    assert not User.objects.exists()
    sync()
    assert drift(sync("--check")) == {}


def test_nothing_is_left_of_where_a_finished_run_was(ada: Person) -> None:
    sync()
    row = Synchronisation.objects.get()
    assert (row.run, row.lease, row.begun_at, row.page_token, row.listed) == (None, None, None, "", False)
    assert row.finished_at is not None


def test_somebody_signed_in_notices_nothing_of_it(ada: Person, browser_of: SignIn) -> None:
    browser: CheckedClient = browser_of(ada)
    sync()
    assert browser.get("/account/").status_code == 200
    assert browser.get("/account/security/").status_code == 200
