from __future__ import annotations

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from devcloud.ports import free_port
from devcloud.run import parameters
from devcloud.runserver import is_news
from devcloud.start import LocalAWS


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which `run` touches nothing but free ports and a directory of its own."""
    return {
        # Nothing else from outside: the tests' own settings are in the environment too.
        "PATH": os.environ["PATH"],
        "PORT": str(free_port()),
        "DEVCLOUD_PORT": str(free_port()),
        "PROVIDER_PORT": str(free_port()),
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


PORTS = ("PORT", "DEVCLOUD_PORT", "PROVIDER_PORT")


def until_all_are_gone(environment: dict[str, str]) -> None:
    while any(answers(environment[name]) for name in PORTS):
        time.sleep(0.1)


def test_all_it_says_is_where_things_are(running: subprocess.Popen[str], environment: dict[str, str]) -> None:
    site = f"http://localhost:{environment['PORT']}"
    assert re.fullmatch(
        r"Starting the local AWS in \S+\n"
        r"Starting the site\n"
        r"\n"
        rf"  Site    {site}/\n"
        rf"  Inbox   {site}/dev/inbox/   every mail and text message the local AWS sends\n"
        r"  Staff   staff@example\.com   password \S+\n"
        rf"  Other   http://localhost:{environment['PROVIDER_PORT']}/"
        r"   a provider outside the pool, where anybody can be anybody\n"
        r"\n"
        r"  Ctrl-C stops all of it\.\n",
        said_until(running, "Ctrl-C stops all of it"),
    )


def test_what_the_checks_find_is_said(local_aws: LocalAWS) -> None:
    wrong = {"COGNITO_DEFAULT_GROUP": local_aws.env["COGNITO_STAFF_GROUP"], "DEBUG": "on", "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "devcloud.runserver", "runserver", "--noreload", str(free_port())]
    with subprocess.Popen(
        command, env=local_aws.env | wrong, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as ended:
        assert ended.stderr is not None
        assert "accounts.E006" in ended.stderr.read()
    assert ended.returncode == 1


def test_a_change_that_is_loaded_is_said_and_that_changes_are_looked_for_is_not() -> None:
    def record(message: str) -> logging.LogRecord:
        return logging.LogRecord("django.utils.autoreload", logging.INFO, "", 0, message, ("StatReloader",), None)

    assert not is_news(record("Watching for file changes with %s"))
    assert is_news(record("%s changed, reloading."))


def test_nothing_is_left_when_it_is_killed(running: subprocess.Popen[str], environment: dict[str, str]) -> None:
    said_until(running, "Ctrl-C stops all of it")
    running.kill()
    assert running.wait() == -signal.SIGKILL
    until_all_are_gone(environment)


def test_nothing_is_left_when_make_is_killed(tmp_path: Path, environment: dict[str, str]) -> None:
    makefile = tmp_path / "Makefile"
    makefile.write_text(f"run:\n\t@exec {' '.join(command(tmp_path / 'devcloud'))} --with-parent\n")
    make = subprocess.Popen(
        ["make", "-f", str(makefile), "run"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with make:
        said_until(make, "Ctrl-C stops all of it")
        make.kill()
        until_all_are_gone(environment)


def test_make_run_says_that_it_is_to_end_with_make() -> None:
    """The one above has a Makefile of its own, which may not install anything."""
    makefile = Path(__file__).parents[2] / "Makefile"
    assert "\t@exec $(BIN)/python -m devcloud run --with-parent\n" in makefile.read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_command_starts_the_site_and_one_signal_stops_everything(
    running: subprocess.Popen[str], environment: dict[str, str], number: signal.Signals
) -> None:
    said = said_until(running, "Ctrl-C stops all of it")
    site = f"http://localhost:{environment['PORT']}"
    assert re.search(rf"Site\s+{site}/\n", said)
    assert re.search(r"Staff\s+staff@example.com\s+password \S+", said)
    provider = f"http://localhost:{environment['PROVIDER_PORT']}/.well-known/openid-configuration"
    for address in (f"{site}/", f"{site}/dev/inbox/", f"{site}/readyz", provider):
        with urllib.request.urlopen(address) as response:  # noqa: S310
            assert response.status == 200

    running.send_signal(number)
    assert running.wait(timeout=30) == 0
    assert [name for name in PORTS if answers(environment[name])] == []


@pytest.mark.parametrize("name", PORTS)
def test_a_taken_port_is_named_with_the_way_out(tmp_path: Path, environment: dict[str, str], name: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(environment[name])))
        taken.listen()
        ended = subprocess.run(
            command(tmp_path / "devcloud"), env=environment, capture_output=True, text=True, check=False
        )
    assert ended.returncode == 1
    assert re.fullmatch(rf"Port {environment[name]} is taken.* make run {name}=\d+\n", ended.stderr)


@pytest.mark.parametrize("name", PORTS)
def test_a_port_that_is_no_number_is_named(tmp_path: Path, environment: dict[str, str], name: str) -> None:
    ended = subprocess.run(
        command(tmp_path / "devcloud"), env=environment | {name: "http"}, capture_output=True, text=True, check=False
    )
    assert ended.returncode != 0
    assert "'http'" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(("said", "deployed"), [("", "self"), ("admin", "admin"), ("closed", "closed")])
def test_the_pool_is_deployed_for_the_sites_way_of_registering(said: str, deployed: str) -> None:
    assert parameters({"COGNITO_REGISTRATION": said} if said else {}) == {"Registration": deployed}
