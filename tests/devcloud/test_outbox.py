from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from devcloud.outbox import as_read, deliver
from devcloud.start import LocalAWS
from tests.devcloud.conftest import Clients


def test_a_message_is_one_line_with_the_time_it_was_sent(tmp_path: Path) -> None:
    deliver(tmp_path / "outbox", to="a@example.com", subject="Hello", body="one\ntwo", kind="sign-up code")
    message = json.loads((tmp_path / "outbox").read_text().removesuffix("\n"))
    assert datetime.now(UTC) - datetime.fromisoformat(message.pop("at")) < timedelta(minutes=1)
    assert message == {"to": "a@example.com", "subject": "Hello", "body": "one\ntwo", "kind": "sign-up code"}


def test_only_the_owner_may_read_the_outbox(tmp_path: Path) -> None:
    deliver(tmp_path / "outbox", to="a@example.com", subject="", body="", kind="sign-up code")
    assert stat.S_IMODE((tmp_path / "outbox").stat().st_mode) == 0o600


def test_messages_sent_at_once_do_not_mix(tmp_path: Path) -> None:
    def send(number: int) -> None:
        deliver(tmp_path / "outbox", to=f"{number}@example.com", subject="x", body="y" * 5000, kind="sign-up code")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(send, range(100)))
    lines = (tmp_path / "outbox").read_text().splitlines()
    assert {json.loads(line)["to"] for line in lines} == {f"{number}@example.com" for number in range(100)}


def test_an_html_mail_is_kept_as_its_reader_sees_it() -> None:
    assert (
        as_read("<p>Your code is\n<b>123</b></p> <p>Fish &amp; chips</p>Bye") == "Your code is 123\nFish & chips\nBye"
    )


def test_a_plain_mail_is_kept_as_it_is() -> None:
    assert as_read("1 < 2 &amp;\n  > 0") == "1 < 2 &amp;\n  > 0"


def test_an_invitation_reaches_the_outbox(local_aws: LocalAWS, administrator: Clients, pool_id: str) -> None:
    administrator("cognito-idp").admin_create_user(
        UserPoolId=pool_id,
        Username="invited@example.com",
        TemporaryPassword="Temporary-123",
        UserAttributes=[{"Name": "email", "Value": "invited@example.com"}],
        DesiredDeliveryMediums=["EMAIL"],
    )
    last = json.loads(local_aws.settings.outbox.read_text().splitlines()[-1])
    assert (last["to"], last["kind"]) == ("invited@example.com", "invitation")
    assert "Temporary-123" in last["body"]
    assert local_aws.settings.origin in last["body"]
    assert "<" not in last["body"]
