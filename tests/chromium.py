"""Where Chromium is, for what drives one."""

from __future__ import annotations

import os
from pathlib import Path

# The one without windows takes half the time.
PLACES = (os.environ.get("CHROMIUM", ""), "/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
CHROMIUM = next((place for place in PLACES if place and Path(place).exists()), "")  # "" for none
