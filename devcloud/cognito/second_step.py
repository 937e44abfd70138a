"""What follows a first factor: a new password, a second factor, or tokens.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow.html
"""

from __future__ import annotations

import json

from ministack.services import cognito as ministack

from devcloud.cognito import attributes, challenge_sessions, mfa, passwords, tokens
from devcloud.cognito.attempt import Attempt
from devcloud.cognito.errors import invalid_parameter, not_authorized
from devcloud.cognito.records import Answer, User, set_attributes
from devcloud.cognito.records import attributes as attributes_of

NEW_PASSWORD = "NEW_PASSWORD_REQUIRED"  # noqa: S105 -- the name of a challenge
_PREFIX = "userAttributes."


def after_password(attempt: Attempt, user: User) -> Answer:
    """Return what a right password leads to: a new password when it was temporary, else the second factor or tokens."""
    if user["UserStatus"] == "FORCE_CHANGE_PASSWORD":
        return _ask_for_new_password(attempt, user)
    challenge = mfa.challenge(attempt, user)
    session = (challenge or {}).get("Session")
    outcome = "InProgress" if challenge else "Pass"
    ministack._record_auth_event(
        attempt.user_pool, user, attempt.request, "SignIn", outcome, (("Password", "Success"),), session
    )
    return challenge or tokens.issue(attempt.user_pool, attempt.app_client, user)


def answer_new_password(attempt: Attempt) -> Answer:
    """Replace the temporary password and fill in the required attributes, then go on with the sign-in.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html,
    NEW_PASSWORD_REQUIRED. A refused password or attribute leaves the session standing. Raises
    InvalidPasswordException, InvalidParameterException, NotAuthorizedException.
    """
    session, user = challenge_sessions.bound(attempt, NEW_PASSWORD)
    typed = {name.removeprefix(_PREFIX): value for name, value in attempt.answers.items() if name.startswith(_PREFIX)}
    _refuse_attributes(attempt, user, typed)
    passwords.change(attempt.user_pool, user, attempt.needed("NEW_PASSWORD"))
    challenge_sessions.spend(session)
    set_attributes(user, typed)
    attributes.mark_unverified(user)
    user["UserStatus"] = "CONFIRMED"
    ministack._record_auth_event(attempt.user_pool, user, attempt.request, "PasswordChange", "Pass")
    return mfa.challenge(attempt, user) or tokens.issue(attempt.user_pool, attempt.app_client, user)


def _refuse_attributes(attempt: Attempt, user: User, typed: dict[str, str]) -> None:
    values = attributes_of(user)
    for name in typed:
        if values.get(name) and name in attributes.schema(attempt.user_pool):
            raise not_authorized(f"Cannot modify an already provided {name}")
    attributes.refuse_unwritable(attempt.user_pool, attempt.app_client, typed)
    absent = attributes.missing(attempt.user_pool, values | typed)
    if absent:
        listed = "; ".join(f"{name}: The attribute {name} is required" for name in absent)
        raise invalid_parameter(f"Invalid attributes given, {listed}")


def _ask_for_new_password(attempt: Attempt, user: User) -> Answer:
    values = attributes_of(user)
    absent = attributes.missing(attempt.user_pool, values)
    return {
        "ChallengeName": NEW_PASSWORD,
        "Session": challenge_sessions.begin(attempt.user_pool, attempt.app_client, user["Username"], NEW_PASSWORD),
        "ChallengeParameters": {
            "USER_ID_FOR_SRP": user["Username"],
            "requiredAttributes": json.dumps([f"{_PREFIX}{name}" for name in absent]),
            "userAttributes": json.dumps({name: value for name, value in values.items() if name != "sub"}),
        },
    }
