"""Setting up an authenticator app: the key as picture, as text and as link.

https://github.com/google/google-authenticator/wiki/Key-Uri-Format
"""

from urllib.parse import quote, urlencode

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.debug import sensitive_variables


@sensitive_variables("secret")
def totp_uri(secret: str, account: str) -> str:
    """Return the link that hands ``secret`` (base 32) to an app, which will show it as ``account``."""
    # The colon is what parts the two names.
    issuer = settings.SITE_NAME.replace(":", " ")
    label = quote(f"{issuer}:{account}", safe="")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer})}"


@sensitive_variables("secret")
def totp_context(secret: str, account: str) -> dict[str, str]:
    """Return what the set-up page shows: ``totp_key`` in groups of four, ``totp_uri``, and ``totp_qr`` (inline SVG)."""
    uri = totp_uri(secret, account)
    return {
        "totp_key": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "totp_uri": uri,
        "totp_qr": qr_code(uri),
    }


def qr_code(text: str) -> SafeString:
    """Return ``text`` as a QR code: SVG without any style, black on white with the quiet zone scanners need."""
    # Imported when first wanted: only this page needs it, and every command would pay for it.
    code = import_string("segno.make")(text, micro=False, error="m")
    svg: str = code.svg_inline(omitsize=True, dark="#000", light="#fff", border=4, svgclass="qr", lineclass=None)
    return mark_safe(svg)  # noqa: S308 -- made here, of a matrix of squares
