"""From the pool to the database: who is there, in which state, in which groups; and who is there no longer.

Rights come first, so that somebody who left the staff group is no staff before a long list is read; then everybody,
page by page; then those who were not met, asked for once more; then all groups (docs/adr/0035).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from accounts import conf
from accounts.sync import departures, memberships, people
from accounts.sync.position import Position, held
from accounts.sync.report import Report
from accounts.sync.run import Run, unseen


def synchronise(
    report: Report, *, dry_run: bool = False, afresh: bool = False, progress: Callable[[int], object] = unseen
) -> None:
    """Make the people of this pool who are known here those who are in it, and write into ``report`` what differed.

    With ``dry_run`` nothing is written. ``afresh`` begins at the first page where an earlier run stopped half-way.
    ``progress`` is told how many people more were met.

    Raises Busy while another run is at work, Unavailable, Misconfigured. What was done until then stays done.
    """
    with where(dry_run=dry_run, afresh=afresh) as position:
        run = Run(position.issuer, position, report, dry_run, progress)
        report.go_on(position.counts)
        progress(report.people)
        if not dry_run:
            memberships.align_privileged(run)
        people.compare_all(run)
        departures.settle(run)
        memberships.align(run)
        run.finish()


@contextmanager
def where(*, dry_run: bool, afresh: bool) -> Iterator[Position]:
    """Yield where to begin: anew and for nobody to see with ``dry_run``, else what :func:`held` yields."""
    issuer = conf.config().issuer
    if dry_run:
        yield Position(issuer)
        return
    with held(issuer, afresh=afresh) as position:
        yield position
