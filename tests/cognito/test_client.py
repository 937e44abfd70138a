"""One client for each AWS service, reached as its connection says, and what is taken for an answer of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from botocore import UNSIGNED

from accounts.cognito import client as client_module
from accounts.cognito.client import Gateway, Service, make_client
from accounts.cognito.config import Connection
from accounts.cognito.errors import CognitoError, Misconfigured, Throttled, Unreachable
from tests import fault_proxy
from tests.cognito.conftest import cognito_config
from tests.fault_proxy import FaultProxy
from tests.signed_tokens import REGION

IDENTITY = b"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Account>000000000000</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"""


@pytest.mark.parametrize("service", get_args(Service))
def test_a_service_is_reached_as_its_connection_says(service: Service) -> None:
    connection = Connection(
        region=REGION,
        endpoint_url="http://127.0.0.1:9",
        connect_timeout=1.5,
        read_timeout=7.0,
        attempts=3,
        max_connections=5,
    )
    made = make_client(service, connection).meta
    used = made.config
    assert (made.service_model.service_name, made.region_name, made.endpoint_url) == (
        service,
        REGION,
        "http://127.0.0.1:9",
    )
    assert (used.connect_timeout, used.read_timeout, used.max_pool_connections) == (1.5, 7.0, 5)
    assert used.retries["total_max_attempts"] == 3
    assert used.signature_version is UNSIGNED


def test_a_call_to_the_pool_is_made_once() -> None:
    assert cognito_config().connection.attempts == 1


def test_the_pools_connection_is_the_configured_one() -> None:
    config = cognito_config(endpoint_url="http://127.0.0.1:9", connect_timeout=1.5, read_timeout=7.0, max_connections=5)
    expected = Connection(
        region=REGION, endpoint_url="http://127.0.0.1:9", connect_timeout=1.5, read_timeout=7.0, max_connections=5
    )
    assert config.connection == expected


def asked(proxy: FaultProxy, service: Service, operation: str, **parameters: Any) -> dict[str, Any]:
    connection = replace(cognito_config().connection, endpoint_url=proxy.url)
    return Gateway(make_client(service, connection), cognito_config())._call(operation, **parameters)


def test_xml_is_an_answer_where_xml_is_spoken() -> None:
    with FaultProxy("http://127.0.0.1:9") as proxy:
        proxy.fail("*", fault_proxy.answered(200, IDENTITY, "text/xml"))
        assert asked(proxy, "sts", "GetCallerIdentity")["Account"] == "000000000000"


@pytest.mark.parametrize(("service", "operation"), [("cognito-idp", "GetUser"), ("cognito-identity", "GetOpenIdToken")])
def test_xml_is_an_outage_where_json_is_spoken(service: Service, operation: str) -> None:
    parameters = {"AccessToken": "x"} if operation == "GetUser" else {"IdentityId": f"{REGION}:1"}
    with FaultProxy("http://127.0.0.1:9") as proxy:
        proxy.fail("*", fault_proxy.answered(200, IDENTITY, "text/xml"))
        with pytest.raises(Unreachable):
            asked(proxy, service, operation, **parameters)


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("NotAuthorizedException", 400, Misconfigured),
        ("ThrottlingException", 400, Throttled),
        ("Whatever", 503, Unreachable),
    ],
)
def test_a_refusal_is_read_by_the_table_of_the_service_that_gave_it(code: str, status: int, kind: Any) -> None:
    refusal = f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
    with FaultProxy("http://127.0.0.1:9") as proxy:
        proxy.fail("*", fault_proxy.answered(status, refusal.encode(), "text/xml"))
        with pytest.raises(kind) as caught:
            asked(proxy, "sts", "GetCallerIdentity")
    assert type(caught.value) is kind


def key_of_the_role(*, seconds: float) -> fault_proxy.Fault:
    """Answer as the metadata service of an instance or a container does, with a key good for so long."""
    ends = (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    key = {"AccessKeyId": "AKIAEXAMPLE", "SecretAccessKey": "of-the-role", "Token": "of-the-role", "Expiration": ends}
    return fault_proxy.answered(200, json.dumps({"Code": "Success", **key}).encode(), "application/json")


@pytest.fixture
def aws_with_role(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    """AWS, and beside it what tells the key of the instance's role."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    with FaultProxy("http://127.0.0.1:9") as server:
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", f"{server.url}/")
        # The role is named at an address that ends with a slash, and its key lies below.
        server.fail("", fault_proxy.answered(200, b"role", "text/plain"))
        server.fail("role", key_of_the_role(seconds=3600))
        server.fail("ListUsers", fault_proxy.answered(200, b'{"Users": []}'))
        yield server


def signed(proxy: FaultProxy) -> Gateway:
    connection = replace(cognito_config().connection, endpoint_url=proxy.url)
    return Gateway(make_client("cognito-idp", connection, signed=True), cognito_config())


def look_again(gateway: Gateway) -> None:
    """Make a call that has the key looked for, and does not wait for it; finish the search."""
    with suppress(CognitoError):
        gateway._call("ListUsers", UserPoolId="x_y")
    for thread in threading.enumerate():
        if thread.name == "aws-key":
            thread.join(20)


def test_a_key_that_could_not_be_read_at_first_is_looked_for_again(
    aws_with_role: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "LOOK_AGAIN", 0.0)
    aws_with_role.fail("role", fault_proxy.server_error(), times=1)
    gateway = signed(aws_with_role)
    look_again(gateway)
    assert gateway._call("ListUsers", UserPoolId="x_y")["Users"] == []


def test_a_key_that_nobody_has_is_looked_for_now_and_then(
    aws_with_role: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "LOOK_AGAIN", 60.0)
    aws_with_role.fail("", fault_proxy.answered(404, b""))
    gateway = signed(aws_with_role)
    looked = aws_with_role.calls[""]
    for _ in range(100):
        with pytest.raises(Misconfigured):
            gateway._call("ListUsers", UserPoolId="x_y")
    assert aws_with_role.calls[""] == looked == 1


@pytest.fixture
def aws_with_container(aws_with_role: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> FaultProxy:
    """The same for a container, whose key is asked for by an address."""
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{aws_with_role.url}/role")
    monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0)
    return aws_with_role


def test_a_role_that_is_away_at_first_is_an_outage_until_it_is_back(
    aws_with_container: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "LOOK_AGAIN", 0.0)
    aws_with_container.fail("role", fault_proxy.server_error())
    gateway = signed(aws_with_container)
    with pytest.raises(Unreachable):
        gateway._call("ListUsers", UserPoolId="x_y")
    look_again(gateway)
    with pytest.raises(Unreachable):
        gateway._call("ListUsers", UserPoolId="x_y")
    aws_with_container.fail("role", key_of_the_role(seconds=3600))
    look_again(gateway)
    assert gateway._call("ListUsers", UserPoolId="x_y")["Users"] == []


def test_a_role_that_goes_away_later_is_an_outage(aws_with_container: FaultProxy) -> None:
    # A key that ends so soon is asked for again at each call.
    aws_with_container.fail("role", key_of_the_role(seconds=60))
    gateway = signed(aws_with_container)
    assert gateway._call("ListUsers", UserPoolId="x_y")["Users"] == []
    aws_with_container.fail("role", fault_proxy.closed_before())
    with pytest.raises(Unreachable):
        gateway._call("ListUsers", UserPoolId="x_y")
