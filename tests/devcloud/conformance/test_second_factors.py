"""Second factors: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html."""

from __future__ import annotations

import json
import time
from typing import Any

import pyotp
import pytest

from tests.devcloud.conformance.conftest import Clock, MakePool
from tests.devcloud.conformance.user_pool import AppClient, Outbox, Person, another, refused

ALL = {
    "SoftwareTokenMfaConfiguration": {"Enabled": True},
    "EmailMfaConfiguration": {"Message": "Your code is {####}", "Subject": "Code"},
    "SmsMfaConfiguration": {
        "SmsAuthenticationMessage": "Your code is {####}",
        "SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms"},
    },
}
ON = {"Enabled": True, "PreferredMfa": False}
PREFERRED = {"Enabled": True, "PreferredMfa": True}
NUMBER = "+15550100002"


@pytest.fixture(scope="module")
def optional(make_pool: MakePool) -> AppClient:
    """A client of a pool that allows every second factor."""
    return make_pool(mfa={"MfaConfiguration": "OPTIONAL", **ALL})


@pytest.fixture(scope="module")
def required(make_pool: MakePool) -> AppClient:
    """A client of a pool that asks everybody for a code of an authenticator app."""
    return make_pool(mfa={"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": True}})


def enrolled(app: AppClient, person: Person) -> pyotp.TOTP:
    """Give somebody an authenticator app, ready to sign in with."""
    token = app.tokens(person)["AccessToken"]
    totp = pyotp.TOTP(app.public.associate_software_token(AccessToken=token)["SecretCode"])
    app.public.verify_software_token(AccessToken=token, UserCode=totp.now())
    app.public.set_user_mfa_preference(AccessToken=token, SoftwareTokenMfaSettings=PREFERRED)
    return totp


def wrong(totp: pyotp.TOTP) -> str:
    """Return a code the app does not show now, nor a step before or after."""
    shown = {totp.at(time.time() + offset * 30) for offset in (-2, -1, 0, 1, 2)}
    return next(code for code in (f"{number:06}" for number in range(10)) if code not in shown)


