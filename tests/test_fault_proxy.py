"""The proxy is trusted by every outage test, so each of its faults is shown to a plain client first."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from tests import fault_proxy
from tests.fault_proxy import FaultProxy


class Endpoint(ThreadingHTTPServer):
    """Answers every call with JSON and remembers how many it processed."""

    daemon_threads = True
    processed = 0
    connections = 0


class EndpointHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        assert isinstance(self.server, Endpoint)
        self.server.connections += 1

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        assert isinstance(self.server, Endpoint)
        self.server.processed += 1
        body = json.dumps({"answer": "from the endpoint"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint(("127.0.0.1", 0), EndpointHandler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def proxy(endpoint: Endpoint) -> Iterator[FaultProxy]:
    with FaultProxy(f"http://127.0.0.1:{endpoint.server_address[1]}") as proxy:
        yield proxy


def call(proxy: FaultProxy, operation: str = "InitiateAuth", timeout: float = 5) -> requests.Response:
    headers = {"X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}"}
    return requests.post(proxy.url, headers=headers, json={}, timeout=timeout)


def test_a_call_without_a_fault_passes(proxy: FaultProxy) -> None:
    assert call(proxy).json() == {"answer": "from the endpoint"}


def test_calls_are_counted_by_operation(proxy: FaultProxy) -> None:
    for operation in ("SignUp", "InitiateAuth", "SignUp"):
        call(proxy, operation)
    assert proxy.calls == {"SignUp": 2, "InitiateAuth": 1}


def test_connections_are_counted(proxy: FaultProxy) -> None:
    with requests.Session() as session:
        for _ in range(3):
            session.post(proxy.url, json={}, timeout=5)
    assert proxy.connections == 1


@pytest.mark.parametrize(("kept", "connections"), [(5, 1), (-1, 3)])
def test_the_endpoint_is_asked_on_one_connection_until_it_may_have_closed_it(
    proxy: FaultProxy, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, kept: int, connections: int
) -> None:
    monkeypatch.setattr(fault_proxy, "KEPT_SECONDS", kept)
    with requests.Session() as session:
        for _ in range(3):
            assert session.post(proxy.url, json={}, timeout=5).ok
    assert endpoint.connections == connections


def test_a_fault_ends_after_its_times(proxy: FaultProxy) -> None:
    proxy.fail("InitiateAuth", fault_proxy.server_error(), times=2)
    assert [call(proxy).status_code for _ in range(3)] == [500, 500, 200]


def test_a_fault_of_one_operation_leaves_others_alone(proxy: FaultProxy) -> None:
    proxy.fail("SignUp", fault_proxy.server_error())
    assert call(proxy, "InitiateAuth").status_code == 200


def test_healing_ends_every_fault(proxy: FaultProxy) -> None:
    proxy.fail("*", fault_proxy.bad_gateway())
    assert call(proxy).status_code == 502
    proxy.heal()
    assert call(proxy).status_code == 200


@pytest.mark.parametrize(
    ("fault", "processed"), [(fault_proxy.closed_before(), 0), (fault_proxy.closed_after(), 1)], ids=["before", "after"]
)
def test_a_closed_connection_gives_no_answer(
    proxy: FaultProxy, endpoint: Endpoint, fault: fault_proxy.Fault, processed: int
) -> None:
    proxy.fail("InitiateAuth", fault)
    with pytest.raises(requests.ConnectionError):
        call(proxy)
    assert endpoint.processed == processed


def test_a_truncated_answer_is_an_error_to_the_client(proxy: FaultProxy, endpoint: Endpoint) -> None:
    proxy.fail("InitiateAuth", fault_proxy.truncated())
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        call(proxy)
    assert endpoint.processed == 1


def test_a_hanging_call_is_not_processed(proxy: FaultProxy, endpoint: Endpoint) -> None:
    proxy.fail("InitiateAuth", fault_proxy.hanging(2))
    with pytest.raises(requests.Timeout):
        call(proxy, timeout=0.3)
    assert endpoint.processed == 0


def test_a_held_call_waits_for_its_event(proxy: FaultProxy) -> None:
    event = threading.Event()
    proxy.fail("InitiateAuth", fault_proxy.held(event))
    answers: list[int] = []
    waiting = threading.Thread(target=lambda: answers.append(call(proxy).status_code))
    waiting.start()
    waiting.join(0.3)
    assert answers == []
    event.set()
    waiting.join(30)
    assert answers == [200]


def test_an_aws_error_carries_its_code(proxy: FaultProxy) -> None:
    proxy.fail("SignUp", fault_proxy.aws_error("TooManyRequestsException"))
    answer = call(proxy, "SignUp")
    assert (answer.status_code, answer.json()["__type"]) == (400, "TooManyRequestsException")


@pytest.mark.parametrize("fault", [fault_proxy.html_success(), fault_proxy.empty()], ids=["page", "nothing"])
def test_a_false_success_is_200_without_json(proxy: FaultProxy, fault: fault_proxy.Fault) -> None:
    proxy.fail("InitiateAuth", fault)
    answer = call(proxy)
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
