"""Signing in with another OpenID Connect provider.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-oidc-flow.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from devcloud.start import LocalAWS
from tests.devcloud.conformance.conftest import MakePool
from tests.devcloud.conformance.hosted import OAUTH, Browser, parameter
from tests.devcloud.conformance.user_pool import claims


class Provider:
    """An OpenID Connect provider that signs in whoever comes; what its tokens say and who signs them can be changed."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.signer = self.key
        self.changes: dict[str, Any] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(provider.documents().get(self.path, {}))

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self._answer({"id_token": provider.id_token(), "access_token": "opaque", "token_type": "Bearer"})

            def _answer(self, document: dict[str, Any]) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(document).encode())

            def log_message(self, format: str, *_arguments: Any) -> None:  # noqa: A002 -- the name in the base class
                """Stay silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = Thread(target=self.server.serve_forever, daemon=True)

    def documents(self) -> dict[str, dict[str, Any]]:
        key = json.loads(RSAAlgorithm.to_jwk(self.key.public_key())) | {"kid": "one", "use": "sig", "alg": "RS256"}
        discovery = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        return {"/.well-known/openid-configuration": discovery, "/keys": {"keys": [key]}}

    def id_token(self) -> str:
        now = int(time.time())
        body = {"iss": self.issuer, "aud": "cognito", "sub": "ada", "iat": now, "exp": now + 300, **self.changes}
        return jwt.encode(body, self.signer, algorithm="RS256", headers={"kid": "one"})


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    made.thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    made.thread.join()


@pytest.fixture
def visitor(make_pool: MakePool, server: LocalAWS, provider: Provider) -> Browser:
    """Somebody at a client whose pool, which has a domain, knows the provider."""
    app = make_pool(client={**OAUTH, "SupportedIdentityProviders": ["COGNITO"]})
    details = {"client_id": "cognito", "client_secret": "secret", "oidc_issuer": provider.issuer}
    app.admin.create_identity_provider(
        UserPoolId=app.pool_id,
        ProviderName="Elsewhere",
        ProviderType="OIDC",
        ProviderDetails={**details, "authorize_scopes": "openid", "attributes_request_method": "GET"},
    )
    app.admin.create_user_pool_domain(UserPoolId=app.pool_id, Domain=f"conformance-{app.id}")
    return Browser(app, server.settings.endpoint)


def come_back(visitor: Browser) -> requests.Response:
    """Go to the provider and return what the callback answers."""
    there = visitor.get("/oauth2/authorize", identity_provider="Elsewhere").headers["Location"]
    callback = parameter(there, "redirect_uri")
    assert callback.endswith("/oauth2/idpresponse")
    assert callback.startswith("http://localhost:")
    query = {"code": "provider-code", "state": parameter(there, "state")}
    return requests.get(f"{visitor.base}/oauth2/idpresponse", params=query, allow_redirects=False, timeout=10)


def test_a_person_comes_back_signed_in(visitor: Browser) -> None:
    """cognito-user-pools-oidc-flow.html."""
    id_token = visitor.redeem(come_back(visitor)).json()["id_token"]
    assert claims(id_token)["cognito:username"] == "Elsewhere_ada"


def test_a_token_signed_by_somebody_else_is_refused(visitor: Browser, provider: Provider) -> None:
    """OpenID Connect Core, section 3.1.3.7."""
    provider.signer = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert come_back(visitor).status_code == 400


@pytest.mark.parametrize("changes", [{"aud": "another"}, {"iss": "https://evil.example"}, {"exp": 1}, {"sub": None}])
def test_a_token_for_somebody_else_is_refused(visitor: Browser, provider: Provider, changes: dict[str, Any]) -> None:
    """OpenID Connect Core, section 3.1.3.7."""
    provider.changes = changes
    assert come_back(visitor).status_code == 400


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_secret": ""}, "invalid_client"),
        ({"client_id": "another"}, "invalid_client"),
        ({"code_verifier": "x" * 43}, "invalid_grant"),
        ({"redirect_uri": "http://localhost:8000/elsewhere/"}, "invalid_grant"),
    ],
)
def test_the_code_is_worth_nothing_to_others(visitor: Browser, change: dict[str, str], error: str) -> None:
    """token-endpoint.html, errors; the code stays good for whom it was made."""
    back = come_back(visitor)
    assert visitor.redeem(back, **change).json()["error"] == error
    assert "id_token" in visitor.redeem(back).json()


def test_a_state_nobody_began_with_is_refused(visitor: Browser) -> None:
    """cognito-user-pools-oidc-flow.html."""
    query = {"code": "provider-code", "state": "made-up"}
    answer = requests.get(f"{visitor.base}/oauth2/idpresponse", params=query, allow_redirects=False, timeout=10)
    assert answer.status_code == 400
