"""The form of every mail: paragraphs, facts and ways on, as text and as HTML, and how it is sent.

Words are written once. ``**so**`` is bold in them and ``[so]`` a link, in HTML; the text part has the words alone, and
each link in full. https://docs.djangoproject.com/en/5.2/topics/email/#sending-alternative-content-types
"""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.mime.image import MIMEImage
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts import after_answer, brand

logger = logging.getLogger(__name__)

MARK = "mark"  # the Content-ID of the logo


@dataclass(frozen=True)
class Words:
    """A paragraph, or a part of one, in both forms."""

    text: str
    html: SafeString


@dataclass(frozen=True)
class Link:
    """A way on: a button in HTML, words and address in text."""

    words: str
    url: str


@dataclass(frozen=True)
class Letter:
    """A mail before it has a form. ``facts`` stand where None stands among the ``pieces``.

    ``why`` is the sentence that tells why somebody gets it, "" where the account is nobody's yet.
    """

    subject: str
    heading: str
    pieces: Sequence[Words | Link | None]
    facts: Mapping[str, str]
    why: str


class WithPicture(EmailMultiAlternatives):
    """A mail whose HTML names a picture by its Content-ID: the two belong together (RFC 2387)."""

    mixed_subtype = "related"


def words(template: str, link: str = "", **values: str | Words) -> Words:
    """Return ``template``, filled with ``values``; what stands in square brackets leads to ``link``.

    Values are escaped in HTML, and no mark in them counts: whoever has a name may have written it.
    """
    bare = re.sub(r"\*\*|\[([^]]*)\]", lambda found: f"{found[1]} <{link}>" if found[1] else "", template)
    html = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", conditional_escape(template))
    html = re.sub(r"\[([^]]*)\]", lambda found: anchor(found[1], link), html)
    known = {"site": settings.SITE_NAME, "support": support(), **values}
    as_text = {name: value.text if isinstance(value, Words) else str(value) for name, value in known.items()}
    as_html = {
        name: value.html if isinstance(value, Words) else conditional_escape(value) for name, value in known.items()
    }
    return Words(bare % as_text, mark_safe(html % as_html))  # noqa: S308 -- every part of it is escaped


def anchor(escaped: str, url: str) -> str:
    """Return a link to ``url`` of words that are ``escaped``."""
    words_of_it = mark_safe(escaped)  # noqa: S308
    return format_html('<a class="link" style="color:{}" href="{}">{}</a>', accent(), url, words_of_it)


def accent() -> str:
    """Return the company's colour as it can be read on white."""
    return brand.light_accents(settings.BRAND_ACCENT).accent


def support() -> Words:
    """Return whom to ask: a link, or words where no contact is set."""
    contact = brand.contact()
    if contact is None:
        nobody = _("the people who run %(site)s") % {"site": settings.SITE_NAME}
        return Words(nobody, conditional_escape(nobody))
    text = contact.words if contact.href.startswith("mailto:") else f"{contact.words} <{contact.href}>"
    return Words(text, SafeString(anchor(conditional_escape(contact.words), contact.href)))


def send(address: str, write: Callable[..., Letter], *given: Any, language: str = "") -> None:
    """Mail ``address`` the letter that ``write(*given)`` returns, in ``language``: "" is that of the page.

    One that cannot be sent is logged, no more. After the answer: the page must not wait for a slow mail server, nor
    tell by its time whether a mail is sent.
    """
    if address:
        after_answer.mails.do(deliver, address, write, given, language or get_language())


@sensitive_variables()
def deliver(address: str, write: Callable[..., Letter], given: Sequence[Any], language: str | None) -> None:
    """Write the letter in ``language``, None for that of the site, and hand it to the mail server."""
    # This is another thread than that of the page.
    with override(language or settings.LANGUAGE_CODE):
        message = composed(write(*given), address)
    try:
        message.send()
    except OSError as error:
        # Its words may quote the address, or the password of EMAIL_URL.
        logger.error("notice not sent", extra={"error": type(error).__name__})


@sensitive_variables()
def composed(letter: Letter, address: str) -> EmailMultiAlternatives:
    """Return ``letter`` to ``address``, as text and HTML, with the logo beside the HTML."""
    mark = picture()
    context = {
        "letter": letter,
        "site_name": settings.SITE_NAME,
        "host": urlsplit(settings.SITE_URL).netloc,
        "help": support() if brand.contact() else None,
        "mark": MARK if mark else "",
        "wordmark": settings.BRAND_LOGO_HAS_NAME,
        "light": brand.light_accents(settings.BRAND_ACCENT),
        "dark": brand.dark_accents(settings.BRAND_ACCENT),
        "language": get_language() or settings.LANGUAGE_CODE,
    }
    text = render_to_string("accounts/mail/letter.txt", context)
    message = WithPicture(letter.subject, text, None, [address])
    message.attach_alternative(render_to_string("accounts/mail/letter.html", context), "text/html")
    if mark:
        message.attach(attachment(mark))
    return message


def attachment(mark: bytes) -> MIMEImage:
    """Return the logo as the part that ``cid:mark`` names (RFC 2392)."""
    image = MIMEImage(mark, "png")
    image.add_header("Content-ID", f"<{MARK}>")
    image.add_header("Content-Disposition", "inline")
    return image


def picture() -> bytes:
    """Return the logo as PNG, b"" where there is none: mail programs show no SVG, so one beside it is taken."""
    return read(str(Path(settings.BRAND_LOGO).with_suffix(".png")))


@lru_cache(maxsize=8)
def read(path: str) -> bytes:
    """Return the static file called ``path``, b"" for none."""
    found = finders.find(path)
    return Path(found).read_bytes() if found else b""
