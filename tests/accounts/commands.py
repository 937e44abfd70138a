"""Runs a command as a shell would: what it writes, and how it ends."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

from django.core.management import CommandError, call_command

from accounts.management.exit_codes import ExitCode


def run(name: str, *arguments: str) -> tuple[ExitCode, str, str]:
    """Return exit code, output and error of a command."""
    said = StringIO()
    try:
        call_command(name, *arguments, stdout=said, stderr=StringIO())
    except CommandError as error:
        return ExitCode(error.returncode), said.getvalue(), str(error)
    return ExitCode.DONE, said.getvalue(), ""


def lines(output: str) -> list[dict[str, Any]]:
    """Return the JSON objects of an output, one a line."""
    return [json.loads(line) for line in output.splitlines()]
