from __future__ import annotations

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from devcloud.start import LocalAWS
from tests.devcloud.conftest import Clients, clients


def refusal(make: Clients, pool_id: str) -> str:
    with pytest.raises(ClientError) as refused:
        make("cognito-idp").list_users(UserPoolId=pool_id)
    return str(refused.value.response["Error"]["Code"])


def test_the_administrator_is_let_in(administrator: Clients, pool_id: str) -> None:
    assert administrator("cognito-idp").list_users(UserPoolId=pool_id)["Users"]


def test_the_administrator_with_another_secret_is_refused(local_aws: LocalAWS, pool_id: str) -> None:
    forged = clients({**local_aws.root_env, "AWS_SECRET_ACCESS_KEY": "x" * 40})
    assert refusal(forged, pool_id) == "InvalidSignatureException"


@pytest.mark.parametrize("key", ["test", "123456789012", "000000000000", "AKIAAAAAAAAAAAAAAAAA"])
def test_a_key_nobody_was_given_is_refused(local_aws: LocalAWS, pool_id: str, key: str) -> None:
    guessed = clients({**local_aws.root_env, "AWS_ACCESS_KEY_ID": key})
    assert refusal(guessed, pool_id) == "UnrecognizedClientException"


def test_an_unsigned_administrative_call_is_refused(local_aws: LocalAWS, pool_id: str) -> None:
    unsigned = boto3.client(
        "cognito-idp",
        region_name="eu-west-1",
        endpoint_url=local_aws.settings.endpoint,
        config=Config(signature_version=UNSIGNED),
    )
    assert refusal(lambda _service: unsigned, pool_id) == "MissingAuthenticationTokenException"
