"""boto3 clients for Cognito, and the one place where its exceptions become ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore import UNSIGNED, xform_name
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)
from botocore.exceptions import (
    ConnectionError as BotocoreConnectionError,
)
from botocore.parsers import ResponseParserError

from accounts.cognito.config import CognitoConfig
from accounts.cognito.errors import InputRejected, Misconfigured, Unreachable, from_code

USER_AGENT = f"Latchkey Boto3/{boto3.__version__}"


def make_client(config: CognitoConfig, *, signed: bool = False) -> Any:
    """Return a boto3 client, to be kept for the life of the process: each new one costs a TLS handshake.

    ``signed`` clients use boto3's own chain of credentials. The others sign nothing, and so never go looking for an
    instance's role, which off EC2 means waiting for a time-out. One attempt only: nearly every call here sends a code
    or spends a single-use value, and a repeated one would burn the person's budget.
    """
    return boto3.Session().client(
        "cognito-idp",
        region_name=config.region,
        endpoint_url=config.endpoint_url or None,
        config=Config(
            signature_version=None if signed else UNSIGNED,
            connect_timeout=config.connect_timeout,
            read_timeout=config.read_timeout,
            retries={"total_max_attempts": 1, "mode": "standard"},
            max_pool_connections=config.max_connections,
            # boto3's own, which lists the platform, is put together anew for every call: a sixth of its CPU time.
            user_agent=USER_AGENT,
        ),
    )


@contextmanager
def translated(operation: str) -> Iterator[None]:
    """Turn what boto3 raises inside the block into an error of :mod:`accounts.cognito.errors`.

    Not all of BotoCoreError: that base also covers mistakes of our own, which must stay visible.
    """
    try:
        yield
    except ClientError as error:
        answer = error.response
        code = answer.get("Error", {}).get("Code", "")
        metadata = answer.get("ResponseMetadata", {})
        kind = from_code(code, answer.get("Error", {}).get("Message", ""), metadata.get("HTTPStatusCode", 400))
        raise kind(operation, code, metadata.get("RequestId", "")) from error
    except (BotocoreConnectionError, HTTPClientError, ResponseParserError) as error:
        raise Unreachable(operation, type(error).__name__) from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise Misconfigured(operation, type(error).__name__) from error
    except ParamValidationError:
        # Its text quotes the offending value, which may be a password: the chain is cut.
        raise InputRejected(operation, "ParamValidationError") from None


class Gateway:
    """Calls Cognito's operations with one client and one configuration; keeps nothing about anybody."""

    def __init__(self, client: Any, config: CognitoConfig) -> None:
        self._client, self._config = client, config

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Return the answer to ``operation``, leaving out parameters that are None.

        Raises an error of :mod:`accounts.cognito.errors`; an answer that is not JSON is one, whatever its status:
        botocore reads a proxy's HTML page as an empty success.
        """
        given = {name: value for name, value in parameters.items() if value is not None}
        with translated(operation):
            answer: dict[str, Any] = getattr(self._client, xform_name(operation))(**given)
        content_type = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("content-type", "json")
        if "json" not in content_type:
            raise Unreachable(operation, "NotJSON")
        return answer
