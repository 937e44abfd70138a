"""Signing in: one call each, and an answer without tokens or a question is a failure."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from accounts.cognito import errors
from accounts.cognito.answers import outcome
from accounts.cognito.authentication import Authentication
from accounts.cognito.results import Challenge, ClientContext, Tokens
from tests.cognito.conftest import cognito_config
from tests.signed_tokens import CLIENT_ID, POOL_ID, SigningPool

EMAIL = "ada@example.com"
PASSWORD = "Correct-horse-1"
RESULT = SigningPool().authentication_result()
HASH = cognito_config().secret_hash(EMAIL)
CONTEXT = ClientContext(ip_address="192.0.2.7", user_agent="Firefox", server_name="site", server_path="/login/")
CHALLENGE = Challenge(name="SOFTWARE_TOKEN_MFA", username="sub-1", session="session-of-20-characters")


@pytest.fixture
def authentication(idp: Any) -> Authentication:
    return Authentication(idp, cognito_config())


def test_a_password_is_exchanged_in_one_call(authentication: Authentication, aws: Stubber) -> None:
    expected = {
        "ClientId": CLIENT_ID,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": EMAIL, "PASSWORD": PASSWORD, "SECRET_HASH": HASH},
    }
    aws.add_response("initiate_auth", {"AuthenticationResult": RESULT}, expected)
    assert isinstance(authentication.with_password(EMAIL, PASSWORD), Tokens)


def test_a_public_client_sends_no_hash(idp: Any, aws: Stubber) -> None:
    expected = {
        "ClientId": CLIENT_ID,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": EMAIL, "PASSWORD": PASSWORD},
    }
    aws.add_response("initiate_auth", {"AuthenticationResult": RESULT}, expected)
    Authentication(idp, cognito_config(client_secret="")).with_password(EMAIL, PASSWORD)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("NotAuthorizedException", errors.NotAuthorized),
        ("UserNotFoundException", errors.UserNotFound),
        ("UserNotConfirmedException", errors.NotConfirmed),
        ("PasswordResetRequiredException", errors.PasswordResetRequired),
        ("InvalidParameterException", errors.InputRejected),
        ("TooManyRequestsException", errors.Throttled),
        ("ForbiddenException", errors.Throttled),
        ("InternalErrorException", errors.Unreachable),
        ("UserLambdaValidationException", errors.RefusedByTrigger),
        ("ResourceNotFoundException", errors.Misconfigured),
    ],
)
def test_a_refusal_is_told_by_its_kind(
    authentication: Authentication, aws: Stubber, code: str, kind: type[errors.CognitoError]
) -> None:
    aws.add_client_error("initiate_auth", code)
    with pytest.raises(kind):
        authentication.with_password(EMAIL, PASSWORD)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"AuthenticationResult": {}},
        {"AuthenticationResult": {"AccessToken": "only-this"}},
        {"AuthenticationResult": {"IdToken": "only-this"}},
        {"Session": "session-of-20-characters"},
    ],
)
def test_an_answer_with_neither_tokens_nor_a_question_is_no_success(
    authentication: Authentication, aws: Stubber, answer: dict[str, Any]
) -> None:
    aws.add_response("initiate_auth", answer)
    with pytest.raises(errors.Unreachable):
        authentication.with_password(EMAIL, PASSWORD)


def test_a_question_carries_the_name_cognito_gave(authentication: Authentication, aws: Stubber) -> None:
    answer = {
        "ChallengeName": "SMS_MFA",
        "Session": "session-of-20-characters",
        "ChallengeParameters": {"USER_ID_FOR_SRP": "sub-1"},
    }
    aws.add_response("initiate_auth", answer)
    challenge = authentication.with_password(EMAIL, PASSWORD)
    assert isinstance(challenge, Challenge)
    assert (challenge.name, challenge.username, challenge.session) == ("SMS_MFA", "sub-1", "session-of-20-characters")


def test_a_question_without_a_name_is_answered_under_the_typed_one(
    authentication: Authentication, aws: Stubber
) -> None:
    aws.add_response("initiate_auth", {"ChallengeName": "SMS_MFA", "Session": "session-of-20-characters"})
    challenge = authentication.with_password(EMAIL, PASSWORD)
    assert isinstance(challenge, Challenge)
    assert challenge.username == EMAIL


def test_an_answer_is_hashed_over_the_name_it_carries(authentication: Authentication, aws: Stubber) -> None:
    expected = {
        "ClientId": CLIENT_ID,
        "ChallengeName": "SOFTWARE_TOKEN_MFA",
        "Session": CHALLENGE.session,
        "ChallengeResponses": {
            "USERNAME": "sub-1",
            "SOFTWARE_TOKEN_MFA_CODE": "123456",
            "SECRET_HASH": cognito_config().secret_hash("sub-1"),
        },
    }
    aws.add_response("respond_to_auth_challenge", {"AuthenticationResult": RESULT}, expected)
    assert isinstance(authentication.answer(CHALLENGE, {"SOFTWARE_TOKEN_MFA_CODE": "123456"}), Tokens)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("CodeMismatchException", errors.WrongCode),
        ("ExpiredCodeException", errors.ExpiredCode),
        ("NotAuthorizedException", errors.NotAuthorized),
        ("InvalidPasswordException", errors.PasswordRejected),
        ("PasswordHistoryPolicyViolationException", errors.PasswordUsedBefore),
        ("SoftwareTokenMFANotFoundException", errors.FactorNotSetUp),
    ],
)
def test_a_refused_answer_is_told_by_its_kind(
    authentication: Authentication, aws: Stubber, code: str, kind: type[errors.CognitoError]
) -> None:
    aws.add_client_error("respond_to_auth_challenge", code)
    with pytest.raises(kind):
        authentication.answer(CHALLENGE, {"SOFTWARE_TOKEN_MFA_CODE": "123456"})


def test_the_admin_flow_tells_where_the_request_came_from(idp: Any, aws: Stubber) -> None:
    expected = {
        "UserPoolId": POOL_ID,
        "ClientId": CLIENT_ID,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": EMAIL, "PASSWORD": PASSWORD, "SECRET_HASH": HASH},
        "ContextData": {
            "IpAddress": "192.0.2.7",
            "ServerName": "site",
            "ServerPath": "/login/",
            "HttpHeaders": [{"headerName": "User-Agent", "headerValue": "Firefox"}],
        },
    }
    aws.add_response("admin_initiate_auth", {"AuthenticationResult": RESULT}, expected)
    admin = Authentication(idp, cognito_config(auth_flow="ADMIN_USER_PASSWORD_AUTH"))
    assert isinstance(admin.with_password(EMAIL, PASSWORD, CONTEXT), Tokens)


def test_the_admin_flow_answers_with_the_admin_operation(idp: Any, aws: Stubber) -> None:
    aws.add_response("admin_respond_to_auth_challenge", {"AuthenticationResult": RESULT})
    admin = Authentication(idp, cognito_config(auth_flow="ADMIN_USER_PASSWORD_AUTH"))
    assert isinstance(admin.answer(CHALLENGE, {"SOFTWARE_TOKEN_MFA_CODE": "123456"}, CONTEXT), Tokens)


def test_choosing_sends_the_name_alone(authentication: Authentication, aws: Stubber) -> None:
    expected = {
        "ClientId": CLIENT_ID,
        "AuthFlow": "USER_AUTH",
        "AuthParameters": {"USERNAME": EMAIL, "SECRET_HASH": HASH},
    }
    answer = {
        "ChallengeName": "SELECT_CHALLENGE",
        "Session": "session-of-20-characters",
        "AvailableChallenges": ["PASSWORD", "EMAIL_OTP"],
    }
    aws.add_response("initiate_auth", answer, expected)
    challenge = authentication.with_choice(EMAIL)
    assert isinstance(challenge, Challenge)
    assert challenge.available == ("PASSWORD", "EMAIL_OTP")


def test_a_way_that_was_chosen_is_named(authentication: Authentication, aws: Stubber) -> None:
    parameters = {"USERNAME": EMAIL, "SECRET_HASH": HASH, "PREFERRED_CHALLENGE": "EMAIL_OTP"}
    expected = {"ClientId": CLIENT_ID, "AuthFlow": "USER_AUTH", "AuthParameters": parameters}
    aws.add_response("initiate_auth", {"ChallengeName": "EMAIL_OTP", "Session": "s" * 20}, expected)
    challenge = authentication.with_choice(EMAIL, preferred="EMAIL_OTP")
    assert isinstance(challenge, Challenge)
    assert challenge.name == "EMAIL_OTP"


def test_a_confirmed_newcomer_signs_in_by_session(authentication: Authentication, aws: Stubber) -> None:
    expected = {
        "ClientId": CLIENT_ID,
        "AuthFlow": "USER_AUTH",
        "AuthParameters": {"USERNAME": EMAIL, "SECRET_HASH": HASH},
        "Session": "session-of-20-characters",
    }
    aws.add_response("initiate_auth", {"AuthenticationResult": RESULT}, expected)
    assert isinstance(authentication.with_session(EMAIL, "session-of-20-characters"), Tokens)


def test_srp_never_sends_the_password(idp: Any, aws: Stubber) -> None:
    parameters = {
        "USER_ID_FOR_SRP": "sub-1",
        "SALT": "abc123",
        "SRP_B": "f" * 64,
        "SECRET_BLOCK": "c2VjcmV0LWJsb2Nr",
    }
    asked = {"ClientId": CLIENT_ID, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": ANY}
    answered = {
        "ClientId": CLIENT_ID,
        "ChallengeName": "PASSWORD_VERIFIER",
        "Session": "session-of-20-characters",
        "ChallengeResponses": ANY,
    }
    sent: list[dict[str, Any]] = []
    idp.meta.events.register("provide-client-params.*.*", lambda params, **_: sent.append(params))
    first = {
        "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeParameters": parameters,
        "Session": "session-of-20-characters",
    }
    aws.add_response("initiate_auth", first, asked)
    aws.add_response("respond_to_auth_challenge", {"AuthenticationResult": RESULT}, answered)
    srp = Authentication(idp, cognito_config(auth_flow="USER_SRP_AUTH"))
    assert isinstance(srp.with_password(EMAIL, PASSWORD), Tokens)
    assert PASSWORD not in str(sent)
    assert len(sent) == 2


@pytest.mark.parametrize("missing", ["SALT", "SRP_B", "SECRET_BLOCK"])
def test_srp_parameters_that_make_no_sense_are_an_outage(idp: Any, aws: Stubber, missing: str) -> None:
    parameters = {"USER_ID_FOR_SRP": "sub-1", "SALT": "ab", "SRP_B": "ff", "SECRET_BLOCK": "c2VjcmV0"}
    del parameters[missing]
    first = {"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": parameters}
    aws.add_response("initiate_auth", first)
    with pytest.raises(errors.Unreachable):
        Authentication(idp, cognito_config(auth_flow="USER_SRP_AUTH")).with_password(EMAIL, PASSWORD)


def test_tokens_and_sessions_are_not_shown() -> None:
    shown = repr(outcome({"AuthenticationResult": RESULT}, EMAIL, operation="InitiateAuth")) + repr(CHALLENGE)
    assert not any(secret in shown for secret in (*RESULT.values(), CHALLENGE.session) if isinstance(secret, str))


@pytest.mark.parametrize(
    ("value", "items"),
    [('["SMS_MFA"]', ("SMS_MFA",)), ("", ()), ("not json", ()), ('{"a": 1}', ()), ('["a", 7]', ("a",))],
)
def test_a_listed_parameter_is_read_with_care(value: str, items: tuple[str, ...]) -> None:
    challenge = Challenge(name="SELECT_MFA_TYPE", username="x", parameters={"MFAS_CAN_CHOOSE": value})
    assert challenge.listed("MFAS_CAN_CHOOSE") == items


def test_a_connection_is_opened_by_a_question_that_is_refused(authentication: Authentication, aws: Stubber) -> None:
    aws.add_client_error("get_user", "NotAuthorizedException", expected_params={"AccessToken": "nobody"})
    authentication.connect()


def test_an_outage_shows_when_a_connection_is_opened(authentication: Authentication, aws: Stubber) -> None:
    aws.add_client_error("get_user", "InternalErrorException", http_status_code=500)
    with pytest.raises(errors.Unavailable):
        authentication.connect()
