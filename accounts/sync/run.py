"""One run: which pool, how far it has got, what it found, and whether it writes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from accounts.sync.patience import patiently
from accounts.sync.position import Position
from accounts.sync.report import Report

Answer = TypeVar("Answer")


def unseen(_: int) -> None:
    """Show nobody how far the run has got."""


@dataclass
class Run:
    """One run over the pool of ``issuer``. ``progress`` is told how many people more were met."""

    issuer: str
    position: Position
    report: Report
    dry_run: bool = False
    progress: Callable[[int], object] = unseen

    def met(self, people: int) -> None:
        """Count ``people`` that were compared."""
        self.report.people += people
        self.progress(people)

    def ask(self, question: Callable[[], Answer]) -> Answer:
        """Return what Cognito answers to ``question()``, which is waited for; no other run takes over meanwhile.

        Raises Busy where one has, Unavailable, and whatever else ``question`` raises.
        """
        self.position.renew()
        return patiently(question)

    def save(self) -> None:
        """Keep how far the run has got. Raises Busy where another run has taken over."""
        self.position.counts = self.report.as_dict()
        self.position.save()

    def finish(self) -> None:
        """Keep that everything is done. Raises Busy."""
        self.position.counts = self.report.as_dict()
        self.position.finish()

    def begin_anew(self) -> None:
        """Begin at the first page, whatever an earlier run has done."""
        self.position.begin()
        self.report.go_on({})
