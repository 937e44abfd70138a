"""How commands end: the numbers operators read of, and what of Cognito's answers leads to which."""

from __future__ import annotations

import re

import pytest
from django.core.management.base import CommandError

from accounts.cognito import errors
from accounts.management.exit_codes import ExitCode, failure, for_scripts
from tests.documents import text_of


def test_the_document_lists_every_exit_code() -> None:
    section = text_of("docs/operating.md").partition("## Commands")[2].partition("\n## ")[0]
    assert [int(number) for number in re.findall(r"^\| (\d) \|", section, re.MULTILINE)] == [*ExitCode]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.Throttled("ListUsers"), ExitCode.UNAVAILABLE),
        (errors.Unreachable("ListUsers"), ExitCode.UNAVAILABLE),
        (errors.Misconfigured("ListUsers", "AccessDeniedException"), ExitCode.MISCONFIGURED),
        (errors.InputRejected("ListUsers"), ExitCode.REFUSED),
    ],
)
def test_what_cognito_says_decides_how_a_command_ends(error: errors.CognitoError, code: ExitCode) -> None:
    with pytest.raises(CommandError, match="ListUsers") as caught, for_scripts():
        raise error
    assert caught.value.returncode == code


def test_a_mistake_of_our_own_stays_visible() -> None:
    with pytest.raises(KeyError), for_scripts():
        raise KeyError


def test_an_end_that_a_command_has_chosen_stays_as_it_is() -> None:
    with pytest.raises(CommandError) as caught, for_scripts():
        raise failure("Nobody.", ExitCode.USAGE)
    assert caught.value.returncode == 2
