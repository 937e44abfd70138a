"""The pieces of every page that are more than markup: icons, the brand, moments, notices, initials and the key meter.

Built into the engine (config/settings.py), so that no template loads it. Error pages use them too: nothing here needs a
request, a session or the list of hashed static files.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template.context import Context
from django.templatetags.static import PrefixNode, static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts import brand, local_time
from accounts.cognito.sign_in_names import readable

register = template.Library()
register.filter(readable)

TURNS = {"chevron-right", "arrow-left", "sign-in", "sign-out"}  # with the direction of writing
DRAWN_PROVIDERS = {"Google": "google"}

# The key meter, in the units of its view box: one tooth takes 23 of them.
TOOTH, FIRST_TOOTH, TEETH = 23, 66, (11, 17, 9, 14, 11)

# An element with all that is in it (none is nested in its like), a tag that stands alone, or an escaped sign.
MARKUP = re.compile(r"<(\w+)\b[^>]*>.*?</\1>|<[^>]*>|&#?\w+;", re.DOTALL)
MARKED = "\N{OBJECT REPLACEMENT CHARACTER}"
# Nothing ends after an initial, nor after what may be the number of a day: "22. November".
END = re.compile(r"(?<!\b\w)(?<!\b\d\d)[.!?][)\]»“”’]*(?= )")
OPENING = " \N{NO-BREAK SPACE}([¡¿«„“"


def address_of(path: str) -> str:
    """Return the address of the static file ``path``; without its hash where no list of hashes has it."""
    try:
        return static(path)
    except ValueError:
        return f"{PrefixNode.handle_simple('STATIC_URL')}{path}"


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """Return the drawing ``name`` of static/img/icons.svg, which says nothing to a screen reader."""
    kinds = " ".join(["ic", *(["ic--turns"] if name in TURNS else []), *([classes] if classes else [])])
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        kinds,
        address_of("img/icons.svg"),
        name,
    )


@register.filter
def provider_icon(name: str) -> str:
    """Return the drawing for the provider called ``name``: its own, or a house."""
    return DRAWN_PROVIDERS.get(name, "building")


@register.simple_tag
def brand_name() -> str:
    """Return what the site is called."""
    name: str = settings.SITE_NAME
    return name


@register.simple_tag
def brand_logo() -> SafeString:
    """Return the company's logo, another one in the dark where it has one, and its name beside it."""
    image = format_html('<img src="{}" alt="" width="28" height="28">', address_of(settings.BRAND_LOGO))
    if settings.BRAND_LOGO_DARK:
        source = '<picture><source srcset="{}" media="(prefers-color-scheme: dark)">{}</picture>'
        image = format_html(source, address_of(settings.BRAND_LOGO_DARK), image)
    hidden = mark_safe(' class="visually-hidden"') if settings.BRAND_LOGO_HAS_NAME else ""
    return format_html("{}<span{}>{}</span>", image, hidden, settings.SITE_NAME)


@register.simple_tag
def brand_styles() -> SafeString:
    """Return the link to the company's colour, nothing where it is the default."""
    css = brand.stylesheet(settings.BRAND_ACCENT)
    if not css:
        return mark_safe("")
    return format_html('<link rel="stylesheet" href="{}?v={}">', reverse("brand_css"), brand.version(css))


@register.simple_tag
def support() -> SafeString:
    """Return whom to ask, as a link, or in words where no contact is set."""
    contact = brand.contact()
    if contact is None:
        return format_html("{}", _("the people who run %(site)s") % {"site": settings.SITE_NAME})
    return format_html('<a href="{}" data-wrap>{}</a>', contact.href, contact.words)


@register.simple_tag
def links() -> dict[str, str]:
    """Return where the footer leads outside of the pages that are always there, "" for what is not set."""
    contact = brand.contact()
    return {
        "contact": contact.href if contact else "",
        "terms": settings.TERMS_URL,
        "privacy": settings.PRIVACY_URL or reverse("privacy"),
    }


@register.simple_tag(takes_context=True)
def moment(context: Context, at: datetime, ago: bool = False, first: bool = False) -> SafeString:
    """Return ``at`` as a time element in the reader's zone.

    With ``ago`` it says how long ago it was, if it was today; ``first`` is for one that begins a line.
    """
    return time_element(at, reader_zone(context), ago=ago, first=first)


@register.simple_tag(takes_context=True)
def clock(context: Context, at: datetime) -> SafeString:
    """Return the time of ``at`` alone as a time element, for under the heading of its day; no script changes it."""
    return part_element(at, reader_zone(context), local_time.clock)


