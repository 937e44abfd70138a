"""ForgotPassword, ConfirmForgotPassword and AdminResetUserPassword.

MiniStack mails the constant 654321, to addresses nobody has verified and to accounts that cannot be recovered, and
lets people guess for ever. https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
"""

from __future__ import annotations

from ministack.services import cognito as ministack

from devcloud.cognito import codes, lockout, messages, passwords
from devcloud.cognito.errors import CognitoError, code_mismatch, invalid_parameter, not_authorized
from devcloud.cognito.records import (
    Answer,
    Pool,
    Request,
    User,
    attributes,
    client,
    find_user,
    hides_existence,
    pool,
    set_attributes,
    user_of,
)

PURPOSE = "reset"
CALLS_AN_HOUR = 20
_RECOVERY_NAMES = {"verified_email": messages.EMAIL, "verified_phone_number": messages.PHONE}
_NO_CONTACT = "Cannot reset password for the user as there is no registered/verified email or phone_number"


def forgot_password(request: Request) -> Answer:
    """Send a code that lets the person choose a new password, to the verified address the pool recovers by.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ForgotPassword.html. Raises
    InvalidParameterException without such an address, NotAuthorizedException in a state that cannot be recovered,
    LimitExceededException; a hidden unknown person gets the same answer as a known one.
    """
    user_pool, app_client = client(request)
    user = find_user(user_pool, request.get("Username"))
    if user is None:
        if hides_existence(app_client):
            return {"CodeDeliveryDetails": messages.simulated_delivery(request["Username"])}
        raise _unknown()
    if not user.get("Enabled", True):
        raise not_authorized("User is disabled.")
    if user["UserStatus"] == "FORCE_CHANGE_PASSWORD":
        raise not_authorized("User password cannot be reset in the current state.")
    codes.spend(user, "ForgotPassword", CALLS_AN_HOUR)
    return {"CodeDeliveryDetails": _send_reset_code(user_pool, user)}


def confirm_forgot_password(request: Request) -> Answer:
    """Give the person whose code is typed the new password, if the pool's policy allows it.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ConfirmForgotPassword.html. A
    refused password leaves the code standing. Raises CodeMismatchException, ExpiredCodeException,
    InvalidPasswordException, TooManyFailedAttemptsException, LimitExceededException.
    """
    user_pool, app_client = client(request)
    user = find_user(user_pool, request.get("Username"))
    if user is None or not user.get("Enabled", True):
        raise code_mismatch() if hides_existence(app_client) or user is not None else _unknown()
    codes.spend(user, "ForgotPassword", CALLS_AN_HOUR)
    codes.check(user, PURPOSE, request.get("ConfirmationCode"))
    passwords.change(user_pool, user, request.get("Password", ""))
    attribute = recovery_attribute(user_pool, user)
    if attribute:
        set_attributes(user, {f"{attribute}_verified": "true"})
    codes.discard(user, PURPOSE)
    user["UserStatus"] = "CONFIRMED"
    lockout.reset(user)
    return {}


def admin_reset_user_password(request: Request) -> Answer:
    """Make the person's password useless and send them a code to choose another.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminResetUserPassword.html. Raises
    InvalidParameterException when they have no verified address, NotAuthorizedException for somebody without a password
    of their own.
    """
    user_pool = pool(request["UserPoolId"])
    user = user_of(user_pool, request.get("Username"))
    if user["UserStatus"] in {"FORCE_CHANGE_PASSWORD", "UNCONFIRMED", "EXTERNAL_PROVIDER"}:
        raise not_authorized("User password cannot be reset in the current state.")
    _send_reset_code(user_pool, user)
    user["UserStatus"] = "RESET_REQUIRED"
    user["UserLastModifiedDate"] = ministack._now_epoch()
    return {}


def recovery_attribute(user_pool: Pool, user: User) -> str | None:
    """Return the verified attribute the pool recovers this person's account by, or None.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AccountRecoverySettingType.html; an
    e-mail address that is the person's second factor cannot recover the password too.
    """
    mechanisms = (user_pool.get("AccountRecoverySetting") or {}).get("RecoveryMechanisms")
    names = (
        sorted(mechanisms, key=lambda item: item["Priority"])
        if mechanisms
        else [
            {"Name": "verified_phone_number"},
            {"Name": "verified_email"},
        ]
    )
    second = {"EMAIL_OTP": messages.EMAIL, "SMS_MFA": messages.PHONE}
    taken = {second.get(name) for name in user.get("_mfa_enabled", [])}
    values = attributes(user)
    for item in names:
        attribute = _RECOVERY_NAMES.get(item["Name"], "")
        if values.get(attribute) and values.get(f"{attribute}_verified") == "true" and attribute not in taken:
            return attribute
    return None


def _send_reset_code(user_pool: Pool, user: User) -> Answer:
    attribute = recovery_attribute(user_pool, user)
    if attribute is None:
        raise invalid_parameter(_NO_CONTACT)
    code = codes.issue(user, PURPOSE, codes.HOUR)
    messages.send_verification_code(user_pool, user, attribute, code, kind="reset code")
    return messages.delivery_details(attribute, attributes(user)[attribute])


def _unknown() -> CognitoError:
    return CognitoError("UserNotFoundException", "Username/client id combination not found.")
