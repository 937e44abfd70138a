from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from devcloud.serve import environment, prepare_directory
from devcloud.settings import Settings
from devcloud.start import LocalAWS
from tests.devcloud.conftest import clients


def jwks(local_aws: LocalAWS) -> bytes:
    with urllib.request.urlopen(local_aws.env["COGNITO_JWKS_URL"]) as response:  # noqa: S310
        content: bytes = response.read()
    return content


def end(local_aws: LocalAWS, number: signal.Signals) -> None:
    os.kill(local_aws.pid, number)
    while local_aws.exit_status() is None:
        time.sleep(0.01)


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[LocalAWS]:
    """Return a local AWS that may be killed."""
    with LocalAWS.start(tmp_path / "devcloud") as started:
        yield started


def test_a_kill_loses_nothing_that_was_answered(victim: LocalAWS) -> None:
    pool_id, keys = victim.env["COGNITO_USER_POOL_ID"], jwks(victim)
    cognito = clients(victim.root_env)("cognito-idp")
    cognito.admin_create_user(UserPoolId=pool_id, Username="last@example.com", MessageAction="SUPPRESS")
    end(victim, signal.SIGKILL)

    with LocalAWS.start(victim.settings.directory, port=victim.settings.port) as again:
        assert again.env == victim.env
        assert jwks(again) == keys
        cognito.admin_get_user(UserPoolId=pool_id, Username="last@example.com")
        clients(again.env)("cognito-idp").describe_user_pool(UserPoolId=pool_id)


def test_a_kill_loses_none_of_many_changes_made_at_once(victim: LocalAWS) -> None:
    iam = clients(victim.root_env)("iam")
    for number in range(30):
        iam.create_group(GroupName=f"group-{number}")
    end(victim, signal.SIGKILL)

    with LocalAWS.start(victim.settings.directory, port=victim.settings.port):
        names = {group["GroupName"] for group in iam.list_groups()["Groups"]}
    assert names == {f"group-{number}" for number in range(30)}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_stop_ends_it_cleanly_with_its_state_saved(victim: LocalAWS, number: signal.Signals) -> None:
    s3 = clients(victim.root_env)("s3")
    s3.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    end(victim, number)
    assert victim.exit_status() == 0

    with LocalAWS.start(victim.settings.directory, port=victim.settings.port):
        assert "kept" in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]


def test_a_read_writes_nothing(victim: LocalAWS) -> None:
    pool_id, state = victim.env["COGNITO_USER_POOL_ID"], victim.settings.state / "cognito.json"
    before = state.stat().st_mtime_ns
    cognito = clients(victim.root_env)("cognito-idp")
    cognito.list_users(UserPoolId=pool_id)
    cognito.describe_user_pool(UserPoolId=pool_id)
    cognito.admin_get_user(UserPoolId=pool_id, Username="staff@example.com")
    assert state.stat().st_mtime_ns == before


def test_every_part_of_ministacks_cognito_state_is_saved(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "devcloud")
    prepare_directory(settings)
    compare = (
        "from ministack.services import cognito; from devcloud import saving;"
        "assert set(saving.cognito_state()) == set(cognito.get_state())"
    )
    subprocess.run([sys.executable, "-c", compare], check=True, env=environment(settings))
