"""Signing in with another OpenID Connect provider through the pool's domain, which is that provider's relying party.

MiniStack believes whatever ID token the provider's endpoint returns, takes an answer in any browser, keeps every claim
as an attribute, and sends people back to amazoncognito.com once the pool has a domain. Other kinds of providers are
refused: nothing here would verify what they say.
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-oidc-flow.html
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import jwt
import requests
from ministack.services import cognito as ministack

from devcloud.cognito import attributes as pool_attributes
from devcloud.cognito import single_sign_on
from devcloud.cognito.authorization import Authorization, Refused, Visit, read, redirect
from devcloud.cognito.gate import Response, lock
from devcloud.cognito.records import Pool, User, attributes, set_attributes
from devcloud.patching import replace

_STATE_COOKIE = "csrf-state"
_PENDING = "federation:"
_PENDING_SECONDS = 5 * 60
_TIMEOUT = 10.0
# What a provider may say of itself that is passed on; whatever else goes wrong there is a server error.
_PASSED_ON = frozenset({"access_denied", "login_required", "consent_required", "interaction_required"})


class _Failed(Exception):
    """The provider did not answer, or answered what is not to be believed; the message says what."""


def begin(asked: Authorization, provider: str, headers: Mapping[str, str]) -> Response:
    """Return the redirect to the provider's authorization endpoint.

    A state that is good once, in this browser only, stands for the request; ``prompt`` and ``login_hint`` go along.
    https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html. Raises SentBack where the
    provider is of another kind than OIDC, or does not say where its endpoint is.
    """
    details = asked.user_pool["_identity_providers"][provider]["ProviderDetails"]
    endpoint = _endpoint(details, "authorize_url")
    if asked.user_pool["_identity_providers"][provider].get("ProviderType") != "OIDC" or not endpoint:
        raise asked.refusal("server_error", f"The local AWS cannot go to the provider {provider}.")
    state, nonce, browser = (secrets.token_urlsafe(24) for _ in range(3))
    callback = f"http://{headers.get('host', '')}/oauth2/idpresponse"
    ministack._cleanup_expired_relay_codes()
    ministack._auth_codes[_PENDING + state] = {
        "query": dict(asked.query),
        "provider": provider,
        "nonce": nonce,
        "callback": callback,
        "browser": _digest(browser),
        "created_at": time.time(),
    }
    query = {
        "response_type": "code",
        "client_id": details["client_id"],
        "redirect_uri": callback,
        "scope": details.get("authorize_scopes") or "openid",
        "state": state,
        "nonce": nonce,
    }
    query |= {name: asked.query[name] for name in ("prompt", "login_hint") if asked.query.get(name)}
    address = f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"
    kept = single_sign_on.cookies(headers).get(_STATE_COOKIE, "")
    # One cookie an attempt would have tabs end each other: each adds to what the others have.
    tokens = [*kept.split(".")[-4:], browser] if kept else [browser]
    return redirect(address, single_sign_on.cookie(_STATE_COOKIE, ".".join(tokens), _PENDING_SECONDS))


def come_back(visit: Visit) -> Response:
    """Answer GET /oauth2/idpresponse: the provider's code becomes a person of the pool, and a code of the pool's own.

    Raises Refused for a state that was not made for this browser, and SentBack where the provider refuses or cannot be
    believed, and where the person may not come in.
    """
    pending = _redeem(visit)
    asked = read(pending["query"])
    error = visit.fields.get("error", "")
    if error:
        known = error in _PASSED_ON
        raise asked.refusal(error if known else "server_error", "" if known else "The provider refused.")
    try:
        claims = _claims(asked, pending, visit.fields.get("code", ""))
    except _Failed as failure:
        raise asked.refusal("server_error", str(failure)) from failure
    with lock:
        user = _person(asked, pending["provider"], claims)
        return single_sign_on.let_in(asked, user, pending["provider"])


def _redeem(visit: Visit) -> dict[str, Any]:
    """Use up the state that came back. Raises Refused unless it is known, fresh, and this browser's."""
    state = _PENDING + visit.fields.get("state", "")
    pending: dict[str, Any] | None = ministack._auth_codes.get(state)
    browsers = {_digest(token) for token in single_sign_on.cookies(visit.headers).get(_STATE_COOKIE, "").split(".")}
    if pending is None or time.time() >= pending["created_at"] + _PENDING_SECONDS or pending["browser"] not in browsers:
        raise Refused("invalid_request", "This sign-in was not begun in this browser, or too long ago. Begin anew.")
    if ministack._auth_codes.pop(state, None) is None:
        raise Refused("invalid_request", "This sign-in was finished already. Begin anew.")
    return pending


