"""What signed-in people read and change about themselves.

MiniStack shows and takes every attribute, lets a new address count as verified at once, and has no call to verify one.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-email-phone-verification.html
"""

from __future__ import annotations

from typing import Any

from ministack.services import cognito as ministack

from devcloud.cognito import attributes, codes, messages
from devcloud.cognito.errors import invalid_parameter
from devcloud.cognito.gate import stock
from devcloud.cognito.records import Answer, Pool, Request, User, set_attributes, signed_in
from devcloud.cognito.records import attributes as attributes_of

_stock_get_user = ministack._get_user
_ALWAYS_READABLE = frozenset({"sub", "identities"})


def get_user(request: Request) -> Answer:
    """Return the signed-in person: the attributes that the client may read, and their second factors.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetUser.html
    """
    _user_pool, app_client, _user = signed_in(request)
    answer = stock(_stock_get_user, request)
    readable = app_client.get("ReadAttributes")
    if readable:
        answer["UserAttributes"] = [
            item for item in answer["UserAttributes"] if item["Name"] in readable or item["Name"] in _ALWAYS_READABLE
        ]
    return _without_empty(answer)


def update_user_attributes(request: Request) -> Answer:
    """Change attributes that the client may write; a new address gets a code first.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserAttributes.html. Where the
    pool verifies before it updates, the old address stays until the code sent to the new one is typed. Raises
    NotAuthorizedException, InvalidParameterException, AliasExistsException.
    """
    user_pool, app_client, user = signed_in(request)
    changes = {item["Name"]: item.get("Value", "") for item in request.get("UserAttributes", [])}
    attributes.refuse_unwritable(user_pool, app_client, changes, creating=False)
    sent = [
        _change_address(user_pool, user, name, changes.pop(name)) for name in attributes.VERIFIABLE if name in changes
    ]
    set_attributes(user, changes)
    return {"CodeDeliveryDetailsList": [details for details in sent if details]}


def get_user_attribute_verification_code(request: Request) -> Answer:
    """Send a code that proves the person's e-mail address or telephone number; five times an hour.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetUserAttributeVerificationCode.html
    """
    user_pool, _app_client, user = signed_in(request)
    name = request.get("AttributeName", "")
    pending = user.get("_pending_attributes", {}).get(name)
    if name not in attributes.VERIFIABLE or not (pending or attributes_of(user).get(name)):
        raise invalid_parameter("The attribute has no value that can be verified.")
    codes.spend(user, "GetUserAttributeVerificationCode", 5)
    return {"CodeDeliveryDetails": _send(user_pool, user, name, pending or attributes_of(user)[name])}


def verify_user_attribute(request: Request) -> Answer:
    """Take the code that proves an address, and with it the new address if one was waiting.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_VerifyUserAttribute.html. Raises
    CodeMismatchException, ExpiredCodeException, LimitExceededException, AliasExistsException.
    """
    user_pool, _app_client, user = signed_in(request)
    name = request.get("AttributeName", "")
    codes.spend(user, "VerifyUserAttribute", 15)
    codes.check(user, _purpose(name), request.get("Code"))
    pending = user.get("_pending_attributes", {}).get(name)
    if pending:
        attributes.refuse_taken(user_pool, user, name, pending)
        del user["_pending_attributes"][name]
        set_attributes(user, {name: pending})
    attributes.claim_alias(user_pool, user, name)
    set_attributes(user, {f"{name}_verified": "true"})
    codes.discard(user, _purpose(name))
    return {}


def delete_user_attributes(request: Request) -> Answer:
    """Remove attributes that the client may write and the pool does not require.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DeleteUserAttributes.html
    """
    user_pool, app_client, user = signed_in(request)
    names = request.get("UserAttributeNames", [])
    definitions = attributes.schema(user_pool)
    attributes.refuse_unwritable(user_pool, app_client, dict.fromkeys(names, ""), creating=False)
    if any(definitions[name].get("Required") for name in names):
        raise invalid_parameter("A required attribute cannot be deleted.")
    gone = {*names, *(f"{name}_verified" for name in names)}
    user["Attributes"] = [item for item in user["Attributes"] if item["Name"] not in gone]
    set_attributes(user, {})
    return {}


def verifies_first(user_pool: Pool, name: str) -> bool:
    """Say whether the address called ``name`` changes only once the new one is verified.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserAttributeUpdateSettingsType.html
    """
    settings = user_pool.get("UserAttributeUpdateSettings") or {}
    return name in (settings.get("AttributesRequireVerificationBeforeUpdate") or [])


def hold(user_pool: Pool, user: User, name: str, value: str) -> Answer:
    """Keep a new address until the code that is sent to it is typed; return the CodeDeliveryDetails."""
    user.setdefault("_pending_attributes", {})[name] = value
    return _send(user_pool, user, name, value)


def _change_address(user_pool: Pool, user: User, name: str, value: str) -> Answer | None:
    values = attributes_of(user)
    if values.get(name) == value:
        return None
    attributes.refuse_taken(user_pool, user, name, value)
    if verifies_first(user_pool, name):
        return hold(user_pool, user, name, value)
    set_attributes(user, {name: value, f"{name}_verified": "false"})
    verifies = name in (user_pool.get("AutoVerifiedAttributes") or [])
    return _send(user_pool, user, name, value) if verifies and value else None


def _send(user_pool: Pool, user: User, name: str, value: str) -> Answer:
    code = codes.issue(user, _purpose(name), codes.DAY)
    messages.send_verification_code(user_pool, user, name, code, kind="attribute code", to=value)
    return messages.delivery_details(name, value)


def _purpose(name: str) -> str:
    return f"attribute:{name}"


def _without_empty(answer: dict[str, Any]) -> Answer:
    return {key: value for key, value in answer.items() if value not in ("", [])}
