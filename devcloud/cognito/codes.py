"""Codes that people are sent: random, short-lived, counted, and dead once used or replaced.

MiniStack sends everybody 123456 (or 654321 for a password reset), for ever, and lets people guess as often as they
like. https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html has the lifetimes and the hourly limits.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from typing import Any

from devcloud.cognito.errors import CognitoError, code_expired, code_mismatch, limit_exceeded
from devcloud.cognito.records import User

DAY = 24 * 60 * 60
HOUR = 60 * 60
WRONG_CODES = 5
"""Wrong answers a code survives; after them only a new code helps."""


def random_digits(length: int = 6) -> str:
    """Return ``length`` random decimal digits."""
    return f"{secrets.randbelow(10**length):0{length}}"


def digest(code: str, salt: str) -> str:
    """Return what is stored of a code, so that the saved state shows none in clear."""
    return hashlib.sha256(f"{salt}:{code}".encode()).hexdigest()


def sealed(code: str, lifetime: float) -> dict[str, Any]:
    """Return the record of a code that works for ``lifetime`` seconds."""
    salt = secrets.token_hex(16)
    return {"salt": salt, "digest": digest(code, salt), "expires_at": time.time() + lifetime, "misses": 0}


def matches(record: dict[str, Any], code: object) -> bool:
    """Say whether ``code`` is the one in ``record``, taking equally long for every wrong one."""
    return isinstance(code, str) and hmac.compare_digest(digest(code, record["salt"]), record["digest"])


def issue(user: User, purpose: str, lifetime: float) -> str:
    """Return a new code for ``purpose`` that works for ``lifetime`` seconds; the code before it no longer does."""
    code = random_digits()
    user.setdefault("_codes", {})[purpose] = sealed(code, lifetime)
    return code


def check(user: User, purpose: str, code: object) -> None:
    """Accept the person's newest code for ``purpose`` and leave it standing: ``discard`` it when the rest went well.

    Raises ExpiredCodeException without a live code, CodeMismatchException for a wrong one, and after five wrong ones
    TooManyFailedAttemptsException (LimitExceededException where AWS does not list that for the operation).
    """
    record = user.get("_codes", {}).get(purpose)
    if record is None or time.time() >= record["expires_at"]:
        raise code_expired()
    if record["misses"] >= WRONG_CODES:
        if purpose.startswith("attribute"):
            raise limit_exceeded()
        raise CognitoError("TooManyFailedAttemptsException", "Too many failed attempts. Please request a new code.")
    if not matches(record, code):
        record["misses"] += 1
        raise code_mismatch()


def discard(user: User, purpose: str) -> None:
    """Forget the code for ``purpose``."""
    user.get("_codes", {}).pop(purpose, None)


def spend(user: User, budget: str, calls: int) -> None:
    """Count one call against the person's hourly ``budget``; raises LimitExceededException beyond ``calls`` of them.

    https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html, "Quotas on codes".
    """
    now = time.time()
    budgets = user.setdefault("_budgets", {})
    recent = [moment for moment in budgets.get(budget, []) if moment > now - HOUR]
    if len(recent) >= calls:
        raise limit_exceeded()
    budgets[budget] = [*recent, now]
