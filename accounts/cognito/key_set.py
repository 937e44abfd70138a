"""The pool's public keys: fetched once, renewed in the background, kept through an outage."""

import json
import logging
import threading
import time
from typing import Any

import requests
import urllib3
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from accounts.cognito.errors import UnknownKey, Unreachable

logger = logging.getLogger(__name__)

LARGEST_KEY_SET = 256 * 1024  # bytes; Cognito's is about 1 KiB


class KeySet:
    """The JSON Web Key Set at ``url``, by key id. Safe to share between threads.

    A key that is known is answered without waiting, also while the set is fetched again or cannot be. One that is not
    known causes at most one fetch per ``cool_down`` seconds, so that forged key ids cannot make us hammer Cognito.
    RFC 7517; https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
    """

    def __init__(self, url: str, *, timeout: float = 5.0, lifespan: float = 3600.0, cool_down: float = 10.0) -> None:
        self.url, self.timeout, self.lifespan, self.cool_down = url, timeout, lifespan, cool_down
        self._keys: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._stale_at = 0.0
        self._next_fetch_at = 0.0

    def key(self, key_id: str) -> Any:
        """Return the public key called ``key_id``.

        Raises UnknownKey where the pool has none of that name, Unreachable where no key set could be fetched yet.
        """
        key = self._keys.get(key_id)
        if key is None:
            return self._fetch_for(key_id)
        if time.monotonic() > self._stale_at:
            self._renew_in_background()
        return key

    def warm(self) -> None:
        """Fetch the keys unless they are here already. Whether that worked shows when one is asked for."""
        if not self._keys and self._lock.acquire(blocking=False):
            try:
                self._fetch()
            finally:
                self._lock.release()

    def _fetch_for(self, key_id: str) -> Any:
        # Only the very first callers, who have no keys at all, wait for each other.
        if not self._lock.acquire(blocking=not self._keys):
            raise UnknownKey(key_id)
        try:
            if key_id not in self._keys and time.monotonic() >= self._next_fetch_at:
                self._fetch()
        finally:
            self._lock.release()
        if key_id in self._keys:
            return self._keys[key_id]
        if not self._keys:
            raise Unreachable("JWKS", "no key set yet")
        raise UnknownKey(key_id)

    def _renew_in_background(self) -> None:
        if self._lock.acquire(blocking=False):
            # Set before the thread runs, so that no second one is started.
            self._stale_at = time.monotonic() + self.cool_down
            try:
                threading.Thread(target=self._renew, name="key-set", daemon=True).start()
            except RuntimeError as error:
                # The process can have no more threads now. Whoever asked has a key that was known.
                self._lock.release()
                logger.warning("key set not fetched", extra={"url": self.url, "error": type(error).__name__})

    def _renew(self) -> None:
        try:
            self._fetch()
        finally:
            self._lock.release()

    def _fetch(self) -> None:
        """Replace the keys by what the endpoint publishes; on any failure keep those we have. Needs the lock."""
        self._next_fetch_at = time.monotonic() + self.cool_down
        try:
            keys = self._download()
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError, PyJWTError) as error:
            logger.warning("key set not fetched", extra={"url": self.url, "error": type(error).__name__})
            return
        if keys:
            self._keys = keys
            self._stale_at = time.monotonic() + self.lifespan

    def _download(self) -> dict[str, Any]:
        with requests.get(self.url, timeout=self.timeout, allow_redirects=False, stream=True) as response:
            response.raise_for_status()
            body = response.raw.read(LARGEST_KEY_SET + 1, decode_content=True)
        if response.status_code != 200 or len(body) > LARGEST_KEY_SET:
            raise ValueError("not a key set")
        document = json.loads(body)
        if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
            raise ValueError("not a key set")  # noqa: TRY004 -- what came is wrong, not what we were given
        return {
            entry["kid"]: PyJWK.from_dict(entry, algorithm="RS256").key
            for entry in document["keys"]
            if isinstance(entry, dict) and entry.get("kty") == "RSA" and isinstance(entry.get("kid"), str)
        }
