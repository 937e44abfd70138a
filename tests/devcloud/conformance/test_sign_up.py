"""Signing up: https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html."""

from __future__ import annotations

import pytest

from tests.devcloud.conformance.conftest import Clock, MakePool
from tests.devcloud.conformance.user_pool import (
    PASSWORD,
    AppClient,
    Outbox,
    another,
    new_email,
    pairs,
    refused,
)

DAY = 24 * 60 * 60


@pytest.fixture
def newcomer(app: AppClient, outbox: Outbox) -> str:
    """Somebody who has registered and not typed their code yet."""
    email = new_email()
    app.call("sign_up", email, Password=PASSWORD)
    assert outbox.messages(email)
    return email


def test_codes_are_random_and_their_destination_is_masked(app: AppClient, outbox: Outbox) -> None:
    """API_SignUp, API_CodeDeliveryDetailsType."""
    people = [new_email() for _ in range(3)]
    answers = [app.call("sign_up", email, Password=PASSWORD) for email in people]
    assert len({outbox.code(email) for email in people}) > 1
    assert answers[0]["CodeDeliveryDetails"] == {
        "Destination": "a***@e***",
        "DeliveryMedium": "EMAIL",
        "AttributeName": "email",
    }
    assert [message["kind"] for message in outbox.messages(people[0])] == ["sign-up code"]


def test_signing_up_sends_one_message(newcomer: str, outbox: Outbox) -> None:
    """API_SignUp: "sends a confirmation code"."""
    assert len(outbox.messages(newcomer)) == 1


def test_the_mail_says_what_the_pool_wants_it_to(make_pool: MakePool, outbox: Outbox) -> None:
    """API_VerificationMessageTemplateType."""
    template = {"EmailSubject": "Welcome", "EmailMessage": "Dear {username}, type {####}"}
    app = make_pool(VerificationMessageTemplate=template)
    email = new_email()
    app.call("sign_up", email, Password=PASSWORD)
    message = outbox.messages(email)[0]
    assert (message["subject"], message["body"]) == ("Welcome", f"Dear {email}, type {outbox.code(email)}")


def test_a_wrong_code_is_refused(app: AppClient, newcomer: str, outbox: Outbox) -> None:
    """API_ConfirmSignUp."""
    with refused("CodeMismatchException"):
        app.call("confirm_sign_up", newcomer, ConfirmationCode=another(outbox.code(newcomer)))


def test_the_right_code_confirms_and_verifies_the_address(app: AppClient, newcomer: str, outbox: Outbox) -> None:
    """API_ConfirmSignUp: "confirms the account of a new user", and user-pool-settings-email-phone-verification."""
    before = app.admin.admin_get_user(UserPoolId=app.pool_id, Username=newcomer)
    app.call("confirm_sign_up", newcomer, ConfirmationCode=outbox.code(newcomer))
    after = app.admin.admin_get_user(UserPoolId=app.pool_id, Username=newcomer)
    assert {"Name": "email_verified", "Value": "false"} in before["UserAttributes"]
    assert {"Name": "email_verified", "Value": "true"} in after["UserAttributes"]
    assert (before["UserStatus"], after["UserStatus"]) == ("UNCONFIRMED", "CONFIRMED")


def test_a_code_confirms_once(app: AppClient, newcomer: str, outbox: Outbox) -> None:
    """API_ConfirmSignUp, NotAuthorizedException."""
    code = outbox.code(newcomer)
    app.call("confirm_sign_up", newcomer, ConfirmationCode=code)
    with refused("NotAuthorizedException", "Current status is CONFIRMED"):
        app.call("confirm_sign_up", newcomer, ConfirmationCode=code)


def test_after_five_wrong_codes_the_right_one_is_refused(app: AppClient, newcomer: str, outbox: Outbox) -> None:
    """API_ConfirmSignUp, TooManyFailedAttemptsException."""
    code = outbox.code(newcomer)
    for _ in range(5):
        with refused("CodeMismatchException"):
            app.call("confirm_sign_up", newcomer, ConfirmationCode=another(code))
    with refused("TooManyFailedAttemptsException"):
        app.call("confirm_sign_up", newcomer, ConfirmationCode=code)
    app.call("resend_confirmation_code", newcomer)
    app.call("confirm_sign_up", newcomer, ConfirmationCode=outbox.code(newcomer))


