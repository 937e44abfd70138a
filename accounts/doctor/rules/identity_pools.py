"""Identity pools that give AWS credentials for this pool's tokens.

https://docs.aws.amazon.com/cognito/latest/developerguide/security-best-practices-identity-pools.html
"""

from collections.abc import Callable

from accounts.cognito.inspected import IdentityPool
from accounts.doctor.fixes import by_hand
from accounts.doctor.registry import Finding, rule


def found(
    pools: tuple[IdentityPool, ...], is_wrong: Callable[[IdentityPool], bool], said: str, change: str
) -> Finding | None:
    """Return the finding that ``said`` is so of those of ``pools`` that are wrong."""
    names = [f"{pool.name} ({pool.id})".strip() for pool in pools if is_wrong(pool)]
    if not names:
        return None
    words = f"aws cognito-identity update-identity-pool with all the pool has now and {change}."
    return Finding(f"{said} for the identity pool {', '.join(names)}.", by_hand(words))


@rule("E801", "Anybody on the internet gets AWS credentials of the role for strangers.")
def strangers_get_no_credentials(identity_pools: tuple[IdentityPool, ...]) -> Finding | None:
    """No identity pool of this app client gives credentials to strangers."""
    return found(
        identity_pools,
        lambda pool: pool.lets_strangers_in,
        "AllowUnauthenticatedIdentities is on",
        "--no-allow-unauthenticated-identities",
    )


@rule("W802", "People choose the role and write the policy of their credentials themselves.")
def roles_are_not_chosen_by_people(identity_pools: tuple[IdentityPool, ...]) -> Finding | None:
    """No identity pool of this app client allows the classic flow.

    https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html
    """
    return found(identity_pools, lambda pool: pool.classic_flow, "AllowClassicFlow is on", "--no-allow-classic-flow")


@rule("W803", "Somebody who was signed out or disabled still gets AWS credentials until the ID token expires.")
def credentials_end_with_the_session(identity_pools: tuple[IdentityPool, ...]) -> Finding | None:
    """Identity pools of this app client ask the user pool whether a token still counts (ServerSideTokenCheck).

    https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_CognitoIdentityProvider.html; off unless set.
    """
    return found(
        identity_pools,
        lambda pool: not pool.checks_tokens,
        "ServerSideTokenCheck is off",
        "ServerSideTokenCheck=true in --cognito-identity-providers",
    )
