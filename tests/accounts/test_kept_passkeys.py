"""What a passkey is called and what is said of it, by what is kept of it here and what Cognito says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import RequestFactory

from accounts import passkeys
from accounts.cognito.results import Passkey
from accounts.context import Context
from accounts.kept_passkeys import LONGEST_LABEL, KeptPasskey, digest
from accounts.models import User
from tests.accounts.test_passkeys import FIREFOX

pytestmark = pytest.mark.django_db

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


def test_what_is_removed_is_forgotten_at_once_and_of_this_person_alone(ada: User) -> None:
    bob = User.objects.create(issuer="x", sub="sub-of-bob", username="bob")
    for user, passkey_id in ((ada, "one"), (ada, "two"), (bob, "one")):
        passkeys.keep(user, passkey_id, Context(user_agent=FIREFOX))
    passkeys.forget(ada, "one")
    assert set(KeptPasskey.objects.values_list("user", "digest")) == {(ada.pk, digest("two")), (bob.pk, digest("one"))}


def test_a_label_is_given_to_one_passkey_of_a_person_alone(ada: User) -> None:
    labels = [passkeys.keep(ada, name, Context(user_agent=FIREFOX)) for name in ("one", "two", "three")]
    assert labels == ["Firefox on Windows", "Passkey 2", "Passkey 3"]
    passkeys.forget(ada, "two")
    assert passkeys.keep(ada, "four", Context()) not in {"Firefox on Windows", "Passkey 3"}


@pytest.mark.parametrize("credential", ["", "nonsense", '{"id": 7}'])
def test_an_answer_without_a_credential_is_noted_of_nobody(ada: User, credential: str) -> None:
    passkeys.used(RequestFactory().post("/", {"credential": credential}), ada)
    assert not KeptPasskey.objects.exists()


def test_a_use_is_noted_with_its_moment_and_browser_and_keeps_the_label(ada: User) -> None:
    passkeys.keep(ada, "one", Context(user_agent=FIREFOX))
    passkeys.used(RequestFactory(HTTP_USER_AGENT="Other").post("/", {"credential": '{"id": "one"}'}), ada)
    kept = KeptPasskey.objects.get()
    assert (kept.label, kept.used_with) == ("Firefox on Windows", "Other")
    assert kept.used_at
    assert kept.created_at
    assert kept.used_at >= kept.created_at