def test_a_code_expires_after_a_day(app: AppClient, newcomer: str, outbox: Outbox, later: Clock) -> None:
    """quotas.html: "Sign-up confirmation code validity period: 24 hours"."""
    code = outbox.code(newcomer)
    with later(DAY + 60), refused("ExpiredCodeException"):
        app.call("confirm_sign_up", newcomer, ConfirmationCode=code)
    with later(DAY - 60):
        app.call("confirm_sign_up", newcomer, ConfirmationCode=code)


def test_a_resent_code_ends_the_older_one(app: AppClient, newcomer: str, outbox: Outbox) -> None:
    """API_ResendConfirmationCode."""
    first = outbox.code(newcomer)
    while (answer := app.call("resend_confirmation_code", newcomer)) and outbox.code(newcomer) == first:
        assert answer["CodeDeliveryDetails"]["Destination"] == "a***@e***"
    with refused("CodeMismatchException"):
        app.call("confirm_sign_up", newcomer, ConfirmationCode=first)
    app.call("confirm_sign_up", newcomer, ConfirmationCode=outbox.code(newcomer))


def test_the_sixth_resend_in_an_hour_is_refused(app: AppClient, newcomer: str, later: Clock) -> None:
    """quotas.html: ResendConfirmationCode, 5 per user and hour."""
    for _ in range(5):
        app.call("resend_confirmation_code", newcomer)
    with refused("LimitExceededException", "Attempt limit exceeded"):
        app.call("resend_confirmation_code", newcomer)
    with later(60 * 60 + 1):
        app.call("resend_confirmation_code", newcomer)


def test_nothing_is_resent_to_a_confirmed_person(app: AppClient, newcomer: str, outbox: Outbox) -> None:
    """API_ResendConfirmationCode, InvalidParameterException."""
    app.call("confirm_sign_up", newcomer, ConfirmationCode=outbox.code(newcomer))
    with refused("InvalidParameterException", "already confirmed"):
        app.call("resend_confirmation_code", newcomer)


def test_unknown_people_are_not_given_away(app: AppClient) -> None:
    """cognito-user-pool-managing-errors.html."""
    nobody = new_email()
    assert app.call("resend_confirmation_code", nobody)["CodeDeliveryDetails"]["DeliveryMedium"] == "EMAIL"
    with refused("CodeMismatchException"):
        app.call("confirm_sign_up", nobody, ConfirmationCode="123456")


def test_an_open_client_says_that_a_person_is_unknown(make_pool: MakePool) -> None:
    """cognito-user-pool-managing-errors.html, LEGACY."""
    app = make_pool(client={"PreventUserExistenceErrors": "LEGACY"})
    with refused("UserNotFoundException"):
        app.call("resend_confirmation_code", new_email())
    with refused("UserNotFoundException"):
        app.call("confirm_sign_up", new_email(), ConfirmationCode="123456")


def test_the_case_of_an_address_does_not_matter(app: AppClient, newcomer: str, outbox: Outbox) -> None:
    """user-pool-case-sensitivity.html."""
    with refused("UsernameExistsException"):
        app.call("sign_up", newcomer.upper(), Password=PASSWORD)
    app.call("confirm_sign_up", newcomer.title(), ConfirmationCode=outbox.code(newcomer))
    assert app.initiate("USER_PASSWORD_AUTH", newcomer.upper(), PASSWORD=PASSWORD)["AuthenticationResult"]


def test_the_case_of_an_address_matters_where_the_pool_says_so(make_pool: MakePool) -> None:
    """user-pool-case-sensitivity.html."""
    app = make_pool(UsernameConfiguration={"CaseSensitive": True})
    person = app.person()
    with refused("NotAuthorizedException"):
        app.initiate("USER_PASSWORD_AUTH", person.name.upper(), PASSWORD=PASSWORD)
    app.call("sign_up", person.name.upper(), Password=PASSWORD)


