"""How many threads of a process may sleep or wait for a stranger at one time, whatever for.

A refusal is held back so that its time tells nothing, a form sent twice waits for its twin, a try waits for those that
came just before it. Each takes a thread, and threads are what a server has few of: whoever finds no place is told so at
once, before Cognito is asked, and the other threads go on serving.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest

from accounts import known_browser

RETRY_AFTER = 2  # seconds


class Busy(Exception):
    """No place is free: as many threads wait as are allowed to. Nothing was tried or counted."""


class Places:
    """The places that are taken."""

    lock = threading.Lock()
    taken = 0


_has_place: ContextVar[bool] = ContextVar("has_place", default=False)


def most() -> int:
    """Return how many places there are: two thirds of WEB_THREADS, and at least one."""
    return max(1, int(settings.WEB_THREADS) * 2 // 3)


@contextmanager
def place(request: HttpRequest, name: str) -> Iterator[None]:
    """Hold a place for as long as the block takes; whoever holds one takes no other. Raises Busy.

    A browser that has signed ``name`` in before needs none: strangers cannot take its turn.
    """
    if _has_place.get() or known_browser.of(request, name) is not None:
        yield
        return
    with Places.lock:
        if Places.taken >= most():
            raise Busy
        Places.taken += 1
    token = _has_place.set(True)
    try:
        yield
    finally:
        _has_place.reset(token)
        with Places.lock:
            Places.taken -= 1
