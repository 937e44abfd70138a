"""What administrators see and change of people's factors, and what Cognito has noted of their sign-ins.

API_AdminGetUserAuthFactors, API_AdminDeleteSoftwareToken, API_AdminSetUserMFAPreference, API_AdminListUserAuthEvents.
"""

from __future__ import annotations

from typing import Any

import pyotp
import pytest

from tests.devcloud.conformance.conftest import MakePool
from tests.devcloud.conformance.user_pool import PASSWORD, AppClient, Person, new_email, refused

OFF = {"Enabled": False, "PreferredMfa": False}
PREFERRED = {"Enabled": True, "PreferredMfa": True}


@pytest.fixture(scope="module")
def app(make_pool: MakePool) -> AppClient:
    """A client of a pool that allows authenticator apps."""
    return make_pool(mfa={"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": True}})


@pytest.fixture
def enrolled(app: AppClient) -> Person:
    """Somebody with an authenticator app."""
    person = app.person()
    token = app.tokens(person)["AccessToken"]
    secret = app.public.associate_software_token(AccessToken=token)["SecretCode"]
    app.public.verify_software_token(AccessToken=token, UserCode=pyotp.TOTP(secret).now())
    app.public.set_user_mfa_preference(AccessToken=token, SoftwareTokenMfaSettings=PREFERRED)
    return person


def test_the_factors_of_somebody_are_listed(app: AppClient, enrolled: Person) -> None:
    factors = app.on(enrolled, "get_user_auth_factors")
    assert factors["ConfiguredUserAuthFactors"] == ["EMAIL_OTP", "PASSWORD"]
    assert (factors["UserMFASettingList"], factors["PreferredMfaSetting"]) == (
        ["SOFTWARE_TOKEN_MFA"],
        "SOFTWARE_TOKEN_MFA",
    )
    found = app.on(enrolled, "get_user")
    assert found["UserMFASettingList"] == ["SOFTWARE_TOKEN_MFA"]


def test_who_has_no_second_factor_shows_none(app: AppClient, person: Person) -> None:
    """API_AdminGetUser; what is not there is left out."""
    found = app.on(app.person(), "get_user")
    assert not {"UserMFASettingList", "PreferredMfaSetting", "MFAOptions"} & found.keys()


def test_without_their_authenticator_the_password_is_enough_again(app: AppClient, enrolled: Person) -> None:
    app.on(enrolled, "delete_software_token")
    assert app.tokens(enrolled)
    assert "UserMFASettingList" not in app.on(enrolled, "get_user")


def test_a_deleted_authenticator_cannot_be_switched_on(app: AppClient, enrolled: Person) -> None:
    app.on(enrolled, "delete_software_token")
    with refused("InvalidParameterException"):
        app.on(enrolled, "set_user_mfa_preference", SoftwareTokenMfaSettings=PREFERRED)


def test_somebody_who_waits_to_be_confirmed_has_none_to_delete(app: AppClient) -> None:
    """API_AdminDeleteSoftwareToken, UserNotConfirmedException."""
    name = new_email()
    app.call("sign_up", name, Password=PASSWORD)
    with refused("UserNotConfirmedException"):
        app.on(Person(name, PASSWORD, ""), "delete_software_token")


def test_an_administrator_switches_a_factor_off_and_it_stays_set_up(app: AppClient, enrolled: Person) -> None:
    app.on(enrolled, "set_user_mfa_preference", SoftwareTokenMfaSettings=OFF)
    assert app.tokens(enrolled)
    app.on(enrolled, "set_user_mfa_preference", SoftwareTokenMfaSettings=PREFERRED)
    assert app.password(enrolled)["ChallengeName"] == "SOFTWARE_TOKEN_MFA"


def test_a_pool_without_threat_protection_tells_of_no_sign_in(app: AppClient) -> None:
    """API_AdminListUserAuthEvents, UserPoolAddOnNotEnabledException."""
    with refused("UserPoolAddOnNotEnabledException"):
        app.on(app.person(), "list_user_auth_events")


@pytest.fixture(scope="module")
def watched(make_pool: MakePool) -> AppClient:
    """A client of a pool that notes sign-ins."""
    return make_pool(UserPoolTier="PLUS", UserPoolAddOns={"AdvancedSecurityMode": "AUDIT"})


def test_sign_ins_are_listed_the_latest_first(watched: AppClient) -> None:
    """API_AuthEventType."""
    person = watched.person()
    with refused("NotAuthorizedException"):
        watched.initiate("USER_PASSWORD_AUTH", person.name, PASSWORD="Wrong-horse-1")
    watched.tokens(person)
    first: Any = watched.on(person, "list_user_auth_events", MaxResults=1)
    then = watched.on(person, "list_user_auth_events", MaxResults=1, NextToken=first["NextToken"])
    assert [event["EventResponse"] for page in (first, then) for event in page["AuthEvents"]] == ["Pass", "Fail"]
    assert "NextToken" not in then


def test_sixty_events_are_listed_at_a_time(watched: AppClient) -> None:
    with refused("InvalidParameterException", "less than or equal to 60"):
        watched.on(watched.person(), "list_user_auth_events", MaxResults=61)


def test_the_events_of_an_unknown_person_are_not_found(watched: AppClient) -> None:
    with refused("UserNotFoundException"):
        watched.on(Person(new_email(), "", ""), "list_user_auth_events")
