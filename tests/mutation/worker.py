"""Runs tests against one mutant after the other, in a copy of the project: `python -m tests.mutation.worker`.

Each mutant gets a fork of this process, which has everything loaded that is not the project's and keeps the one local
AWS that all of them use. Jobs come as lines of JSON, and so do the answers.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import socket
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

import pytest

from devcloud.settings import HOST
from devcloud.start import LocalAWS

# What nearly every test loads, and what no mutant changes. Not the project's, and nothing that wants settings.
HEAVY = (
    "boto3", "botocore.httpsession", "botocore.stub", "cryptography.fernet",
    "cryptography.hazmat.primitives.asymmetric.rsa",
    "django.contrib.admin.sites", "django.core.management", "django.db.models", "django.forms", "django.test",
    "django.template.defaulttags", "django.views.debug", "environ", "hypothesis", "jwt", "pytest_django.plugin",
    "pytest_playwright.pytest_playwright", "pytest_timeout", "requests", "segno", "time_machine", "ua_parser",
    "webauthn", "whitenoise", "xdist.plugin",
)  # fmt: skip
# Nobody reads what an assertion says, so pytest need not rewrite any.
OPTIONS = ("-x", "-q", "--no-header", "--assert=plain", "-p", "no:cacheprovider", "--timeout", "60")
LOOK_AGAIN_SECONDS = 0.01


class Shared:
    """The plugin that hands tests the running local AWS instead of starting one, and keeps which test failed."""

    def __init__(self, local_aws: LocalAWS, site_door: socket.socket, failed: Path) -> None:
        self.values = {"local_aws": local_aws, "site_door": site_door}
        self.failed = failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> object:
        value = self.values.get(fixturedef.argname)
        if value is not None:
            fixturedef.cached_result = (value, fixturedef.cache_key(request), None)
        return value

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            with self.failed.open("a") as failed:
                failed.write(f"{report.nodeid}\n")


class Worker:
    """One local AWS, and the forks that use it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.site_door = socket.create_server((HOST, 0))
        self.started = self.tried = 0
        self.local_aws = self.start()

    def start(self) -> LocalAWS:
        """Start a local AWS with nothing in it."""
        self.started += 1
        directory = self.directory / f"devcloud-{self.started}"
        return LocalAWS.start(directory, origin=f"http://localhost:{self.site_door.getsockname()[1]}", saves=False)

    def run(self, tests: list[str], seconds: float, *, options: tuple[str, ...] = OPTIONS) -> tuple[str, list[str]]:
        """Run `tests`; return "survived", "killed" or "timeout", and those that failed."""
        failed = self.directory / "failed"
        failed.write_text("")
        process = os.fork()
        if process == 0:
            self.become_pytest([*options, *tests], failed)
        status = waited(process, seconds)
        if status is None:
            # Whatever it was doing to the local AWS was left half done.
            self.local_aws.stop()
            self.local_aws = self.start()
            return "timeout", []
        return ("survived" if status == 0 else "killed"), failed.read_text().split("\n")[:-1]

    def become_pytest(self, arguments: list[str], failed: Path) -> None:
        """Run pytest in this fork, and end it."""
        status = 1
        try:
            os.setsid()
            log = os.open(self.directory / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            for stream in (1, 2):
                os.dup2(log, stream)
            status = int(pytest.main(arguments, plugins=[Shared(self.local_aws, self.site_door, failed)]))
        except BaseException:
            traceback.print_exc()
            raise
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)


def waited(process: int, seconds: float) -> int | None:
    """Return the exit status of `process`, None when it had to be ended after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(LOOK_AGAIN_SECONDS)
    os.killpg(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return None


def main() -> None:
    """Answer each job: `path` and `source` of the mutant (none for the program as it is), `tests`, and `seconds`."""
    for name in HEAVY:
        importlib.import_module(name)
    # The forks need not look through all this for what is no longer used.
    gc.freeze()
    with tempfile.TemporaryDirectory() as directory:
        worker = Worker(Path(directory))
        try:
            for line in sys.stdin:
                print(json.dumps(answer(worker, json.loads(line))), flush=True)
        finally:
            worker.local_aws.stop()


def answer(worker: Worker, job: dict[str, Any]) -> dict[str, Any]:
    """Return the outcome of one job, with the file as it was afterwards."""
    started = time.monotonic()
    if job["path"] is None:
        without_first_failure = OPTIONS[1:]
        outcome, failed = worker.run(job["tests"], job["seconds"], options=without_first_failure)
    else:
        path = Path(job["path"])
        original, times = path.read_bytes(), path.stat()
        path.write_text(job["source"])
        # Compiled files are told apart by the second in which their source was changed: each mutant has its own.
        worker.tried += 1
        os.utime(path, (times.st_atime, times.st_mtime + 60 + worker.tried))
        try:
            outcome, failed = worker.run(job["tests"], job["seconds"])
        finally:
            path.write_bytes(original)
            os.utime(path, (times.st_atime, times.st_mtime))
    return {"outcome": outcome, "failed": failed, "seconds": time.monotonic() - started}


if __name__ == "__main__":
    main()