@register.simple_tag(takes_context=True)
def on_day(context: Context, at: datetime) -> SafeString:
    """Return the date of ``at`` alone as a time element, in the reader's zone; static/js/times.js finds it."""
    return part_element(at, reader_zone(context), local_time.date, mark_safe(' class="at" data-day'))


def reader_zone(context: Context) -> tzinfo | None:
    """Return the zone of whoever the page is for, None where it is not known."""
    request = context.get("request")
    return local_time.own_zone(request.COOKIES if isinstance(request, HttpRequest) else {})


def part_element(
    at: datetime,
    own: tzinfo | None,
    part: Callable[[datetime, tzinfo | None], str],
    marks: str = "",
) -> SafeString:
    """Return a ``part`` of ``at``, and the whole of it for whoever points at it, with ``marks`` for a script."""
    return format_html(
        '<time{} datetime="{}" title="{}">{}</time>',
        marks,
        local_time.for_machines(at),
        local_time.in_full(at, own),
        part(at, own),
    )


def time_element(at: datetime, own: tzinfo | None, *, ago: bool, first: bool) -> SafeString:
    """Return ``at`` in the words of the zone ``own``; static/js/times.js finds it by its class."""
    return format_html(
        '<time class="{}" datetime="{}" title="{}"{}>{}</time>',
        "at at--first" if first else "at",
        local_time.for_machines(at),
        local_time.in_full(at, own),
        mark_safe(" data-ago") if ago else "",
        local_time.words(at, timezone.now(), own, ago=ago),
    )


@register.filter
def wait_words(seconds: int) -> str:
    """Return the sentence that asks to wait ``seconds``."""
    return local_time.wait_words(seconds)


@register.filter
def first_bold(says: object) -> SafeString:
    """Return what a notice ``says`` with the first of its sentences in bold.

    One sentence alone stays plain, and what has bold words already keeps those.
    """
    html = conditional_escape(str(says))
    end = 0 if "<strong" in html else end_of_first(html)
    return mark_safe(f"<strong>{html[:end]}</strong>{html[end:]}") if end else html  # noqa: S308 -- escaped above


def end_of_first(html: str) -> int:
    """Return where in ``html`` the first sentence ends, 0 where no other follows: dots within an element end none."""
    text = MARKUP.sub(lambda found: MARKED * len(found[0]), html)
    for found in END.finditer(text):
        next_word = text[found.end() :].lstrip(OPENING)
        if next_word.startswith(MARKED) or next_word[:1].isupper():
            return found.end()
    return 0


@register.simple_tag(takes_context=True)
def on_the_way(context: Context, name: str, **parameters: str) -> str:
    """Return the address of the page called ``name``, which leads on to where the person was going (``next_url``)."""
    query = {**parameters, **({"next": context["next_url"]} if context.get("next_url") else {})}
    return reverse(name, query=query or None)


@register.filter
def initials(person: Any) -> str:
    """Return the first letters of the first and last word of the person's name, else that of the address.

    Of a phone number they are its last two digits.
    """
    names = person.name.split()
    if not names:
        name = str(person.get_full_name())
        return name[-2:] if name.startswith("+") else name[:1].upper()
    return "".join(word[0] for word in (names if len(names) < 2 else (names[0], names[-1]))).upper()


@register.inclusion_tag("partials/key_meter.html")
def key_meter(done: int, total: int, spoken: bool = True) -> dict[str, Any]:
    """Draw a key with ``total`` teeth, ``done`` of them cut; without ``spoken`` it is for the eye alone."""
    return {
        "done": done,
        "total": total,
        "spoken": spoken,
        "width": 68 + TOOTH * total,
        "shaft": 19 + TOOTH * total,
        "teeth": list(teeth(done, total)),
    }


def teeth(done: int, total: int) -> Iterator[tuple[str, str]]:
    """Yield class and path of each tooth of the key meter."""
    for place in range(total):
        x, height = FIRST_TOOTH + TOOTH * place, TEETH[place % len(TEETH)]
        if place < done:
            yield "m-on", f"M{x} 27h13v{height - 2}a3 3 0 0 1-3 3h-7a3 3 0 0 1-3-3z"
        else:
            yield "m-off", f"M{x + 0.75} 29.5v{height - 4.5}a3 3 0 0 0 3 3h5.5a3 3 0 0 0 3-3V29.5"
