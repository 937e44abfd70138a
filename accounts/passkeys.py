"""How many passkeys somebody has, and whether they stand for both steps of signing in."""

from accounts import conf, pool
from accounts.cognito.errors import Misconfigured
from accounts.cognito.results import PoolDescription


def count(token: str, described: PoolDescription) -> int:
    """Return how many passkeys the person has; 0 where the pool has none."""
    if not described.passkeys:
        return 0
    try:
        return len(conf.user_account().list_passkeys(token))
    except Misconfigured:
        return 0


def as_both_steps(token: str, *, second_step: bool) -> bool | None:
    """Return what Cognito is to be told: whether the person's passkeys stand for both steps, None for nothing.

    They do where the pool counts them so, the person has one, and there is a ``second_step`` to stand for.
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_WebAuthnMfaSettingsType.html
    """
    described = pool.description()
    if not described.passkeys_satisfy_mfa:
        return None
    return second_step and count(token, described) > 0
