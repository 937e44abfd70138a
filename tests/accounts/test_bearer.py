"""Requests with an access token (R25, R29-R42): really signed ones, most of them wrong on purpose."""

from __future__ import annotations

import hmac
import json
import secrets
import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
import requests
import time_machine
from cryptography.hazmat.primitives import serialization
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client
from django.urls import path
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts import conf
from accounts.bearer import bearer_required
from accounts.cognito.config import LEEWAY
from accounts.cognito.errors import Unreachable
from accounts.cognito.key_set import KeySet
from accounts.cognito.verifier import LARGEST_TOKEN, TokenVerifier
from accounts.models import Activity, Session, User
from accounts.sessions import revocation
from accounts.urls import urlpatterns as site_patterns
from tests.checked_client import CheckedClient
from tests.signed_tokens import (
    CLIENT_ID,
    ISSUER,
    SUB,
    PublishedKeys,
    SigningPool,
    private_key,
    segment,
    unsigned,
    with_other_claims,
)

POOL = SigningPool()
OTHERS = "another-client"


def told(request: HttpRequest) -> HttpResponse:
    """Say who asks, and try to leave a cookie behind."""
    request.session["left"] = "behind"
    response = JsonResponse({"sub": request.user.sub, "session": request.session.session_key})  # type: ignore[union-attr]
    response.set_cookie("left", "behind")
    return response


urlpatterns = [
    *site_patterns,
    path("api/told", bearer_required()(told)),
    path("api/files", bearer_required(scopes=["files/read", "files/list"])(told)),
    path("api/desk", bearer_required(groups=["editors", "staff"])(told)),
]
pytestmark = [pytest.mark.urls("tests.accounts.test_bearer"), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conf, "verifier", lambda: TokenVerifier(conf.config(), PublishedKeys(POOL)))


@pytest.fixture
def somebody() -> User:
    """Somebody who was here before."""
    return User.objects.create(issuer=ISSUER, sub=SUB, username=SUB, last_login=timezone.now())


def ask(token: str, page: str = "/api/told", **headers: str) -> Any:
    return CheckedClient().get(page, headers={"Authorization": f"Bearer {token}", **headers})


def assert_refused(response: Any, status: int, error: str, challenge: str) -> None:
    """See that a refusal says why, in the header and in the body, and leaves nothing behind."""
    assert (response.status_code, response.json()["error"]) == (status, error)
    assert response["WWW-Authenticate"] == f'Bearer realm="Latchkey"{challenge}'
    assert response["Content-Type"] == "application/problem+json"
    assert not response.cookies


def assert_invalid(response: Any) -> None:
    assert_refused(response, 401, "invalid_token", ', error="invalid_token"')


