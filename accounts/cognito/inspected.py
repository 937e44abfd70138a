"""How a pool and what is around it are set up, as values: what the doctor looks at.

A field that an answer leaves out has here what AWS documents as its default; where that needs a page, it stands beside
it. No value holds a secret.
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

# Which flows a client has that names none: API_CreateUserPoolClient.html, ExplicitAuthFlows.
DEFAULT_FLOWS = frozenset({"ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"})
MINUTE, HOUR, DAY = 60, 60 * 60, 24 * 60 * 60  # seconds


@dataclass(frozen=True, kw_only=True)
class SchemaAttribute:
    """One attribute of the pool's schema."""

    name: str
    required: bool = False
    mutable: bool = True


@dataclass(frozen=True, kw_only=True)
class UserPoolSettings:
    """What DescribeUserPool says. ``update`` is the request that UpdateUserPool would take to change nothing.

    UpdateUserPool puts back to its default whatever a request leaves out, so a change needs all the rest as well.
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPool.html
    """

    id: str
    arn: str = ""
    tier: str = "ESSENTIALS"
    issuer_type: str = "ORIGINAL"
    deletion_protection: str = "INACTIVE"
    # API_UsernameConfigurationType.html: case counts, unless the pool was made otherwise.
    case_sensitive: bool = True
    username_attributes: tuple[str, ...] = ()
    alias_attributes: tuple[str, ...] = ()
    auto_verified: tuple[str, ...] = ()
    verified_before_update: tuple[str, ...] = ()
    schema: tuple[SchemaAttribute, ...] = ()
    # API_PasswordPolicyType.html
    minimum_length: int = 8
    character_classes: int = 4
    temporary_password_days: int = 7
    first_factors: frozenset[str] = frozenset({"PASSWORD"})
    remembers_devices: bool = False
    # API_AccountRecoverySettingType.html: the legacy behaviour, a telephone number before an e-mail address.
    recovery: tuple[str, ...] = ("verified_phone_number", "verified_email")
    invited_only: bool = False
    invitation: str = ""
    texted_invitation: str = ""
    confirms_by: str = "CONFIRM_WITH_CODE"
    mail_sender: str = "COGNITO_DEFAULT"
    mail_source_arn: str = ""
    mail_failure: str = ""
    sms_failure: str = ""
    # The role for text messages, "" where the pool sends none.
    sms_role: str = ""
    sms_external_id: str = ""
    sms_region: str = ""
    # Names of the Lambda triggers to the functions' ARNs.
    triggers: Mapping[str, str] = field(default_factory=dict)
    threat_protection: str = "OFF"
    domain: str = ""
    custom_domain: str = ""
    people: int = 0
    update: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class AppClientSettings:
    """What DescribeUserPoolClient says; lives in seconds. ``update`` is as in UserPoolSettings.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html
    """

    id: str
    name: str = ""
    has_secret: bool = False
    # Whether the secret is the one in the settings.
    secret_matches: bool = False
    flows: frozenset[str] = DEFAULT_FLOWS
    # A client that was made without it tells who exists.
    user_existence_errors: str = "LEGACY"
    revokes_tokens: bool = True
    rotates: bool = False
    grace_seconds: int = 0
    challenge_seconds: int = 3 * MINUTE
    access_token_seconds: int = HOUR
    id_token_seconds: int = HOUR
    refresh_token_seconds: int = 30 * DAY
    # None is every attribute: the standard ones and all custom ones.
    readable: frozenset[str] | None = None
    writable: frozenset[str] | None = None
    providers: tuple[str, ...] = ()
    oauth: bool = False
    oauth_flows: tuple[str, ...] = ()
    oauth_scopes: tuple[str, ...] = ()
    callback_urls: tuple[str, ...] = ()
    logout_urls: tuple[str, ...] = ()
    has_analytics: bool = False
    passes_user_context: bool = False
    update: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class FactorSettings:
    """What GetUserPoolMfaConfig says. ``update`` is the request of SetUserPoolMfaConfig that would change nothing.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_WebAuthnConfigurationType.html
    """

    mode: str = "OFF"
    app: bool = False
    sms: bool = False
    mail: bool = False
    sms_role: str = ""
    sms_external_id: str = ""
    sms_region: str = ""
    relying_party: str = ""
    user_verification: str = "preferred"
    passkey_counts_as: str = "SINGLE_FACTOR"
    update: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def offered(self) -> bool:
        """Whether people can have a second factor at all."""
        return self.mode != "OFF" and (self.app or self.sms or self.mail)


@dataclass(frozen=True, kw_only=True)
class Group:
    """A group of the pool, and the IAM role that its members get at an identity pool, "" for none."""

    name: str
    role_arn: str = ""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """An identity provider of the pool. ``mapping`` is from attributes of the pool to the provider's names."""

    name: str
    type: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Domain:
    """A domain of the pool. ``security_policy`` is the TLS policy of a custom domain, "" for a prefix domain."""

    name: str
    pool_id: str = ""
    status: str = ""
    security_policy: str = ""


@dataclass(frozen=True, kw_only=True)
class IdentityPool:
    """An identity pool that gives AWS credentials for this pool's tokens."""

    id: str
    name: str = ""
    lets_strangers_in: bool = False
    classic_flow: bool = False
    # Whether it asks the user pool if the person was signed out or disabled meanwhile.
    checks_tokens: bool = False


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """A Lambda function that the pool calls, and whether it lets the pool do so."""

    name: str
    function_arn: str
    callable: bool


@dataclass(frozen=True, kw_only=True)
class MailAccount:
    """SES, as far as it sends the pool's mails; mails in 24 hours."""

    identity: str
    region: str = ""
    verified: bool = False
    sending: bool = True
    in_production: bool = True
    most: float = 0
    sent: float = 0


@dataclass(frozen=True, kw_only=True)
class SmsRole:
    """The IAM role by which Cognito sends text messages: whom it trusts, under which ids, and which the pool gives."""

    arn: str
    trusts_cognito: bool = False
    external_ids: tuple[str, ...] = ()
    given_id: str = ""


class PublicKey(NamedTuple):
    """What tells an RSA key from all others (RFC 7517 and 7518): anybody can give theirs the id of another."""

    kid: str
    kty: str = ""
    n: str = ""
    e: str = ""


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The keys of a JSON Web Key Set, and the clock of the server that gave it, None where it told none."""

    url: str
    keys: frozenset[PublicKey] = frozenset()
    error: str = ""
    date: datetime | None = None
    received: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Whose AWS key it is, by ARN, and what it may do of what was asked about."""

    arn: str
    allowed: frozenset[str] = frozenset()

    @property
    def is_root(self) -> bool:
        """Whether it is the root of an account."""
        return self.arn.endswith(":root")
