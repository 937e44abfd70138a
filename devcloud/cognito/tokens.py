"""Tokens: issued once a sign-in is complete, with the claims Cognito puts in them.

MiniStack says ``email_verified: true`` for everybody, moves ``auth_time`` at each refresh, shows attributes the client
may not read, and knows no roles.
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ministack.services import cognito as ministack

from devcloud.cognito.records import Answer, Client, Pool, User, attributes
from devcloud.patching import replace

_signed_in_at: ContextVar[int | None] = ContextVar("signed_in_at", default=None)
_stock_result: Callable[..., Answer] = ministack._build_auth_result
_stock_trigger: Callable[..., dict[str, Any]] = ministack._apply_pretoken_trigger


def issue(user_pool: Pool, app_client: Client, user: User) -> Answer:
    """Return the AuthenticationResult of a completed sign-in: ID, access and refresh token."""
    result: Answer = ministack._build_auth_result(user_pool["Id"], app_client["ClientId"], user)
    return {"AuthenticationResult": result, "ChallengeParameters": {}}


@contextmanager
def signed_in_at(moment: int) -> Iterator[None]:
    """Have the tokens that are made inside say that the person signed in at ``moment``, in seconds since 1970."""
    reset = _signed_in_at.set(moment)
    try:
        yield
    finally:
        _signed_in_at.reset(reset)


def _finish_claims(claims: dict[str, Any], user_pool: Pool, app_client: Client, user: User) -> None:
    claims["auth_time"] = _signed_in_at.get() or claims["auth_time"]
    if not app_client.get("EnableTokenRevocation", True):
        claims.pop("origin_jti", None)
    if claims["token_use"] == "id":  # noqa: S105 -- the kind of token
        _keep_readable(claims, app_client, attributes(user))
        _add_roles(claims, user_pool, user)


def _keep_readable(claims: dict[str, Any], app_client: Client, values: dict[str, str]) -> None:
    readable = app_client.get("ReadAttributes") or []
    for name in values:
        if readable and name not in readable and name not in {"sub", "identities"}:
            claims.pop(name, None)
    if "email" in claims and (not readable or "email_verified" in readable):
        claims["email_verified"] = values.get("email_verified") == "true"
    elif "email_verified" not in values:
        claims.pop("email_verified", None)


def _add_roles(claims: dict[str, Any], user_pool: Pool, user: User) -> None:
    """Add ``cognito:roles`` and ``cognito:preferred_role``, the role of the group with the lowest precedence.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-user-groups.html
    """
    groups = [user_pool["_groups"][name] for name in user.get("_groups", []) if name in user_pool["_groups"]]
    with_role = [group for group in groups if group.get("RoleArn")]
    if not with_role:
        return
    claims["cognito:roles"] = sorted({group["RoleArn"] for group in with_role})
    ranked = [group for group in with_role if group.get("Precedence") is not None]
    lowest = min((group["Precedence"] for group in ranked), default=None)
    preferred = {group["RoleArn"] for group in ranked if group["Precedence"] == lowest}
    if len(preferred) == 1:
        claims["cognito:preferred_role"] = preferred.pop()


def _result(pool_id: str, client_id: str, user: User, *arguments: Any, **named: Any) -> Answer:
    """Make the three tokens of one moment: the refresh token tells when the person signed in to all that follow."""
    moment = _signed_in_at.get() or int(time.time())
    with signed_in_at(moment):
        result = _stock_result(pool_id, client_id, user, *arguments, **named)
    claims = ministack._token_claims(result["RefreshToken"])
    result["RefreshToken"] = ministack._signed_jwt(claims | {"auth_time": moment}, pool_id, "access")
    return result


def _trigger(pool_id: str, claims: dict[str, Any], *arguments: Any, **named: Any) -> dict[str, Any]:
    user_pool = ministack._user_pools.get(pool_id) or {"_users": {}, "_clients": {}}
    user = user_pool["_users"].get(named.get("username"))
    app_client = user_pool["_clients"].get(named.get("client_id"))
    if user is not None and app_client is not None and "origin_jti" in claims:
        _finish_claims(claims, user_pool, app_client, user)
    return _stock_trigger(pool_id, claims, *arguments, **named)


def install() -> None:
    """Finish the claims where MiniStack hands them over just before signing, and agree on when that sign-in was."""
    replace(ministack, "_build_auth_result", _result)
    replace(ministack, "_apply_pretoken_trigger", _trigger)
