"""``manage.py check``, which stands for every command that talks to nobody."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from statistics import median
from typing import Any

from benchmarks import report

PAIRS = 14
GOAL = 1.05
OURS, BARE = "config.settings", "benchmarks.bare_settings"
# What only talking to Cognito, or a page that shows it, needs.
HEAVY = ("boto3", "botocore", "jwt", "cryptography", "requests", "segno", "ua_parser")


def cpu(settings: str) -> float:
    """Return the CPU seconds of a process that runs ``manage.py check`` with ``settings``."""
    command = [sys.executable, "manage.py", "check"]
    variables = {**os.environ, "DJANGO_SETTINGS_MODULE": settings}
    silence = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    process = os.posix_spawn(sys.executable, command, variables, file_actions=silence)
    _, status, usage = os.wait4(process, 0)
    if status:
        raise ChildProcessError(f"manage.py check failed with {settings}")
    return usage.ru_utime + usage.ru_stime


def own_modules() -> dict[str, Any]:
    """Return what :mod:`benchmarks.own_modules` finds."""
    command = [sys.executable, "-m", "benchmarks.own_modules"]
    variables = {**os.environ, "DJANGO_SETTINGS_MODULE": OURS}
    output = subprocess.run(command, env=variables, check=True, capture_output=True, text=True).stdout
    found: dict[str, Any] = json.loads(output.splitlines()[-1])
    return found


def lines() -> Iterator[report.Line]:
    """Compare with the same project without ``accounts``, on Django's own users and their pages.

    A site has pages of its own, and the check loads them all: where the goal is missed by just that, the line says so.
    """
    own = [own_modules() for _ in range(5)][1:]  # the first one compiles what has not been yet
    names = [name for name in HEAVY if name in own[0]["imported"]]
    yield report.counted("heavy packages that manage.py check imports", len(names), ", ".join(names) or "-", 0)
    measured: list[tuple[float, float]] = []
    for turn in range(PAIRS + 1):
        seconds = {settings: cpu(settings) for settings in ((OURS, BARE) if turn % 2 else (BARE, OURS))}
        measured.append((seconds[OURS], seconds[BARE]))
    del measured[0]
    loading = min(found["seconds"] for found in own)
    rest = median((ours - loading) / bare for ours, bare in measured)
    reason = f"loading its {own[0]['modules']} own modules takes {loading * 1000:.0f} ms; the rest is {rest:.3f}"
    yield report.at_most(
        "manage.py check CPU",
        f"{median(ours for ours, _ in measured) * 1000:.0f} ms",
        f"without accounts: {median(bare for _, bare in measured) * 1000:.0f} ms",
        median(ours / bare for ours, bare in measured),
        GOAL,
        reason=reason if rest <= GOAL else "",
    )
