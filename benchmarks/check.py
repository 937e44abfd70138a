"""``manage.py check``, which stands for every command that talks to nobody."""

import os
import subprocess
import sys
from collections.abc import Iterator
from statistics import median

from benchmarks import report

PAIRS = 12
# What only talking to Cognito, or a page that shows it, needs.
HEAVY = ("boto3", "botocore", "jwt", "cryptography", "requests", "segno", "ua_parser")
LIST_MODULES = "\n".join(
    (
        "import sys",
        "from django.core.management import execute_from_command_line",
        "execute_from_command_line(['manage.py', 'check'])",
        "print(*sys.modules)",
    )
)


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


def imported() -> list[str]:
    """Return the names in HEAVY that ``manage.py check`` imports."""
    variables = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-c", LIST_MODULES]
    found = subprocess.run(command, env=variables, check=True, capture_output=True, text=True).stdout.split()
    return [name for name in HEAVY if name in found]


def lines() -> Iterator[report.Line]:
    """Compare with the same project without ``accounts``, on Django's own users."""
    names = imported()
    yield report.counted("heavy packages that manage.py check imports", len(names), ", ".join(names) or "-", 0)
    measured: list[tuple[float, float]] = []
    for turn in range(PAIRS + 1):
        order = ["config.settings", "benchmarks.bare_settings"]
        seconds = {settings: cpu(settings) for settings in (order if turn % 2 else order[::-1])}
        measured.append((seconds["config.settings"], seconds["benchmarks.bare_settings"]))
    del measured[0]  # compiles what has not been yet
    yield report.at_most(
        "manage.py check CPU",
        f"{median(ours for ours, _ in measured) * 1000:.0f} ms",
        f"without accounts: {median(bare for _, bare in measured) * 1000:.0f} ms",
        median(ours / bare for ours, bare in measured),
        1.05,
    )
