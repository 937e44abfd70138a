"""Challenge sessions: who may answer which challenge, through which client, until when.

MiniStack invents the Session string and never looks at the one that comes back, so that a made-up one sets anybody's
password and a second factor alone signs in. Here a session is bound to one person, one client and one challenge, is
used once, and dies after AuthSessionValidity minutes or five wrong answers.
https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html
"""

from __future__ import annotations

import time
from typing import Any

from ministack.services import cognito as ministack

from devcloud.cognito.attempt import Attempt
from devcloud.cognito.codes import WRONG_CODES
from devcloud.cognito.errors import not_authorized
from devcloud.cognito.records import Client, Pool, User, find_user, same_name

_USED = "used"


def begin(user_pool: Pool, app_client: Client, username: str, challenge: str, **facts: Any) -> str:
    """Return the token of a new session in which ``username`` is to answer ``challenge``.

    ``facts`` are JSON values that the answer will be judged by; ``redeem`` hands them back.
    """
    _forget_expired()
    token: str
    token, session = ministack._create_challenge_session(user_pool["Id"], app_client["ClientId"], username)
    session.update(facts, awaits=challenge, misses=0)
    return token


def look_up(token: object, app_client: Client, challenge: str) -> dict[str, Any]:
    """Return the session of ``token``; NotAuthorizedException when it cannot answer ``challenge`` at this client."""
    session: dict[str, Any] | None = ministack._challenge_sessions.get(token) if isinstance(token, str) else None
    if session is None or session["client_id"] != app_client["ClientId"]:
        raise not_authorized("Invalid session for the user.")
    if time.time() >= session["expires_at"]:
        raise not_authorized("Invalid session for the user, session is expired.")
    if session.get("awaits") == _USED:
        raise not_authorized("Invalid session for the user, session can only be used once.")
    if session.get("awaits") != challenge:
        raise not_authorized("Invalid session for the user.")
    return session


def redeem(token: object, app_client: Client, username: str, challenge: str) -> dict[str, Any]:
    """Use the session up and return it; raises NotAuthorizedException as ``look_up`` does, or for another person."""
    session = look_up(token, app_client, challenge)
    if session["username"] != username:
        raise not_authorized("Invalid session for the user.")
    spend(session)
    return session


def bound(attempt: Attempt, challenge: str) -> tuple[dict[str, Any], User]:
    """Return the live session in which the attempt answers ``challenge``, and its person.

    Raises NotAuthorizedException unless the answer's USERNAME is the person the session was made for; in the Admin
    variant it has to be the username itself and no alias (AdminRespondToAuthChallenge, ChallengeResponses).
    """
    session = look_up(attempt.request.get("Session"), attempt.app_client, challenge)
    name = attempt.needed("USERNAME")
    user = find_user(attempt.user_pool, name)
    if user is None or user["Username"] != session["username"]:
        raise not_authorized("Invalid session for the user.")
    if attempt.by_administrator and not same_name(attempt.user_pool, name, user["Username"]):
        raise not_authorized("Invalid session for the user.")
    if not user.get("Enabled", True):
        raise not_authorized("User is disabled.")
    return session, user


def spend(session: dict[str, Any]) -> None:
    """Use the session up."""
    session["awaits"] = _USED


def miss(session: dict[str, Any]) -> None:
    """Count a wrong answer; the fifth ends the session, until then it can be tried again."""
    session["misses"] += 1
    if session["misses"] >= WRONG_CODES:
        spend(session)


def _forget_expired() -> None:
    now = time.time()
    for token, session in ministack._challenge_sessions.items():
        # A short while longer, so that a late answer learns that its session is expired.
        if now > session["expires_at"] + 3600:
            del ministack._challenge_sessions[token]
