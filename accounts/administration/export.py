"""What is kept of a person, here and at Cognito, for somebody who asks for it and cannot fetch it themselves."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any, TypeVar

from accounts import activity, conf, personal_data
from accounts.administration.acting import find
from accounts.audit import Kind
from accounts.cognito.errors import CognitoError, lacks_operation
from accounts.context import Context
from accounts.models import User

MOST_EVENTS = 10_000  # of Cognito's own history, which it keeps on the Plus plan
NOT_ON_THIS_PLAN = {"UserPoolAddOnNotEnabledException", "FeatureUnavailableInTierException"}

Told = TypeVar("Told")


def export(user: User, *, by: User | None, context: Context) -> dict[str, Any]:
    """Return what Cognito and this site keep of ``user``; nothing in it opens the account. It is recorded.

    Raises ActRefused for somebody whom Cognito does not know any more, Unavailable, Misconfigured.
    """
    data = {"account": kept_at_cognito(user), **(personal_data.kept_here(user) if user.pk else {})}
    activity.write(Kind.DATA_DOWNLOADED, user, by=by, context=context)
    return data


def kept_at_cognito(user: User) -> dict[str, Any]:
    """Return what Cognito tells of ``user``: attributes, state, factors, groups, and its own history where it has one.

    Passkeys it tells to nobody but the person.
    """
    directory = conf.directory()
    person = directory.get(find(user).username)
    ways_in = unless_lacking(lambda: directory.first_factors(person.username))
    events = unless_lacking(lambda: directory.auth_events(person.username, MOST_EVENTS))
    return {
        "username": person.username,
        "sub": person.sub,
        "status": person.status,
        "enabled": person.enabled,
        "created": person.created_at,
        "changed": person.changed_at,
        "attributes": dict(person.attributes),
        "factors": person.factors,
        "connected_accounts": personal_data.connected(person),
        "groups": directory.groups_of(person.username),
        "signs_in_with": sorted(ways_in),
        "events": [asdict(event) for event in events],
    }


def unless_lacking(ask: Callable[[], Iterable[Told]]) -> Iterable[Told]:
    """Return what ``ask`` does, and nothing where the pool's plan, or the server, has no such thing."""
    try:
        return ask()
    except CognitoError as error:
        if error.code in NOT_ON_THIS_PLAN or lacks_operation(error):
            return ()
        raise
