"""RespondToAuthChallenge and AdminRespondToAuthChallenge: every challenge and who judges its answer.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html
"""

from __future__ import annotations

from collections.abc import Callable

from devcloud.cognito import choice, custom_challenge, mfa, second_step, srp
from devcloud.cognito.attempt import Attempt
from devcloud.cognito.errors import invalid_parameter
from devcloud.cognito.records import Answer, Request, client

_JUDGES: dict[str, Callable[[Attempt], Answer]] = {
    "PASSWORD_VERIFIER": srp.answer,
    second_step.NEW_PASSWORD: second_step.answer_new_password,
    "SOFTWARE_TOKEN_MFA": mfa.answer_totp,
    "SMS_MFA": mfa.answer_sms,
    "EMAIL_OTP": choice.answer_email_otp,
    "SMS_OTP": choice.answer_sms_otp,
    "SELECT_MFA_TYPE": mfa.answer_select,
    "MFA_SETUP": mfa.answer_setup,
    "SELECT_CHALLENGE": choice.answer_select,
    "PASSWORD": choice.answer_password,
    "PASSWORD_SRP": choice.answer_password_srp,
    "WEB_AUTHN": choice.answer_passkey,
    custom_challenge.CHALLENGE: custom_challenge.answer,
}


def respond_to_auth_challenge(request: Request) -> Answer:
    """Judge the answer to a challenge: tokens, or the next challenge in a new session.

    Serves the Admin variant too, which names the pool. Raises CodeMismatchException, ExpiredCodeException,
    NotAuthorizedException for anything wrong with the session, and what the challenge itself raises.
    """
    user_pool, app_client = client(request)
    judge = _JUDGES.get(str(request.get("ChallengeName")))
    if judge is None:
        raise invalid_parameter(f"Challenge {request.get('ChallengeName')} is not supported.")
    return judge(Attempt(user_pool, app_client, request.get("ChallengeResponses") or {}, request))
