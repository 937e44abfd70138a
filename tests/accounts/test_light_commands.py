"""A management command that talks to nobody loads nothing that is there for talking to AWS."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAVY = {"boto3", "botocore", "cryptography", "jwt", "requests", "segno", "tqdm", "ua_parser", "yaml"}
CHECK = """
import sys
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "check"])
print(*{name.partition(".")[0] for name in sys.modules})
"""


def test_the_checks_load_no_heavy_package() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-c", CHECK]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    assert HEAVY & {*done.stdout.split()} == set()
