"""boto3 clients, and the one place where boto3's exceptions become ours."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal, Self

import boto3
import botocore.session
from botocore import UNSIGNED, xform_name
from botocore.config import Config
from botocore.credentials import CredentialResolver, Credentials, ReadOnlyCredentials, create_credential_resolver
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    MetadataRetrievalError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)
from botocore.exceptions import (
    ConnectionError as BotocoreConnectionError,
)
from botocore.parsers import ResponseParserError
from botocore.utils import parse_timestamp

from accounts.cognito.config import CognitoConfig, Connection
from accounts.cognito.errors import InputRejected, Misconfigured, Unreachable, from_code
from accounts.cognito.results import AwsCredentials

USER_AGENT = f"Latchkey Boto3/{boto3.__version__}"
LOOK_AGAIN = 30.0  # seconds after which an AWS key that was not found is looked for again

# boto3's names of the services around a user pool: people, their AWS credentials, their files, the stack, the own key
# and its rights, mails, text messages, triggers, the firewall, the quotas.
Service = Literal[
    "cognito-idp",
    "cognito-identity",
    "s3",
    "cloudformation",
    "sts",
    "iam",
    "sesv2",
    "sns",
    "lambda",
    "wafv2",
    "service-quotas",
]


# What people do themselves and Cognito may answer with a mail or a text message: a CustomMessage function of the pool
# reads their language in the client metadata.
# https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-custom-message.html
ASKED_BY_THE_PERSON = frozenset(
    {
        "SignUp",
        "ConfirmSignUp",
        "ResendConfirmationCode",
        "InitiateAuth",
        "RespondToAuthChallenge",
        "AdminInitiateAuth",
        "AdminRespondToAuthChallenge",
        "ForgotPassword",
        "ConfirmForgotPassword",
        "UpdateUserAttributes",
        "GetUserAttributeVerificationCode",
    }
)


class CallersCredentials(Credentials):
    """Credentials that each call brings along: those that ``holding`` put into this thread, and never any others.

    With these one client, and its connections, serve everybody. A call outside of ``holding`` is signed by nobody: it
    raises NoCredentialsError, and the site's own AWS key is not looked for.
    """

    def __init__(self) -> None:
        super().__init__("", "", "", method="explicit")
        self._held: ContextVar[ReadOnlyCredentials] = ContextVar("credentials")

    def load_credentials(self) -> Self:
        """Return itself: where botocore looks for a resolver of credentials, it finds these."""
        return self

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """Return whose call this is, which botocore asks when it signs. Raises NoCredentialsError."""
        held = self._held.get(None)
        if held is None:
            raise NoCredentialsError
        return held

    @contextmanager
    def holding(self, person: AwsCredentials) -> Iterator[None]:
        """Have the calls inside the block be made by ``person``."""
        token = self._held.set(ReadOnlyCredentials(person.access_key_id, person.secret_key, person.session_token))
        try:
            yield
        finally:
            self._held.reset(token)


class SitesCredentials(Credentials):
    """The site's own AWS key, from boto3's chain of credentials, which is asked again where it had none.

    botocore asks it once, when it makes a client: one made while the role of its instance cannot be read would be
    without a key for good. No call waits for the later searches, which can take seconds where there is no key at all.
    https://boto3.amazonaws.com/v1/documentation/api/latest/guide/credentials.html
    """

    def __init__(self, chain: CredentialResolver) -> None:
        super().__init__("", "", "", method="explicit")
        self._chain = chain
        self._found: Credentials | None = None
        self._missing: Exception = NoCredentialsError()
        self._next_look_at = 0.0

    def load_credentials(self) -> Self:
        """Return itself after a first search, which botocore asks for when it makes a client."""
        self._look()
        return self

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """Return the key as it is now. Raises NoCredentialsError, or what the last search was stopped by."""
        if self._found is None and time.monotonic() >= self._next_look_at:
            self._look_in_background()
        if self._found is None:
            raise self._missing.with_traceback(None)
        return self._found.get_frozen_credentials()

    def _look_in_background(self) -> None:
        # Set before the thread runs, so that no second one is started.
        self._next_look_at = time.monotonic() + LOOK_AGAIN
        # A process that can have no more threads looks another time.
        with suppress(RuntimeError):
            threading.Thread(target=self._look, name="aws-key", daemon=True).start()

    def _look(self) -> None:
        try:
            self._found, self._missing = self._chain.load_credentials(), NoCredentialsError()
        except (BotoCoreError, ClientError) as error:
            self._missing = error
        self._next_look_at = time.monotonic() + LOOK_AGAIN


def make_s3_client(connection: Connection, credentials: CallersCredentials) -> Any:
    """Return a client for S3 that signs each call with what ``credentials`` hold then. Keep it, as any other.

    A server other than AWS has no name for each bucket. Checksums are sent where S3 wants one, and not by default:
    another server's may not be read.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
    """
    session = botocore.session.Session()
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=moment)
    session.register_component("credential_provider", credentials)
    return boto3.Session(botocore_session=session).client(
        "s3",
        region_name=connection.region,
        endpoint_url=connection.endpoint_url or None,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path" if connection.endpoint_url else "virtual"},
            connect_timeout=connection.connect_timeout,
            read_timeout=connection.read_timeout,
            retries={"total_max_attempts": connection.attempts, "mode": "standard"},
            max_pool_connections=connection.max_connections,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            user_agent=USER_AGENT,
        ),
    )


def make_client(service: Service, connection: Connection, *, signed: bool = False) -> Any:
    """Return a client for an AWS ``service``. Keep it: a new one costs a TLS handshake.

    ``signed`` clients have the site's AWS key. The others sign nothing, and so never go looking for an instance's role,
    which off EC2 means waiting for a time-out.
    https://boto3.amazonaws.com/v1/documentation/api/latest/guide/configuration.html
    """
    session = botocore.session.Session()
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=moment)
    if signed:
        chain = create_credential_resolver(session, region_name=connection.region)
        session.register_component("credential_provider", SitesCredentials(chain))
    return boto3.Session(botocore_session=session).client(
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


def moment(value: Any) -> datetime:
    """Return the moment that AWS writes as ``value``, in UTC: seconds since the epoch, or a text.

    botocore's own parser asks for the local time zone each time, which takes a third of reading a list of people.
    """
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int | float) else parse_timestamp(value)


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
    except (CredentialRetrievalError, MetadataRetrievalError) as error:
        # The role that the AWS key is of cannot be asked for it.
        raise Unreachable(operation, type(error).__name__) from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise Misconfigured(operation, type(error).__name__) from error
    except ParamValidationError:
        # Its text quotes the offending value, which may be a password, so it must not be chained to ours.
        raise InputRejected(operation, "ParamValidationError") from None


class Gateway:
    """Calls the operations of one AWS service with one client and one configuration; keeps nothing about anybody."""

    def __init__(self, client: Any, config: CognitoConfig, language: Callable[[], str | None] = lambda: None) -> None:
        """Call with ``client``; ``language`` says in which one (BCP 47) the person reads who is asking just now."""
        self._client, self._config, self._language = client, config, language
        model = client.meta.service_model
        self._service: str = model.service_name
        self._speaks_json: bool = "json" in model.resolved_protocol

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Return the answer to ``operation``, leaving out parameters that are None.

        Raises an error of :mod:`accounts.cognito.errors`. Where the service speaks JSON, an answer that is something
        else is Unreachable, whatever its status: botocore reads a proxy's HTML page as an empty success.
        """
        given = {name: value for name, value in parameters.items() if value is not None}
        if operation in ASKED_BY_THE_PERSON and (language := self._language()):
            given = {"ClientMetadata": {"language": language}, **given}
        with translated(self._service, operation):
            answer: dict[str, Any] = getattr(self._client, xform_name(operation))(**given)
        content_type = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("content-type", "json")
        if self._speaks_json and "json" not in content_type:
            raise Unreachable(operation, "NotJSON")
        return answer
