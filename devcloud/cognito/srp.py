"""USER_SRP_AUTH and PASSWORD_VERIFIER: a password proved without being sent.

The arithmetic is MiniStack's and right. What it lacks: the pause after wrong passwords, temporary passwords that run
out, and it tells anybody that a person is not confirmed. https://www.rfc-editor.org/rfc/rfc5054 and
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
"""

from __future__ import annotations

import re
from typing import Any

from ministack.services import cognito as ministack

from devcloud.cognito import gate, lockout, passwords, second_step
from devcloud.cognito.attempt import Attempt
from devcloud.cognito.errors import invalid_parameter, wrong_password
from devcloud.cognito.records import Answer, find_user, hides_existence, unknown_user

_HEXADECIMAL = re.compile(r"[0-9a-fA-F]+")
_FLOW = "USER_SRP_AUTH"


def initiate(attempt: Attempt) -> Answer:
    """Return the PASSWORD_VERIFIER challenge for the caller's SRP_A.

    The SECRET_BLOCK that comes back with the proof is what holds the two steps together; AWS returns no Session. A
    hidden unknown person draws a challenge that nobody can answer. Raises InvalidParameterException for a malformed
    SRP_A, NotAuthorizedException for a disabled or locked-out person.
    """
    name, srp_a = attempt.needed("USERNAME"), attempt.needed("SRP_A")
    if not _HEXADECIMAL.fullmatch(srp_a):
        raise invalid_parameter("SRP_A must be a hexadecimal number.")
    user = find_user(attempt.user_pool, name)
    if user is None and not hides_existence(attempt.app_client):
        raise unknown_user(attempt.app_client)
    if user is not None:
        passwords.refuse_disabled(user)
        lockout.refuse_when_locked(user)
    user_id = user["Username"] if user else name
    pool_id, client_id = attempt.user_pool["Id"], attempt.app_client["ClientId"]
    token, session = ministack._create_challenge_session(pool_id, client_id, user_id)
    session["auth_flow"] = _FLOW
    parameters: dict[str, str]
    parameters, session["srp"] = ministack._srp_challenge(pool_id, user, user_id, srp_a, token)
    return {"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": parameters}


def answer(attempt: Attempt) -> Answer:
    """Judge the proof of the password and go on as after a password.

    Raises NotAuthorizedException for a wrong proof, InvalidParameterException for a malformed one, and what
    ``passwords.check`` raises besides.
    """
    responses = attempt.answers
    malformed = ministack._srp_response_format_error(responses)
    if malformed:
        gate.stock(lambda _request: malformed, attempt.request)
    session = _pending(attempt)
    user = find_user(attempt.user_pool, session["username"])
    if user is None:
        raise wrong_password()
    passwords.refuse_disabled(user)
    passwords.refuse_unconfirmed(user)
    lockout.refuse_when_locked(user)
    # MiniStack would take the empty password as that of a person who has none.
    proved = user.get("_password") and ministack._srp_proof_valid(session["pool_id"], user, session["srp"], responses)
    if not proved:
        lockout.miss(user)
        ministack._record_auth_event(
            attempt.user_pool, user, attempt.request, "SignIn", "Fail", (("Password", "Failure"),)
        )
        raise wrong_password()
    # One proof, one sign-in: whoever overhears the exchange gains nothing by sending it again.
    del ministack._challenge_sessions[responses["PASSWORD_CLAIM_SECRET_BLOCK"]]
    passwords.refuse_unready(attempt.user_pool, user)
    lockout.reset(user)
    return second_step.after_password(attempt, user)


def _pending(attempt: Attempt) -> dict[str, Any]:
    session: dict[str, Any] | None
    session, _reason = ministack._get_challenge_session(attempt.answers["PASSWORD_CLAIM_SECRET_BLOCK"])
    if session is None or session.get("auth_flow") != _FLOW or session["client_id"] != attempt.app_client["ClientId"]:
        raise wrong_password()
    return session
