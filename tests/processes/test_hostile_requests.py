"""What PostgreSQL and gunicorn make of requests that no browser sends."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest
import requests

from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.processes.conftest import Browser, Cluster


@pytest.fixture
def person(local_pool: LocalPool, cognito: FaultProxy) -> Person:
    """Somebody who has never signed in here."""
    return local_pool.person()


def sent(cluster: Cluster, request: str, body: bytes = b"") -> int:
    """Send `request` and then `body` to the letter; return the status."""
    address = urlsplit(cluster.urls[0])
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=20) as connection:
        connection.sendall(request.replace("\n", "\r\n").encode("latin-1") + body)
        return int(connection.recv(64).split()[1])


@pytest.mark.parametrize(
    "cookie",
    ['"\\000abcdefghijkl"', '"\\000' + "a" * 31 + '"', "\\000", "a" * 32, "a" * 5000, "'; DROP TABLE x", "é" * 32],
)
def test_a_key_of_impossible_shape_is_a_stranger(cluster: Cluster, cookie: str) -> None:
    head = f"GET /account/ HTTP/1.1\nHost: localhost\nCookie: sessionid={cookie}\nConnection: close\n\n"
    assert sent(cluster, head) == 302
    assert "database unavailable" not in cluster.log.read_text()


def test_a_nul_in_next_does_not_keep_anybody_out(cluster: Cluster, person: Person) -> None:
    browser = Browser()
    form = {"username": person.email, "password": person.password, "next": "/account/\x00"}
    response = browser.submit(f"{cluster.urls[0]}/login/", form)
    assert (response.status_code, response.headers["Location"]) == (302, "/account/")


def test_a_large_body_is_refused_while_most_of_it_is_still_on_its_way(cluster: Cluster) -> None:
    head = (
        "POST /login/ HTTP/1.1\nHost: localhost\nContent-Type: multipart/form-data; boundary=x\n"
        "Content-Length: 60000000\nConnection: close\n\n"
    )
    assert sent(cluster, head, b"--x\r\n") == 413


def test_a_body_of_untold_length_is_refused(cluster: Cluster) -> None:
    head = (
        "POST /login/ HTTP/1.1\nHost: localhost\nContent-Type: multipart/form-data; boundary=x\n"
        "Transfer-Encoding: chunked\nConnection: close\n\n"
    )
    assert sent(cluster, head, b"5\r\n--x\r\n\r\n") == 411


def test_a_stranger_who_looks_around_leaves_no_row(cluster: Cluster) -> None:
    before = cluster.sql("SELECT count(*) FROM accounts_session")
    for page in ("/", "/login/", "/login/challenge/", "/register/", "/verify-code/", "/password/reset/", "/account/"):
        for cookie in ("", "sessionid=" + "a" * 32):
            response = requests.get(
                f"{cluster.urls[0]}{page}", headers={"Cookie": cookie}, timeout=20, allow_redirects=False
            )
            assert "sessionid" not in response.headers.get("Set-Cookie", ""), page
    assert cluster.sql("SELECT count(*) FROM accounts_session") == before
