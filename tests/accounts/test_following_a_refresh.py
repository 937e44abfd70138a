"""Whoever reads how tokens are renewed, function by function, is not sent back and forth between files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from accounts.sessions import refresh
from accounts.sessions.engine import SessionStore
from tests.accounts.test_refresh import expire
from tests.checked_client import CheckedClient

ACCOUNTS = Path(refresh.__file__).parents[1]
# What `conf` finds, what speaks to AWS, and what follows from groups is read as one word, and nobody goes on to what is
# behind it: `conf.user_pool().refresh(...)`, `rights.of_groups(...)`.
ONE_WORD = {ACCOUNTS / "conf.py", ACCOUNTS / "rights.py", *(ACCOUNTS / "cognito").iterdir()}


@contextmanager
def first_calls() -> Iterator[list[Path]]:
    """Yield the files of the functions of `accounts` that the block calls, each function when it is called first."""
    files: list[Path] = []
    known: set[CodeType] = set()

    def look(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        path = Path(code.co_filename)
        if event == "call" and code not in known and path.is_relative_to(ACCOUNTS) and path not in ONE_WORD:
            known.add(code)
            files.append(path)

    before: Callable[..., object] | None = sys.getprofile()
    sys.setprofile(look)
    try:
        yield files
    finally:
        sys.setprofile(before)


def returns(files: list[str]) -> int:
    """Return how often ``files`` come back to one that was left before."""
    visits = [name for index, name in enumerate(files) if index == 0 or files[index - 1] != name]
    return len(visits) - len(set(visits))


def test_a_return_would_be_counted() -> None:
    assert returns(["a", "a", "b", "c"]) == 0
    assert returns(["a", "b", "a", "c", "b"]) == 2


def test_who_follows_a_refresh_returns_to_a_file_three_times_at_most(signed_in: CheckedClient) -> None:
    expire(60)
    session = SessionStore(signed_in.session_cookie)
    with first_calls() as files:
        outcome = refresh.ensure_fresh(session)
    assert outcome is refresh.Outcome.USABLE
    names = [path.stem for path in files]
    assert {"refresh", "engine", "encryption", "users"} == set(names)
    assert returns(names) <= 3, names
