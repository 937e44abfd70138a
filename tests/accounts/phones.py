"""Pools in which numbers and aliases sign in, and people with a phone."""

from __future__ import annotations

import secrets
from typing import Any

from tests.conftest import UsePool
from tests.local_pool import PASSWORD, LocalPool
from tests.other_pools import another_pool, text

TEXTING = {"SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::000000000000:role/texts", "ExternalId": "texts"}}
BY_PHONE: dict[str, Any] = {
    "UsernameAttributes": ["phone_number"],
    "AutoVerifiedAttributes": ["email", "phone_number"],
    "Schema": [text("phone_number", Required=True)],
    "AccountRecoverySetting": {
        "RecoveryMechanisms": [
            {"Name": "verified_phone_number", "Priority": 1},
            {"Name": "verified_email", "Priority": 2},
        ]
    },
    "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email", "phone_number"]},
    **TEXTING,
}


def with_aliases(*aliases: str) -> dict[str, Any]:
    """Return the properties of a pool with user names and these aliases; the first one is required."""
    return {
        "UsernameAttributes": [],
        "AliasAttributes": list(aliases),
        "AutoVerifiedAttributes": list(aliases),
        "Schema": [text(aliases[0], Required=True)],
        **TEXTING,
    }


def new_number() -> str:
    """Return a number nobody has had before."""
    return f"+49151{secrets.randbelow(10**8):08}"


def spelt_otherwise(number: str) -> str:
    """Return the same number as people write it."""
    return f"00{number[1:3]} (0){number[3:7]}-{number[7:]}"


def by_phone(local_pool: LocalPool, use_pool: UsePool, **changes: Any) -> LocalPool:
    """Put the site before a new pool in which people sign in by phone."""
    invited_only = changes.get("REGISTRATION", "self") != "self"
    closing = {"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True}} if invited_only else {}
    made = another_pool(local_pool, **BY_PHONE, **closing)
    return use_pool(made, SIGN_IN_WITH="phone", STAFF_GROUP="", SUPERUSER_GROUP="", **changes)


def with_number(pool: LocalPool, number: str = "", name: str = "", **attributes: str) -> str:
    """Make somebody with a confirmed account and a proved number, and return the number."""
    number = number or new_number()
    values = {"phone_number": number, "phone_number_verified": "true", **attributes}
    username = name or number
    pool.root.admin_create_user(
        UserPoolId=pool.id,
        Username=username,
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": key, "Value": value} for key, value in values.items()],
    )
    pool.root.admin_set_user_password(UserPoolId=pool.id, Username=username, Password=PASSWORD, Permanent=True)
    return number
