"""Reading the environment: every mistake is told by the variable's name."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


@pytest.mark.parametrize(
    ("value", "meaning"), [("on", True), ("TRUE", True), ("1", True), ("off", False), ("no", False)]
)
def test_a_flag_is_on_or_off(monkeypatch: pytest.MonkeyPatch, value: str, meaning: bool) -> None:
    monkeypatch.setenv("SOME_FLAG", value)
    assert env.flag("SOME_FLAG", default=not meaning) is meaning


@pytest.mark.parametrize("default", [True, False])
def test_a_flag_that_is_empty_is_its_default(monkeypatch: pytest.MonkeyPatch, default: bool) -> None:
    monkeypatch.setenv("SOME_FLAG", "")
    assert env.flag("SOME_FLAG", default=default) is default


@pytest.mark.parametrize("value", ["maybe", "2", "onn"])
def test_a_flag_that_is_neither_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SOME_FLAG", value)
    with pytest.raises(ImproperlyConfigured, match=f"SOME_FLAG is '{value}'"):
        env.flag("SOME_FLAG")


@pytest.mark.parametrize("value", ["-1", "1.5", "many", "²"])
def test_a_number_that_is_none_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SOME_NUMBER", value)
    with pytest.raises(ImproperlyConfigured, match="SOME_NUMBER"):
        env.number("SOME_NUMBER", 7)


def test_a_number_that_is_not_set_is_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOME_NUMBER", raising=False)
    assert env.number("SOME_NUMBER", 7) == 7


def test_a_choice_is_one_of_its_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_CHOICE", "blue")
    with pytest.raises(ImproperlyConfigured, match="red, green"):
        env.choice("SOME_CHOICE", ("red", "green"))


def test_a_choice_that_is_not_set_is_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_CHOICE", "")
    assert env.choice("SOME_CHOICE", ("red", "green")) == "red"


def test_a_list_has_no_space_around_its_items(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_LIST", " a, b ,,c ")
    assert env.listing("SOME_LIST") == ["a", "b", "c"]


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FIRST", "from the environment")
    monkeypatch.setenv("SECOND", "to be removed again")
    monkeypatch.delenv("SECOND")
    file = tmp_path / ".env"
    file.write_text('FIRST="from the file"\nSECOND="from # the file"\n')
    env.read(file)
    assert (env.text("FIRST"), env.text("SECOND")) == ("from the environment", "from # the file")


def test_a_file_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    env.read(tmp_path / ".env")
