"""What this site keeps of a person, as they get it when they ask for it."""

from typing import Any

from accounts import activity, awaited, browser
from accounts.cognito.results import Described
from accounts.kept_passkeys import KeptPasskey
from accounts.models import Session, User


def connected(described: Described) -> list[dict[str, Any]]:
    """Return who the person is to outside providers, as Cognito keeps it."""
    return [
        {"provider": identity.provider, "user_id": identity.user_id, "since": identity.since}
        for identity in described.identities
    ]


def kept_here(user: User) -> dict[str, Any]:
    """Return what the database holds of ``user``; nothing in it opens the account, and nothing is about others."""
    return {
        "site": {
            "joined": user.date_joined,
            "last_sign_in": user.last_login,
            "groups": user.cognito_groups,
        },
        "awaiting_code": {name: waiting.value for name, waiting in awaited.of(user).items()},
        "sessions": [
            {
                "signed_in": session.created_at,
                "last_seen": session.last_seen_at,
                "ip_address": session.ip_address,
                "browser": browser.name(session.user_agent),
            }
            for session in Session.objects.filter(user=user).defer("tokens", "unverified_tokens", "session_data")
        ],
        "passkeys": [
            {
                "name": passkey.label,
                "added": passkey.created_at,
                "last_used": passkey.used_at,
                "last_used_with": browser.name(passkey.used_with) if passkey.used_with else "",
            }
            for passkey in KeptPasskey.objects.filter(user=user).order_by("pk")
        ],
        "activity": activity.data(user),
    }
