"""What an app client may be told of OAuth: flows, scopes, addresses, and whom it lets sign people in.

MiniStack takes every address, every scope, and providers that the pool does not have.
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from devcloud.cognito.errors import CognitoError, invalid_parameter
from devcloud.cognito.records import Pool, Request

OWN_DIRECTORY = "COGNITO"
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_STANDARD_SCOPES = {"openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"}
_WITH_BROWSER = {"code", "implicit"}


def refuse_oauth(user_pool: Pool, request: Request) -> None:
    """Raise what AWS refuses an app client's OAuth settings with.

    InvalidOAuthFlowException for flows that do not go together or lack an address, ScopeDoesNotExistException, and
    InvalidParameterException for the rest.
    """
    _refuse_flows(request)
    _refuse_scopes(user_pool, request)
    _refuse_addresses(request)
    _refuse_providers(user_pool, request.get("SupportedIdentityProviders") or [])


def _refuse_flows(request: Request) -> None:
    flows = set(request.get("AllowedOAuthFlows") or [])
    if request.get("AllowedOAuthFlowsUserPoolClient") and not (flows and request.get("AllowedOAuthScopes")):
        raise invalid_parameter(
            "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows."
        )
    if flows & _WITH_BROWSER and not request.get("CallbackURLs"):
        raise _wrong_flow("CallbackUrls can not be empty when code flow or implicit flow is selected")
    if "client_credentials" not in flows:
        return
    if flows & _WITH_BROWSER:
        raise _wrong_flow("client_credentials flow can not be selected along with code flow or implicit flow.")
    if request.get("GenerateSecret") is False:
        raise _wrong_flow("client_credentials flow can not be selected if client does not have a client secret.")


def _wrong_flow(message: str) -> CognitoError:
    return CognitoError("InvalidOAuthFlowException", message)


def _refuse_scopes(user_pool: Pool, request: Request) -> None:
    servers = (user_pool.get("_resource_servers") or {}).values()
    custom = {f"{server['Identifier']}/{scope['ScopeName']}" for server in servers for scope in server["Scopes"]}
    unknown = set(request.get("AllowedOAuthScopes") or []) - _STANDARD_SCOPES - custom
    if unknown:
        raise CognitoError("ScopeDoesNotExistException", f"Invalid scope requested: {', '.join(sorted(unknown))}")


def _refuse_addresses(request: Request) -> None:
    callbacks = request.get("CallbackURLs") or []
    for address in [*callbacks, *(request.get("LogoutURLs") or [])]:
        _refuse_address(address)
    default = request.get("DefaultRedirectURI")
    if default and default not in callbacks:
        raise invalid_parameter("Default redirect uri must be in the list of callback urls.")


def _refuse_address(address: str) -> None:
    """Raise InvalidParameterException for what is no absolute address, has a fragment, or is HTTP beyond a machine.

    "Amazon Cognito requires HTTPS over HTTP except for callback URLs to http://localhost, http://127.0.0.1 and
    http://[::1]." Schemes of apps (myapp://example) are fine.
    """
    parts = urlsplit(address)
    if not parts.scheme or "#" in address or not (parts.netloc or parts.path):
        raise invalid_parameter(f"{address} is not a valid redirect uri.")
    if parts.scheme in {"http", "https"} and not parts.hostname:
        raise invalid_parameter(f"{address} is not a valid redirect uri.")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise invalid_parameter(f"{address} cannot use the HTTP protocol.")


def _refuse_providers(user_pool: Pool, names: Iterable[str]) -> None:
    known = {OWN_DIRECTORY, *(user_pool.get("_identity_providers") or {})}
    for name in names:
        if name not in known:
            raise invalid_parameter(f"The provider {name} does not exist for User Pool {user_pool['Id']}.")
