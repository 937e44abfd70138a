from __future__ import annotations

import http.client
import socket

import pytest

from devcloud.start import LocalAWS

HEALTH = "/_ministack/health"


def answer(
    local_aws: LocalAWS, path: str, *, method: str = "GET", headers: dict[str, str] | None = None
) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", local_aws.settings.port, timeout=10)
    connection.request(method, path, headers=headers or {})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


@pytest.mark.parametrize("path", [HEALTH, "/_ministack/ready"])
def test_it_tells_whether_it_runs(local_aws: LocalAWS, path: str) -> None:
    assert answer(local_aws, path).status == 200


@pytest.mark.parametrize(
    "host", ["attacker.example", "attacker.example:{port}", "localhost", "bucket.localhost:{port}"]
)
def test_another_host_name_is_refused(local_aws: LocalAWS, host: str) -> None:
    assert answer(local_aws, HEALTH, headers={"Host": host.format(port=local_aws.settings.port)}).status == 421


@pytest.mark.parametrize("origin", ["https://attacker.example", "null", "http://localhost:1"])
def test_a_page_of_another_origin_is_refused(local_aws: LocalAWS, origin: str) -> None:
    response = answer(local_aws, HEALTH, headers={"Origin": origin})
    assert response.status == 403
    assert response.headers["Access-Control-Allow-Origin"] is None


def test_a_page_of_the_site_is_answered_and_no_other_named(local_aws: LocalAWS) -> None:
    origin = local_aws.settings.origin
    jwks = f"/{local_aws.env['COGNITO_USER_POOL_ID']}/.well-known/jwks.json"
    response = answer(local_aws, jwks, headers={"Origin": origin})
    assert response.status == 200
    assert response.headers.get_all("Access-Control-Allow-Origin") == [origin]


def test_a_program_is_told_no_origin(local_aws: LocalAWS) -> None:
    jwks = f"/{local_aws.env['COGNITO_USER_POOL_ID']}/.well-known/jwks.json"
    response = answer(local_aws, jwks)
    assert response.status == 200
    assert response.headers["Access-Control-Allow-Origin"] is None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/_ministack/reset"),
        ("POST", "/_ministack/config"),
        ("GET", "/_ministack/ses/messages"),
        ("GET", "/_ministack/sns/sms-messages"),
        ("GET", "/_localstack/health"),
        ("GET", "/_aws/ses"),
    ],
)
def test_the_endpoints_that_need_no_key_are_not_served(local_aws: LocalAWS, method: str, path: str) -> None:
    assert answer(local_aws, path, method=method).status == 404


def test_a_web_socket_is_refused(local_aws: LocalAWS) -> None:
    with socket.create_connection(("127.0.0.1", local_aws.settings.port), timeout=10) as connection:
        request = [
            "GET / HTTP/1.1",
            f"Host: localhost:{local_aws.settings.port}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        ]
        connection.sendall("\r\n".join([*request, "", ""]).encode())
        assert connection.recv(64).startswith(b"HTTP/1.1 403")


def test_other_addresses_are_not_listened_on(local_aws: LocalAWS) -> None:
    # The whole of 127/8 leads to this machine; a server bound to all its addresses would answer.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", local_aws.settings.port), timeout=2)
