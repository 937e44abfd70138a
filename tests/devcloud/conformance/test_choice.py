"""Choice-based sign-in.

https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flows-selection-sdk.html
"""

from __future__ import annotations

from typing import Any

import pytest
from pycognito.aws_srp import AWSSRP

from tests.devcloud.conformance.conftest import Clock, MakePool
from tests.devcloud.conformance.user_pool import (
    OTHER_PASSWORD,
    PASSWORD,
    AppClient,
    Outbox,
    Person,
    another,
    new_email,
    refused,
)

NUMBER = "+15550100003"
EVERY_FACTOR = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"]}}


@pytest.fixture(scope="module")
def choosing(make_pool: MakePool) -> AppClient:
    """A client of a pool that allows every first factor."""
    return make_pool(
        Policies=EVERY_FACTOR,
        mfa={"MfaConfiguration": "OPTIONAL", "EmailMfaConfiguration": {"Message": "{####}", "Subject": "Code"}},
    )


@pytest.fixture
def somebody(choosing: AppClient) -> Person:
    """A person of that pool."""
    return choosing.person()


def offered(app: AppClient, name: str, **parameters: str) -> Any:
    return app.initiate("USER_AUTH", name, **parameters)


def asked_for_code(app: AppClient, person: Person) -> Any:
    return offered(app, person.name, PREFERRED_CHALLENGE="EMAIL_OTP")


class TestChoosing:
    """API_InitiateAuth, USER_AUTH, and SELECT_CHALLENGE."""

    def test_what_the_person_has_is_offered(self, choosing: AppClient, somebody: Person) -> None:
        answer = offered(choosing, somebody.name)
        assert answer["ChallengeName"] == "SELECT_CHALLENGE"
        assert set(answer["AvailableChallenges"]) == {"PASSWORD", "PASSWORD_SRP", "EMAIL_OTP"}

    def test_a_number_adds_codes_by_text_message(self, choosing: AppClient) -> None:
        person = choosing.person(phone_number=NUMBER)
        assert "SMS_OTP" in offered(choosing, person.name)["AvailableChallenges"]

    def test_a_pool_without_the_policy_offers_passwords(self, make_pool: MakePool) -> None:
        app = make_pool()
        assert set(offered(app, app.person().name)["AvailableChallenges"]) == {"PASSWORD", "PASSWORD_SRP"}

    def test_a_second_factor_leaves_only_the_password(self, choosing: AppClient, somebody: Person) -> None:
        choosing.on(somebody, "set_user_mfa_preference", EmailMfaSettings={"Enabled": True})
        assert set(offered(choosing, somebody.name)["AvailableChallenges"]) == {"PASSWORD", "PASSWORD_SRP"}

    def test_a_temporary_password_leaves_only_the_password(self, choosing: AppClient) -> None:
        person = choosing.invited()
        assert set(offered(choosing, person.name)["AvailableChallenges"]) == {"PASSWORD", "PASSWORD_SRP"}

    def test_an_unknown_person_is_offered_what_others_are(self, choosing: AppClient, somebody: Person) -> None:
        known, unknown = offered(choosing, somebody.name), offered(choosing, new_email())
        assert known["AvailableChallenges"] == unknown["AvailableChallenges"]
        assert known.keys() == unknown.keys()

    def test_what_was_not_offered_is_refused(self, choosing: AppClient, somebody: Person) -> None:
        session = offered(choosing, somebody.name)["Session"]
        with refused("InvalidParameterException"):
            choosing.respond("SELECT_CHALLENGE", session, somebody.name, ANSWER="WEB_AUTHN")

    def test_the_choice_is_made_once(self, choosing: AppClient, somebody: Person) -> None:
        session = offered(choosing, somebody.name)["Session"]
        choosing.respond("SELECT_CHALLENGE", session, somebody.name, ANSWER="EMAIL_OTP")
        with refused("NotAuthorizedException", "only be used once"):
            choosing.respond("SELECT_CHALLENGE", session, somebody.name, ANSWER="EMAIL_OTP")

    def test_nobody_chooses_for_somebody_else(self, choosing: AppClient, somebody: Person) -> None:
        session = offered(choosing, somebody.name)["Session"]
        with refused("NotAuthorizedException", "Invalid session"):
            choosing.respond("SELECT_CHALLENGE", session, choosing.person().name, ANSWER="EMAIL_OTP")

    def test_a_preference_the_person_lacks_leads_to_the_choice(self, choosing: AppClient, somebody: Person) -> None:
        answer = offered(choosing, somebody.name, PREFERRED_CHALLENGE="WEB_AUTHN")
        assert answer["ChallengeName"] == "SELECT_CHALLENGE"

    def test_a_disabled_person_is_refused(self, choosing: AppClient, somebody: Person) -> None:
        choosing.on(somebody, "disable_user")
        with refused("NotAuthorizedException", "User is disabled."):
            offered(choosing, somebody.name)


