"""A proxy on loopback that stands in front of Cognito's endpoint, breaks what it is told to break and counts calls.

An operation is known by its AWS name (`InitiateAuth`), taken from the `X-Amz-Target` header; a request without one by
the last part of its path (`jwks.json`).
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

AMZ_JSON = "application/x-amz-json-1.1"
# Passed on hop by hop, not end to end (RFC 9110 section 7.6.1); the length is set afresh.
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}
# The endpoint answers to its own name only, which is also part of what a signature covers.
SIGNATURE = {"host", "authorization", "x-amz-date", "x-amz-content-sha256"}

# How long after an answer its connection to the endpoint is asked the next thing on.
KEPT_SECONDS = 5


@dataclass(frozen=True)
class Answer:
    """What the proxy sends back instead of, or as, the endpoint's own answer."""

    status: int
    body: bytes
    content_type: str = AMZ_JSON
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong with one call.

    `wait` runs first, in the thread of that call. `forward` says whether the endpoint processes the call at all.
    `rewrite` makes the answer out of the endpoint's (None when it was not asked); returning None closes the
    connection without a word.
    """

    wait: Callable[[], object] | None = None
    forward: bool = True
    rewrite: Callable[[Answer | None], Answer | None] = lambda answer: answer


def delayed(seconds: float) -> Fault:
    """Pass the call on, `seconds` late."""
    return Fault(wait=lambda: time.sleep(seconds))


def held(event: threading.Event, seconds: float = 20) -> Fault:
    """Pass the call on when `event` is set, at the latest after `seconds`."""
    return Fault(wait=lambda: event.wait(seconds))


def hanging(seconds: float = 20) -> Fault:
    """Take the call and say nothing for `seconds`; the endpoint never hears of it."""
    return Fault(wait=lambda: time.sleep(seconds), forward=False, rewrite=lambda _answer: None)


def closed_before() -> Fault:
    """Close the connection before the endpoint hears of the call."""
    return Fault(forward=False, rewrite=lambda _answer: None)


def closed_after() -> Fault:
    """Close the connection after the endpoint has acted: done, but not answered."""
    return Fault(rewrite=lambda _answer: None)


def trigger_failed_after() -> Fault:
    """Answer that a function of the pool failed which the endpoint calls once it has acted."""
    body = json.dumps({"__type": "UserLambdaValidationException", "message": "PostConfirmation failed"}).encode()
    # As long as the endpoint's own answer at least: a shorter one would look cut off.
    return Fault(rewrite=lambda answer: Answer(400, body.ljust(len(answer.body) if answer else 0)))


def answered(status: int, body: bytes, content_type: str = AMZ_JSON) -> Fault:
    """Answer in the endpoint's place."""
    return Fault(forward=False, rewrite=lambda _answer: Answer(status, body, content_type))


def aws_error(code: str, message: str = "told to fail", status: int = 400) -> Fault:
    """Answer with an AWS error of this code, as the JSON 1.1 protocol writes it."""
    return answered(status, json.dumps({"__type": code, "message": message}).encode())


def server_error() -> Fault:
    """Answer 500 as AWS does."""
    return aws_error("InternalErrorException", status=500)


def bad_gateway() -> Fault:
    """Answer 502 with a page, as a load balancer does."""
    return answered(502, b"<html><body><h1>502 Bad Gateway</h1></body></html>", "text/html")


def html_success() -> Fault:
    """Answer 200 with a page, as a captive portal does; botocore reads it as an empty success."""
    return answered(200, b"<html><body>Welcome to the hotel network</body></html>", "text/html")


def empty() -> Fault:
    """Answer 200 with nothing in it."""
    return answered(200, b"")


