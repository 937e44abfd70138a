"""Tokens at rest: encrypted, authenticated, with keys that can be rotated."""

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.core.exceptions import ImproperlyConfigured
from django.views.decorators.debug import sensitive_variables

from accounts.cognito.results import Tokens


class TokenCipher:
    """Encrypts with the first of ``keys`` and decrypts with any of them.

    A key is any random text of 32 characters or more: Fernet's own key is derived from it (HKDF, RFC 5869).
    https://cryptography.io/en/latest/fernet/#cryptography.fernet.MultiFernet
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ImproperlyConfigured("TOKEN_KEYS is empty. Set it to one random text of at least 32 characters.")
        self._fernet = MultiFernet([Fernet(derived(key)) for key in keys])

    def encrypt(self, value: dict[str, Any]) -> str:
        """Return ``value`` (JSON) as ciphertext."""
        return self._fernet.encrypt(json.dumps(value).encode()).decode()

    def decrypt(self, ciphertext: str) -> dict[str, Any] | None:
        """Return what was encrypted, or None for a text that is damaged or whose key is no longer listed."""
        try:
            value = json.loads(self._fernet.decrypt(ciphertext))
        except (InvalidToken, ValueError):
            return None
        return value if isinstance(value, dict) else None

    @sensitive_variables("tokens")
    def encrypt_tokens(self, tokens: Tokens) -> str:
        """Return ``tokens`` as ciphertext."""
        return self.encrypt(asdict(tokens))

    def decrypt_tokens(self, ciphertext: str) -> Tokens | None:
        """Return the tokens in ``ciphertext``; None as in :meth:`decrypt`."""
        value = self.decrypt(ciphertext)
        if value is None or not value.keys() >= {"id_token", "access_token", "refresh_token", "expires_in"}:
            return None
        return Tokens(value["id_token"], value["access_token"], value["refresh_token"], value["expires_in"])


def derived(key: str) -> bytes:
    """Return Fernet's form of ``key``."""
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"latchkey: tokens at rest")
    return base64.urlsafe_b64encode(kdf.derive(key.encode()))
