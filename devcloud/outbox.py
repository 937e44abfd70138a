"""Every mail and text message the local AWS sends, one JSON object a line."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

_BLOCKS = frozenset({"br", "div", "h1", "h2", "h3", "li", "p", "tr"})


def deliver(outbox: Path, *, to: str, subject: str, body: str, kind: str) -> None:
    """Append one message to ``outbox`` as a JSON line with the keys ``at``, ``to``, ``subject``, ``body`` and ``kind``.

    ``at`` is the time of sending in ISO 8601, UTC. ``body`` may be HTML, as mails of Cognito are; what is written is
    the text its reader sees. ``kind`` names why it was sent: "sign-up code", "reset code", "invitation", "sign-in
    code", "attribute code", "text message". Raises OSError when the file cannot be written.
    """
    message = {
        "at": datetime.now(UTC).isoformat(),
        "to": to,
        "subject": subject,
        "body": as_read(body),
        "kind": kind,
    }
    line = json.dumps(message, ensure_ascii=False) + "\n"
    descriptor = os.open(outbox, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # One write to a file opened for appending: two senders never mix their lines.
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


def as_read(body: str) -> str:
    """Return the text a mail program shows for ``body``, which is HTML when it has a tag in it."""
    if re.search(r"<[a-zA-Z/][^>]*>", body) is None:
        return body
    reader = _Reader(convert_charrefs=True)
    reader.feed(body)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    """Collects the text of an HTML mail, a line for each block."""

    def __init__(self, *, convert_charrefs: bool) -> None:
        super().__init__(convert_charrefs=convert_charrefs)
        self._lines = [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self._lines.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._lines.append("")

    def handle_data(self, data: str) -> None:
        self._lines[-1] += re.sub(r"\s+", " ", data)

    def text(self) -> str:
        return "\n".join(line.strip() for line in self._lines if line.strip())
