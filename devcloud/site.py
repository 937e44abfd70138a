"""The site as a child process, run as a developer runs it."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from devcloud.errors import CannotStart

ROOT = Path(__file__).parent.parent
START_SECONDS = 60
STOP_SECONDS = 10


class Site:
    """Django's development server on ``port`` of the loopback interface, in the environment ``variables``."""

    def __init__(self, port: int, variables: Mapping[str, str]) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "COGNITO_"))}
        self._port = port
        self._environment = {**inherited, **variables, "DEBUG": "on"}
        self._process: subprocess.Popen[bytes] | None = None

    def migrate(self) -> None:
        """Bring the database up to date; raises CannotStart when that fails."""
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        if subprocess.run(command, cwd=ROOT, env=self._environment, check=False).returncode:
            raise CannotStart("The database could not be migrated. What Django said is above.")

    def start(self) -> None:
        """Start the server and return once it answers; raises CannotStart."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "devcloud.runserver", "runserver", f"localhost:{self._port}"],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.PIPE,  # never written to: that it ends tells the server that we are gone
            start_new_session=True,
        )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None:
                raise CannotStart("The site ended before it was ready. What it said is above.")
            if time.monotonic() > deadline:
                raise CannotStart(f"The site was not ready after {START_SECONDS} seconds.")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop the server and the process that its reloader runs it in, if it was started."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def exit_status(self) -> int | None:
        """Return the exit status of the server, or None while it runs or before it was started."""
        return self._process.poll() if self._process else None

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("localhost", self._port, timeout=10)
        try:
            connection.request("GET", "/livez")
            connection.getresponse()
        except OSError:
            return False
        finally:
            connection.close()
        return True
