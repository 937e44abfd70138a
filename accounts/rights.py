"""Which rights follow from somebody's groups at Cognito, and who holds the highest."""

from collections.abc import Collection
from dataclasses import dataclass

from accounts import conf
from accounts.models import User


@dataclass(frozen=True, slots=True)
class Rights:
    """May enter the administration; may do everything there."""

    is_staff: bool = False
    is_superuser: bool = False


def of_groups(names: Collection[str]) -> Rights:
    """Return the rights of a member of the groups ``names``: those that COGNITO_STAFF_GROUP and its sister name.

    A superuser is staff as well. Every other group grants nothing, and nobody is a member of the group called nothing.
    """
    superuser = is_member(names, conf.config().superuser_group)
    return Rights(superuser or is_member(names, conf.config().staff_group), superuser)


def is_member(names: Collection[str], group: str) -> bool:
    """Whether ``group`` is among ``names``, and is a group of the pool's own."""
    return bool(group) and group in names and not is_of_provider(group)


def is_of_provider(group: str) -> bool:
    """Whether Cognito made ``group`` for people of an outside provider, which decides who is in it.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-identity-federation.html
    """
    return group.startswith(f"{conf.config().user_pool_id}_")


def is_last_superuser(user: User) -> bool:
    """Whether ``user`` is a superuser, and nobody else of the pool is one who may come in.

    As last seen: whoever left the group at Cognito counts until their next sign-in, refresh or synchronisation.
    Superusers of this database alone do not count: LOCAL_SUPERUSERS is for an emergency, and ends with it.
    """
    if not user.is_superuser or user.issuer != conf.config().issuer:
        return False
    others = User.objects.filter(is_superuser=True, is_active=True, issuer=user.issuer).exclude(pk=user.pk)
    return not others.exists()
