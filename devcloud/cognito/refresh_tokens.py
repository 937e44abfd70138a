"""Refresh tokens: GetTokensFromRefreshToken with rotation, REFRESH_TOKEN_AUTH without, and RevokeToken.

MiniStack hands out new tokens for ever, never replaces the refresh token, takes an expired one, and does not look at
the client secret.
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
"""

from __future__ import annotations

import hmac
import time
import uuid
from collections.abc import Callable
from typing import Any

from ministack.services import cognito as ministack

from devcloud.cognito import clients, tokens
from devcloud.cognito.errors import CognitoError, invalid_parameter, not_authorized
from devcloud.cognito.gate import Response, stock
from devcloud.cognito.records import Answer, Client, Pool, Request, User, client
from devcloud.patching import replace

_stock_refresh_auth_user: Callable[..., tuple[User | None, Response | None]] = ministack._refresh_auth_user
_stock_revoke_token = ministack._revoke_token


def get_tokens_from_refresh_token(request: Request) -> Answer:
    """Return new ID and access tokens, and where the client rotates a new refresh token with the remaining life.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetTokensFromRefreshToken.html.
    Raises NotAuthorizedException for a wrong client secret and for a dead token, RefreshTokenReuseException for one
    that was replaced longer ago than the client's grace period.
    """
    user_pool, app_client = client(request)
    if not secret_is_right(app_client, request.get("ClientSecret")):
        raise not_authorized("Invalid client secret.")
    return {"AuthenticationResult": refresh(user_pool, app_client, request.get("RefreshToken", ""))}


def refresh(user_pool: Pool, app_client: Client, refresh_token: str) -> Answer:
    """Return the AuthenticationResult for a refresh token, with a new refresh token where the client rotates.

    Raises NotAuthorizedException, RefreshTokenReuseException.
    """
    user = _owner(user_pool, app_client, refresh_token)
    result = _new_tokens(user_pool, app_client, user, refresh_token)
    if clients.rotates(app_client):
        result["RefreshToken"] = _rotated(user_pool, app_client, user, refresh_token)
    return result


def refresh_token_auth(user_pool: Pool, app_client: Client, parameters: dict[str, str]) -> Answer:
    """Return new ID and access tokens for REFRESH_TOKEN_AUTH; a client that rotates does not allow that flow.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html. Raises
    InvalidParameterException when the client does not allow the flow, NotAuthorizedException for a dead token.
    """
    if clients.rotates(app_client) or "ALLOW_REFRESH_TOKEN_AUTH" not in clients.flows(app_client):
        raise invalid_parameter("REFRESH_TOKEN_AUTH flow not enabled for this client")
    refresh_token = parameters.get("REFRESH_TOKEN", "")
    user = _owner(user_pool, app_client, refresh_token)
    return {"AuthenticationResult": _new_tokens(user_pool, app_client, user, refresh_token), "ChallengeParameters": {}}


def revoke_token(request: Request) -> Answer:
    """End a refresh token and every token that came from the same sign-in.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RevokeToken.html. Raises
    UnauthorizedException for a wrong client or secret, UnsupportedTokenTypeException for another kind of token,
    UnsupportedOperationException when the client has revocation off. A token that is no longer good is no error.
    """
    _user_pool, app_client = client(request)
    if not secret_is_right(app_client, request.get("ClientSecret")):
        raise CognitoError("UnauthorizedException", "Invalid client secret.")
    if not app_client.get("EnableTokenRevocation", True):
        raise CognitoError("UnsupportedOperationException", "Token revocation is not enabled for this client.")
    claims: dict[str, Any] = ministack._token_claims(request.get("Token"))
    if not claims or claims.get("token_use") != "refresh":
        raise CognitoError("UnsupportedTokenTypeException", "Unsupported token type.")
    if claims.get("client_id") != app_client["ClientId"]:
        raise CognitoError("UnauthorizedException", "The token was not issued to this client.")
    if not ministack._signature_valid(request["Token"]):
        raise invalid_parameter("Invalid token.")
    return stock(_stock_revoke_token, request)


def secret_is_right(app_client: Client, secret: object) -> bool:
    """Say whether ``secret`` is the client's, as any is for a client without one."""
    known = app_client.get("ClientSecret")
    return not known or (isinstance(secret, str) and hmac.compare_digest(known.encode(), secret.encode()))


def _owner(user_pool: Pool, app_client: Client, refresh_token: str) -> User:
    user, refusal = ministack._refresh_auth_user(user_pool, user_pool["Id"], app_client["ClientId"], refresh_token)
    if user is None:
        stock(lambda _request: refusal, {})
        raise not_authorized("Invalid Refresh Token")
    found: User = user
    return found


def _new_tokens(user_pool: Pool, app_client: Client, user: User, refresh_token: str) -> Answer:
    claims = ministack._token_claims(refresh_token)
    # A refresh token that an earlier release saved tells only when it was made, which is within a second the same.
    with tokens.signed_in_at(claims.get("auth_time", claims["iat"])):
        result: Answer = ministack._build_auth_result(
            user_pool["Id"],
            app_client["ClientId"],
            user,
            trigger_source="TokenGeneration_RefreshTokens",
            origin_jti=claims["origin_jti"],
            scope=claims.get("scope"),
        )
    del result["RefreshToken"]
    return result


def _rotated(user_pool: Pool, app_client: Client, user: User, refresh_token: str) -> str:
    claims = ministack._token_claims(refresh_token)
    now = time.time()
    replaced = {jti: record for jti, record in user.get("_replaced_tokens", {}).items() if record["exp"] > now}
    # A retry within the grace period must not prolong the life of the token that it retries with.
    replaced.setdefault(claims["jti"], {"usable_until": now + clients.grace_period(app_client), "exp": claims["exp"]})
    user["_replaced_tokens"] = replaced
    # It keeps `exp`, so that rotation prolongs nothing, and `auth_time`, which is when the person signed in.
    token: str = ministack._signed_jwt(claims | {"jti": str(uuid.uuid4())}, user_pool["Id"], "access")
    return token


def _refresh_auth_user(
    user_pool: Pool, pool_id: str, client_id: str, refresh_token: str
) -> tuple[User | None, Response | None]:
    user, refusal = _stock_refresh_auth_user(user_pool, pool_id, client_id, refresh_token)
    if user is None:
        return None, refusal
    claims = ministack._token_claims(refresh_token)
    if time.time() >= claims["exp"]:
        return None, ministack.error_response_json("NotAuthorizedException", "Refresh Token has expired", 400)
    replaced = user.get("_replaced_tokens", {}).get(claims["jti"])
    if replaced is not None and time.time() >= replaced["usable_until"]:
        message = "Refresh token has been invalidated by rotation."
        return None, ministack.error_response_json("RefreshTokenReuseException", message, 400)
    return user, None


def install() -> None:
    """Refuse expired and replaced tokens wherever MiniStack looks up whose refresh token it was given."""
    replace(ministack, "_refresh_auth_user", _refresh_auth_user)
