"""New tokens in time: once per session, whichever of many requests, threads, processes or hosts comes first."""

import logging
import time
from datetime import timedelta
from enum import Enum, auto

from django.contrib.auth import SESSION_KEY
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts import conf, users
from accounts.cognito.errors import (
    CognitoError,
    NotAuthorized,
    NotConfirmed,
    PasswordResetRequired,
    TokenError,
    TokenReused,
    UnknownKey,
    Unreachable,
    UserNotFound,
)
from accounts.cognito.results import Tokens
from accounts.models import User
from accounts.sessions import revocation
from accounts.sessions.engine import EndedElsewhere, SessionStore, StoredTokens

logger = logging.getLogger(__name__)

MARGIN = timedelta(minutes=2)  # more than the leeway of clocks and the slowest page together
GRACE = timedelta(minutes=15)  # how long a session outlives its access token while Cognito cannot be reached
LONGEST_WAIT = 3.0  # seconds a request whose token is dead waits for another one's refresh
POLL = 0.05  # seconds between two looks

# The refusals that are meant for this person or this token: Cognito gives them no more tokens, so our session ends too.
# A trigger that fails, or a setting of the pool, would sign everybody out: those count as an outage.
FATAL = (NotAuthorized, UserNotFound, NotConfirmed, PasswordResetRequired, TokenReused)


class SessionOver(Exception):
    """The session was ended here meanwhile, by another tab or an administrator, or its tokens can no longer be read."""


class NoTokens(PermissionDenied):
    """Somebody is signed in without Cognito, as a superuser of this database is, and so has none of its tokens."""


class Outcome(Enum):
    """What became of a session's tokens: ENDED here, by somebody else's act; REFUSED by Cognito."""

    USABLE = auto()
    ENDED = auto()
    REFUSED = auto()
    UNAVAILABLE = auto()


def ensure_fresh(session: SessionStore) -> Outcome:
    """Make sure that the access token of ``session`` has time left, asking Cognito at most once.

    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
    """
    times = session.times()
    if times is None or times.tokens_expire_at is None or times.tokens_expire_at - timezone.now() > MARGIN:
        return Outcome.USABLE
    if session.take_lease():
        # Read again now that the lease is ours: another request may have finished just before.
        return refresh(session, session.read_tokens())
    if times.tokens_expire_at > timezone.now():
        return Outcome.USABLE
    return wait_for_another(session)


@sensitive_variables("held")
def fresh_tokens(session: SessionStore) -> Tokens:
    """Return the tokens of ``session``, none of which has ended; they are renewed first where that is due.

    One statement where it is not. Raises EndedElsewhere when Cognito renews them no longer, SessionOver when there is
    no session any more, NoTokens for one that never had any, Unavailable while dead tokens cannot be renewed.
    """
    held = session.read_tokens()
    if held is not None and held.expire_at and held.expire_at - timezone.now() <= MARGIN:
        refuse_unless_usable(ensure_fresh(session))
        held = session.read_tokens()
    if held is None:
        raise SessionOver
    if held.tokens is None:
        # A session that had tokens has the time of their end, too: these are encrypted with a key that is not here.
        raise NoTokens if held.expire_at is None else SessionOver
    if held.expire_at and held.expire_at <= timezone.now():
        raise Unreachable("GetTokensFromRefreshToken", "TokenExpired")
    return held.tokens


def refuse_unless_usable(outcome: Outcome) -> None:
    """Raise what ``outcome`` means for somebody who wants the tokens: EndedElsewhere, SessionOver, Unreachable."""
    if outcome is Outcome.REFUSED:
        raise EndedElsewhere
    if outcome is Outcome.ENDED:
        raise SessionOver
    if outcome is Outcome.UNAVAILABLE:
        raise Unreachable("GetTokensFromRefreshToken", "TokenExpired")


def wait_for_another(session: SessionStore) -> Outcome:
    """Wait until the request that holds the lease has new tokens for ``session``, but not for long."""
    deadline = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < deadline:
        time.sleep(POLL)
        held = session.read_tokens()
        if held is None:
            return Outcome.ENDED
        if held.expire_at and held.expire_at > timezone.now():
            return Outcome.USABLE
    return after_failure(session)


