"""A gateway whose AWS is botocore's Stubber, which checks requests and answers against the service model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import Stubber

from accounts.cognito.client import make_client
from accounts.cognito.config import CognitoConfig
from tests.signed_tokens import CLIENT_ID, ISSUER, POOL_ID, REGION

# As long as the ones Cognito makes: boto3 refuses fewer than 24 characters.
CLIENT_SECRET = "made1up2client3secret4made5up6client7secret8made9up"


def cognito_config(**values: Any) -> CognitoConfig:
    """Return the configuration of a made-up pool with a confidential client."""
    usual = {
        "region": REGION,
        "user_pool_id": POOL_ID,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "issuer": ISSUER,
        "jwks_url": f"{ISSUER}/.well-known/jwks.json",
    }
    return CognitoConfig(**{**usual, **values})


@pytest.fixture
def idp() -> Any:
    """A boto3 client made as the site makes it; nothing of what it sends leaves the process."""
    return make_client("cognito-idp", cognito_config().connection)


@pytest.fixture
def aws(idp: Any) -> Iterator[Stubber]:
    """What AWS answers, in order; every answer laid out must have been asked for."""
    with Stubber(idp) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()
