"""App clients: CreateUserPoolClient and UpdateUserPoolClient.

MiniStack drops RefreshTokenRotation, leaves a property as it was when an update does not name it, takes a client
without ExplicitAuthFlows to allow every flow, and any OAuth setting. CloudFormation comes through the same two
functions.
"""

from __future__ import annotations

import copy
import secrets
import string
from collections.abc import Callable
from typing import Any

from ministack.services import cognito as ministack
from ministack.services.cloudformation import provisioners

from devcloud.cognito.errors import invalid_parameter
from devcloud.cognito.gate import Response, respond, stock
from devcloud.cognito.oauth import refuse_oauth
from devcloud.cognito.records import Answer, Client, Request, pool
from devcloud.patching import replace

_DEFAULT_FLOWS = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")
_LEGACY_FLOWS = {
    "USER_PASSWORD_AUTH": "ALLOW_USER_PASSWORD_AUTH",
    "ADMIN_NO_SRP_AUTH": "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "CUSTOM_AUTH_FLOW_ONLY": "ALLOW_CUSTOM_AUTH",
}
_MINUTE = 60
_DAY = 24 * 60 * _MINUTE
_SECONDS = {"seconds": 1, "minutes": _MINUTE, "hours": 60 * _MINUTE, "days": _DAY}
# For each kind of token the default unit, and the shortest and the longest life in seconds.
_VALIDITY = {
    "AccessToken": ("hours", 5 * _MINUTE, _DAY),
    "IdToken": ("hours", 5 * _MINUTE, _DAY),
    "RefreshToken": ("days", 60 * _MINUTE, 10 * 365 * _DAY),
}
_ROTATION = "RefreshTokenRotation"
_stock_create: Callable[[Request], Response] = ministack._create_user_pool_client
_stock_update: Callable[[Request], Response] = ministack._update_user_pool_client


def create_user_pool_client(request: Request) -> Answer:
    """Create an app client, rotation of refresh tokens included.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html. Raises
    InvalidParameterException when rotation and ALLOW_REFRESH_TOKEN_AUTH are both asked for, and for a life of tokens
    that is out of range; ``oauth`` has what else is refused.
    """
    _refuse_contradictions(request)
    refuse_oauth(pool(request["UserPoolId"]), request)
    created = stock(_stock_create, request)["UserPoolClient"]
    record = pool(request["UserPoolId"])["_clients"][created["ClientId"]]
    record[_ROTATION] = copy.deepcopy(request.get(_ROTATION))
    return {"UserPoolClient": _shown(record)}


def update_user_pool_client(request: Request) -> Answer:
    """Change an app client; a property that the request leaves out goes back to its default, as on AWS.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPoolClient.html
    """
    _refuse_contradictions(request)
    refuse_oauth(pool(request["UserPoolId"]), request)
    record = pool(request["UserPoolId"])["_clients"].get(request["ClientId"], {})
    name = {"ClientName": record.get("ClientName", "")}
    defaults = copy.deepcopy(provisioners._COGNITO_USER_POOL_CLIENT_UPDATABLE)
    updated = stock(_stock_update, defaults | name | request)["UserPoolClient"]
    record = pool(request["UserPoolId"])["_clients"][updated["ClientId"]]
    record[_ROTATION] = copy.deepcopy(request.get(_ROTATION))
    return {"UserPoolClient": _shown(record)}


def rotates(app_client: Client) -> bool:
    """Say whether refreshing through this client replaces the refresh token.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RefreshTokenRotationType.html
    """
    return bool((app_client.get(_ROTATION) or {}).get("Feature") == "ENABLED")


def grace_period(app_client: Client) -> int:
    """Return for how many seconds a replaced refresh token still works, 0 to 60."""
    return int((app_client.get(_ROTATION) or {}).get("RetryGracePeriodSeconds") or 0)


def flows(app_client: Client) -> frozenset[str]:
    """Return the ALLOW_... flows of the client, those that AWS documents as its default when it names none."""
    named = app_client.get("ExplicitAuthFlows") or _DEFAULT_FLOWS
    legacy = not any(flow.startswith("ALLOW_") for flow in named)
    return frozenset(_LEGACY_FLOWS.get(flow, flow) for flow in named) | (set(_DEFAULT_FLOWS) if legacy else set())


def _refuse_contradictions(request: Request) -> None:
    _refuse_validity(request)
    rotation = request.get(_ROTATION) or {}
    if rotation.get("Feature") != "ENABLED":
        return
    if "ALLOW_REFRESH_TOKEN_AUTH" in (request.get("ExplicitAuthFlows") or []):
        raise invalid_parameter("Refresh token rotation cannot be enabled together with ALLOW_REFRESH_TOKEN_AUTH.")
    if not 0 <= int(rotation.get("RetryGracePeriodSeconds") or 0) <= 60:
        raise invalid_parameter("RetryGracePeriodSeconds must be between 0 and 60.")


def _refuse_validity(request: Request) -> None:
    """Raise InvalidParameterException for tokens that live shorter or longer than Cognito makes them.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_TokenValidityUnitsType.html; 0 for
    the refresh token means its default.
    """
    units = request.get("TokenValidityUnits") or {}
    for token, (unit, least, most) in _VALIDITY.items():
        number = request.get(f"{token}Validity")
        if number is None or (number == 0 and token == "RefreshToken"):  # noqa: S105 -- the kind of token
            continue
        if not least <= number * _SECONDS[units.get(token, unit)] <= most:
            raise invalid_parameter(f"Invalid range for {token}Validity.")


def _shown(record: Client) -> dict[str, Any]:
    return {key: value for key, value in record.items() if value is not None}


def _random_id(length: int) -> str:
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(length))


def _create_for_cloudformation(request: Request) -> Response:
    return respond(create_user_pool_client, request)


def _update_for_cloudformation(request: Request) -> Response:
    return respond(update_user_pool_client, request)


def install() -> None:
    """Put these functions where MiniStack's CloudFormation calls its own, and form ids and secrets as AWS does."""
    replace(ministack, "_create_user_pool_client", _create_for_cloudformation)
    replace(ministack, "_update_user_pool_client", _update_for_cloudformation)
    replace(ministack, "_client_id", lambda: _random_id(26))
    replace(ministack, "_client_secret", lambda: _random_id(51))
