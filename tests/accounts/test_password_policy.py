"""One object behind the hint, the checklist, the check and the hint to password managers."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from pytest_django import Settings

from accounts import password_policy
from accounts.cognito.results import PasswordPolicy

STRICT = PasswordPolicy()
LONG = PasswordPolicy(15, False, False, False, False)


@pytest.mark.parametrize(
    ("password", "missing"),
    [
        ("Ab1-", "at least 8 characters long"),
        ("ABCDEFG1-", "Add a lowercase letter to"),
        ("abcdefg1-", "Add an uppercase letter to"),
        ("Abcdefgh-", "Add a number to"),
        ("Abcdefgh1", "symbol"),
        ("Ünïcödé12", "symbol"),
        (" Abcdefg1 ", "symbol"),
    ],
)
def test_a_password_that_breaks_a_rule_is_told_which(password: str, missing: str) -> None:
    with pytest.raises(ValidationError) as caught:
        password_policy.validate(STRICT, password)
    assert missing in caught.value.message


@pytest.mark.parametrize("symbol", password_policy.SYMBOLS)
def test_every_symbol_of_the_list_counts(symbol: str) -> None:
    password_policy.validate(STRICT, f"Xkcdhorse1{symbol}")


def test_a_long_password_of_plain_words_may_do() -> None:
    password_policy.validate(LONG, "quite ordinary words in a row")


def test_rules_the_pool_does_not_have_are_not_asked_for() -> None:
    assert [rule.words for rule in password_policy.rules(LONG)] == ["15 or more characters"]


@pytest.mark.parametrize("password", ["password", "Password", "PASSWORD"])
def test_a_password_of_everybody_is_refused(password: str) -> None:
    with pytest.raises(ValidationError) as caught:
        password_policy.validate(PasswordPolicy(8, False, False, False, False), password)
    assert caught.value.code == "common"


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("lovelace@example.com", "Lovelace-2026"),
        ("lovelace@example.com", "my-LOVELACE-9a"),
        ("Alice Liddell", "Liddell-Alice-1"),
        ("Alice Liddell", "Wonder-liddell-1"),
        ("alice.liddell@example.com", "Wonder-Liddell-1"),
        ("alice_liddell", "Wonder-Liddell-1"),
        ("alice1862liddell", "Wonder-Liddell-1"),
        ("a1-b2@example.com", "Horse-A1-b2"),
        ("ada.lovelace", "Engine-Lovelace-1"),
        ("ada@engines.example", "Analytical-Engines-1"),
        ("Zo\u00eb Stra\u00dfe", "Corner-STRASSE-1"),
    ],
)
def test_a_password_with_a_word_of_the_own_name_is_refused(name: str, password: str) -> None:
    with pytest.raises(ValidationError) as caught:
        password_policy.validate(STRICT, password, ("ada", name))
    assert caught.value.code == "own"


@pytest.mark.parametrize("password", ["Latchkey-1", "my-LATCHKEY-9", "Accounts-horse-1"])
def test_a_password_with_the_name_or_the_host_of_the_site_is_refused(settings: Settings, password: str) -> None:
    settings.SITE_URL = "https://accounts.company.example"
    with pytest.raises(ValidationError) as caught:
        password_policy.validate(STRICT, password)
    assert caught.value.code == "site"


def test_the_end_of_a_domain_forbids_nothing() -> None:
    password_policy.validate(STRICT, "Information-horse-1", ("ada@math.info",))


def test_a_password_without_own_words_may_do() -> None:
    password_policy.validate(STRICT, "Correct-horse-1", ("", "Alice Liddell", "ada@engines.example"))


def test_a_short_name_forbids_nothing() -> None:
    password_policy.validate(STRICT, "Kada-horse-1", ("ada@example.com",))


def test_the_hint_names_every_rule() -> None:
    hint = password_policy.hint(STRICT)
    assert len(password_policy.rules(STRICT)) == 5
    assert all(rule.words in hint for rule in password_policy.rules(STRICT))


def test_a_refused_password_is_told_all_that_it_misses_in_one_go() -> None:
    with pytest.raises(ValidationError) as caught:
        password_policy.validate(STRICT, "abc")
    assert caught.value.message == (
        "Make your password at least 8 characters long. "
        "Add an uppercase letter, a number and a symbol to your password."
    )


def test_each_rule_is_judged_by_itself() -> None:
    judged = {rule.name: rule.state for rule in password_policy.judged(STRICT, "Harbor-pilot")}
    assert judged.pop("require_numbers") == "missed"
    assert set(judged.values()) == {"met"}


def test_before_anything_is_typed_no_rule_is_judged() -> None:
    assert {rule.state for rule in password_policy.rules(STRICT)} == {""}


def test_password_managers_are_not_offered_the_space() -> None:
    assert "special" not in password_policy.widget_attributes(STRICT)["passwordrules"]


def test_password_managers_are_told_what_the_pool_requires() -> None:
    rules = password_policy.widget_attributes(STRICT)["passwordrules"]
    assert rules == "minlength: 8; required: lower; required: upper; required: digit; required: [-]"
