from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from devcloud.ports import free_port


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which `run` touches nothing but free ports and a directory of its own."""
    return {
        # Nothing else from outside: the tests' own settings are in the environment too.
        "PATH": os.environ["PATH"],
        "PORT": str(free_port()),
        "DEVCLOUD_PORT": str(free_port()),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
    }


def command(directory: Path) -> list[str]:
    return [sys.executable, "-m", "devcloud", "run", "--dir", str(directory)]


@pytest.fixture
def running(tmp_path: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command(tmp_path / "devcloud"),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with process:
        yield process
        if process.poll() is None:
            process.kill()


def said_until(running: subprocess.Popen[str], last: str) -> str:
    said = ""
    assert running.stdout is not None
    for line in running.stdout:
        said += line
        if last in line:
            return said
    pytest.fail(f"It ended without saying {last!r}:\n{said}")


def answers(port: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_command_starts_the_site_and_one_signal_stops_everything(
    running: subprocess.Popen[str], environment: dict[str, str], number: signal.Signals
) -> None:
    said = said_until(running, "Ctrl-C stops both")
    site = f"http://localhost:{environment['PORT']}"
    assert re.search(rf"Site\s+{site}/\n", said)
    assert re.search(r"Staff\s+staff@example.com\s+password \S+", said)
    for path in ("/", "/dev/inbox/", "/readyz"):
        with urllib.request.urlopen(site + path) as response:  # noqa: S310
            assert response.status == 200

    running.send_signal(number)
    assert running.wait(timeout=30) == 0
    assert not answers(environment["PORT"])
    assert not answers(environment["DEVCLOUD_PORT"])


@pytest.mark.parametrize("name", ["PORT", "DEVCLOUD_PORT"])
def test_a_taken_port_is_named_with_the_way_out(tmp_path: Path, environment: dict[str, str], name: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(environment[name])))
        taken.listen()
        ended = subprocess.run(
            command(tmp_path / "devcloud"), env=environment, capture_output=True, text=True, check=False
        )
    assert ended.returncode == 1
    assert re.fullmatch(rf"Port {environment[name]} is taken.* make run {name}=\d+\n", ended.stderr)


@pytest.mark.parametrize("name", ["PORT", "DEVCLOUD_PORT"])
def test_a_port_that_is_no_number_is_named(tmp_path: Path, environment: dict[str, str], name: str) -> None:
    ended = subprocess.run(
        command(tmp_path / "devcloud"), env=environment | {name: "http"}, capture_output=True, text=True, check=False
    )
    assert ended.returncode != 0
    assert "'http'" in ended.stderr
    assert "Traceback" not in ended.stderr
