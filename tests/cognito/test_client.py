"""One client for each AWS service, reached as its connection says, and what is taken for an answer of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest
from botocore import UNSIGNED

from accounts.cognito.client import Gateway, Service, make_client
from accounts.cognito.config import Connection
from accounts.cognito.errors import Misconfigured, Throttled, Unreachable
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
