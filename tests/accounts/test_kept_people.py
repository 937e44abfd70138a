"""Rows of people who never signed in here: made from the directory, and no way in for anybody but their owner."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts import conf, holds, users
from accounts.cognito.factors import Factor
from accounts.cognito.results import Claims, Person, Profile, Status
from accounts.models import Activity, User
from tests.accounts.squatting import EVES, NEW, RESET, VERIFY, new_password, opens, register
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.local_pool import PASSWORD, LocalPool, new_email
from tests.local_pool import Person as PoolPerson

pytestmark = pytest.mark.django_db

ADA = Person(
    username="sub-1",
    sub="sub-1",
    status=Status.FORCE_CHANGE_PASSWORD,
    enabled=True,
    created_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    changed_at=None,
    attributes={"sub": "sub-1", "email": "ada@example.com", "email_verified": "true", "name": "Ada Lovelace"},
)


def claims_of(person: Person, **changes: Any) -> Claims:
    """Return what the person's ID token says."""
    claims = Claims(
        issuer=conf.config().issuer,
        sub=person.sub,
        username=person.username,
        email=person.email,
        email_verified=person.email_verified,
        name=person.name,
        groups=(),
    )
    return replace(claims, **changes)


def test_somebody_of_the_directory_is_kept_as_it_describes_them() -> None:
    user = users.keep(ADA)
    user.refresh_from_db()
    assert (user.issuer, user.sub, user.username) == (conf.config().issuer, "sub-1", "sub-1")
    assert (user.email, user.email_verified, user.name) == ("ada@example.com", True, "Ada Lovelace")
    assert (user.cognito_status, user.is_active) == ("FORCE_CHANGE_PASSWORD", True)
    assert user.date_joined == ADA.created_at
    assert user.last_login is None
    assert not user.has_usable_password()


