"""The session engine: Django's database sessions, with the tokens and the times in columns of the same row.

https://docs.djangoproject.com/en/5.2/topics/http/sessions/#extending-database-backed-session-engines
"""

import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS, CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.db import IntegrityError, router, transaction
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts import conf, revocation
from accounts.cognito.results import Tokens
from accounts.models import Session, User

LEASE = timedelta(seconds=12)  # longer than one call to Cognito can take: connecting and reading have 7 s
TOUCH_EVERY = timedelta(minutes=5)
KEY_LENGTH = 32  # characters
POSSIBLE_KEY = re.compile(f"[{VALID_KEY_CHARS}]{{{KEY_LENGTH}}}")
EXPIRED_AT_ONCE = 500  # sessions that clear_expired() ends between two looks at the table


class EndedElsewhere(Exception):
    """Cognito no longer takes the session's access token: its person was signed out, disabled or deleted there."""


@dataclass(frozen=True, slots=True)
class Row:
    """The columns that come with the dictionary."""

    created_at: datetime
    last_seen_at: datetime
    tokens_expire_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredTokens:
    """The tokens of a session as they stand in the database, and the version that writing new ones has to name."""

    tokens: Tokens | None
    version: int
    expire_at: datetime | None
    # The answer to a refresh that could not be verified yet.
    unverified: Tokens | None = None


class SessionStore(DatabaseSessionStore):
    """One browser's session. ``row`` is None until a stored session has been read."""

    # Django's own, which its stubs leave out: the dictionary, loaded when first wanted.
    _get_session: Callable[..., dict[str, Any]]

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self.row: Row | None = None
        self._columns: dict[str, Any] = {}

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the model whose rows hold sessions."""
        return Session

    def load(self) -> dict[str, Any]:
        """Return the stored dictionary, {} for a session that is over. One statement; the tokens are not read."""
        key = self.session_key
        found = stored_rows().filter(session_key=key).first() if key else None
        if key is None or found is None:
            self._session_key = None
            return {}
        data, expire_date, *columns = found
        if expire_date <= timezone.now():
            # Nobody else would know of its refresh token, which lives longer than the session.
            revocation.end_if_expired(key)
            self._session_key = None
            return {}
        self.row = Row(*columns)
        return self.decode(data)

    @classmethod
    def clear_expired(cls) -> None:
        """End all sessions that are over, as ``manage.py clearsessions`` wants; their refresh tokens are revoked."""
        while revocation.end_expired(EXPIRED_AT_ONCE):
            pass

    def _validate_session_key(self, key: str | None) -> bool:
        """Whether ``key`` is one of ours; the database is not asked for any other.

        A cookie can hold what no column takes: PostgreSQL refuses a NUL with an error.
        """
        return bool(key and POSSIBLE_KEY.fullmatch(key))

    def facts(self) -> Row | None:
        """Return the columns of this session, None for one that is not stored."""
        if self.session_key and self.row is None:
            self._get_session()
        return self.row

    def save(self, must_create: bool = False) -> None:
        """Write the dictionary and whatever columns were set; the others keep what the database has.

        Raises CreateError for a key that is taken, UpdateError for a session that has ended meanwhile, IntegrityError
        where a row is missing that this one names, such as that of a person deleted meanwhile.
        """
        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)
        user = data.get(SESSION_KEY)
        values = {
            "session_data": self.encode(data),
            "user_id": User._meta.pk.to_python(user) if user else None,
            "expire_date": expiry(self.row.created_at if self.row else timezone.now()),
            **self._columns,
        }
        if must_create:
            try:
                with transaction.atomic(using=router.db_for_write(Session)):
                    Session.objects.create(session_key=self.session_key, **values)
            except IntegrityError as error:
                # Anything but a taken key, such as a person deleted meanwhile, would be so with every other key too.
                if not stored(self.session_key).exists():
                    raise
                raise CreateError from error
        elif not going_on(self.session_key).update(**values):
            raise UpdateError
        self._columns = {}

    def create(self) -> None:
        """Store an empty session under a new key."""
        while True:
            # 165 random bits: asking first whether the key is taken would be a statement for nothing.
            self._session_key = get_random_string(KEY_LENGTH, VALID_KEY_CHARS)
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def cycle_key(self) -> None:
        """Give the session another key and keep everything in it, tokens included."""
        data, old = self._get_session(), self.session_key
        new = get_random_string(KEY_LENGTH, VALID_KEY_CHARS)
        if old and stored(old).update(session_key=new):
            self._session_key = new
            self.modified = True
            return
        self.create()
        self._session_cache = data

    def flush(self) -> None:
        """Delete the session here and in the database."""
        super().flush()
        self.row, self._columns = None, {}

    def set_columns(self, **columns: Any) -> None:
        """Have ``columns`` written with the next save."""
        self._columns.update(columns)
        self.modified = True

    def touch(self) -> None:
        """Put off the end of an idle session, every few minutes and not at every request."""
        now = timezone.now()
        if self.row and self.session_key and now - self.row.last_seen_at > TOUCH_EVERY:
            going_on(self.session_key).update(last_seen_at=now, expire_date=expiry(self.row.created_at))


def of(request: HttpRequest) -> SessionStore:
    """Return the session of ``request``, which SESSION_ENGINE makes one of ours."""
    return cast(SessionStore, request.session)


@lru_cache
def stored_rows() -> QuerySet[Session, tuple[Any, ...]]:
    """Return the rows, as the columns that every request reads. Built once: that takes a fifth of reading a row."""
    columns = ("session_data", "expire_date", "created_at", "last_seen_at", "tokens_expire_at")
    return Session.objects.order_by().values_list(*columns)


def stored(session_key: str) -> QuerySet[Session]:
    """Return the row of ``session_key``, as a queryset to update."""
    return Session.objects.filter(session_key=session_key)


def going_on(session_key: str) -> QuerySet[Session]:
    """Return the row of ``session_key``, as a queryset to update that is empty once the session is over.

    A request that began before must not prolong it then: its refresh token may be revoked already.
    """
    return stored(session_key).filter(expire_date__gt=timezone.now())


def expiry(created_at: datetime) -> datetime:
    """Return when a session that began at ``created_at`` and is used now will be over."""
    idle = timezone.now() + timedelta(seconds=settings.SESSION_IDLE_AGE)
    return min(idle, created_at + timedelta(seconds=settings.SESSION_COOKIE_AGE))


def keep_tokens(session: SessionStore, tokens: Tokens) -> None:
    """Have ``tokens`` written, encrypted, with the next save of ``session``."""
    session.set_columns(
        tokens=conf.token_cipher().encrypt_tokens(tokens),
        token_version=1,
        tokens_expire_at=timezone.now() + timedelta(seconds=tokens.expires_in),
    )


def read_tokens(session: SessionStore) -> StoredTokens | None:
    """Return what the database holds now, None when the session has ended."""
    columns = ("tokens", "token_version", "tokens_expire_at", "unverified_tokens")
    row = stored(session.session_key or "").values_list(*columns).first()
    if row is None:
        return None
    ciphertext, version, expire_at, unverified = row
    cipher = conf.token_cipher()
    return StoredTokens(
        cipher.decrypt_tokens(ciphertext) if ciphertext else None,
        version,
        expire_at,
        still_good(cipher.decrypt(unverified)) if unverified else None,
    )


def still_good(kept: dict[str, Any] | None) -> Tokens | None:
    """Return the tokens that :func:`keep_unverified` wrote, with what is left of their life; None when it is over."""
    if kept is None:
        return None
    seconds = int(kept["good_until"] - time.time())
    return Tokens(kept["id_token"], kept["access_token"], kept["refresh_token"], seconds) if seconds > 0 else None


def take_lease(session: SessionStore) -> bool:
    """Return whether this request, and no other in any process, may refresh the session's tokens now."""
    now = timezone.now()
    free = Q(refresh_lease=None) | Q(refresh_lease__lt=now - LEASE)
    return stored(session.session_key or "").filter(free).update(refresh_lease=now) == 1


