"""The first sign-in of a worker that has just started."""

import json
import subprocess
import sys
from collections.abc import Iterator
from statistics import median

from benchmarks import report

WORKERS = 7


def ratio(*arguments: str) -> tuple[float, float, float]:
    """Return the CPU seconds of a worker's first sign-in and of later ones, and their ratio."""
    command = [sys.executable, "-m", "benchmarks.worker", *arguments]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found["first"], found["later"], found["first"] / found["later"]


def lines() -> Iterator[report.Line]:
    """Compare with later sign-ins of the same worker, and with a worker that was not warmed."""
    cold = median(ratio("cold")[2] for _ in range(3))
    found = [ratio() for _ in range(WORKERS)]
    first, later, times = (median(column) for column in zip(*found, strict=True))
    yield report.at_most(
        "first sign-in of a worker",
        f"{first * 1000:.1f} ms",
        f"later: {later * 1000:.1f} ms; cold: {cold:.0f} times",
        times,
        4.0,
    )
