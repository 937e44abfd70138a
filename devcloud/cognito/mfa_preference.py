"""SetUserMFAPreference and AdminSetUserMFAPreference: which second factors are on, and which one is asked for.

MiniStack knows no e-mail factor and turns on an authenticator that was never set up.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
"""

from __future__ import annotations

from typing import Any

from devcloud.cognito import mfa, passkeys
from devcloud.cognito.errors import CognitoError, invalid_parameter
from devcloud.cognito.records import Answer, Pool, Request, User, attributes, pool, signed_in, user_of

_SETTINGS = {
    "SMSMfaSettings": mfa.SMS,
    "EmailMfaSettings": mfa.MAIL,
    "SoftwareTokenMfaSettings": mfa.TOTP,
}
_ALLOWED_BY = {
    mfa.SMS: "SmsMfaConfiguration",
    mfa.MAIL: "EmailMfaConfiguration",
    mfa.TOTP: "SoftwareTokenMfaConfiguration",
}


def set_user_mfa_preference(request: Request) -> Answer:
    """Turn the signed-in person's second factors on or off; a setting left out stays as it is.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SetUserMFAPreference.html. Raises
    InvalidParameterException for a factor that the pool does not allow or the person has not set up, and for a passkey
    that shall stand for both factors where the pool does not count it so or the person has no other factor.
    """
    user_pool, _app_client, user = signed_in(request)
    return _apply(user_pool, user, request)


def admin_set_user_mfa_preference(request: Request) -> Answer:
    """Do the same for somebody else.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminSetUserMFAPreference.html
    """
    user_pool = pool(request["UserPoolId"])
    return _apply(user_pool, user_of(user_pool, request.get("Username")), request)


def _apply(user_pool: Pool, user: User, request: Request) -> Answer:
    wanted: dict[str, dict[str, Any]] = {
        factor: request[name] for name, factor in _SETTINGS.items() if request.get(name) is not None
    }
    for factor, setting in wanted.items():
        if setting.get("Enabled"):
            _refuse_unusable(user_pool, user, factor)
        elif setting.get("PreferredMfa"):
            raise invalid_parameter("A factor that is off cannot be the preferred one.")
    if sum(bool(setting.get("PreferredMfa")) for setting in wanted.values()) > 1:
        raise invalid_parameter("Only one factor can be the preferred one.")
    on = _after(user, wanted)
    passkey = request.get("WebAuthnMfaSettings")
    if passkey is not None:
        _refuse_passkey(user_pool, on, passkey)
        user["_passkey_mfa"] = bool(passkey.get("Enabled"))
    _store(user, wanted, on)
    return {}


def _after(user: User, wanted: dict[str, dict[str, Any]]) -> set[str]:
    """Return the factors that are on once the settings in ``wanted`` have been applied."""
    kept = {factor for factor in user.get("_mfa_enabled", []) if factor not in wanted}
    return kept | {factor for factor, setting in wanted.items() if setting.get("Enabled")}


def _store(user: User, wanted: dict[str, dict[str, Any]], on: set[str]) -> None:
    preferred = user.get("_preferred_mfa", "")
    for factor, setting in wanted.items():
        if setting.get("PreferredMfa"):
            preferred = factor
        elif preferred == factor:
            preferred = ""
    user["_mfa_enabled"] = [factor for factor in _SETTINGS.values() if factor in on]
    user["_preferred_mfa"] = preferred if preferred in on else ""


def _refuse_passkey(user_pool: Pool, on: set[str], setting: dict[str, Any]) -> None:
    """Raise InvalidParameterException when a passkey is to count as both factors and cannot.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_WebAuthnMfaSettingsType.html
    """
    if not setting.get("Enabled"):
        return
    if not passkeys.multi_factor(user_pool):
        raise invalid_parameter("Passkey MFA needs FactorConfiguration MULTI_FACTOR_WITH_USER_VERIFICATION.")
    if not on:
        raise invalid_parameter("Passkey MFA needs at least one other MFA method that is activated.")


def _refuse_unusable(user_pool: Pool, user: User, factor: str) -> None:
    configuration = user_pool.get(_ALLOWED_BY[factor])
    if factor == mfa.TOTP and not user.get("_totp_secret"):
        raise invalid_parameter("User has not verified software token mfa")
    if not configuration or (factor == mfa.TOTP and not configuration.get("Enabled")):
        raise invalid_parameter(f"{factor} is not enabled for the user pool.")
    attribute = mfa.SENT_TO.get(factor)
    if attribute and not attributes(user).get(attribute):
        raise CognitoError("InvalidParameterException", f"User does not have a {attribute}.")