class TestPasswords:
    """API_RespondToAuthChallenge, PASSWORD and PASSWORD_SRP."""

    def test_one_may_come_with_the_first_call(self, choosing: AppClient, somebody: Person) -> None:
        answer = offered(choosing, somebody.name, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)
        assert answer["AuthenticationResult"]

    @pytest.mark.parametrize("name", ["", "nobody@example.com"])
    def test_a_wrong_one_is_refused(self, choosing: AppClient, somebody: Person, name: str) -> None:
        with refused("NotAuthorizedException", "Incorrect username or password."):
            offered(choosing, name or somebody.name, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=OTHER_PASSWORD)

    def test_one_may_come_with_the_choice(self, choosing: AppClient, somebody: Person) -> None:
        session = offered(choosing, somebody.name)["Session"]
        with refused("InvalidParameterException", "PASSWORD"):
            choosing.respond("SELECT_CHALLENGE", session, somebody.name, ANSWER="PASSWORD")
        answer = choosing.respond("SELECT_CHALLENGE", session, somebody.name, ANSWER="PASSWORD", PASSWORD=PASSWORD)
        assert answer["AuthenticationResult"]

    def test_a_wrong_one_with_the_choice_ends_the_session(self, choosing: AppClient, somebody: Person) -> None:
        session = offered(choosing, somebody.name)["Session"]
        with refused("NotAuthorizedException", "Incorrect username or password."):
            choosing.respond("SELECT_CHALLENGE", session, somebody.name, ANSWER="PASSWORD", PASSWORD="wrong")
        with refused("NotAuthorizedException", "only be used once"):
            choosing.respond("SELECT_CHALLENGE", session, somebody.name, ANSWER="PASSWORD", PASSWORD=PASSWORD)

    def test_the_challenge_password_is_answered_by_name(self, choosing: AppClient, somebody: Person) -> None:
        challenge = offered(choosing, somebody.name, PREFERRED_CHALLENGE="PASSWORD")
        assert challenge["ChallengeName"] == "PASSWORD"
        answer = choosing.respond("PASSWORD", challenge["Session"], somebody.name, PASSWORD=PASSWORD)
        assert answer["AuthenticationResult"]

    def test_a_second_factor_comes_after_it(self, choosing: AppClient, somebody: Person) -> None:
        choosing.on(somebody, "set_user_mfa_preference", EmailMfaSettings={"Enabled": True})
        answer = offered(choosing, somebody.name, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)
        assert answer["ChallengeName"] == "EMAIL_OTP"
        assert "AuthenticationResult" not in answer

    @pytest.mark.parametrize("first_call", [True, False])
    def test_one_can_be_proved_by_srp(self, choosing: AppClient, somebody: Person, first_call: bool) -> None:
        srp = AWSSRP(
            somebody.name,
            PASSWORD,
            choosing.pool_id,
            choosing.id,
            client=choosing.public,
            client_secret=choosing.secret,
        )
        parameters = srp.get_auth_params()
        srp_a = parameters["SRP_A"]
        if first_call:
            challenge = offered(choosing, somebody.name, PREFERRED_CHALLENGE="PASSWORD_SRP", SRP_A=srp_a)
        else:
            session = offered(choosing, somebody.name)["Session"]
            challenge = choosing.respond("SELECT_CHALLENGE", session, somebody.name, ANSWER="PASSWORD_SRP", SRP_A=srp_a)
        responses = srp.process_challenge(challenge["ChallengeParameters"], parameters)
        answer = choosing.public.respond_to_auth_challenge(
            ClientId=choosing.id, ChallengeName=challenge["ChallengeName"], ChallengeResponses=responses
        )
        assert answer["AuthenticationResult"]


