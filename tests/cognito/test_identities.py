"""Who somebody is elsewhere, as the pool writes it down: what makes no sense in it is left out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.cognito.identities import Identity, identities, profile_identity
from accounts.cognito.results import Profile

AT = datetime(2026, 4, 2, 12, 34, 56, tzinfo=UTC)
GOOGLE: dict[str, Any] = {
    "userId": "1093485",
    "providerName": "Google",
    "providerType": "Google",
    "issuer": None,
    "primary": False,
    "dateCreated": int(AT.timestamp() * 1000),
}


def read(**changes: Any) -> tuple[Identity, ...]:
    return identities(json.dumps([{**GOOGLE, **changes}]))


def test_all_of_it_is_read() -> None:
    assert read() == (Identity("Google", "1093485", primary=False, since=AT),)


@pytest.mark.parametrize(("written", "meant"), [(True, True), ("true", True), ("false", False), (None, False)])
def test_what_is_true_may_be_text(written: object, meant: bool) -> None:
    """amazon-cognito-user-pools-using-the-id-token.html."""
    assert read(primary=written, dateCreated=str(GOOGLE["dateCreated"])) == (Identity("Google", "1093485", meant, AT),)


@pytest.mark.parametrize("changes", [{"userId": 1}, {"userId": ""}, {"providerName": None}, {"providerName": ["x"]}])
def test_one_without_a_name_is_left_out(changes: dict[str, Any]) -> None:
    assert read(**changes) == ()


@pytest.mark.parametrize("date", [None, "", "yesterday", 10**30, {}, "-"])
def test_a_date_that_is_none_is_not_known(date: object) -> None:
    assert read(dateCreated=date)[0].since is None


@pytest.mark.parametrize("text", ["", "{}", "null", "1", "[1]", "[[]]", "not JSON", "[" * 100_000])
def test_what_is_no_list_of_them_is_empty(text: str) -> None:
    assert identities(text) == ()


def test_a_profile_began_as_somebody_of_the_pool_or_of_a_provider() -> None:
    linked, own = Identity("Google", "1"), Identity("Apple", "2", primary=True)
    assert profile_identity("ada", [linked]) == Identity("Cognito", "ada", primary=True)
    assert profile_identity("ada", [linked, own]) == own


def test_the_same_person_at_the_same_provider() -> None:
    one = Identity("Google", "1", since=AT)
    assert one.is_same(Identity("Google", "1", primary=True))
    assert not one.is_same(Identity("Google", "2", since=AT))
    assert not one.is_same(Identity("Apple", "1", since=AT))


def test_a_profile_tells_them() -> None:
    assert Profile("ada", {"identities": json.dumps([GOOGLE])}).identities == read()
    assert Profile("ada", {}).identities == ()


def test_nobodys_name_there_is_shown() -> None:
    assert "1093485" not in repr(read())
