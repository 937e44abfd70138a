"""What is derived when a setting is left out, and the secret hash."""

from __future__ import annotations

from typing import Any

from accounts.cognito.config import CognitoConfig

POOL = "eu-west-1_Tested123"


def configured(**values: Any) -> CognitoConfig:
    usual = {
        "REGION": "",
        "USER_POOL_ID": POOL,
        "CLIENT_ID": "client",
        "CLIENT_SECRET": "",
        "ENDPOINT_URL": "",
        "ISSUER": "",
        "JWKS_URL": "",
        "AUTH_FLOW": "USER_PASSWORD_AUTH",
        "SIGN_IN_WITH": "email",
        "REGISTRATION": "self",
        "DEFAULT_GROUP": "",
        "STAFF_GROUP": "",
        "SUPERUSER_GROUP": "",
        "API_CLIENT_IDS": [],
        "IDENTITY_POOL_ID": "",
        "FILES_BUCKET": "",
        "DOMAIN": "",
        "PROVIDERS": [],
    }
    return CognitoConfig.from_settings({**usual, **values})


def test_the_region_follows_from_the_pool() -> None:
    assert configured().region == "eu-west-1"


def test_a_given_region_wins() -> None:
    assert configured(REGION="us-west-2").region == "us-west-2"


def test_the_issuer_follows_from_the_pool() -> None:
    assert configured().issuer == f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL}"


def test_the_issuer_of_china_has_its_own_domain() -> None:
    assert (
        configured(USER_POOL_ID="cn-north-1_X").issuer == "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_X"
    )


def test_a_given_issuer_wins() -> None:
    updated = f"https://issuer-cognito-idp.eu-west-1.amazonaws.com/{POOL}"
    assert configured(ISSUER=updated).issuer == updated


def test_the_key_set_lies_under_the_issuer() -> None:
    assert configured().jwks_url == f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL}/.well-known/jwks.json"


def test_another_endpoint_serves_the_key_set_but_keeps_the_issuer() -> None:
    local = configured(ENDPOINT_URL="http://127.0.0.1:4566/")
    assert local.jwks_url == f"http://127.0.0.1:4566/{POOL}/.well-known/jwks.json"
    assert local.issuer == f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL}"


def test_a_public_client_has_no_secret_hash() -> None:
    assert configured().secret_hash("ada@example.com") is None


def test_the_secret_hash_is_that_of_the_aws_example() -> None:
    # base64(HMAC_SHA256("secret", "ada" + "client")), computed with openssl dgst -sha256 -hmac secret -binary.
    assert configured(CLIENT_SECRET="secret").secret_hash("ada") == "FEW6rzXVdy2RLJp0KqkU9A6/pxQBq5FgsxTWe/Ot+CI="


def test_the_secret_is_not_shown() -> None:
    assert "canary-secret" not in repr(configured(CLIENT_SECRET="canary-secret"))
