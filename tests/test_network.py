"""Proves that no test reaches another machine, and that nothing takes the port a test counts on."""

from __future__ import annotations

import socket

import pytest
import requests

from tests.network import NetworkRefusedError, is_loopback

# RFC 5737 keeps 192.0.2.0/24 for documentation: nobody answers there, so a missing guard shows as a time-out.
ELSEWHERE = "192.0.2.1"


def test_a_connection_to_another_machine_is_refused() -> None:
    with socket.socket() as connection, pytest.raises(NetworkRefusedError):
        connection.connect((ELSEWHERE, 80))


def test_a_connection_without_exceptions_is_refused_too() -> None:
    with socket.socket() as connection, pytest.raises(NetworkRefusedError):
        connection.connect_ex((ELSEWHERE, 80))


def test_a_name_of_another_machine_is_not_looked_up() -> None:
    with pytest.raises(NetworkRefusedError):
        requests.get("http://site.example/", timeout=1)


def test_this_machine_may_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1", "", None, b"localhost"])
def test_this_machine_is_known_by_its_names(host: str | bytes | None) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["localhost.example", "128.0.0.1", "0.0.0.1", "10.0.0.1", "::2", b"site.example"])
def test_other_names_are_other_machines(host: str | bytes) -> None:
    assert not is_loopback(host)


def test_nothing_else_gets_the_port_that_the_site_will_have(site_port: int) -> None:
    with pytest.raises(OSError, match="in use"):
        socket.create_server(("127.0.0.1", site_port))
