"""What the tests of the pages' states have in common."""

from __future__ import annotations

# Seconds between two codes: longer than the pages in between are looked at, however slow the machine is.
A_WHILE = 600
AWAY = "We can’t reach the service that holds accounts."
