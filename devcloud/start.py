"""Starts a local AWS as a child process, for ``make run`` and for tests."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

from devcloud import env_file
from devcloud.deploy import deploy
from devcloud.errors import CannotStart
from devcloud.ports import check_port, free_port
from devcloud.serve import check_packages
from devcloud.settings import DEFAULT_ORIGIN, DEFAULT_REGION, HOST, Settings

START_SECONDS = 60
STOP_SECONDS = 15


class LocalAWS(AbstractContextManager["LocalAWS"]):
    """A local AWS in a process of its own, with the site's template deployed.

    ``env`` is the environment the site needs, ``root_env`` the administrator's key. It stops with ``stop()``, at the
    end of a ``with`` block, and when the process that started it ends, however that ends.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.env: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(
        cls,
        directory: Path,
        *,
        port: int | None = None,
        origin: str = DEFAULT_ORIGIN,
        region: str = DEFAULT_REGION,
        parameters: Mapping[str, str] | None = None,
        saves: bool = True,
    ) -> LocalAWS:
        """Start one in ``directory``, on a free port unless told; ``parameters`` go to the template.

        Without ``saves`` its state is written when it stops, and not before each answer.

        Raises CannotStart.
        """
        settings = Settings(directory.resolve(), port or free_port(), origin, region, saves=saves)
        local_aws = cls(settings)
        local_aws.serve()
        try:
            local_aws.env = deploy(local_aws.settings, parameters)
        except BaseException:
            local_aws.stop()
            raise
        return local_aws

    @property
    def root_env(self) -> dict[str, str]:
        """Return the variables of the administrator's key."""
        return env_file.read(self.settings.root_env)

    @property
    def pid(self) -> int:
        """Return the id of the server process."""
        return self._running().pid

    def serve(self) -> None:
        """Start the server process and return once it answers; raises CannotStart."""
        check_packages()
        check_port(self.settings.port, needed_by="the local AWS", variable="DEVCLOUD_PORT")
        options = ["--port", str(self.settings.port), "--dir", str(self.settings.directory)]
        options += ["--origin", self.settings.origin, "--region", self.settings.region, "--with-parent"]
        options += [] if self.settings.saves else ["--no-saving"]
        # A group of its own: the terminal's Ctrl-C goes to us, and we decide what stops when.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "devcloud", "serve", *options],
            stdin=subprocess.PIPE,
            cwd=Path(__file__).parent.parent,
            start_new_session=True,
        )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None:
                self.stop()
                raise CannotStart("The local AWS ended before it was ready. What it said is above.")
            if time.monotonic() > deadline:
                self.stop()
                raise CannotStart(f"The local AWS was not ready after {START_SECONDS} seconds.")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the server process, and wait until it has saved its state and is gone."""
        process = self._running()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin is not None:
            process.stdin.close()

    def exit_status(self) -> int | None:
        """Return the exit status of the server process, or None while it runs."""
        return self._running().poll()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("This local AWS has not been started")
        return self._process

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.settings.port, timeout=5)
        try:
            connection.request("GET", "/_ministack/health")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it at the end of a ``with`` block."""
        self.stop()
