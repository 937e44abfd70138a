"""One's own activity as a page shows it: failed tries folded, a heading for each day, in the reader's time zone."""

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from itertools import groupby
from typing import Any

from django.utils import timezone

from accounts import activity, local_time
from accounts.models import Activity, User

LATEST = 10
# Rows that are read for these: at most so many, since all may be failed tries of one hour.
READ_FOR_LATEST = LATEST + activity.MOST_REFUSALS


def zone(cookies: Mapping[str, str]) -> dict[str, Any]:
    """Return what a page says of its times: the reader's own zone, or else that of the site, by name."""
    own = local_time.own_zone(cookies)
    return {"own_zone": own is not None, "zone": str(own or local_time.site_zone())}


def latest(user: User, cookies: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the last things that happened to the account of ``user``, by day."""
    entries = folded(Activity.objects.of_person(user)[:READ_FOR_LATEST])
    return by_day(entries[:LATEST], local_time.own_zone(cookies))


def folded(rows: Iterable[Activity]) -> list[dict[str, Any]]:
    """Return the entries of ``rows``, newest first; failed tries of one device within one hour are one of them."""
    entries: list[dict[str, Any]] = []
    tries: dict[tuple[object, ...], dict[str, Any]] = {}
    for row in rows:
        entry = activity.entry(row) | {"tries": 1}
        if row.kind == Activity.Kind.SIGN_IN_REFUSED:
            hour = row.at.replace(minute=0, second=0, microsecond=0)
            first = tries.setdefault((hour, row.ip_address, row.user_agent, row.detail), entry)
            if first is not entry:
                first["tries"] += 1
                continue
        entries.append(entry)
    return entries


def by_day(entries: Iterable[dict[str, Any]], own: tzinfo | None) -> list[dict[str, Any]]:
    """Return ``entries`` under a heading for each day of the zone ``own``, of the site's where that is not known."""
    now = timezone.now()
    days = groupby(entries, key=lambda entry: local_time.day(entry["at"], now, own))
    return [{"heading": heading, "events": list(events)} for heading, events in days]
