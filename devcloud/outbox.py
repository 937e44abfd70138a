"""Every mail and text message the local AWS sends, one JSON object a line."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path


def deliver(outbox: Path, *, to: str, subject: str, body: str, kind: str) -> None:
    """Append one message to `outbox` as a JSON line with the keys `at`, `to`, `subject`, `body` and `kind`.

    `at` is the time of sending in ISO 8601, UTC. `kind` names why it was sent: "sign-up code", "reset code",
    "invitation", "sign-in code", "attribute code", "text message". Raises OSError when the file cannot be written.
    """
    message = {"at": datetime.now(UTC).isoformat(), "to": to, "subject": subject, "body": body, "kind": kind}
    line = json.dumps(message, ensure_ascii=False) + "\n"
    descriptor = os.open(outbox, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # One write to a file opened for appending: two senders never mix their lines.
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)
