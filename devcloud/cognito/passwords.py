"""Passwords: checked at sign-in, changed under the pool's policy, and temporary ones that run out.

MiniStack checks and keeps passwords but forgets the policy when a challenge asks for a new one, and lets a temporary
password live for ever. https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
"""

from __future__ import annotations

import hmac
import time

from ministack.services import cognito as ministack

from devcloud.cognito import codes, lockout, password_history
from devcloud.cognito.errors import CognitoError, invalid_parameter, not_authorized, wrong_password
from devcloud.cognito.records import (
    Answer,
    Client,
    Pool,
    Request,
    User,
    find_user,
    pool,
    signed_in,
    unknown_user,
    user_of,
)

_DAY = 24 * 60 * 60


def check(user_pool: Pool, app_client: Client, name: object, password: object, request: Request) -> User:
    """Return the person whom this name and password sign in.

    Raises NotAuthorizedException for an unknown, disabled or locked-out person and for a wrong password; only to the
    right one, that a temporary one ran out; and what ``refuse_unconfirmed`` raises to any.
    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html
    """
    user = find_user(user_pool, name)
    if user is None:
        raise unknown_user(app_client)
    refuse_disabled(user)
    refuse_unconfirmed(user)
    lockout.refuse_when_locked(user)
    known = user.get("_password") or ""
    if not known or not isinstance(password, str) or not hmac.compare_digest(known.encode(), password.encode()):
        lockout.miss(user)
        ministack._record_auth_event(user_pool, user, request, "SignIn", "Fail", (("Password", "Failure"),))
        raise wrong_password()
    refuse_unready(user_pool, user)
    lockout.reset(user)
    return user


def refuse_disabled(user: User) -> None:
    """Raise NotAuthorizedException when an administrator has closed the account."""
    if not user.get("Enabled", True):
        raise not_authorized("User is disabled.")
    if user.get("_provider_disabled"):
        raise wrong_password()


def refuse_unconfirmed(user: User) -> None:
    """Raise what Cognito says of an account that no password opens yet, or any longer, to whatever password.

    AdminResetUserPassword invalidates the password, so there is none to compare:
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminResetUserPassword.html. That an
    account has to be confirmed first is said "regardless of the password being correct":
    https://github.com/aws-amplify/amplify-flutter/issues/3407, https://github.com/aws/aws-sdk-js/issues/4608.
    """
    if user["UserStatus"] == "UNCONFIRMED":
        raise CognitoError("UserNotConfirmedException", "User is not confirmed.")
    if user["UserStatus"] == "RESET_REQUIRED":
        raise CognitoError("PasswordResetRequiredException", "Password reset required for the user")


def refuse_unready(user_pool: Pool, user: User) -> None:
    """Raise what keeps a person who has proved who they are from signing in all the same."""
    refuse_unconfirmed(user)
    if user["UserStatus"] == "FORCE_CHANGE_PASSWORD" and time.time() > _temporary_until(user_pool, user):
        raise not_authorized("Temporary password has expired and must be reset by an administrator.")


def change(user_pool: Pool, user: User, password: str) -> None:
    """Give the person a new password.

    Raises InvalidPasswordException when the pool's policy refuses it, PasswordHistoryPolicyViolationException when it
    is one of their latest.
    """
    errors = ministack._password_policy_errors(user_pool, password)
    if errors:
        message = "Password did not conform with policy: " + "; ".join(errors)
        raise CognitoError("InvalidPasswordException", message)
    password_history.refuse_former(user_pool, user, password)
    password_history.remember(user_pool, user, password)
    user["_password"] = password
    user["UserLastModifiedDate"] = ministack._now_epoch()


def change_password(request: Request) -> Answer:
    """Change the password of the signed-in person, five times an hour at most.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ChangePassword.html. A person
    without a password needs no previous one. Raises NotAuthorizedException for a wrong previous password,
    LimitExceededException, and what ``change`` raises.
    """
    user_pool, _app_client, user = signed_in(request)
    codes.spend(user, "ChangePassword", 5)
    known, previous = user.get("_password") or "", request.get("PreviousPassword") or ""
    if known and not previous:
        raise invalid_parameter("Missing required parameter OldPassword")
    if known and not hmac.compare_digest(known.encode(), previous.encode()):
        raise wrong_password()
    change(user_pool, user, request["ProposedPassword"])
    ministack._record_auth_event(user_pool, user, request, "PasswordChange", "Pass")
    return {}


def admin_set_user_password(request: Request) -> Answer:
    """Give a person a permanent or a temporary password; a temporary one runs out from now.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminSetUserPassword.html. Raises
    UserNotFoundException and what ``change`` raises.
    """
    user_pool = pool(request["UserPoolId"])
    user = user_of(user_pool, request.get("Username"))
    change(user_pool, user, request["Password"])
    user["UserStatus"] = "CONFIRMED" if request.get("Permanent") else "FORCE_CHANGE_PASSWORD"
    user["_temporary_since"] = time.time()
    lockout.reset(user)
    return {}


def _temporary_until(user_pool: Pool, user: User) -> float:
    policy = (user_pool.get("Policies") or {}).get("PasswordPolicy") or {}
    since = float(user.get("_temporary_since") or user["UserCreateDate"])
    return since + int(policy.get("TemporaryPasswordValidityDays") or 7) * _DAY
