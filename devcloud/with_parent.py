"""Processes that end with the one that started them, however that ended.

Nothing can be done in a process that is killed, so it is its children that watch: the pipe on their standard input
ends with it, on Linux and macOS alike.
"""

from __future__ import annotations

import os
import signal
import sys
import threading


def end_with_standard_input() -> None:
    """End this process and its process group as soon as standard input does; return at once."""
    threading.Thread(target=_end_with_standard_input, name="with-parent", daemon=True).start()


def _end_with_standard_input() -> None:
    # Not through sys.stdin, whose lock a thread that waits would still hold when Python shuts down.
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.killpg(os.getpgrp(), signal.SIGTERM)
