"""Whatever comes with the callback, or as an access token: never a mistake of ours, nothing kept, nothing told."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import quote, urlencode

import jwt
import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as fuzzing
from hypothesis import strategies as st
from pytest_django import Settings

from accounts import conf
from accounts.cognito.verifier import TokenVerifier
from accounts.models import Activity, Session, User
from accounts.sessions.pending import PendingProviders
from tests.accounts.federating import request_with
from tests.checked_client import CheckedClient
from tests.conftest import forget_counts
from tests.signed_tokens import ISSUER, SUB, PublishedKeys, SigningPool, private_key, segment

pytestmark = pytest.mark.django_db
# The same examples each time: a test that fails one time in seventy is worse than none.
fuzz = fuzzing(
    max_examples=120,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
POOL = SigningPool()
BACK, PROTECTED = "/login/callback/", "/api/me"
CANARY = "canary-d41d8cd98f00b204"

names = st.sampled_from(["code", "state", "error", "error_description", "iss", "access_token", "next", ""]) | st.text()
texts = st.text(max_size=300) | st.sampled_from(["", "access_denied", "\0", "<script>", "a" * 9000, ISSUER, CANARY])
queries = st.lists(st.tuples(names, texts), max_size=8)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
CLAIMS = [
    "iss",
    "sub",
    "exp",
    "nbf",
    "iat",
    "auth_time",
    "token_use",
    "client_id",
    "aud",
    "username",
    "scope",
    "jti",
    "cognito:groups",
]
claims = st.dictionaries(st.sampled_from(CLAIMS), anything, min_size=1, max_size=4)
# What can stand in a header: RFC 9110 leaves out line feeds, and servers read the rest as Latin-1.
header_texts = st.text(st.characters(max_codepoint=255, blacklist_characters="\r\n\0"), max_size=300)


def told_of(caplog: pytest.LogCaptureFixture) -> str:
    """Return all that the log says, with what the lines carry besides their words."""
    return "".join(str(vars(record)) for record in caplog.records if not record.name.startswith("django"))


def signed(body: dict[str, Any]) -> str:
    """Return a token whose payload is `body`, whatever that is; PyJWT would sign sensible claims alone."""
    return jwt.PyJWS().encode(
        json.dumps(body).encode(), private_key(POOL.access_key), "RS256", {"kid": POOL.access_key}
    )


def kept() -> tuple[int, int, int]:
    """Return how many rows there are that a stranger could have made."""
    return User.objects.count(), Session.objects.count(), Activity.objects.count()


@pytest.fixture(autouse=True)
def _site(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nobody listens at the pool's domain: what gets as far as that is an outage.
    settings.COGNITO = {**settings.COGNITO, "DOMAIN": "http://127.0.0.1:9", "PROVIDERS": ["Elsewhere"]}
    monkeypatch.setattr(conf, "verifier", lambda: TokenVerifier(conf.config(), PublishedKeys(POOL)))


@fuzz
@given(query=queries)
def test_a_callback_that_nobody_went_out_for_keeps_nothing(
    caplog: pytest.LogCaptureFixture, query: list[tuple[str, str]]
) -> None:
    caplog.clear()
    response = CheckedClient().get(f"{BACK}?{urlencode(query, errors='replace')}")
    assert response.status_code == 400
    assert not response.cookies
    assert kept() == (0, 0, 0)
    assert CANARY not in told_of(caplog) + response.content.decode()


@fuzz
@given(raw=st.binary(max_size=200))
def test_a_callback_whose_query_is_no_query_keeps_nothing(raw: bytes) -> None:
    response = CheckedClient().get(f"{BACK}?{quote(raw, safe='=&%+;')}")
    assert (response.status_code, len(response.cookies), kept()) == (400, 0, (0, 0, 0))


@fuzz
@given(query=queries)
def test_a_callback_with_a_state_of_ones_own_lets_nobody_in(
    caplog: pytest.LogCaptureFixture, query: list[tuple[str, str]]
) -> None:
    caplog.set_level(logging.DEBUG)
    forget_counts()
    browser = CheckedClient()
    browser.post("/login/with/Elsewhere/")
    found = PendingProviders.find(request_with(browser.session))
    assert found
    [(state, tab)] = found.tabs.items()
    others = [(name, value) for name, value in query if name != "state"]
    response = browser.get(f"{BACK}?{urlencode([('state', state), ('code', CANARY), *others], errors='replace')}")
    assert response.status_code in {302, 400, 503}
    assert "<script>" not in response.content.decode()
    assert (User.objects.count(), Activity.objects.count()) == (0, 0)
    assert "_auth_user_id" not in browser.session
    assert not [secret for secret in (CANARY, tab["verifier"], tab["nonce"]) if secret in told_of(caplog)]


@fuzz
@given(
    value=header_texts | header_texts.map(lambda text: f"Bearer {text}") | header_texts.map(lambda t: f"bearer\t{t}")
)
def test_a_header_that_makes_no_sense_is_refused(caplog: pytest.LogCaptureFixture, value: str) -> None:
    caplog.clear()
    response = CheckedClient().get(PROTECTED, headers={"Authorization": value})
    assert response.status_code in {400, 401}
    assert response["WWW-Authenticate"].startswith("Bearer realm=")
    assert not response.cookies
    assert kept() == (0, 0, 0)
    assert len(value) < 30 or value not in told_of(caplog) + response.content.decode()


@fuzz
@given(
    parts=st.lists(st.text("ab_-=+/.", max_size=60) | anything.map(segment), max_size=5), size=st.integers(0, 40_000)
)
def test_what_looks_like_a_token_is_refused(parts: list[str], size: int) -> None:
    token = ".".join(parts) + "x" * size
    response = CheckedClient().get(PROTECTED, headers={"Authorization": f"Bearer {token}"})
    assert response.status_code in {400, 401}
    assert kept() == (0, 0, 0)


@fuzz
@given(header=st.dictionaries(st.sampled_from(["alg", "kid", "typ", "jku", "x5u", "jwk", "crit", "b64"]), anything))
def test_a_signature_under_another_header_is_refused(header: dict[str, Any]) -> None:
    _, payload, signature = POOL.access_token().split(".")
    token = f"{segment({'alg': 'RS256', 'kid': POOL.access_key, **header, 'was': 'another'})}.{payload}.{signature}"
    response = CheckedClient().get(PROTECTED, headers={"Authorization": f"Bearer {token}"})
    assert (response.status_code, response.json()["error"]) == (401, "invalid_token")


@fuzz
@given(changed=claims)
def test_a_genuine_token_of_any_claims_is_refused_or_its_persons(
    caplog: pytest.LogCaptureFixture, changed: dict[str, Any]
) -> None:
    caplog.clear()
    User.objects.get_or_create(issuer=ISSUER, sub=SUB, defaults={"username": SUB, "last_login": timezone.now()})
    body = POOL.access_claims(scope="openid") | changed
    token = signed(body)
    response = CheckedClient().get(PROTECTED, headers={"Authorization": f"Bearer {token}"})
    # Without the scope of one's own account even a good token is told no more than that.
    assert response.status_code in {401, 403}
    assert kept() == (1, 0, 0)
    assert token not in told_of(caplog)
    assert token.rpartition(".")[2] not in told_of(caplog)
