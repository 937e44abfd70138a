"""Whoever has no certificate for the name of an endpoint hears nothing: neither a code nor a secret, nor who asks."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from accounts.cognito.client import make_client
from accounts.cognito.config import CognitoConfig, Connection
from accounts.cognito.errors import Unreachable
from accounts.cognito.hosted_ui import HostedUI
from accounts.cognito.key_set import KeySet
from accounts.cognito.user_pool import UserPool
from tests.signed_tokens import CLIENT_ID, ISSUER, POOL_ID, REGION, private_key


def certificate(directory: Path) -> Path:
    """Write a certificate for the loopback address that its holder has signed, and its key; return where."""
    key, name = private_key("of-an-impostor"), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "impostor")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoded = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = directory / "impostor.pem"
    path.write_bytes(encoded + made.public_bytes(serialization.Encoding.PEM))
    return path


class Impostor:
    """An endpoint at `url` with that certificate; `heard` has what was said to it."""

    def __init__(self, certificate: Path) -> None:
        self.heard: list[str] = []
        heard = self.heard

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                heard.append(self.path)
                self.send_response(200)
                self.end_headers()

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *_given: Any) -> None:
                """Write nothing."""

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_given: Any) -> None:
                """Write nothing: that nobody goes on with the handshake is what is wanted."""

        self.server = Server(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()


@pytest.fixture
def impostor(tmp_path: Path) -> Iterator[Impostor]:
    made = Impostor(certificate(tmp_path))
    yield made
    made.server.shutdown()
    made.server.server_close()


def config(impostor: Impostor) -> CognitoConfig:
    return CognitoConfig(
        region=REGION,
        user_pool_id=POOL_ID,
        client_id=CLIENT_ID,
        client_secret="ofTheClient" * 3,
        issuer=ISSUER,
        jwks_url=f"{impostor.url}/jwks.json",
        domain=impostor.url,
    )


def test_a_domain_without_a_certificate_gets_no_code(impostor: Impostor) -> None:
    with pytest.raises(Unreachable, match="SSLError"):
        HostedUI(config(impostor), "https://accounts.example.com/login/callback/").redeem("a-code", "a-verifier")
    assert impostor.heard == []


def test_keys_come_from_no_endpoint_without_a_certificate(impostor: Impostor) -> None:
    with pytest.raises(Unreachable):
        KeySet(config(impostor).jwks_url).key("id-key")
    assert impostor.heard == []


def test_cognito_without_a_certificate_gets_no_call(impostor: Impostor) -> None:
    client = make_client("cognito-idp", Connection(region=REGION, endpoint_url=impostor.url))
    with pytest.raises(Unreachable, match="SSLError"):
        UserPool(client, config(impostor)).revoke_token("a-refresh-token")
    assert impostor.heard == []


def test_the_impostor_would_hear_whoever_does_not_look(impostor: Impostor) -> None:
    careless = urllib3.PoolManager(cert_reqs="CERT_NONE")
    with pytest.warns(urllib3.exceptions.InsecureRequestWarning):
        assert careless.request("GET", f"{impostor.url}/").status == 200
    assert impostor.heard == ["/"]
