"""What strangers who flood a real web server with forms do to everybody else's requests."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import report
from devcloud.ports import free_port

THREADS, CONNECTIONS = 24, 32
# Forms a second, of all connections together: many times what a site of this size is sent by people, and little enough
# that the machine could answer it. What comes back of wrong passwords is refusals, each half a second late.
RATE = 16
SECONDS, ROUNDS = 4.0, 4
# Between two health checks, in seconds: some 1 500 of each kind in all, so that p99 is not the two slowest of them.
PAUSE = 0.01
GOAL = 3.0
NAMES = {"refused": "refused sign-ins", "repeated": "repeated posts"}


@contextmanager
def server() -> Iterator[int]:
    """Run gunicorn with the site, as in production but for https, and yield its port."""
    port = free_port()
    variables = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SITE_URL": "http://localhost",
        "TRUSTED_PROXIES": "1",
        "WEB_THREADS": str(THREADS),
    }
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen([*command, "--log-level", "critical"], env=variables, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def wait_for(port: int) -> None:
    """Return when the server at ``port`` answers. Raises TimeoutError when it does not within a minute."""
    for _ in range(120):
        try:
            latencies(port, 0.2)
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise TimeoutError(port)


def latencies(port: int, seconds: float) -> list[float]:
    """Return how long ``/livez`` took each time, asked a hundred times a second at most for so long."""
    connection, found = http.client.HTTPConnection("127.0.0.1", port, timeout=30), []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        start = time.perf_counter()
        connection.request("GET", "/livez", headers={"Host": "localhost", "X-Forwarded-Proto": "http"})
        connection.getresponse().read()
        found.append(time.perf_counter() - start)
        time.sleep(PAUSE)
    connection.close()
    return found


def p99(values: list[float]) -> float:
    """Return what 99 of 100 ``values`` do not exceed."""
    return sorted(values)[int(len(values) * 0.99)]


@contextmanager
def flood(port: int, kind: str) -> Iterator[None]:
    """Have strangers send forms of ``kind`` while the block runs, and a little longer."""
    numbers = [str(number) for number in (port, kind, SECONDS + 2, CONNECTIONS, RATE)]
    command = [sys.executable, "-m", "benchmarks.strangers_load", *numbers]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        time.sleep(1)
        yield
    finally:
        process.wait(60)


def lines() -> Iterator[report.Line]:
    """Compare the slowest hundredth of health checks under a flood with quiet times between the floods."""
    with server() as port:
        for kind, name in NAMES.items():
            quiet, busy = [], []
            for _ in range(ROUNDS):
                quiet += latencies(port, SECONDS)
                with flood(port, kind):
                    busy += latencies(port, SECONDS)
            yield report.at_most(
                f"/livez p99, {RATE}/s {name} on {CONNECTIONS} connections",
                f"{p99(busy) * 1000:.1f} ms",
                f"quiet: {p99(quiet) * 1000:.1f} ms, {THREADS} threads",
                p99(busy) / p99(quiet),
                GOAL,
            )
