"""The measuring itself, in a process with the site set up; `make bench` starts one for each subject."""

import importlib
from typing import Any
from unittest.mock import patch

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from accounts import limits
from accounts.counters import Charge


def endless(limit: limits.Limit, key: str) -> Charge:
    """Return the charge that ``limit`` makes, with no end to how many are taken."""
    return Charge(limits.counter(limit.name, key), limits.BOUNDLESS, limit.seconds)


class Command(BaseCommand):
    """Measure one subject and print its lines. Exits with status 1 when a goal is missed."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name of a module in ``benchmarks``."""
        parser.add_argument("subject")

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure with limits that count as always and never end."""
        call_command("migrate", verbosity=0)
        subject = importlib.import_module(f"benchmarks.{options['subject']}")
        met = True
        with patch.object(limits.Limit, "charge_of", endless):
            for line in subject.lines():
                print(line, flush=True)
                met = met and line.passed
        if not met:
            raise SystemExit(1)
