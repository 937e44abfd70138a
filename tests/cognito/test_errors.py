"""Every AWS error has a place in the table, and the table is kept up with botocore's own list."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from accounts.cognito import client, errors
from accounts.cognito.errors import CODES, COMMON_CODES, from_code
from tests.cognito.operations import (
    called_by,
    gateways,
    operations_called,
    operations_spelt_out,
    public_methods,
    service_model,
)


def translated(operation: str) -> AbstractContextManager[None]:
    return client.translated("cognito-idp", operation)


def client_error(code: str, message: str = "", status: int = 400) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "InitiateAuth")


@pytest.mark.parametrize("gateway", gateways())
def test_whatever_a_gateway_offers_asks_cognito_something(gateway: Any) -> None:
    methods = list(public_methods(gateway))
    assert methods
    assert [method for method in methods if not called_by(gateway, method, "USER_PASSWORD_AUTH")] == []


def test_no_operation_is_named_that_calling_the_gateways_does_not_find() -> None:
    assert operations_spelt_out() - operations_called() == set()


def test_operations_with_and_without_an_aws_key_are_found() -> None:
    assert {"AdminInitiateAuth", "InitiateAuth", "ForgotPassword", "DescribeUserPool"} <= operations_called()


def test_every_error_an_operation_may_raise_is_in_the_table() -> None:
    modelled = {
        shape.name for name in operations_called() for shape in service_model().operation_model(name).error_shapes
    }
    assert modelled - CODES.keys() - COMMON_CODES.keys() == set()


def test_no_code_has_two_meanings() -> None:
    assert CODES.keys() & COMMON_CODES.keys() == set()


@pytest.mark.parametrize("service", ["cognito-idp", "cognito-identity", "s3", "sts", "cloudformation"])
def test_a_key_without_the_permission_wakes_an_operator_whatever_the_service(service: str) -> None:
    assert from_code(service, "AccessDeniedException", "", 400) is errors.Misconfigured


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("NotAuthorizedException", ""),
        ("UserNotFoundException", ""),
        ("NotAuthorizedException", "Temporary password has expired"),
        ("LimitExceededException", "WebAuthn"),
    ],
)
@pytest.mark.parametrize(("status", "kind"), [(400, errors.Misconfigured), (503, errors.Unreachable)])
def test_what_a_user_pool_means_by_a_code_says_nothing_of_another_service(
    code: str, message: str, status: int, kind: type[errors.CognitoError]
) -> None:
    assert from_code("s3", code, message, status) is kind


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


def test_an_account_that_is_switched_off_is_told_apart() -> None:
    with pytest.raises(errors.AccountDisabled), translated("InitiateAuth"):
        raise client_error("NotAuthorizedException", "User is disabled.")


def test_a_pool_that_is_closed_to_newcomers_is_told_apart() -> None:
    with pytest.raises(errors.RegistrationClosed), translated("SignUp"):
        raise client_error("NotAuthorizedException", "SignUp is not permitted for this user pool")


def test_words_nobody_knows_stay_the_plain_refusal() -> None:
    with pytest.raises(errors.NotAuthorized) as caught, translated("InitiateAuth"):
        raise client_error("NotAuthorizedException", "A sentence AWS has never written before.")
    assert type(caught.value) is errors.NotAuthorized


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (500, errors.Unreachable),
        (503, errors.Unreachable),
        (429, errors.Unreachable),
        (400, errors.Misconfigured),
        (403, errors.Misconfigured),
    ],
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


@pytest.mark.parametrize(
    ("error", "may_be"),
    [
        (errors.Unreachable("ChangePassword", "ReadTimeoutError"), True),
        (errors.Unreachable("ChangePassword", "ConnectionClosedError"), True),
        (errors.Unreachable("ChangePassword", "InternalErrorException"), True),
        (errors.Unreachable("ChangePassword", "NotJSON"), True),
        (errors.RefusedByTrigger("ConfirmForgotPassword", "UserLambdaValidationException"), True),
        (errors.Unreachable("ChangePassword", "EndpointConnectionError"), False),
        (errors.Unreachable("ChangePassword", "ConnectTimeoutError"), False),
        (errors.Throttled("ChangePassword", "TooManyRequestsException"), False),
        (errors.WrongCode("ConfirmForgotPassword", "CodeMismatchException"), False),
        (errors.Misconfigured("ChangePassword", "ResourceNotFoundException"), False),
    ],
)
def test_what_got_no_answer_may_be_done_and_what_was_never_sent_is_not(
    error: errors.CognitoError, may_be: bool
) -> None:
    assert errors.may_be_done(error) is may_be