def truncated() -> Fault:
    """Let the endpoint act, then send the first half of its answer and close the connection."""

    def halve(answer: Answer | None) -> Answer | None:
        assert answer is not None
        return Answer(answer.status, answer.body[: len(answer.body) // 2], answer.content_type, answer.headers)

    return Fault(rewrite=halve)


class FaultProxy:
    """The proxy: `with FaultProxy("http://127.0.0.1:4566") as proxy`, then point AWS clients at `proxy.url`."""

    def __init__(self, upstream: str, signer: SigV4Auth | None = None) -> None:
        """Listen on a free port of the loopback interface, in front of the endpoint at `upstream`.

        `signer` signs again what came signed, since a signature is good for one host name only.
        """
        parts = urlsplit(upstream)
        self.upstream = (str(parts.hostname), int(parts.port or 80))
        self.upstream_url = upstream
        self.signer = signer
        self.calls: Counter[str] = Counter()
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.answered: list[bytes] = []
        self.connections = 0
        self._faults: dict[str, list[Fault]] = {}
        self._always: dict[str, Fault] = {}
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def sign_with(self, env: Mapping[str, str]) -> None:
        """Sign again, with the AWS key in `env`, what came signed."""
        key = Credentials(env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"])
        self.signer = SigV4Auth(key, "cognito-idp", env["AWS_REGION"])

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Return the proxy's address, to be used as the AWS endpoint."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def fail(self, operation: str, fault: Fault, *, times: int | None = None) -> None:
        """Apply `fault` to the next `times` calls of `operation`, or to all of them; "*" is every operation."""
        with self._lock:
            if times is None:
                self._always[operation] = fault
            else:
                self._faults.setdefault(operation, []).extend([fault] * times)

    def heal(self) -> None:
        """Take all faults away; the counts stay."""
        with self._lock:
            self._faults.clear()
            self._always.clear()

    def forget(self) -> None:
        """Take all faults away and start counting from nothing."""
        self.heal()
        with self._lock:
            self.calls.clear()
            self.sent.clear()
            self.answered.clear()
            self.connections = 0

    def last(self, operation: str) -> dict[str, Any]:
        """Return the parameters of the newest call of `operation`."""
        return next(parameters for name, parameters in reversed(self.sent) if name == operation)

    def take_call(self, operation: str, body: bytes = b"") -> Fault:
        """Count and keep one call of `operation` and return what happens to it."""
        with self._lock:
            self.calls[operation] += 1
            if body.startswith(b"{"):
                self.sent.append((operation, json.loads(body)))
            for name in (operation, "*"):
                if self._faults.get(name):
                    return self._faults[name].pop(0)
                if name in self._always:
                    return self._always[name]
        return Fault()

    def take_connection(self) -> None:
        """Count one TCP connection."""
        with self._lock:
            self.connections += 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Hanging calls outlive their test; waiting for them would make every outage test as slow as the outage.
    block_on_close = False
    request_queue_size = 256
    proxy: FaultProxy

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that give up on a broken call are what this server is for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave together: two small packets would wait for each other.
    wbufsize = -1
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.proxy.take_connection()
        # It opens itself again after the endpoint has closed it with an answer.
        self._upstream = HTTPConnection(*self.server.proxy.upstream, timeout=30)
        self._last_used = time.monotonic()

    def finish(self) -> None:
        self._upstream.close()
        super().finish()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._pass_on(self.headers.get("X-Amz-Target", self.path).rpartition(".")[2], body)

    def do_GET(self) -> None:
        self._pass_on(self.path.rpartition("/")[2], b"")

    def log_message(self, *args: Any) -> None:
        """Keep the test output clean."""

    def _pass_on(self, operation: str, body: bytes) -> None:
        fault = self.server.proxy.take_call(operation, body)
        if fault.wait is not None:
            fault.wait()
        whole = self._ask(body) if fault.forward else None
        answer = fault.rewrite(whole)
        self.server.proxy.answered.append(answer.body if answer else b"")
        if answer is None:
            self.close_connection = True
            return
        promised = len(answer.body) if whole is None else max(len(whole.body), len(answer.body))
        self._send(answer, promised)
        # Fewer bytes than promised: the client must see the end of the stream, or it would wait for the rest.
        self.close_connection = self.close_connection or promised != len(answer.body)

    def _ask(self, body: bytes) -> Answer:
        # A client's own name and password, which are no signature, are passed on.
        signed = self.headers.get("Authorization", "AWS4").startswith("AWS4")
        dropped = HOP_BY_HOP | (SIGNATURE if signed else {"host"})
        headers = {name: value for name, value in self.headers.items() if name.lower() not in dropped}
        proxy = self.server.proxy
        if signed and "Authorization" in self.headers and proxy.signer:
            request = AWSRequest(self.command, f"{proxy.upstream_url}{self.path}", headers, body)
            proxy.signer.add_auth(request)
            headers = dict(request.headers.items())
        # The endpoint closes idle connections, which would look like a fault nobody asked for.
        if time.monotonic() > self._last_used + KEPT_SECONDS:
            self._upstream.close()
        self._upstream.request(self.command, self.path, body, headers)
        response = self._upstream.getresponse()
        content = response.read()
        self._last_used = time.monotonic()
        kept = tuple(
            (name, value)
            for name, value in response.getheaders()
            if name.lower() not in {*HOP_BY_HOP, "content-type", "date", "server"}
        )
        return Answer(response.status, content, response.headers.get("Content-Type", AMZ_JSON), kept)

    def _send(self, answer: Answer, length: int) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(length))
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)
