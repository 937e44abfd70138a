"""boto3 clients, and the one place where boto3's exceptions become ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

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

from accounts.cognito.config import CognitoConfig, Connection
from accounts.cognito.errors import InputRejected, Misconfigured, Unreachable, from_code

USER_AGENT = f"Latchkey Boto3/{boto3.__version__}"


# boto3's names of the services around a user pool: people, their AWS credentials, their files, the stack, the own key.
Service = Literal["cognito-idp", "cognito-identity", "s3", "cloudformation", "sts"]


def make_client(service: Service, connection: Connection, *, signed: bool = False) -> Any:
    """Return a client for an AWS ``service``. Keep it: a new one costs a TLS handshake.

    ``signed`` clients use boto3's own chain of credentials. The others sign nothing, and so never go looking for an
    instance's role, which off EC2 means waiting for a time-out.
    https://boto3.amazonaws.com/v1/documentation/api/latest/guide/configuration.html
    """
    return boto3.Session().client(
        service,
        region_name=connection.region,
        endpoint_url=connection.endpoint_url or None,
        config=Config(
            signature_version=None if signed else UNSIGNED,
            connect_timeout=connection.connect_timeout,
            read_timeout=connection.read_timeout,
            retries={"total_max_attempts": connection.attempts, "mode": "standard"},
            max_pool_connections=connection.max_connections,
            # boto3 would put its own together anew for every call, which takes a sixth of the call's CPU time.
            user_agent=USER_AGENT,
        ),
    )


@contextmanager
def translated(service: str, operation: str) -> Iterator[None]:
    """Turn what boto3 raises inside the block into an error of :mod:`accounts.cognito.errors`.

    BotoCoreError as a whole is not caught: it is also the base of what boto3 raises for our own mistakes, and those
    must stay visible.
    """
    try:
        yield
    except ClientError as error:
        answer = error.response
        code = answer.get("Error", {}).get("Code", "")
        metadata = answer.get("ResponseMetadata", {})
        kind = from_code(service, code, answer.get("Error", {}).get("Message", ""), metadata.get("HTTPStatusCode", 400))
        raise kind(operation, code, metadata.get("RequestId", "")) from error
    except (BotocoreConnectionError, HTTPClientError, ResponseParserError) as error:
        raise Unreachable(operation, type(error).__name__) from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise Misconfigured(operation, type(error).__name__) from error
    except ParamValidationError:
        # Its text quotes the offending value, which may be a password, so it must not be chained to ours.
        raise InputRejected(operation, "ParamValidationError") from None


class Gateway:
    """Calls the operations of one AWS service with one client and one configuration; keeps nothing about anybody."""

    def __init__(self, client: Any, config: CognitoConfig) -> None:
        self._client, self._config = client, config
        model = client.meta.service_model
        self._service: str = model.service_name
        self._speaks_json: bool = "json" in model.resolved_protocol

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Return the answer to ``operation``, leaving out parameters that are None.

        Raises an error of :mod:`accounts.cognito.errors`. Where the service speaks JSON, an answer that is something
        else is Unreachable, whatever its status: botocore reads a proxy's HTML page as an empty success.
        """
        given = {name: value for name, value in parameters.items() if value is not None}
        with translated(self._service, operation):
            answer: dict[str, Any] = getattr(self._client, xform_name(operation))(**given)
        content_type = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("content-type", "json")
        if self._speaks_json and "json" not in content_type:
            raise Unreachable(operation, "NotJSON")
        return answer
