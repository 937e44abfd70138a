"""A form sent twice: the second sending of a step of a sign-in joins the session that the first one opened.

The step can be answered only once, and by the time the second request is read the first may have replaced the session
it belongs to. Whoever sends the same body with the same old cookie within seconds is the same browser.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts import conf, waiting

logger = logging.getLogger(__name__)

MEMORY = 20  # seconds
LONGEST_WAIT = 2.0  # seconds that a second sending waits for the first to end
POLL = 0.05  # seconds between two looks


def fingerprint(request: HttpRequest) -> str:
    """Return what two sendings of one form have in common: cookie and body. Take it before the session changes."""
    cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    body = urlencode(sorted(request.POST.lists()), doseq=True)
    return f"double-submit:{salted_hmac('accounts.double_submit', f'{cookie}:{body}', algorithm='sha256').hexdigest()}"


@contextmanager
def sending(mark: str) -> Iterator[None]:
    """Count the form marked ``mark`` as being answered for as long as the block takes.

    Only a step that is pending is answered, and within its limits, so that nobody else writes into the cache.
    """
    with without_cache():
        cache.add(under_way(mark), 0, MEMORY)
        cache.incr(under_way(mark))
    try:
        yield
    finally:
        with without_cache():
            cache.decr(under_way(mark))


def remember(request: HttpRequest, mark: str) -> None:
    """Note that the form marked ``mark`` has opened the session ``request`` now has."""
    # The request that joins reads the session from the database and may save it again, so all of it has to be there.
    request.session.save()
    with without_cache():
        cache.set(mark, conf.token_cipher().encrypt({"session": request.session.session_key}), MEMORY)


def is_known(mark: str) -> bool:
    """Whether the form marked ``mark`` is being answered, or has just opened a session."""
    return kept(mark) is not None or (kept(under_way(mark)) or 0) > 0


def join(request: HttpRequest, mark: str) -> bool:
    """Give ``request`` the session that the same form has opened, if it has; return whether that was so.

    Waits for one that is being answered. Raises waiting.Busy where that would be too many.
    """
    ciphertext = kept(mark)
    if ciphertext is None and is_known(mark):
        with waiting.place(request, ""):
            ciphertext = wait_for(mark)
    opened = conf.token_cipher().decrypt(ciphertext) if ciphertext else None
    if opened is None:
        return False
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(opened["session"])
    request.session.modified = True
    return True


def wait_for(mark: str) -> str | None:
    """Return what is kept of the session that the form marked ``mark`` opens, once it has or has failed to.

    None where it failed, or takes too long.
    """
    deadline = time.monotonic() + LONGEST_WAIT
    while (kept(under_way(mark)) or 0) > 0 and time.monotonic() < deadline:
        time.sleep(POLL)
    ciphertext: str | None = kept(mark)
    return ciphertext


def kept(key: str) -> Any:
    """Return what the cache has under ``key``, None for nothing."""
    found: list[Any] = []
    with without_cache():
        found.append(cache.get(key))
    return found[0] if found else None


def under_way(mark: str) -> str:
    """Return the cache key that counts how often the form marked ``mark`` is being answered."""
    return f"{mark}:under-way"


@contextmanager
def without_cache() -> Iterator[None]:
    """Log that the cache is down, and go on: Cognito then refuses the second sending of a form as answered already."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 -- whatever the cache's client raises
        logger.error("cache unavailable", extra={"error": type(error).__name__})
