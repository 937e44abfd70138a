"""Authorization requests, as /oauth2/authorize and the pages behind it take them, and the codes that answer them.

MiniStack forgets what a request lacks, sends errors to nobody, and knows no ``prompt``.
https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from ministack.services import cognito as ministack

from devcloud.cognito.gate import Response
from devcloud.cognito.records import Client, Pool, User

OWN_DIRECTORY = "COGNITO"
NAMES = (
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "identity_provider",
    "login_hint",
    "prompt",
)
_CODE_SECONDS = 5 * 60


class Refused(Exception):
    """A request that leads nowhere: ``error`` is read on a page, for where it would be sent is not to be trusted."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


class SentBack(Exception):
    """A request that is refused to the application, at its ``location``."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


@dataclass(frozen=True, slots=True)
class Authorization:
    """A request for an authorization code, of a client that may have one, for an address that it has registered."""

    user_pool: Pool
    app_client: Client
    query: Mapping[str, str]

    @property
    def redirect_uri(self) -> str:
        """Return the address that the answer goes to."""
        return self.query["redirect_uri"]

    @property
    def prompt(self) -> frozenset[str]:
        """Return what the request asks of an existing session (OpenID Connect Core 1.0, section 3.1.2.1)."""
        return frozenset(self.query.get("prompt", "").split())

    @property
    def providers(self) -> list[str]:
        """Return the outside providers that the client lets people in by."""
        known = self.user_pool.get("_identity_providers") or {}
        return [name for name in self.app_client.get("SupportedIdentityProviders") or [] if name in known]

    @property
    def takes_passwords(self) -> bool:
        """Say whether the client lets people of the pool's own directory in."""
        return OWN_DIRECTORY in (self.app_client.get("SupportedIdentityProviders") or [])

    def address(self, **parameters: str) -> str:
        """Return the redirect_uri with ``parameters`` and the request's state."""
        query = parameters | ({"state": self.query["state"]} if self.query.get("state") else {})
        return f"{self.redirect_uri}{'&' if '?' in self.redirect_uri else '?'}{urlencode(query)}"

    def refusal(self, error: str, description: str = "") -> SentBack:
        """Return the error of RFC 6749, section 4.1.2.1, that tells the application ``error``."""
        details = {"error_description": description} if description else {}
        return SentBack(self.address(error=error, **details))

    def link(self, path: str, **changes: str) -> str:
        """Return the address of a page of the domain that goes on with this request."""
        query = {name: value for name, value in {**self.query, **changes}.items() if value}
        return f"{path}?{urlencode(query)}"


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser at a page of the domain: its headers, by lower-case names, and the address's or the form's values."""

    headers: Mapping[str, str]
    fields: Mapping[str, str]


def read(query: Mapping[str, str]) -> Authorization:
    """Return the request that ``query`` makes.

    Raises Refused for an unknown client and an address that it has not registered, and SentBack for all the rest:
    response type, flow, scope, a PKCE challenge of another method than S256.
    """
    _pool_id, user_pool, app_client = ministack._find_pool_by_client_id(query.get("client_id", ""))
    if user_pool is None or app_client is None:
        raise Refused("invalid_request", "There is no such app client.")
    redirect_uri = query.get("redirect_uri") or app_client.get("DefaultRedirectURI") or ""
    if redirect_uri not in (app_client.get("CallbackURLs") or []):
        raise Refused("redirect_mismatch", "This redirect_uri is not among the callback URLs of the app client.")
    kept = {name: query[name] for name in NAMES if query.get(name)}
    asked = Authorization(user_pool, app_client, kept | {"redirect_uri": redirect_uri})
    _refuse_flow(asked)
    _refuse_scopes(asked)
    challenge, method = query.get("code_challenge", ""), query.get("code_challenge_method", "")
    if (challenge or method) and not (challenge and method == "S256"):
        raise asked.refusal("invalid_request")
    return asked


def _refuse_flow(asked: Authorization) -> None:
    if asked.query.get("response_type") not in {"code", "token"}:
        raise asked.refusal("invalid_request")
    allowed = asked.app_client.get("AllowedOAuthFlows") or []
    on = asked.app_client.get("AllowedOAuthFlowsUserPoolClient")
    if asked.query["response_type"] != "code" or "code" not in allowed or not on:
        raise asked.refusal("unauthorized_client")


def _refuse_scopes(asked: Authorization) -> None:
    allowed = asked.app_client.get("AllowedOAuthScopes") or []
    if any(scope not in allowed for scope in asked.query.get("scope", "").split()):
        raise asked.refusal("invalid_request", "invalid_scope")


def grant(asked: Authorization, user: User, signed_in_at: int) -> str:
    """Return the address that takes a new authorization code for ``user`` to the application.

    https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html: it is good once, for five minutes.
    """
    code: str = ministack._generate_auth_code()
    ministack._authorization_codes[code] = {
        "client_id": asked.app_client["ClientId"],
        "pool_id": asked.user_pool["Id"],
        "redirect_uri": asked.redirect_uri,
        "scope": asked.query.get("scope", ""),
        "username": user["Username"],
        "nonce": asked.query.get("nonce", ""),
        "code_challenge": asked.query.get("code_challenge", ""),
        "code_challenge_method": asked.query.get("code_challenge_method", ""),
        "expires_at": time.time() + _CODE_SECONDS,
        "signed_in_at": signed_in_at,
    }
    return asked.address(code=code)


def redirect(location: str, cookie: str = "") -> Response:
    """Return the answer that sends a browser to ``location``, with a cookie to keep where there is one."""
    headers = {"Location": location, "Cache-Control": "no-store"}
    return 302, headers | ({"Set-Cookie": cookie} if cookie else {}), b""
