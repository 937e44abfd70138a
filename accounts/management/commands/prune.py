"""``manage.py prune``: delete what has been kept for long enough.

https://docs.djangoproject.com/en/5.2/howto/custom-management-commands/
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db.models import QuerySet
from django.utils import timezone

from accounts import awaited, counters
from accounts.models import Activity, AwaitedCode, Count, Session
from accounts.sessions import revocation

BATCH = 500  # rows a transaction: none holds up the running site for long


class Command(BaseCommand):
    """Safe beside the running site, and to be run again after it was stopped half-way: it looks at what is there."""

    help = (
        "Deletes sessions that are over (their tokens are revoked), activity older than ACTIVITY_DAYS, codes "
        "that nobody typed, spent counters."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add ``--dry-run`` and ``--batch``."""
        parser.add_argument("--dry-run", action="store_true", help="Say what would be deleted, and delete nothing.")
        parser.add_argument("--batch", type=int, default=BATCH, help=f"Rows deleted at a time ({BATCH}).")

    def handle(self, *args: Any, dry_run: bool, batch: int, **options: Any) -> None:
        """Delete in batches, and say how much of what went, or would go."""
        for what, delete, remaining in (
            ("sessions that were over", revocation.end_expired, over),
            ("lines of old activity", delete_activity, old_activity),
            ("codes nobody typed", delete_awaited, awaited.over),
            ("spent counters", counters.prune, spent_counters),
        ):
            count = 0 if dry_run else in_batches(delete, max(1, batch))
            left = remaining().count()
            if dry_run:
                self.stdout.write(f"{left} {what} would be deleted")
            else:
                self.stdout.write(f"{count} {what} deleted" + (f", {left} left for the next time" if left else ""))


def in_batches(delete: Callable[[int], int], batch: int) -> int:
    """Call ``delete(batch)`` until it finds nothing more; return how many rows went. Takes no more memory for more."""
    total = 0
    while count := delete(batch):
        total += count
    return total


def over() -> QuerySet[Session]:
    """Return the sessions that are over."""
    return Session.objects.filter(expire_date__lte=timezone.now())


def old_activity() -> QuerySet[Activity]:
    """Return the activity that has been kept for ACTIVITY_DAYS."""
    return Activity.objects.filter(at__lte=timezone.now() - timedelta(days=settings.ACTIVITY_DAYS))


def delete_activity(batch: int) -> int:
    """Delete at most ``batch`` rows of old activity, the oldest first; return how many."""
    keys = old_activity().order_by("at").values_list("pk", flat=True)[:batch]
    return Activity.objects.filter(pk__in=list(keys)).erase()


def delete_awaited(batch: int) -> int:
    """Delete at most ``batch`` rows of what has waited for a code for long enough; return how many."""
    keys = awaited.over().order_by("at").values_list("pk", flat=True)[:batch]
    return AwaitedCode.objects.filter(pk__in=list(keys)).delete()[0]


def spent_counters() -> QuerySet[Count]:
    """Return the counters that are over; none where the site counts in Redis, which forgets by itself."""
    return Count.objects.filter(expires_at__lte=int(timezone.now().timestamp()))
