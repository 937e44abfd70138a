"""Whether a token is believed: really signed tokens, most of them wrong on purpose (R29-R39, RFC 8725)."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives import serialization

from accounts.cognito.config import LEEWAY, CognitoConfig
from accounts.cognito.errors import ClaimNotAllowed, TokenError, UnknownKey, Unreachable
from accounts.cognito.key_set import KeySet
from accounts.cognito.results import AccessClaims
from accounts.cognito.verifier import TokenVerifier, key_id_of
from tests.signed_tokens import (
    CLIENT_ID,
    ISSUER,
    POOL_ID,
    REGION,
    SUB,
    PublishedKeys,
    SigningPool,
    private_key,
    public_jwk,
    segment,
    unsigned,
    with_other_claims,
)

POOL = SigningPool()
CONFIG = CognitoConfig(
    region=REGION, user_pool_id=POOL_ID, client_id=CLIENT_ID, issuer=ISSUER, jwks_url=f"{ISSUER}/.well-known/jwks.json"
)


@pytest.fixture
def verifier() -> TokenVerifier:
    return TokenVerifier(CONFIG, PublishedKeys(POOL))


class CountingKeys(PublishedKeys):
    """The keys of a signing pool, and how often one was looked for."""

    asked = 0

    def key(self, key_id: str) -> Any:
        self.asked += 1
        return super().key(key_id)


def public_pem(kid: str) -> bytes:
    return (
        private_key(kid)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def test_a_genuine_id_token_is_believed(verifier: TokenVerifier) -> None:
    claims = verifier.verify_id_token(POOL.id_token(**{"cognito:groups": ["staff"], "name": "Ada"}))
    assert (claims.issuer, claims.sub, claims.email, claims.name) == (ISSUER, SUB, "ada@example.com", "Ada")
    assert claims.groups == ("staff",)


def test_a_genuine_access_token_is_believed(verifier: TokenVerifier) -> None:
    token = POOL.access_claims(**{"username": "ada", "scope": "files/read openid", "cognito:groups": ["staff"]})
    assert verifier.verify_access_token(POOL.sign(token, kid="access-key")) == AccessClaims(
        issuer=ISSUER,
        sub=SUB,
        username="ada",
        client_id=CLIENT_ID,
        scopes=("files/read", "openid"),
        groups=("staff",),
        issued_at=token["iat"],
        authenticated_at=token["auth_time"],
        expires_at=token["exp"],
        token_id=token["jti"],
    )


@pytest.mark.parametrize("scope", [None, "", 7, ["files/read"]])
def test_a_scope_that_is_no_text_allows_nothing(verifier: TokenVerifier, scope: Any) -> None:
    assert verifier.verify_access_token(POOL.access_token(scope=scope)).scopes == ()


def test_a_token_with_the_nonce_that_was_sent_is_believed(verifier: TokenVerifier) -> None:
    assert verifier.verify_id_token(POOL.id_token(nonce="nonce-1"), nonce="nonce-1").sub == SUB


@pytest.mark.parametrize("nonce", [None, "", "another", 7, ["nonce-1"]])
def test_a_token_without_the_nonce_that_was_sent_is_refused(verifier: TokenVerifier, nonce: Any) -> None:
    with pytest.raises(ClaimNotAllowed) as caught:
        verifier.verify_id_token(POOL.id_token(nonce=nonce), nonce="nonce-1")
    assert "nonce-1" not in str(caught.value)


@pytest.mark.parametrize("nonce", [None, ""])
def test_a_nonce_that_was_lost_matches_nothing(verifier: TokenVerifier, nonce: str | None) -> None:
    with pytest.raises(ClaimNotAllowed):
        verifier.verify_id_token(POOL.id_token(nonce=nonce), nonce="")


def test_a_nonce_that_cognito_made_up_is_not_looked_at(verifier: TokenVerifier) -> None:
    assert verifier.verify_id_token(POOL.id_token(nonce="made-up-by-cognito")).sub == SUB


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", ""])
def test_an_unsigned_token_is_refused(verifier: TokenVerifier, alg: str) -> None:
    with pytest.raises(TokenError):
        verifier.verify_id_token(unsigned(POOL.id_claims(), alg))


def test_a_token_without_its_signature_is_refused(verifier: TokenVerifier) -> None:
    token = POOL.id_token()
    assert verifier.verify_id_token(token)
    with pytest.raises(TokenError):
        verifier.verify_id_token(token.rpartition(".")[0] + ".")


def test_a_token_signed_with_the_public_key_is_refused(verifier: TokenVerifier) -> None:
    header = segment({"alg": "HS256", "typ": "JWT", "kid": "id-key"})
    body = f"{header}.{segment(POOL.id_claims())}"
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        body.encode(), public_pem("id-key")
    )
    with pytest.raises(TokenError):
        verifier.verify_id_token(f"{body}.{segment(signature)}")


OTHER_ALGORITHMS = ["RS384", "RS512", "PS256", "PS512"]


@pytest.mark.parametrize("algorithm", OTHER_ALGORITHMS)
def test_another_algorithm_is_refused(verifier: TokenVerifier, algorithm: str) -> None:
    with pytest.raises(TokenError):
        verifier.verify_id_token(POOL.sign(POOL.id_claims(), kid="id-key", algorithm=algorithm))


@pytest.mark.parametrize("algorithm", [*OTHER_ALGORITHMS, "HS256", "none", None, 7])
def test_the_header_alone_is_refused_for_another_algorithm(algorithm: Any) -> None:
    with pytest.raises(ClaimNotAllowed, match="header not allowed"):
        key_id_of(segment({"alg": algorithm, "kid": "id-key"}))


@pytest.mark.parametrize("algorithm", OTHER_ALGORITHMS)
def test_the_signature_alone_is_refused_for_another_algorithm(
    verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> None:
    monkeypatch.setattr("accounts.cognito.verifier.key_id_of", lambda _header: "id-key")
    assert verifier.verify_id_token(POOL.id_token())
    with pytest.raises(TokenError, match="InvalidAlgorithmError"):
        verifier.verify_id_token(POOL.sign(POOL.id_claims(), kid="id-key", algorithm=algorithm))


def test_a_key_brought_along_is_not_used(verifier: TokenVerifier) -> None:
    headers = {"jwk": public_jwk("attacker"), "jku": "http://127.0.0.1:9/jwks.json", "x5u": "http://127.0.0.1:9/"}
    token = POOL.sign(POOL.id_claims(), kid="id-key", key=private_key("attacker"), headers=headers)
    with pytest.raises(TokenError):
        verifier.verify_id_token(token)


def test_a_changed_claim_breaks_the_signature(verifier: TokenVerifier) -> None:
    with pytest.raises(TokenError):
        verifier.verify_id_token(with_other_claims(POOL.id_token(), sub="somebody-else"))


@pytest.mark.parametrize("kid", [7, ["id-key"], None, {}])
def test_a_key_id_that_is_no_text_is_refused(verifier: TokenVerifier, kid: Any) -> None:
    header = segment({"alg": "RS256", "kid": kid})
    with pytest.raises(TokenError):
        verifier.verify_id_token(f"{header}.{segment(POOL.id_claims())}.{segment(b'x')}")


@pytest.mark.parametrize("kid", ["../../../../etc/passwd", "' OR 1=1--", "a\r\nb", "k" * 10_000])
def test_an_unknown_key_id_is_refused_and_shortened(verifier: TokenVerifier, kid: str) -> None:
    header = segment({"alg": "RS256", "kid": kid})
    with pytest.raises(UnknownKey) as caught:
        verifier.verify_id_token(f"{header}.{segment(POOL.id_claims())}.{segment(b'x')}")
    assert len(str(caught.value)) < 200
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "issuer",
    [
        f"https://cognito-idp.{REGION}.amazonaws.com/{REGION}_Another12",
        "https://cognito-idp.us-east-1.amazonaws.com/eu-west-1_Tested123",
        ISSUER.replace("https", "http"),
        f"{ISSUER}/",
        f"https://cognito-idp.{REGION}.amazonaws.com.evil.example/{POOL_ID}",
        f"https://issuer-cognito-idp.{REGION}.amazonaws.com/{POOL_ID}",
        [ISSUER],
        None,
    ],
)
def test_another_issuer_is_refused(verifier: TokenVerifier, issuer: Any) -> None:
    claims = POOL.id_claims(iss=issuer)
    body = f"{segment({'alg': 'RS256', 'kid': 'id-key'})}.{segment(claims)}"
    algorithm = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256)
    token = f"{body}.{segment(algorithm.sign(body.encode(), private_key('id-key')))}"
    with pytest.raises(TokenError):
        verifier.verify_id_token(token)


def test_an_access_token_is_no_proof_of_sign_in(verifier: TokenVerifier) -> None:
    with pytest.raises(ClaimNotAllowed, match="token_use not allowed"):
        verifier.verify_id_token(POOL.sign(POOL.access_claims(aud=CLIENT_ID), kid="access-key"))


def test_an_id_token_opens_no_api(verifier: TokenVerifier) -> None:
    with pytest.raises(ClaimNotAllowed, match="token_use not allowed"):
        verifier.verify_access_token(POOL.sign(POOL.id_claims(client_id=CLIENT_ID, username="x"), kid="id-key"))


@pytest.mark.parametrize("token_use", [None, "", "ID", ["id"]])
def test_a_token_without_its_use_is_refused(verifier: TokenVerifier, token_use: Any) -> None:
    with pytest.raises(TokenError):
        verifier.verify_id_token(POOL.id_token(token_use=token_use))


@pytest.mark.parametrize("audience", ["another-client", [CLIENT_ID, "another-client"], [CLIENT_ID], "", None])
def test_a_token_for_another_client_is_refused(verifier: TokenVerifier, audience: Any) -> None:
    with pytest.raises(ClaimNotAllowed, match="aud not allowed"):
        verifier.verify_id_token(POOL.id_token(aud=audience))


@pytest.mark.parametrize("claims", [{"client_id": "another-client"}, {"client_id": None}, {"aud": "another-api"}])
def test_an_access_token_for_another_client_is_refused(verifier: TokenVerifier, claims: dict[str, Any]) -> None:
    with pytest.raises(ClaimNotAllowed, match=f"^{next(iter(claims))} not allowed"):
        verifier.verify_access_token(POOL.access_token(**claims))


@pytest.mark.parametrize("name", ["exp", "iat", "sub", "iss"])
def test_a_claim_that_must_be_there_is_missed(verifier: TokenVerifier, name: str) -> None:
    with pytest.raises(TokenError):
        verifier.verify_id_token(POOL.id_token(**{name: None}))


NOW = 1_800_000_000  # seconds since the epoch


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW - LEEWAY},
        {"nbf": NOW + LEEWAY + 1},
        {"iat": NOW + LEEWAY + 1},
        {"exp": "tomorrow"},
        {"exp": float("nan")},
        {"exp": float("inf")},
    ],
    ids=["expired", "not yet", "issued later", "text", "not a number", "endless"],
)
def test_a_token_out_of_its_time_is_refused(verifier: TokenVerifier, claims: dict[str, Any]) -> None:
    with time_machine.travel(NOW, tick=False), pytest.raises(TokenError):
        verifier.verify_id_token(POOL.id_token(**claims))


@pytest.mark.parametrize(
    "claims",
    [{"exp": NOW - LEEWAY + 1}, {"nbf": NOW + LEEWAY}, {"iat": NOW + LEEWAY, "auth_time": NOW + LEEWAY}],
    ids=["expired", "not yet", "issued later"],
)
def test_a_clock_that_is_half_a_minute_off_still_signs_in(verifier: TokenVerifier, claims: dict[str, Any]) -> None:
    assert LEEWAY == 30
    with time_machine.travel(NOW, tick=False):
        assert verifier.verify_id_token(POOL.id_token(**claims))


def test_clocks_may_differ_by_half_a_minute_and_no_more(verifier: TokenVerifier) -> None:
    with time_machine.travel(1_700_000_000, tick=False) as clock:
        token = POOL.id_token()
        clock.shift(3600 + 29)
        assert verifier.verify_id_token(token)
        clock.shift(2)
        with pytest.raises(TokenError, match="ExpiredSignatureError"):
            verifier.verify_id_token(token)


@pytest.mark.parametrize("claim", ["iat", "nbf"])
def test_a_token_of_the_next_half_minute_is_taken_and_no_later_one(verifier: TokenVerifier, claim: str) -> None:
    with time_machine.travel(1_700_000_000, tick=False):
        assert verifier.verify_id_token(POOL.id_token(**{claim: 1_700_000_000 + 29}))
        with pytest.raises(TokenError, match="ImmatureSignatureError"):
            verifier.verify_id_token(POOL.id_token(**{claim: 1_700_000_000 + 31}))


def test_a_sub_has_at_most_255_characters(verifier: TokenVerifier) -> None:
    assert verifier.verify_id_token(POOL.id_token(sub="s" * 255)).sub == "s" * 255
    with pytest.raises(ClaimNotAllowed, match="sub not allowed"):
        verifier.verify_id_token(POOL.id_token(sub="s" * 256))


@pytest.mark.parametrize("sub", ["", 7, ["x"], "s" * 10_000])
def test_a_sub_that_names_nobody_is_refused(verifier: TokenVerifier, sub: Any) -> None:
    with pytest.raises(TokenError):
        verifier.verify_id_token(POOL.id_token(sub=sub))


@pytest.mark.parametrize("claims", [{"sub": CLIENT_ID}, {"username": None}])
def test_a_machine_is_no_person(verifier: TokenVerifier, claims: dict[str, Any]) -> None:
    with pytest.raises(ClaimNotAllowed, match="username not allowed"):
        verifier.verify_access_token(POOL.access_token(**claims))


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a.b.c", "." * 1000, "a" * 1_000_000, "é.é.é", f"{segment([])}.{segment({})}.x"],
    ids=["empty", "dot", "dots", "letters", "many dots", "a megabyte", "accents", "a list"],
)
def test_what_is_no_token_is_refused_before_any_key_is_looked_for(token: str) -> None:
    keys = CountingKeys(POOL)
    with pytest.raises(TokenError):
        TokenVerifier(CONFIG, keys).verify_id_token(token)
    assert keys.asked == 0


def test_a_token_of_more_than_32_kilobytes_is_not_even_taken_apart() -> None:
    keys = CountingKeys(POOL)
    with pytest.raises(TokenError):
        TokenVerifier(CONFIG, keys).verify_id_token(POOL.id_token(note="x" * 40_000))
    assert keys.asked == 0
    assert TokenVerifier(CONFIG, keys).verify_id_token(POOL.id_token())
    assert keys.asked == 1


def test_headers_are_remembered_for_a_few_keys_only(verifier: TokenVerifier) -> None:
    """Whoever writes another header each time must not fill the memory, though it names a real key."""
    for number in range(40):
        with pytest.raises(TokenError):
            verifier.verify_id_token(f"{segment({'alg': 'RS256', 'kid': 'id-key', 'n': number})}.{segment({})}.x")
    assert len(verifier._headers) <= 16


@pytest.mark.parametrize(
    "payload", [b"[" * 15_000, b'"text"', b"[]", b"\xff\xfe"], ids=["deep", "text", "list", "bytes"]
)
def test_a_payload_that_is_no_object_is_refused(verifier: TokenVerifier, payload: bytes) -> None:
    body = f"{segment({'alg': 'RS256', 'kid': 'id-key'})}.{segment(payload)}"
    algorithm = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256)
    with pytest.raises(TokenError):
        verifier.verify_id_token(f"{body}.{segment(algorithm.sign(body.encode(), private_key('id-key')))}")


@pytest.mark.parametrize("value", [False, "false", None, "0", 0, "yes"])
def test_an_address_nobody_confirmed_is_not_confirmed(verifier: TokenVerifier, value: Any) -> None:
    assert verifier.verify_id_token(POOL.id_token(email_verified=value)).email_verified is False


@pytest.mark.parametrize("value", [True, "true"])
def test_a_confirmed_address_is_confirmed(verifier: TokenVerifier, value: Any) -> None:
    assert verifier.verify_id_token(POOL.id_token(email_verified=value)).email_verified is True


@pytest.mark.parametrize(("given", "taken"), [("ada", "ada"), (None, SUB), ("", SUB), (7, SUB), (["ada"], SUB)])
def test_the_user_name_is_the_claims_or_else_the_subject(verifier: TokenVerifier, given: Any, taken: str) -> None:
    assert verifier.verify_id_token(POOL.id_token(**{"cognito:username": given})).username == taken


@pytest.mark.parametrize("value", [7, ["ada"], {"a": 1}, True, None])
def test_a_claim_that_should_be_text_and_is_not_is_nothing(verifier: TokenVerifier, value: Any) -> None:
    claims = verifier.verify_id_token(POOL.id_token(email=value, name=value))
    assert (claims.email, claims.name) == ("", "")


@pytest.mark.parametrize("groups", [None, "staff", {"staff": True}, 7, [7, None]])
def test_groups_that_are_no_list_are_no_groups(verifier: TokenVerifier, groups: Any) -> None:
    assert verifier.verify_id_token(POOL.id_token(**{"cognito:groups": groups})).groups == ()


def test_a_refused_token_is_not_quoted(verifier: TokenVerifier) -> None:
    token = with_other_claims(POOL.id_token(), email="canary@example.com")
    with pytest.raises(TokenError) as caught:
        verifier.verify_id_token(token)
    assert token.split(".")[1] not in repr(caught.value) + str(caught.value)


def test_keys_that_cannot_be_had_are_not_blamed_on_the_token() -> None:
    with pytest.raises(Unreachable):
        TokenVerifier(CONFIG, KeySet("http://127.0.0.1:9/jwks.json", timeout=0.2)).verify_id_token(POOL.id_token())
