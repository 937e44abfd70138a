"""How far a run has got, kept in the database: the next one goes on from there, and two do not work at once."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import DatabaseError
from django.db.models import Max, Q
from django.utils import timezone

from accounts.models import Synchronisation, User
from accounts.sync.marks import Marks

# A run that has not renewed its lease for so long was killed. Longer than any wait for Cognito
# (accounts/sync/patience.py), which may begin RENEWED_AFTER the last renewal.
LEASE = timedelta(minutes=10)
RENEWED_AFTER = timedelta(minutes=1)
# A run that stopped longer ago than this is not gone on with: what it had compared may have changed since.
GOOD_FOR = timedelta(hours=6)


class Busy(Exception):
    """Another run is at work, or has taken over; ``until`` is when it is taken to be dead unless it goes on."""

    def __init__(self, until: datetime | None) -> None:
        super().__init__(until)
        self.until = until


class Position:
    """Where a run is. ``counts`` are those of its report when it was saved; a run without ``run`` saves nothing."""

    def __init__(self, issuer: str, run: uuid.UUID | None = None) -> None:
        self.issuer, self.run, self.renewed_at = issuer, run, timezone.now()
        self.begin()

    def begin(self) -> None:
        """Begin at the first page, as if there had been no run before."""
        self.begun_at, self.goes_on = timezone.now(), False
        self.page_token, self.listed = "", False
        self.newest: int = User.objects.filter(issuer=self.issuer).aggregate(Max("pk"))["pk__max"] or 0
        self.met, self.counts = Marks(), dict[str, int]()

    def read(self, row: Synchronisation) -> Self:
        """Go on where ``row`` says that a run stopped, unless that is too long ago."""
        if row.begun_at and timezone.now() - row.begun_at < GOOD_FOR:
            self.begun_at, self.goes_on = row.begun_at, True
            self.page_token, self.listed = row.page_token, row.listed
            self.newest, self.met, self.counts = row.newest, Marks(bytes(row.met)), dict(row.counts)
        return self

    def save(self) -> None:
        """Keep the position, and the lease for as long again. Raises Busy where another run has taken over."""
        self.write(
            lease=timezone.now() + LEASE,
            begun_at=self.begun_at,
            page_token=self.page_token,
            listed=self.listed,
            newest=self.newest,
            met=bytes(self.met),
            counts=self.counts,
        )

    def renew(self) -> None:
        """Keep the lease for as long again, where that is due. Raises Busy where another run has taken over."""
        now = timezone.now()
        if now - self.renewed_at >= RENEWED_AFTER:
            self.write(lease=now + LEASE)
            self.renewed_at = now

    def finish(self) -> None:
        """Keep that everything is done: the next run begins anew."""
        now = timezone.now()
        self.write(begun_at=None, page_token="", listed=False, met=b"", counts=self.counts, finished_at=now)

    def write(self, **columns: Any) -> None:
        """Write ``columns``, if the row is still this run's. Raises Busy where it is not."""
        if self.run is None:
            return
        row = Synchronisation.objects.filter(issuer=self.issuer)
        if not row.filter(run=self.run).update(**columns):
            raise Busy(row.values_list("lease", flat=True).first())


@contextmanager
def held(issuer: str, *, afresh: bool = False) -> Iterator[Position]:
    """Yield where to go on with the pool of ``issuer``, which nobody else may do meanwhile; let go of it afterwards.

    ``afresh`` begins anew. Raises Busy while another run is at work.
    """
    position = take(issuer, afresh=afresh)
    try:
        yield position
    finally:
        # Whatever ended the run counts for more than this; without it the lease ends by itself.
        with suppress(DatabaseError, Busy):
            position.write(run=None, lease=None)


def take(issuer: str, *, afresh: bool) -> Position:
    """Take the lease on the pool of ``issuer`` by one compare-and-swap. Raises Busy."""
    now, run = timezone.now(), uuid.uuid4()
    Synchronisation.objects.bulk_create([Synchronisation(issuer=issuer)], ignore_conflicts=True)
    free = Q(run=None) | Q(lease=None) | Q(lease__lte=now)
    rows = Synchronisation.objects.filter(issuer=issuer)
    if not rows.filter(free).update(run=run, lease=now + LEASE):
        raise Busy(rows.values_list("lease", flat=True).first())
    position = Position(issuer, run)
    return position if afresh else position.read(rows.get())
