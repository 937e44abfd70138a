"""The ports that the local AWS and the tests choose for themselves."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from devcloud import ports
from devcloud.errors import CannotStart
from devcloud.settings import HOST


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that something listens on."""
    with socket.create_server((HOST, 0)) as server:
        yield server.getsockname()[1]


def test_a_chosen_port_is_none_that_the_system_gives_to_a_connection() -> None:
    assert ports.free_port() in ports.CHOSEN_FROM
    assert ports.CHOSEN_FROM.stop <= 32_768


def test_a_taken_port_is_not_chosen(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter((taken, free := ports.free_port()))
    monkeypatch.setattr("devcloud.ports.secrets.choice", lambda _ports: next(drawn))
    assert ports.free_port() == free


def test_where_every_port_is_taken_that_is_said(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "CHOSEN_FROM", range(taken, taken + 1))
    with pytest.raises(CannotStart, match=f"from {taken} to {taken} is free"):
        ports.free_port()