def test_a_token_leads_to_the_person_by_one_statement(
    somebody: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        response = ask(POOL.access_token())
    assert response.json() == {"sub": SUB, "session": None}


def test_nobody_is_found_by_name_or_by_another_issuer(somebody: User) -> None:
    User.objects.filter(pk=somebody.pk).update(issuer="https://elsewhere.example", username=SUB, email="a@example.com")
    assert_refused(
        ask(POOL.access_token(scope="openid")),
        403,
        "unknown_person",
        ', error="insufficient_scope", scope="aws.cognito.signin.user.admin"',
    )
    assert User.objects.count() == 1


def test_without_a_token_one_is_asked_for_and_no_error_is_told(somebody: User) -> None:
    assert_refused(CheckedClient().get("/api/told"), 401, "token_required", "")


@pytest.mark.parametrize(
    ("name", "realm"),
    [('The "Keys"', r'"The \"Keys\""'), ("Keys \\ Locks", r'"Keys \\ Locks"'), ("Ключ", '"http://localhost:8000"')],
)
def test_the_name_of_the_site_breaks_no_header(settings: Settings, name: str, realm: str) -> None:
    settings.SITE_NAME = name
    assert CheckedClient().get("/api/told")["WWW-Authenticate"] == f"Bearer realm={realm}"


@pytest.mark.parametrize("value", ["Basic YTpi", "Digest x", "bearers x", "", "token"])
def test_another_scheme_is_no_token(somebody: User, value: str) -> None:
    response = CheckedClient().get("/api/told", headers={"Authorization": value})
    assert_refused(response, 401, "token_required", "")


@pytest.mark.parametrize("value", ["Bearer", "Bearer ", "Bearer a b", "Bearer a,Bearer b"])
def test_a_malformed_header_is_a_bad_request(somebody: User, value: str) -> None:
    response = CheckedClient().get("/api/told", headers={"Authorization": value})
    assert_refused(response, 400, "bad_request", ', error="invalid_request"')


@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_the_scheme_may_be_written_in_any_case(somebody: User, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {POOL.access_token()}"}
    assert CheckedClient().get("/api/told", headers=headers).status_code == 200


def test_a_token_in_the_address_is_refused_whatever_comes_beside_it(somebody: User) -> None:
    token = POOL.access_token()
    for response in (CheckedClient().get("/api/told", {"access_token": token}), ask(token, "/api/told?access_token=x")):
        assert_refused(response, 400, "token_in_address", ', error="invalid_request"')


def of_public_key(form: str) -> str:
    """Return a token that is signed with the public key as if it were a secret."""
    kind = serialization.Encoding.PEM if form == "pem" else serialization.Encoding.DER
    public = private_key("access-key").public_key()
    key = public.public_bytes(kind, serialization.PublicFormat.SubjectPublicKeyInfo)
    body = f"{segment({'alg': 'HS256', 'kid': 'access-key'})}.{segment(POOL.access_claims())}"
    return f"{body}.{segment(hmac.new(key, body.encode(), 'sha256').digest())}"


def headed(**headers: Any) -> str:
    """Return a token of a stranger's key whose header says where to find it."""
    return POOL.sign(POOL.access_claims(), kid="access-key", key=private_key("strangers"), headers=headers)


def with_kid(kid: Any) -> str:
    return f"{segment({'alg': 'RS256', 'kid': kid})}.{segment(POOL.access_claims())}.{segment(b'signature')}"


def signed(payload: bytes) -> str:
    """Return a token over a payload that is no set of claims, really signed."""
    body = f"{segment({'alg': 'RS256', 'kid': 'access-key'})}.{segment(payload)}"
    algorithm = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256)
    return f"{body}.{segment(algorithm.sign(body.encode(), private_key('access-key')))}"


FORGED = {
    **{f"R29 alg {alg}": unsigned(POOL.access_claims(), alg) for alg in ("none", "None", "nOnE", "")},
    **{f"R30 {form}": of_public_key(form) for form in ("pem", "der")},
    **{
        f"R31 {alg}": POOL.sign(POOL.access_claims(), kid="access-key", algorithm=alg)
        for alg in ("RS384", "RS512", "PS256")
    },
    **{
        f"R32 {name}": headed(**{name: value})
        for name, value in {
            "jku": "https://evil.example/jwks.json",
            "x5u": "https://evil.example/cert.pem",
            "jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
            "x5c": ["AAAA"],
        }.items()
    },
    **{
        f"R33 {str(kid)[:12]!r}": with_kid(kid)
        for kid in (None, 7, ["access-key"], "k" * 10_000, "../../../../etc/passwd", "' OR 1=1--", "\r\n")
    },
    "another signature": with_other_claims(POOL.access_token(), sub="somebody-else"),
    "R39 1 MB": "a" * 2**20,
    "R39 over the cap": f"{POOL.access_token()}{'a' * LARGEST_TOKEN}",
    "R39 dots": "." * 1000,
    "R39 deep": signed(b'{"a":' * 3_000 + b"1" + b"}" * 3_000),
    "R39 no object": signed(b"[1]"),
    "R39 not JSON": signed(b"claims"),
    "R39 umlaut": "\xe4.\xf6.\xfc",
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_is_refused(
    somebody: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    monkeypatch.setattr(requests, "get", lambda *_, **__: pytest.fail("asked somebody"))
    assert_invalid(ask(FORGED[name]))
    assert all(len(record.getMessage() + str(record.__dict__.get("reason"))) < 500 for record in caplog.records)
    assert "\r" not in caplog.text


WRONG: dict[str, dict[str, Any]] = {
    "R34 another pool": {"iss": ISSUER.replace("Tested123", "Others123")},
    "R34 another region": {"iss": ISSUER.replace("eu-west-1.", "us-east-1.")},
    "R34 http": {"iss": ISSUER.replace("https", "http")},
    "R34 slash": {"iss": f"{ISSUER}/"},
    "R34 prefix": {"iss": ISSUER.replace(".com/", ".com.evil.test/")},
    "R34 none": {"iss": None},
    "R35 ID token": {"token_use": "id"},
    "R35 none": {"token_use": None},
    "R36 another client": {"client_id": OTHERS},
    "R36 several clients": {"client_id": [CLIENT_ID]},
    "R36 audience": {"aud": "another-api"},
    "R37 over": {"exp": int(time.time()) - LEEWAY - 5},
    "R37 no end": {"exp": None},
    "R37 text": {"exp": "tomorrow"},
    "R37 not yet": {"nbf": int(time.time()) + 3600},
    "R37 from tomorrow": {"iat": int(time.time()) + 86_400},
    "R38 no sub": {"sub": None},
    "R38 empty sub": {"sub": ""},
    "R38 number": {"sub": 7},
    "R38 long sub": {"sub": "s" * 10_000},
}


@pytest.mark.parametrize("name", WRONG)
def test_a_signed_token_that_is_not_for_us_is_refused(somebody: User, name: str) -> None:
    try:
        token = POOL.access_token(**WRONG[name])
    except TypeError:
        # PyJWT signs no such claim; Cognito's signature would be as good.
        token = signed(json.dumps(POOL.access_claims(**WRONG[name])).encode())
    assert_invalid(ask(token))
    assert User.objects.count() == 1


def test_an_id_token_opens_nothing(somebody: User) -> None:
    assert_invalid(ask(POOL.id_token(client_id=CLIENT_ID, username=SUB)))


@pytest.mark.parametrize("claims", [{"exp": -LEEWAY + 10}, {"iat": 5}])
def test_clocks_may_differ_a_little(somebody: User, claims: dict[str, int]) -> None:
    now = int(time.time())
    moved = {name: now + seconds for name, seconds in claims.items()}
    assert ask(POOL.access_token(**moved)).status_code == 200


@pytest.mark.parametrize("claims", [{"sub": CLIENT_ID, "username": None}, {"username": None}, {"sub": CLIENT_ID}])
def test_a_machine_is_nobody(somebody: User, claims: dict[str, Any]) -> None:
    response = ask(POOL.access_token(**{"auth_time": None, **claims}))
    assert_refused(response, 403, "machine_token", ', error="insufficient_scope"')
    assert User.objects.count() == 1


def test_clients_that_the_settings_name_are_let_in_and_no_machine_of_theirs(somebody: User, settings: Settings) -> None:
    settings.COGNITO = {**settings.COGNITO, "API_CLIENT_IDS": [OTHERS, "a-third"]}
    for client in (OTHERS, "a-third", CLIENT_ID):
        assert ask(POOL.access_token(client_id=client)).status_code == 200
    assert_invalid(ask(POOL.access_token(client_id="a-fourth")))
    assert ask(POOL.access_token(client_id=OTHERS, sub=OTHERS)).status_code == 403


@pytest.mark.parametrize("scope", ["", "files/read", "files/readonly files/list", "files/read,files/list", None])
def test_without_all_scopes_in_whole_words_nothing_is_told(somebody: User, scope: str | None) -> None:
    challenge = ', error="insufficient_scope", scope="files/read files/list"'
    assert_refused(ask(POOL.access_token(scope=scope), "/api/files"), 403, "insufficient_scope", challenge)
    assert ask(POOL.access_token(scope="files/list openid files/read"), "/api/files").status_code == 200


@pytest.mark.parametrize("groups", [None, "editors", ["others"], [], ["editor"], {"editors": 1}])
def test_without_a_group_nothing_is_told(somebody: User, groups: Any) -> None:
    response = ask(POOL.access_token(**{"cognito:groups": groups}), "/api/desk")
    assert_refused(response, 403, "group_required", ', error="insufficient_scope"')
    assert ask(POOL.access_token(**{"cognito:groups": ["x", "staff"]}), "/api/desk").status_code == 200


def test_a_session_counts_for_nothing_and_is_not_touched(somebody: User) -> None:
    client = Client()
    client.force_login(User.objects.create(issuer=ISSUER, sub="the-other"), "accounts.backends.CognitoBackend")
    Session.objects.update(last_seen_at=timezone.now() - timedelta(hours=1))
    seen = Session.objects.values_list("last_seen_at", "session_data").get()
    assert_refused(client.get("/api/told"), 401, "token_required", "")
    response = client.get("/api/told", headers={"Authorization": f"Bearer {POOL.access_token()}"})
    assert response.json() == {"sub": SUB, "session": None}
    assert not response.cookies
    assert Session.objects.values_list("last_seen_at", "session_data").get() == seen


def test_no_token_of_a_form_is_asked_for(somebody: User) -> None:
    client = CheckedClient(enforce_csrf_checks=True)
    headers = {"Authorization": f"Bearer {POOL.access_token()}"}
    assert client.post("/api/told", headers=headers).status_code == 200
    assert client.post("/api/told", {"access_token": POOL.access_token()}).status_code == 401


def test_a_page_takes_no_token(somebody: User) -> None:
    assert ask(POOL.access_token(), "/account/").status_code == 302


def test_somebody_shut_out_is_refused(somebody: User) -> None:
    User.objects.update(is_active=False)
    assert_invalid(ask(POOL.access_token()))


@pytest.mark.parametrize("seconds", [-3600, -1, 0])
def test_tokens_of_a_sign_in_before_everything_was_ended_are_refused(somebody: User, seconds: int) -> None:
    revocation.end_sessions(somebody)
    since = User.objects.get().tokens_valid_from
    assert since is not None
    # A token that was just made of an old sign-in is as old as that.
    assert_invalid(ask(POOL.access_token(auth_time=int(since.timestamp()) + seconds)))


def test_tokens_of_a_later_sign_in_are_taken(somebody: User) -> None:
    revocation.end_sessions(somebody)
    with time_machine.travel(timezone.now() + timedelta(seconds=2)):
        assert ask(POOL.access_token()).status_code == 200


@pytest.mark.parametrize("moment", [None, "long ago", True, 1e30])
def test_a_token_that_does_not_say_when_it_was_is_refused_once_everything_was_ended(
    somebody: User, moment: object
) -> None:
    token = POOL.access_token(auth_time=moment)
    assert ask(token).status_code == 200
    User.objects.update(tokens_valid_from=timezone.now() - timedelta(days=400))
    assert_invalid(ask(token))


def test_one_person_ends_nobody_elses(somebody: User) -> None:
    other = User.objects.create(issuer=ISSUER, sub="the-other", username="other", email="other@example.com")
    revocation.end_sessions(other)
    revocation.end_sessions_named("other@example.com")
    revocation.delete_sessions([other.pk])
    assert ask(POOL.access_token()).status_code == 200


@pytest.mark.parametrize("end", ["end_sessions", "end_sessions_named", "delete_sessions"])
def test_whatever_ends_all_sessions_ends_the_tokens(somebody: User, end: str) -> None:
    User.objects.update(email="ada@example.com")
    token = POOL.access_token()
    given: Any = {"end_sessions": somebody, "end_sessions_named": "ada@example.com", "delete_sessions": [somebody.pk]}
    getattr(revocation, end)(given[end])
    assert_invalid(ask(token))


class Hammered(KeySet):
    """A key set that knows the keys, and counts how often it is fetched in vain."""

    fetches = 0

    def _download(self) -> dict[str, Any]:
        self.fetches += 1
        raise requests.ConnectionError


@pytest.fixture
def hammered(monkeypatch: pytest.MonkeyPatch) -> Hammered:
    keys = Hammered("http://127.0.0.1:9/jwks.json")
    keys._keys, keys._stale_at = PublishedKeys(POOL)._keys, time.monotonic() + 3600
    verifier = TokenVerifier(conf.config(), keys)
    monkeypatch.setattr(conf, "verifier", lambda: verifier)
    return keys


def test_keys_that_nobody_knows_are_looked_for_once_and_hold_up_nobody(somebody: User, hammered: Hammered) -> None:
    for _ in range(50):
        assert_invalid(ask(with_kid(secrets.token_hex())))
        assert ask(POOL.access_token()).status_code == 200
    assert hammered.fetches == 1


def test_an_outage_is_no_refusal(somebody: User, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = KeySet("http://127.0.0.1:9/jwks.json")
    monkeypatch.setattr(conf, "verifier", lambda: TokenVerifier(conf.config(), keys))
    with pytest.raises(Unreachable):
        keys.key("access-key")
    response = ask(POOL.access_token())
    assert (response.status_code, response.json()["error"]) == (503, "service_unavailable")
    assert "WWW-Authenticate" not in response


def test_a_token_leaves_nothing_in_activity(somebody: User) -> None:
    ask(POOL.access_token())
    assert not Activity.objects.exists()
