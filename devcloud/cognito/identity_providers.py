"""Identity providers of a pool: CreateIdentityProvider and UpdateIdentityProvider.

MiniStack takes any name, any details and any mapping.
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-identity-provider.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ministack.services import cognito as ministack

from devcloud.cognito.errors import CognitoError, invalid_parameter
from devcloud.cognito.gate import Response, stock
from devcloud.cognito.oauth import OWN_DIRECTORY
from devcloud.cognito.records import Answer, Pool, Request, pool

# Each type's keys of ProviderDetails, of which one in each group has to be there.
_ACCOUNT = (("client_id",), ("client_secret",), ("authorize_scopes",))
_DETAILS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "Google": _ACCOUNT,
    "Facebook": _ACCOUNT,
    "LoginWithAmazon": _ACCOUNT,
    "SignInWithApple": (("client_id",), ("team_id",), ("key_id",), ("private_key",), ("authorize_scopes",)),
    "OIDC": (("client_id",), ("attributes_request_method",), ("authorize_scopes",), ("oidc_issuer",)),
    "SAML": (("MetadataURL", "MetadataFile"),),
}
_NAMED_BY_US = {"OIDC", "SAML"}
_ADDRESSES = ("oidc_issuer", "authorize_url", "token_url", "attributes_url", "jwks_uri", "MetadataURL")
_LOOPBACK = {"localhost", "127.0.0.1"}
_MOST = 300  # https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
_stock_create: Callable[[Request], Response] = ministack._create_identity_provider
_stock_update: Callable[[Request], Response] = ministack._update_identity_provider


def create_identity_provider(request: Request) -> Answer:
    """Let another provider sign people in to a pool.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateIdentityProvider.html. Raises
    InvalidParameterException, DuplicateProviderException, LimitExceededException.
    """
    user_pool = pool(request["UserPoolId"])
    _refuse_name(request["ProviderName"], request["ProviderType"])
    if len(user_pool.get("_identity_providers") or {}) >= _MOST:
        raise CognitoError("LimitExceededException", "Identity provider limit exceeded.")
    _refuse_details(request["ProviderType"], request["ProviderDetails"])
    _refuse_mapping(user_pool, request.get("AttributeMapping") or {})
    return stock(_stock_create, request)


def update_identity_provider(request: Request) -> Answer:
    """Change a provider; what the request leaves out stays.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateIdentityProvider.html. Raises
    InvalidParameterException, ResourceNotFoundException.
    """
    user_pool = pool(request["UserPoolId"])
    known: dict[str, Any] = (user_pool.get("_identity_providers") or {}).get(request["ProviderName"]) or {}
    if known and "ProviderDetails" in request:
        _refuse_details(known["ProviderType"], request["ProviderDetails"])
    _refuse_mapping(user_pool, request.get("AttributeMapping") or {})
    return stock(_stock_update, request)


def _refuse_name(name: str, kind: str) -> None:
    """Raise InvalidParameterException where the name is AWS's own for another type, or the type's is another."""
    if kind not in _NAMED_BY_US and name != kind:
        raise invalid_parameter(f"The provider name must be {kind} for the provider type {kind}.")
    if kind in _NAMED_BY_US and (name == OWN_DIRECTORY or name in _DETAILS):
        raise invalid_parameter(f"The provider name {name} is reserved.")


def _refuse_details(kind: str, details: Mapping[str, str]) -> None:
    """Raise InvalidParameterException for details without what the type needs; never with a value, maybe a secret.

    AWS takes no address in clear. Here a provider may be on this machine.
    """
    for group in _DETAILS.get(kind, ()):
        if not any(details.get(name) for name in group):
            raise invalid_parameter(f"ProviderDetails of {kind} lack {' or '.join(group)}.")
    for name in _ADDRESSES:
        address = urlsplit(details.get(name, ""))
        if address.scheme == "http" and address.hostname not in _LOOPBACK:
            raise invalid_parameter(f"{name} cannot use the HTTP protocol.")
    if kind == "OIDC" and details["attributes_request_method"] not in {"GET", "POST"}:
        raise invalid_parameter("attributes_request_method must be GET or POST.")


def _refuse_mapping(user_pool: Pool, mapping: Mapping[str, str]) -> None:
    """Raise InvalidParameterException for an attribute that the pool does not have.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-specifying-attribute-mapping.html
    """
    known = {"username", *(each["Name"] for each in user_pool["SchemaAttributes"])}
    for name in mapping:
        if name not in known:
            raise invalid_parameter(f"Attribute mapping names {name}, which is no attribute of the user pool.")
