"""How two ways are compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from benchmarks.measuring import Way, compare


class Clock:
    """CPU time that passes only when something is done."""

    def __init__(self) -> None:
        self.now = 0.0

    def taking(self, *seconds: float) -> Callable[[], None]:
        """Return something that takes these times in turn, the last one ever after."""
        times = list(seconds)

        def do() -> None:
            self.now += times.pop(0) if len(times) > 1 else times[0]

        return do


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "process_time", lambda: clock.now)
    return clock


def test_the_ratio_is_ours_to_the_reference(clock: Clock) -> None:
    found = compare(Way(clock.taking(0.003)), Way(clock.taking(0.002)), pairs=4, size=5)
    assert (found.ours, found.reference, found.ratio) == pytest.approx((3000, 2000, 1.5))


def test_one_slow_block_does_not_count(clock: Clock) -> None:
    slow_once = clock.taking(0.001, 9.0, 0.001)
    assert compare(Way(slow_once), Way(clock.taking(0.001)), pairs=5, size=1).ratio == pytest.approx(1.0)


def test_a_ratio_above_its_goal_is_measured_again_and_every_pair_counts(clock: Clock) -> None:
    slow_at_first = clock.taking(*[9.0] * 6, 0.001)
    found = compare(Way(slow_at_first), Way(clock.taking(0.001)), pairs=5, size=1, goal=1.1)
    assert found.ratio == pytest.approx(1.0)


def test_a_ratio_that_stays_above_its_goal_is_reported_as_it_is(clock: Clock) -> None:
    found = compare(Way(clock.taking(0.002)), Way(clock.taking(0.001)), pairs=2, size=1, goal=1.1)
    assert found.ratio == pytest.approx(2.0)


def test_entering_a_block_takes_no_measured_time(clock: Clock) -> None:
    @contextmanager
    def slow_to_enter() -> Iterator[None]:
        clock.now += 5
        yield
        clock.now += 5

    found = compare(Way(clock.taking(0.001), slow_to_enter), Way(clock.taking(0.001)), pairs=3, size=2)
    assert found.ratio == pytest.approx(1.0)


def test_the_time_is_the_processors_not_the_clocks() -> None:
    found = compare(Way(lambda: time.sleep(0.02)), Way(lambda: sum(range(20_000))), pairs=3, size=2)
    assert found.ratio < 5
