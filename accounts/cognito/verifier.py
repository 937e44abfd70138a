"""Whether a token is genuine. Every expectation comes from the configuration, none from the token."""

import json
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from typing import Any

import jwt

from accounts.cognito.config import LEEWAY, CognitoConfig
from accounts.cognito.errors import ClaimNotAllowed, MachineToken, TokenError
from accounts.cognito.key_set import KeySet
from accounts.cognito.results import AccessClaims, Claims

LARGEST_TOKEN = 32 * 1024  # characters; AWS promises no bound and asks to budget for growth
LONGEST_SUB = 255


class TokenVerifier:
    """Verifies the tokens of one pool: ID tokens of the site's own app client, access tokens of those it names.

    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
    """

    def __init__(self, config: CognitoConfig, keys: KeySet) -> None:
        self._config, self._keys = config, keys
        self._clients = (config.client_id, *config.api_client_ids)
        self._headers: dict[str, str] = {}

    def verify_id_token(self, token: str, *, nonce: str | None = None, of_any_client: bool = False) -> Claims:
        """Return what ``token`` says of the person, once everything about it has been checked.

        ``nonce`` is the one this site sent along when it asked for the token through the browser: the token has to
        carry it, so that a token won elsewhere cannot be brought in (OpenID Connect Core 1.0, section 3.1.3.7). None
        means that Cognito was asked directly. Cognito makes up a nonce for some of those: it is not looked at.
        Nobody signs in here by a token ``of_any_client`` that COGNITO_API_CLIENT_IDS names: a program brings it.

        Raises TokenError for a token that must not be trusted, Unreachable when the keys cannot be had.
        """
        claims = self._verify(token, token_use="id")
        if not (of_any_client and claims.get("aud") in self._clients):
            expect("aud", claims.get("aud"), self._config.client_id)
        if nonce is not None and (not nonce or claims.get("nonce") != nonce):
            # Neither of the two is quoted: what was sent must not reach the log while it can still be used.
            raise ClaimNotAllowed("nonce", "another", "the one that was sent")
        return Claims(
            issuer=claims["iss"],
            sub=claims["sub"],
            username=text(claims.get("cognito:username")) or claims["sub"],
            email=text(claims.get("email")),
            email_verified=claims.get("email_verified") in (True, "true"),
            name=text(claims.get("name")),
            groups=names(claims.get("cognito:groups")),
            phone_number=text(claims.get("phone_number")),
            phone_number_verified=claims.get("phone_number_verified") in (True, "true"),
            methods=names(claims.get("amr")),
            authenticated_at=whole_number(claims.get("auth_time")),
            locale=text(claims.get("locale")),
        )

    def verify_access_token(self, token: str) -> AccessClaims:
        """Return what the access token of a person allows. Raises as :meth:`verify_id_token` does.

        It may be one of any app client that COGNITO_API_CLIENT_IDS names, or of the site's own. A token with an
        audience is bound to another resource and is refused. Raises MachineToken for one that a client got for itself:
        https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoint-oauth-grants.html
        """
        claims = self._verify(token, token_use="access")
        client_id = claims.get("client_id")
        if client_id not in self._clients:
            raise ClaimNotAllowed("client_id", client_id, "an app client of the settings")
        expect("aud", claims.get("aud"), None)
        if not text(claims.get("username")) or claims["sub"] == client_id:
            raise MachineToken("username", claims.get("username"), "a person's")
        return AccessClaims(
            issuer=claims["iss"],
            sub=claims["sub"],
            username=claims["username"],
            client_id=claims["client_id"],
            scopes=tuple(text(claims.get("scope")).split()),
            groups=names(claims.get("cognito:groups")),
            issued_at=int(claims["iat"]),
            authenticated_at=whole_number(claims.get("auth_time")),
            expires_at=int(claims["exp"]),
            token_id=text(claims.get("jti")),
        )

    def warm(self) -> None:
        """Fetch the key set ahead of the first token."""
        self._keys.warm()

    def _verify(self, token: str, *, token_use: str) -> dict[str, Any]:
        if len(token) > LARGEST_TOKEN or token.count(".") != 2 or not token.isascii():
            raise TokenError("verify", "NotAToken")
        header = token.partition(".")[0]
        key_id = self._headers.get(header) or key_id_of(header)
        key = self._keys.key(key_id)
        # A pool signs with two keys, so a header that named a real one will be seen again.
        if len(self._headers) < 16:
            self._headers[header] = key_id
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                issuer=self._config.issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "iat", "iss", "sub", "token_use"], "verify_aud": False},
            )
        except jwt.InvalidIssuerError as error:
            # What stands in the token is not quoted: it may be long, and may say anything.
            raise ClaimNotAllowed("iss", "another", self._config.issuer) from error
        except (jwt.PyJWTError, RecursionError, OverflowError, ValueError) as error:
            raise TokenError("verify", type(error).__name__) from error
        expect("token_use", claims["token_use"], token_use)
        if not text(claims["sub"]) or len(claims["sub"]) > LONGEST_SUB:
            raise ClaimNotAllowed("sub", type(claims["sub"]), f"1 to {LONGEST_SUB} characters")
        return claims


def key_id_of(header: str) -> str:
    """Return the key id in a token's still unverified first segment; raise TokenError unless it asks for RS256."""
    try:
        fields = json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    except (Base64Error, ValueError, RecursionError) as error:
        raise TokenError("verify", "BadHeader") from error
    key_id = fields.get("kid") if isinstance(fields, dict) else None
    if not isinstance(key_id, str) or fields.get("alg") != "RS256":
        raise ClaimNotAllowed("header", fields, "RS256 and a key id")
    return key_id


def expect(claim: str, actual: object, expected: object) -> None:
    """Raise ClaimNotAllowed unless ``actual`` is exactly ``expected``."""
    if actual != expected:
        raise ClaimNotAllowed(claim, actual, expected)


def text(value: object) -> str:
    """Return ``value`` where it is a string, else nothing."""
    return value if isinstance(value, str) else ""


def whole_number(value: object) -> int:
    """Return ``value`` where it is a whole number above 0, else 0."""
    return value if type(value) is int and value > 0 else 0


def names(value: object) -> tuple[str, ...]:
    """Return the strings of a list claim; whatever else stands there means none."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
