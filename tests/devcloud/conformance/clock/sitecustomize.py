"""Lets a test move the clock of the local AWS: Python runs this before the server, which then reads the time from here.

The file named by CONFORMANCE_CLOCK holds by how many seconds the server's `time.time` is ahead. With a `+` at its end,
every reading is a second later than the one before, so that no two things happen in the same second.
"""

from __future__ import annotations

import itertools
import os
import time
from pathlib import Path

_real_time = time.time
_offset = os.environ.get("CONFORMANCE_CLOCK")

if _offset:
    _file = Path(_offset)
    _readings = itertools.count()

    def _now() -> float:
        offset = _file.read_text()
        ticks = next(_readings) if offset.endswith("+") else 0
        return _real_time() + float(offset.rstrip("+")) + ticks

    time.time = _now
