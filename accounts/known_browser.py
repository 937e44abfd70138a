"""A browser that has signed somebody in before, so that what strangers do to a name does not hold its owner.

It keeps a cookie, encrypted and authenticated with TOKEN_KEYS: which people, under which names, since when. A cookie
says nothing to whoever reads it, opens nothing, and ends with signing out everywhere or a new password.
https://cheatsheetseries.owasp.org/cheatsheets/Authentication_Cheat_Sheet.html (device cookies)
"""

from datetime import UTC, datetime, timedelta
from time import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import conf
from accounts.models import User

AGE = 180 * 24 * 60 * 60  # seconds
RENEWED_AFTER = 24 * 60 * 60  # seconds
RENEW_AFTER = 24 * 60 * 60  # seconds: a cookie younger than that is left as it is
MOST_PEOPLE = 5  # in one browser; whoever signed in the longest ago makes room
LONGEST = 4000  # characters; a browser keeps no longer cookie


def of(request: HttpRequest, name: str) -> int | None:
    """Return the key of the user whom the browser of ``request`` has signed in as ``name``, None for nobody.

    The cookie alone is asked: see :func:`is_revoked`.
    """
    entry = entry_of(request, name)
    return entry["user"] if entry else None


def is_revoked(request: HttpRequest, name: str) -> bool:
    """Whether the person has since signed out everywhere, chosen a new password, or gone. Takes one statement."""
    entry = entry_of(request, name)
    if entry is None:
        return True
    since = User.objects.filter(pk=entry["user"], is_active=True).values_list("known_browsers_since", flat=True)
    return not since or datetime.fromtimestamp(entry["at"], UTC) < since[0]


def knows(request: HttpRequest, user: User) -> bool:
    """Whether the browser of ``request`` has signed ``user`` in before, since they last had all browsers forgotten."""
    return known_at(request, user) >= user.known_browsers_since


def is_fresh(request: HttpRequest, user: User) -> bool:
    """Whether the browser of ``request`` knows ``user``, and since so short a time that it need not be told again."""
    entry = entry_of(request, user.username)
    # Whoever has a new address signs in with it the next time, and is to be known by it then.
    if entry is None or entry["names"] != digests(user):
        return False
    at = known_at(request, user)
    return at >= user.known_browsers_since and at > timezone.now() - timedelta(seconds=RENEWED_AFTER)


def known_at(request: HttpRequest, user: User) -> datetime:
    """Return when the browser of ``request`` last noted that it signed ``user`` in, long ago for never."""
    entry = entry_of(request, user.username)
    return datetime.fromtimestamp(entry["at"] if entry and entry["user"] == user.pk else 0, UTC)


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Have the browser that gets ``response`` known as one that has signed ``user`` in."""
    others = [entry for entry in entries(request) if entry["user"] != user.pk]
    entry = {"user": user.pk, "names": digests(user), "at": time()}
    value = conf.token_cipher().encrypt({"known_browser": [entry, *others][:MOST_PEOPLE]})
    response.set_cookie(
        settings.KNOWN_BROWSER_COOKIE_NAME,
        value,
        max_age=AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget(user: User) -> None:
    """Have no browser known any longer as one that has signed ``user`` in."""
    User.objects.filter(pk=user.pk).update(known_browsers_since=timezone.now())


def entry_of(request: HttpRequest, name: str) -> dict[str, Any] | None:
    """Return what the cookie says of whoever signs in as ``name``."""
    if settings.KNOWN_BROWSER_COOKIE_NAME not in request.COOKIES:
        return None
    wanted = digest(name)
    return next((entry for entry in entries(request) if wanted in entry["names"]), None)


def entries(request: HttpRequest) -> list[dict[str, Any]]:
    """Return what the cookie says, [] when there is none or it is not ours. Entries grow old one by one."""
    cookie = request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE_NAME, "")
    # A sign-in asks three times, and decrypting takes as long as verifying a token.
    read, found = getattr(request, "known_browser_cookie", ("", ()))
    if read != cookie:
        found = decrypted(cookie)
        request.known_browser_cookie = (cookie, found)  # type: ignore[attr-defined]
    return [entry for entry in found if time() - entry["at"] < AGE]


def decrypted(cookie: str) -> list[dict[str, Any]]:
    """Return the entries in ``cookie``, [] for one that is not ours."""
    value = conf.token_cipher().decrypt(cookie) if len(cookie) <= LONGEST else None
    return list((value or {}).get("known_browser", []))


def digests(user: User) -> list[str]:
    """Return what stands in a cookie for the names that ``user`` may sign in with."""
    return sorted({digest(name) for name in user.names})


def digest(name: str) -> str:
    """Return what stands for ``name`` in a cookie, whatever its letter case."""
    return salted_hmac("accounts.known_browser", name.casefold(), algorithm="sha256").hexdigest()[:24]
