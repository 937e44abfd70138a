"""Which pool, which app client, where they are reached, and what the site makes of them."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from accounts.cognito.sign_in_names import SignInWith

LEEWAY = 30  # seconds by which our clock and Cognito's may differ


@dataclass(frozen=True, kw_only=True)
class Connection:
    """How one AWS service is reached. Times in seconds; one attempt means that a call is never repeated."""

    region: str
    endpoint_url: str = ""
    connect_timeout: float = 2.0
    read_timeout: float = 5.0
    attempts: int = 1
    max_connections: int = 64


@dataclass(frozen=True, slots=True)
class Provider:
    """Who else signs people in: the name that the pool has for them, and what people know them by."""

    name: str
    label: str

    @classmethod
    def of(cls, entry: str, domain: str) -> "Provider":
        """Return the provider that ``entry`` of COGNITO_PROVIDERS describes: a name, or ``name=label``.

        The page of ``domain`` itself is known by its host, which is what people will see in their address bar.
        """
        name, _separator, label = (part.strip() for part in entry.partition("="))
        known = urlsplit(domain).netloc if name == OWN_DIRECTORY else LABELS.get(name, name)
        return cls(name, label or known)


# The pool's own directory, as a provider: the sign-in page of the domain itself.
OWN_DIRECTORY = "COGNITO"
# What people know the providers by whose names in every pool are AWS's.
# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateIdentityProvider.html
LABELS = {"LoginWithAmazon": "Amazon", "SignInWithApple": "Apple"}


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
    # What people sign in with, and who may make an account: "self", "admin" or "closed".
    sign_in_with: SignInWith = SignInWith.EMAIL
    registration: str = "self"
    # Where the pool has pages of its own, without a path, "" for none; and who signs people in there.
    domain: str = ""
    providers: tuple[Provider, ...] = ()
    # Names of groups, "" for none: of newcomers, of those who may enter the admin, of those who may do all there.
    default_group: str = ""
    staff_group: str = ""
    superuser_group: str = ""
    # Other app clients of the pool whose access tokens the API takes.
    api_client_ids: tuple[str, ...] = ()
    # Where the files of people lie and who exchanges their tokens for AWS credentials; "" where there are no files.
    identity_pool_id: str = ""
    files_bucket: str = ""

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
            sign_in_with=SignInWith(values["SIGN_IN_WITH"]),
            registration=values["REGISTRATION"],
            domain=values["DOMAIN"].rstrip("/"),
            providers=tuple(Provider.of(entry, values["DOMAIN"]) for entry in values["PROVIDERS"] if values["DOMAIN"]),
            default_group=values["DEFAULT_GROUP"],
            staff_group=values["STAFF_GROUP"],
            superuser_group=values["SUPERUSER_GROUP"],
            api_client_ids=tuple(values["API_CLIENT_IDS"]),
            identity_pool_id=values["IDENTITY_POOL_ID"],
            files_bucket=values["FILES_BUCKET"],
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

    @property
    def identity_connection(self) -> Connection:
        """How the identity pool is reached, whose id begins with its region. An exchange may be repeated."""
        return replace(self.connection, region=self.identity_pool_id.partition(":")[0], attempts=2)

    @property
    def files_connection(self) -> Connection:
        """How S3 is reached, which takes longer to answer where a whole file is sent."""
        return replace(self.connection, read_timeout=2 * self.read_timeout)

    @property
    def login(self) -> str:
        """What an identity pool calls the user pool, whatever issuer its tokens name.

        https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetId.html#CognitoIdentity-GetId-request-Logins
        """
        suffix = "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"
        return f"cognito-idp.{self.region}.{suffix}/{self.user_pool_id}"

    @property
    def has_files(self) -> bool:
        """Whether people have files here."""
        return bool(self.identity_pool_id and self.files_bucket)

    def provider(self, name: str) -> Provider | None:
        """Return the provider called ``name``, None for one that the site does not offer."""
        return next((provider for provider in self.providers if provider.name == name), None)

    def secret_hash(self, username: str) -> str | None:
        """Return SECRET_HASH for ``username``, or None for a client without a secret.

        https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash
        """
        if not self.client_secret:
            return None
        message = (username + self.client_id).encode()
        return base64.b64encode(hmac.new(self.client_secret.encode(), message, hashlib.sha256).digest()).decode()
