"""A web worker from its start: one line of JSON with the CPU seconds of its first sign-in and of later ones (median).

Run as ``python -m benchmarks.worker``: it is asked for the page with the form, as any worker is before the form comes
back, and warms up beside that. ``python -m benchmarks.worker cold``: the form comes at once, and nothing is warmed.
"""

import json
import sys
import threading
import time
from statistics import median

from django.core.signals import request_started

from accounts import warm_up
from benchmarks.project import Project, sign_in
from config import wsgi

LATER = 30


def wait_until_warm() -> None:
    """Wait for the thread that warms up, if it still runs."""
    for thread in threading.enumerate():
        if thread.name == "warm-up":
            thread.join(20)


def timed(project: Project) -> float:
    """Return the CPU seconds of one sign-in."""
    start = time.process_time()
    sign_in(project)
    return time.process_time() - start


def measure(*, cold: bool) -> dict[str, float]:
    """Return what one worker needs."""
    project = Project.serving(wsgi.application)
    if cold:
        request_started.disconnect(warm_up.start)
    else:
        project.get("/login/")
        wait_until_warm()
    first = timed(project)
    return {"first": first, "later": median(timed(project) for _ in range(LATER))}


if __name__ == "__main__":
    print(json.dumps(measure(cold="cold" in sys.argv)))
