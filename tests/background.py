"""What the site does after it has answered."""

from __future__ import annotations

from accounts import after_answer


def finish() -> None:
    """Wait until what answers left to be done is done."""
    assert [each.flush(10) for each in (after_answer.mails, after_answer.revocations)] == [0, 0]
