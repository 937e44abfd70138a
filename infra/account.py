"""The AWS account that is deployed to: whose key, which region, and what AWS's refusals mean."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
)
from botocore.exceptions import ConnectionError as NotConnected

from infra.errors import DeploymentError, Misused, NotAllowed, Refused, Unreachable

# Reading and planning may be repeated, and AWS takes the token of an execution for the same one: retries do no harm.
_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 4})
_NO_KEY = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError)
_AWAY = (HTTPClientError, NotConnected)
_THROTTLED = frozenset({"Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"})
_WRONG_KEY = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "SignatureDoesNotMatch"}
    | {"InvalidSignatureException", "UnrecognizedClientException", "AuthFailure"}
)
_NOT_ALLOWED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


class Account:
    """One AWS account in one region, as one key reaches it."""

    def __init__(self, *, region: str = "", profile: str = "", session: boto3.Session | None = None) -> None:
        """Find the key as boto3 does (environment, profile, role), or take that of ``session``.

        ``region`` is by default that of ``AWS_REGION``, then the profile's. ``AWS_ENDPOINT_URL`` leads to another
        server than AWS. Raises Misused where there is no such profile or no region, NotAllowed
        where there is no key.
        https://docs.aws.amazon.com/boto3/latest/guide/credentials.html
        """
        self._clients: dict[str, Any] = {}
        with in_words():
            self._session = session or boto3.Session(profile_name=profile or None)
            self.endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
            self.region = region or os.environ.get("AWS_REGION") or self._session.region_name or ""
            if not self.region:
                raise NoRegionError
            if self._session.get_credentials() is None:
                raise NoCredentialsError

    @classmethod
    def of(cls, session: boto3.Session, endpoint: str) -> Account:
        """Return the account that ``session`` has the key of, on the server at ``endpoint``."""
        account = cls(session=session, region=session.region_name or "")
        account.endpoint = endpoint
        return account

    def client(self, service: str) -> Any:
        """Return the boto3 client of ``service``, such as ``cloudformation``; making one takes a while."""
        if service not in self._clients:
            self._clients[service] = self._session.client(  # type: ignore[call-overload]
                service, region_name=self.region, endpoint_url=self.endpoint or None, config=_CONFIG
            )
        return self._clients[service]


@contextmanager
def in_words() -> Iterator[None]:
    """Turn what boto3 raises into DeploymentError and its kinds."""
    try:
        yield
    except ClientError as error:
        raise _refusal(error) from error
    except _NO_KEY as error:
        raise NotAllowed(
            f"boto3 found no AWS key it can use ({error}). Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a "
            "profile with --profile."
        ) from error
    except NoRegionError as error:
        raise Misused("No region is set. Name one with --region, such as eu-west-1, or set AWS_REGION.") from error
    except ProfileNotFound as error:
        raise Misused(f"{error}. `aws configure list-profiles` lists those there are.") from error
    except ParamValidationError as error:
        raise Misused(str(error)) from error
    except _AWAY as error:
        raise Unreachable(f"AWS could not be reached ({error}).") from error
    except BotoCoreError as error:
        raise Misused(f"boto3 could not ask AWS ({error}).") from error


def _refusal(error: ClientError) -> DeploymentError:
    """Return what an error answer of AWS means, with its words where the person can do something about them."""
    code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _THROTTLED or status >= 500:
        return Unreachable(f"AWS answered {code} to {error.operation_name}, also when asked again. Try again later.")
    if code in _WRONG_KEY:
        return NotAllowed(f"AWS does not take this key ({code}: {message}).")
    if code in _NOT_ALLOWED:
        return NotAllowed(f"This key may not do {error.operation_name}. {message}")
    return Refused(message)
