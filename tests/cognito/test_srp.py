"""Our Secure Remote Password against an independent client, number for number (RFC 5054)."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from pycognito.aws_srp import AWSSRP

from accounts.cognito.srp import N, SrpExchange, g

POOL_ID = "eu-west-1_Tested123"
PASSWORD = "Correct-horse-1"
NOW = datetime(2026, 3, 5, 7, 8, 9, tzinfo=UTC)


def challenge(b: int, salt: str) -> dict[str, str]:
    return {
        "USER_ID_FOR_SRP": "ada",
        "USERNAME": "ada",
        "SALT": salt,
        "SRP_B": f"{pow(g, b, N):x}",
        "SECRET_BLOCK": base64.b64encode(b"secret block").decode(),
    }


def independent(a: int) -> Any:
    client = boto3.client("cognito-idp", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    other = AWSSRP("ada", PASSWORD, POOL_ID, "client", client=client)
    other.small_a_value = a
    other.large_a_value = other.calculate_a()
    return other


@pytest.mark.parametrize("number", range(8))
def test_the_proof_is_that_of_an_independent_client(number: int) -> None:
    # Random values on purpose: a leading zero byte goes wrong in one of 256. A salt is a number in hexadecimal, without
    # leading zeros as Cognito writes it, and so now and then with an odd count of digits: the first one here has it.
    a, b, salt = secrets.randbits(1024), secrets.randbits(1024), secrets.randbits(128 if number else 123) | 1 << 122
    given = challenge(b, f"{salt:x}")
    ours = SrpExchange(POOL_ID, a).responses(given, PASSWORD, NOW)
    other = independent(a)
    key = other.get_password_authentication_key("ada", PASSWORD, int(given["SRP_B"], 16), given["SALT"])
    message = b"Tested123" + b"ada" + base64.b64decode(given["SECRET_BLOCK"]) + ours["TIMESTAMP"].encode()
    assert ours["PASSWORD_CLAIM_SIGNATURE"] == base64.b64encode(hmac.digest(key, message, "sha256")).decode()


def test_the_public_value_is_that_of_an_independent_client() -> None:
    a = secrets.randbits(1024)
    assert int(SrpExchange(POOL_ID, a).srp_a, 16) == independent(a).large_a_value


def test_the_time_is_written_as_cognito_reads_it() -> None:
    assert (
        SrpExchange(POOL_ID).responses(challenge(7, "ab"), PASSWORD, NOW)["TIMESTAMP"] == "Thu Mar 5 07:08:09 UTC 2026"
    )


def test_another_password_gives_another_proof() -> None:
    exchange = SrpExchange(POOL_ID, 12345)
    proofs = {
        exchange.responses(challenge(7, "ab"), password, NOW)["PASSWORD_CLAIM_SIGNATURE"]
        for password in (PASSWORD, f"{PASSWORD} ", PASSWORD.lower())
    }
    assert len(proofs) == 3


@pytest.mark.parametrize("value", ["0", f"{N:x}", f"{2 * N:x}"])
def test_a_server_value_that_would_give_the_key_away_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="SRP_B"):
        SrpExchange(POOL_ID).responses({**challenge(7, "ab"), "SRP_B": value}, PASSWORD, NOW)


def test_every_exchange_has_a_secret_of_its_own() -> None:
    assert SrpExchange(POOL_ID).srp_a != SrpExchange(POOL_ID).srp_a
