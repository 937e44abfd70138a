"""New tokens in time: once per session, whichever of many requests, threads, processes or hosts comes first."""

import logging
import time
from datetime import timedelta
from enum import Enum, auto

from django.contrib.auth import SESSION_KEY
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts import conf, revocation, sessions, users
from accounts.cognito.errors import (
    CognitoError,
    NotAuthorized,
    PasswordResetRequired,
    TokenError,
    TokenReused,
    UnknownKey,
    UserNotFound,
)
from accounts.cognito.results import Tokens
from accounts.models import User
from accounts.sessions import SessionStore, StoredTokens

logger = logging.getLogger(__name__)

MARGIN = timedelta(minutes=2)  # more than the leeway of clocks and the slowest page together
GRACE = timedelta(minutes=15)  # how long a session outlives its access token while Cognito cannot be reached
LONGEST_WAIT = 3.0  # seconds a request whose token is dead waits for another one's refresh
POLL = 0.05  # seconds between two looks

# The refusals after which no refresh can succeed: Cognito has ended its session, so ours ends, too.
FATAL = (NotAuthorized, UserNotFound, TokenReused, PasswordResetRequired)


class Outcome(Enum):
    """What became of a session's tokens: ENDED here, by somebody else's act; REFUSED by Cognito."""

    USABLE = auto()
    ENDED = auto()
    REFUSED = auto()
    UNAVAILABLE = auto()


class WrongPerson(CognitoError):
    """The refreshed tokens speak of somebody else."""


def ensure_fresh(session: SessionStore) -> Outcome:
    """Make sure that the access token of ``session`` has time left, asking Cognito at most once.

    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
    """
    row = session.facts()
    if row is None or row.tokens_expire_at is None or row.tokens_expire_at - timezone.now() > MARGIN:
        return Outcome.USABLE
    if sessions.take_lease(session):
        return refresh(session)
    if row.tokens_expire_at > timezone.now():
        return Outcome.USABLE
    return wait_for_another(session)


def wait_for_another(session: SessionStore) -> Outcome:
    """Wait until the request that holds the lease has new tokens for ``session``, but not for long."""
    deadline = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < deadline:
        time.sleep(POLL)
        held = sessions.read_tokens(session)
        if held is None:
            return Outcome.ENDED
        if held.expire_at and held.expire_at > timezone.now():
            return Outcome.USABLE
    return after_failure(session)


@sensitive_variables("held")
def refresh(session: SessionStore) -> Outcome:
    """Exchange the refresh token of ``session``, whose lease is held, for new tokens."""
    # Read again now that the lease is ours: another request may have finished just before.
    held = sessions.read_tokens(session)
    if held is None:
        return Outcome.ENDED
    if held.expire_at and held.expire_at - timezone.now() > MARGIN:
        sessions.release_lease(session)
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
        sessions.release_lease(session)
        return after_failure(session)


@sensitive_variables("held", "newest")
def exchange(session: SessionStore, user: User, held: StoredTokens) -> Outcome:
    """Verify the answer that waits for it, else get one first. Raises what Cognito says, TokenError, Unavailable."""
    newest = held if held.unverified else renewed(session, user, held)
    if newest is None:
        return Outcome.ENDED
    if newest.unverified is None:
        return Outcome.USABLE
    try:
        adopt(session, user, newest.version, newest.unverified)
    except WrongPerson as error:
        logger.critical("refresh answered with another person's tokens", extra={"user": user.pk, "error": str(error)})
        # Nobody may use them: they are revoked here, and deleted with the session.
        revocation.revoke([newest.unverified.refresh_token])
        return Outcome.ENDED
    except UnknownKey:
        # The pool may have a new key that could not be fetched yet.
        raise
    except TokenError:
        # This answer will never be genuine, so it is dropped. The refresh token may still bring one that is.
        sessions.drop_unverified(session, newest.version)
        raise
    return Outcome.USABLE


@sensitive_variables("held", "answer")
def renewed(session: SessionStore, user: User, held: StoredTokens) -> StoredTokens | None:
    """Ask Cognito for new tokens, store them as unverified, and return what the database holds then.

    That has no unverified tokens where another process was quicker: its tokens count. It is None when the session
    ended meanwhile. Raises what Cognito says.
    """
    answer = conf.user_pool().refresh(held.tokens.refresh_token if held.tokens else "", user.username)
    kept = sessions.keep_unverified(session, held, answer)
    now = sessions.read_tokens(session)
    if now is None and not kept:
        # The session was ended meanwhile and its token revoked. Only this request knows of the new one.
        revocation.revoke([answer.refresh_token])
    return now


@sensitive_variables("unverified")
def adopt(session: SessionStore, user: User, version: int, unverified: Tokens) -> None:
    """Verify ``unverified``, bring the user's rights up to date and make them the session's tokens.

    Raises WrongPerson, TokenError for tokens that must not be trusted, Unavailable when the keys cannot be had.
    """
    claims = conf.verifier().verify_id_token(unverified.id_token)
    if (claims.issuer, claims.sub) != (user.issuer, user.sub):
        raise WrongPerson("GetTokensFromRefreshToken")
    with transaction.atomic():
        sessions.replace_tokens(session, version, unverified)
        users.update(user, claims)
    logger.info("refreshed", extra={"user": user.pk})


def after_refusal(session: SessionStore, held: StoredTokens, error: CognitoError) -> Outcome:
    """Decide what a refusal means: if the stored tokens have changed meanwhile, it was meant for the old ones."""
    now = sessions.read_tokens(session)
    if now is not None and now.version != held.version:
        return Outcome.USABLE
    logger.warning("refresh refused", extra={"error": str(error)})
    return Outcome.REFUSED


def after_failure(session: SessionStore) -> Outcome:
    """Decide what an outage means: nothing, until the access token has been dead for a while. Nobody is signed out."""
    row = session.facts()
    dead_since = row.tokens_expire_at if row else None
    if dead_since is None or timezone.now() - dead_since < GRACE:
        return Outcome.USABLE
    return Outcome.UNAVAILABLE
