"""``manage.py sync_users``: make the people known here those who are in the pool.

https://docs.djangoproject.com/en/5.2/howto/custom-management-commands/
"""

import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from types import FrameType
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser
from tqdm import tqdm

from accounts import conf, sync
from accounts.cognito.errors import CognitoError
from accounts.management.exit_codes import ExitCode, failure, for_scripts
from accounts.sync.position import Busy
from accounts.sync.report import Difference, Drift, Report
from accounts.sync.run import unseen


class Command(BaseCommand):
    """Fit for cron: one line of what was done, and an exit status. What was done before it was stopped stays done."""

    help = (
        "Compares the people of the user pool with those known here, both ways, and writes what differs: rows, rights, "
        "groups. People who are gone or disabled there lose their sessions. A run that was stopped is gone on with."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add what decides whether anything is written, and how it is told."""
        parser.add_argument("--dry-run", action="store_true", help="Say what differs, person by person; write nothing.")
        parser.add_argument(
            "--check", action="store_true", help="As --dry-run, with exit status 1 if anything differs."
        )
        parser.add_argument("--json", action="store_true", help="Write JSON, one object a line, the totals last.")
        parser.add_argument("--afresh", action="store_true", help="Begin anew even where an earlier run was stopped.")

    def handle(self, *args: Any, dry_run: bool, check: bool, afresh: bool, **options: Any) -> None:
        """Synchronise, and say what was found: the totals, and with --dry-run or ``-v 2`` every person."""
        self.as_json, self.dry_run, self.began_at = options["json"], dry_run or check, time.monotonic()
        one_by_one = self.dry_run or options["verbosity"] > 1
        self.report = Report(self.tell) if one_by_one else Report()
        with for_scripts(), terminated_as_interrupted():
            try:
                with bar(shown=not one_by_one) as progress:
                    sync.synchronise(self.report, dry_run=self.dry_run, afresh=afresh, progress=progress)
            except Busy as busy:
                raise failure(f"Another run is at work{until(busy.until)}.", ExitCode.REFUSED) from busy
            except CognitoError:
                self.total(finished=False)
                raise
            except KeyboardInterrupt:
                self.total(finished=False)
                sys.exit(128 + signal.SIGINT)
        self.total(finished=True)
        if check and self.report.drift.total():
            raise failure("The pool and the database differ.", ExitCode.REFUSED)

    def tell(self, difference: Difference) -> None:
        """Write a line about one person, whom it names by ``sub`` alone."""
        named = {"drift": difference.drift.name.lower(), "sub": difference.sub, "fields": difference.fields}
        self.stdout.write(json.dumps(named) if self.as_json else str(difference))

    def total(self, *, finished: bool) -> None:
        """Write the line that sums up."""
        seconds = time.monotonic() - self.began_at
        if self.as_json:
            how = {"finished": finished, "dry_run": self.dry_run, "seconds": round(seconds, 1)}
            self.stdout.write(json.dumps(self.report.as_dict() | how))
            return
        differing = ", ".join(f"{count} {kind.value}" for kind in Drift if (count := self.report.drift[kind]))
        ended = f" {self.report.sessions} sessions ended." if self.report.sessions else ""
        written = " Nothing was written." if self.dry_run else ended
        text = f"{self.report.people} people compared in {seconds:.0f} s: {differing or 'nothing differs'}.{written}"
        goes_on = "" if self.dry_run else " The next run goes on from there."
        self.stdout.write(text if finished else f"Stopped half-way: {text}{goes_on}")


def until(moment: datetime | None) -> str:
    """Return until when another run is taken to be alive, in words."""
    return f", or was killed: then this works again at {moment:%H:%M:%S} UTC" if moment else ""


@contextmanager
def bar(*, shown: bool) -> Iterator[Callable[[int], object]]:
    """Yield what is told how many people more were met; on a terminal, and if ``shown``, it draws a bar."""
    if not shown or not sys.stderr.isatty():
        yield unseen
        return
    with tqdm(total=conf.directory().estimated_size() or None, unit=" people", file=sys.stderr, leave=False) as drawn:
        yield drawn.update


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """Take SIGTERM for what Ctrl-C is: the run lets go of its lease and says how far it got.

    https://docs.python.org/3/library/signal.html#signal.signal
    """

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