@sensitive_variables("held")
def refresh(session: SessionStore, held: StoredTokens | None) -> Outcome:
    """Exchange the refresh token in ``held``, what ``session`` has now that its lease is taken, for new tokens."""
    if held is None:
        return Outcome.ENDED
    if held.expire_at and held.expire_at - timezone.now() > MARGIN:
        session.release_lease()
        return Outcome.USABLE
    user = User.objects.filter(pk=session.get(SESSION_KEY, 0)).first()
    if held.tokens is None or user is None:
        logger.warning("tokens of a session unreadable", extra={"user": user.pk if user else None})
        return Outcome.ENDED
    try:
        return exchange(session, user, held)
    except FATAL as error:
        return after_refusal(session, held, error)
    except CognitoError as error:
        logger.warning("refresh failed", extra={"user": user.pk, "error": str(error)})
        session.release_lease()
        return after_failure(session)


@sensitive_variables("held", "newest", "unverified")
def exchange(session: SessionStore, user: User, held: StoredTokens) -> Outcome:
    """Verify the answer that waits for it, else get one first, and make its tokens those of ``session``.

    Raises what Cognito says, TokenError for tokens that must not be trusted, Unavailable when keys cannot be had.
    """
    newest = held if held.unverified else renewed(session, user, held)
    if newest is None:
        return Outcome.ENDED
    unverified = newest.unverified
    if unverified is None:
        return Outcome.USABLE
    try:
        claims = conf.verifier().verify_id_token(unverified.id_token)
    except UnknownKey:
        # The pool may have a new key that could not be fetched yet.
        raise
    except TokenError:
        # This answer will never be genuine, so it is dropped. The refresh token may still bring one that is.
        session.drop_unverified(newest.version)
        raise
    if (claims.issuer, claims.sub) != (user.issuer, user.sub):
        logger.critical("refresh answered with another person's tokens", extra={"user": user.pk})
        # Nobody may use them: they are revoked here, and deleted with the session.
        revocation.revoke([unverified.refresh_token])
        return Outcome.ENDED
    with transaction.atomic():
        # The person first, as all acts on people have it, or one of them and a refresh could wait for each other.
        users.update(user, claims)
        written = session.replace_tokens(newest.version, unverified)
    if not written and session.read_tokens() is None:
        # Whoever ended the session meanwhile may have read its tokens before this one was among them.
        revocation.revoke([unverified.refresh_token])
        return Outcome.ENDED
    logger.info("refreshed", extra={"user": user.pk})
    return Outcome.USABLE


@sensitive_variables("held", "answer")
def renewed(session: SessionStore, user: User, held: StoredTokens) -> StoredTokens | None:
    """Ask Cognito for new tokens, store them as unverified, and return what the database holds then.

    That has no unverified tokens where another process was quicker: its tokens count. It is None when the session
    ended meanwhile. Raises what Cognito says.
    """
    answer = conf.user_pool().refresh(held.tokens.refresh_token if held.tokens else "", user.username)
    session.keep_unverified(held, answer)
    now = session.read_tokens()
    if now is None:
        # Whoever ended the session meanwhile may have read its tokens before this one was among them.
        revocation.revoke([answer.refresh_token])
    return now


def after_refusal(session: SessionStore, held: StoredTokens, error: CognitoError) -> Outcome:
    """Decide what a refusal means: if the stored tokens have changed meanwhile, it was meant for the old ones.

    Where the session was ended here meanwhile, its token was revoked, and the refusal follows from that.
    """
    now = session.read_tokens()
    if now is None:
        return Outcome.ENDED
    if now.version != held.version:
        return Outcome.USABLE
    logger.warning("refresh refused", extra={"error": str(error)})
    return Outcome.REFUSED


def after_failure(session: SessionStore) -> Outcome:
    """Decide what an outage means: nothing, until the access token has been dead for a while. Nobody is signed out."""
    times = session.times()
    dead_since = times.tokens_expire_at if times else None
    if dead_since is None or timezone.now() - dead_since < GRACE:
        return Outcome.USABLE
    return Outcome.UNAVAILABLE