def test_keeping_them_again_makes_no_second_row_and_writes_nothing(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    before = users.keep(ADA)
    with django_assert_num_queries(1):
        assert users.keep(ADA).pk == before.pk


def test_somebody_disabled_there_is_shut_out_here_and_let_in_when_enabled() -> None:
    assert not users.keep(replace(ADA, enabled=False)).is_active
    assert users.keep(ADA).is_active


def test_groups_are_left_alone_unless_they_are_named(settings: Settings) -> None:
    staff = settings.COGNITO["STAFF_GROUP"]
    assert users.keep(ADA, [staff]).is_staff
    assert users.keep(replace(ADA, attributes={"email": "new@example.com"})).is_staff
    user = users.keep(ADA, [])
    user.refresh_from_db()
    assert (user.is_staff, user.cognito_groups, list(user.groups.all())) == (False, [], [])


def test_a_new_person_may_come_with_groups() -> None:
    users.keep(ADA, ["editors"])
    assert list(User.objects.get().groups.all()) == list(Group.objects.filter(name="editors"))


def test_second_factors_are_kept_where_the_directory_told_of_them() -> None:
    user = users.keep(replace(ADA, factors=(Factor.TOTP,), tells_factors=True))
    assert user.second_factors == ["SOFTWARE_TOKEN_MFA"]
    assert users.keep(replace(ADA, status=Status.CONFIRMED)).second_factors == ["SOFTWARE_TOKEN_MFA"]
    assert users.keep(replace(ADA, tells_factors=True)).second_factors == []


def test_second_factors_are_kept_where_people_look_at_them_themselves() -> None:
    user = users.keep(ADA)
    users.update(user, Profile("sub-1", {}, factors=(Factor.SMS, Factor.EMAIL)))
    user.refresh_from_db()
    assert user.second_factors == ["EMAIL_OTP", "SMS_MFA"]


def test_nobody_is_kept_without_a_sub() -> None:
    with pytest.raises(ValueError, match="sub"):
        users.keep(replace(ADA, sub=""))
    assert not User.objects.exists()


def test_a_recreated_account_is_somebody_else() -> None:
    old = users.keep(ADA, ["staff"])
    new = users.keep(replace(ADA, sub="sub-2"))
    assert new.pk != old.pk
    assert (new.is_staff, new.cognito_groups) == (False, [])


def test_whoever_is_gone_is_not_known_by_their_name_any_more(settings: Settings) -> None:
    settings.COGNITO = {**settings.COGNITO, "SIGN_IN_WITH": "email"}
    gone = users.keep(ADA)
    assert list(users.named("Ada@example.com")) == [gone]
    User.objects.update(cognito_status=Status.GONE)
    assert list(users.named("Ada@example.com")) == []


def test_the_first_sign_in_is_the_first_one_and_not_that_a_row_was_made() -> None:
    users.keep(ADA)
    assert users.user_for(claims_of(ADA)).is_new
    User.objects.update(last_login=timezone.now())
    assert not users.user_for(claims_of(ADA)).is_new


def test_a_sign_in_says_that_the_account_is_complete() -> None:
    users.keep(ADA)
    assert users.user_for(claims_of(ADA)).cognito_status == Status.CONFIRMED
    provider = f"{conf.config().user_pool_id}_Google"
    assert users.user_for(claims_of(ADA, groups=(provider,))).cognito_status == Status.EXTERNAL_PROVIDER


def test_a_sign_in_leaves_the_day_they_joined() -> None:
    users.keep(ADA)
    users.user_for(claims_of(ADA))
    assert User.objects.get().date_joined == ADA.created_at


def test_somebody_shut_out_is_neither_let_in_nor_changed_by_trying() -> None:
    users.keep(replace(ADA, enabled=False))
    user = users.user_for(claims_of(ADA, name="Countess", groups=("superusers",)))
    assert (user.is_active, user.name, user.is_superuser) == (False, "Ada Lovelace", False)


def test_that_nothing_changed_is_noted_once_a_day() -> None:
    users.user_for(claims_of(ADA))
    long_ago = timezone.now() - users.SEEN_EVERY - timedelta(seconds=1)
    User.objects.update(last_login=timezone.now(), cognito_seen_at=long_ago)
    users.user_for(claims_of(ADA))
    seen_at = User.objects.get().cognito_seen_at
    assert seen_at is not None
    assert seen_at > long_ago + users.SEEN_EVERY


@pytest.mark.parametrize("held", ["ADA@example.com", "sub-1", "typed"])
def test_a_row_from_the_directory_lets_no_held_name_through(held: str) -> None:
    users.keep(ADA)
    with holds.held(held), pytest.raises(users.Held):
        users.user_for(claims_of(ADA), "typed")


def test_nor_does_it_when_a_stranger_has_changed_the_address_meanwhile() -> None:
    users.keep(ADA)
    with holds.held("ada@example.com"), pytest.raises(users.Held) as refused:
        users.user_for(claims_of(ADA, email="eve@example.com"), "eve@example.com")
    assert "ada@example.com" in refused.value.names


def test_a_person_who_has_signed_in_is_never_held() -> None:
    users.keep(ADA)
    User.objects.update(last_login=timezone.now())
    with holds.held("ada@example.com"):
        assert not users.user_for(claims_of(ADA)).is_new


def listed(pool: LocalPool, email: str) -> User:
    """Keep somebody as an entry of the directory, as an invitation or a synchronisation does."""
    person = conf.directory().find("email", email)[0]
    return users.keep(person)


def test_a_squatted_address_that_the_directory_has_listed_still_goes_to_its_owner(pool: LocalPool) -> None:
    email = new_email()
    register(email, EVES)
    assert listed(pool, email).cognito_status == Status.UNCONFIRMED
    ada = register(email, PASSWORD)
    assert ada.post(VERIFY, {"code": pool.code(email)}).url == RESET
    listed(pool, email)
    assert not opens(email, EVES)
    assert ada.post(RESET, new_password(pool.code(email, after=2))).url == "/login/"
    assert opens(email, NEW, ada)
    assert not opens(email, EVES)


def test_the_first_sign_in_of_somebody_invited_is_recorded_as_the_first(
    pool: LocalPool, person: PoolPerson, browser_of: SignIn
) -> None:
    user = listed(pool, person.email)
    browser_of(person)
    assert Activity.objects.get(user=user).kind == Activity.Kind.FIRST_SIGN_IN
    browser_of(person)
    assert {row.kind for row in Activity.objects.filter(user=user)} == {"first_sign_in", "signed_in"}


def test_somebody_the_directory_says_is_disabled_does_not_get_in(pool: LocalPool, person: PoolPerson) -> None:
    user = listed(pool, person.email)
    User.objects.filter(pk=user.pk).update(is_active=False)
    response = CheckedClient().post("/login/", {"username": person.email, "password": person.password})
    assert response.status_code == 200
