"""Steps that somebody has begun and not finished, kept on the server and dated. A browser never holds any of it.

Each is a small record, encrypted in the session's dictionary under its own name. Signing in discards them all.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from time import time
from typing import Any, ClassVar, Self

from django.http import HttpRequest

from accounts import conf
from accounts.cognito.results import Challenge


@dataclass(frozen=True, kw_only=True)
class PendingStep:
    """What the steps have in common: an age after which they are forgotten. Times are seconds since the epoch."""

    AGE: ClassVar[int] = 60 * 60

    at: float = field(default_factory=time)

    @classmethod
    def key(cls) -> str:
        """Return the name of the record in the session."""
        return f"pending_{cls.__name__}"

    def park(self, request: HttpRequest) -> None:
        """Keep this record in the session of ``request``, in place of an earlier one of its kind."""
        request.session[self.key()] = conf.token_cipher().encrypt(asdict(self))

    @classmethod
    def find(cls, request: HttpRequest) -> Self | None:
        """Return the record in the session of ``request``; None when there is none, or it is too old or unreadable."""
        ciphertext = request.session.get(cls.key())
        values = conf.token_cipher().decrypt(ciphertext) if isinstance(ciphertext, str) else None
        if values is None or time() - values.get("at", 0) > cls.AGE:
            return None
        names = {entry.name for entry in fields(cls)}
        # A record written by another version of the code may have more fields, or fewer.
        try:
            return cls(**{name: value for name, value in values.items() if name in names})
        except TypeError:
            return None

    @classmethod
    def drop(cls, request: HttpRequest) -> None:
        """Forget the record."""
        request.session.pop(cls.key(), None)


@dataclass(frozen=True, kw_only=True)
class PendingChallenge(PendingStep):
    """A sign-in that Cognito has answered with a question. ``typed`` is the name as the person wrote it."""

    # Cognito's longest validity of a challenge. Where the pool has a shorter one, Cognito refuses the answer itself.
    AGE: ClassVar[int] = 15 * 60

    name: str
    username: str
    session: str = field(repr=False)
    parameters: Mapping[str, str] = field(repr=False)
    available: tuple[str, ...]
    typed: str
    next_url: str = ""
    # How the person will have come in, once all is answered.
    came_by: str = ""
    # The way in that was chosen and whose answer has to go along with the choice.
    chosen: str = ""
    # Secret of an authenticator app being set up within the sign-in, and the session its set-up goes on with.
    totp_secret: str = field(default="", repr=False)
    # Whether nothing has been proved yet. Until something is, the answer must be the same for every name.
    unproven: bool = False
    tries: int = 0
    # Whether the app has shown a right code, which ``session`` then stands for.
    totp_proven: bool = False

    @classmethod
    def of(cls, challenge: Challenge, *, typed: str, next_url: str, came_by: str) -> Self:
        """Return the record of ``challenge``."""
        return cls(
            name=challenge.name,
            username=challenge.username,
            session=challenge.session,
            parameters=dict(challenge.parameters),
            available=challenge.available,
            typed=typed,
            next_url=next_url,
            came_by=came_by,
        )

    @property
    def challenge(self) -> Challenge:
        """The challenge as Cognito gave it."""
        return Challenge(self.name, self.username, self.session, self.parameters, tuple(self.available))


@dataclass(frozen=True, kw_only=True)
class PendingRegistration(PendingStep):
    """An account waiting for its mailed code. ``details`` are what was typed, passwords excepted."""

    AGE: ClassVar[int] = 24 * 60 * 60

    username: str
    # Cognito's session that signs the person in once they have confirmed. Cognito says how long it works.
    session: str = field(default="", repr=False)
    # Whether this browser set the account's password: not so where the name was taken.
    owned: bool = False
    details: Mapping[str, Any] = field(default_factory=dict, repr=False)
    sent_at: float = 0.0
    next_url: str = ""


@dataclass(frozen=True, kw_only=True)
class PendingReset(PendingStep):
    """A forgotten password; a code may be on its way. ``done`` when the new one is set.

    ``unproven`` when the person has just confirmed an address whose account may have somebody else's password.
    """

    username: str
    sent_at: float = 0.0
    done: bool = False
    unproven: bool = False
    next_url: str = ""


@dataclass(frozen=True, kw_only=True)
class PendingProof(PendingStep):
    """The name whose mailed code was typed in this browser: with the right password it proves mailbox and password."""

    username: str


@dataclass(frozen=True, kw_only=True)
class PendingAttribute(PendingStep):
    """A new value that has to be proved by a code; each attribute has a record of its own.

    ``taken`` when Cognito refused the value as another account's: no code will ever fit, and nobody is told why.
    """

    AGE: ClassVar[int] = 24 * 60 * 60
    ATTRIBUTE: ClassVar[str]

    value: str
    destination: str = ""
    sent_at: float = 0.0
    taken: bool = False


@dataclass(frozen=True, kw_only=True)
class PendingEmail(PendingAttribute):
    """A new e-mail address."""

    ATTRIBUTE: ClassVar[str] = "email"


@dataclass(frozen=True, kw_only=True)
class PendingNumber(PendingAttribute):
    """A new telephone number."""

    ATTRIBUTE: ClassVar[str] = "phone_number"


# The attributes that codes prove, and where a new value of each waits for its code. Codes go there from then on.
PENDING_ATTRIBUTES: dict[str, type[PendingAttribute]] = {"email": PendingEmail, "phone_number": PendingNumber}


@dataclass(frozen=True, kw_only=True)
class PendingAuthenticator(PendingStep):
    """An authenticator app being set up by somebody signed in; ``proven`` once it has shown a right code."""

    secret: str = field(repr=False)
    proven: bool = False


@dataclass(frozen=True, kw_only=True)
class PendingProfile(PendingStep):
    """Changes of a profile that were typed before the person had to prove who they are."""

    values: Mapping[str, str] = field(repr=False)
