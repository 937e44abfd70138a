"""A service that takes the access tokens of a user pool, as an API Gateway with a JWT authorizer does."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
import requests

from tests.local_pool import LocalPool


@dataclass
class Orders:
    """Keeps orders. It fetches the keys of the pool once, and verifies what comes without asking anybody.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
    """

    keys: jwt.PyJWKSet
    issuer: str
    client_id: str
    # What it answers instead of the orders.
    status: int = 200
    taken: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, pool: LocalPool) -> Orders:
        """Return the service for the people of `pool`."""
        keys = jwt.PyJWKSet.from_dict(requests.get(pool.config.jwks_url, timeout=5).json())
        return cls(keys, pool.config.issuer, pool.config.client_id)

    def claims(self, header: str) -> dict[str, Any]:
        """Return what the token in an Authorization header says. Raises PyJWTError, KeyError for any but a good one."""
        token = header.removeprefix("Bearer ")
        key = self.keys[jwt.get_unverified_header(token)["kid"]]
        claims: dict[str, Any] = jwt.decode(token, key, algorithms=["RS256"], issuer=self.issuer)
        if (claims["token_use"], claims["client_id"]) != ("access", self.client_id):
            raise jwt.InvalidTokenError("for something else")
        return claims

    def answer(self, header: str) -> tuple[int, dict[str, Any]]:
        """Return status and body of the answer to a request with this Authorization header."""
        try:
            claims = self.claims(header)
        except (jwt.PyJWTError, KeyError) as error:
            self.refused.append(repr(error))
            return 401, {"message": "Unauthorized"}
        self.taken.append(claims)
        return self.status, {"orders": [f"one of {claims['sub']}"]}

    def serve(self) -> ThreadingHTTPServer:
        """Return a server on a free port of the loopback interface, which runs until it is shut down."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return server


def _handler(service: Orders) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = service.answer(self.headers.get("Authorization", ""))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_given: Any) -> None:
            """Write nothing: what comes in holds tokens."""

    return Handler
