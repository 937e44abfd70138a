"""Keeps the tests on this machine: a connection that would leave the loopback interface is an error at once."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

import pytest


class NetworkRefusedError(RuntimeError):
    """A test tried to reach another machine."""


def is_loopback(host: str | bytes | None) -> bool:
    """Tell whether `host`, a name or an address, is this machine itself."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False


def stay_on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `socket` refuse other machines, by address and by name, for as long as `monkeypatch` lasts.

    The attempt raises NetworkRefusedError, which no client library takes for an outage of the other side.
    """
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, _checked_connect(getattr(socket.socket, name)))
    monkeypatch.setattr(socket, "getaddrinfo", _checked_lookup(socket.getaddrinfo))


def _checked_connect(connect: Callable[..., Any]) -> Callable[..., Any]:
    def checked(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_loopback(address[0]):
            raise NetworkRefusedError(f"a test tried to connect to {address[0]}")
        return connect(self, address)

    return checked


def _checked_lookup(lookup: Callable[..., Any]) -> Callable[..., Any]:
    def checked(host: str | bytes | None, *args: Any, **kwargs: Any) -> Any:
        if not is_loopback(host):
            raise NetworkRefusedError(f"a test tried to look up {host!r}")
        return lookup(host, *args, **kwargs)

    return checked
