"""Inviting people: https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-create-user-accounts.html."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.devcloud.conformance.conftest import Clock, MakePool
from tests.devcloud.conformance.user_pool import PASSWORD, AppClient, Outbox, Person, new_email, pairs, refused

DAY = 24 * 60 * 60


def invite(app: AppClient, email: str, **parameters: Any) -> Any:
    user = app.admin.admin_create_user(UserPoolId=app.pool_id, Username=email, **parameters)["User"]
    app.made.append(user["Username"])
    return user


def temporary_password(outbox: Outbox, email: str) -> str:
    found = re.search(r"temporary password is (\S+)\.$", outbox.messages(email)[-1]["body"])
    assert found
    return found[1]


def test_the_invitation_brings_a_password_that_works(app: AppClient, outbox: Outbox) -> None:
    email = new_email()
    user = invite(app, email, UserAttributes=pairs({"email": email}))
    assert user["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert {"Name": "email_verified", "Value": "false"} in user["Attributes"]
    assert outbox.messages(email)[0]["kind"] == "invitation"
    answer = app.initiate("USER_PASSWORD_AUTH", email, PASSWORD=temporary_password(outbox, email))
    assert answer["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_inviting_again_replaces_the_password_and_renews_it(app: AppClient, outbox: Outbox, later: Clock) -> None:
    email = new_email()
    invite(app, email)
    first = temporary_password(outbox, email)
    invite(app, email, MessageAction="RESEND")
    with refused("NotAuthorizedException"):
        app.initiate("USER_PASSWORD_AUTH", email, PASSWORD=first)
    with later(6 * DAY):
        assert app.initiate("USER_PASSWORD_AUTH", email, PASSWORD=temporary_password(outbox, email))["Session"]


def test_nobody_is_invited_twice(app: AppClient) -> None:
    email = new_email()
    invite(app, email, MessageAction="SUPPRESS")
    with refused("UsernameExistsException"):
        invite(app, email.upper(), MessageAction="SUPPRESS")


def test_inviting_an_unknown_person_again_is_refused(app: AppClient) -> None:
    with refused("UserNotFoundException"):
        invite(app, new_email(), MessageAction="RESEND")


def test_a_person_with_a_password_of_their_own_is_not_invited_again(app: AppClient, person: Person) -> None:
    """API_AdminCreateUser, MessageAction and UnsupportedUserStateException."""
    with refused("UnsupportedUserStateException"):
        invite(app, person.name, MessageAction="RESEND")
    assert app.tokens(person)


@pytest.mark.parametrize("attributes", [{"custom:shoe": "42"}, {"phone_number": "555"}])
def test_an_attribute_the_pool_does_not_have_is_refused(app: AppClient, attributes: dict[str, str]) -> None:
    with refused("InvalidParameterException"):
        invite(app, new_email(), UserAttributes=pairs(attributes))


@pytest.mark.parametrize(
    "parameters",
    [
        {"DesiredDeliveryMediums": ["SMS"]},
        {"DesiredDeliveryMediums": ["EMAIL", "SMS"]},
        {"UserAttributes": pairs({"phone_number_verified": "true"})},
    ],
)
def test_a_message_and_a_verified_flag_take_an_address(app: AppClient, parameters: dict[str, Any]) -> None:
    """API_AdminCreateUser, UserAttributes."""
    email = new_email()
    with refused("InvalidParameterException", "phone_number"):
        invite(app, email, **parameters)
    with refused("UserNotFoundException"):
        app.admin.admin_get_user(UserPoolId=app.pool_id, Username=email)


def test_an_invitation_can_be_kept_back(app: AppClient, outbox: Outbox) -> None:
    """API_AdminCreateUser, MessageAction."""
    email = new_email()
    invite(app, email, MessageAction="SUPPRESS", DesiredDeliveryMediums=["EMAIL"])
    assert not outbox.messages(email)


def test_the_password_of_a_second_invitation_obeys_the_policy(app: AppClient, outbox: Outbox) -> None:
    email = new_email()
    invite(app, email)
    with refused("InvalidPasswordException"):
        invite(app, email, MessageAction="RESEND", TemporaryPassword="weak")
    assert len(outbox.messages(email)) == 1


def test_an_invitation_ends_after_the_days_that_the_pool_gives_it(make_pool: MakePool, later: Clock) -> None:
    """API_PasswordPolicyType, TemporaryPasswordValidityDays; RESEND begins anew."""
    app = make_pool(Policies={"PasswordPolicy": {"MinimumLength": 8, "TemporaryPasswordValidityDays": 2}})
    person = app.invited()
    with later(3 * DAY):
        with refused("NotAuthorizedException", "expired"):
            app.password(person)
        invite(app, person.name, MessageAction="RESEND", TemporaryPassword=PASSWORD)
        assert app.password(person)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


@pytest.fixture(scope="module")
def by_code(make_pool: MakePool) -> AppClient:
    """A client of a pool in which a mailed code alone may sign in."""
    return make_pool(Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}})


class TestWhereACodeAloneSignsIn:
    """API_AdminCreateUser, TemporaryPassword."""

    def test_without_a_temporary_password_there_is_none(self, by_code: AppClient, outbox: Outbox) -> None:
        email = new_email()
        assert invite(by_code, email)["UserStatus"] == "CONFIRMED"
        assert len(outbox.messages(email)) == 1
        answer = by_code.initiate("USER_AUTH", email, PREFERRED_CHALLENGE="PASSWORD")
        assert answer["AvailableChallenges"] == ["EMAIL_OTP"]
        with refused("UnsupportedUserStateException"):
            invite(by_code, email, MessageAction="RESEND")

    def test_a_temporary_password_has_to_be_changed(self, by_code: AppClient) -> None:
        person = by_code.invited()
        assert by_code.password(person)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
