"""Registering, confirming, recovering, renewing and revoking: what is sent, and what each refusal becomes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber

from accounts.cognito import errors
from accounts.cognito.authentication import Authentication
from accounts.cognito.client import make_client
from accounts.cognito.errors import lacks_operation
from accounts.cognito.user_pool import UserPool
from tests import fault_proxy
from tests.cognito.conftest import CLIENT_SECRET, cognito_config
from tests.fault_proxy import FaultProxy
from tests.signed_tokens import CLIENT_ID, SigningPool

EMAIL = "ada@example.com"
PASSWORD = "Correct-horse-1"
HASH = cognito_config().secret_hash(EMAIL)
DELIVERY = {"Destination": "a***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}


@pytest.fixture
def pool(idp: Any) -> UserPool:
    return UserPool(idp, cognito_config())


def test_signing_up_sends_the_exact_password(pool: UserPool, aws: Stubber) -> None:
    password = "  Ünusual % \N{GRINNING FACE} Pass-1  "
    expected = {
        "ClientId": CLIENT_ID,
        "SecretHash": HASH,
        "Username": EMAIL,
        "Password": password,
        "UserAttributes": [{"Name": "email", "Value": EMAIL}],
    }
    answer = {"UserSub": "sub-1", "UserConfirmed": False, "CodeDeliveryDetails": DELIVERY}
    aws.add_response("sign_up", answer, expected)
    registration = pool.sign_up(EMAIL, password, {"email": EMAIL})
    assert not registration.confirmed


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("UsernameExistsException", errors.UsernameTaken),
        ("InvalidPasswordException", errors.PasswordRejected),
        ("InvalidParameterException", errors.InputRejected),
        ("CodeDeliveryFailureException", errors.CodeNotDelivered),
        ("LimitExceededException", errors.TooManyAttempts),
        ("NotAuthorizedException", errors.NotAuthorized),
        ("UserLambdaValidationException", errors.RefusedByTrigger),
        ("TooManyRequestsException", errors.Throttled),
    ],
)
def test_a_refused_registration_is_told_by_its_kind(
    pool: UserPool, aws: Stubber, code: str, kind: type[errors.CognitoError]
) -> None:
    aws.add_client_error("sign_up", code)
    with pytest.raises(kind):
        pool.sign_up(EMAIL, PASSWORD, {})


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("CodeMismatchException", errors.WrongCode),
        ("ExpiredCodeException", errors.ExpiredCode),
        ("NotAuthorizedException", errors.NotAuthorized),
        ("UserNotFoundException", errors.UserNotFound),
        ("AliasExistsException", errors.AliasTaken),
        ("TooManyFailedAttemptsException", errors.TooManyAttempts),
        ("LimitExceededException", errors.TooManyAttempts),
    ],
)
def test_a_refused_confirmation_is_told_by_its_kind(
    pool: UserPool, aws: Stubber, code: str, kind: type[errors.CognitoError]
) -> None:
    aws.add_client_error("confirm_sign_up", code)
    with pytest.raises(kind):
        pool.confirm_sign_up(EMAIL, "123456")


def test_confirming_never_takes_an_address_from_another_account(pool: UserPool, aws: Stubber) -> None:
    expected = {"ClientId": CLIENT_ID, "SecretHash": HASH, "Username": EMAIL, "ConfirmationCode": "123456"}
    aws.add_response("confirm_sign_up", {"Session": "session-of-20-characters"}, expected)
    assert pool.confirm_sign_up(EMAIL, "123456") == "session-of-20-characters"


def test_a_confirmation_without_a_session_is_a_confirmation(pool: UserPool, aws: Stubber) -> None:
    aws.add_response("confirm_sign_up", {})
    assert pool.confirm_sign_up(EMAIL, "123456") == ""


@pytest.mark.parametrize("operation", ["resend_confirmation_code", "forgot_password"])
def test_a_code_is_asked_for_by_name_and_hash(pool: UserPool, aws: Stubber, operation: str) -> None:
    expected = {"ClientId": CLIENT_ID, "SecretHash": HASH, "Username": EMAIL}
    aws.add_response(operation, {"CodeDeliveryDetails": DELIVERY}, expected)
    assert getattr(pool, operation)(EMAIL).destination == "a***@e***"


@pytest.mark.parametrize("operation", ["resend_confirmation_code", "forgot_password"])
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("UserNotFoundException", errors.UserNotFound),
        ("InvalidParameterException", errors.InputRejected),
        ("NotAuthorizedException", errors.NotAuthorized),
        ("LimitExceededException", errors.TooManyAttempts),
        ("CodeDeliveryFailureException", errors.CodeNotDelivered),
    ],
)
def test_a_refused_code_is_told_by_its_kind(
    pool: UserPool, aws: Stubber, operation: str, code: str, kind: type[errors.CognitoError]
) -> None:
    aws.add_client_error(operation, code)
    with pytest.raises(kind):
        getattr(pool, operation)(EMAIL)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("CodeMismatchException", errors.WrongCode),
        ("ExpiredCodeException", errors.ExpiredCode),
        ("InvalidPasswordException", errors.PasswordRejected),
        ("PasswordHistoryPolicyViolationException", errors.PasswordUsedBefore),
        ("TooManyFailedAttemptsException", errors.TooManyAttempts),
        ("UserNotConfirmedException", errors.NotConfirmed),
    ],
)
def test_a_refused_reset_is_told_by_its_kind(
    pool: UserPool, aws: Stubber, code: str, kind: type[errors.CognitoError]
) -> None:
    aws.add_client_error("confirm_forgot_password", code)
    with pytest.raises(kind):
        pool.confirm_forgot_password(EMAIL, "123456", PASSWORD)


def test_a_refresh_sends_the_secret_and_no_name(pool: UserPool, aws: Stubber) -> None:
    expected = {"ClientId": CLIENT_ID, "ClientSecret": CLIENT_SECRET, "RefreshToken": "old"}
    result = SigningPool().authentication_result(refresh_token="new")
    aws.add_response("get_tokens_from_refresh_token", {"AuthenticationResult": result}, expected)
    assert pool.refresh("old", "ada").refresh_token == "new"


def test_a_refresh_without_rotation_brings_no_new_refresh_token(pool: UserPool, aws: Stubber) -> None:
    result = SigningPool().authentication_result(refresh_token=None)
    aws.add_response("get_tokens_from_refresh_token", {"AuthenticationResult": result})
    assert pool.refresh("old", "ada").refresh_token == ""


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("NotAuthorizedException", errors.NotAuthorized),
        ("UserNotFoundException", errors.UserNotFound),
        ("RefreshTokenReuseException", errors.TokenReused),
        ("TooManyRequestsException", errors.Throttled),
    ],
)
def test_a_refused_refresh_is_told_by_its_kind(
    pool: UserPool, aws: Stubber, code: str, kind: type[errors.CognitoError]
) -> None:
    aws.add_client_error("get_tokens_from_refresh_token", code)
    with pytest.raises(kind):
        pool.refresh("old", "ada")


@pytest.mark.parametrize("answer", [{}, {"AuthenticationResult": {}}, {"AuthenticationResult": {"IdToken": "x"}}])
def test_an_empty_refresh_is_an_outage(pool: UserPool, aws: Stubber, answer: dict[str, Any]) -> None:
    aws.add_response("get_tokens_from_refresh_token", answer)
    with pytest.raises(errors.Unreachable):
        pool.refresh("old", "ada")


def test_a_server_without_the_operation_is_asked_the_older_way(pool: UserPool, aws: Stubber) -> None:
    expected = {
        "ClientId": CLIENT_ID,
        "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": {"REFRESH_TOKEN": "old", "SECRET_HASH": cognito_config().secret_hash("ada")},
    }
    aws.add_client_error("get_tokens_from_refresh_token", "InvalidAction", http_status_code=400)
    result = SigningPool().authentication_result(refresh_token=None)
    aws.add_response("initiate_auth", {"AuthenticationResult": result}, expected)
    assert pool.refresh("old", "ada").access_token == result["AccessToken"]


def test_a_refused_token_is_not_tried_the_older_way() -> None:
    assert not lacks_operation(errors.NotAuthorized("GetTokensFromRefreshToken", "NotAuthorizedException"))


def test_an_outage_is_not_tried_the_older_way() -> None:
    assert not lacks_operation(errors.Unreachable("GetTokensFromRefreshToken", "InternalErrorException"))


def test_revoking_sends_the_refresh_token_and_the_secret(pool: UserPool, aws: Stubber) -> None:
    expected = {"Token": "refresh", "ClientId": CLIENT_ID, "ClientSecret": CLIENT_SECRET}
    aws.add_response("revoke_token", {}, expected)
    pool.revoke_token("refresh")


@pytest.mark.parametrize(
    ("code", "kind"),
    [("UnauthorizedException", errors.NotAuthorized), ("UnsupportedTokenTypeException", errors.Misconfigured)],
)
def test_a_refused_revocation_is_told_by_its_kind(
    pool: UserPool, aws: Stubber, code: str, kind: type[errors.CognitoError]
) -> None:
    aws.add_client_error("revoke_token", code)
    with pytest.raises(kind):
        pool.revoke_token("refresh")


FAULTS = {
    "closed": fault_proxy.closed_before(),
    "500": fault_proxy.server_error(),
    "502 page": fault_proxy.bad_gateway(),
    "200 page": fault_proxy.html_success(),
    "nothing": fault_proxy.empty(),
    "half an answer": fault_proxy.answered(200, b'{"CodeDelivery'),
    "throttled": fault_proxy.aws_error("TooManyRequestsException"),
    "blocked": fault_proxy.aws_error("ForbiddenException", status=403),
    "hanging": fault_proxy.hanging(3),
}


def test_a_page_in_place_of_an_empty_answer_is_no_success() -> None:
    with FaultProxy("http://127.0.0.1:9") as proxy:
        config = cognito_config(endpoint_url=proxy.url)
        pool = UserPool(make_client("cognito-idp", config.connection), config)
        proxy.fail("*", fault_proxy.answered(200, b"{}"))
        pool.confirm_forgot_password(EMAIL, "123456", PASSWORD)
        proxy.fail("*", fault_proxy.html_success())
        for act in (
            lambda: pool.confirm_sign_up(EMAIL, "123456"),
            lambda: pool.confirm_forgot_password(EMAIL, "123456", PASSWORD),
            lambda: pool.revoke_token("refresh"),
        ):
            with pytest.raises(errors.Unreachable):
                act()


@pytest.mark.parametrize("operation", ["SignUp", "ForgotPassword", "InitiateAuth", "GetTokensFromRefreshToken"])
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_whatever_breaks_is_an_outage_after_one_call(operation: str, fault: fault_proxy.Fault) -> None:
    with FaultProxy("http://127.0.0.1:9") as proxy:
        proxy.fail("*", fault)
        config = cognito_config(endpoint_url=proxy.url, read_timeout=0.5)
        pool = UserPool(make_client("cognito-idp", config.connection), config)
        calls: dict[str, Callable[[], object]] = {
            "SignUp": lambda: pool.sign_up(EMAIL, PASSWORD, {}),
            "ForgotPassword": lambda: pool.forgot_password(EMAIL),
            "InitiateAuth": lambda: Authentication(make_client("cognito-idp", config.connection), config).with_password(
                EMAIL, PASSWORD
            ),
            "GetTokensFromRefreshToken": lambda: pool.refresh("old", "ada"),
        }
        with pytest.raises(errors.Unavailable):
            calls[operation]()
        assert proxy.calls[operation] == 1
