"""SetUserPoolMfaConfig: which second factors a pool has, and what has to be there for each of them.

MiniStack takes any combination. https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import cognito as ministack

from devcloud.cognito.errors import invalid_parameter
from devcloud.cognito.gate import Response, stock
from devcloud.cognito.records import Answer, Pool, Request, pool

SMS = "SmsMfaConfiguration"
MAIL = "EmailMfaConfiguration"
TOTP = "SoftwareTokenMfaConfiguration"
_stock_set: Callable[[Request], Response] = ministack._set_user_pool_mfa_config


def set_user_pool_mfa_config(request: Request) -> Answer:
    """Choose the pool's second factors; one that the request leaves out stays as it was.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SetUserPoolMfaConfig.html. Raises
    InvalidParameterException when MFA is off and a factor is asked for, when MFA is on or optional and no factor is
    left, and for what ``refuse_unsendable`` refuses.
    """
    user_pool = pool(request["UserPoolId"])
    after = {**user_pool, **request}
    mode = after.get("MfaConfiguration") or "OFF"
    if mode == "OFF" and _factors(request):
        raise invalid_parameter("Invalid MFA configuration given, can't turn off MFA and configure an MFA together.")
    if mode != "OFF" and not _factors(after):
        raise invalid_parameter("Invalid MFA configuration given, can't disable all MFAs and require an MFA together.")
    if mode != "OFF":
        refuse_unsendable(after)
    return stock(_stock_set, request)


def refuse_unsendable(user_pool: Pool) -> None:
    """Raise InvalidParameterException when the pool could not send the codes of its second factors.

    Text messages take a role for SNS, mailed ones an SES identity of one's own. Mailed ones also take another way to
    recover a password than e-mail alone, because nobody is mailed both:
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SmsConfigurationType.html,
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa-sms-email-message.html and
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AccountRecoverySettingType.html
    """
    factors = _factors(user_pool)
    if SMS in factors and not _sms_role(user_pool):
        raise invalid_parameter("SMS configuration is required when SMS MFA is enabled.")
    if MAIL not in factors:
        return
    if (user_pool.get("EmailConfiguration") or {}).get("EmailSendingAccount") != "DEVELOPER":
        raise invalid_parameter("Email MFA needs EmailSendingAccount DEVELOPER and an SES identity.")
    ways = (user_pool.get("AccountRecoverySetting") or {}).get("RecoveryMechanisms")
    if ways and {way.get("Name") for way in ways} == {"verified_email"}:
        raise invalid_parameter("Account Recovery Setting cannot be verified_email alone when email MFA is configured.")


def _factors(settings: Mapping[str, Any]) -> set[str]:
    """Return which factors ``settings``, a request or a pool, turn on."""
    chosen = {name for name in (SMS, MAIL) if settings.get(name)}
    return chosen | ({TOTP} if (settings.get(TOTP) or {}).get("Enabled") else set())


def _sms_role(user_pool: Pool) -> bool:
    own = (user_pool.get(SMS) or {}).get("SmsConfiguration") or {}
    return bool(own.get("SnsCallerArn") or (user_pool.get("SmsConfiguration") or {}).get("SnsCallerArn"))
