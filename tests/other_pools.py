"""Pools and app clients with other rules than the template's, on the same local AWS."""

from __future__ import annotations

from copy import copy
from typing import Any

from tests.local_pool import LocalPool

EVERY_FLOW = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_AUTH"]
BY_MAIL = {
    "UsernameAttributes": ["email"],
    "UsernameConfiguration": {"CaseSensitive": False},
    "AutoVerifiedAttributes": ["email"],
}
APP_ONLY = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}


def text(name: str, **rules: Any) -> dict[str, Any]:
    """Return the schema of an attribute that is text."""
    return {"Name": name, "AttributeDataType": "String", "Mutable": True, **rules}


def another_client(pool: LocalPool, **properties: Any) -> LocalPool:
    """Return `pool` as seen through another app client, by default one like the template's."""
    settings = {
        "ClientName": "another",
        "GenerateSecret": True,
        "ExplicitAuthFlows": EVERY_FLOW,
        "PreventUserExistenceErrors": "ENABLED",
        **properties,
    }
    made = pool.root.create_user_pool_client(UserPoolId=pool.id, **settings)["UserPoolClient"]
    seen = copy(pool)
    seen.env = {
        **pool.env,
        "COGNITO_CLIENT_ID": made["ClientId"],
        "COGNITO_CLIENT_SECRET": made.get("ClientSecret", ""),
    }
    return seen


def another_pool(
    pool: LocalPool, *, mfa: dict[str, Any] | None = None, client: dict[str, Any] | None = None, **properties: Any
) -> LocalPool:
    """Return a new pool with these `properties`, with second factors as in `mfa`, and an app client of it.

    The site's own AWS key has no rights there, so the administrator's key stands in for it.
    """
    root = pool.root
    made = root.create_user_pool(PoolName="another", **(BY_MAIL | properties))["UserPool"]
    if mfa:
        root.set_user_pool_mfa_config(UserPoolId=made["Id"], **mfa)
    other = copy(pool)
    other.id = made["Id"]
    other.env = {**pool.env, **pool.root_env, "COGNITO_USER_POOL_ID": made["Id"], "COGNITO_ISSUER": ""}
    return another_client(other, **(client or {}))
