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
from django.views.decorators.debug import sensitive_variables

from accounts import conf
from accounts.cognito.results import AwsCredentials, Tokens
from accounts.models import Session, User
from accounts.sessions import revocation

LEASE = timedelta(seconds=12)  # longer than one call to Cognito can take: connecting and reading have 7 s
TOUCH_EVERY = timedelta(minutes=5)
KEY_LENGTH = 32  # characters
# The entry that says when (seconds since the epoch) somebody proved who they are who did so before the session began.
AUTHENTICATED_AT = "authenticated_at"
# The entry that says that the browser has gone to the pool's domain, which may remember it.
WENT_TO_DOMAIN = "went_to_domain"
POSSIBLE_KEY = re.compile(f"[{VALID_KEY_CHARS}]{{{KEY_LENGTH}}}")
EXPIRED_AT_ONCE = 500  # sessions that clear_expired() ends between two looks at the table


class EndedElsewhere(Exception):
    """Cognito no longer takes the session's access token: its person was signed out, disabled or deleted there."""


@dataclass(frozen=True, slots=True)
class Times:
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
    """One browser's session. Its times are None until a stored session has been read."""

    # Django's own, which its stubs leave out: the dictionary, loaded when first wanted.
    _get_session: Callable[..., dict[str, Any]]

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._times: Times | None = None
        self._columns: dict[str, Any] = {}
        # Whether the session has a key and no row yet: the row comes with the first save.
        self._unstored = False
        # The dictionary as this request has last written it; None before.
        self._written: bytes | None = None
        # Of a session that was found to be over: whether nobody was signed in by it, and else whether it ended only
        # because they did nothing for a while.
        self.was_nobodys = self.ended_idle = False

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the model whose rows hold sessions."""
        return Session

    def load(self) -> dict[str, Any]:
        """Return the stored dictionary, {} for a session that is over. One statement; the tokens are not read."""
        key = self.session_key
        # Not first(), which would have the database sort what is one row: a third of what reading it takes.
        found = next(iter(stored_rows().filter(session_key=key)), None) if key else None
        if key is None or found is None:
            self._session_key = None
            return {}
        data, expire_date, *columns = found
        if expire_date <= timezone.now():
            longest = Times(*columns).created_at + timedelta(seconds=settings.SESSION_COOKIE_AGE)
            self.was_nobodys = SESSION_KEY not in self.decode(data)
            self.ended_idle = not self.was_nobodys and expire_date < longest
            # Nobody else would know of its refresh token, which lives longer than the session.
            revocation.end_if_expired(key)
            self._session_key = None
            return {}
        self._times = Times(*columns)
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

    def times(self) -> Times | None:
        """Return when this session began, was last used and needs new tokens, None for one that is not stored."""
        if self.session_key and self._times is None:
            self._get_session()
        return self._times

    def save(self, must_create: bool = False) -> None:
        """Write the dictionary and whatever columns were set; the others keep what the database has.

        What this request has already written, and not changed since, is not written again.
        Raises CreateError for a key that is taken, UpdateError for a session that has ended meanwhile, IntegrityError
        where a row is missing that this one names, such as that of a person deleted meanwhile.
        """
        if self.session_key is None:
            self.create()
            return
        must_create = must_create or self._unstored
        data = self._get_session(no_load=must_create)
        written = self.serializer().dumps(data)
        if written == self._written and not must_create and not self._columns:
            return
        user = data.get(SESSION_KEY)
        values = {
            "session_data": self.encode(data),
            "user_id": User._meta.pk.to_python(user) if user else None,
            "expire_date": expiry(self._times.created_at if self._times else timezone.now()),
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
        self._columns, self._unstored, self._written = {}, False, written

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
        """Give the session another key and keep everything in it, tokens included.

        One that is stored nowhere is stored with the next save, together with what is put into it until then. One by
        which somebody was signed in, and which has ended meanwhile, is not: that save raises UpdateError.
        """
        # Read before the key changes, under which there would be nothing.
        data = self._get_session()
        old, new = self.session_key, get_random_string(KEY_LENGTH, VALID_KEY_CHARS)
        if not old:
            self._unstored = True
        elif not self._unstored and not going_on(old).update(session_key=new):
            # It would rise again without the tokens, and Cognito would never be asked about it.
            self._unstored = SESSION_KEY not in data
        self._session_key, self._written = new, None
        self.modified = True

    def flush(self) -> None:
        """Delete the session here and in the database."""
        super().flush()
        self._times, self._columns, self._unstored, self._written = None, {}, False, None

    def set_columns(self, **columns: Any) -> None:
        """Have ``columns`` written with the next save."""
        self._columns.update(columns)
        self.modified = True

    def touch(self) -> None:
        """Put off the end of an idle session, every few minutes and not at every request."""
        # Where sessions end after minutes, sooner: one in use must not end.
        every = min(TOUCH_EVERY, timedelta(seconds=settings.SESSION_IDLE_AGE / 10))
        now = timezone.now()
        if self._times and self.session_key and now - self._times.last_seen_at > every:
            going_on(self.session_key).update(last_seen_at=now, expire_date=expiry(self._times.created_at))

    @sensitive_variables("tokens")
    def keep_tokens(self, tokens: Tokens) -> None:
        """Have ``tokens`` written, encrypted, with the next save."""
        self.set_columns(
            tokens=conf.token_cipher().encrypt_tokens(tokens),
            token_version=1,
            tokens_expire_at=timezone.now() + timedelta(seconds=tokens.expires_in),
            # They are of whoever had signed in before, or of the groups they were in then.
            aws_credentials="",
        )

    def aws_credentials(self) -> AwsCredentials | None:
        """Return the AWS credentials that the session has, however old; None where it has none. One statement."""
        ciphertext = stored(self.session_key).values_list("aws_credentials", flat=True).first()
        kept = conf.token_cipher().decrypt(ciphertext) if ciphertext else None
        return AwsCredentials(**kept) if kept is not None else None

    def keep_aws_credentials(self, credentials: AwsCredentials) -> None:
        """Write ``credentials`` at once, encrypted. A session that has ended meanwhile takes none."""
        ciphertext = conf.token_cipher().encrypt(asdict(credentials))
        stored(self.session_key).update(aws_credentials=ciphertext)

    def read_tokens(self) -> StoredTokens | None:
        """Return the tokens that the database holds now, None when the session has ended. One statement."""
        columns = ("tokens", "token_version", "tokens_expire_at", "unverified_tokens")
        row = stored(self.session_key).values_list(*columns).first()
        if row is None:
            return None
        ciphertext, version, expire_at, unverified = row
        waiting = still_good(unverified)
        held = conf.token_cipher().decrypt_tokens(ciphertext) if ciphertext else None
        return StoredTokens(held, version, expire_at, waiting)

    def passed_second_step(self) -> bool:
        """Return whether a second step is known to have been passed when this session began. One statement."""
        return bool(stored(self.session_key).values_list("second_step", flat=True).first())

    def came_by(self) -> str:
        """Return how the person came in, as Session.came_by has it; "" for a session that is not stored."""
        return stored(self.session_key).values_list("came_by", flat=True).first() or ""

    @sensitive_variables("tokens")
    def refresh_token(self) -> str:
        """Return the refresh token that the database holds now, "" when there is none. One statement."""
        ciphertext = stored(self.session_key).values_list("tokens", flat=True).first()
        tokens = conf.token_cipher().decrypt_tokens(ciphertext) if ciphertext else None
        return tokens.refresh_token if tokens else ""

    def take_lease(self) -> bool:
        """Return whether this request, and no other in any process, may refresh the tokens now."""
        now = timezone.now()
        free = Q(refresh_lease=None) | Q(refresh_lease__lt=now - LEASE)
        return stored(self.session_key).filter(free).update(refresh_lease=now) == 1

    def release_lease(self) -> None:
        """Let another request try."""
        stored(self.session_key).update(refresh_lease=None)

    @sensitive_variables("newest")
    def keep_unverified(self, held: StoredTokens, answer: Tokens) -> bool:
        """Write the ``answer`` to a refresh before anything else can fail; return whether ``held`` was the newest.

        Its refresh token takes the place of the one that was spent for it: Cognito takes that one no longer, soon. Its
        ID and access tokens are put aside: they may be anybody's until they are verified, and nothing uses them before.
        https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html#using-the-refresh-token-rotation
        """
        if held.tokens is None:
            return False
        newest = answer.refresh_token or held.tokens.refresh_token
        return self.replace_tokens(
            held.version,
            replace(held.tokens, refresh_token=newest),
            unverified=replace(answer, refresh_token=newest),
        )

    @sensitive_variables("aside", "tokens")
    def replace_tokens(self, version: int, tokens: Tokens, *, unverified: Tokens | None = None) -> bool:
        """Write ``tokens`` at once, if the stored ones still have ``version``; return whether that was so.

        Without ``unverified``, they are a refresh that is done: its lease ends. With it, the access token in ``tokens``
        is the one in use still, and keeps its time. Does not wait for the view: Django drops the changes of a session
        when a view answers 500.
        """
        newest, cipher = self._newest(version), conf.token_cipher()
        columns: dict[str, Any] = {"tokens": cipher.encrypt_tokens(tokens)}
        if unverified is None:
            expire_at = timezone.now() + timedelta(seconds=tokens.expires_in)
            columns |= {"unverified_tokens": "", "tokens_expire_at": expire_at, "refresh_lease": None}
        else:
            aside = {**asdict(unverified), "good_until": time.time() + unverified.expires_in}
            columns |= {"unverified_tokens": cipher.encrypt(aside)}
        return bool(newest.update(token_version=F("token_version") + 1, **columns))

    def drop_unverified(self, version: int) -> bool:
        """Forget tokens that will never be verified; return whether the stored ones still had ``version``."""
        return bool(self._newest(version).update(token_version=F("token_version") + 1, unverified_tokens=""))

    def _newest(self, version: int) -> QuerySet[Session]:
        """Return the row, as a queryset to update that is empty once its tokens have another version."""
        return stored(self.session_key).filter(token_version=version)


def session_of(request: HttpRequest) -> SessionStore:
    """Return the session of ``request``, which SESSION_ENGINE makes one of ours."""
    return cast(SessionStore, request.session)


@lru_cache
def stored_rows() -> QuerySet[Session, tuple[Any, ...]]:
    """Return the rows, as the columns that every request reads. Built once: that takes a fifth of reading a row."""
    columns = ("session_data", "expire_date", "created_at", "last_seen_at", "tokens_expire_at")
    return Session.objects.order_by().values_list(*columns)


def stored(session_key: str | None) -> QuerySet[Session]:
    """Return the row of ``session_key``, as a queryset; an empty one for None."""
    return Session.objects.filter(session_key=session_key or "")


def going_on(session_key: str) -> QuerySet[Session]:
    """Return the row of ``session_key``, as a queryset to update that is empty once the session is over.

    A request that began before must not prolong it then: its refresh token may be revoked already.
    """
    return stored(session_key).filter(expire_date__gt=timezone.now())


def expiry(created_at: datetime) -> datetime:
    """Return when a session that began at ``created_at`` and is used now will be over."""
    idle = timezone.now() + timedelta(seconds=settings.SESSION_IDLE_AGE)
    return min(idle, created_at + timedelta(seconds=settings.SESSION_COOKIE_AGE))


@sensitive_variables("kept")
def still_good(ciphertext: str) -> Tokens | None:
    """Return the tokens that ``keep_unverified`` put aside, with what is left of their life in seconds.

    None where there are none, and where their time is over.
    """
    kept = conf.token_cipher().decrypt(ciphertext) if ciphertext else None
    if kept is None:
        return None
    seconds = int(kept["good_until"] - time.time())
    return Tokens(kept["id_token"], kept["access_token"], kept["refresh_token"], seconds) if seconds > 0 else None
