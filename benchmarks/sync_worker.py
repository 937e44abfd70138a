"""A process that synchronises: one line of JSON with the most bytes it took while all were new, and while none were.

Run as ``python -m benchmarks.sync_worker 100000``, with the number of people.
"""

import json
import re
import sys
from pathlib import Path

import django
from django.core.management import call_command

from benchmarks import cognito


def most_bytes() -> int:
    """Return the most memory this process has had. What getrusage() says may be its parent's.

    https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
    """
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 if found else 0


def forget_most() -> None:
    """Have the most memory counted from now on."""
    Path("/proc/self/clear_refs").write_text("5")


def measure(people: int) -> dict[str, int]:
    """Return the most bytes of a run that adds everybody, and of one that finds nothing to do."""
    call_command("migrate", verbosity=0)
    cognito.counted(people=people)
    found = {}
    for kind in ("new", "known"):
        forget_most()
        call_command("sync_users", verbosity=0, stdout=sys.stderr)
        found[kind] = most_bytes()
    return found


if __name__ == "__main__":
    django.setup()
    print(json.dumps(measure(int(sys.argv[1]))))
