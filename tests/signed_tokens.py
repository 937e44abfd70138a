"""Really signed Cognito tokens: RSA keys, the key set that publishes them, and tokens that are wrong on purpose.

The claims are those of
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html and
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
"""

from __future__ import annotations

import json
import time
import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from accounts.cognito.key_set import KeySet

REGION = "eu-west-1"
POOL_ID = "eu-west-1_Tested123"
CLIENT_ID = "1example23456789"
ISSUER = f"https://cognito-idp.{REGION}.amazonaws.com/{POOL_ID}"
REFRESH_TOKEN = "refresh-token-1"
SUB = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"

# Cognito's are 2048 bits too; a key takes a tenth of a second to make, so each name makes its own only once.
KEY_BITS = 2048


@cache
def private_key(kid: str) -> rsa.RSAPrivateKey:
    """Return the RSA key known by `kid`, the same one on every call of this process."""
    assert kid
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)


def public_jwk(kid: str) -> dict[str, Any]:
    """Return the public half of `private_key(kid)` as a JSON Web Key (RFC 7517), as a user pool publishes it."""
    jwk = RSAAlgorithm.to_jwk(private_key(kid).public_key(), as_dict=True)
    return {**jwk, "kid": kid, "use": "sig", "alg": "RS256"}


def segment(value: object) -> str:
    """Return `value` as one unpadded base64url segment of a token; bytes as they are, the rest as JSON."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned(claims: dict[str, Any], alg: str = "none") -> str:
    """Return a token whose header says `alg` and whose signature is empty."""
    return f"{segment({'alg': alg, 'typ': 'JWT', 'kid': 'id-key'})}.{segment(claims)}."


def with_other_claims(token: str, **claims: Any) -> str:
    """Return `token` with some claims replaced and its now wrong signature kept."""
    header, _payload, signature = token.split(".")
    changed = {**jwt.decode(token, options={"verify_signature": False}), **claims}
    return f"{header}.{segment(changed)}.{signature}"


@dataclass(frozen=True)
class SigningPool:
    """The signing half of a user pool: one key for ID tokens, another for access tokens, as Cognito has.

    Every method that makes a token takes claims as keywords: they replace the usual ones, and None leaves one out.
    """

    issuer: str = ISSUER
    client_id: str = CLIENT_ID
    id_key: str = "id-key"
    access_key: str = "access-key"
    extra_keys: tuple[str, ...] = field(default=())

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """Return the key set that a pool serves under `/.well-known/jwks.json`."""
        return {"keys": [public_jwk(kid) for kid in (self.id_key, self.access_key, *self.extra_keys)]}

    def sign(
        self,
        claims: dict[str, Any],
        *,
        kid: str,
        key: Any = None,
        algorithm: str = "RS256",
        headers: dict[str, Any] | None = None,
    ) -> str:
        """Return `claims` signed; `key` defaults to the private key known by `kid`."""
        return jwt.encode(claims, key or private_key(kid), algorithm=algorithm, headers={"kid": kid, **(headers or {})})

    def id_claims(self, **claims: Any) -> dict[str, Any]:
        """Return the claims of an ID token issued now and good for an hour."""
        usual = {
            **self._timed_claims(),
            "aud": self.client_id,
            "token_use": "id",
            "cognito:username": SUB,
            "email": "ada@example.com",
            "email_verified": True,
        }
        return _without_none({**usual, **claims})

    def access_claims(self, **claims: Any) -> dict[str, Any]:
        """Return the claims of an access token issued now and good for an hour."""
        usual = {
            **self._timed_claims(),
            "client_id": self.client_id,
            "token_use": "access",
            "username": SUB,
            "scope": "aws.cognito.signin.user.admin",
        }
        return _without_none({**usual, **claims})

    def id_token(self, **claims: Any) -> str:
        """Return a signed ID token."""
        return self.sign(self.id_claims(**claims), kid=self.id_key)

    def access_token(self, **claims: Any) -> str:
        """Return a signed access token."""
        return self.sign(self.access_claims(**claims), kid=self.access_key)

    def authentication_result(self, *, refresh_token: str | None = REFRESH_TOKEN, **claims: Any) -> dict[str, Any]:
        """Return the `AuthenticationResult` of a sign-in; `claims` go into both tokens.

        `refresh_token=None` is the answer of a refresh without rotation.
        """
        result = {
            "IdToken": self.id_token(**claims),
            "AccessToken": self.access_token(**claims),
            "ExpiresIn": 3600,
            "TokenType": "Bearer",
        }
        return result if refresh_token is None else {**result, "RefreshToken": refresh_token}

    def _timed_claims(self) -> dict[str, Any]:
        now = int(time.time())
        return {
            "sub": SUB,
            "iss": self.issuer,
            "origin_jti": str(uuid.uuid4()),
            "jti": str(uuid.uuid4()),
            "event_id": str(uuid.uuid4()),
            "auth_time": now,
            "iat": now,
            "exp": now + 3600,
        }


class PublishedKeys(KeySet):
    """The keys of a signing pool, without the endpoint that publishes them."""

    def __init__(self, pool: SigningPool) -> None:
        super().__init__("http://127.0.0.1:9/jwks.json")
        self._keys = {entry["kid"]: jwt.PyJWK.from_dict(entry).key for entry in pool.jwks()["keys"]}
        self._stale_at = self._next_fetch_at = time.monotonic() + 3600


def _without_none(claims: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if value is not None}
