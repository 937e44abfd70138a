"""The stand-in for Cognito that the measuring rests on."""

from __future__ import annotations

import json

import pytest
from jwt import PyJWK

from accounts.cognito.config import CognitoConfig
from accounts.cognito.key_set import KeySet
from accounts.cognito.verifier import TokenVerifier
from benchmarks.environment import CLIENT_ID, ISSUER, PASSWORD, POOL_ID, REGION, email
from benchmarks.stub_cognito import Endpoint


@pytest.fixture(scope="module")
def endpoint() -> Endpoint:
    return Endpoint()


def ask(endpoint: Endpoint, operation: str, **parameters: object) -> dict[str, object]:
    """Return the body of the answer to a call."""
    head = f"POST / HTTP/1.1\r\nX-Amz-Target: AWSCognitoIdentityProviderService.{operation}".encode()
    answer: dict[str, object] = json.loads(body(endpoint.cognito(head, json.dumps(parameters).encode())[1]))
    return answer


def body(answer: bytes) -> bytes:
    """Return an answer without its head."""
    return answer.partition(b"\r\n\r\n")[2]


def sign_in(endpoint: Endpoint, password: str) -> dict[str, object]:
    """Return the answer to a sign-in of the first person."""
    return ask(endpoint, "InitiateAuth", AuthParameters={"USERNAME": email(0), "PASSWORD": password})


def test_its_tokens_pass_the_sites_own_check(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = json.loads(body(endpoint.cognito(b"GET /.well-known/jwks.json HTTP/1.1", b"")[1]))
    config = CognitoConfig(region=REGION, user_pool_id=POOL_ID, client_id=CLIENT_ID, issuer=ISSUER, jwks_url="unused")
    key_set = KeySet(config.jwks_url)
    published = {key["kid"]: PyJWK.from_dict(key).key for key in keys["keys"]}
    monkeypatch.setattr(key_set, "_download", lambda: published)
    result = sign_in(endpoint, PASSWORD)["AuthenticationResult"]
    assert isinstance(result, dict)
    claims = TokenVerifier(config, key_set).verify_id_token(result["IdToken"])
    assert claims.email == email(0)


def test_a_wrong_password_is_refused(endpoint: Endpoint) -> None:
    assert sign_in(endpoint, "wrong")["__type"] == "NotAuthorizedException"


def test_a_refresh_token_it_never_gave_out_is_refused(endpoint: Endpoint) -> None:
    assert ask(endpoint, "GetTokensFromRefreshToken", RefreshToken="x")["__type"] == "NotAuthorizedException"


def test_what_was_asked_is_counted_once(endpoint: Endpoint) -> None:
    endpoint.control(b"", b"{}")
    sign_in(endpoint, PASSWORD)
    assert json.loads(body(endpoint.control(b"", b"{}")[1])) == {"InitiateAuth": 1}
    assert json.loads(body(endpoint.control(b"", b"{}")[1])) == {}


def test_a_key_endpoint_that_is_down_hangs_up(endpoint: Endpoint) -> None:
    endpoint.control(b"", json.dumps({"keys_down": 1}).encode())
    assert endpoint.cognito(b"GET /.well-known/jwks.json HTTP/1.1", b"")[1] == b""
