"""Whether the app client lets people sign in as the site does it, and tells strangers nothing."""

from accounts.cognito.inspected import AppClientSettings, UserPoolSettings
from accounts.doctor.fixes import (
    TEMPLATE,
    Fix,
    aws,
    change_client,
    change_pool,
    setting,
    template,
    template_sets,
)
from accounts.doctor.registry import Finding, rule
from accounts.doctor.site import Site

CHOICES = {"EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"}


def allowing(client: AppClientSettings, flow: str) -> list[str]:
    """Return the client's flows and ``flow``."""
    return sorted(client.flows | {flow})


def forbidding(client: AppClientSettings, flow: str) -> list[str]:
    """Return the client's flows without ``flow``. None at all would be AWS's default ones, so one is left."""
    return sorted(client.flows - {flow}) or ["ALLOW_USER_SRP_AUTH"]


@rule("E101", "Every sign-in fails.")
def flow_is_allowed(site: Site, client: AppClientSettings) -> Finding | None:
    """The app client allows the flow of COGNITO_AUTH_FLOW."""
    needed = f"ALLOW_{site.config.auth_flow}"
    if needed in client.flows:
        return None
    words = template("AdminPasswordAuth=on") if "ADMIN" in needed else template_sets("ExplicitAuthFlows")
    return Finding(
        f"COGNITO_AUTH_FLOW is {site.config.auth_flow}, and ExplicitAuthFlows of the app client has no {needed}.",
        change_client(client, words, ExplicitAuthFlows=allowing(client, needed)),
    )


@rule(
    "W102",
    "Whoever knows the client's id may begin a sign-in of this kind, and answer its questions in tries that "
    "Cognito does not count.",
)
def custom_flow_has_a_trigger(client: AppClientSettings, pool: UserPoolSettings) -> Finding | None:
    """ALLOW_CUSTOM_AUTH is on only where a Lambda trigger defines the challenges."""
    if "ALLOW_CUSTOM_AUTH" not in client.flows or "DefineAuthChallenge" in pool.triggers:
        return None
    return Finding(
        "ExplicitAuthFlows of the app client has ALLOW_CUSTOM_AUTH, and no trigger defines a challenge.",
        change_client(client, ExplicitAuthFlows=forbidding(client, "ALLOW_CUSTOM_AUTH")),
    )


@rule("I103", "A stolen AWS key of the site could try passwords past the limits that Cognito keeps for public calls.")
def admin_flow_is_used(site: Site, client: AppClientSettings) -> Finding | None:
    """ALLOW_ADMIN_USER_PASSWORD_AUTH is on only where COGNITO_AUTH_FLOW uses it."""
    flow = "ALLOW_ADMIN_USER_PASSWORD_AUTH"
    if flow not in client.flows or site.config.auth_flow == flow.removeprefix("ALLOW_"):
        return None
    return Finding(
        f"COGNITO_AUTH_FLOW is {site.config.auth_flow}, and ExplicitAuthFlows of the app client has {flow}.",
        change_client(client, template("AdminPasswordAuth=off"), ExplicitAuthFlows=forbidding(client, flow)),
    )


@rule("E104", "Strangers who ask Cognito directly learn who has an account, past everything the site levels.")
def existence_is_hidden(client: AppClientSettings) -> Finding | None:
    """PreventUserExistenceErrors of the app client is ENABLED.

    AWS's default is LEGACY.
    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html
    """
    if client.user_existence_errors == "ENABLED":
        return None
    return Finding(
        f"PreventUserExistenceErrors of the app client is {client.user_existence_errors}.",
        change_client(client, template_sets("PreventUserExistenceErrors"), PreventUserExistenceErrors="ENABLED"),
    )


@rule("W105", "Somebody who waits for a mailed code has to sign in again, though the page still asks for the code.")
def challenges_live_long_enough(site: Site, client: AppClientSettings) -> Finding | None:
    """A challenge lives as long at Cognito as the site keeps it.

    AuthSessionValidity is 3 minutes unless set, 15 at most:
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html
    """
    minutes, ours = client.challenge_seconds // 60, site.challenge_seconds // 60
    if minutes >= ours:
        return None
    return Finding(
        f"AuthSessionValidity of the app client is {minutes} minutes, and the site keeps a challenge for {ours}.",
        change_client(client, template_sets("AuthSessionValidity"), AuthSessionValidity=ours),
    )


