"""From verified claims to the local row: found by issuer and sub only, written only where it differs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts import conf, users
from accounts.cognito.results import Claims, Profile
from accounts.models import User

pytestmark = pytest.mark.django_db

ADA = Claims(
    issuer="https://issuer.example/pool",
    sub="sub-1",
    username="ada",
    email="ada@example.com",
    email_verified=True,
    name="Ada Lovelace",
    groups=(),
)


def test_the_first_sign_in_makes_a_user() -> None:
    user = users.user_for(ADA)
    assert (user.issuer, user.sub, user.email, user.name) == (ADA.issuer, ADA.sub, ADA.email, ADA.name)


def test_the_second_sign_in_finds_it() -> None:
    assert users.user_for(ADA).pk == users.user_for(ADA).pk
    assert User.objects.count() == 1


def test_there_is_no_password_to_guess() -> None:
    assert not users.user_for(ADA).has_usable_password()


def test_a_further_sign_in_leaves_the_password_alone() -> None:
    before = users.user_for(ADA).password
    users.user_for(replace(ADA, name="Ada King"))
    assert User.objects.get().password == before


def test_the_same_address_under_another_sub_is_another_person() -> None:
    users.user_for(ADA)
    other = users.user_for(replace(ADA, sub="sub-2"))
    assert User.objects.filter(email=ADA.email).count() == 2
    assert other.sub == "sub-2"


def test_the_same_sub_at_another_issuer_is_another_person() -> None:
    assert users.user_for(ADA).pk != users.user_for(replace(ADA, issuer="https://other.example/pool")).pk


@pytest.mark.parametrize(
    "changes", [{"email": "new@example.com"}, {"username": "countess"}, {"name": ""}, {"email_verified": False}]
)
def test_what_changes_at_cognito_changes_here_and_the_person_stays(changes: dict[str, Any]) -> None:
    before = users.user_for(ADA)
    users.user_for(replace(ADA, **changes))
    after = User.objects.get()
    assert after.pk == before.pk
    assert {name: getattr(after, name) for name in changes} == changes


def test_a_recreated_account_gets_nothing_of_the_old_one() -> None:
    old = users.user_for(replace(ADA, groups=("superusers",)))
    assert old.is_superuser
    new = users.user_for(replace(ADA, sub="sub-2"))
    assert not new.is_superuser
    assert list(new.groups.all()) == []


def test_an_unchanged_person_costs_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    users.user_for(ADA)
    User.objects.update(last_login=timezone.now())
    with django_assert_num_queries(1):
        users.user_for(ADA)


def test_only_what_differs_is_written() -> None:
    users.user_for(ADA)
    # Written by somebody else meanwhile, and of no concern to the claims.
    User.objects.update(is_active=False)
    users.user_for(replace(ADA, name="Ada King"))
    assert User.objects.get().is_active is False


def test_a_group_makes_staff() -> None:
    user = users.user_for(replace(ADA, groups=("staff",)))
    assert (user.is_staff, user.is_superuser) == (True, False)


def test_a_superuser_is_staff_too() -> None:
    user = users.user_for(replace(ADA, groups=("superusers",)))
    assert (user.is_staff, user.is_superuser) == (True, True)


def test_rights_go_when_the_group_goes() -> None:
    assert users.user_for(replace(ADA, groups=("staff", "superusers"))).is_superuser
    user = users.user_for(ADA)
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser, list(user.groups.all())) == (False, False, [])


def test_rights_set_by_hand_are_taken_back() -> None:
    users.user_for(ADA)
    User.objects.update(is_superuser=True, is_staff=True)
    user = users.user_for(ADA)
    assert (user.is_staff, user.is_superuser) == (False, False)
    assert not User.objects.filter(is_superuser=True).exists()


@pytest.mark.parametrize("group", ["Staff", "staff ", "superuser", "administrators", ""])
def test_other_groups_grant_nothing(group: str) -> None:
    user = users.user_for(replace(ADA, groups=(group,)))
    assert (user.is_staff, user.is_superuser) == (False, False)


def test_no_configured_group_grants_nothing(settings: Settings) -> None:
    settings.COGNITO = {**settings.COGNITO, "STAFF_GROUP": "", "SUPERUSER_GROUP": ""}
    user = users.user_for(replace(ADA, groups=("", "staff")))
    assert (user.is_staff, user.is_superuser) == (False, False)


def test_the_groups_of_outside_providers_are_left_out() -> None:
    provider = f"{conf.config().user_pool_id}_Google"
    user = users.user_for(replace(ADA, groups=("editors", provider)))
    assert [group.name for group in user.groups.all()] == ["editors"]


def test_permissions_come_from_the_group_of_the_same_name() -> None:
    Group.objects.create(name="editors")
    user = users.user_for(replace(ADA, groups=("editors",)))
    assert [group.name for group in user.groups.all()] == ["editors"]
    assert Group.objects.count() == 1


def test_a_group_name_too_long_for_django_does_not_stop_the_sign_in() -> None:
    assert list(users.user_for(replace(ADA, groups=("g" * 200,))).groups.all()) == []


def test_long_values_are_cut_and_not_refused() -> None:
    long = replace(ADA, username="u" * 300, name="n" * 5000, email="e" * 5000)
    user = users.user_for(long)
    user.refresh_from_db()
    assert (len(user.username), len(user.name), len(user.email)) == (128, 2048, 320)


def test_what_no_database_takes_as_text_is_left_out() -> None:
    user = users.user_for(replace(ADA, name="A\0da \ud800Löve", email="a\0@example.com"))
    user.refresh_from_db()
    assert (user.name, user.email) == ("Ada Löve", "a@example.com")


def test_a_profile_is_written_ahead_of_the_next_token() -> None:
    user = users.user_for(ADA)
    new = {"email": "countess@example.com", "email_verified": "true", "name": "Countess"}
    users.update(user, Profile(username="ada", attributes=new))
    user.refresh_from_db()
    assert (user.email, user.email_verified, user.name) == ("countess@example.com", True, "Countess")
    users.update(user, Profile(username="ada", attributes={"email_verified": "false"}))
    user.refresh_from_db()
    assert (user.email, user.email_verified, user.name) == ("", False, "")


def test_a_long_profile_is_cut_and_not_refused() -> None:
    user = users.user_for(ADA)
    users.update(user, Profile(username="ada", attributes={"email": "e" * 5000, "name": "n" * 5000}))
    user.refresh_from_db()
    assert (len(user.email), len(user.name)) == (320, 2048)


def test_a_profile_and_claims_say_the_same_of_one_person() -> None:
    attributes = {"email": ADA.email, "email_verified": "true", "name": ADA.name}
    profile = users.fields(Profile(username="ada", attributes=attributes))
    assert profile.items() <= (users.fields(ADA) | {"second_factors": []}).items()


def test_a_profile_takes_neither_groups_nor_rights_away() -> None:
    user = users.user_for(replace(ADA, groups=("staff",)))
    users.update(user, Profile(username="another", attributes={}))
    user.refresh_from_db()
    assert (user.username, user.cognito_groups, user.is_staff) == ("ada", ["staff"], True)


@pytest.mark.parametrize("known", [False, True], ids=["first sign-in", "later sign-in"])
def test_groups_and_rights_are_written_together_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch, known: bool, settings: Settings
) -> None:
    if known:
        users.user_for(ADA)

    def away(*_: object) -> None:
        raise OperationalError

    monkeypatch.setattr(users, "set_groups", away)
    with pytest.raises(OperationalError):
        users.user_for(replace(ADA, groups=(settings.COGNITO["SUPERUSER_GROUP"],)))
    assert [user.is_superuser for user in User.objects.all()] == ([False] if known else [])


def test_a_first_sign_in_writes_the_person_once() -> None:
    with CaptureQueriesContext(connection) as statements:
        users.user_for(ADA)
    written = [
        query["sql"] for query in statements if '"accounts_user"' in query["sql"] and "SELECT" not in query["sql"]
    ]
    assert [sql.split()[0] for sql in written] == ["INSERT"]


def test_the_loser_of_a_race_finds_the_winners_row() -> None:
    winner = users.user_for(ADA)
    # The loser looked before the winner wrote.
    assert users.create(ADA.issuer, ADA.sub, users.fields(ADA)).pk == winner.pk
    assert User.objects.count() == 1


def test_the_database_itself_refuses_a_second_row() -> None:
    users.user_for(ADA)
    with pytest.raises(IntegrityError):
        User.objects.create(issuer=ADA.issuer, sub=ADA.sub, username="another")
