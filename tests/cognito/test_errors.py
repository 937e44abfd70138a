"""Every AWS error has a place in the table, and the table is kept up with botocore's own list."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from accounts.cognito import errors
from accounts.cognito.client import translated

GATEWAY = Path(errors.__file__).parent
OPERATION = re.compile(r"""_call\(\s*"([A-Z]\w+)\"""")


@cache
def service_model() -> Any:
    client = boto3.Session().client("cognito-idp", region_name="eu-west-1", config=Config(signature_version=UNSIGNED))
    return client.meta.service_model


def operations_called() -> set[str]:
    """Return the names of the operations that the gateway's source calls."""
    return {name for path in GATEWAY.rglob("*.py") for name in OPERATION.findall(path.read_text())}


def client_error(code: str, message: str = "", status: int = 400) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "InitiateAuth")


def test_the_gateway_calls_operations() -> None:
    assert {"InitiateAuth", "SignUp", "ConfirmSignUp", "RevokeToken"} <= operations_called()


def test_every_operation_called_exists() -> None:
    assert operations_called() <= set(service_model().operation_names)


def test_every_error_an_operation_may_raise_is_in_the_table() -> None:
    modelled = {
        shape.name for name in operations_called() for shape in service_model().operation_model(name).error_shapes
    }
    assert modelled - errors.CODES.keys() == set()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("NotAuthorizedException", errors.NotAuthorized),
        ("UserNotFoundException", errors.UserNotFound),
        ("UserNotConfirmedException", errors.NotConfirmed),
        ("PasswordResetRequiredException", errors.PasswordResetRequired),
        ("CodeMismatchException", errors.WrongCode),
        ("ExpiredCodeException", errors.ExpiredCode),
        ("LimitExceededException", errors.TooManyAttempts),
        ("TooManyFailedAttemptsException", errors.TooManyAttempts),
        ("InvalidPasswordException", errors.PasswordRejected),
        ("UsernameExistsException", errors.UsernameTaken),
        ("RefreshTokenReuseException", errors.TokenReused),
        ("TooManyRequestsException", errors.Throttled),
        ("InternalErrorException", errors.Unreachable),
        ("ResourceNotFoundException", errors.Misconfigured),
        ("AccessDeniedException", errors.Misconfigured),
    ],
)
def test_a_code_becomes_its_error(code: str, kind: type[errors.CognitoError]) -> None:
    with pytest.raises(errors.CognitoError) as caught, translated("InitiateAuth"):
        raise client_error(code)
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    "message",
    [
        "Unable to verify secret hash for client 1example",
        "Client 1example is configured for secret but secret was not received",
    ],
)
def test_a_wrong_client_secret_is_not_blamed_on_the_person(message: str) -> None:
    with pytest.raises(errors.Misconfigured), translated("InitiateAuth"):
        raise client_error("NotAuthorizedException", message)


@pytest.mark.parametrize(
    "message", ["USER_SRP_AUTH is not enabled for the client.", "USER_PASSWORD_AUTH flow not enabled for this client"]
)
def test_a_flow_the_client_does_not_allow_is_not_blamed_on_the_person(message: str) -> None:
    with pytest.raises(errors.Misconfigured), translated("InitiateAuth"):
        raise client_error("InvalidParameterException", message)


def test_an_expired_temporary_password_is_told_apart() -> None:
    message = "Temporary password has expired and must be reset by an administrator."
    with pytest.raises(errors.TemporaryPasswordExpired), translated("InitiateAuth"):
        raise client_error("NotAuthorizedException", message)


def test_words_nobody_knows_stay_the_plain_refusal() -> None:
    with pytest.raises(errors.NotAuthorized) as caught, translated("InitiateAuth"):
        raise client_error("NotAuthorizedException", "A sentence AWS has never written before.")
    assert type(caught.value) is errors.NotAuthorized


@pytest.mark.parametrize(
    ("status", "kind"), [(500, errors.Unreachable), (503, errors.Unreachable), (400, errors.Misconfigured)]
)
def test_a_code_nobody_knows_is_judged_by_its_status(status: int, kind: type[errors.CognitoError]) -> None:
    with pytest.raises(kind), translated("InitiateAuth"):
        raise client_error("BrandNewException", status=status)


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="http://127.0.0.1:9"),
        ConnectTimeoutError(endpoint_url="http://127.0.0.1:9"),
        ReadTimeoutError(endpoint_url="http://127.0.0.1:9"),
    ],
)
def test_an_endpoint_that_does_not_answer_is_unreachable(error: Exception) -> None:
    with pytest.raises(errors.Unreachable), translated("InitiateAuth"):
        raise error


def test_a_missing_aws_key_wakes_an_operator() -> None:
    with pytest.raises(errors.Misconfigured), translated("AdminGetUser"):
        raise NoCredentialsError


def test_a_mistake_of_our_own_stays_visible() -> None:
    with pytest.raises(KeyError), translated("InitiateAuth"):
        raise KeyError("AuthenticationResult")


def test_a_value_boto3_refuses_is_not_quoted() -> None:
    with pytest.raises(errors.InputRejected) as caught, translated("InitiateAuth"):
        raise ParamValidationError(report="Invalid type for parameter, value: canary-password")
    assert "canary-password" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_an_error_tells_the_log_what_happened_and_no_more() -> None:
    error = client_error("NotAuthorizedException", "Incorrect username or password.")
    error.response["ResponseMetadata"]["RequestId"] = "request-1"
    with pytest.raises(errors.NotAuthorized) as caught, translated("InitiateAuth"):
        raise error
    assert str(caught.value) == (
        "NotAuthorized operation=InitiateAuth code=NotAuthorizedException aws_request_id=request-1"
    )
