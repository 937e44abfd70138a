"""The web server has as many threads as the site is told (bounds who may wait for strangers)."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytest_django import Settings

ROOT = Path(__file__).resolve().parents[2]


def threads_in_force(*options: str, **variables: str) -> str:
    """Return how many threads gunicorn says it would have."""
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "config.wsgi", "--print-config", *options]
    env = {**os.environ, **variables}
    shown = subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True).stdout
    found = re.search(r"^threads\s*= (\d+)$", shown, re.MULTILINE)
    assert found, shown
    return found.group(1)


def test_gunicorn_has_as_many_threads_as_the_environment_says() -> None:
    assert threads_in_force(WEB_THREADS="7") == "7"
    assert threads_in_force(WEB_THREADS="") == "24"


def test_the_command_line_wins() -> None:
    assert threads_in_force("--threads", "5", WEB_THREADS="7") == "5"


def test_the_site_is_told_the_number_in_force(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_THREADS", "24")
    settings.WEB_THREADS = 24
    configuration = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    configuration["on_starting"](SimpleNamespace(cfg=SimpleNamespace(threads=5)))
    assert os.environ["WEB_THREADS"] == "5"
    # Where the site is loaded before gunicorn starts.
    assert settings.WEB_THREADS == 5
