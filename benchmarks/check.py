"""``manage.py check``, which stands for every command that talks to nobody."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from benchmarks import report

PAIRS = 14
OURS, BARE = "config.settings", "benchmarks.bare_settings"
# What only talking to Cognito, or a page that shows it, needs.
HEAVY = ("boto3", "botocore", "jwt", "cryptography", "requests", "segno", "ua_parser")


@dataclass(frozen=True)
class Run:
    """One run of the command: its CPU seconds, those that loading our own modules took, how many, and all imports."""

    seconds: float
    loading: float
    modules: int
    imported: frozenset[str]


def run(settings: str) -> Run:
    """Return what a process that runs ``manage.py check`` with ``settings`` needs; see benchmarks.own_modules."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    output = subprocess.run(
        [sys.executable, "-m", "benchmarks.own_modules"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": settings},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = json.loads(output.splitlines()[-1])
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(seconds, found["seconds"], found["modules"], frozenset(found["imported"]))


def lines() -> Iterator[report.Line]:
    """Count heavy packages; tell the CPU beside the same project without ``accounts``, on Django's users and pages.

    That has no goal: a site has pages of its own, and the check loads them all, which is most of the difference.
    """
    runs: list[tuple[Run, Run]] = []
    for turn in range(PAIRS + 1):
        found = {settings: run(settings) for settings in ((OURS, BARE) if turn % 2 else (BARE, OURS))}
        runs.append((found[OURS], found[BARE]))
    del runs[0]  # compiles what has not been yet
    names = [name for name in HEAVY if name in runs[0][0].imported]
    yield report.counted("heavy packages that manage.py check imports", len(names), ", ".join(names) or "-", 0)
    loading = median(ours.loading for ours, _ in runs)
    yield report.told(
        f"manage.py check CPU, {loading * 1000:.0f} ms of it loading {runs[0][0].modules} own modules",
        f"{median(ours.seconds for ours, _ in runs) * 1000:.0f} ms",
        f"without accounts: {median(bare.seconds for _, bare in runs) * 1000:.0f} ms",
        median(ours.seconds / bare.seconds for ours, bare in runs),
    )
