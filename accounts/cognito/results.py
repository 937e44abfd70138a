"""What Cognito answers, as values. boto3's dictionaries stop where these are made."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.cognito.challenges import ChallengeName
from accounts.cognito.factors import Factor


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one sign-in. ``expires_in`` is the access token's life in seconds.

    ``refresh_token`` is empty in the answer to a refresh on a client without rotation: the old one stays in use.
    """

    id_token: str = field(repr=False)
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int


@dataclass(frozen=True, slots=True)
class Challenge:
    """A question Cognito asks before it hands out tokens.

    ``username`` is the name the answer must carry, which is not always the one typed; ``session`` works once.
    """

    name: str
    username: str
    session: str = field(default="", repr=False)
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    available: tuple[str, ...] = ()

    def listed(self, parameter: str) -> tuple[str, ...]:
        """Return a parameter that holds a JSON list of strings, such as ``MFAS_CAN_CHOOSE``; () when it does not."""
        try:
            values = json.loads(self.parameters.get(parameter) or "[]")
        except ValueError:
            return ()
        return tuple(value for value in values if isinstance(value, str)) if isinstance(values, list) else ()


# What a sign-in comes to, as far as it has got.
Outcome = Tokens | Challenge


@dataclass(frozen=True, slots=True)
class CodeDelivery:
    """Where a code went: ``destination`` as Cognito masks it, ``attribute`` the name of what it proves."""

    destination: str = ""
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class Registration:
    """The outcome of SignUp. ``session`` lets a confirmed newcomer sign in without typing the password again."""

    confirmed: bool
    session: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified ID token says of a person.

    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html
    """

    issuer: str
    sub: str
    username: str
    email: str
    email_verified: bool
    name: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessClaims:
    """What a verified access token says of a person and of what may be done in their name.

    Times are seconds since the epoch; ``token_id`` is the ``jti``, "" where the token has none.
    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
    """

    issuer: str
    sub: str
    username: str
    client_id: str
    scopes: tuple[str, ...]
    groups: tuple[str, ...]
    issued_at: int
    expires_at: int
    token_id: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as GetUser or AdminGetUser describes them."""

    username: str
    attributes: Mapping[str, str] = field(repr=False)
    factors: tuple[Factor, ...] = ()
    preferred_factor: Factor | None = None

    @property
    def email(self) -> str:
        """The e-mail address, "" for none."""
        return self.attributes.get("email", "")

    @property
    def email_verified(self) -> bool:
        """Whether the e-mail address is proved. Cognito writes what is true or false as text."""
        return self.attributes.get("email_verified") == "true"

    @property
    def name(self) -> str:
        """What to call the person, "" for nothing."""
        return self.attributes.get("name", "")


@dataclass(frozen=True, slots=True)
class Passkey:
    """One passkey of a person, as ListWebAuthnCredentials describes it."""

    id: str
    name: str
    created_at: datetime
    attachment: str


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """The pool's rules for a password; lengths in characters.

    https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
    """

    minimum_length: int = 8
    require_lowercase: bool = True
    require_uppercase: bool = True
    require_numbers: bool = True
    require_symbols: bool = True


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of the pool's schema that this app client may write."""

    name: str
    required: bool = False
    mutable: bool = True
    maximum_length: int = 2048


@dataclass(frozen=True, slots=True)
class PoolDescription:
    """What pages need to know of the pool: its rules and the attributes people may fill in themselves."""

    password_policy: PasswordPolicy = PasswordPolicy()
    attributes: tuple[Attribute, ...] = ()
    mfa_factors: frozenset[Factor] = frozenset()
    mfa_required: bool = False
    # The domain that passkeys are for, "" where it is not known, and whether they ask who holds the device.
    relying_party: str = ""
    user_verification: str = "preferred"
    # The challenges a sign-in may begin with: PASSWORD, EMAIL_OTP, SMS_OTP, WEB_AUTHN.
    first_factors: frozenset[str] = frozenset({ChallengeName.PASSWORD})

    # Whether a passkey may stand for both steps (FactorConfiguration MULTI_FACTOR_WITH_USER_VERIFICATION).
    passkeys_satisfy_mfa: bool = False

    @property
    def choice(self) -> bool:
        """Whether people may sign in with something else than a password."""
        return bool(self.first_factors - {ChallengeName.PASSWORD})

    @property
    def passkeys(self) -> bool:
        """Whether people may sign in with a passkey."""
        return ChallengeName.WEB_AUTHN in self.first_factors


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientContext:
    """Where a request came from, for Cognito's threat protection. ``server_path`` without the query."""

    ip_address: str
    user_agent: str
    server_name: str
    server_path: str

    def as_context_data(self) -> dict[str, Any]:
        """Return it in the shape of the API's ContextDataType."""
        return {
            "IpAddress": self.ip_address,
            "ServerName": self.server_name,
            "ServerPath": self.server_path,
            "HttpHeaders": [{"headerName": "User-Agent", "headerValue": self.user_agent}],
        }
