"""How the pages of the domain look: plain HTML that works without scripts, and forms that only they can send."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Mapping
from html import escape

from devcloud.cognito import single_sign_on
from devcloud.cognito.authorization import Refused
from devcloud.cognito.gate import Response

_CSRF_COOKIE = "XSRF-TOKEN"
_CSRF_SECONDS = 60 * 60
_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 26rem; padding: 0 1rem; }
input { box-sizing: border-box; font: inherit; min-height: 2.75rem; padding: .5rem; width: 100%; }
button { font: inherit; margin-top: 1rem; min-height: 2.75rem; padding: .5rem 1rem; }
[role="alert"] { border: 1px solid; padding: .5rem 1rem; }
code { overflow-wrap: anywhere; }
"""


def page(title: str, body: str, *, status: int = 200, csrf: str = "") -> Response:
    """Return a page of the domain; ``body`` is markup, ``csrf`` the token of its forms."""
    text = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{escape(title)} - local user pool</title>
<style>{_STYLE}</style>
</head>
<body><main><h1>{escape(title)}</h1>
{body}
</main></body>
</html>"""
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        # No form-action: it would count for the redirect to the application, too.
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        "frame-ancestors 'none'; base-uri 'none'",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    if csrf:
        headers["Set-Cookie"] = single_sign_on.cookie(_CSRF_COOKIE, csrf, _CSRF_SECONDS)
    return status, headers, text.encode()


def alert(message: str) -> str:
    """Return a message that screen readers say at once; nothing for an empty one."""
    return f'<p role="alert">{escape(message)}</p>' if message else ""


def field(name: str, label: str, *, value: str = "", needed: bool = True, **attributes: str) -> str:
    """Return a labelled field; an underscore in the name of an attribute stands for a hyphen."""
    extra = "".join(f' {key.replace("_", "-")}="{escape(text)}"' for key, text in attributes.items())
    required = " required" if needed else ""
    return (
        f'<p><label for="{escape(name)}">{escape(label)}</label>'
        f'<input id="{escape(name)}" name="{escape(name)}" value="{escape(value)}"{extra}{required}></p>'
    )


def password(name: str, label: str, *, new: bool = False, needed: bool = True) -> str:
    """Return the field of a password, the present one or a ``new`` one."""
    return field(
        name, label, needed=needed, type="password", autocomplete="new-password" if new else "current-password"
    )


def code(name: str, label: str) -> str:
    """Return the field of a code."""
    return field(name, label, type="text", inputmode="numeric", autocomplete="one-time-code")


def buttons(labels: Iterable[str], *, name: str = "", values: Iterable[str] = ()) -> str:
    """Return a submit button for each label; with ``name``, each sends its value."""
    named = [f' name="{escape(name)}" value="{escape(value)}"' for value in values] if name else []
    return "".join(
        f'<button type="submit"{named[number] if named else ""}>{escape(label)}</button>'
        for number, label in enumerate(labels)
    )


def form(path: str, hidden: Mapping[str, str], csrf: str, content: str) -> str:
    """Return a form that sends ``hidden`` values along with what is typed."""
    kept = {**hidden, "_csrf": csrf}
    inputs = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in kept.items()
    )
    return f'<form method="post" action="{escape(path)}">{inputs}\n{content}</form>'


def link(address: str, text: str) -> str:
    """Return a paragraph with a link."""
    return f'<p><a href="{escape(address)}">{escape(text)}</a></p>'


def csrf_token(headers: Mapping[str, str]) -> str:
    """Return the token of the browser's forms: the one that it has, so that several tabs get along, or a new one."""
    return single_sign_on.cookies(headers).get(_CSRF_COOKIE) or secrets.token_urlsafe(24)


def refuse_forged(headers: Mapping[str, str], fields: Mapping[str, str]) -> None:
    """Raise Refused unless the form was made for the browser that sends it (double submit)."""
    kept, sent = single_sign_on.cookies(headers).get(_CSRF_COOKIE, ""), fields.get("_csrf", "")
    if not kept or not hmac.compare_digest(kept.encode(), sent.encode()):
        raise Refused("invalid_request", "This form has run out, or came from elsewhere. Go back and begin anew.")
