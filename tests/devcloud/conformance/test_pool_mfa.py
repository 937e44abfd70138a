"""Which second factors a pool may have: API_SetUserPoolMfaConfig and API_UpdateUserPool."""

from __future__ import annotations

from typing import Any

import pytest

from tests.devcloud.conformance.conftest import SENDER, MakePool
from tests.devcloud.conformance.user_pool import refused

MAIL: dict[str, Any] = {"EmailMfaConfiguration": {"Message": "Your code is {####}", "Subject": "Code"}}
TEXT: dict[str, Any] = {"SmsMfaConfiguration": {"SmsAuthenticationMessage": "Your code is {####}"}}
ROLE = {"SnsCallerArn": "arn:aws:iam::000000000000:role/text-messages"}
APP: dict[str, Any] = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
NO_APP: dict[str, Any] = {"SoftwareTokenMfaConfiguration": {"Enabled": False}}
EMAIL_ALONE = {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]}
BOTH_WAYS = {
    "RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}, {"Name": "verified_phone_number", "Priority": 2}]
}
OWN_SENDER = {"EmailSendingAccount": "DEVELOPER", "SourceArn": SENDER}


@pytest.mark.parametrize("factor", [APP, MAIL, {"SmsMfaConfiguration": {"SmsConfiguration": ROLE}}])
def test_off_and_a_factor_contradict_each_other(make_pool: MakePool, factor: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SetUserPoolMfaConfig.html"""
    app = make_pool()
    with refused("InvalidParameterException", "turn off MFA"):
        app.admin.set_user_pool_mfa_config(UserPoolId=app.pool_id, MfaConfiguration="OFF", **factor)


def test_off_takes_factors_that_are_off(make_pool: MakePool) -> None:
    app = make_pool(mfa={"MfaConfiguration": "OPTIONAL", **APP})
    answer = app.admin.set_user_pool_mfa_config(UserPoolId=app.pool_id, MfaConfiguration="OFF", **NO_APP)
    assert answer["MfaConfiguration"] == "OFF"


@pytest.mark.parametrize("mode", ["OPTIONAL", "ON"])
@pytest.mark.parametrize("factors", [{}, NO_APP])
def test_on_and_optional_take_a_factor(make_pool: MakePool, mode: str, factors: dict[str, Any]) -> None:
    app = make_pool()
    with refused("InvalidParameterException", "disable all MFAs"):
        app.admin.set_user_pool_mfa_config(UserPoolId=app.pool_id, MfaConfiguration=mode, **factors)


def test_the_last_factor_cannot_be_taken_away(make_pool: MakePool) -> None:
    app = make_pool(mfa={"MfaConfiguration": "ON", **APP})
    with refused("InvalidParameterException", "disable all MFAs"):
        app.admin.set_user_pool_mfa_config(UserPoolId=app.pool_id, **NO_APP)
    assert app.admin.get_user_pool_mfa_config(UserPoolId=app.pool_id)["SoftwareTokenMfaConfiguration"]["Enabled"]


@pytest.mark.parametrize("sender", [{}, {"EmailSendingAccount": "COGNITO_DEFAULT"}])
def test_mailed_codes_take_a_sender_of_ones_own(make_pool: MakePool, sender: dict[str, str]) -> None:
    """https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa-sms-email-message.html"""
    app = make_pool(EmailConfiguration=sender)
    with refused("InvalidParameterException", "DEVELOPER"):
        app.admin.set_user_pool_mfa_config(UserPoolId=app.pool_id, MfaConfiguration="OPTIONAL", **MAIL)


def test_mailed_codes_take_another_way_to_a_new_password_than_e_mail(make_pool: MakePool) -> None:
    """Nobody is mailed both: API_CreateUserPool, AccountRecoverySetting."""
    app = make_pool(AccountRecoverySetting=EMAIL_ALONE)
    with refused("InvalidParameterException", "verified_email"):
        app.admin.set_user_pool_mfa_config(UserPoolId=app.pool_id, MfaConfiguration="OPTIONAL", **MAIL)
    app.admin.set_user_pool_mfa_config(UserPoolId=app.pool_id, MfaConfiguration="OPTIONAL", **APP)


def test_texted_codes_take_a_role_that_may_send_them(make_pool: MakePool) -> None:
    """https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SmsConfigurationType.html"""
    app = make_pool(SmsConfiguration={})
    with refused("InvalidParameterException", "SMS"):
        app.admin.set_user_pool_mfa_config(UserPoolId=app.pool_id, MfaConfiguration="OPTIONAL", **TEXT)
    configured = {"SmsMfaConfiguration": {**TEXT["SmsMfaConfiguration"], "SmsConfiguration": ROLE}}
    app.admin.set_user_pool_mfa_config(UserPoolId=app.pool_id, MfaConfiguration="OPTIONAL", **configured)


@pytest.mark.parametrize(
    "change",
    [
        {"AccountRecoverySetting": EMAIL_ALONE, "EmailConfiguration": OWN_SENDER},
        {"AccountRecoverySetting": BOTH_WAYS, "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"}},
        {"AccountRecoverySetting": BOTH_WAYS},
    ],
)
def test_what_mailed_codes_take_cannot_be_taken_away_under_them(make_pool: MakePool, change: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPool.html"""
    app = make_pool(mfa={"MfaConfiguration": "OPTIONAL", **MAIL})
    with refused("InvalidParameterException"):
        app.admin.update_user_pool(UserPoolId=app.pool_id, MfaConfiguration="OPTIONAL", **change)
    kept = {"AccountRecoverySetting": BOTH_WAYS, "EmailConfiguration": OWN_SENDER}
    app.admin.update_user_pool(UserPoolId=app.pool_id, MfaConfiguration="OPTIONAL", **kept)
