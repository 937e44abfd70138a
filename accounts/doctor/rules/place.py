"""Whether there is such a pool, and whether the site looks at the right place for it: region, issuer, keys, clock."""

from accounts.cognito.config import LEEWAY
from accounts.cognito.inspected import AppClientSettings, Keys, UserPoolSettings
from accounts.doctor.fixes import Fix, aws, by_hand, setting
from accounts.doctor.registry import Finding, rule
from accounts.doctor.site import Site
from accounts.doctor.snapshot import Unread

GONE = "ResourceNotFoundException"
SIGNING_SKEW = 5 * 60  # seconds; AWS refuses signed requests that are older


@rule("E001", "Nobody can sign in.")
def pool_exists(site: Site, pool: UserPoolSettings | Unread) -> Finding | None:
    """The pool of COGNITO_USER_POOL_ID exists."""
    if not isinstance(pool, Unread) or pool.code != GONE:
        return None
    config = site.config
    return Finding(
        f"COGNITO_USER_POOL_ID: there is no pool {config.user_pool_id} in {config.region} for this AWS key.",
        Fix(
            words="Set COGNITO_USER_POOL_ID to the output UserPoolId of the stack, and AWS_REGION to its region.",
            command=f"aws cognito-idp list-user-pools --max-results 60 --region {config.region}",
        ),
    )


@rule("E002", "Nobody can sign in.")
def client_exists(site: Site, client: AppClientSettings | Unread) -> Finding | None:
    """The app client of COGNITO_CLIENT_ID exists."""
    if not isinstance(client, Unread) or client.code != GONE:
        return None
    config = site.config
    return Finding(
        f"COGNITO_CLIENT_ID: the pool has no app client {config.client_id}.",
        aws(
            "cognito-idp",
            "list-user-pool-clients",
            "Set COGNITO_CLIENT_ID to the output ClientId of the stack.",
            region=config.region,
            user_pool_id=config.user_pool_id,
        ),
    )


@rule("E003", "Calls go to a region that does not know the pool.")
def region_fits(site: Site, pool: UserPoolSettings) -> Finding | None:
    """AWS_REGION is the pool's region."""
    region = pool.id.partition("_")[0]
    if site.config.region == region:
        return None
    return Finding(f"AWS_REGION is {site.config.region}, and the pool's is {region}.", setting("AWS_REGION", region))


@rule("E004", "Every token is refused, so nobody can sign in.")
def issuer_fits(site: Site, pool: UserPoolSettings) -> Finding | None:
    """COGNITO_ISSUER has the form that the pool's tokens have.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_IssuerConfigurationType.html
    """
    prefix = "issuer-cognito-idp" if pool.issuer_type == "UPDATED" else "cognito-idp"
    suffix = "amazonaws.com.cn" if site.config.region.startswith("cn-") else "amazonaws.com"
    issuer = f"https://{prefix}.{pool.id.partition('_')[0]}.{suffix}/{pool.id}"
    # What another server puts into its tokens, only it knows.
    elsewhere = bool(site.config.endpoint_url) and ".amazonaws.com" not in site.config.issuer
    if site.config.issuer == issuer or elsewhere:
        return None
    return Finding(
        f"COGNITO_ISSUER is {site.config.issuer}, and tokens of this pool say {issuer}.",
        setting("COGNITO_ISSUER", issuer),
    )


@rule("E005", "No token can be checked once the keys fetched before are gone.")
def key_set_answers(key_set: Keys) -> Finding | None:
    """The key set at COGNITO_JWKS_URL can be fetched and holds keys."""
    if not key_set.error:
        return None
    return Finding(
        f"COGNITO_JWKS_URL: {key_set.url} {key_set.error}.",
        by_hand("Leave COGNITO_JWKS_URL empty to have it derived, and let the site reach it on port 443."),
    )


@rule("E006", "Whoever holds other keys could sign in as anybody, and Cognito's own tokens are refused.")
def key_set_is_the_pools(key_set: Keys, pools_key_set: Keys) -> Finding | None:
    """The key set at COGNITO_JWKS_URL is the one that the pool publishes."""
    if key_set.error or pools_key_set.error or key_set.keys == pools_key_set.keys:
        return None
    return Finding(
        f"COGNITO_JWKS_URL: the keys at {key_set.url} are not those at {pools_key_set.url}.",
        setting("COGNITO_JWKS_URL", ""),
    )


@rule("E007", "Fresh tokens are refused as not valid yet or not any more, and beyond 5 minutes every signed call is.")
def clock_is_right(key_set: Keys) -> Finding | None:
    """This machine's clock agrees with Cognito's within the leeway that tokens are checked with."""
    if key_set.date is None or key_set.received is None:
        return None
    skew = round((key_set.received - key_set.date).total_seconds())
    if abs(skew) <= LEEWAY:
        return None
    direction = "ahead of" if skew > 0 else "behind"
    beyond = ", so that AWS refuses signed requests" if abs(skew) > SIGNING_SKEW else ""
    return Finding(
        f"The clock of this machine is {abs(skew)} seconds {direction} Cognito's{beyond}.",
        Fix(words="Let NTP set the clock.", command="timedatectl set-ntp true"),
    )
