from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import environ
import pytest

from infra import env_file
from infra.errors import Misused, Refused

POOL = {"COGNITO_USER_POOL_ID": "eu-west-1_abc"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "site.env"


def test_a_new_file_is_its_owners_only(path: Path) -> None:
    env_file.merge(path, {**POOL, "COGNITO_CLIENT_SECRET": "s3cret"})
    assert path.read_text() == "COGNITO_USER_POOL_ID='eu-west-1_abc'\nCOGNITO_CLIENT_SECRET='s3cret'\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_others_could_read_is_its_owners_only_afterwards(path: Path) -> None:
    path.write_text("DEBUG=off\n")
    path.chmod(0o644)
    env_file.merge(path, POOL)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_values_are_set_where_they_stand_and_the_other_lines_stay(path: Path) -> None:
    path.write_text(
        "# Django\nSECRET_KEY=abc\n\n  export AWS_REGION = us-east-1\nEMAIL_URL='smtp://x'\nAWS_REGION=twice"
    )
    env_file.merge(path, {"AWS_REGION": "eu-west-1", **POOL})
    assert path.read_text() == (
        "# Django\nSECRET_KEY=abc\n\nexport AWS_REGION='eu-west-1'\nEMAIL_URL='smtp://x'\nCOGNITO_USER_POOL_ID='eu-west-1_abc'\n"
    )


def test_what_a_shell_exports_it_exports_afterwards(path: Path) -> None:
    path.write_text("export AWS_REGION=us-east-1\n")
    env_file.merge(path, {"AWS_REGION": "eu-west-1"})
    printed = subprocess.run(
        ["sh", "-c", '. "$0"; env', path], capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]}
    )
    assert "AWS_REGION=eu-west-1" in printed.stdout.splitlines()


def test_what_is_written_beside_export_is_what_the_site_reads(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SITE_URL", raising=False)
    path.write_text("  export   SITE_URL=http://old\n")
    env_file.merge(path, {"SITE_URL": "https://new"})
    environ.Env.read_env(path, overwrite=True)
    assert os.environ["SITE_URL"] == "https://new"


def test_a_comment_and_a_longer_name_are_no_value(path: Path) -> None:
    path.write_text("# AWS_REGION=\nAWS_REGION_NAME=x\n")
    env_file.merge(path, {"AWS_REGION": "eu-west-1"})
    assert path.read_text() == "# AWS_REGION=\nAWS_REGION_NAME=x\nAWS_REGION='eu-west-1'\n"


@pytest.mark.parametrize("value", ["", "https://a.example.com:8443", "a#b c", "a$b", "ümläut"])
def test_what_is_written_is_what_the_site_reads(path: Path, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SITE_URL", raising=False)
    env_file.merge(path, {"SITE_URL": value})
    environ.Env.read_env(path, overwrite=True)
    assert os.environ["SITE_URL"] == value


@pytest.mark.parametrize("value", ["a'b", 'a"b', "a\\b", "a\nb", "$a"])
def test_a_value_that_could_be_read_as_another_is_refused_and_not_shown(path: Path, value: str) -> None:
    with pytest.raises(Refused, match="COGNITO_CLIENT_SECRET") as refused:
        env_file.merge(path, {"COGNITO_CLIENT_SECRET": value})
    assert value not in str(refused.value)
    assert not path.exists()


def test_a_link_is_refused(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.write_text("DEBUG=off\n")
    path.symlink_to(target)
    with pytest.raises(Misused, match="no plain file"):
        env_file.merge(path, POOL)
    assert target.read_text() == "DEBUG=off\n"


def test_a_link_to_nowhere_is_refused(path: Path, tmp_path: Path) -> None:
    path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(Misused, match="no plain file"):
        env_file.merge(path, POOL)
    assert not (tmp_path / "nowhere").exists()


def test_a_directory_is_refused(path: Path) -> None:
    path.mkdir()
    with pytest.raises(Misused, match="no plain file"):
        env_file.merge(path, POOL)


def test_a_place_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misused, match="Nothing can be written in"):
        env_file.merge(tmp_path / "no" / "site.env", POOL)


def test_a_file_that_is_no_text_is_refused(path: Path) -> None:
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(Misused, match="cannot be read"):
        env_file.merge(path, POOL)
    assert path.read_bytes() == b"\xff\xfe"


@pytest.mark.parametrize(
    "line", ["COGNITO_USER_POOL_ID=eu-west-1_other", " export COGNITO_USER_POOL_ID='eu-west-1_other'"]
)
def test_a_file_of_another_pool_is_left_as_it_is(path: Path, line: str) -> None:
    path.write_text(f"{line}\n")
    with pytest.raises(Refused, match="is for the pool eu-west-1_other, and this stack has eu-west-1_abc"):
        env_file.merge(path, POOL)
    assert path.read_text() == f"{line}\n"


def test_a_file_of_a_pool_is_refused_before_another_is_made(path: Path) -> None:
    path.write_text("COGNITO_USER_POOL_ID=eu-west-1_other\n")
    with pytest.raises(Refused, match="has one of its own"):
        env_file.refuse_another_pool(path, "")


@pytest.mark.parametrize(
    "line", ["COGNITO_USER_POOL_ID=", "COGNITO_USER_POOL_ID=''", "COGNITO_USER_POOL_ID=eu-west-1_abc"]
)
def test_a_file_of_no_pool_or_of_this_one_is_taken(path: Path, line: str) -> None:
    path.write_text(f"{line}\n")
    env_file.merge(path, POOL)
    assert path.read_text() == "COGNITO_USER_POOL_ID='eu-west-1_abc'\n"


def test_a_file_that_cannot_be_replaced_stays_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text("DEBUG=off\n")

    def full(_descriptor: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Refused, match="No space left"):
        env_file.merge(path, POOL)
    assert path.read_text() == "DEBUG=off\n"
    assert list(path.parent.iterdir()) == [path]
