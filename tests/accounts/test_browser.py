"""What browsers and devices are called on the pages."""

from __future__ import annotations

import pytest

from accounts import browser

WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
CHROMIUM = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0"
NAMES = {
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {WEBKIT} Version/18.1 Mobile/15E148 Safari/604.1": (
        "Safari on iPhone"
    ),
    f"Mozilla/5.0 (iPad; CPU OS 17_1 like Mac OS X) {WEBKIT} Version/17.1 Mobile/15E148 Safari/604.1": "Safari on iPad",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {WEBKIT} CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1": (
        "Chrome on iPhone"
    ),
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {WEBKIT} FxiOS/132.0 Mobile/15E148 Safari/604.1": (
        "Firefox on iPhone"
    ),
    f"Mozilla/5.0 (Linux; Android 10; K) {CHROMIUM} Mobile Safari/537.36": "Chrome on Android",
    "Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0": "Firefox on Android",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {CHROMIUM} Safari/537.36": "Chrome on macOS",
    f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {CHROMIUM} Safari/537.36": "Chrome on ChromeOS",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROMIUM} Safari/537.36 Edg/131.0.0.0": "Edge on Windows",
    "curl/8.5.0": "curl",
    "": "Unknown browser",
}
PHONES = {"Safari on iPhone", "Chrome on iPhone", "Firefox on iPhone", "Chrome on Android", "Firefox on Android"}


@pytest.mark.parametrize(("user_agent", "said"), NAMES.items(), ids=NAMES.values())
def test_a_device_is_called_what_its_owner_calls_it(user_agent: str, said: str) -> None:
    assert browser.name(user_agent) == said


@pytest.mark.parametrize(("user_agent", "said"), NAMES.items(), ids=NAMES.values())
def test_a_tablet_is_no_phone(user_agent: str, said: str) -> None:
    assert browser.is_phone(user_agent) is (said in PHONES)
