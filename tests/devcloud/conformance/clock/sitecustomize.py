"""Lets a test move the clock of the local AWS: Python runs this before the server, which then reads the time from here.

The file named by CONFORMANCE_CLOCK holds by how many seconds the server's `time.time` is ahead.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

_real_time = time.time
_offset = os.environ.get("CONFORMANCE_CLOCK")

if _offset:
    _file = Path(_offset)
    time.time = lambda: _real_time() + float(_file.read_text())
