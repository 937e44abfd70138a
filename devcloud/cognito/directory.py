"""What administrators do to people who are there: look them up, confirm them, change them.

MiniStack leaves the verified flags open and changes an address at once in a pool that verifies it before.
https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html
"""

from __future__ import annotations

from ministack.services import cognito as ministack

from devcloud.cognito import attributes, self_service, sign_up
from devcloud.cognito.errors import invalid_parameter
from devcloud.cognito.gate import stock
from devcloud.cognito.records import Answer, Pool, Request, User, pool, set_attributes, user_of
from devcloud.cognito.records import attributes as attributes_of

_stock_confirm = ministack._admin_confirm_sign_up
_stock_get = ministack._admin_get_user


def admin_get_user(request: Request) -> Answer:
    """Return a person: attributes, status, dates and second factors; what somebody does not have is left out.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminGetUser.html. Raises
    UserNotFoundException.
    """
    return {key: value for key, value in stock(_stock_get, request).items() if value not in ("", [])}


def admin_update_user_attributes(request: Request) -> Answer:
    """Change a person's attributes, the verified flags included; an empty value removes one.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminUpdateUserAttributes.html.
    Where the pool verifies an address before it changes, the old one stays until the person has typed the code sent to
    the new one, unless the same call says that it is verified. Elsewhere a new address is unverified unless the call
    says so. Raises UserNotFoundException, InvalidParameterException, AliasExistsException.
    """
    user_pool = pool(request["UserPoolId"])
    user = user_of(user_pool, request.get("Username"))
    changes = {item["Name"]: item.get("Value", "") for item in request.get("UserAttributes", [])}
    attributes.refuse_unknown(user_pool, request.get("UserAttributes", []))
    if "sub" in changes:
        raise invalid_parameter("Cannot modify the non-mutable attribute sub")
    _claim_aliases(user_pool, user, changes)
    before = attributes_of(user)
    for name in attributes.VERIFIABLE:
        if name in changes and changes[name] != before.get(name):
            attributes.refuse_taken(user_pool, user, name, changes[name])
            _change_address(user_pool, user, name, changes)
    gone = {name for name, value in changes.items() if not value}
    user["Attributes"] = [item for item in user["Attributes"] if item["Name"] not in gone]
    set_attributes(user, {name: value for name, value in changes.items() if value})
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


def _claim_aliases(user_pool: Pool, user: User, changes: dict[str, str]) -> None:
    """Raise AliasExistsException where what the call says is verified is somebody else's alias."""
    values = attributes_of(user) | changes
    for name in user_pool.get("AliasAttributes") or []:
        if values.get(f"{name}_verified") == "true" and values.get(name):
            attributes.take_alias(user_pool, user, name, values[name], force=False)


def _change_address(user_pool: Pool, user: User, name: str, changes: dict[str, str]) -> None:
    """Take a new address out of ``changes`` if it has to wait for its code, else say there whether it is verified."""
    flag = f"{name}_verified"
    if not changes[name]:
        changes[flag] = ""
    elif changes.get(flag) != "true" and self_service.verifies_first(user_pool, name):
        changes.pop(flag, None)
        self_service.hold(user_pool, user, name, changes.pop(name))
    else:
        changes.setdefault(flag, "false")
        user.get("_pending_attributes", {}).pop(name, None)
