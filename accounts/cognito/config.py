"""Which pool, which app client, where they are reached, and what the site makes of them."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Connection:
    """How one AWS service is reached. Times in seconds; one attempt means that a call is never repeated."""

    region: str
    endpoint_url: str = ""
    connect_timeout: float = 2.0
    read_timeout: float = 5.0
    attempts: int = 1
    max_connections: int = 64


@dataclass(frozen=True, kw_only=True)
class CognitoConfig:
    """Everything that the ``COGNITO`` setting says; nothing is ever taken from a token.

    Up to ``max_connections`` it is for the gateways and the token verifier, the rest for the site.
    """

    region: str
    user_pool_id: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    issuer: str
    jwks_url: str
    endpoint_url: str = ""
    auth_flow: str = "USER_PASSWORD_AUTH"
    connect_timeout: float = 2.0
    read_timeout: float = 5.0
    max_connections: int = 64
    # What people sign in with, "email" or "username", and who may make an account: "self", "admin" or "closed".
    sign_in_with: str = "email"
    registration: str = "self"
    # Names of groups, "" for none: of newcomers, of those who may enter the admin, of those who may do all there.
    default_group: str = ""
    staff_group: str = ""
    superuser_group: str = ""

    @classmethod
    def from_settings(cls, values: Mapping[str, Any]) -> "CognitoConfig":
        """Return the configuration described by the ``COGNITO`` setting, with what was left out derived.

        Region, issuer and key set address follow from the pool id as AWS documents them; on another endpoint the key
        set is where local Cognito servers publish it.
        https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
        """
        pool, endpoint = values["USER_POOL_ID"], values["ENDPOINT_URL"].rstrip("/")
        region = values["REGION"] or pool.partition("_")[0]
        # The China partition has a domain of its own.
        suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        issuer = values["ISSUER"] or f"https://cognito-idp.{region}.{suffix}/{pool}"
        base = f"{endpoint}/{pool}" if endpoint else issuer
        return cls(
            region=region,
            user_pool_id=pool,
            client_id=values["CLIENT_ID"],
            client_secret=values["CLIENT_SECRET"],
            issuer=issuer,
            jwks_url=values["JWKS_URL"] or f"{base}/.well-known/jwks.json",
            endpoint_url=endpoint,
            auth_flow=values["AUTH_FLOW"],
            sign_in_with=values["SIGN_IN_WITH"],
            registration=values["REGISTRATION"],
            default_group=values["DEFAULT_GROUP"],
            staff_group=values["STAFF_GROUP"],
            superuser_group=values["SUPERUSER_GROUP"],
        )

    @property
    def connection(self) -> Connection:
        """How the pool is reached. No call is repeated, since most send a code or spend a single-use value."""
        return Connection(
            region=self.region,
            endpoint_url=self.endpoint_url,
            connect_timeout=self.connect_timeout,
            read_timeout=self.read_timeout,
            max_connections=self.max_connections,
        )

    def secret_hash(self, username: str) -> str | None:
        """Return SECRET_HASH for ``username``, or None for a client without a secret.

        https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash
        """
        if not self.client_secret:
            return None
        message = (username + self.client_id).encode()
        return base64.b64encode(hmac.new(self.client_secret.encode(), message, hashlib.sha256).digest()).decode()
