"""Who somebody is to outside providers: what the pool keeps of it in the attribute ``identities``.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-identity-federation-consolidate-users.html
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

MOST_LINKED = 5  # identities of outside providers that Cognito links to one profile
# What the API calls the pool itself among the providers, and what it calls the name of somebody at theirs.
OF_THE_POOL = "Cognito"
SUBJECT = "Cognito_Subject"


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody at a provider: ``user_id`` is the provider's own name for them.

    ``primary`` is the one that the profile began with, which cannot be taken from it. ``since`` is when it was linked,
    or the profile made; None where the pool does not say.
    """

    provider: str
    user_id: str = field(repr=False)
    primary: bool = False
    since: datetime | None = None

    def is_same(self, other: "Identity") -> bool:
        """Whether both are the same person at the same provider."""
        return (self.provider, self.user_id) == (other.provider, other.user_id)


def identities(text: str) -> tuple[Identity, ...]:
    """Return the identities in ``text``, the attribute's JSON; what makes no sense in it is left out."""
    try:
        entries = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return ()
    made = (identity(entry) for entry in entries) if isinstance(entries, list) else ()
    return tuple(found for found in made if found)


def identity(entry: Any) -> Identity | None:
    """Return the identity that ``entry`` describes, None for something else. Cognito writes what is true as text, too.

    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html
    """
    values = entry if isinstance(entry, dict) else {}
    provider, user_id = values.get("providerName"), values.get("userId")
    if not isinstance(provider, str) or not isinstance(user_id, str) or not provider or not user_id:
        return None
    return Identity(provider, user_id, values.get("primary") in (True, "true"), moment(values.get("dateCreated")))


def moment(milliseconds: object) -> datetime | None:
    """Return the moment that is so many milliseconds after the epoch, None for what is no such number."""
    try:
        return datetime.fromtimestamp(int(str(milliseconds)) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def profile_identity(username: str, found: Iterable[Identity]) -> Identity:
    """Return what the profile called ``username`` began as: somebody of a provider, or else of the pool itself."""
    return next((known for known in found if known.primary), Identity(OF_THE_POOL, username, primary=True))
