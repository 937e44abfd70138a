"""The pause that Cognito enforces after wrong passwords and wrong second factors.

MiniStack lets a program guess at full speed. On AWS the fifth miss locks the person out for one second and each further
one for twice as long, up to about 15 minutes; attempts meanwhile are refused unseen and do not count.
https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html, "Lockout behavior".
"""

from __future__ import annotations

import time

from devcloud.cognito.errors import not_authorized
from devcloud.cognito.records import User

FREE_MISSES = 5
LONGEST = 15 * 60


def refuse_when_locked(user: User) -> None:
    """Raise NotAuthorizedException "Password attempts exceeded" while the person is locked out."""
    if time.time() < user.get("_lockout", {}).get("until", 0):
        raise not_authorized("Password attempts exceeded")


def miss(user: User) -> None:
    """Count a wrong password or code, and lock the person out from the fifth on; 15 quiet minutes forget all."""
    now = time.time()
    before = user.get("_lockout", {})
    misses = (before.get("misses", 0) if now - before.get("last", 0) < LONGEST else 0) + 1
    pause = min(2 ** (misses - FREE_MISSES), LONGEST) if misses >= FREE_MISSES else 0
    user["_lockout"] = {"misses": misses, "last": now, "until": now + pause}


def reset(user: User) -> None:
    """Forget every miss, as a successful sign-in does."""
    user.pop("_lockout", None)
