"""How often something may be tried, counted before Cognito is called.

Cognito has budgets of its own per person and hour, and an attacker who spends them locks the owner out; ours answer
first. Counts are kept in Django's cache, shared between processes where that is Redis, from the first try of a key on.
"""

import contextlib
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.cache import cache
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts import client_address
from accounts.cognito.errors import Unavailable

logger = logging.getLogger(__name__)

# Where counts go while the cache is down: every process then has the whole budget, which is better than none having
# any and better than nobody counting.
fallback = LocMemCache("limits-fallback", {})


class LimitExceeded(Exception):
    """Tried too often; ``retry_after`` seconds from now it may be tried again."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


@dataclass(frozen=True)
class Limit:
    """At most ``most`` in ``seconds``, for each different key."""

    name: str
    most: int
    seconds: int

    def charge(self, key: str) -> None:
        """Count one for ``key``. Raises LimitExceeded when that is one too many."""
        slot = self._slot(key)
        if self._add(slot, 1) > self.most:
            logger.warning("limit reached", extra={"limit": self.name})
            raise LimitExceeded(self._left(slot))

    def refund(self, key: str) -> None:
        """Take back one charge."""
        self._add(self._slot(key), -1)

    def clear(self, key: str) -> None:
        """Begin to count ``key`` afresh."""
        for where in (cache, fallback):
            with contextlib.suppress(Exception):
                where.delete(self._slot(key))

    def _slot(self, key: str) -> str:
        # What people type never stands in the cache.
        digest = salted_hmac("accounts.limits", key.casefold(), algorithm="sha256").hexdigest()[:32]
        return f"limit:{self.name}:{digest}"

    def _left(self, slot: str) -> int:
        """Return in how many seconds ``slot`` is forgotten."""
        began = None
        with contextlib.suppress(Exception):
            began = cache.get(f"{slot}:began")
        return max(1, began + self.seconds - int(time.time())) if began else self.seconds

    def _add(self, slot: str, amount: int) -> int:
        try:
            return self._add_to(cache, slot, amount)
        except Exception as error:  # noqa: BLE001 -- whatever the cache's client raises
            logger.error("cache unavailable", extra={"error": type(error).__name__})
            return self._add_to(fallback, slot, amount)

    def _add_to(self, where: BaseCache, slot: str, amount: int) -> int:
        try:
            return int(where.incr(slot, amount))
        except ValueError:  # nothing is counted yet, or no longer
            if where.add(slot, max(amount, 0), self.seconds):
                where.set(f"{slot}:began", int(time.time()), self.seconds)
                return amount
        return int(where.incr(slot, amount))


# Per address, generous: an office shares one. Per name, at or below Cognito's own budget for the operation.
# https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
LOGIN_BY_ADDRESS = Limit("login-address", 30, 60)
LOGIN_BY_NAME = Limit("login-name", 5, 300)
OPTIONS_BY_NAME = Limit("options-name", 10, 300)
REGISTER_BY_ADDRESS = Limit("register-address", 20, 60)
REGISTER_BY_NAME = Limit("register-name", 5, 3600)
CODE_BY_ADDRESS = Limit("code-address", 30, 60)
CODE_BY_NAME = Limit("code-name", 15, 3600)
# As many as Cognito takes for one code. It says so only of accounts that exist, so it must not come to that.
GUESSES_BY_NAME = Limit("guesses-name", 5, 1200)
RESEND_BY_ADDRESS = Limit("resend-address", 20, 60)
RESEND_BY_NAME = Limit("resend-name", 5, 3600)
FORGOT_BY_NAME = Limit("forgot-name", 5, 3600)
CHALLENGE_BY_NAME = Limit("challenge-name", 10, 300)
PASSWORD_BY_USER = Limit("password-user", 5, 3600)
FACTOR_BY_USER = Limit("factor-user", 20, 3600)


def charge(request: HttpRequest, by_address: Limit, by_name: Limit, name: str) -> None:
    """Count a try against the address of ``request`` and against ``name``. Raises LimitExceeded."""
    by_address.charge(client_address.ip_address(request) or "")
    by_name.charge(name)


def charge_guess(request: HttpRequest, name: str) -> None:
    """Count a guess at the code that was mailed to ``name``. Raises LimitExceeded."""
    charge(request, CODE_BY_ADDRESS, CODE_BY_NAME, name)
    GUESSES_BY_NAME.charge(name)


def refund(request: HttpRequest, by_address: Limit, by_name: Limit, name: str) -> None:
    """Take back one :func:`charge`."""
    by_address.refund(client_address.ip_address(request) or "")
    by_name.refund(name)


@contextmanager
def charged(request: HttpRequest, by_address: Limit, by_name: Limit, name: str) -> Iterator[None]:
    """Charge before the block, and take that very charge back when nothing was guessed wrong: only failures count.

    Earlier failures stay counted after a success, or one good account would buy endless guesses at others.
    """
    charge(request, by_address, by_name, name)
    try:
        yield
    except Unavailable:
        refund(request, by_address, by_name, name)
        raise
    refund(request, by_address, by_name, name)