class TestAuthenticatorApps:
    """user-pool-settings-mfa-totp.html."""

    def test_the_code_completes_the_sign_in(self, optional: AppClient) -> None:
        person = optional.person()
        totp = enrolled(optional, person)
        challenge = optional.password(person)
        assert challenge["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
        name = challenge["ChallengeParameters"]["USER_ID_FOR_SRP"]
        assert name == person.sub
        answer = optional.respond("SOFTWARE_TOKEN_MFA", challenge["Session"], name, SOFTWARE_TOKEN_MFA_CODE=totp.now())
        assert answer["AuthenticationResult"]

    def test_a_wrong_code_is_refused_and_can_be_tried_again(self, optional: AppClient) -> None:
        person = optional.person()
        totp = enrolled(optional, person)
        session = optional.password(person)["Session"]
        with refused("CodeMismatchException"):
            optional.respond("SOFTWARE_TOKEN_MFA", session, person.name, SOFTWARE_TOKEN_MFA_CODE=wrong(totp))
        optional.respond("SOFTWARE_TOKEN_MFA", session, person.name, SOFTWARE_TOKEN_MFA_CODE=totp.now())

    def test_the_fifth_wrong_code_ends_the_session(self, optional: AppClient, later: Clock) -> None:
        person = optional.person()
        totp = enrolled(optional, person)
        session = optional.password(person)["Session"]
        for _ in range(5):
            with refused("CodeMismatchException"):
                optional.respond("SOFTWARE_TOKEN_MFA", session, person.name, SOFTWARE_TOKEN_MFA_CODE=wrong(totp))
        with later(1.1), refused("NotAuthorizedException", "only be used once"):
            optional.respond("SOFTWARE_TOKEN_MFA", session, person.name, SOFTWARE_TOKEN_MFA_CODE=totp.now())

    def test_wrong_codes_start_the_lockout(self, optional: AppClient) -> None:
        person = optional.person()
        totp = enrolled(optional, person)
        session = optional.password(person)["Session"]
        for _ in range(5):
            with refused("CodeMismatchException"):
                optional.respond("SOFTWARE_TOKEN_MFA", session, person.name, SOFTWARE_TOKEN_MFA_CODE=wrong(totp))
        with refused("NotAuthorizedException", "Password attempts exceeded"):
            optional.password(person)

    def test_a_code_signs_in_once(self, optional: AppClient) -> None:
        person = optional.person()
        code = enrolled(optional, person).now()
        for expected in (True, False):
            session = optional.password(person)["Session"]
            if expected:
                optional.respond("SOFTWARE_TOKEN_MFA", session, person.name, SOFTWARE_TOKEN_MFA_CODE=code)
                continue
            with refused("ExpiredCodeException", "already been used once"):
                optional.respond("SOFTWARE_TOKEN_MFA", session, person.name, SOFTWARE_TOKEN_MFA_CODE=code)

    def test_the_code_without_the_password_is_worth_nothing(self, optional: AppClient) -> None:
        person = optional.person()
        totp = enrolled(optional, person)
        with refused("NotAuthorizedException", "Invalid session"):
            optional.respond("SOFTWARE_TOKEN_MFA", "x" * 44, person.name, SOFTWARE_TOKEN_MFA_CODE=totp.now())

    def test_somebody_elses_session_is_worth_nothing(self, optional: AppClient) -> None:
        one, two = optional.person(), optional.person()
        totp, session = enrolled(optional, one), ""
        enrolled(optional, two)
        session = optional.password(two)["Session"]
        with refused("NotAuthorizedException", "Invalid session"):
            optional.respond("SOFTWARE_TOKEN_MFA", session, one.name, SOFTWARE_TOKEN_MFA_CODE=totp.now())

    def test_verifying_one_does_not_switch_it_on(self, optional: AppClient) -> None:
        person = optional.person()
        token = optional.tokens(person)["AccessToken"]
        secret = optional.public.associate_software_token(AccessToken=token)["SecretCode"]
        optional.public.verify_software_token(AccessToken=token, UserCode=pyotp.TOTP(secret).now())
        assert "UserMFASettingList" not in optional.public.get_user(AccessToken=token)
        assert optional.tokens(person)

    def test_a_wrong_first_code_enrols_nothing(self, optional: AppClient) -> None:
        token = optional.tokens(optional.person())["AccessToken"]
        totp = pyotp.TOTP(optional.public.associate_software_token(AccessToken=token)["SecretCode"])
        with refused("EnableSoftwareTokenMFAException"):
            optional.public.verify_software_token(AccessToken=token, UserCode=wrong(totp))
        with refused("InvalidParameterException", "has not verified software token"):
            optional.public.set_user_mfa_preference(AccessToken=token, SoftwareTokenMfaSettings=ON)

    def test_a_pool_without_them_gives_no_secret(self, make_pool: MakePool) -> None:
        app = make_pool()
        with refused("SoftwareTokenMFANotFoundException"):
            app.public.associate_software_token(AccessToken=app.tokens(app.person())["AccessToken"])

    def test_switched_off_it_is_not_asked_for(self, optional: AppClient) -> None:
        person = optional.person()
        enrolled(optional, person)
        optional.on(person, "set_user_mfa_preference", SoftwareTokenMfaSettings={"Enabled": False})
        assert optional.tokens(person)


class TestCodesByMailAndText:
    """user-pool-settings-mfa-sms-email-message.html."""

    def challenge(self, app: AppClient, person: Person, **settings: Any) -> Any:
        app.on(person, "set_user_mfa_preference", **settings)
        return app.password(person)

    def test_a_mailed_code_completes_the_sign_in(self, optional: AppClient, outbox: Outbox) -> None:
        person = optional.person(email_verified="false")
        challenge = self.challenge(optional, person, EmailMfaSettings=ON)
        assert challenge["ChallengeName"] == "EMAIL_OTP"
        assert challenge["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] == "a***@e***"
        optional.respond("EMAIL_OTP", challenge["Session"], person.name, EMAIL_OTP_CODE=outbox.code(person.name))
        assert optional.attributes(person)["email_verified"] == "true"

    def test_a_texted_code_completes_the_sign_in(self, optional: AppClient, outbox: Outbox) -> None:
        person = optional.person(phone_number=NUMBER)
        challenge = self.challenge(optional, person, SMSMfaSettings=ON)
        assert challenge["ChallengeName"] == "SMS_MFA"
        assert challenge["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] == "+*******0002"
        optional.respond("SMS_MFA", challenge["Session"], person.name, SMS_MFA_CODE=outbox.code(NUMBER))

    @pytest.mark.parametrize(
        ("setting", "challenge", "field"),
        [("EmailMfaSettings", "EMAIL_OTP", "EMAIL_OTP_CODE"), ("SMSMfaSettings", "SMS_MFA", "SMS_MFA_CODE")],
    )
    def test_a_wrong_code_is_refused(
        self, optional: AppClient, outbox: Outbox, setting: str, challenge: str, field: str
    ) -> None:
        person = optional.person(phone_number=NUMBER)
        session = self.challenge(optional, person, **{setting: ON})["Session"]
        code = outbox.code(NUMBER if challenge == "SMS_MFA" else person.name)
        with refused("CodeMismatchException"):
            optional.respond(challenge, session, person.name, **{field: another(code)})
        assert optional.respond(challenge, session, person.name, **{field: code})["AuthenticationResult"]

    def test_a_code_belongs_to_its_session(self, optional: AppClient, outbox: Outbox) -> None:
        person = optional.person()
        self.challenge(optional, person, EmailMfaSettings=ON)
        first = outbox.code(person.name)
        session = optional.password(person)["Session"]
        while outbox.code(person.name) == first:
            session = optional.password(person)["Session"]
        with refused("CodeMismatchException"):
            optional.respond("EMAIL_OTP", session, person.name, EMAIL_OTP_CODE=first)

    def test_a_person_without_a_number_gets_no_text_message(self, optional: AppClient) -> None:
        with refused("InvalidParameterException", "phone_number"):
            optional.on(optional.person(), "set_user_mfa_preference", SMSMfaSettings=ON)

    def test_a_factor_the_pool_does_not_allow_is_refused(self, make_pool: MakePool) -> None:
        app = make_pool()
        with refused("InvalidParameterException"):
            app.on(app.person(), "set_user_mfa_preference", EmailMfaSettings=ON)


class TestMoreThanOne:
    """API_RespondToAuthChallenge, SELECT_MFA_TYPE."""

    @pytest.fixture
    def chooser(self, optional: AppClient) -> Person:
        """Somebody with an authenticator app and mailed codes, and no preference."""
        person = optional.person()
        enrolled(optional, person)
        optional.on(person, "set_user_mfa_preference", SoftwareTokenMfaSettings=ON, EmailMfaSettings=ON)
        return person

    def test_the_person_chooses(self, optional: AppClient, chooser: Person, outbox: Outbox) -> None:
        challenge = optional.password(chooser)
        assert challenge["ChallengeName"] == "SELECT_MFA_TYPE"
        assert set(json.loads(challenge["ChallengeParameters"]["MFAS_CAN_CHOOSE"])) == {
            "SOFTWARE_TOKEN_MFA",
            "EMAIL_OTP",
        }
        asked = optional.respond("SELECT_MFA_TYPE", challenge["Session"], chooser.name, ANSWER="EMAIL_OTP")
        assert asked["ChallengeName"] == "EMAIL_OTP"
        code = outbox.code(chooser.name)
        assert optional.respond("EMAIL_OTP", asked["Session"], chooser.name, EMAIL_OTP_CODE=code)

    def test_the_choice_is_made_once(self, optional: AppClient, chooser: Person) -> None:
        session = optional.password(chooser)["Session"]
        optional.respond("SELECT_MFA_TYPE", session, chooser.name, ANSWER="SOFTWARE_TOKEN_MFA")
        with refused("NotAuthorizedException", "only be used once"):
            optional.respond("SELECT_MFA_TYPE", session, chooser.name, ANSWER="EMAIL_OTP")

    def test_what_was_not_offered_is_refused(self, optional: AppClient, chooser: Person) -> None:
        session = optional.password(chooser)["Session"]
        with refused("InvalidParameterException"):
            optional.respond("SELECT_MFA_TYPE", session, chooser.name, ANSWER="SMS_MFA")

    def test_the_preferred_one_is_asked_for_at_once(self, optional: AppClient, chooser: Person) -> None:
        optional.on(chooser, "set_user_mfa_preference", EmailMfaSettings=PREFERRED)
        assert optional.password(chooser)["ChallengeName"] == "EMAIL_OTP"
        factors = optional.on(chooser, "get_user")
        assert factors["PreferredMfaSetting"] == "EMAIL_OTP"
        assert set(factors["UserMFASettingList"]) == {"EMAIL_OTP", "SOFTWARE_TOKEN_MFA"}

    def test_only_one_can_be_preferred(self, optional: AppClient, chooser: Person) -> None:
        with refused("InvalidParameterException"):
            optional.on(
                chooser, "set_user_mfa_preference", EmailMfaSettings=PREFERRED, SoftwareTokenMfaSettings=PREFERRED
            )


class TestSettingOneUpOnTheWayIn:
    """API_AssociateSoftwareToken, API_VerifySoftwareToken, MFA_SETUP."""

    def test_the_chain_ends_signed_in_and_the_factor_stays(self, required: AppClient) -> None:
        person = required.person()
        challenge = required.password(person)
        assert challenge["ChallengeName"] == "MFA_SETUP"
        assert json.loads(challenge["ChallengeParameters"]["MFAS_CAN_SETUP"]) == ["SOFTWARE_TOKEN_MFA"]
        associated = required.public.associate_software_token(Session=challenge["Session"])
        totp = pyotp.TOTP(associated["SecretCode"])
        verified = required.public.verify_software_token(Session=associated["Session"], UserCode=totp.now())
        assert verified["Status"] == "SUCCESS"
        assert required.respond("MFA_SETUP", verified["Session"], person.name)["AuthenticationResult"]
        assert required.password(person)["ChallengeName"] == "SOFTWARE_TOKEN_MFA"

    def test_no_step_can_be_left_out(self, required: AppClient) -> None:
        person = required.person()
        session = required.password(person)["Session"]
        with refused("NotAuthorizedException", "Invalid session"):
            required.respond("MFA_SETUP", session, person.name)
        session = required.public.associate_software_token(Session=session)["Session"]
        with refused("NotAuthorizedException", "Invalid session"):
            required.respond("MFA_SETUP", session, person.name)

    def test_a_session_of_another_challenge_sets_nothing_up(self, required: AppClient) -> None:
        session = required.password(required.invited())["Session"]
        with refused("NotAuthorizedException"):
            required.public.associate_software_token(Session=session)

    def test_a_wrong_code_keeps_the_session_and_the_secret(self, required: AppClient) -> None:
        person = required.person()
        associated = required.public.associate_software_token(Session=required.password(person)["Session"])
        totp = pyotp.TOTP(associated["SecretCode"])
        with refused("EnableSoftwareTokenMFAException"):
            required.public.verify_software_token(Session=associated["Session"], UserCode=wrong(totp))
        verified = required.public.verify_software_token(Session=associated["Session"], UserCode=totp.now())
        assert required.respond("MFA_SETUP", verified["Session"], person.name)["AuthenticationResult"]

    def test_a_new_password_comes_before_it(self, required: AppClient) -> None:
        person = required.invited()
        session = required.password(person)["Session"]
        answer = required.respond("NEW_PASSWORD_REQUIRED", session, person.name, NEW_PASSWORD="Third-password-3")
        assert answer["ChallengeName"] == "MFA_SETUP"

    def test_an_address_counts_as_a_factor_where_one_is_required(self, make_pool: MakePool) -> None:
        app = make_pool(mfa={"MfaConfiguration": "ON", "EmailMfaConfiguration": ALL["EmailMfaConfiguration"]})
        assert app.password(app.person())["ChallengeName"] == "EMAIL_OTP"
