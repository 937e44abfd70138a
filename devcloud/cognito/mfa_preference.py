"""SetUserMFAPreference and AdminSetUserMFAPreference: which second factors are on, and which one is asked for.

MiniStack knows no e-mail factor and turns on an authenticator that was never set up.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
"""

from __future__ import annotations

from typing import Any, Final

from devcloud.cognito import mfa
from devcloud.cognito.errors import CognitoError, invalid_parameter
from devcloud.cognito.records import Answer, Pool, Request, User, attributes, pool, signed_in, user_of

_SETTINGS: Final = {
    "SMSMfaSettings": mfa.SMS,
    "EmailMfaSettings": mfa.MAIL,
    "SoftwareTokenMfaSettings": mfa.TOTP,
}
_ALLOWED_BY: Final = {
    mfa.SMS: "SmsMfaConfiguration",
    mfa.MAIL: "EmailMfaConfiguration",
    mfa.TOTP: "SoftwareTokenMfaConfiguration",
}


def set_user_mfa_preference(request: Request) -> Answer:
    """Turn the signed-in person's second factors on or off; a setting left out stays as it is.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SetUserMFAPreference.html. Raises
    InvalidParameterException for a factor that the pool does not allow or the person has not set up.
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
    _store(user, wanted)
    return {}


def _store(user: User, wanted: dict[str, dict[str, Any]]) -> None:
    on = set(user.get("_mfa_enabled", []))
    preferred = user.get("_preferred_mfa", "")
    for factor, setting in wanted.items():
        if setting.get("Enabled"):
            on.add(factor)
        else:
            on.discard(factor)
        if setting.get("PreferredMfa"):
            preferred = factor
        elif preferred == factor:
            preferred = ""
    user["_mfa_enabled"] = [factor for factor in _SETTINGS.values() if factor in on]
    user["_preferred_mfa"] = preferred if preferred in on else ""


def _refuse_unusable(user_pool: Pool, user: User, factor: str) -> None:
    configuration = user_pool.get(_ALLOWED_BY[factor])
    if factor == mfa.TOTP and not user.get("_totp_secret"):
        raise invalid_parameter("User has not verified software token mfa")
    if not configuration or (factor == mfa.TOTP and not configuration.get("Enabled")):
        raise invalid_parameter(f"{factor} is not enabled for the user pool.")
    attribute = mfa.SENT_TO.get(factor)
    if attribute and not attributes(user).get(attribute):
        raise CognitoError("InvalidParameterException", f"User does not have a {attribute}.")
