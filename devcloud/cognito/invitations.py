"""AdminCreateUser: people whom an administrator invites, and inviting them again.

MiniStack creates a second person for the same address in other letters, leaves the verified flags open, sends an old
temporary password again, and gives a password to people who are to sign in without one.
https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-create-user-accounts.html
"""

from __future__ import annotations

import time

from ministack.services import cognito as ministack

from devcloud.cognito import attributes, messages, passwords, sign_up
from devcloud.cognito.errors import CognitoError, invalid_parameter
from devcloud.cognito.gate import stock
from devcloud.cognito.records import Answer, Pool, Request, User, find_user, pool, user_of
from devcloud.cognito.records import attributes as attributes_of

_stock_create = ministack._admin_create_user
_WITHOUT_PASSWORD = frozenset({"EMAIL_OTP", "SMS_OTP"})
_NEEDED_BY = {"EMAIL": "email", "SMS": "phone_number"}


def admin_create_user(request: Request) -> Answer:
    """Invite a person with a temporary password, or send the invitation again with a new one.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html. Where people
    may sign in by a sent code alone, somebody without a TemporaryPassword gets none and is confirmed. Raises
    UsernameExistsException, InvalidPasswordException, InvalidParameterException; with RESEND UserNotFoundException, and
    UnsupportedUserStateException for a person who has accepted already.
    """
    user_pool = pool(request["UserPoolId"])
    request = request | {"Username": sign_up.stored_username(user_pool, request["Username"])}
    if request.get("MessageAction") == "RESEND":
        _renew_temporary_password(user_pool, request)
        answer = stock(_stock_create, request)
        _text_invitation(user_pool, user_of(user_pool, request["Username"]), request)
        return answer
    _refuse_contradictions(user_pool, request)
    _claim_aliases(user_pool, request)
    passwordless = not request.get("TemporaryPassword") and _signs_in_by_code(user_pool)
    answer = stock(_stock_create, request | ({"MessageAction": "SUPPRESS"} if passwordless else {}))
    user = user_of(user_pool, answer["User"]["Username"])
    user["_temporary_since"] = time.time()
    attributes.mark_unverified(user)
    if passwordless:
        _leave_without_password(user_pool, user, request)
    elif request.get("MessageAction") != "SUPPRESS":
        _text_invitation(user_pool, user, request)
    return {"User": ministack._user_out(user)}


def _refuse_contradictions(user_pool: Pool, request: Request) -> None:
    """Raise InvalidParameterException for an attribute of the wrong form, and for a message or a flag without address.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html, UserAttributes
    """
    attributes.refuse_alias_as_username(user_pool, request["Username"])
    attributes.refuse_unknown(user_pool, request.get("UserAttributes", []))
    values = {item["Name"]: item.get("Value", "") for item in request.get("UserAttributes", [])}
    alias = ministack._username_alias_attribute(user_pool, request["Username"])
    known = {alias, *(name for name, value in values.items() if value)}
    needed = [_NEEDED_BY[medium] for medium in request.get("DesiredDeliveryMediums") or []]
    needed += [name for name in attributes.VERIFIABLE if values.get(f"{name}_verified") == "true"]
    for name in needed:
        if name not in known:
            raise invalid_parameter(f"User attribute {name} is required.")


def _claim_aliases(user_pool: Pool, request: Request) -> None:
    """Raise AliasExistsException for a verified address that is somebody's alias, unless ForceAliasCreation moves it.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html
    """
    values = {item["Name"]: item.get("Value", "") for item in request.get("UserAttributes", [])}
    for name in user_pool.get("AliasAttributes") or []:
        if values.get(f"{name}_verified") == "true" and find_user(user_pool, request["Username"]) is None:
            force = bool(request.get("ForceAliasCreation"))
            attributes.take_alias(user_pool, None, name, values[name], force=force)


def _text_invitation(user_pool: Pool, user: User, request: Request) -> None:
    if "SMS" in (request.get("DesiredDeliveryMediums") or []):
        messages.send_invitation(user_pool, user, user["_password"])


def _signs_in_by_code(user_pool: Pool) -> bool:
    policy = (user_pool.get("Policies") or {}).get("SignInPolicy") or {}
    return not _WITHOUT_PASSWORD.isdisjoint(policy.get("AllowedFirstAuthFactors") or [])


def _leave_without_password(user_pool: Pool, user: User, request: Request) -> None:
    """Take away the password that MiniStack has made up, and send the invitation, which has none to tell."""
    del user["_password"]
    user["UserStatus"] = "CONFIRMED"
    if request.get("MessageAction") == "SUPPRESS" or not ministack._wants_email_delivery(request):
        return
    values, metadata = attributes_of(user), request.get("ClientMetadata")
    message = ministack._render_invitation_message(user_pool, user["Username"], "", values, metadata)
    ministack._deliver_invitation_email(user_pool, user["Username"], values, *message)


def _renew_temporary_password(user_pool: Pool, request: Request) -> None:
    user = find_user(user_pool, request["Username"])
    if user is None:
        return
    if user["UserStatus"] != "FORCE_CHANGE_PASSWORD":
        raise CognitoError("UnsupportedUserStateException", f"Resend not possible. {user['UserStatus']} status.")
    passwords.change(user_pool, user, request.get("TemporaryPassword") or ministack._generate_temp_password())
    user["_temporary_since"] = time.time()
