"""AWS as botocore's Stubbers play it, which check requests and answers against the service models."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import boto3
from botocore.stub import Stubber

from accounts.cognito.config import Connection
from accounts.cognito.inspection import Inspection
from tests.cognito.conftest import cognito_config
from tests.signed_tokens import POOL_ID, REGION

ARN = f"arn:aws:cognito-idp:{REGION}:123456789012:userpool/{POOL_ID}"
ROLE = "arn:aws:iam::123456789012:role/texts"
FUNCTION = f"arn:aws:lambda:{REGION}:123456789012:function:trigger"
PROVIDER = f"cognito-idp.{REGION}.amazonaws.com/{POOL_ID}"


class AWS:
    """AWS as botocore's Stubbers play it, a service at a time; nothing leaves the process."""

    def __init__(self, stack: ExitStack, endpoint_url: str = "") -> None:
        self.stack, self.stubbers, self.clients = stack, dict[str, Stubber](), dict[str, Any]()
        self.regions: list[tuple[str, str]] = []
        self.inspection = Inspection(self.client, cognito_config(endpoint_url=endpoint_url))

    def service(self, name: str) -> Stubber:
        """Return what plays a service."""
        if name not in self.stubbers:
            made: Any = boto3.client(  # type: ignore[call-overload]
                name, region_name=REGION, aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="made-up"
            )
            self.clients[name] = made
            self.stubbers[name] = self.stack.enter_context(Stubber(made))
        return self.stubbers[name]

    def client(self, service: Any, connection: Connection) -> Any:
        """Return the client of a service, as the Inspection asks for it."""
        self.regions.append((service, connection.region))
        self.service(service)
        return self.clients[service]

    def answer(self, service: str, operation: str, answer: dict[str, Any], **expected: Any) -> None:
        """Lay out the next answer of a service."""
        self.service(service).add_response(operation, answer, expected or None)

    def pool(self, **settings: Any) -> None:
        """Lay out a pool."""
        self.answer("cognito-idp", "describe_user_pool", {"UserPool": {"Id": POOL_ID, "Arn": ARN, **settings}})
