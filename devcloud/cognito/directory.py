"""What administrators do to people: invite, change, list.

MiniStack creates a second person for the same address in other letters, leaves the verified flags open, sends an old
temporary password again, and returns everybody for a filter it cannot read.
https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html
"""

from __future__ import annotations

import re
import time
from typing import Any

from ministack.services import cognito as ministack

from devcloud.cognito import attributes, sign_up
from devcloud.cognito.errors import CognitoError, invalid_parameter
from devcloud.cognito.gate import stock
from devcloud.cognito.records import Answer, Pool, Request, User, find_user, pool, set_attributes, user_of
from devcloud.cognito.records import attributes as attributes_of

_stock_create = ministack._admin_create_user
_stock_confirm = ministack._admin_confirm_sign_up
_FILTER = re.compile(r'\s*"?([\w:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*')
_SEARCHABLE = frozenset(
    {
        "username",
        "email",
        "phone_number",
        "name",
        "given_name",
        "family_name",
        "preferred_username",
        "cognito:user_status",
        "status",
        "sub",
    }
)
_EXACT_CASE = frozenset({"username", "status", "cognito:user_status", "sub"})


def admin_create_user(request: Request) -> Answer:
    """Invite a person with a temporary password, or send the invitation again with a new one.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html. Raises
    UsernameExistsException, InvalidPasswordException, InvalidParameterException; with RESEND UserNotFoundException, and
    UnsupportedUserStateException for a person who has accepted already.
    """
    user_pool = pool(request["UserPoolId"])
    request = request | {"Username": sign_up.stored_username(user_pool, request["Username"])}
    if request.get("MessageAction") == "RESEND":
        _renew_temporary_password(user_pool, request)
    _refuse_malformed(user_pool, request.get("UserAttributes", []))
    answer = stock(_stock_create, request)
    user = user_of(user_pool, answer["User"]["Username"])
    user.setdefault("_temporary_since", time.time())
    attributes.mark_unverified(user)
    answer["User"]["Attributes"] = user["Attributes"]
    return answer


def admin_update_user_attributes(request: Request) -> Answer:
    """Change a person's attributes, the verified flags included; a new address is unverified unless the call says so.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminUpdateUserAttributes.html.
    Raises UserNotFoundException, InvalidParameterException, AliasExistsException.
    """
    user_pool = pool(request["UserPoolId"])
    user = user_of(user_pool, request.get("Username"))
    changes = {item["Name"]: item.get("Value", "") for item in request.get("UserAttributes", [])}
    _refuse_malformed(user_pool, request.get("UserAttributes", []))
    if "sub" in changes:
        raise invalid_parameter("Cannot modify the non-mutable attribute sub")
    before = attributes_of(user)
    for name in attributes.VERIFIABLE:
        if name in changes and changes[name] != before.get(name):
            attributes.refuse_taken(user_pool, user, name, changes[name])
            changes.setdefault(f"{name}_verified", "false")
    set_attributes(user, changes)
    return {}


def admin_confirm_sign_up(request: Request) -> Answer:
    """Confirm a person without their code; that verifies no address.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminConfirmSignUp.html. Raises
    NotAuthorizedException for a person who is not waiting for it.
    """
    user = user_of(pool(request["UserPoolId"]), request.get("Username"))
    if user["UserStatus"] != "UNCONFIRMED":
        raise sign_up.not_unconfirmed(user)
    return stock(_stock_confirm, request)


def list_users(request: Request) -> Answer:
    """Return people a page at a time, those that the filter picks, with the attributes that were asked for.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html. Raises
    InvalidParameterException for a filter that cannot be read.
    """
    user_pool = pool(request["UserPoolId"])
    people: list[User] = list(user_pool["_users"].values())
    if request.get("Filter"):
        people = _filtered(people, request["Filter"])
    start, count = _page(request)
    wanted = request.get("AttributesToGet")
    answer: Answer = {"Users": [_shown(user, wanted) for user in people[start : start + count]]}
    if start + count < len(people):
        answer["PaginationToken"] = str(start + count)
    return answer


def _page(request: Request) -> tuple[int, int]:
    token = str(request.get("PaginationToken") or "0")
    if not token.isdecimal():
        raise invalid_parameter("Invalid pagination token given.")
    limit = request.get("Limit")
    return int(token), 60 if limit is None else min(int(limit), 60)


def _filtered(people: list[User], expression: str) -> list[User]:
    match = _FILTER.fullmatch(expression)
    if match is None or match[1] not in _SEARCHABLE:
        raise invalid_parameter("Error while parsing filter.")
    name, operator, value = match[1], match[2], re.sub(r"\\(.)", r"\1", match[3])
    fold = str if name in _EXACT_CASE else str.casefold
    sought = fold(value)
    found = ((user, fold(_value(user, name))) for user in people)
    if operator == "=":
        return [user for user, has in found if has == sought]
    return [user for user, has in found if has.startswith(sought)]


def _value(user: User, name: str) -> str:
    own = {
        "username": user["Username"],
        "cognito:user_status": user["UserStatus"],
        "status": "Enabled" if user.get("Enabled", True) else "Disabled",
    }
    return own[name] if name in own else attributes_of(user).get(name, "")


def _shown(user: User, wanted: list[str] | None) -> dict[str, Any]:
    shown: dict[str, Any] = ministack._user_out(user)
    if wanted is not None:
        shown["Attributes"] = [item for item in shown["Attributes"] if item["Name"] in wanted]
    return shown


def _refuse_malformed(user_pool: Pool, items: list[dict[str, str]]) -> None:
    known = attributes.schema(user_pool)
    for item in items:
        if item["Name"] not in known:
            reason = f"{item['Name']}: Attribute does not exist in the schema."
            raise invalid_parameter(f"Attributes did not conform to the schema: {reason}")
        attributes.refuse_malformed(known[item["Name"]], item.get("Value", ""))


def _renew_temporary_password(user_pool: Pool, request: Request) -> None:
    user = find_user(user_pool, request["Username"])
    if user is None:
        return
    if user["UserStatus"] != "FORCE_CHANGE_PASSWORD":
        raise CognitoError("UnsupportedUserStateException", f"Resend not possible. {user['UserStatus']} status.")
    user["_password"] = request.get("TemporaryPassword") or ministack._generate_temp_password()
    user["_temporary_since"] = time.time()
