"""The identity pool: what is sent, and what each refusal becomes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from accounts.cognito import errors
from accounts.cognito.client import make_client
from accounts.cognito.config import Connection
from accounts.cognito.errors import COMMON_CODES, IDENTITY_CODES
from accounts.cognito.identity_pool import IdentityPool
from tests.cognito.conftest import cognito_config
from tests.signed_tokens import POOL_ID, REGION

POOL = f"{REGION}:11111111-2222-3333-4444-555555555555"
IDENTITY = f"{REGION}:66666666-7777-8888-9999-000000000000"
LOGINS = {f"cognito-idp.{REGION}.amazonaws.com/{POOL_ID}": "the-id-token"}
ENDS = datetime(2026, 1, 1, tzinfo=UTC)
GIVEN: dict[str, Any] = {
    "AccessKeyId": "ASIAEXAMPLE",
    "SecretKey": "canary-secret",
    "SessionToken": "canary-token",
    "Expiration": ENDS,
}


@pytest.fixture
def client() -> Any:
    return make_client("cognito-identity", Connection(region=REGION))


@pytest.fixture
def aws(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def pool(client: Any) -> IdentityPool:
    return IdentityPool(client, cognito_config(identity_pool_id=POOL))


def test_exactly_one_login_goes_along_and_it_is_the_id_token(pool: IdentityPool, aws: Stubber) -> None:
    aws.add_response("get_id", {"IdentityId": IDENTITY}, {"IdentityPoolId": POOL, "Logins": LOGINS})
    answer = {"IdentityId": IDENTITY, "Credentials": GIVEN}
    aws.add_response("get_credentials_for_identity", answer, {"IdentityId": IDENTITY, "Logins": LOGINS})
    found = pool.credentials("the-id-token")
    assert (found.identity_id, found.access_key_id, found.expires_at) == (IDENTITY, "ASIAEXAMPLE", ENDS.timestamp())
    assert "canary" not in repr(found)
    assert "ASIA" not in repr(found)


@pytest.mark.parametrize("operation", ["get_id", "get_credentials_for_identity"])
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("NotAuthorizedException", errors.NotAuthorized),
        ("ResourceConflictException", errors.Misconfigured),
        ("TooManyRequestsException", errors.Throttled),
        ("LimitExceededException", errors.Throttled),
        ("ExternalServiceException", errors.Unreachable),
        ("InternalErrorException", errors.Unreachable),
        ("ResourceNotFoundException", errors.Misconfigured),
        ("InvalidIdentityPoolConfigurationException", errors.Misconfigured),
    ],
)
def test_each_refusal_is_told_by_its_kind(
    pool: IdentityPool, aws: Stubber, operation: str, code: str, kind: type[Exception]
) -> None:
    if operation != "get_id":
        aws.add_response("get_id", {"IdentityId": IDENTITY})
    aws.add_client_error(operation, code)
    with pytest.raises(kind):
        pool.credentials("the-id-token")


@pytest.mark.parametrize("missing", GIVEN)
def test_an_answer_with_something_missing_is_no_answer(pool: IdentityPool, aws: Stubber, missing: str) -> None:
    aws.add_response("get_id", {"IdentityId": IDENTITY})
    less = {name: value for name, value in GIVEN.items() if name != missing}
    aws.add_response("get_credentials_for_identity", {"IdentityId": IDENTITY, "Credentials": less})
    with pytest.raises(errors.Unreachable):
        pool.credentials("the-id-token")


@pytest.mark.parametrize("identity", ["x/../y", "a/b"])
def test_an_identity_that_would_reach_into_another_prefix_is_none(
    pool: IdentityPool, aws: Stubber, identity: str
) -> None:
    aws.add_response("get_id", {"IdentityId": identity})
    with pytest.raises(errors.Unreachable):
        pool.credentials("the-id-token")


def test_every_error_that_the_operations_model_is_in_the_table(client: Any) -> None:
    model = client.meta.service_model
    modelled = {
        shape.name
        for name in ("GetId", "GetCredentialsForIdentity")
        for shape in model.operation_model(name).error_shapes
    }
    assert modelled - IDENTITY_CODES.keys() - COMMON_CODES.keys() == set()


def test_no_call_is_signed(client: Any) -> None:
    assert client._request_signer._credentials is None
