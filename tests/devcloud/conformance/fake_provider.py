"""An OpenID Connect provider whose every answer a test can spoil."""

from __future__ import annotations

import json
import time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm


@cache
def own_key() -> rsa.RSAPrivateKey:
    """Return the key of every such provider in this process: each serves the public half where it is looked for."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider:
    """It signs in whoever comes; what its tokens say and who signs them can be changed.

    `changes` go over the claims, `refusal` is the error it sends back, `userinfo` what it says at that endpoint, and
    `asked` the latest request at its authorization endpoint.
    """

    def __init__(self) -> None:
        self.key = own_key()
        self.signer = self.key
        self.changes: dict[str, Any] = {}
        self.refusal = ""
        self.userinfo: dict[str, Any] = {}
        self.asked: dict[str, str] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def documents(self) -> dict[str, dict[str, Any]]:
        """Return what it serves by path."""
        key = json.loads(RSAAlgorithm.to_jwk(self.key.public_key())) | {"kid": "one", "use": "sig", "alg": "RS256"}
        discovery = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        if self.userinfo:
            discovery["userinfo_endpoint"] = f"{self.issuer}/userinfo"
        return {
            "/.well-known/openid-configuration": discovery,
            "/keys": {"keys": [key]},
            "/userinfo": self.userinfo,
        }

    def authorize(self, query: dict[str, list[str]]) -> str:
        """Return where it sends a browser back to."""
        self.asked = {name: values[0] for name, values in query.items()}
        answer = {"error": self.refusal} if self.refusal else {"code": "provider-code"}
        return f"{self.asked['redirect_uri']}?{urlencode(answer | {'state': self.asked['state']})}"

    def id_token(self) -> str:
        """Return the ID token of whoever came last."""
        now = int(time.time())
        body = {"iss": self.issuer, "aud": "cognito", "sub": "ada", "iat": now, "exp": now + 300}
        body |= {"nonce": self.asked["nonce"]} if "nonce" in self.asked else {}
        return jwt.encode(body | self.changes, self.signer, algorithm="RS256", headers={"kid": "one"})


def handler_of(provider: Provider) -> type[BaseHTTPRequestHandler]:
    """Return what answers for a provider."""

    class Handler(BaseHTTPRequestHandler):
        # Head and body leave together: two small packets would wait for each other.
        wbufsize = -1

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            if address.path == "/authorize":
                self._send(302, b"", Location=provider.authorize(parse_qs(address.query)))
            else:
                self._answer(provider.documents().get(address.path, {}))

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer({"id_token": provider.id_token(), "access_token": "opaque", "token_type": "Bearer"})

        def _answer(self, document: dict[str, Any]) -> None:
            self._send(200, json.dumps(document).encode(), **{"Content-Type": "application/json"})

        def _send(self, status: int, body: bytes, **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *_arguments: Any) -> None:  # noqa: A002 -- the name in the base class
            """Stay silent."""

    return Handler
