"""Two ways of doing the same, measured side by side.

The machine is shared and its speed changes from second to second, so nothing is compared across time: short blocks of
both ways follow each other, A B then B A, and what counts is the median of the ratios of each pair. CPU is the time of
this whole process, all threads (time.process_time).
"""

import gc
import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from statistics import median

ROUNDS = 3


def cpu_seconds() -> float:
    """Return the CPU seconds that this process has taken, all threads."""
    return time.process_time()


@dataclass(frozen=True)
class Way:
    """One way of doing it. ``do`` does it once; each block of them runs inside a fresh ``within()``.

    ``clock`` tells the seconds: of CPU, unless what is measured is what another process, a database, has to do.
    """

    do: Callable[[], object]
    within: Callable[[], AbstractContextManager[object]] = field(default=nullcontext)
    clock: Callable[[], float] = cpu_seconds

    def block(self, size: int) -> float:
        """Return the seconds of doing it ``size`` times."""
        with self.within():
            start = self.clock()
            for _ in range(size):
                self.do()
            return self.clock() - start


@dataclass(frozen=True)
class Comparison:
    """CPU microseconds of one doing, the two ways, and the ratio (medians)."""

    ours: float
    reference: float
    ratio: float


def compare(ours: Way, reference: Way, *, pairs: int, size: int, goal: float = math.inf) -> Comparison:
    """Return how ``ours`` compares with ``reference`` over ``pairs`` pairs of blocks of ``size``.

    A ratio above ``goal`` is not taken at its word, for another process may just have been busy: as many pairs are
    measured again, up to ROUNDS times in all, and every one of them counts.
    """
    for way in (ours, reference):
        way.block(size)
    # What lives for good by now need not be walked through again by each collection.
    gc.collect()
    gc.freeze()
    measured: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        measured += [pair(ours, reference, size, swapped=bool(turn % 2)) for turn in range(pairs)]
        if median(first / second for first, second in measured) <= goal:
            break
    gc.unfreeze()
    return Comparison(
        ours=median(first for first, _ in measured) / size * 1e6,
        reference=median(second for _, second in measured) / size * 1e6,
        ratio=median(first / second for first, second in measured),
    )


def pair(ours: Way, reference: Way, size: int, *, swapped: bool) -> tuple[float, float]:
    """Return the CPU seconds of a block of each, ours first in the result and, unless ``swapped``, in time."""
    if swapped:
        second = reference.block(size)
        return ours.block(size), second
    return ours.block(size), reference.block(size)
