from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from accounts.cognito.config import CognitoConfig
from accounts.cognito.errors import CognitoError, Misconfigured, Throttled
from accounts.cognito.text_messages import TextMessages

SENT = {
    "PhoneNumber": "+442079460042",
    "Message": "Your code is 123456.",
    "MessageAttributes": {"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}},
}


@pytest.fixture
def sns() -> Any:
    return boto3.client("sns", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")


@pytest.fixture
def stub(sns: Any) -> Iterator[Stubber]:
    with Stubber(sns) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def texts(sns: Any) -> TextMessages:
    return TextMessages(
        sns, CognitoConfig(region="eu-west-1", user_pool_id="eu-west-1_x", client_id="x", issuer="x", jwks_url="x")
    )


def test_a_message_goes_to_the_number_before_advertising(texts: TextMessages, stub: Stubber) -> None:
    stub.add_response("publish", {"MessageId": "1"}, SENT)
    texts.send("+442079460042", "Your code is 123456.")


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [("AuthorizationError", 403, Misconfigured), ("Throttled", 429, Throttled), ("Throttling", 400, Throttled)],
)
def test_a_refusal_is_told_by_its_kind(
    texts: TextMessages, stub: Stubber, code: str, status: int, kind: type[CognitoError]
) -> None:
    stub.add_client_error("publish", code, http_status_code=status)
    with pytest.raises(kind):
        texts.send("+442079460042", "Your code is 123456.")
