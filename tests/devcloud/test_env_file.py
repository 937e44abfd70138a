from __future__ import annotations

import stat
from pathlib import Path

import environ
import pytest

from devcloud import env_file
from devcloud.errors import UnreadableEnvFile


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    variables = {"SECRET": "a+b/c=d#e f", "EMPTY": "", "PORT": "8000"}
    env_file.write(tmp_path / "env", variables)
    assert env_file.read(tmp_path / "env") == variables


def test_the_site_reads_what_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environ.Env, "ENVIRON", {})
    env_file.write(tmp_path / "env", {"LATCHKEY_TEST_VALUE": "a+b/c=d#e f"})
    environ.Env.read_env(tmp_path / "env")
    assert environ.Env()("LATCHKEY_TEST_VALUE") == "a+b/c=d#e f"


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "env"
    path.touch(mode=0o644)
    env_file.write(path, {"SECRET": "x"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("value", ["it's", 'say "x"', "two\nlines", "$OTHER", "back\\slash"])
def test_a_value_that_would_be_read_differently_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(ValueError, match="NAME"):
        env_file.write(tmp_path / "env", {"NAME": value})
    assert not (tmp_path / "env").exists()


def test_a_half_written_line_is_refused_with_its_number(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("GOOD='1'\nBROKEN='abc\n")
    with pytest.raises(UnreadableEnvFile, match="line 2"):
        env_file.read(tmp_path / "env")


def test_a_missing_file_holds_nothing(tmp_path: Path) -> None:
    assert env_file.read(tmp_path / "env") == {}
