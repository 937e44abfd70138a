"""Telling Cognito that tokens are no longer wanted: once, and without anybody having to wait for it."""

import logging
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

from django.contrib.sessions.backends.base import SessionBase
from django.db.models import QuerySet
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts import after_answer, conf, known_browser, users
from accounts.cognito.errors import CognitoError, Unavailable
from accounts.cognito.results import Tokens
from accounts.models import Session, User

logger = logging.getLogger(__name__)


@sensitive_variables("refresh_tokens", "tokens")
def revoke(refresh_tokens: Iterable[str]) -> None:
    """Revoke ``refresh_tokens`` after the answer, each once; a failure is logged and changes nothing for the person.

    https://docs.aws.amazon.com/cognito/latest/developerguide/token-revocation.html
    """
    tokens = [token for token in refresh_tokens if token]
    if tokens:
        after_answer.revocations.do(attempt, tokens)


@sensitive_variables("tokens", "token")
def attempt(tokens: list[str]) -> None:
    """Tell Cognito of each of ``tokens``, once."""
    for token in tokens:
        try:
            conf.user_pool().revoke_token(token)
        except CognitoError as error:
            logger.warning("token not revoked", extra={"error": str(error)})


@contextmanager
def revoked_on_failure(tokens: Tokens | None) -> Iterator[None]:
    """Revoke ``tokens``, which nobody would know of, when anything fails within the block."""
    try:
        yield
    except Exception:
        revoke([tokens.refresh_token] if tokens else [])
        raise


def refuse_earlier_tokens(people: QuerySet[User]) -> None:
    """Have the API refuse the access tokens of all sign-ins of ``people`` up to now, whoever holds them.

    Nobody can revoke those: they are verified without asking Cognito, and are good for up to a day by themselves.
    """
    people.update(tokens_valid_from=timezone.now())


def end_sessions(user: User, *, but: SessionBase | None = None) -> int:
    """Delete the sessions of ``user``, all or all but one, and revoke their tokens; return how many there were.

    What other programs hold for the person ends with them.
    """
    refuse_earlier_tokens(User.objects.filter(pk=user.pk))
    rows = Session.objects.filter(user=user)
    if but is not None:
        rows = rows.exclude(session_key=but.session_key)
    return end(rows)


def end_everything(user: User, *, but: SessionBase | None = None) -> int:
    """Do as :func:`end_sessions`, and have no browser known any longer as one that has signed ``user`` in.

    So whoever knew a password that is, or may be, another now is a stranger again.
    """
    known_browser.forget(user)
    return end_sessions(user, but=but)


def end_session(user: User, public_id: uuid.UUID) -> int:
    """Delete the session of ``user`` with that ``public_id`` and revoke its tokens; return 1, or 0 for none."""
    return end(Session.objects.filter(user=user, public_id=public_id))


def end_sessions_named(name: str) -> int:
    """Delete the sessions of whoever signs in to this pool as ``name``; return how many there were.

    Cognito has just been told a new password for that name, and does not say whose it is.
    """
    people = users.named(name)
    people.update(known_browsers_since=timezone.now())
    refuse_earlier_tokens(people)
    return end(Session.objects.filter(user__in=people))


def delete_sessions(people: Collection[int]) -> list[str]:
    """Delete the sessions of the people with these primary keys; return their refresh tokens, "" for none, one each.

    For a caller that has the tokens revoked once its transaction is over.
    """
    refuse_earlier_tokens(User.objects.filter(pk__in=people))
    return delete(Session.objects.filter(user__in=people))


@sensitive_variables("refresh_tokens")
def end(rows: QuerySet[Session]) -> int:
    """Delete the sessions in ``rows`` and revoke their tokens; return how many there were."""
    refresh_tokens = delete(rows)
    revoke(token for token in refresh_tokens if token)
    return len(refresh_tokens)


@sensitive_variables("tokens")
def delete(rows: QuerySet[Session]) -> list[str]:
    """Delete the sessions in ``rows``; return their refresh tokens, "" for none, one each."""
    found = list(rows.values_list("public_id", "tokens"))
    # Not by the key: a request that gives a session another one meanwhile would keep it.
    Session.objects.filter(public_id__in=[public_id for public_id, _ in found]).delete()
    decrypted = (conf.token_cipher().decrypt_tokens(ciphertext) if ciphertext else None for _, ciphertext in found)
    return [tokens.refresh_token if tokens else "" for tokens in decrypted]


def end_expired(batch: int) -> int:
    """End at most ``batch`` sessions that are over; return how many were ended, 0 when there is nothing left to do.

    Revokes before it deletes, and in the caller's own thread: a refresh token whose row is gone could be revoked by
    nobody, and what an outage leaves over waits for the next time. For commands, which may take long.
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RevokeToken.html
    """
    over = Session.objects.filter(expire_date__lte=timezone.now()).order_by("expire_date")
    ended = []
    for key, ciphertext in over.values_list("session_key", "tokens")[:batch]:
        try:
            revoke_stored(ciphertext)
        except Unavailable as error:
            logger.warning("sessions that are over are kept for now", extra={"error": str(error)})
            break
        ended.append(key)
    return Session.objects.filter(session_key__in=ended).delete()[0]


@sensitive_variables("tokens")
def revoke_stored(ciphertext: str) -> None:
    """Revoke the refresh token in the encrypted tokens of a row, if there is one.

    Raises Unavailable. Any other error means that asking again would not help, and is logged.
    """
    tokens = conf.token_cipher().decrypt_tokens(ciphertext) if ciphertext else None
    if tokens is None or not tokens.refresh_token:
        return
    try:
        conf.user_pool().revoke_token(tokens.refresh_token)
    except Unavailable:
        raise
    except CognitoError as error:
        logger.warning("token not revoked", extra={"error": str(error)})


def end_if_expired(session_key: str) -> None:
    """Delete the session of ``session_key`` and revoke its token, if it is over."""
    end(Session.objects.filter(session_key=session_key, expire_date__lte=timezone.now()))
