"""Signing in with another provider through the pool's domain.

MiniStack believes whatever ID token the provider's endpoint returns, lets anybody redeem the code it makes of it, and
sends people back to amazoncognito.com once the pool has a domain.
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-oidc-flow.html
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from ministack.services import cognito as ministack

from devcloud.cognito import refresh_tokens
from devcloud.cognito.gate import Response
from devcloud.patching import replace

_PKCE = ("code_challenge", "code_challenge_method")
_provider: ContextVar[dict[str, str] | None] = ContextVar("provider", default=None)
_stock_authorize: Callable[[dict[str, Any]], Response] = ministack._oauth2_authorize_federation
_stock_callback: Callable[[str, bytes, dict[str, Any]], Response] = ministack._oauth2_idp_response
_stock_decode: Callable[[str], dict[str, Any]] = ministack._decode_id_token_unverified
_stock_token: Callable[..., Response] = ministack._oauth2_token


def _authorize(query: dict[str, Any]) -> Response:
    """Keep the application's PKCE challenge with the request that goes to the provider."""
    challenge, method = (ministack._qp(query, name) for name in _PKCE)
    refusal: Response | None = ministack._pkce_error_redirect(
        ministack._qp(query, "redirect_uri"), challenge, method, ministack._qp(query, "state")
    )
    if refusal is not None:
        return refusal
    response = _stock_authorize(query)
    relay = ministack._auth_codes.get(_parameter(response, "state") or _parameter(response, "RelayState"))
    if relay is not None:
        relay.update(zip(_PKCE, (challenge, method), strict=True))
    return response


def _callback(method: str, body: bytes, query: dict[str, Any]) -> Response:
    """Check the provider's ID token, and hand the PKCE challenge on to the application's code."""
    form = parse_qs(body.decode(errors="replace")) if method == "POST" else {}
    state = ministack._qp(query, "state") or form.get("state", [""])[0]
    relay = ministack._auth_codes.get(state) or {}
    user_pool = ministack._get_pool_unscoped(relay.get("pool_id")) or {}
    provider = (user_pool.get("_identity_providers") or {}).get(relay.get("provider_name")) or {}
    reset = _provider.set(provider.get("ProviderDetails") or {})
    try:
        response = _stock_callback(method, body, query)
    finally:
        _provider.reset(reset)
    made = ministack._auth_codes.get(_parameter(response, "code"))
    if made is not None:
        made.update({name: relay.get(name, "") for name in _PKCE})
    return response


def _decode(token: str) -> dict[str, Any]:
    """Return the claims of a token; while a provider calls back, of its ID token only, signature checked.

    https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation. Raises ValueError.
    """
    details = _provider.get()
    if details is None:
        return _stock_decode(token)
    try:
        address = ministack._oidc_endpoint(details, "jwks_uri")
        key = jwt.PyJWKClient(address, timeout=5).get_signing_key_from_jwt(token)
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["RS256", "ES256"],
            audience=details["client_id"],
            issuer=details["oidc_issuer"],
            options={"require": ["exp", "iat", "sub"]},
        )
    except (jwt.PyJWTError, KeyError) as error:
        raise ValueError("The provider's ID token is not good") from error
    return claims


def _token(
    data: dict[str, Any], query: dict[str, Any], raw_body: bytes = b"", headers: dict[str, str] | None = None
) -> Response:
    """Redeem a code made for a provider's sign-in only for its own client, with its secret or PKCE verifier."""
    form = {name: values[0] for name, values in parse_qs(raw_body.decode(errors="replace")).items()}
    made = ministack._auth_codes.get(form.get("code", ""))
    if made is not None and made.get("type") == "code":
        client_id, secret = ministack._authenticate_client(headers or {}, form)
        _pool_id, _user_pool, app_client = ministack._find_pool_by_client_id(client_id)
        error: Callable[[str, str], Response] = ministack._oauth2_error
        if app_client is None or not refresh_tokens.secret_is_right(app_client, secret):
            return error("invalid_client", "Invalid client credentials.")
        if made["redirect_uri"] != form.get("redirect_uri"):
            return error("invalid_grant", "redirect_uri mismatch.")
        challenge, method = (made.get(name, "") for name in _PKCE)
        if challenge and not ministack._verify_pkce(form.get("code_verifier", ""), challenge, method):
            return error("invalid_grant", "PKCE verification failed.")
    return _stock_token(data, query, raw_body, headers)


def _parameter(response: Response, name: str) -> str:
    """Return a query parameter of the address that a response redirects to."""
    return parse_qs(urlsplit(response[1].get("Location", "")).query).get(name, [""])[0]


def install() -> None:
    """Put these steps in the place of MiniStack's, and keep providers coming back to this machine."""
    replace(ministack, "_oauth2_authorize_federation", _authorize)
    replace(ministack, "_oauth2_idp_response", _callback)
    replace(ministack, "_decode_id_token_unverified", _decode)
    replace(ministack, "_oauth2_token", _token)
    ministack._OIDC_DISCOVERED_ENDPOINTS["jwks_uri"] = "jwks_uri"
    replace(ministack, "_pool_domain_base_url", lambda _pool: "")
