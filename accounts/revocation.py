"""Telling Cognito that tokens are no longer wanted: once, and without anybody having to wait for it."""

import logging
import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import DatabaseError
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts import conf, sessions
from accounts.cognito.errors import CognitoError
from accounts.cognito.results import Tokens
from accounts.models import Session, User
from accounts.sessions import SessionStore

logger = logging.getLogger(__name__)

PATIENCE = 2.0  # seconds that a request waits for the revocation to end


@sensitive_variables("refresh_tokens")
def revoke(refresh_tokens: Iterable[str]) -> None:
    """Revoke ``refresh_tokens``, each once; a failure is logged and changes nothing for the person."""
    tokens = [token for token in refresh_tokens if token]
    if not tokens:
        return

    def attempt() -> None:
        for token in tokens:
            try:
                conf.user_pool().revoke_token(token)
            except CognitoError as error:
                logger.warning("token not revoked", extra={"error": str(error)})

    thread = threading.Thread(target=attempt, name="revoke", daemon=True)
    thread.start()
    thread.join(PATIENCE)


@contextmanager
def revoked_on_failure(tokens: Tokens | None) -> Iterator[None]:
    """Revoke ``tokens``, which nobody would know of, when the database fails within the block."""
    try:
        yield
    except DatabaseError:
        revoke([tokens.refresh_token] if tokens else [])
        raise


def end_sessions(user: User, *, but: SessionStore | None = None) -> int:
    """Delete the sessions of ``user``, all or all but one, and revoke their tokens; return how many there were."""
    rows = Session.objects.filter(user=user)
    if but is not None:
        rows = rows.exclude(session_key=but.session_key)
    return end(rows.values_list("session_key", "tokens"))


def end_session(user: User, public_id: uuid.UUID) -> int:
    """Delete the session of ``user`` with that ``public_id`` and revoke its tokens; return 1, or 0 for none."""
    return end(Session.objects.filter(user=user, public_id=public_id).values_list("session_key", "tokens"))


def end_sessions_named(name: str) -> int:
    """Delete the sessions of whoever signs in to this pool as ``name``; return how many there were.

    Cognito has just been told a new password for that name. Ours are found by the address or the user name they had
    at their last sign-in, which is good enough to end sessions and would be for nothing else.
    """
    people = User.objects.filter(issuer=conf.config().issuer)
    users = people.filter(email__iexact=name) | people.filter(username=name)
    users.update(known_browsers_since=timezone.now())
    return end(Session.objects.filter(user__in=users).values_list("session_key", "tokens"))


def end(rows: Iterable[tuple[str, str]]) -> int:
    """Delete the sessions with these keys and revoke their encrypted tokens; return how many there were."""
    found = list(rows)
    Session.objects.filter(session_key__in=[key for key, _ in found]).delete()
    decrypted = (conf.token_cipher().decrypt_tokens(ciphertext) for _, ciphertext in found if ciphertext)
    revoke(tokens.refresh_token for tokens in decrypted if tokens)
    return len(found)


def refresh_token_of(session: SessionStore) -> str:
    """Return the refresh token of ``session``, "" when it has none."""
    held = sessions.read_tokens(session) if session.session_key else None
    return held.tokens.refresh_token if held and held.tokens else ""
