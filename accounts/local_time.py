"""Moments in words, in the time zone of whoever reads them.

The zone comes from the cookie ``tz``, which static/js/times.js sets to the browser's own. Without it a moment says
which zone it is told in. ``times.js`` writes the same words.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format, get_format
from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

COOKIE = "tz"
NBSP = "\N{NO-BREAK SPACE}"
# https://docs.djangoproject.com/en/5.2/ref/templates/builtins/#date
ENGLISH = {
    "MONTH_DAY_FORMAT": "M j",
    "DATE_FORMAT": "M j, Y",
    "TIME_FORMAT": f"g:i{NBSP}A",
    "MONTH_DAY_HEADING": "F j",
    "DATE_HEADING": "F j, Y",
}


def wait_words(seconds: int) -> str:
    """Return the sentence that asks to wait ``seconds``, in minutes from two minutes on."""
    if seconds < 120:
        return ngettext("Wait %(n)d second, then try again.", "Wait %(n)d seconds, then try again.", seconds) % {
            "n": seconds
        }
    minutes = round(seconds / 60)
    if minutes == 60:
        return _("Wait an hour, then try again.")
    return ngettext("Wait %(n)d minute, then try again.", "Wait %(n)d minutes, then try again.", minutes) % {
        "n": minutes
    }


@cache
def zone_names() -> frozenset[str]:
    """Return the names of all time zones of the IANA database, read from it once."""
    return frozenset(available_timezones())


@lru_cache(maxsize=512)
def zone(name: str) -> tzinfo | None:
    """Return the time zone called ``name``, None for no such zone: a cookie may hold anything."""
    return ZoneInfo(name) if name in zone_names() else None


def own_zone(cookies: Mapping[str, str]) -> tzinfo | None:
    """Return the zone of the reader whose browser sent ``cookies``, None where it is not known."""
    return zone(cookies.get(COOKIE, ""))


def site_zone() -> tzinfo:
    """Return the zone of people whose own is not known."""
    return zone(settings.DISPLAY_TIME_ZONE) or timezone.get_default_timezone()


def formatted(moment: datetime, kind: str) -> str:
    """Return ``moment`` in the format of that ``kind``: ours in English, Django's in other languages."""
    english = (get_language() or "en").partition("-")[0] == "en"
    return date_format(moment, ENGLISH[kind] if english else get_format(kind.replace("HEADING", "FORMAT")))


def since(moment: datetime, now: datetime) -> str:
    """Return how long before ``now`` a ``moment`` of the same day was."""
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < 1:
        return _("now")
    if minutes < 60:
        return ngettext("%(count)d minute ago", "%(count)d minutes ago", minutes) % {"count": minutes}
    return ngettext("%(count)d hour ago", "%(count)d hours ago", minutes // 60) % {"count": minutes // 60}


def words(moment: datetime, now: datetime, own: tzinfo | None, *, ago: bool = False) -> str:
    """Return ``moment`` as somebody says it at ``now`` whose zone is ``own``; with ``ago``, how long ago it was."""
    local, today = (point.astimezone(own or site_zone()) for point in (moment, now))
    clock, days = formatted(local, "TIME_FORMAT"), (today.date() - local.date()).days
    if own is None:
        day = formatted(local, "MONTH_DAY_FORMAT" if local.year == today.year else "DATE_FORMAT")
        return f"{day}, {clock}{NBSP}{local.tzname()}"
    if days == 0:
        return since(local, today) if ago else _("today, %(time)s") % {"time": clock}
    if days == 1:
        return _("yesterday, %(time)s") % {"time": clock}
    if local.year == today.year:
        return f"{formatted(local, 'MONTH_DAY_FORMAT')}, {clock}"
    return formatted(local, "DATE_FORMAT")


def day(moment: datetime, now: datetime, own: tzinfo | None) -> str:
    """Return the day of ``moment`` as a heading: "Today", "Yesterday", "November 18"."""
    local, today = (point.astimezone(own or site_zone()) for point in (moment, now))
    days = (today.date() - local.date()).days
    if days in (0, 1):
        return _("Yesterday") if days else _("Today")
    return formatted(local, "MONTH_DAY_HEADING" if local.year == today.year else "DATE_HEADING")


def date(moment: datetime, own: tzinfo | None) -> str:
    """Return the date of ``moment`` alone, with its year."""
    return formatted(moment.astimezone(own or site_zone()), "DATE_FORMAT")


def clock(moment: datetime, own: tzinfo | None) -> str:
    """Return the time of ``moment`` alone, with its zone where ``own`` is not known."""
    local = moment.astimezone(own or site_zone())
    words = formatted(local, "TIME_FORMAT")
    return words if own else f"{words}{NBSP}{local.tzname()}"


def for_machines(moment: datetime) -> str:
    """Return ``moment`` for the ``datetime`` of a time element: in UTC, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def in_full(moment: datetime, own: tzinfo | None) -> str:
    """Return ``moment`` with its date, time and zone."""
    local = moment.astimezone(own or site_zone())
    day, clock = (formatted(local, kind) for kind in ("DATE_FORMAT", "TIME_FORMAT"))
    return f"{capfirst(day)}, {clock}{NBSP}{local.tzname()}"
