"""Steps that somebody has begun and not finished, kept on the server and dated. A browser never holds any of it.

Each is a small record, encrypted in the session's dictionary under its own name. Signing in discards them all.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
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
    def find(cls, request: HttpRequest, age: float | None = None) -> Self | None:
        """Return the record in the session of ``request``; None when there is none, or it is too old or unreadable.

        It is too old after ``age`` seconds, where that is given, in place of AGE.
        """
        ciphertext = request.session.get(cls.key())
        values = conf.token_cipher().decrypt(ciphertext) if isinstance(ciphertext, str) else None
        if values is None or time() - values.get("at", 0) > (cls.AGE if age is None else age):
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
class PendingName(PendingStep):
    """The name somebody typed and has not come in by; ``details`` is what else they typed of a new account."""

    name: str
    details: Mapping[str, str] = field(default_factory=dict, repr=False)


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
    # How the person will have come in, once all is answered, and whether a second step is passed already.
    came_by: str = ""
    second_step: bool = False
    # The way that was chosen and whose answer has to go along with the choice.
    chosen: str = ""
    # The question at which this one was chosen, as Cognito gave it, for choosing again; {} where nothing was chosen.
    choice: Mapping[str, Any] = field(default_factory=dict, repr=False)
    # Secret of an authenticator app being set up within the sign-in, and the session its set-up goes on with.
    totp_secret: str = field(default="", repr=False)
    # Whether nothing has been proved yet. Until something is, the answer must be the same for every name.
    unproven: bool = False
    tries: int = 0
    # Whether the app has shown a right code, which ``session`` then stands for.
    totp_proven: bool = False

    @classmethod
    def of(cls, challenge: Challenge, *, typed: str, next_url: str, came_by: str, second_step: bool = False) -> Self:
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
            second_step=second_step,
        )

    @property
    def asked(self) -> str:
        """What the page asks, by Cognito's name. What was chosen may be asked before Cognito hears of the choice."""
        return self.chosen or self.name

    @property
    def challenge(self) -> Challenge:
        """The challenge as Cognito gave it."""
        return Challenge(self.name, self.username, self.session, self.parameters, tuple(self.available))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One way to a provider that somebody has set out on; times are seconds since the epoch.

    ``again``: somebody who is signed in proves that it is still them. ``retried``: it is the second of two tries.
    ``connects``: the primary key of who wants the provider as another way into their account, 0 for nobody;
    ``takes_address``: they allow that the account then has the provider's e-mail address.
    ``separate``: whoever it is wants an account of their own, also where another one has the same address; ``known``:
    they were told that one has. ``used``: they are back, and what the way out needed is forgotten.
    """

    provider: str
    next_url: str
    at: float
    nonce: str = field(default="", repr=False)
    verifier: str = field(default="", repr=False)
    again: bool = False
    retried: bool = False
    connects: int = 0
    takes_address: bool = False
    separate: bool = False
    known: bool = False
    used: bool = False


@dataclass(frozen=True, kw_only=True)
class PendingProviders(PendingStep):
    """The tabs in which somebody has gone to a provider, by the ``state`` that each comes back with; MOST at most."""

    AGE: ClassVar[int] = 15 * 60
    MOST: ClassVar[int] = 10

    tabs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)

    @classmethod
    def tab(cls, request: HttpRequest, state: str) -> Tab | None:
        """Return the tab that went out with ``state``; None for one that is unknown here, too old, or pushed out."""
        found = cls.find(request)
        values = found.tabs.get(state) if found else None
        if values is None or time() - values["at"] > cls.AGE:
            return None
        return Tab(**values)

    @classmethod
    def keep(cls, request: HttpRequest, state: str, tab: Tab) -> None:
        """Keep ``tab`` in the session of ``request``; the oldest go, so that nobody can fill it."""
        found = cls.find(request)
        tabs = {**(found.tabs if found else {}), state: asdict(tab)}
        newest = sorted(tabs.items(), key=lambda entry: entry[1]["at"])[-cls.MOST :]
        cls(tabs=dict(newest)).park(request)

    @classmethod
    def use(cls, request: HttpRequest, state: str, tab: Tab) -> None:
        """Note that ``tab`` has come back: its state, nonce and verifier are good for nothing from now on."""
        cls.keep(request, state, replace(tab, nonce="", verifier="", used=True))


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
class PendingAccount(PendingStep):
    """An account that this site makes once the mailbox is proved. ``details`` are what was typed into the form.

    The code itself is not kept. ``tries`` counts wrong ones.
    """

    username: str
    attributes: Mapping[str, str] = field(repr=False)
    details: Mapping[str, Any] = field(repr=False)
    code_digest: str = field(default="", repr=False)
    tries: int = 0
    sent_at: float = 0.0
    next_url: str = ""


@dataclass(frozen=True, kw_only=True)
class PendingReset(PendingStep):
    """A forgotten password; a code may be on its way. ``done`` when the new one is set, ``unsure`` when it may be.

    ``done_by`` then stands for the form that did it.
    ``unproven`` when the person has just confirmed an address whose account may have somebody else's password.
    ``required`` when they proved a password that has to be changed first: then ``destination`` is where the code went,
    as Cognito masks it.
    """

    username: str
    sent_at: float = 0.0
    done: bool = False
    done_by: str = ""
    unsure: bool = False
    unproven: bool = False
    required: bool = False
    destination: str = ""
    next_url: str = ""


@dataclass(frozen=True, kw_only=True)
class PendingProof(PendingStep):
    """The name whose mailed code was typed in this browser: with the right password it proves mailbox and password."""

    username: str


@dataclass(frozen=True, kw_only=True)
class PendingAuthenticator(PendingStep):
    """An authenticator app being set up by somebody signed in; ``proven`` once it has shown a right code."""

    secret: str = field(repr=False)
    proven: bool = False


@dataclass(frozen=True, kw_only=True)
class PendingAct(PendingStep):
    """What somebody was about to do when they had to prove who they are, done right after the proof.

    ``words`` say what it is, ``path`` is its address, ``values`` are the fields it was sent with, and ``page`` is where
    they came from. ``ticket``, which is in the address that does it, was told to their browser alone; "" for a page
    that was only opened. ``done`` once it has been tried: it is done once, and shown to whoever comes again.
    """

    AGE: ClassVar[int] = 15 * 60

    words: str
    path: str
    page: str
    ticket: str = field(default="", repr=False)
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    done: bool = False
