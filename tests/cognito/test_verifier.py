"""Whether a token is believed: really signed tokens, most of them wrong on purpose (R29-R39, RFC 8725)."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives import serialization

from accounts.cognito.config import CognitoConfig
from accounts.cognito.errors import ClaimNotAllowed, TokenError, UnknownKey, Unreachable
from accounts.cognito.key_set import KeySet
from accounts.cognito.verifier import LEEWAY, TokenVerifier, key_id_of
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
    assert verifier.verify_access_token(POOL.access_token())["sub"] == SUB


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", ""])
def test_r29_an_unsigned_token_is_refused(verifier: TokenVerifier, alg: str) -> None:
    with pytest.raises(TokenError):
        verifier.verify_id_token(unsigned(POOL.id_claims(), alg))


def test_r29_a_token_without_its_signature_is_refused(verifier: TokenVerifier) -> None:
    token = POOL.id_token()
    assert verifier.verify_id_token(token)
    with pytest.raises(TokenError):
        verifier.verify_id_token(token.rpartition(".")[0] + ".")


def test_r30_a_token_signed_with_the_public_key_is_refused(verifier: TokenVerifier) -> None:
    header = segment({"alg": "HS256", "typ": "JWT", "kid": "id-key"})
    body = f"{header}.{segment(POOL.id_claims())}"
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        body.encode(), public_pem("id-key")
    )
    with pytest.raises(TokenError):
        verifier.verify_id_token(f"{body}.{segment(signature)}")


OTHER_ALGORITHMS = ["RS384", "RS512", "PS256", "PS512"]


@pytest.mark.parametrize("algorithm", OTHER_ALGORITHMS)
def test_r31_another_algorithm_is_refused(verifier: TokenVerifier, algorithm: str) -> None:
    with pytest.raises(TokenError):
        verifier.verify_id_token(POOL.sign(POOL.id_claims(), kid="id-key", algorithm=algorithm))


@pytest.mark.parametrize("algorithm", [*OTHER_ALGORITHMS, "HS256", "none", None, 7])
def test_r31_the_header_alone_is_refused_for_another_algorithm(algorithm: Any) -> None:
    with pytest.raises(ClaimNotAllowed, match="header not allowed"):
        key_id_of(segment({"alg": algorithm, "kid": "id-key"}))


@pytest.mark.parametrize("algorithm", OTHER_ALGORITHMS)
def test_r31_the_signature_alone_is_refused_for_another_algorithm(
    verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> None:
    monkeypatch.setattr("accounts.cognito.verifier.key_id_of", lambda _header: "id-key")
    assert verifier.verify_id_token(POOL.id_token())
    with pytest.raises(TokenError, match="InvalidAlgorithmError"):
        verifier.verify_id_token(POOL.sign(POOL.id_claims(), kid="id-key", algorithm=algorithm))


def test_r32_a_key_brought_along_is_not_used(verifier: TokenVerifier) -> None:
    headers = {"jwk": public_jwk("attacker"), "jku": "http://127.0.0.1:9/jwks.json", "x5u": "http://127.0.0.1:9/"}
    token = POOL.sign(POOL.id_claims(), kid="id-key", key=private_key("attacker"), headers=headers)
    with pytest.raises(TokenError):
        verifier.verify_id_token(token)


def test_a_changed_claim_breaks_the_signature(verifier: TokenVerifier) -> None:
    with pytest.raises(TokenError):
        verifier.verify_id_token(with_other_claims(POOL.id_token(), sub="somebody-else"))


@pytest.mark.parametrize("kid", [7, ["id-key"], None, {}])
def test_r33_a_key_id_that_is_no_text_is_refused(verifier: TokenVerifier, kid: Any) -> None:
    header = segment({"alg": "RS256", "kid": kid})
    with pytest.raises(TokenError):
        verifier.verify_id_token(f"{header}.{segment(POOL.id_claims())}.{segment(b'x')}")


@pytest.mark.parametrize("kid", ["../../../../etc/passwd", "' OR 1=1--", "a\r\nb", "k" * 10_000])
def test_r33_an_unknown_key_id_is_refused_and_shortened(verifier: TokenVerifier, kid: str) -> None:
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
def test_r34_another_issuer_is_refused(verifier: TokenVerifier, issuer: Any) -> None:
    claims = POOL.id_claims(iss=issuer)
    body = f"{segment({'alg': 'RS256', 'kid': 'id-key'})}.{segment(claims)}"
    algorithm = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256)
    token = f"{body}.{segment(algorithm.sign(body.encode(), private_key('id-key')))}"
    with pytest.raises(TokenError):
        verifier.verify_id_token(token)


def test_r35_an_access_token_is_no_proof_of_sign_in(verifier: TokenVerifier) -> None:
    with pytest.raises(ClaimNotAllowed, match="token_use not allowed"):
        verifier.verify_id_token(POOL.sign(POOL.access_claims(aud=CLIENT_ID), kid="access-key"))


def test_r35_an_id_token_opens_no_api(verifier: TokenVerifier) -> None:
    with pytest.raises(ClaimNotAllowed, match="token_use not allowed"):
        verifier.verify_access_token(POOL.sign(POOL.id_claims(client_id=CLIENT_ID, username="x"), kid="id-key"))


@pytest.mark.parametrize("token_use", [None, "", "ID", ["id"]])
def test_r35_a_token_without_its_use_is_refused(verifier: TokenVerifier, token_use: Any) -> None:
    with pytest.raises(TokenError):
        verifier.verify_id_token(POOL.id_token(token_use=token_use))


@pytest.mark.parametrize("audience", ["another-client", [CLIENT_ID, "another-client"], [CLIENT_ID], "", None])
def test_r36_a_token_for_another_client_is_refused(verifier: TokenVerifier, audience: Any) -> None:
    with pytest.raises(ClaimNotAllowed, match="aud not allowed"):
        verifier.verify_id_token(POOL.id_token(aud=audience))


@pytest.mark.parametrize("claims", [{"client_id": "another-client"}, {"client_id": None}, {"aud": "another-api"}])
def test_r36_an_access_token_for_another_client_is_refused(verifier: TokenVerifier, claims: dict[str, Any]) -> None:
    with pytest.raises(ClaimNotAllowed, match=f"^{next(iter(claims))} not allowed"):
        verifier.verify_access_token(POOL.access_token(**claims))


@pytest.mark.parametrize("name", ["exp", "iat", "sub", "iss"])
def test_r37_a_claim_that_must_be_there_is_missed(verifier: TokenVerifier, name: str) -> None:
    with pytest.raises(TokenError):
        verifier.verify_id_token(POOL.id_token(**{name: None}))


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": int(time.time()) - LEEWAY - 10},
        {"exp": "tomorrow"},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"nbf": int(time.time()) + LEEWAY + 600},
        {"iat": int(time.time()) + LEEWAY + 600},
    ],
    ids=["expired", "text", "not a number", "endless", "not yet", "issued later"],
)
def test_r37_a_token_out_of_its_time_is_refused(verifier: TokenVerifier, claims: dict[str, Any]) -> None:
    with pytest.raises(TokenError):
        verifier.verify_id_token(POOL.id_token(**claims))


def test_r37_a_clock_five_seconds_slow_still_signs_in(verifier: TokenVerifier) -> None:
    now = int(time.time())
    assert verifier.verify_id_token(POOL.id_token(iat=now + 5, nbf=now + 5, auth_time=now + 5))


def test_r37_clocks_may_differ_by_half_a_minute_and_no_more(verifier: TokenVerifier) -> None:
    with time_machine.travel(1_700_000_000, tick=False) as clock:
        token = POOL.id_token()
        clock.shift(3600 + 29)
        assert verifier.verify_id_token(token)
        clock.shift(2)
        with pytest.raises(TokenError, match="ExpiredSignatureError"):
            verifier.verify_id_token(token)


@pytest.mark.parametrize("claim", ["iat", "nbf"])
def test_r37_a_token_of_the_next_half_minute_is_taken_and_no_later_one(verifier: TokenVerifier, claim: str) -> None:
    with time_machine.travel(1_700_000_000, tick=False):
        assert verifier.verify_id_token(POOL.id_token(**{claim: 1_700_000_000 + 29}))
        with pytest.raises(TokenError, match="ImmatureSignatureError"):
            verifier.verify_id_token(POOL.id_token(**{claim: 1_700_000_000 + 31}))


def test_r38_a_sub_has_at_most_255_characters(verifier: TokenVerifier) -> None:
    assert verifier.verify_id_token(POOL.id_token(sub="s" * 255)).sub == "s" * 255
    with pytest.raises(ClaimNotAllowed, match="sub not allowed"):
        verifier.verify_id_token(POOL.id_token(sub="s" * 256))


@pytest.mark.parametrize("sub", ["", 7, ["x"], "s" * 10_000])
def test_r38_a_sub_that_names_nobody_is_refused(verifier: TokenVerifier, sub: Any) -> None:
    with pytest.raises(TokenError):
        verifier.verify_id_token(POOL.id_token(sub=sub))


@pytest.mark.parametrize("claims", [{"sub": CLIENT_ID}, {"username": None}])
def test_r38_a_machine_is_no_person(verifier: TokenVerifier, claims: dict[str, Any]) -> None:
    with pytest.raises(ClaimNotAllowed, match="username not allowed"):
        verifier.verify_access_token(POOL.access_token(**claims))


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a.b.c", "." * 1000, "a" * 1_000_000, "é.é.é", f"{segment([])}.{segment({})}.x"],
    ids=["empty", "dot", "dots", "letters", "many dots", "a megabyte", "accents", "a list"],
)
def test_r39_what_is_no_token_is_refused_before_any_key_is_looked_for(
    verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(PublishedKeys, "key", lambda _self, key_id: asked.append(key_id))
    with pytest.raises(TokenError):
        verifier.verify_id_token(token)
    assert asked == []


def test_r39_headers_are_remembered_for_a_few_keys_only(verifier: TokenVerifier) -> None:
    """Whoever writes another header each time must not fill the memory, though it names a real key."""
    for number in range(40):
        with pytest.raises(TokenError):
            verifier.verify_id_token(f"{segment({'alg': 'RS256', 'kid': 'id-key', 'n': number})}.{segment({})}.x")
    assert len(verifier._headers) <= 16


@pytest.mark.parametrize(
    "payload", [b"[" * 15_000, b'"text"', b"[]", b"\xff\xfe"], ids=["deep", "text", "list", "bytes"]
)
def test_r39_a_payload_that_is_no_object_is_refused(verifier: TokenVerifier, payload: bytes) -> None:
    body = f"{segment({'alg': 'RS256', 'kid': 'id-key'})}.{segment(payload)}"
    algorithm = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256)
    with pytest.raises(TokenError):
        verifier.verify_id_token(f"{body}.{segment(algorithm.sign(body.encode(), private_key('id-key')))}")


def test_r39_a_token_of_more_than_32_kilobytes_is_refused_however_well_signed(verifier: TokenVerifier) -> None:
    assert verifier.verify_id_token(POOL.id_token(note="x" * 8_000))
    with pytest.raises(TokenError):
        verifier.verify_id_token(POOL.id_token(note="x" * 40_000))


@pytest.mark.parametrize("value", [False, "false", None, "0", 0, "yes"])
def test_r53_an_address_nobody_confirmed_is_not_confirmed(verifier: TokenVerifier, value: Any) -> None:
    assert verifier.verify_id_token(POOL.id_token(email_verified=value)).email_verified is False


@pytest.mark.parametrize("value", [True, "true"])
def test_r53_a_confirmed_address_is_confirmed(verifier: TokenVerifier, value: Any) -> None:
    assert verifier.verify_id_token(POOL.id_token(email_verified=value)).email_verified is True


@pytest.mark.parametrize(("given", "taken"), [("ada", "ada"), (None, SUB), ("", SUB), (7, SUB), (["ada"], SUB)])
def test_the_user_name_is_the_claims_or_else_the_subject(verifier: TokenVerifier, given: Any, taken: str) -> None:
    assert verifier.verify_id_token(POOL.id_token(**{"cognito:username": given})).username == taken


@pytest.mark.parametrize("value", [7, ["ada"], {"a": 1}, True, None])
def test_a_claim_that_should_be_text_and_is_not_is_nothing(verifier: TokenVerifier, value: Any) -> None:
    claims = verifier.verify_id_token(POOL.id_token(email=value, name=value))
    assert (claims.email, claims.name) == ("", "")


@pytest.mark.parametrize(("given", "taken"), [(1_600_000_000, 1_600_000_000), (None, None), ("yesterday", None)])
def test_the_time_of_signing_in_is_the_claims_or_else_when_it_was_issued(
    verifier: TokenVerifier, given: Any, taken: int | None
) -> None:
    issued = int(time.time()) - 5
    claims = verifier.verify_id_token(POOL.id_token(auth_time=given, iat=issued))
    assert claims.auth_time == (taken or issued)


@pytest.mark.parametrize(("given", "taken"), [(["mfa", "sms"], ("mfa", "sms")), ("mfa", ()), ([7, "pwd"], ("pwd",))])
def test_how_somebody_signed_in_is_a_list_of_words(verifier: TokenVerifier, given: Any, taken: tuple[str]) -> None:
    assert verifier.verify_id_token(POOL.id_token(amr=given)).authentication_methods == taken


@pytest.mark.parametrize("groups", [None, "staff", {"staff": True}, 7, [7, None]])
def test_r41_groups_that_are_no_list_are_no_groups(verifier: TokenVerifier, groups: Any) -> None:
    assert verifier.verify_id_token(POOL.id_token(**{"cognito:groups": groups})).groups == ()


def test_a_refused_token_is_not_quoted(verifier: TokenVerifier) -> None:
    token = with_other_claims(POOL.id_token(), email="canary@example.com")
    with pytest.raises(TokenError) as caught:
        verifier.verify_id_token(token)
    assert token.split(".")[1] not in repr(caught.value) + str(caught.value)


def test_keys_that_cannot_be_had_are_not_blamed_on_the_token() -> None:
    with pytest.raises(Unreachable):
        TokenVerifier(CONFIG, KeySet("http://127.0.0.1:9/jwks.json", timeout=0.2)).verify_id_token(POOL.id_token())
