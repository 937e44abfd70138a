"""The mails of the local AWS, which no other site has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.checked_client import CheckedClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def outbox(tmp_path: Path, settings: Settings) -> Path:
    settings.DEVCLOUD_OUTBOX = tmp_path / "outbox.jsonl"
    return tmp_path / "outbox.jsonl"


def mail(outbox: Path, body: str, to: str = "ada@example.com") -> None:
    message = {"at": "2026-03-05T07:08:09+00:00", "to": to, "subject": "Hello", "body": body, "kind": "sign-up code"}
    with outbox.open("a") as file:
        file.write(json.dumps(message) + "\n")


def test_without_the_local_aws_there_is_no_inbox(client: CheckedClient) -> None:
    assert client.get("/dev/inbox/").status_code == 404
    assert "/dev/inbox/" not in client.get("/").content.decode()


def test_the_code_stands_by_itself(client: CheckedClient, outbox: Path) -> None:
    mail(outbox, "Your code is 123456. It works for 24 hours.")
    page = client.page("/dev/inbox/")
    assert [code.text.strip() for code in page.all("code")] == ["123456"]


def test_the_newest_comes_first(client: CheckedClient, outbox: Path) -> None:
    for number in range(3):
        mail(outbox, f"Message {number}")
    words = client.page("/dev/inbox/").words
    assert words.index("Message 2") < words.index("Message 1") < words.index("Message 0")


def test_without_javascript_a_link_looks_for_new_messages_and_nothing_moves_by_itself(
    client: CheckedClient, outbox: Path
) -> None:
    page = client.page("/dev/inbox/")
    assert page.all("meta", http_equiv="refresh") == []
    assert "Check for new messages" in [link.text for link in page.all("a", href="/dev/inbox/")]


def test_each_message_has_a_key_that_stays(client: CheckedClient, outbox: Path) -> None:
    def keys() -> list[str]:
        return [message["data-message"] for message in client.page("/dev/inbox/").all("article")]

    mail(outbox, "Message 1")
    first = keys()
    mail(outbox, "Message 2")
    assert keys()[1:] == first
    assert len(set(keys())) == 2


def test_an_empty_inbox_says_so(client: CheckedClient, outbox: Path) -> None:
    assert client.page("/dev/inbox/").all("code") == []


def test_a_line_being_written_is_left_out(client: CheckedClient, outbox: Path) -> None:
    mail(outbox, "Message 1")
    with outbox.open("a") as file:
        file.write('{"at": "2026')
    assert "Message 1" in client.page("/dev/inbox/").words


def test_a_mail_cannot_write_the_page(client: CheckedClient, outbox: Path) -> None:
    mail(outbox, "<script>canary()</script>", to='"><img src=x>@example.com')
    content = client.get("/dev/inbox/").content.decode()
    assert "<script>canary" not in content
    assert "<img src=x>" not in content
    assert "canary" in content


def test_the_other_pages_lead_to_it(client: CheckedClient, outbox: Path) -> None:
    assert [link for link in client.page("/login/").all("a") if link["href"] == "/dev/inbox/"]


def test_a_text_message_has_no_subject_and_is_called_by_its_kind(client: CheckedClient, outbox: Path) -> None:
    message = {
        "at": "2026-03-05T07:08:09+00:00",
        "to": "+4915112345678",
        "subject": "",
        "body": "1",
        "kind": "text message",
    }
    outbox.write_text(json.dumps(message) + "\n")
    assert [heading.text for heading in client.page("/dev/inbox/").all("h2")] == ["text message"]
