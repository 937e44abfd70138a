"""What ``manage.py check`` says of how the company is shown. No network.

https://docs.djangoproject.com/en/5.2/topics/checks/
"""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as CheckWarning
from django.core.exceptions import SuspiciousFileOperation, ValidationError
from django.core.validators import validate_email

from accounts import brand, local_time

# Those that forms.fields.CodeField takes, which cannot be imported before the apps are ready.
CODE_LENGTHS = {0, *range(4, 11)}
PLAIN_NAME = re.compile(r"[^\x00-\x1f\x7f:\"<>\\]+")

E040 = Error(
    "BRAND_ACCENT is not a colour in the form #rrggbb.",
    hint="Set BRAND_ACCENT to # and six hexadecimal digits, such as #14566e, and quote it where # begins a comment.",
    id="accounts.E040",
)
E041 = Error(
    "BRAND_LOGO or BRAND_LOGO_DARK names no static file of SVG or PNG.",
    hint="Put the file under static/, and set BRAND_LOGO to its path from there, such as img/company.svg.",
    id="accounts.E041",
)
E042 = Error(
    "DISPLAY_TIME_ZONE is not the name of a time zone.",
    hint="Set DISPLAY_TIME_ZONE to a name of the IANA database, such as Europe/London, or leave it empty for UTC.",
    id="accounts.E042",
)
E043 = Error(
    "SITE_NAME has a character that a header, a mail or an authenticator app cannot carry.",
    hint='Set SITE_NAME to a name without : " < > \\ and line breaks.',
    id="accounts.E043",
)
E044 = Error(
    "SUPPORT_URL, TERMS_URL or PRIVACY_URL is not a web address, or SUPPORT_EMAIL is not an e-mail address.",
    hint="Set SUPPORT_URL, TERMS_URL and PRIVACY_URL to addresses that begin with https://, SUPPORT_EMAIL to such as "
    "support@example.com; leave empty what there is none of.",
    id="accounts.E044",
)
E045 = Error(
    "CODE_LENGTH or SIGN_IN_CODE_LENGTH is a length that no code has here.",
    hint="Set CODE_LENGTH and SIGN_IN_CODE_LENGTH to 4 to 10 digits, or to 0 where it is not known.",
    id="accounts.E045",
)
W040 = CheckWarning(
    "Mails about account changes tell people whom to contact, and nobody is named.",
    hint="Set SUPPORT_EMAIL.",
    id="accounts.W040",
)


def check_brand(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with how the company is shown."""
    logos = [logo for logo in (settings.BRAND_LOGO, settings.BRAND_LOGO_DARK) if logo]
    addresses = (settings.SUPPORT_URL, settings.TERMS_URL, settings.PRIVACY_URL)
    lengths = {settings.CODE_LENGTH, settings.SIGN_IN_CODE_LENGTH}
    found: list[tuple[bool, CheckMessage]] = [
        (not brand.COLOUR.fullmatch(settings.BRAND_ACCENT), E040),
        (not all(is_picture(logo) for logo in logos), E041),
        (local_time.zone(settings.DISPLAY_TIME_ZONE) is None, E042),
        (not PLAIN_NAME.fullmatch(settings.SITE_NAME), E043),
        (not all(is_web_address(url) for url in addresses) or not is_mailbox(settings.SUPPORT_EMAIL), E044),
        (not lengths <= CODE_LENGTHS, E045),
    ]
    return [message for is_wrong, message in found if is_wrong]


def check_contact(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Return what is fine for trying things out, and not in production."""
    return [] if brand.contact() else [W040]


def is_picture(path: str) -> bool:
    """Whether ``path`` is that of a static file which browsers show as a logo."""
    try:
        return path.lower().endswith((".svg", ".png")) and finders.find(path) is not None
    except SuspiciousFileOperation:
        # Such as ../ that leads out of static/.
        return False


def is_web_address(address: str) -> bool:
    """Whether ``address`` is empty, or one that a link may lead to."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return not address or (parts.scheme in {"https", "http"} and bool(parts.hostname))


def is_mailbox(address: str) -> bool:
    """Whether ``address`` is empty or an e-mail address."""
    try:
        validate_email(address or "nobody@example.com")
    except ValidationError:
        return False
    return True
