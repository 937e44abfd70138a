"""The limiter itself: it counts before, gives back after, and keeps counting when the cache is down (R6, F16)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from django.core.cache.backends.locmem import LocMemCache
from django.test import RequestFactory

from accounts import limits
from accounts.limits import Limit, LimitExceeded

LIMIT = Limit("test", 3, 300)


def tries(limit: Limit, key: str, number: int) -> int:
    """Return how many of `number` tries are let through."""
    through = 0
    for _ in range(number):
        try:
            limit.charge(key)
        except LimitExceeded:
            continue
        through += 1
    return through


def test_only_so_many_are_let_through() -> None:
    assert tries(LIMIT, "ada", 10) == 3


def test_another_key_has_a_budget_of_its_own() -> None:
    assert tries(LIMIT, "ada", 10) == 3
    assert tries(LIMIT, "bob", 10) == 3


def test_another_limit_has_a_budget_of_its_own() -> None:
    assert tries(LIMIT, "ada", 10) == 3
    assert tries(Limit("other", 2, 300), "ada", 10) == 2


def test_letter_case_buys_no_more_tries() -> None:
    assert tries(LIMIT, "Ada@Example.com", 2) + tries(LIMIT, "ADA@EXAMPLE.COM", 10) == 3


def test_the_budget_comes_back() -> None:
    with time_machine.travel(1_700_000_000, tick=False) as clock:
        assert tries(LIMIT, "ada", 10) == 3
        clock.shift(301)
        assert tries(LIMIT, "ada", 10) == 3


def test_a_refusal_says_when_to_come_back() -> None:
    with time_machine.travel(1_700_000_100, tick=False):
        assert tries(LIMIT, "ada", 3) == 3
        with pytest.raises(LimitExceeded) as caught:
            LIMIT.charge("ada")
    assert 0 < caught.value.retry_after <= 300


def test_a_success_costs_nothing() -> None:
    request = RequestFactory().get("/")
    for _ in range(10):
        with limits.charged(request, Limit("address", 100, 300), LIMIT, "ada"):
            pass


def test_a_failure_is_not_given_back() -> None:
    request = RequestFactory().get("/")
    for _ in range(3):
        with pytest.raises(KeyError), limits.charged(request, Limit("address", 100, 300), LIMIT, "ada"):
            raise KeyError
    with pytest.raises(LimitExceeded), limits.charged(request, Limit("address", 100, 300), LIMIT, "ada"):
        pytest.fail("the fourth try was let through")


def test_r6_fifty_tries_at_once_are_counted_one_by_one() -> None:
    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(lambda _: tries(LIMIT, "ada", 1), range(50))) == 3


def test_what_was_typed_does_not_stand_in_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = LocMemCache("what-was-typed", {})
    monkeypatch.setattr(limits, "cache", kept)
    LIMIT.charge("canary@example.com")
    assert "limit:test" in str(vars(kept))
    assert "canary" not in str(vars(kept))


class BrokenCache:
    """A cache whose server has gone."""

    def add(self, *_: Any, **__: Any) -> None:
        raise ConnectionError("connection refused")

    incr = add


def test_f16_the_limit_holds_while_the_cache_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    limits.fallback.clear()
    monkeypatch.setattr(limits, "cache", BrokenCache())
    assert tries(LIMIT, "ada", 10) == 3


def test_f16_a_cache_that_is_down_is_logged(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(limits, "cache", BrokenCache())
    LIMIT.charge("ada")
    assert "cache unavailable" in caplog.text
