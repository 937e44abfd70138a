"""The pages of the pool's domain: what goes there, what comes back, and what becomes of an answer that is none."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from accounts.cognito.config import CognitoConfig
from accounts.cognito.errors import CognitoError, Misconfigured, NotAuthorized, Throttled, Unreachable
from accounts.cognito.handshake import Handshake
from accounts.cognito.hosted_ui import LARGEST_ANSWER, HostedUI
from tests import fault_proxy
from tests.fault_proxy import Answer, Fault, FaultProxy
from tests.signed_tokens import CLIENT_ID, ISSUER, POOL_ID, REGION

TOKEN = "/oauth2/token"
CALLBACK = "https://accounts.example.com/login/callback/"
TOKENS = {"id_token": "i.d.t", "access_token": "a.c.t", "refresh_token": "refresh", "expires_in": 3600}


@pytest.fixture
def endpoint() -> Iterator[FaultProxy]:
    # There is nothing behind it: the proxy itself answers for the domain.
    with FaultProxy("http://127.0.0.1:9") as proxy:
        yield proxy


def hosted_ui(endpoint: FaultProxy) -> HostedUI:
    config = CognitoConfig(
        region=REGION,
        user_pool_id=POOL_ID,
        client_id=CLIENT_ID,
        client_secret="of-the-client",
        issuer=ISSUER,
        jwks_url="",
        domain=endpoint.url,
    )
    return HostedUI(config, CALLBACK)


def answers(endpoint: FaultProxy, status: int, document: object) -> None:
    endpoint.fail(TOKEN, fault_proxy.answered(status, json.dumps(document).encode(), "application/json"))


def test_a_code_becomes_tokens_in_one_call(endpoint: FaultProxy) -> None:
    answers(endpoint, 200, TOKENS)
    tokens = hosted_ui(endpoint).redeem("a-code", "a-verifier")
    assert (tokens.id_token, tokens.access_token, tokens.refresh_token, tokens.expires_in) == (*TOKENS.values(),)
    assert endpoint.calls[TOKEN] == 1


def test_connections_are_used_again(endpoint: FaultProxy) -> None:
    answers(endpoint, 200, TOKENS)
    ui = hosted_ui(endpoint)
    for _ in range(5):
        ui.redeem("a-code", "a-verifier")
    assert endpoint.connections == 1


@pytest.mark.parametrize(
    ("status", "document", "kind"),
    [
        (400, {"error": "invalid_grant", "error_description": "Call +1 555"}, NotAuthorized),
        (400, {"error": "invalid_client"}, Misconfigured),
        (401, {"error": "unauthorized_client"}, Misconfigured),
        (400, {"error": "invalid_request"}, Misconfigured),
        (400, {}, Unreachable),
        (400, {"error": ""}, Unreachable),
        (400, ["invalid_grant"], Unreachable),
        (404, {"error": "invalid_grant"}, Unreachable),
        (429, {"error": "invalid_grant"}, Throttled),
        (500, {"error": "invalid_grant"}, Unreachable),
        (302, TOKENS, Unreachable),
        (200, {}, Unreachable),
        (200, {**TOKENS, "id_token": ""}, Unreachable),
        (200, {**TOKENS, "access_token": 7}, Unreachable),
        (200, {**TOKENS, "id_token": None}, Unreachable),
        (200, [TOKENS], Unreachable),
        (200, {**TOKENS, "filler": "x" * LARGEST_ANSWER}, Unreachable),
    ],
)
def test_whatever_else_comes_has_a_name(
    endpoint: FaultProxy, status: int, document: object, kind: type[CognitoError]
) -> None:
    answers(endpoint, status, document)
    with pytest.raises(CognitoError) as caught:
        hosted_ui(endpoint).redeem("a-code", "a-verifier")
    assert type(caught.value) is kind
    assert "555" not in str(caught.value)
    assert endpoint.calls[TOKEN] == 1


@pytest.mark.parametrize(
    "fault",
    [fault_proxy.closed_before(), fault_proxy.bad_gateway(), fault_proxy.html_success(), fault_proxy.empty()],
    ids=["closed", "502", "html", "empty"],
)
def test_an_outage_is_unreachable_and_tells_no_code(endpoint: FaultProxy, fault: Fault) -> None:
    endpoint.fail(TOKEN, fault)
    with pytest.raises(Unreachable) as caught:
        hosted_ui(endpoint).redeem("the-code", "the-verifier")
    assert caught.value.__cause__ is None
    assert "the-code" not in str(caught.value)
    assert endpoint.calls[TOKEN] == 1


@pytest.mark.parametrize(
    "fault",
    [
        fault_proxy.truncated(),
        Fault(rewrite=lambda _: Answer(200, b"no gzip", headers=(("Content-Encoding", "gzip"),))),
    ],
    ids=["cut short", "garbled"],
)
def test_an_answer_that_breaks_off_is_unreachable_and_tells_no_code(endpoint: FaultProxy, fault: Fault) -> None:
    answers(endpoint, 200, TOKENS)
    with FaultProxy(endpoint.url) as line:
        line.fail(TOKEN, fault)
        with pytest.raises(Unreachable) as caught:
            hosted_ui(line).redeem("the-code", "the-verifier")
    assert caught.value.__cause__ is None
    assert "the-code" not in str(caught.value)


def test_a_domain_that_says_nothing_is_waited_for_so_long(endpoint: FaultProxy) -> None:
    endpoint.fail(TOKEN, fault_proxy.hanging(5))
    ui = hosted_ui(endpoint)
    ui._config = replace(ui._config, read_timeout=0.1)
    with pytest.raises(Unreachable):
        ui.redeem("a-code", "a-verifier")


def test_a_redirect_is_not_followed(endpoint: FaultProxy) -> None:
    moved = Answer(307, b"", "text/html", (("Location", f"{endpoint.url}/elsewhere"),))
    endpoint.fail(TOKEN, Fault(forward=False, rewrite=lambda _answer: moved))
    with pytest.raises(Unreachable):
        hosted_ui(endpoint).redeem("a-code", "a-verifier")
    assert endpoint.calls["/elsewhere"] == 0


def test_no_cookie_of_one_person_goes_along_with_the_next(endpoint: FaultProxy) -> None:
    body = json.dumps(TOKENS).encode()
    cookie = Answer(200, body, "application/json", (("Set-Cookie", "XSRF-TOKEN=of-ada; Path=/"),))
    endpoint.fail(TOKEN, Fault(forward=False, rewrite=lambda _answer: cookie))
    ui = hosted_ui(endpoint)
    ui.redeem("a-code", "a-verifier")
    assert list(ui._http.cookies) == []


def test_a_verifier_is_as_long_as_it_has_to_be() -> None:
    """RFC 7636, section 4.1."""
    handshake = Handshake()
    assert 43 <= len(handshake.verifier) <= 128
    assert len(base64.urlsafe_b64decode(f"{handshake.challenge}=")) == 32
    assert handshake.verifier not in repr(handshake)


def test_the_ways_there_name_the_client_and_what_was_set(endpoint: FaultProxy) -> None:
    ui, handshake = hosted_ui(endpoint), Handshake()
    url = urlsplit(ui.authorize_url(handshake, "Acme & Söhne", again=True, login_hint="ada+1@example.com"))
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert query["redirect_uri"] == CALLBACK
    assert query["identity_provider"] == "Acme & Söhne"
    assert query["login_hint"] == "ada+1@example.com"
    assert handshake.verifier not in url.query
    assert parse_qs(urlsplit(ui.logout_url("https://a.example/")).query)["client_id"] == [CLIENT_ID]
