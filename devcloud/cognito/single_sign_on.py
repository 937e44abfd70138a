"""The cookie by which the domain knows people for an hour, so that they pass without typing anything.

MiniStack has none. https://docs.aws.amazon.com/cognito/latest/developerguide/managed-login-user-experience.html: it
serves every app client of the pool, lasts an hour from the sign-in on, and outlives the tokens and their revocation.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from devcloud.cognito.authorization import Authorization, grant, redirect
from devcloud.cognito.gate import Response
from devcloud.cognito.records import Pool, User

LIFETIME = 60 * 60


@dataclass(frozen=True, slots=True)
class Session:
    """Who signed in here before: when, in seconds since 1970, and by which provider."""

    user: User
    signed_in_at: int
    provider: str


def begin(user_pool: Pool, user: User, provider: str) -> tuple[Session, str]:
    """Return a new session of ``user``, and the Set-Cookie header that has the browser keep it."""
    now = int(time.time())
    token = secrets.token_urlsafe(32)
    sessions = user_pool.setdefault("_hosted_sessions", {})
    for old in [name for name, record in sessions.items() if now >= record["at"] + LIFETIME]:
        del sessions[old]
    sessions[_digest(token)] = {"username": user["Username"], "at": now, "provider": provider}
    return Session(user, now, provider), cookie(_name(user_pool), token, LIFETIME)


def let_in(asked: Authorization, user: User, provider: str) -> Response:
    """Return the answer to the last step of a sign-in: the code for the application, and the cookie for next time."""
    session, kept = begin(asked.user_pool, user, provider)
    return redirect(grant(asked, user, session.signed_in_at), kept)


def current(user_pool: Pool, headers: Mapping[str, str]) -> Session | None:
    """Return the session of the browser that sent ``headers``; None without one of somebody who may still sign in."""
    token = cookies(headers).get(_name(user_pool), "")
    record = (user_pool.get("_hosted_sessions") or {}).get(_digest(token))
    if record is None or time.time() >= record["at"] + LIFETIME:
        return None
    user = user_pool["_users"].get(record["username"])
    if user is None or not user.get("Enabled", True):
        return None
    return Session(user, record["at"], record["provider"])


def end(user_pool: Pool, headers: Mapping[str, str]) -> str:
    """Forget the browser's session, and return the Set-Cookie header that takes its cookie away."""
    token = cookies(headers).get(_name(user_pool), "")
    (user_pool.get("_hosted_sessions") or {}).pop(_digest(token), None)
    return cookie(_name(user_pool), "", 0)


def cookie(name: str, value: str, seconds: int) -> str:
    """Return a Set-Cookie header that scripts cannot read; without Secure, for the local AWS is reached by HTTP."""
    return f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax"


def cookies(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the cookies that came with a request; none where the header cannot be read."""
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def _name(user_pool: Pool) -> str:
    # On AWS each pool has a domain of its own; here they share one.
    return f"cognito-{user_pool['Id']}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
