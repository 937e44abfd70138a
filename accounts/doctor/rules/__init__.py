"""The rules, by subject. Importing this package registers them all."""

from accounts.doctor.rules import (
    attributes,
    factors,
    identity_pools,
    messages,
    oauth,
    people,
    place,
    protection,
    providers,
    quotas,
    rights,
    signing_in,
    tokens,
)

__all__ = [
    "attributes",
    "factors",
    "identity_pools",
    "messages",
    "oauth",
    "people",
    "place",
    "protection",
    "providers",
    "quotas",
    "rights",
    "signing_in",
    "tokens",
]
