"""What people read of a row: what it was about where it says so, and nothing that only looks like it."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from accounts import activity_words
from accounts.cognito.factors import Factor
from accounts.models import Activity

Kind = Activity.Kind


@pytest.mark.parametrize(
    ("kind", "about", "words", "without"),
    [
        (Kind.SESSION_ENDED, {"detail": "Safari on iPhone"}, "Signed out Safari on iPhone", "Signed out other devices"),
        (
            Kind.FACTOR_ON,
            {"factor": Factor.EMAIL},
            "Turned on two-step verification: email codes",
            "Turned on two-step verification",
        ),
        (
            Kind.FACTOR_OFF,
            {"factor": Factor.SMS},
            "Turned off two-step verification: text message codes",
            "Turned off two-step verification",
        ),
        (Kind.PASSKEY_ADDED, {"detail": "Mine"}, "Added passkey “Mine”", "Added a passkey"),
        (Kind.PASSKEY_REMOVED, {"detail": "100%s"}, "Removed passkey “100%s”", "Removed a passkey"),
        (Kind.PASSKEY_RENAMED, {"detail": "Mine"}, "Renamed passkey “Mine”", "Renamed a passkey"),
        (Kind.PROVIDER_CONNECTED, {"target": "Google"}, "Connected Google", "Connected another way to sign in"),
        (Kind.PROVIDER_DISCONNECTED, {"target": "Google"}, "Disconnected Google", "Disconnected a way to sign in"),
        (Kind.EMAIL_ASKED, {"detail": "a•••@e•••"}, "Asked to change email to a•••@e•••", "Asked to change email"),
        (Kind.EMAIL_CHANGED, {"detail": "a•••@e•••"}, "Changed email from a•••@e•••", "Changed email"),
        (Kind.PROFILE_CHANGED, {"detail": "locale"}, "Changed language", "Changed profile"),
        (Kind.PASSWORD_RESET, {"detail": "email"}, "Reset password by email", "Reset password with a code"),
        (
            Kind.PASSWORD_RESET,
            {"detail": "phone_number"},
            "Reset password by text message",
            "Reset password with a code",
        ),
        (Kind.SIGN_IN_REFUSED, {"detail": "code"}, "Sign-in failed: wrong code", "Sign-in failed"),
        (Kind.SIGN_IN_REFUSED, {"detail": "off"}, "Sign-in failed: account switched off", "Sign-in failed"),
        (Kind.SIGNED_IN, {"detail": "passkey"}, "Signed in with a passkey", "Signed in"),
        (Kind.FIRST_SIGN_IN, {"detail": "registration"}, "Created the account", "Signed in"),
    ],
)
def test_a_row_says_what_it_was_about_and_less_where_it_does_not_know(
    kind: Activity.Kind, about: dict[str, Any], words: str, without: str
) -> None:
    assert activity_words.words(Activity(kind=kind, **about)) == words
    assert activity_words.words(Activity(kind=kind)) == without


@pytest.mark.parametrize(
    ("kind", "detail", "icon"),
    [
        (Kind.FIRST_SIGN_IN, activity_words.REGISTERED, "user"),
        (Kind.FIRST_SIGN_IN, activity_words.INVITED, "password"),
        (Kind.SIGNED_IN, "password", "sign-in"),
        (Kind.SIGN_IN_REFUSED, "password", "error"),
        # What people call a passkey is not how somebody came in.
        (Kind.PASSKEY_RENAMED, activity_words.REGISTERED, "passkey"),
        (Kind.PASSKEY_ADDED, activity_words.INVITED, "passkey"),
        (Kind.SHUT_OUT, "", "user"),
    ],
)
def test_the_drawing_is_that_of_the_kind(kind: Activity.Kind, detail: str, icon: str) -> None:
    assert activity_words.icon(Activity(kind=kind, detail=detail)) == icon


@pytest.mark.parametrize("kind", [Kind.PROVIDER_CONNECTED, Kind.PROVIDER_DISCONNECTED])
def test_a_provider_is_the_target_of_a_row_and_not_its_detail(kind: Activity.Kind) -> None:
    assert "Mine" not in activity_words.words(Activity(kind=kind, detail="Mine"))


@pytest.mark.parametrize(("language", "words"), [("en", "Groups changed: editors"), ("fr", "\u00a0: editors")])
def test_what_a_row_was_about_stands_behind_a_colon_as_the_language_sets_it(language: str, words: str) -> None:
    row = Activity(kind=Kind.GROUPS_CHANGED, target="editors")
    with override(language):
        assert activity_words.with_target(row).endswith(words)
        assert activity_words.with_target(Activity(kind=Kind.GROUPS_CHANGED)) == row.label
