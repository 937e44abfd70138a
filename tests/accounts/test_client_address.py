"""Whose address counts: only what our own proxies wrote."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from accounts import client_address


def address(forwarded: str | None, remote: str = "192.0.2.1") -> str | None:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return client_address.ip_address(RequestFactory(headers=headers).get("/", REMOTE_ADDR=remote))


@pytest.mark.parametrize("forged", ["203.0.113.9", "203.0.113.9, 203.0.113.8", "127.0.0.1"])
def test_without_a_proxy_the_header_is_not_read(settings: Settings, forged: str) -> None:
    settings.TRUSTED_PROXIES = 0
    assert address(forged) == "192.0.2.1"


def test_one_proxy_wrote_the_last_entry(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    assert address("203.0.113.9, 198.51.100.7") == "198.51.100.7"


def test_two_proxies_wrote_the_last_two(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 2
    assert address("203.0.113.9, 198.51.100.7, 10.0.0.1") == "198.51.100.7"


def test_a_request_past_the_proxies_counts_as_what_it_is(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 2
    assert address("203.0.113.9") == "192.0.2.1"


def test_an_ipv6_address_is_an_address(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    assert address("2001:db8::7") == "2001:db8::7"


@pytest.mark.parametrize("forged", ["unknown", "<script>", "198.51.100.7:4711", ""])
def test_what_is_no_address_is_none(settings: Settings, forged: str) -> None:
    settings.TRUSTED_PROXIES = 1
    assert address(forged) is None


def test_a_unix_socket_has_no_address(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 0
    request = RequestFactory().get("/", REMOTE_ADDR="")
    assert client_address.ip_address(request) is None
    assert client_address.context(request) is None


def test_a_long_name_of_a_browser_is_cut() -> None:
    request = RequestFactory(headers={"User-Agent": "x" * 5000}).get("/")
    assert len(client_address.user_agent(request)) == 512