def _claims(asked: Authorization, pending: Mapping[str, Any], code: str) -> dict[str, Any]:
    """Return what the provider says of the person: in its ID token, and where there is one at its userinfo endpoint."""
    details = asked.user_pool["_identity_providers"][pending["provider"]]["ProviderDetails"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": pending["callback"],
        "client_id": details["client_id"],
        "client_secret": details.get("client_secret", ""),
    }
    answer = _json("POST", _endpoint(details, "token_url"), data=form)
    claims = _verified(details, str(answer.get("id_token", "")), pending["nonce"])
    userinfo = _endpoint(details, "attributes_url")
    if userinfo:
        method = details.get("attributes_request_method") or "GET"
        more = _json(method, userinfo, headers={"Authorization": f"Bearer {answer.get('access_token', '')}"})
        if more.get("sub") != claims["sub"]:
            # https://openid.net/specs/openid-connect-core-1_0.html#UserInfoResponse
            raise _Failed("The provider's userinfo is somebody else's.")
        claims |= more
    return claims


def _verified(details: Mapping[str, str], token: str, nonce: str) -> dict[str, Any]:
    """Return the claims of an ID token (https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation)."""
    try:
        key = jwt.PyJWKClient(_endpoint(details, "jwks_uri"), timeout=_TIMEOUT).get_signing_key_from_jwt(token)
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["RS256", "ES256"],
            audience=details["client_id"],
            issuer=details["oidc_issuer"],
            options={"require": ["exp", "iat", "sub"]},
        )
    except (jwt.PyJWTError, KeyError, ValueError) as error:
        raise _Failed("The provider's ID token is not good.") from error
    if claims.get("nonce") != nonce:
        raise _Failed("The provider's ID token is not for this sign-in.")
    return claims


def _json(method: str, address: str, **arguments: Any) -> dict[str, Any]:
    if not address:
        raise _Failed("The provider does not say where its endpoints are.")
    try:
        response = requests.request(method, address, timeout=_TIMEOUT, allow_redirects=False, **arguments)
        found = response.json() if response.status_code == requests.codes.ok else None
    except (requests.RequestException, ValueError) as error:
        raise _Failed("The provider does not answer.") from error
    if not isinstance(found, dict):
        raise _Failed("The provider refused.")
    return found


def _endpoint(details: Mapping[str, str], name: str) -> str:
    """Return an endpoint of the provider, as its discovery document has it unless the pool was told."""
    address: str = ministack._oidc_endpoint(details, name)
    return address


def _person(asked: Authorization, provider: str, claims: Mapping[str, Any]) -> User:
    """Return the person of the pool with this identity, who may be new, with the attributes of the mapping.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-identity-federation-consolidate-users.html
    """
    user_pool, sub = asked.user_pool, str(claims["sub"])
    mapped = _mapped(user_pool["_identity_providers"][provider].get("AttributeMapping") or {}, claims)
    username = ministack._linked_username_for_federation(user_pool, provider, sub, mapped) or f"{provider}_{sub}"
    user: User | None = user_pool["_users"].get(username)
    absent = pool_attributes.missing(user_pool, {**(attributes(user) if user else {}), **mapped})
    if absent:
        raise asked.refusal("invalid_request", f"attributes required: [{', '.join(absent)}]")
    if user is None:
        return _made(user_pool, provider, sub, mapped)
    if not user.get("Enabled", True):
        raise asked.refusal("invalid_request", "User is not enabled")
    set_attributes(user, _unverified(attributes(user), mapped))
    return user


def _mapped(mapping: Mapping[str, str], claims: Mapping[str, Any]) -> dict[str, str]:
    """Return the attributes that the pool takes from a provider's claims; no claim that it does not map is kept.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-specifying-attribute-mapping.html
    """
    found = {name: claims[claim] for name, claim in mapping.items() if claim in claims and name != "username"}
    texts = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in found.items()}
    return {name: value for name, value in texts.items() if value and name != "sub"}


def _unverified(values: Mapping[str, str], mapped: dict[str, str]) -> dict[str, str]:
    """Return ``mapped`` with each address that is new, and that the provider says nothing of, as not verified."""
    changed = {
        f"{name}_verified": "false"
        for name in pool_attributes.VERIFIABLE
        if name in mapped and mapped[name] != values.get(name)
    }
    return changed | mapped


def _made(user_pool: Pool, provider: str, sub: str, mapped: dict[str, str]) -> User:
    now = ministack._now_epoch()
    user: User = {
        "Username": f"{provider}_{sub}",
        "Attributes": [{"Name": "sub", "Value": ministack.new_uuid()}],
        "UserCreateDate": now,
        "UserLastModifiedDate": now,
        "Enabled": True,
        "UserStatus": "EXTERNAL_PROVIDER",
        "MFAOptions": [],
        "_password": "",
        "_groups": [],
        "_tokens": [],
    }
    set_attributes(user, _unverified({}, mapped))
    user_pool["_users"][user["Username"]] = user
    user_pool["EstimatedNumberOfUsers"] = len(user_pool["_users"])
    ministack._start_federated_profile(user_pool, user_pool["Id"], user, provider, sub)
    return user


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def install() -> None:
    """Have MiniStack find two more endpoints in a provider's discovery document."""
    more = {"jwks_uri": "jwks_uri", "attributes_url": "userinfo_endpoint"}
    replace(ministack, "_OIDC_DISCOVERED_ENDPOINTS", ministack._OIDC_DISCOVERED_ENDPOINTS | more)