def test_a_username_is_kept_in_lower_case(make_pool: MakePool) -> None:
    """user-pool-case-sensitivity.html."""
    app = make_pool(UsernameAttributes=[])
    app.call("sign_up", "AdaLovelace", Password=PASSWORD, UserAttributes=pairs({"email": new_email()}))
    with refused("UsernameExistsException"):
        app.call("sign_up", "adalovelace", Password=PASSWORD)
    known = app.admin.admin_get_user(UserPoolId=app.pool_id, Username="ADALOVELACE")
    assert known["Username"] == "adalovelace"


@pytest.mark.parametrize("password", ["Sh0rt!", "alllowercase1!", "NoDigits-here", "NoSymbols1here"])
def test_a_password_against_the_policy_is_refused(app: AppClient, password: str) -> None:
    """managing-users-passwords.html."""
    with refused("InvalidPasswordException", "Password did not conform with policy"):
        app.call("sign_up", new_email(), Password=password)


def test_a_name_that_is_no_address_is_refused(app: AppClient) -> None:
    """API_SignUp, InvalidParameterException."""
    with refused("InvalidParameterException", "should be an email"):
        app.call("sign_up", "ada", Password=PASSWORD)


def test_a_wrong_or_missing_secret_hash_is_refused(app: AppClient) -> None:
    """signing-up-users-in-your-app.html, "Computing secret hash values"."""
    email = new_email()
    with refused("NotAuthorizedException", "Unable to verify secret hash"):
        app.public.sign_up(ClientId=app.id, Username=email, Password=PASSWORD, SecretHash=app.hash("somebody"))
    with refused("NotAuthorizedException", "SECRET_HASH was not received"):
        app.public.sign_up(ClientId=app.id, Username=email, Password=PASSWORD)


def test_a_public_client_needs_no_hash(make_pool: MakePool, outbox: Outbox) -> None:
    """signing-up-users-in-your-app.html."""
    app = make_pool(client={"GenerateSecret": False})
    email = new_email()
    app.call("sign_up", email, Password=PASSWORD)
    app.call("confirm_sign_up", email, ConfirmationCode=outbox.code(email))


def test_a_missing_required_attribute_is_refused(make_pool: MakePool) -> None:
    """user-pool-settings-attributes.html."""
    app = make_pool(Schema=[{"Name": "name", "AttributeDataType": "String", "Required": True, "Mutable": True}])
    with refused("InvalidParameterException", "name is required"):
        app.call("sign_up", new_email(), Password=PASSWORD)


def test_an_attribute_the_client_may_not_write_is_refused(make_pool: MakePool) -> None:
    """user-pool-settings-attributes.html, "Attribute permissions and scopes"."""
    role = {"Name": "role", "AttributeDataType": "String", "Mutable": True}
    app = make_pool(Schema=[role], client={"WriteAttributes": ["email", "name"]})
    with refused("NotAuthorizedException", "unauthorized attribute"):
        app.call("sign_up", new_email(), Password=PASSWORD, UserAttributes=pairs({"custom:role": "chief"}))


@pytest.mark.parametrize("attributes", [{"email_verified": "true"}, {"sub": "mine"}])
def test_people_cannot_sign_up_verified(app: AppClient, attributes: dict[str, str]) -> None:
    """user-pool-settings-attributes.html."""
    with refused("NotAuthorizedException", "unauthorized attribute"):
        app.call("sign_up", new_email(), Password=PASSWORD, UserAttributes=pairs(attributes))


def test_an_unknown_attribute_is_refused(app: AppClient) -> None:
    """API_SignUp, InvalidParameterException."""
    with refused("InvalidParameterException", "Attributes did not conform to the schema"):
        app.call("sign_up", new_email(), Password=PASSWORD, UserAttributes=pairs({"custom:shoe": "42"}))


def test_a_pool_by_invitation_takes_no_sign_up(make_pool: MakePool) -> None:
    """API_AdminCreateUserConfigType."""
    app = make_pool(AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})
    with refused("NotAuthorizedException", "SignUp is not permitted"):
        app.call("sign_up", new_email(), Password=PASSWORD)


