"""Two ways of doing the same, measured side by side.

The machine is shared and its speed changes from second to second, so nothing is compared across time: short blocks of
both ways follow each other, A B then B A, and what counts is the median of the ratios of each pair. CPU is the time of
this whole process, all threads (time.process_time).
"""

import gc
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True)
class Way:
    """One way of doing it. ``do`` does it once; each block of them runs inside a fresh ``within()``."""

    do: Callable[[], object]
    within: Callable[[], AbstractContextManager[object]] = field(default=nullcontext)

    def block(self, size: int) -> float:
        """Return the CPU seconds of doing it ``size`` times."""
        with self.within():
            start = time.process_time()
            for _ in range(size):
                self.do()
            return time.process_time() - start


@dataclass(frozen=True)
class Comparison:
    """CPU microseconds of one doing, the two ways, and the ratio (medians)."""

    ours: float
    reference: float
    ratio: float


def compare(ours: Way, reference: Way, *, pairs: int, size: int) -> Comparison:
    """Return how ``ours`` compares with ``reference`` over ``pairs`` pairs of blocks of ``size``."""
    for way in (ours, reference):
        way.block(size)
    # What lives for good by now need not be walked through again by each collection.
    gc.collect()
    gc.freeze()
    measured: list[tuple[float, float]] = []
    for turn in range(pairs):
        if turn % 2:
            second = reference.block(size)
            first = ours.block(size)
        else:
            first = ours.block(size)
            second = reference.block(size)
        measured.append((first / size * 1e6, second / size * 1e6))
    gc.unfreeze()
    return Comparison(
        ours=median(first for first, _ in measured),
        reference=median(second for _, second in measured),
        ratio=median(first / second for first, second in measured),
    )
