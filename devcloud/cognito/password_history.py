"""The passwords that a person had before, where the pool forbids to use them again.

MiniStack stores PasswordHistorySize and forgets every password.
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_PasswordPolicyType.html
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from devcloud.cognito.errors import CognitoError
from devcloud.cognito.records import Pool, User


def refuse_former(user_pool: Pool, user: User, password: str) -> None:
    """Raise PasswordHistoryPolicyViolationException for one of the latest PasswordHistorySize passwords."""
    for former in user.get("_former_passwords", [])[: _size(user_pool)]:
        salt, _, known = former.partition("$")
        if hmac.compare_digest(_digest(password, salt), known):
            message = "Password has previously been used"
            raise CognitoError("PasswordHistoryPolicyViolationException", message)


def remember(user_pool: Pool, user: User, password: str) -> None:
    """Add a password that the person has just been given."""
    if _size(user_pool):
        salt = secrets.token_hex(16)
        latest = [f"{salt}${_digest(password, salt)}", *user.get("_former_passwords", [])]
        user["_former_passwords"] = latest[: _size(user_pool)]


def _size(user_pool: Pool) -> int:
    return int(((user_pool.get("Policies") or {}).get("PasswordPolicy") or {}).get("PasswordHistorySize") or 0)


def _digest(password: str, salt: str) -> str:
    return hashlib.scrypt(password.encode(), salt=salt.encode(), n=2**12, r=8, p=1).hex()
