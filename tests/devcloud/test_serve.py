from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devcloud import serve
from devcloud.errors import CannotStart
from devcloud.ports import free_port
from devcloud.settings import Settings
from devcloud.start import LocalAWS
from tests.devcloud.conftest import clients


def test_only_the_owner_may_read_what_it_keeps(local_aws: LocalAWS) -> None:
    directory = local_aws.settings.directory
    paths = [directory, local_aws.settings.site_env, *directory.rglob("*")]
    assert {local_aws.settings.root_env, local_aws.settings.staff_env, local_aws.settings.state} < set(paths)
    open_to_others = [path for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert open_to_others == []


def test_another_release_of_ministack_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda _name: "1.5.34")
    with pytest.raises(CannotStart, match=r"MiniStack 1\.5\.34 is installed.*requirements-local\.txt"):
        serve.check_packages()


def test_a_missing_cryptography_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(CannotStart, match=r"cryptography is not installed.*requirements-local\.txt"):
        serve.check_packages()


def test_a_taken_port_is_named_with_the_way_out(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"Port {port} is taken.*DEVCLOUD_PORT="):
            LocalAWS.start(tmp_path / "devcloud", port=port)
    assert not (tmp_path / "devcloud").exists()


def test_two_do_not_keep_their_state_in_one_directory(local_aws: LocalAWS, capfd: pytest.CaptureFixture[str]) -> None:
    address = local_aws.settings.root_env.read_text()
    with pytest.raises(CannotStart):
        LocalAWS.start(local_aws.settings.directory)
    assert "Another local AWS runs on" in capfd.readouterr().err
    assert local_aws.settings.root_env.read_text() == address


def test_what_is_left_of_one_that_was_killed_holds_nobody(tmp_path: Path) -> None:
    first = LocalAWS.start(tmp_path / "devcloud")
    os.kill(first.pid, signal.SIGKILL)
    with LocalAWS.start(tmp_path / "devcloud") as second:
        assert second.exit_status() is None
    first.stop()


@pytest.mark.parametrize("name", ["root.env", "state/cognito.json"])
def test_a_half_written_file_is_named_with_the_way_out(tmp_path: Path, name: str) -> None:
    settings = Settings(tmp_path / "devcloud")
    serve.prepare_directory(settings)
    (settings.directory / name).write_text('{"__ministack_format__": 3, "payl')
    with pytest.raises(CannotStart, match=r"cannot be read.*Delete that directory"):
        serve.check_state(settings)


def test_every_file_of_variables_names_the_port_of_now(tmp_path: Path) -> None:
    ports = [free_port(), free_port()]
    keys = []
    for port in ports:
        with LocalAWS.start(tmp_path / "devcloud", port=port) as local_aws:
            keys.append(local_aws.root_env["AWS_SECRET_ACCESS_KEY"])
            clients(local_aws.root_env)("cognito-idp").list_user_pools(MaxResults=1)
    assert keys[0] == keys[1]
    written = [path.read_text() for path in tmp_path.rglob("*.env")]
    assert len(written) == 3
    assert [str(ports[0]) in text for text in written] == [False, False, False]


def test_the_command_says_what_is_wrong_without_a_traceback(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "devcloud")
    serve.prepare_directory(settings)
    settings.root_env.write_text("AWS_ACCESS_KEY_ID='half")
    command = [sys.executable, "-m", "devcloud", "serve", "--dir", str(settings.directory), "--port", str(free_port())]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "Delete that directory" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_callers_aws_configuration_stays_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "mine")
    monkeypatch.setenv("AWS_PROFILE", "mine")
    settings = Settings(tmp_path / "devcloud")
    serve.prepare_directory(settings)
    assert "mine" not in serve.environment(settings).values()


def test_it_ends_when_the_process_that_started_it_is_killed(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, signal, sys; from devcloud.start import LocalAWS;"
        "started = LocalAWS.start(pathlib.Path(sys.argv[1])); print(started.pid, flush=True);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "devcloud")], stdout=subprocess.PIPE, text=True, check=False
    )
    assert ended.returncode == -9
    pid = int(ended.stdout)
    while runs(pid):
        time.sleep(0.01)


def runs(pid: int) -> bool:
    """Return whether the process runs; one that has ended and waits to be collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2]
    except FileNotFoundError:
        return False
    return not state.startswith("Z")
