"""Who is the last superuser of the pool: nobody may take that person's rights away by mistake."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from accounts import conf, rights
from accounts.models import LOCAL_ISSUER, User

pytestmark = pytest.mark.django_db


def superuser(sub: str, **fields: object) -> User:
    given = {"issuer": conf.config().issuer, "is_staff": True, "is_superuser": True, **fields}
    return User.objects.create(sub=sub, username=sub, **given)


def test_the_only_superuser_is_the_last_one() -> None:
    assert rights.is_last_superuser(superuser("ada"))


def test_of_two_superusers_neither_is_the_last_one() -> None:
    ada, grace = superuser("ada"), superuser("grace")
    assert not rights.is_last_superuser(ada)
    assert not rights.is_last_superuser(grace)


@pytest.mark.parametrize(
    "fields",
    [
        {"is_active": False},
        {"is_superuser": False},
        {"issuer": "https://cognito-idp.eu-west-1.amazonaws.com/another"},
        {"issuer": LOCAL_ISSUER},
    ],
)
def test_somebody_who_cannot_take_over_does_not_count(fields: dict[str, object]) -> None:
    ada = superuser("ada")
    superuser("grace", **fields)
    assert rights.is_last_superuser(ada)


@pytest.mark.parametrize("fields", [{"is_superuser": False}, {"issuer": LOCAL_ISSUER}])
def test_whoever_has_no_such_right_from_the_pool_is_not_the_last_to_have_it(fields: dict[str, object]) -> None:
    assert not rights.is_last_superuser(superuser("ada", **fields))


@pytest.mark.parametrize("setting", ["STAFF_GROUP", "SUPERUSER_GROUP"])
def test_a_group_of_an_outside_provider_grants_nothing_even_where_a_setting_names_it(
    settings: Settings, setting: str
) -> None:
    theirs = f"{settings.COGNITO['USER_POOL_ID']}_Google"
    settings.COGNITO = {**settings.COGNITO, setting: theirs}
    assert rights.of_groups([theirs]) == rights.Rights()


def test_the_group_called_nothing_has_no_members(settings: Settings) -> None:
    settings.COGNITO = {**settings.COGNITO, "STAFF_GROUP": "", "SUPERUSER_GROUP": ""}
    assert rights.of_groups(["", "staff"]) == rights.Rights()