def test_an_alias_that_is_taken_is_not_confirmed(make_pool: MakePool, outbox: Outbox) -> None:
    """API_ConfirmSignUp, AliasExistsException and ForceAliasCreation."""
    app = make_pool(UsernameAttributes=[], AliasAttributes=["email"])
    email = new_email()
    owner = app.person("owner", email=email, email_verified="true")
    app.call("sign_up", "claimant", Password=PASSWORD, UserAttributes=pairs({"email": email}))
    code = outbox.code(email)
    with refused("AliasExistsException"):
        app.call("confirm_sign_up", "claimant", ConfirmationCode=code)
    app.call("confirm_sign_up", "claimant", ConfirmationCode=code, ForceAliasCreation=True)
    assert app.attributes(owner)["email_verified"] == "false"


def test_the_code_is_sent_by_text_message_to_a_number(make_pool: MakePool, outbox: Outbox) -> None:
    """user-pool-settings-email-phone-verification.html."""
    app = make_pool(AutoVerifiedAttributes=["email", "phone_number"])
    email = new_email()
    answer = app.call("sign_up", email, Password=PASSWORD, UserAttributes=pairs({"phone_number": "+15550100001"}))
    assert answer["CodeDeliveryDetails"] == {
        "Destination": "+*******0001",
        "DeliveryMedium": "SMS",
        "AttributeName": "phone_number",
    }
    app.call("confirm_sign_up", email, ConfirmationCode=outbox.code("+15550100001"))
    confirmed = app.admin.admin_get_user(UserPoolId=app.pool_id, Username=email)
    assert {"Name": "phone_number_verified", "Value": "true"} in confirmed["UserAttributes"]


class TestSigningInStraightAfterwards:
    """https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ConfirmSignUp.html, Session."""

    def test_the_session_signs_the_new_person_in_once(self, app: AppClient, outbox: Outbox) -> None:
        email = new_email()
        begun = app.call("sign_up", email, Password=PASSWORD)["Session"]
        session = app.call("confirm_sign_up", email, ConfirmationCode=outbox.code(email), Session=begun)["Session"]
        assert app.initiate("USER_AUTH", email, session=session)["AuthenticationResult"]["RefreshToken"]
        with refused("NotAuthorizedException", "only be used once"):
            app.initiate("USER_AUTH", email, session=session)

    def test_it_signs_nobody_else_in(self, app: AppClient, outbox: Outbox) -> None:
        email, other = new_email(), app.person()
        begun = app.call("sign_up", email, Password=PASSWORD)["Session"]
        session = app.call("confirm_sign_up", email, ConfirmationCode=outbox.code(email), Session=begun)["Session"]
        with refused("NotAuthorizedException"):
            app.initiate("USER_AUTH", other.name, session=session)

    def test_the_session_of_the_sign_up_signs_nobody_in(self, app: AppClient) -> None:
        email = new_email()
        begun = app.call("sign_up", email, Password=PASSWORD)["Session"]
        with refused("NotAuthorizedException"):
            app.initiate("USER_AUTH", email, session=begun)

    def test_a_disabled_person_is_not_signed_in(self, app: AppClient, outbox: Outbox) -> None:
        email = new_email()
        begun = app.call("sign_up", email, Password=PASSWORD)["Session"]
        session = app.call("confirm_sign_up", email, ConfirmationCode=outbox.code(email), Session=begun)["Session"]
        app.admin.admin_disable_user(UserPoolId=app.pool_id, Username=email)
        with refused("NotAuthorizedException", "User is disabled."):
            app.initiate("USER_AUTH", email, session=session)

    def test_a_session_that_ran_out_confirms_all_the_same(self, app: AppClient, outbox: Outbox, later: Clock) -> None:
        email = new_email()
        begun = app.call("sign_up", email, Password=PASSWORD)["Session"]
        with later(60 * 60):
            answer = app.call("confirm_sign_up", email, ConfirmationCode=outbox.code(email), Session=begun)
        assert "Session" not in answer
        assert app.initiate("USER_PASSWORD_AUTH", email, PASSWORD=PASSWORD)["AuthenticationResult"]

    def test_without_the_session_of_the_sign_up_there_is_none(self, app: AppClient, outbox: Outbox) -> None:
        email = new_email()
        app.call("sign_up", email, Password=PASSWORD)
        assert "Session" not in app.call("confirm_sign_up", email, ConfirmationCode=outbox.code(email))
