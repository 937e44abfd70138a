"""CUSTOM_AUTH without Lambda functions: a stand-in, so that a site's page for CUSTOM_CHALLENGE can be tried out.

On AWS the pool's own functions make and judge the challenges, and a pool without them refuses the flow
(https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-challenge.html). No functions run here.
Instead every client that allows ALLOW_CUSTOM_AUTH asks one fixed question, whose answer is mailed to the person. As
with most functions people write, a wrong answer asks again in a new session, and the third one ends the sign-in.
"""

from __future__ import annotations

from devcloud.cognito import challenge_sessions, codes, messages, passwords, tokens
from devcloud.cognito.attempt import Attempt
from devcloud.cognito.errors import wrong_password
from devcloud.cognito.records import Answer, attributes, find_user, hides_existence, unknown_user

CHALLENGE = "CUSTOM_CHALLENGE"
QUESTION = "Which code was sent to your e-mail address?"
ROUNDS = 3


def initiate(attempt: Attempt) -> Answer:
    """Ask the question and mail its answer; a hidden unknown person is asked too, and no answer is right."""
    name = attempt.needed("USERNAME")
    user = find_user(attempt.user_pool, name)
    if user is None and not hides_existence(attempt.app_client):
        raise unknown_user(attempt.app_client)
    code = codes.random_digits()
    if user is not None:
        passwords.refuse_disabled(user)
        if messages.EMAIL in attributes(user):
            codes.spend(user, "custom challenge", 20)
            messages.send_sign_in_code(attempt.user_pool, user, messages.EMAIL, code)
    return _ask(attempt, user["Username"] if user else name, codes.sealed(code, codes.HOUR), ROUNDS)


def answer(attempt: Attempt) -> Answer:
    """Judge the answer; raises NotAuthorizedException when it is wrong for the third time."""
    session = challenge_sessions.look_up(attempt.request.get("Session"), attempt.app_client, CHALLENGE)
    name = attempt.needed("USERNAME")
    given = attempt.needed("ANSWER")
    user = find_user(attempt.user_pool, name)
    challenge_sessions.redeem(
        attempt.request["Session"], attempt.app_client, user["Username"] if user else name, CHALLENGE
    )
    if user is None or not codes.matches(session["code"], given):
        if session["rounds"] == 1:
            raise wrong_password()
        return _ask(attempt, session["username"], session["code"], session["rounds"] - 1)
    passwords.refuse_disabled(user)
    passwords.refuse_unready(attempt.user_pool, user)
    return tokens.issue(attempt.user_pool, attempt.app_client, user)


def _ask(attempt: Attempt, username: str, code: dict[str, object], rounds: int) -> Answer:
    facts = {"code": code, "rounds": rounds}
    token = challenge_sessions.begin(attempt.user_pool, attempt.app_client, username, CHALLENGE, **facts)
    return {"ChallengeName": CHALLENGE, "Session": token, "ChallengeParameters": {"question": QUESTION}}
