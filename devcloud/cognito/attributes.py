"""What people and app clients may do to attributes, and which of them a code has verified.

MiniStack stores any attribute anybody sends, ``sub`` included, and marks no address as verified.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
"""

from __future__ import annotations

import re
from typing import Any

from ministack.services import cognito as ministack

from devcloud.cognito import messages
from devcloud.cognito.errors import CognitoError, invalid_parameter, not_authorized
from devcloud.cognito.records import Client, Pool, User, attributes, same_name, set_attributes

VERIFIABLE = (messages.EMAIL, messages.PHONE)
_SET_BY_COGNITO = frozenset({"sub", "email_verified", "phone_number_verified", "identities"})
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+[0-9]{3,18}")


def schema(user_pool: Pool) -> dict[str, dict[str, Any]]:
    """Return the pool's attributes by name, as DescribeUserPool shows them."""
    return {item["Name"]: item for item in ministack._ensure_schema_attributes(user_pool)["SchemaAttributes"]}


def refuse_unwritable(user_pool: Pool, app_client: Client, changes: dict[str, str], *, creating: bool = True) -> None:
    """Raise what AWS raises when the person, through this client, may not set every attribute in ``changes``.

    NotAuthorizedException for one that the client may not write, InvalidParameterException for one that is not in the
    schema, cannot be changed any more, or has a value of the wrong form.
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
    """
    known = schema(user_pool)
    writable = app_client.get("WriteAttributes") or [
        name for name in known if name not in _SET_BY_COGNITO and not name.startswith("dev:")
    ]
    for name, value in changes.items():
        if name not in known:
            raise _schema_error(f"{name}: Attribute does not exist in the schema.")
        if name in _SET_BY_COGNITO or name not in writable:
            raise not_authorized("A client attempted to write unauthorized attribute")
        if not creating and not known[name].get("Mutable", True):
            raise invalid_parameter(f"user.{name}: Attribute cannot be updated.")
        refuse_malformed(known[name], value)


def refuse_unknown(user_pool: Pool, items: list[dict[str, str]]) -> None:
    """Raise InvalidParameterException for an attribute that is not in the schema or has a value of the wrong form.

    That is all that keeps an administrator from writing one.
    """
    known = schema(user_pool)
    for item in items:
        if item["Name"] not in known:
            raise _schema_error(f"{item['Name']}: Attribute does not exist in the schema.")
        if item.get("Value"):
            refuse_malformed(known[item["Name"]], item["Value"])


def refuse_malformed(definition: dict[str, Any], value: str) -> None:
    """Raise InvalidParameterException when ``value`` does not fit the attribute's definition."""
    name = definition["Name"]
    if value and name == messages.EMAIL and not _EMAIL.fullmatch(value):
        raise invalid_parameter("Invalid email address format.")
    if value and name == messages.PHONE and not _PHONE.fullmatch(value):
        raise invalid_parameter("Invalid phone number format.")
    limits = definition.get("StringAttributeConstraints") or {}
    if len(value) > int(limits.get("MaxLength") or 2048):
        raise _schema_error(f"{name}: String must be no longer than {limits['MaxLength']} characters")
    if len(value) < int(limits.get("MinLength") or 0):
        raise _schema_error(f"{name}: String must be at least {limits['MinLength']} characters")


def missing(user_pool: Pool, values: dict[str, str]) -> list[str]:
    """Return the names of the pool's required attributes that ``values`` lacks."""
    required = (name for name, definition in schema(user_pool).items() if definition.get("Required"))
    return [name for name in required if name != "sub" and not values.get(name)]


def refuse_missing(user_pool: Pool, typed: dict[str, str], username: str) -> None:
    """Raise InvalidParameterException when a sign-up lacks a required attribute; the username may stand in for one."""
    alias = ministack._username_alias_attribute(user_pool, username)
    absent = missing(user_pool, {**typed, **({alias: username} if alias else {})})
    if absent:
        raise _schema_error("; ".join(f"{name}: The attribute {name} is required" for name in absent))


def refuse_alias_as_username(user_pool: Pool, username: str) -> None:
    """Raise InvalidParameterException for a username that has the form of one of the pool's aliases.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html#user-pool-settings-aliases
    """
    aliases = user_pool.get("AliasAttributes") or []
    for name, form, word in ((messages.EMAIL, _EMAIL, "email"), (messages.PHONE, _PHONE, "phone number")):
        if name in aliases and form.fullmatch(username):
            raise invalid_parameter(
                f"Username cannot be of {word} format, since user pool is configured for {word} alias."
            )


def auto_verified(user_pool: Pool, user: User) -> str | None:
    """Return the attribute a sign-up code is sent to, or None.

    https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html: the telephone number
    where the pool verifies both and the person has both.
    """
    names = user_pool.get("AutoVerifiedAttributes") or []
    values = attributes(user)
    return next((name for name in (messages.PHONE, messages.EMAIL) if name in names and values.get(name)), None)


def mark_unverified(user: User) -> None:
    """Note for each address the person has that nobody has verified it, unless that is known already."""
    values = attributes(user)
    set_attributes(
        user,
        {f"{name}_verified": "false" for name in VERIFIABLE if name in values and f"{name}_verified" not in values},
    )


def refuse_taken(user_pool: Pool, user: User, name: str, value: str) -> None:
    """Raise AliasExistsException when somebody else signs in with the value already."""
    if name not in (user_pool.get("UsernameAttributes") or []):
        return
    for other in user_pool["_users"].values():
        if other is not user and same_name(user_pool, attributes(other).get(name, ""), value):
            raise CognitoError("AliasExistsException", f"An account with the {name} already exists.")


def claim_alias(user_pool: Pool, user: User, attribute: str, *, force: bool = False) -> None:
    """Make the verified attribute this person's alias; raises AliasExistsException when it is somebody else's.

    With ``force`` it moves: ForceAliasCreation of
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ConfirmSignUp.html
    """
    if attribute not in (user_pool.get("AliasAttributes") or []):
        return
    take_alias(user_pool, user, attribute, attributes(user)[attribute], force=force)


def take_alias(user_pool: Pool, user: User | None, attribute: str, value: str, *, force: bool) -> None:
    """Take the alias ``value`` from whoever has it; raises AliasExistsException unless ``force`` allows that.

    ``user`` is who is to have it, None for somebody who is not there yet.
    """
    for other in user_pool["_users"].values():
        values = attributes(other)
        if other is user or values.get(f"{attribute}_verified") != "true":
            continue
        if same_name(user_pool, values.get(attribute, ""), value):
            if not force:
                raise CognitoError("AliasExistsException", f"An account with the {attribute} already exists.")
            set_attributes(other, {f"{attribute}_verified": "false"})


def _schema_error(reasons: str) -> CognitoError:
    return invalid_parameter(f"Attributes did not conform to the schema: {reasons}")
