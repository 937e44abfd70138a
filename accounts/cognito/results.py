"""What Cognito answers, as values. boto3's dictionaries stop where these are made."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from accounts.cognito.challenges import ChallengeName
from accounts.cognito.factors import Factor
from accounts.cognito.identities import Identity, identities


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one sign-in. ``expires_in`` is the life in seconds of the first that ends, ID or access token.

    ``refresh_token`` is empty in the answer to a refresh on a client without rotation: the old one stays in use.
    """

    id_token: str = field(repr=False)
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int


@dataclass(frozen=True, slots=True)
class AwsCredentials:
    """Temporary AWS credentials of one person; ``expires_at`` in seconds since the epoch.

    ``identity_id`` is who they are to the identity pool, and what the role's policy sees of them.
    """

    identity_id: str
    access_key_id: str = field(repr=False)
    secret_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expires_at: float


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object in S3. ``size`` in bytes."""

    key: str
    size: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class ObjectPage:
    """One page of a listing: the prefixes one level further down, the objects, and what asks for the next page.

    ``token_for_more`` is "" on the last page.
    """

    prefixes: tuple[str, ...]
    objects: tuple[StoredObject, ...]
    token_for_more: str = ""


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
    # How they proved who they are (``amr``, RFC 8176), where the pool says it.
    methods: tuple[str, ...] = ()
    phone_number: str = ""
    phone_number_verified: bool = False
    # When they did (``auth_time``), in seconds since the epoch; 0 where the token does not say.
    authenticated_at: int = 0
    # In which language they read (BCP 47).
    locale: str = ""


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
    # When the person signed in, which a refresh does not change; 0, long ago, where the token does not say.
    authenticated_at: int
    expires_at: int
    token_id: str


class Described:
    """What is read off the attributes of a person, whoever described them."""

    __slots__ = ()
    attributes: Mapping[str, str]

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

    @property
    def phone_number(self) -> str:
        """The telephone number in E.164 form, "" for none."""
        return self.attributes.get("phone_number", "")

    @property
    def phone_number_verified(self) -> bool:
        """Whether the telephone number is proved."""
        return self.attributes.get("phone_number_verified") == "true"

    @property
    def locale(self) -> str:
        """In which language they read (BCP 47), or ""."""
        return self.attributes.get("locale", "")

    @property
    def identities(self) -> tuple[Identity, ...]:
        """Who the person is to outside providers, as far as this profile is theirs."""
        return identities(self.attributes.get("identities", ""))


@dataclass(frozen=True, slots=True)
class Profile(Described):
    """A person as GetUser describes them to themselves."""

    username: str
    attributes: Mapping[str, str] = field(repr=False)
    factors: tuple[Factor, ...] = ()
    preferred_factor: Factor | None = None


class Status(StrEnum):
    """The state of an account: Cognito's own words, and one for an account that is there no longer.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserType.html
    """

    UNCONFIRMED = "UNCONFIRMED"
    CONFIRMED = "CONFIRMED"
    FORCE_CHANGE_PASSWORD = "FORCE_CHANGE_PASSWORD"
    RESET_REQUIRED = "RESET_REQUIRED"
    EXTERNAL_PROVIDER = "EXTERNAL_PROVIDER"
    ARCHIVED = "ARCHIVED"
    COMPROMISED = "COMPROMISED"
    UNKNOWN = "UNKNOWN"
    GONE = "GONE"

    @classmethod
    def named(cls, name: str) -> "Status":
        """Return the status that Cognito calls ``name``, UNKNOWN for a word it had not when this was written."""
        try:
            return cls(name)
        except ValueError:
            return cls.UNKNOWN


@dataclass(frozen=True, slots=True)
class Person(Described):
    """A person as the pool describes them to administrators.

    ListUsers and AdminCreateUser leave out ``factors`` and ``preferred_factor``; AdminGetUser tells them, and then
    ``tells_factors`` is True.
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserType.html
    """

    username: str
    sub: str
    status: Status
    enabled: bool
    created_at: datetime | None
    changed_at: datetime | None
    attributes: Mapping[str, str] = field(repr=False)
    factors: tuple[Factor, ...] = ()
    preferred_factor: Factor | None = None
    tells_factors: bool = False

    @property
    def called(self) -> str:
        """What to call the person; the number before a user name that Cognito made up."""
        return self.name or self.email or (self.phone_number if self.username == self.sub else "") or self.username


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Some of a pool's people; ``next_token`` asks for those that follow, "" when there are none."""

    people: tuple[Person, ...] = ()
    next_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the pool. ``precedence`` is 0 or more, None for none: of several groups the lowest one decides.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GroupType.html
    """

    name: str
    description: str = ""
    precedence: int | None = None
    role_arn: str = ""
    created_at: datetime | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GroupsPage:
    """Some of a pool's groups; ``next_token`` asks for those that follow, "" when there are none."""

    groups: tuple[Group, ...] = ()
    next_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class AuthEvent:
    """One line of Cognito's own history of a person, which pools on the Plus plan keep.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AuthEventType.html
    """

    at: datetime
    kind: str
    outcome: str
    risk: str = ""
    ip_address: str = ""
    device: str = ""
    city: str = ""
    country: str = ""


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
    # How long the password of an invitation is good for.
    temporary_days: int = 7


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
    # Whether nobody comes in by a password alone (MfaConfiguration ON).
    requires_second_step: bool = False
    # The domain that passkeys are for, "" where it is not known, and whether they ask who holds the device.
    relying_party: str = ""
    user_verification: str = "preferred"
    # The challenges a sign-in may begin with: PASSWORD, EMAIL_OTP, SMS_OTP, WEB_AUTHN.
    first_factors: frozenset[str] = frozenset({ChallengeName.PASSWORD})

    # The attributes that a code proves when an account is made; None where the pool could not be asked.
    auto_verified: frozenset[str] | None = None
    # The attributes whose old value stays until the new one is proved; None where the pool could not be asked.
    proved_first: frozenset[str] | None = None
    # Whether a passkey may stand for both steps (FactorConfiguration MULTI_FACTOR_WITH_USER_VERIFICATION).
    passkeys_satisfy_mfa: bool = False
    # The attributes that a forgotten password is recovered by, the first that fits; None where that is not known.
    recovers_by: tuple[str, ...] | None = None
    # Whether a function of the pool writes its mails, which can then be in several languages.
    writes_own_mails: bool = False
    # Whether only administrators make accounts (AllowAdminCreateUserOnly).
    invited_only: bool = False
    # How long a question of a sign-in can be answered, in minutes (AuthSessionValidity), 0 where that is not known.
    challenge_minutes: int = 0

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
