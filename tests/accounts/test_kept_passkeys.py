"""What a passkey is called and what is said of it, by what is kept of it here and what Cognito says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts import passkeys
from accounts.cognito.results import Passkey
from accounts.kept_passkeys import LONGEST_LABEL, KeptPasskey
from tests.accounts.test_passkeys import FIREFOX

AT = datetime(2026, 11, 1, tzinfo=UTC)


def known(name: str) -> Passkey:
    """Return a passkey as Cognito tells of it, by the `name` it has there."""
    return Passkey(id="x", name=name, created_at=AT, attachment="platform")


@pytest.mark.parametrize(
    ("kept", "name", "label"),
    [
        (None, "", "Passkey 3"),
        (None, "iCloud Keychain", "iCloud Keychain"),
        (None, "x" * 100, "x" * LONGEST_LABEL),
        (KeptPasskey(label=""), "", "Passkey 3"),
        (KeptPasskey(label=""), "iCloud Keychain", "iCloud Keychain"),
        (KeptPasskey(label="Mine"), "iCloud Keychain", "Mine"),
    ],
)
def test_a_passkey_is_called_as_it_was_named_here_there_or_by_its_place(
    kept: KeptPasskey | None, name: str, label: str
) -> None:
    assert passkeys.own(known(name), 3, kept).label == label


def test_what_is_not_kept_of_a_passkey_is_not_said() -> None:
    found = known("")
    unknown = passkeys.own(found, 1, None)
    assert (unknown.used_at, unknown.used_with, unknown.is_kept) == (None, "", False)
    unused = passkeys.own(found, 1, KeptPasskey(label="Mine"))
    assert (unused.used_at, unused.used_with, unused.is_kept) == (None, "", True)
    used = passkeys.own(found, 1, KeptPasskey(label="Mine", used_at=AT, used_with=FIREFOX))
    assert (used.used_at, used.used_with, used.is_kept) == (AT, "Firefox on Windows", True)


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "[]", "null", "7", '"x"', "{}", '{"id": 7}', '{"id": null}', "[" * 100_000, "1" * 5000],
    ids=range(11),
)
def test_what_is_no_credential_is_none(text: str) -> None:
    assert passkeys.parsed_credential(text) is None