class TestPeopleWithoutAPassword:
    """API_SignUp: Password is optional for sign-in by code or passkey."""

    @pytest.fixture
    def without(self, choosing: AppClient, outbox: Outbox) -> str:
        """The name of somebody who has registered without a password."""
        email = new_email()
        choosing.call("sign_up", email)
        choosing.call("confirm_sign_up", email, ConfirmationCode=outbox.code(email))
        return email

    def test_they_sign_in_by_code(self, choosing: AppClient, without: str, outbox: Outbox) -> None:
        challenge = offered(choosing, without)
        assert challenge["ChallengeName"] == "EMAIL_OTP" or challenge["AvailableChallenges"] == ["EMAIL_OTP"]
        session = offered(choosing, without, PREFERRED_CHALLENGE="EMAIL_OTP")["Session"]
        answer = choosing.respond("EMAIL_OTP", session, without, EMAIL_OTP_CODE=outbox.code(without))
        token = answer["AuthenticationResult"]["AccessToken"]
        choosing.public.change_password(AccessToken=token, ProposedPassword=PASSWORD)
        assert choosing.initiate("USER_PASSWORD_AUTH", without, PASSWORD=PASSWORD)["AuthenticationResult"]

    @pytest.mark.parametrize("password", ["x", PASSWORD])
    def test_no_password_is_theirs(self, choosing: AppClient, without: str, password: str) -> None:
        with refused("NotAuthorizedException", "Incorrect username or password."):
            choosing.initiate("USER_PASSWORD_AUTH", without, PASSWORD=password)

    def test_a_client_for_passwords_alone_wants_one(self, make_pool: MakePool) -> None:
        app = make_pool(client={"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]})
        with refused("InvalidPasswordException"):
            app.call("sign_up", new_email())


class TestCodes:
    """API_RespondToAuthChallenge, EMAIL_OTP and SMS_OTP."""

    def test_a_mailed_code_signs_in_and_verifies_the_address(self, choosing: AppClient, outbox: Outbox) -> None:
        person = choosing.person(email_verified="false")
        challenge = asked_for_code(choosing, person)
        assert challenge["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] == "a***@e***"
        code = outbox.code(person.name)
        assert len(code) == 8
        answer = choosing.respond("EMAIL_OTP", challenge["Session"], person.name, EMAIL_OTP_CODE=code)
        assert answer["AuthenticationResult"]
        assert choosing.attributes(person)["email_verified"] == "true"

    def test_a_texted_code_signs_in(self, choosing: AppClient, outbox: Outbox) -> None:
        person = choosing.person(phone_number=NUMBER)
        session = offered(choosing, person.name, PREFERRED_CHALLENGE="SMS_OTP")["Session"]
        answer = choosing.respond("SMS_OTP", session, person.name, SMS_OTP_CODE=outbox.code(NUMBER))
        assert answer["AuthenticationResult"]

    def test_a_wrong_code_can_be_tried_again(self, choosing: AppClient, somebody: Person, outbox: Outbox) -> None:
        session = asked_for_code(choosing, somebody)["Session"]
        code = outbox.code(somebody.name)
        with refused("CodeMismatchException"):
            choosing.respond("EMAIL_OTP", session, somebody.name, EMAIL_OTP_CODE=another(code))
        assert choosing.respond("EMAIL_OTP", session, somebody.name, EMAIL_OTP_CODE=code)["AuthenticationResult"]

    def test_the_fifth_wrong_code_ends_the_session(
        self, choosing: AppClient, somebody: Person, outbox: Outbox, later: Clock
    ) -> None:
        session = asked_for_code(choosing, somebody)["Session"]
        code = outbox.code(somebody.name)
        for _ in range(5):
            with refused("CodeMismatchException"):
                choosing.respond("EMAIL_OTP", session, somebody.name, EMAIL_OTP_CODE=another(code))
        with later(1.1), refused("NotAuthorizedException", "only be used once"):
            choosing.respond("EMAIL_OTP", session, somebody.name, EMAIL_OTP_CODE=code)

    def test_a_code_signs_in_once(self, choosing: AppClient, somebody: Person, outbox: Outbox) -> None:
        session = asked_for_code(choosing, somebody)["Session"]
        code = outbox.code(somebody.name)
        choosing.respond("EMAIL_OTP", session, somebody.name, EMAIL_OTP_CODE=code)
        with refused("NotAuthorizedException", "only be used once"):
            choosing.respond("EMAIL_OTP", session, somebody.name, EMAIL_OTP_CODE=code)

    def test_the_code_of_a_second_factor_needs_its_password(
        self, choosing: AppClient, somebody: Person, outbox: Outbox
    ) -> None:
        session = asked_for_code(choosing, somebody)["Session"]
        choosing.on(somebody, "set_user_mfa_preference", EmailMfaSettings={"Enabled": True})
        choosing.password(somebody)
        with refused("CodeMismatchException"):
            choosing.respond("EMAIL_OTP", session, somebody.name, EMAIL_OTP_CODE=outbox.code(somebody.name))

    def test_a_second_factor_switched_on_meanwhile_is_asked_for(
        self, choosing: AppClient, somebody: Person, outbox: Outbox
    ) -> None:
        session = asked_for_code(choosing, somebody)["Session"]
        code = outbox.code(somebody.name)
        choosing.on(somebody, "set_user_mfa_preference", EmailMfaSettings={"Enabled": True})
        answer = choosing.respond("EMAIL_OTP", session, somebody.name, EMAIL_OTP_CODE=code)
        assert "AuthenticationResult" not in answer
        assert answer["Session"] != session

    def test_an_unknown_person_seems_to_get_one(self, choosing: AppClient, outbox: Outbox) -> None:
        nobody = new_email()
        challenge = offered(choosing, nobody, PREFERRED_CHALLENGE="EMAIL_OTP")
        assert challenge["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] == "a***@e***"
        assert outbox.messages(nobody) == []
        with refused("CodeMismatchException"):
            choosing.respond("EMAIL_OTP", challenge["Session"], nobody, EMAIL_OTP_CODE="12345678")

    def test_an_unconfirmed_person_is_not_let_in(self, choosing: AppClient, outbox: Outbox) -> None:
        email = new_email()
        choosing.call("sign_up", email, Password=PASSWORD)
        session = offered(choosing, email, PREFERRED_CHALLENGE="EMAIL_OTP")["Session"]
        with refused("UserNotConfirmedException"):
            choosing.respond("EMAIL_OTP", session, email, EMAIL_OTP_CODE=outbox.code(email))
