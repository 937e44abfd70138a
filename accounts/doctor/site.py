"""What the site is set to, as far as the pool has to agree with it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from accounts import conf
from accounts.cognito.config import OWN_DIRECTORY, CognitoConfig
from accounts.cognito.sign_in_names import NameKind
from accounts.models import Session
from accounts.sessions.pending import PendingChallenge
from accounts.sessions.refresh import MARGIN


@dataclass(frozen=True, kw_only=True)
class Site:
    """Our side of the bargain; times in seconds."""

    config: CognitoConfig
    url: str
    session_seconds: int
    challenge_seconds: int
    refresh_margin: int
    admin_requires_mfa: bool = False

    @classmethod
    def from_settings(cls) -> "Site":
        """Return what the settings say."""
        return cls(
            config=conf.config(),
            url=settings.SITE_URL,
            session_seconds=settings.SESSION_COOKIE_AGE,
            challenge_seconds=PendingChallenge.AGE,
            refresh_margin=int(MARGIN.total_seconds()),
            admin_requires_mfa=settings.ADMIN_REQUIRES_MFA,
        )

    @property
    def host(self) -> str:
        """The site's host name."""
        return urlsplit(self.url).hostname or ""

    @property
    def is_local(self) -> bool:
        """Whether this is somebody's own machine, where some things are fine that are not in production."""
        return self.host in {"localhost", "127.0.0.1", "::1"}

    def needed_actions(self) -> frozenset[str]:
        """Return what the site's AWS key must be allowed for what the settings say (docs/your-own-pool.md)."""
        config = self.config
        needed = [
            (True, ("DescribeUserPool", "DescribeUserPoolClient", "GetUserPoolMfaConfig")),
            (bool(config.default_group), ("AdminAddUserToGroup",)),
            (config.registration == "admin", REGISTERING),
            (any(provider.name != OWN_DIRECTORY for provider in config.providers), CONNECTING),
            (config.auth_flow == "ADMIN_USER_PASSWORD_AUTH", ("AdminInitiateAuth", "AdminRespondToAuthChallenge")),
        ]
        found = {f"cognito-idp:{action}" for wanted, actions in needed if wanted for action in actions}
        # Newcomers who have nothing but a number get the code of this site's own by a text message.
        texts = config.registration == "admin" and config.sign_in_with.contact is NameKind.PHONE
        return frozenset(found | ({"sns:Publish"} if texts else set()))


# What COGNITO_REGISTRATION=admin takes, and the template's parameter Administration=on allows.
REGISTERING = ("AdminCreateUser", "AdminSetUserPassword", "AdminGetUser", "AdminDeleteUser")
# What connected accounts take, and the template allows where the pool has providers.
CONNECTING = ("AdminDisableProviderForUser", "AdminLinkProviderForUser")
ADMINISTERING = frozenset(
    f"cognito-idp:{action}"
    for action in (
        "AdminAddUserToGroup",
        "AdminConfirmSignUp",
        "AdminCreateUser",
        "AdminDeleteSoftwareToken",
        "AdminDeleteUser",
        "AdminDisableUser",
        "AdminEnableUser",
        "AdminGetUser",
        "AdminGetUserAuthFactors",
        "AdminListGroupsForUser",
        "AdminListUserAuthEvents",
        "AdminRemoveUserFromGroup",
        "AdminResetUserPassword",
        "AdminSetUserMFAPreference",
        "AdminUpdateUserAttributes",
        "AdminUserGlobalSignOut",
        "CreateGroup",
        "DeleteGroup",
        "GetGroup",
        "ListGroups",
        "ListUsers",
        "ListUsersInGroup",
        "UpdateGroup",
    )
)
# What no site needs, and what whoever steals the key would want most.
DANGEROUS = frozenset(
    {
        "cognito-idp:AdminAddUserToGroup",
        "cognito-idp:AdminLinkProviderForUser",
        "cognito-idp:AdminSetUserPassword",
        "cognito-idp:CreateUserPoolClient",
        "cognito-idp:DeleteUserPool",
        "cognito-idp:SetUserPoolMfaConfig",
        "cognito-idp:UpdateUserPool",
        "cognito-idp:UpdateUserPoolClient",
        "iam:AttachUserPolicy",
        "iam:CreateAccessKey",
        "s3:ListAllMyBuckets",
    }
)


def live_sessions() -> int:
    """Return how many sessions there are that are not over."""
    return Session.objects.filter(expire_date__gt=timezone.now()).count()
