"""Tokens at rest: unreadable, unforgeable, and with keys that can be changed."""

from __future__ import annotations

import base64
import hmac
from dataclasses import asdict

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from accounts.cognito.results import Tokens
from accounts.encryption import TokenCipher, derived

OLD, NEW = "old-key-of-thirty-two-characters!", "new-key-of-thirty-two-characters!"
TOKENS = Tokens("id-canary", "access-canary", "refresh-canary", 3600)


def test_what_was_encrypted_comes_back() -> None:
    cipher = TokenCipher([NEW])
    assert cipher.decrypt_tokens(cipher.encrypt_tokens(TOKENS)) == TOKENS


def test_the_stored_text_shows_no_token() -> None:
    stored = TokenCipher([NEW]).encrypt_tokens(TOKENS)
    raw = base64.urlsafe_b64decode(stored)
    for token in (TOKENS.id_token, TOKENS.access_token, TOKENS.refresh_token):
        assert token not in stored
        assert token.encode() not in raw
        assert base64.b64encode(token.encode()).decode()[:-4] not in stored


def test_the_same_tokens_are_never_stored_alike() -> None:
    cipher = TokenCipher([NEW])
    assert cipher.encrypt_tokens(TOKENS) != cipher.encrypt_tokens(TOKENS)


def test_an_older_key_still_reads() -> None:
    stored = TokenCipher([OLD]).encrypt_tokens(TOKENS)
    assert TokenCipher([NEW, OLD]).decrypt_tokens(stored) == TOKENS


def test_the_newest_key_writes() -> None:
    stored = TokenCipher([NEW, OLD]).encrypt_tokens(TOKENS)
    assert TokenCipher([NEW]).decrypt_tokens(stored) == TOKENS
    assert TokenCipher([OLD]).decrypt_tokens(stored) is None


@pytest.mark.parametrize("stored", ["", "x", "gAAAAA", "ünusual"])
def test_a_damaged_text_reads_as_nothing(stored: str) -> None:
    assert TokenCipher([NEW]).decrypt_tokens(stored) is None


def test_a_changed_text_reads_as_nothing() -> None:
    cipher = TokenCipher([NEW])
    stored = cipher.encrypt_tokens(TOKENS)
    middle = len(stored) // 2
    changed = stored[:middle] + ("A" if stored[middle] != "A" else "B") + stored[middle + 1 :]
    assert cipher.decrypt_tokens(changed) is None


@pytest.mark.parametrize("missing", ["id_token", "access_token", "refresh_token", "expires_in"])
def test_a_record_of_another_shape_is_no_tokens(missing: str) -> None:
    cipher = TokenCipher([NEW])
    whole = asdict(TOKENS)
    assert cipher.decrypt_tokens(cipher.encrypt(whole)) == TOKENS
    del whole[missing]
    assert cipher.decrypt_tokens(cipher.encrypt(whole)) is None


@pytest.mark.parametrize("text", [b"no JSON", b"\xff\xfe", b"[]", b"7"])
def test_a_text_of_ours_that_is_no_record_reads_as_nothing(text: bytes) -> None:
    ours = Fernet(derived(NEW)).encrypt(text).decode()
    assert TokenCipher([NEW]).decrypt(ours) is None


def test_a_key_is_derived_as_it_always_was() -> None:
    """RFC 5869 by hand: derived otherwise, every token stored before would be unreadable."""
    extracted = hmac.digest(bytes(32), NEW.encode(), "sha256")
    expanded = hmac.digest(extracted, b"latchkey: tokens at rest" + b"\x01", "sha256")
    assert base64.urlsafe_b64decode(derived(NEW)) == expanded


def test_no_key_at_all_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="TOKEN_KEYS"):
        TokenCipher([])
