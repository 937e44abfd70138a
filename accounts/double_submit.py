"""A form sent twice: the second sending of a step of a sign-in joins the session that the first one opened.

The step can be answered only once, and by the time the second request is read the first may have replaced the session
it belongs to. Whoever sends the same body with the same old cookie within seconds is the same browser.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts import conf

logger = logging.getLogger(__name__)

MEMORY = 20  # seconds
LONGEST_WAIT = 2.0  # seconds that a second sending waits for the first to end


def fingerprint(request: HttpRequest) -> str:
    """Return what two sendings of one form have in common: cookie and body. Take it before the session changes."""
    cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    body = "&".join(f"{name}={value}" for name, value in sorted(request.POST.items()))
    return f"double-submit:{salted_hmac('accounts.double_submit', f'{cookie}:{body}', algorithm='sha256').hexdigest()}"


def begin(mark: str) -> None:
    """Count a sending of the form marked ``mark``."""
    with without_cache():
        cache.add(sendings(mark), 0, MEMORY)
        cache.incr(sendings(mark))


def remember(request: HttpRequest, mark: str) -> None:
    """Note that the form marked ``mark`` has opened the session ``request`` now has."""
    # Whoever joins reads the session from the database, and would write over it what it read.
    request.session.save()
    with without_cache():
        cache.set(mark, conf.token_cipher().encrypt({"session": request.session.session_key}), MEMORY)


def join(request: HttpRequest, mark: str) -> bool:
    """Give ``request`` the session that the same form has opened, if it has; return whether that was so."""
    ciphertext = None
    with without_cache():
        deadline = time.monotonic() + LONGEST_WAIT
        while (ciphertext := cache.get(mark)) is None and cache.get(sendings(mark), 0) > 1:
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
    opened = conf.token_cipher().decrypt(ciphertext) if ciphertext else None
    if opened is None:
        return False
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(opened["session"])
    request.session.modified = True
    return True


def sendings(mark: str) -> str:
    """Return the cache key that counts how often the form marked ``mark`` was sent."""
    return f"{mark}:sendings"


@contextmanager
def without_cache() -> Iterator[None]:
    """Log that the cache is down, and go on: a form sent twice is then a question answered twice."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 -- whatever the cache's client raises
        logger.error("cache unavailable", extra={"error": type(error).__name__})
