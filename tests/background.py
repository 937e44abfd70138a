"""What the site does after it has answered."""

from __future__ import annotations

import threading

NAMES = {"taken", "notice", "revoke"}


def finish() -> None:
    """Wait until the threads that answers left behind are done."""
    for thread in threading.enumerate():
        if thread.name in NAMES:
            thread.join(10)
            assert not thread.is_alive(), thread.name
