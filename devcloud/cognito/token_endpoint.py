"""The endpoints of the pool's domain for tokens: codes and refreshing at /oauth2/token, and /oauth2/revoke.

MiniStack says of a code that the person signed in when it was redeemed, and of one whose person is gone what RFC 6749,
section 5.2, does not have; it refreshes without the client's secret and forgets the person's groups on the way, and has
no /oauth2/revoke.
https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from ministack.services import cognito as ministack

from devcloud.cognito import refresh_tokens, tokens
from devcloud.cognito.errors import CognitoError
from devcloud.cognito.gate import Response, lock
from devcloud.patching import replace

_stock_token: Callable[..., Response] = ministack._oauth2_token


class _Forgetful(dict[str, Any]):
    """MiniStack's list of refresh tokens that need no secret, which stays empty: they all go through ``_refresh``."""

    def __setitem__(self, key: str, value: Any) -> None:
        """Store nothing."""


def revoke(headers: Mapping[str, str], body: bytes) -> Response:
    """Answer POST /oauth2/revoke: the refresh token and all that came from its sign-in end.

    https://docs.aws.amazon.com/cognito/latest/developerguide/revocation-endpoint.html and RFC 7009: 401 for a wrong
    client, 400 ``unsupported_token_type`` for another kind of token, else 200 and nothing more.
    """
    form = {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}
    client_id, secret = ministack._authenticate_client(headers, form)
    _pool_id, _user_pool, app_client = ministack._find_pool_by_client_id(client_id)
    if app_client is None or not refresh_tokens.secret_is_right(app_client, secret):
        return _error("invalid_client", 401)
    if not form.get("token"):
        return _error("invalid_request", 400)
    try:
        with lock:
            refresh_tokens.revoke_token({"Token": form["token"], "ClientId": client_id, "ClientSecret": secret})
    except CognitoError as error:
        known = {"UnsupportedTokenTypeException": "unsupported_token_type", "UnauthorizedException": "invalid_client"}
        return _error(known.get(error.code, "invalid_request"), 400)
    return 200, {"Content-Type": "application/json"}, b""


def _token(
    data: dict[str, Any], query: dict[str, Any], raw_body: bytes = b"", headers: dict[str, str] | None = None
) -> Response:
    """Redeem a code for its own client only, with its secret, for tokens that tell when the person signed in."""
    form = {name: values[0] for name, values in parse_qs(raw_body.decode(errors="replace")).items()}
    made = ministack._authorization_codes.get(form.get("code", ""))
    if made is None:
        return _stock_token(data, query, raw_body, headers)
    client_id, secret = ministack._authenticate_client(headers or {}, form)
    _pool_id, user_pool, app_client = ministack._find_pool_by_client_id(client_id)
    if app_client is None or not refresh_tokens.secret_is_right(app_client, secret):
        return _error("invalid_client", 400)
    if made["username"] not in user_pool["_users"]:
        return _error("invalid_grant", 400)
    with tokens.signed_in_at(made["signed_in_at"]):
        return _stock_token(data, query, raw_body, headers)


def _refresh(refresh_token: str, client_id: str, secret: str) -> Response:
    claims = ministack._token_claims(refresh_token)
    pool_id, user_pool, app_client = ministack._find_pool_by_client_id(client_id or claims.get("client_id"))
    if app_client is None or not refresh_tokens.secret_is_right(app_client, secret):
        return _error("invalid_client", 400)
    try:
        with lock:
            result = refresh_tokens.refresh(user_pool, app_client, refresh_token)
    except CognitoError:
        return _error("invalid_grant", 400)
    answer = {
        "access_token": result["AccessToken"],
        "token_type": "Bearer",
        "expires_in": ministack._token_validity(pool_id, app_client["ClientId"], "access"),
    }
    if ministack._id_token_granted(claims.get("scope")):
        answer["id_token"] = result["IdToken"]
    if "RefreshToken" in result:
        answer["refresh_token"] = result["RefreshToken"]
    return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()


def _error(code: str, status: int) -> Response:
    return status, {"Content-Type": "application/json"}, json.dumps({"error": code}).encode()


def install() -> None:
    """Authenticate clients, and refresh, here instead of in MiniStack."""
    replace(ministack, "_oauth2_token", _token)
    replace(ministack, "_refresh_tokens", _Forgetful())
    replace(ministack, "_oauth2_refresh_api_issued_token", _refresh)