def release_lease(session: SessionStore) -> None:
    """Let another request try."""
    stored(session.session_key or "").update(refresh_lease=None)


def keep_unverified(session: SessionStore, held: StoredTokens, answer: Tokens) -> bool:
    """Write the ``answer`` to a refresh before anything else can fail; return whether ``held`` was still the newest.

    Its refresh token takes the place of the one that was spent for it: Cognito takes that one no longer, soon. Its ID
    and access tokens are put aside: they may be anybody's until they are verified, and nothing uses them before.
    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html#using-the-refresh-token-rotation
    """
    if held.tokens is None:
        return False
    cipher = conf.token_cipher()
    newest = replace(held.tokens, refresh_token=answer.refresh_token or held.tokens.refresh_token)
    aside = {**asdict(answer), "refresh_token": newest.refresh_token, "good_until": time.time() + answer.expires_in}
    return replace_columns(
        session, held.version, tokens=cipher.encrypt_tokens(newest), unverified_tokens=cipher.encrypt(aside)
    )


def drop_unverified(session: SessionStore, version: int) -> bool:
    """Forget tokens that will never be verified; return whether the stored ones still had ``version``."""
    return replace_columns(session, version, unverified_tokens="")


def replace_tokens(session: SessionStore, version: int, tokens: Tokens) -> bool:
    """Write verified ``tokens`` at once, if the stored ones still have ``version``; return whether that was so.

    Ends the lease. Does not wait for the view: Django drops the changes of a session when a view answers 500.
    """
    return replace_columns(
        session,
        version,
        tokens=conf.token_cipher().encrypt_tokens(tokens),
        tokens_expire_at=timezone.now() + timedelta(seconds=tokens.expires_in),
        unverified_tokens="",
        refresh_lease=None,
    )


def replace_columns(session: SessionStore, version: int, **columns: Any) -> bool:
    """Write ``columns`` as the next version of the tokens, if the stored ones have ``version``; return that."""
    rows = stored(session.session_key or "").filter(token_version=version)
    return bool(rows.update(token_version=F("token_version") + 1, **columns))
