"""How many threads of a process may sleep or wait for a stranger at one time, whatever for.

A refusal is held back so that its time tells nothing, a form sent twice waits for its twin, a try waits for those that
came just before it. Each takes a thread, and threads are what a server has few of: whoever finds no place is told so at
once, before Cognito is asked, and the other threads go on serving.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ClassVar

from django.conf import settings
from django.http import HttpRequest

from accounts import known_browser

RETRY_AFTER = 2  # seconds


class Busy(Exception):
    """No place is free: as many threads wait as are allowed to. Nothing was tried or counted."""


class Places:
    """The places that are taken: how many of strangers', and by whom those that only signed-in people may have."""

    lock = threading.Lock()
    taken = 0
    people: ClassVar[set[int]] = set()


_has_place: ContextVar[bool] = ContextVar("has_place", default=False)


def most() -> int:
    """Return how many places there are: two thirds of WEB_THREADS, and at least one."""
    return max(1, int(settings.WEB_THREADS) * 2 // 3)


def most_people() -> int:
    """Return how many places signed-in people have besides: a sixth of WEB_THREADS, and at least one."""
    return max(1, int(settings.WEB_THREADS) // 6)


@contextmanager
def place(request: HttpRequest, name: str) -> Iterator[None]:
    """Hold a place for as long as the block takes; whoever holds one takes no other. Raises Busy.

    A browser that has signed ``name`` in before needs none, and whoever is signed in has one besides those of
    strangers: they cannot take its turn.
    """
    if _has_place.get() or known_browser.of(request, name) is not None:
        yield
        return
    user = getattr(request, "user", None)
    person = take(user.pk if user is not None and user.is_authenticated else None)
    token = _has_place.set(True)
    try:
        yield
    finally:
        _has_place.reset(token)
        give_back(person)


def take(person: int | None) -> int | None:
    """Take a place for ``person``, None for a stranger; return whose it is, None for one of strangers'. Raises Busy.

    One person has one place of those for people, so that nobody takes them all.
    """
    with Places.lock:
        if person is not None and person not in Places.people and len(Places.people) < most_people():
            Places.people.add(person)
            return person
        if Places.taken >= most():
            raise Busy
        Places.taken += 1
        return None


def give_back(person: int | None) -> None:
    """Give back the place that :func:`take` returned."""
    with Places.lock:
        if person is None:
            Places.taken -= 1
        else:
            Places.people.remove(person)
