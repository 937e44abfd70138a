"""What the check-up says: how far somebody is, what is left, which passkeys and second steps there are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts import checkup
from accounts.checkup import Checkup
from accounts.cognito.factors import Factor
from accounts.cognito.results import PoolDescription
from accounts.models import User
from accounts.passkeys import OwnPasskey

ALL = frozenset(Factor)
EMAIL, TWO_STEP, PASSKEY = "email", "two_step", "passkey"


def with_steps(**done: bool) -> Checkup:
    """Return a check-up with these steps."""
    return Checkup(tuple(done.items()), ())


@pytest.mark.parametrize(
    ("done", "following", "headline", "lead"),
    [
        ([0, 0, 0], EMAIL, "Three things left to do", "0 of 3 steps to a well-protected account"),
        ([1, 0, 0], TWO_STEP, "Two things left to do", "1 of 3 steps to a well-protected account"),
        ([1, 0, 1], TWO_STEP, "One thing left to do", "2 of 3 steps to a well-protected account"),
        ([1, 1, 1], "", "Your account is well protected", "All 3 steps done. Nothing needs your attention."),
        ([0], EMAIL, "One thing left to do", "0 of 1 step to a well-protected account"),
        ([1], "", "Your account is well protected", "The only step is done. Nothing needs your attention."),
    ],
)
def test_it_says_how_far_one_is_and_what_comes_next(done: list[int], following: str, headline: str, lead: str) -> None:
    found = with_steps(**{name: bool(each) for name, each in zip((EMAIL, TWO_STEP, PASSKEY), done, strict=False)})
    assert (found.next, found.headline, found.lead) == (following, headline, lead)


@pytest.mark.parametrize(
    ("labels", "named", "more"),
    [
        (None, (), 0),
        ([], (), 0),
        (["A"], ("A",), 0),
        (["A", "B"], ("A", "B"), 0),
        (["A", "B", "C"], ("A", "B"), 1),
        (["A", "B", "C", "D"], ("A", "B"), 2),
    ],
)
def test_two_passkeys_are_named_and_the_others_counted(
    labels: list[str] | None, named: tuple[str, ...], more: int
) -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    own = None if labels is None else tuple(OwnPasskey(label, label, at) for label in labels)
    found = Checkup((), own)
    assert (found.passkeys_named, found.passkeys_more) == (named, more)


@pytest.mark.parametrize(
    ("on", "possible", "words"),
    [
        ("TOTP", ALL, "Authenticator app only. Add a backup."),
        ("SMS", ALL, "Text message only. Add a backup."),
        ("EMAIL", ALL, "Email only. Add a backup."),
        ("TOTP", {"TOTP"}, "Authenticator app"),
        ("SMS", {"SMS"}, "Text message"),
        ("EMAIL", {"EMAIL"}, "Email"),
        ("EMAIL", set(), "Email"),
        ("TOTP SMS", ALL, "Authenticator app and text message"),
        ("TOTP EMAIL", ALL, "Authenticator app and email"),
        ("SMS EMAIL", ALL, "Text message and email"),
        ("TOTP SMS EMAIL", ALL, "Authenticator app, text message and email"),
        ("", ALL, "A code as well as your password"),
    ],
)
def test_the_second_steps_that_are_on_are_named(on: str, possible: frozenset[str], words: str) -> None:
    described = PoolDescription(mfa_factors=frozenset(Factor[getattr(name, "name", name)] for name in possible))
    assert checkup.two_step_in_words([Factor[name].value for name in on.split()], described) == words


def test_a_second_step_that_is_not_known_here_is_not_named() -> None:
    assert checkup.two_step_in_words(["CARRIER_PIGEON"], PoolDescription()) == "A code as well as your password"


@pytest.mark.parametrize(
    ("email", "number", "proved_by"),
    [("a@example.com", "+442079460042", "email"), ("", "+442079460042", "phone"), ("", "", "email")],
)
def test_who_has_no_address_is_reached_by_phone(email: str, number: str, proved_by: str) -> None:
    assert checkup.proved_by(User(email=email, phone_number=number)) == proved_by
