"""What a signed-in person does to their own account, and the answers that are not what they look like."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from accounts.cognito import errors
from accounts.cognito.factors import Factor
from accounts.cognito.user_account import UserAccount
from tests.cognito.conftest import cognito_config

TOKEN = "access-token-1"


@pytest.fixture
def account(idp: Any) -> UserAccount:
    return UserAccount(idp, cognito_config())


def test_a_person_is_read_with_their_factors(account: UserAccount, aws: Stubber) -> None:
    answer = {
        "Username": "sub-1",
        "UserAttributes": [{"Name": "email", "Value": "ada@example.com"}, {"Name": "nickname"}],
        "UserMFASettingList": ["SOFTWARE_TOKEN_MFA"],
        "PreferredMfaSetting": "SOFTWARE_TOKEN_MFA",
    }
    aws.add_response("get_user", answer, {"AccessToken": TOKEN})
    person = account.get_user(TOKEN)
    assert person.attributes == {"email": "ada@example.com", "nickname": ""}
    assert (person.factors, person.preferred_factor) == (("SOFTWARE_TOKEN_MFA",), "SOFTWARE_TOKEN_MFA")


def test_the_attributes_of_a_person_are_not_shown(account: UserAccount, aws: Stubber) -> None:
    answer = {"Username": "sub-1", "UserAttributes": [{"Name": "email", "Value": "ada@example.com"}]}
    aws.add_response("get_user", answer)
    assert "ada@example.com" not in repr(account.get_user(TOKEN))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("NotAuthorizedException", errors.AccessTokenRefused),
        ("UserNotFoundException", errors.AccountGone),
        ("PasswordResetRequiredException", errors.AccessTokenRefused),
        ("UserNotConfirmedException", errors.AccessTokenRefused),
    ],
)
def test_a_dead_token_is_told_by_its_kind(
    account: UserAccount, aws: Stubber, code: str, kind: type[errors.CognitoError]
) -> None:
    aws.add_client_error("get_user", code, response_meta={"RequestId": "request-1"})
    with pytest.raises(kind) as caught:
        account.get_user(TOKEN)
    assert (caught.value.operation, caught.value.code) == ("GetUser", code)
    assert caught.value.request_id == "request-1"


def test_a_refused_step_of_a_sign_in_is_not_told_as_a_dead_token(account: UserAccount, aws: Stubber) -> None:
    aws.add_client_error("associate_software_token", "NotAuthorizedException")
    with pytest.raises(errors.NotAuthorized) as caught:
        account.associate_software_token(session="a-session-of-twenty-letters")
    assert type(caught.value) is errors.NotAuthorized


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("NotAuthorizedException", errors.NotAuthorized),
        ("InvalidPasswordException", errors.PasswordRejected),
        ("PasswordHistoryPolicyViolationException", errors.PasswordUsedBefore),
        ("LimitExceededException", errors.TooManyAttempts),
    ],
)
def test_a_refused_password_change_is_told_by_its_kind(
    account: UserAccount, aws: Stubber, code: str, kind: type[errors.CognitoError]
) -> None:
    aws.add_client_error("change_password", code)
    with pytest.raises(kind):
        account.change_password(TOKEN, "old", "new")


@pytest.mark.parametrize("status", ["ERROR", None])
def test_a_wrong_authenticator_code_may_hide_in_a_good_answer(
    account: UserAccount, aws: Stubber, status: str | None
) -> None:
    aws.add_response("verify_software_token", {"Status": status} if status else {})
    with pytest.raises(errors.FactorNotSetUp):
        account.verify_software_token("123456", access_token=TOKEN)


@pytest.mark.parametrize(
    ("code", "kind"),
    [("EnableSoftwareTokenMFAException", errors.FactorNotSetUp), ("CodeMismatchException", errors.WrongCode)],
)
def test_a_wrong_authenticator_code_is_told_by_its_kind(
    account: UserAccount, aws: Stubber, code: str, kind: type[errors.CognitoError]
) -> None:
    aws.add_client_error("verify_software_token", code)
    with pytest.raises(kind):
        account.verify_software_token("123456", access_token=TOKEN)


def test_the_authenticator_is_set_up_by_the_session_during_a_sign_in(account: UserAccount, aws: Stubber) -> None:
    expected = {"Session": "session-of-20-characters"}
    answer = {"SecretCode": "ABCDEFGHIJKLMNOP", "Session": "session-of-20-characters2"}
    aws.add_response("associate_software_token", answer, expected)
    secret = account.associate_software_token(session="session-of-20-characters")
    assert secret == ("ABCDEFGHIJKLMNOP", "session-of-20-characters2")


@pytest.mark.parametrize("method", ["get_user", "associate_software_token", "start_passkey_registration"])
def test_an_empty_answer_is_an_outage(idp: Any, account: UserAccount, method: str) -> None:
    # The Stubber itself would refuse an answer without the required members; a broken proxy does not.
    idp.meta.events.register("before-call.*.*", lambda **_: (EmptyAnswer(), {"ResponseMetadata": {}}))
    with pytest.raises(errors.Unreachable):
        getattr(account, method)(TOKEN)


class EmptyAnswer:
    """The HTTP half of an answer that holds nothing."""

    status_code = 200


def test_switching_a_factor_off_does_not_prefer_it(account: UserAccount, aws: Stubber) -> None:
    expected = {"AccessToken": TOKEN, "SoftwareTokenMfaSettings": {"Enabled": False, "PreferredMfa": False}}
    aws.add_response("set_user_mfa_preference", {}, expected)
    account.set_mfa_preference(TOKEN, {Factor.TOTP: (False, True)})


@pytest.mark.parametrize("on", [True, False])
def test_passkeys_are_told_to_stand_for_both_steps_or_not(account: UserAccount, aws: Stubber, on: bool) -> None:
    aws.add_response("set_user_mfa_preference", {}, {"AccessToken": TOKEN, "WebAuthnMfaSettings": {"Enabled": on}})
    account.set_mfa_preference(TOKEN, {}, passkeys=on)


def test_a_changed_address_tells_where_its_code_went(account: UserAccount, aws: Stubber) -> None:
    details = {"Destination": "n***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    aws.add_response("update_user_attributes", {"CodeDeliveryDetailsList": [details]})
    deliveries = account.update_attributes(TOKEN, {"email": "new@example.com"})
    assert [delivery.destination for delivery in deliveries] == ["n***@e***"]


def test_passkeys_are_listed_by_name(account: UserAccount, aws: Stubber) -> None:
    made = datetime(2026, 3, 5, tzinfo=UTC)
    entry = {
        "CredentialId": "key-1",
        "FriendlyCredentialName": "Telephone",
        "RelyingPartyId": "localhost",
        "AuthenticatorTransports": [],
        "CreatedAt": made,
    }
    aws.add_response("list_web_authn_credentials", {"Credentials": [entry]})
    (passkey,) = account.list_passkeys(TOKEN)
    assert (passkey.id, passkey.name, passkey.created_at, passkey.attachment) == ("key-1", "Telephone", made, "")


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("WebAuthnChallengeNotFoundException", "", errors.PasskeyRefused),
        ("WebAuthnCredentialNotSupportedException", "", errors.PasskeyRefused),
        ("LimitExceededException", "Too many WebAuthn credentials", errors.TooManyPasskeys),
        ("WebAuthnOriginNotAllowedException", "", errors.Misconfigured),
        ("WebAuthnRelyingPartyMismatchException", "", errors.Misconfigured),
    ],
)
def test_a_refused_passkey_is_told_by_its_kind(
    account: UserAccount, aws: Stubber, code: str, message: str, kind: type[errors.CognitoError]
) -> None:
    aws.add_client_error("complete_web_authn_registration", code, message)
    with pytest.raises(kind):
        account.complete_passkey_registration(TOKEN, {"id": "key-1"})
