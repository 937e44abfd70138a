from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import boto3
import pytest
from botocore.config import Config

from devcloud.start import LocalAWS

Clients: TypeAlias = Callable[[str], Any]


def clients(variables: Mapping[str, str]) -> Clients:
    """Return a function that makes a boto3 client for a service, with the keys and the endpoint in `variables`."""
    session = boto3.Session(
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        region_name=variables["AWS_REGION"],
    )
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=10)
    make: Any = session.client
    return lambda service: make(service, endpoint_url=variables["AWS_ENDPOINT_URL"], config=config)


@pytest.fixture
def administrator(local_aws: LocalAWS) -> Clients:
    """Return a maker of clients with the administrator's key."""
    return clients(local_aws.root_env)


@pytest.fixture
def site(local_aws: LocalAWS) -> Clients:
    """Return a maker of clients with the site's key."""
    return clients(local_aws.env)


@pytest.fixture
def pool_id(local_aws: LocalAWS) -> str:
    return local_aws.env["COGNITO_USER_POOL_ID"]
