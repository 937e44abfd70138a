"""Identity pools: who gets an identity, and which role its credentials are for.

MiniStack gives identities and credentials to anybody, role or no role, also to those who were signed out, and reads
neither the role's trust policy nor the pool's role mappings. https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from ministack.services import cognito as ministack
from ministack.services import iam

from devcloud.cognito.errors import CognitoError, not_authorized
from devcloud.cognito.gate import Operation, Response, lock, respond, stock
from devcloud.cognito.records import Answer, Request
from devcloud.patching import replace

_PROVIDER = "cognito-identity.amazonaws.com"
_stock_get_id: Callable[[Request], Response] = ministack._get_id
_stock_credentials: Callable[[Request], Response] = ministack._get_credentials_for_identity


def get_id(request: Request) -> Answer:
    """Return the identity of the person, or a new one without a person where the pool allows that.

    https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetId.html. Raises NotAuthorizedException.
    """
    identity_pool = ministack._identity_pools.get(request.get("IdentityPoolId")) or {}
    _refuse_strangers(identity_pool, request.get("Logins"))
    return stock(_stock_get_id, request)


def get_credentials_for_identity(request: Request) -> Answer:
    """Return credentials of the role that the pool gives this identity.

    https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetCredentialsForIdentity.html. Raises
    InvalidIdentityPoolConfigurationException when there is no role or it does not trust the pool,
    NotAuthorizedException when CustomRoleArn or the mapping rules allow none.
    """
    identity_pool = _pool_of(request.get("IdentityId"))
    logins = request.get("Logins") or {}
    _refuse_strangers(identity_pool, logins)
    _refuse_ended(identity_pool, logins)
    role = _role(identity_pool, logins, request.get("CustomRoleArn"))
    _refuse_untrusting(role, identity_pool["IdentityPoolId"], authenticated=bool(logins))
    pools, pool_id = ministack._identity_pools, identity_pool["IdentityPoolId"]
    # MiniStack takes the role from the pool's record and knows no other way to be told.
    pools[pool_id] = identity_pool | {"_roles": {"authenticated": role, "unauthenticated": role}}
    try:
        return stock(_stock_credentials, request)
    finally:
        pools[pool_id] = identity_pool


def _pool_of(identity_id: object) -> dict[str, Any]:
    pools: list[dict[str, Any]] = ministack._identity_pools.values()
    for identity_pool in pools:
        if identity_id in identity_pool["_identities"]:
            return identity_pool
    raise CognitoError("ResourceNotFoundException", f"Identity '{identity_id}' not found.")


def _refuse_strangers(identity_pool: dict[str, Any], logins: object) -> None:
    if identity_pool and not logins and not identity_pool.get("AllowUnauthenticatedIdentities"):
        raise not_authorized("Unauthenticated access is not supported for this identity pool.")


def _refuse_ended(identity_pool: dict[str, Any], logins: dict[str, str]) -> None:
    """Raise where the pool asks the user pool, and the person was signed out everywhere or deleted there.

    https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_CognitoIdentityProvider.html
    """
    for provider in identity_pool.get("CognitoIdentityProviders") or []:
        login = logins.get(provider["ProviderName"]) if provider.get("ServerSideTokenCheck") else None
        if login is not None:
            claims = ministack._token_claims(login)
            user_pool = ministack._user_pools.get(provider["ProviderName"].rpartition("/")[2]) or {"_users": {}}
            is_there = claims.get("cognito:username") in user_pool["_users"]
            if not is_there or claims.get("origin_jti") in ministack._revoked_tokens:
                raise not_authorized("Invalid login token. The user has been signed out or deleted.")


def _role(identity_pool: dict[str, Any], logins: dict[str, str], wanted: str | None) -> str:
    roles = identity_pool.get("_roles") or {}
    default: str | None = roles.get("authenticated" if logins else "unauthenticated")
    mapped = default
    for provider, mapping in (identity_pool.get("_role_mappings") or {}).items():
        login = next((name for name in logins if provider.startswith(f"{name}:") or provider == name), None)
        if login is not None:
            mapped = _mapped(mapping, ministack._token_claims(logins[login]), default, wanted)
    if not mapped:
        message = "Invalid identity pool configuration. Check assigned IAM roles for this pool."
        raise CognitoError("InvalidIdentityPoolConfigurationException", message)
    return mapped


def _mapped(mapping: dict[str, Any], claims: dict[str, Any], default: str | None, wanted: str | None) -> str | None:
    if mapping["Type"] == "Token":
        allowed = claims.get("cognito:roles") or []
        if wanted:
            if wanted not in allowed:
                raise not_authorized("Token is not from a user that may assume this role.")
            return wanted
        role: str | None = claims.get("cognito:preferred_role") or (allowed[0] if len(allowed) == 1 else None)
    else:
        rules = (mapping.get("RulesConfiguration") or {}).get("Rules") or []
        role = next((rule["RoleARN"] for rule in rules if _applies(rule, claims)), None)
    if role is None and mapping.get("AmbiguousRoleResolution") != "AuthenticatedRole":
        raise not_authorized("Ambiguous role assignment.")
    return role or default


def _applies(rule: dict[str, str], claims: dict[str, Any]) -> bool:
    value = claims.get(rule["Claim"])
    values = value if isinstance(value, list) else [value]
    tests: dict[str, Callable[[str], bool]] = {
        "Equals": lambda text: text == rule["Value"],
        "NotEqual": lambda text: text != rule["Value"],
        "StartsWith": lambda text: text.startswith(rule["Value"]),
        "Contains": lambda text: rule["Value"] in text,
    }
    return any(tests[rule["MatchType"]](str(item)) for item in values if item is not None)


def _refuse_untrusting(role_arn: str, pool_id: str, *, authenticated: bool) -> None:
    """Raise unless the role's trust policy names the pool (``aud``) and this kind of identity (``amr``), if any.

    https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html
    """
    record = iam._roles.get(role_arn.rpartition("/")[2]) or {}
    document = record.get("AssumeRolePolicyDocument") or "{}"
    policy = json.loads(unquote(document)) if isinstance(document, str) else document
    kind = "authenticated" if authenticated else "unauthenticated"
    if not any(_trusts(statement, pool_id, kind) for statement in _listed(policy.get("Statement"))):
        message = "Invalid identity pool configuration. Check assigned IAM roles for this pool."
        raise CognitoError("InvalidIdentityPoolConfigurationException", message)


def _trusts(statement: dict[str, Any], pool_id: str, kind: str) -> bool:
    principal = statement.get("Principal")
    federated = principal.get("Federated") if isinstance(principal, dict) else None
    if statement.get("Effect") != "Allow" or _PROVIDER not in _listed(federated):
        return False
    if "sts:AssumeRoleWithWebIdentity" not in _listed(statement.get("Action")):
        return False
    wanted = {f"{_PROVIDER}:aud": pool_id, f"{_PROVIDER}:amr": kind}
    conditions = [pair for operands in (statement.get("Condition") or {}).values() for pair in operands.items()]
    return all(wanted[key] in _listed(values) for key, values in conditions if key in wanted)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _serve(operation: Operation) -> Callable[[Request], Response]:
    def one_at_a_time(request: Request) -> Response:
        with lock:
            return respond(operation, request)

    return one_at_a_time


def install() -> None:
    """Serve these two operations instead of MiniStack's."""
    replace(ministack, "_get_id", _serve(get_id))
    replace(ministack, "_get_credentials_for_identity", _serve(get_credentials_for_identity))
