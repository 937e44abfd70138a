"""Small pieces of a page that lists and pages of the administration have in common."""

from datetime import datetime

from django.utils.dateformat import format as date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from accounts.admin.states import State
from accounts.local_time import for_machines

NOTHING = "\N{EN DASH}"
WHOLE = "j F Y, H:i T"


def badge(label: object, kind: str) -> SafeString:
    """Return a word on a coloured ground; ``kind`` is "ok", "accent", "warn" or "bad"."""
    return format_html('<span class="badge badge-{}">{}</span>', kind, label)


def state_badge(state: State) -> SafeString:
    """Return the badge of an account in ``state``."""
    return badge(state.label, state.kind)


def moment(at: datetime | None) -> SafeString:
    """Return a moment to the minute, with its zone, in two parts that each stay on a line; a dash for none."""
    if at is None:
        return SafeString(NOTHING)
    at = localtime(at)
    parts = date_format(at, "M j, Y,"), date_format(at, "g:i A T")
    return format_html(
        '<time datetime="{}" title="{}"><span>{}</span> <span>{}</span></time>',
        for_machines(at),
        date_format(at, WHOLE),
        *parts,
    )


def day(at: datetime) -> SafeString:
    """Return the day of a moment; the rest of it is in the title."""
    at = localtime(at)
    words = date_format(at, "M j, Y")
    return format_html(
        '<time datetime="{}" title="{}"><span>{}</span></time>', for_machines(at), date_format(at, WHOLE), words
    )


def labelled(label: str, value: str) -> SafeString:
    """Return a cell that names itself where the heads of the columns are hidden, because the window is narrow."""
    return format_html('<span class="cell-label">{} </span>{}', label, value)