def its_secret(site: Site, client: AppClientSettings) -> Fix:
    """Return the fix that sets the client's own secret, which the command prints to whoever runs it."""
    config = site.config
    told = aws(
        "cognito-idp",
        "describe-user-pool-client",
        "Set COGNITO_CLIENT_SECRET to the ClientSecret that the command prints.",
        region=config.region,
        user_pool_id=config.user_pool_id,
        client_id=client.id,
    )
    return Fix(words=told.words, command=f"{told.command} --query=UserPoolClient.ClientSecret")


@rule("E106", "Cognito refuses every call: a client with a secret wants it proved.")
def secret_is_set(site: Site, client: AppClientSettings) -> Finding | None:
    """COGNITO_CLIENT_SECRET is set where the app client has a secret."""
    if not client.has_secret or site.config.client_secret:
        return None
    return Finding(
        "COGNITO_CLIENT_SECRET is empty, and the app client has a secret.",
        its_secret(site, client),
    )


@rule("E107", "Cognito refuses every call: it cannot check a secret that the client does not have.")
def secret_is_the_clients(site: Site, client: AppClientSettings) -> Finding | None:
    """COGNITO_CLIENT_SECRET is empty where the app client has no secret."""
    if client.has_secret or not site.config.client_secret:
        return None
    return Finding(
        "COGNITO_CLIENT_SECRET is set, and the app client has no secret.", setting("COGNITO_CLIENT_SECRET", "")
    )


@rule("W108", "If it is not the client's second secret, Cognito refuses every call.")
def secret_is_right(site: Site, client: AppClientSettings) -> Finding | None:
    """COGNITO_CLIENT_SECRET is the one that DescribeUserPoolClient tells."""
    if client.secret_matches or not client.has_secret or not site.config.client_secret:
        return None
    return Finding(
        "COGNITO_CLIENT_SECRET is not the secret that DescribeUserPoolClient tells.",
        its_secret(site, client),
    )


@rule("E109", "The site remembers no device, so those who signed in with one cannot refresh and are out after an hour.")
def no_device_is_remembered(pool: UserPoolSettings) -> Finding | None:
    """The pool remembers no devices.

    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-device-tracking.html
    """
    if not pool.remembers_devices:
        return None
    return Finding(
        "DeviceConfiguration of the pool is set: devices are tracked.",
        change_pool(pool, f"Deploy {TEMPLATE}, which has no DeviceConfiguration.", DeviceConfiguration=None),
    )


@rule("E110", "Nobody can use the passkey or the mailed code that the pool allows.")
def choice_is_allowed(client: AppClientSettings, pool: UserPoolSettings) -> Finding | None:
    """ALLOW_USER_AUTH is on where the pool lets people sign in with something else than a password."""
    choices = sorted(pool.first_factors & CHOICES)
    if not choices or "ALLOW_USER_AUTH" in client.flows:
        return None
    return Finding(
        f"AllowedFirstAuthFactors of the pool has {', '.join(choices)}, and ExplicitAuthFlows of the app client has no "
        "ALLOW_USER_AUTH.",
        change_client(
            client, template_sets("ExplicitAuthFlows"), ExplicitAuthFlows=allowing(client, "ALLOW_USER_AUTH")
        ),
    )


@rule(
    "E111", "Cognito answers FeatureUnavailableInTierException to choice-based sign-in and to refresh token rotation."
)
def tier_is_enough(pool: UserPoolSettings) -> Finding | None:
    """The pool's feature plan is ESSENTIALS or PLUS.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-sign-in-feature-plans.html
    """
    if pool.tier != "LITE":
        return None
    return Finding(
        "UserPoolTier of the pool is LITE.",
        change_pool(pool, template_sets("UserPoolTier"), UserPoolTier="ESSENTIALS"),
    )
