"""How often something may be tried, counted before Cognito is called.

Cognito has budgets of its own per person and hour, and an attacker who spends them locks the owner out; ours answer
first. A view says which :class:`Budget` its act has, and does the act within :func:`attempt`: what is charged, what is
given back, who waits and who is refused is decided there and nowhere else.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac

from accounts import client_address, counters, known_browser, waiting
from accounts.cognito.errors import Refused
from accounts.counters import Charge, Outcome

logger = logging.getLogger(__name__)

LONGEST_WAIT = 2.0  # seconds that a try waits for the outcome of those before it
POLL = 0.05  # seconds between two looks
# A try that takes longer than this has lost its thread: longer than Cognito's time-outs and the refusal floor together.
LONGEST_TRY = 10  # seconds
BOUNDLESS = 10**9
FEW = 2  # tries that are left when people are told so


class LimitExceeded(Exception):
    """Tried too often; ``retry_after`` seconds from now it may be tried again. ``limit`` is the name of the limit."""

    def __init__(self, retry_after: int, limit: str = "") -> None:
        super().__init__(retry_after)
        self.retry_after, self.limit = retry_after, limit


@dataclass(frozen=True)
class Limit:
    """At most ``most`` in ``seconds`` for each different key, and ``known`` more for browsers its person is known in.

    Those have a counter of their own, one for all browsers of a person: whatever strangers and they do together stays
    below ``most`` and ``known`` added up.
    """

    name: str
    most: int
    seconds: int
    known: int = 0

    def charge_of(self, key: str) -> Charge:
        """Return the charge of one try by ``key``."""
        return Charge(counter(self.name, key), self.most, self.seconds)

    def charge_of_known(self, user: int) -> Charge:
        """Return the charge of one try by a browser that ``user`` is known in."""
        return Charge(counter(f"{self.name}-known", str(user)), self.known, self.seconds)

    def charge_of_running(self, key: str) -> Charge:
        """Return the charge of one try by ``key`` that has not ended yet."""
        return Charge(counter(f"{self.name}-running", key), BOUNDLESS, LONGEST_TRY)


@dataclass(frozen=True)
class Budget:
    """What one kind of act may cost.

    ``guessing``: only failures count, so a success gives its own charge back. Else each act counts, and an outage does
    not. ``sending``: limits on the codes that the act may have sent; they count where :func:`code_was_sent` was called.
    """

    by_address: tuple[Limit, ...] = ()
    by_name: tuple[Limit, ...] = ()
    sending: tuple[Limit, ...] = ()
    guessing: bool = False


# Per address, generous: an office shares one. Per name, with what known browsers have besides, at or below Cognito's
# own budget for the operation. https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
LOGIN_BY_ADDRESS = Limit("login-address", 30, 60)
LOGIN_BY_NAME = Limit("login-name", 5, 300, known=5)
OPTIONS_BY_NAME = Limit("options-name", 10, 300, known=5)
CHALLENGE_BY_NAME = Limit("challenge-name", 10, 300, known=5)
# Cognito sends 5 to 20 codes an hour for signing in, by how risky that looks.
SIGN_IN_CODES_BY_NAME = Limit("sign-in-codes-name", 10, 3600, known=5)
REGISTER_BY_ADDRESS = Limit("register-address", 20, 60)
CODE_BY_ADDRESS = Limit("code-address", 30, 60)
# Cognito takes 15 guesses an hour at the code of a new account.
VERIFY_BY_NAME = Limit("verify-name", 14, 3600)
# As many as Cognito takes for one code. Its own refusal of one more would tell that the account exists.
GUESSES_BY_NAME = Limit("guesses-name", 5, 1200)
RESEND_BY_ADDRESS = Limit("resend-address", 20, 60)
RESEND_BY_NAME = Limit("resend-name", 4, 3600)
# Cognito counts codes asked for and codes typed together, and takes 5 to 20 of both in an hour.
FORGOT_BY_NAME = Limit("forgot-name", 4, 3600, known=2)
RESET_BY_NAME = Limit("reset-name", 8, 3600, known=4)
PASSWORD_BY_USER = Limit("password-user", 5, 3600)
FACTOR_BY_USER = Limit("factor-user", 20, 3600)
PROFILE_BY_USER = Limit("profile-user", 20, 3600)
# What one person, and what all of them together, may have sent to an address that is not proved to be theirs.
ATTRIBUTE_CODES_BY_USER = Limit("attribute-codes-user", 4, 3600)
ATTRIBUTE_CODES_BY_TARGET = Limit("attribute-codes-target", 4, 3600)
# Text messages to numbers that nobody has proved. Each is paid for, and some numbers pay whoever has them rung.
TEXTS_BY_ADDRESS = Limit("texts-address", 20, 3600)
# Cognito takes 15 in an hour.
ATTRIBUTE_GUESSES_BY_USER = Limit("attribute-guesses-user", 10, 3600)
# As many as Cognito takes for one code, for as long as the code works.
ATTRIBUTE_GUESSES_BY_CODE = Limit("attribute-guesses-code", 5, 24 * 3600)
# Cognito is asked about somebody who comes with an access token for the first time.
FIRST_TIME_BY_SUB = Limit("first-time-sub", 10, 3600)
REPEAT_BY_ADDRESS = Limit("repeat-address", 20, 60)
# A form that led nowhere asks Cognito nothing, but the name typed into it is kept in a session.
KEEPING_BY_ADDRESS = Limit("keeping-address", 30, 60)
# Setting out for a provider costs Cognito nothing, but a session here.
FEDERATION_BY_ADDRESS = Limit("federation-address", 30, 60)
# Searches of the pool and descriptions of people that one administrator has Cognito give; each takes a few calls.
DIRECTORY_BY_USER = Limit("directory-user", 60, 60)
# Mails that one administrator has Cognito send to addresses nobody has proved.
INVITATIONS_BY_USER = Limit("invitations-user", 100, 3600)
# Pages of files, and files sent: each is a call to S3 or two, and what is sent is kept there.
FILES_BY_USER = Limit("files-user", 240, 60)
UPLOADS_BY_USER = Limit("uploads-user", 60, 3600)

LOGIN = Budget((LOGIN_BY_ADDRESS,), (LOGIN_BY_NAME,), sending=(SIGN_IN_CODES_BY_NAME,), guessing=True)
# Naming oneself before the ways in are shown sends nothing; asking Cognito for them may.
NAMING = Budget((LOGIN_BY_ADDRESS,), (OPTIONS_BY_NAME,))
OPTIONS = Budget((LOGIN_BY_ADDRESS,), (OPTIONS_BY_NAME,), sending=(SIGN_IN_CODES_BY_NAME,))
CHALLENGE = Budget((LOGIN_BY_ADDRESS,), (CHALLENGE_BY_NAME,), sending=(SIGN_IN_CODES_BY_NAME,), guessing=True)
REPEAT = Budget((REPEAT_BY_ADDRESS,))
# A name that is taken gets another code, so each registration counts among the codes asked for, whatever the name.
REGISTER = Budget((REGISTER_BY_ADDRESS,), (RESEND_BY_NAME,))
REGISTER_BY_TEXT = Budget((REGISTER_BY_ADDRESS, TEXTS_BY_ADDRESS), (RESEND_BY_NAME,))
VERIFY = Budget((CODE_BY_ADDRESS,), (VERIFY_BY_NAME, GUESSES_BY_NAME))
RESEND = Budget((RESEND_BY_ADDRESS,), (RESEND_BY_NAME,))
RESEND_BY_TEXT = Budget((RESEND_BY_ADDRESS, TEXTS_BY_ADDRESS), (RESEND_BY_NAME,))
KEEPING = Budget((KEEPING_BY_ADDRESS,))
FORGOT = Budget((RESEND_BY_ADDRESS,), (FORGOT_BY_NAME,))
RESET = Budget((CODE_BY_ADDRESS,), (RESET_BY_NAME, GUESSES_BY_NAME))
PASSWORD = Budget(by_name=(PASSWORD_BY_USER,))
FACTOR = Budget(by_name=(FACTOR_BY_USER,))
PROFILE = Budget(by_name=(PROFILE_BY_USER,))
ATTRIBUTE_CODES = Budget(by_name=(ATTRIBUTE_CODES_BY_USER,))
ATTRIBUTE_TARGET = Budget(by_name=(ATTRIBUTE_CODES_BY_TARGET,))
ATTRIBUTE_GUESSES = Budget(by_name=(ATTRIBUTE_GUESSES_BY_USER,))
ATTRIBUTE_CODE = Budget(by_name=(ATTRIBUTE_GUESSES_BY_CODE,))
FIRST_TIME = Budget(by_name=(FIRST_TIME_BY_SUB,))
FEDERATION = Budget((FEDERATION_BY_ADDRESS,))
DIRECTORY = Budget(by_name=(DIRECTORY_BY_USER,))
INVITATION = Budget(by_name=(INVITATIONS_BY_USER,))
FILES = Budget(by_name=(FILES_BY_USER,))
UPLOADS = Budget(by_name=(UPLOADS_BY_USER,))


def counter(limit: str, key: str) -> str:
    """Return the name of a counter: what people type never stands in a store."""
    digest = salted_hmac("accounts.limits", key.casefold(), algorithm="sha256").hexdigest()[:32]
    return f"limit:{limit}:{digest}"


def person(request: HttpRequest) -> str:
    """Return whom the acts of somebody signed in are charged to."""
    return f"user {request.user.pk}"


@dataclass
class Attempt:
    """An act under way: what it was charged, and whether it sent a code."""

    by_address: Sequence[Charge]
    by_name: Sequence[Charge]
    sending: Sequence[Charge]
    # Counts tries whose outcome is open, so that others wait for it. It expires by itself if the thread is lost.
    running: Sequence[Charge] = ()
    code_sent: bool = field(default=False)
    # How many tries the name has after this one, None where it was none, or nobody can say.
    left: int | None = None

    @property
    def charges(self) -> list[Charge]:
        """All that was charged."""
        return [*self.by_address, *self.by_name, *self.sending, *self.running]

    def end(self, *, counts: bool) -> None:
        """Give back what does not count: with ``counts`` the act itself does, and a code that was sent always does."""
        kept = [*self.by_address, *self.by_name] if counts else []
        kept += self.sending if self.code_sent else []
        given_back = [charge.key for charge in self.charges if charge not in kept]
        if not given_back:
            return
        try:
            counters.store().refund(given_back)
        except DatabaseError as error:
            # Not raised: the person has to hear what the act came to.
            logger.error("charge not given back", extra={"error": type(error).__name__})


_current: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


@contextmanager
def attempt(request: HttpRequest, budget: Budget, name: str) -> Iterator[Attempt]:
    """Charge ``budget`` for one try against ``name`` before the block, and give back afterwards what was none.

    A refusal by Cognito counts; so does a success unless the budget is one of guesses. Nothing else does: an outage, a
    mistake in the configuration, tokens that cannot be verified, what botocore refuses to send, any other exception.
    Raises LimitExceeded, and waiting.Busy where it would have to wait and cannot.
    """
    under_way = begin(request, budget, name)
    token = _current.set(under_way)
    counts = False
    try:
        yield under_way
        counts = not budget.guessing
    except Refused as refused:
        counts = refused.code != "ParamValidationError"
        raise
    finally:
        under_way.left = under_way.left if counts else None
        _current.reset(token)
        under_way.end(counts=counts)


def code_was_sent() -> None:
    """Note that Cognito has sent a code as part of the attempt under way, if there is one."""
    under_way = _current.get()
    if under_way is not None:
        under_way.code_sent = True


def begin(request: HttpRequest, budget: Budget, name: str) -> Attempt:
    """Return the attempt that was charged. Raises LimitExceeded, Busy."""
    tried = Attempt(
        by_address=[limit.charge_of(client_address.network(request)) for limit in budget.by_address],
        by_name=[limit.charge_of(name) for limit in budget.by_name],
        sending=[limit.charge_of(name) for limit in budget.sending],
        running=[limit.charge_of_running(name) for limit in budget.by_name if budget.guessing],
    )
    outcome = counters.store().charge(tried.charges)
    if not outcome.charged and is_spent_by_address(outcome, tried):
        raise exceeded(outcome, tried)
    if not outcome.charged and (known := charged_to_known(request, budget, name, tried)):
        return known
    if not outcome.charged and is_any_running(outcome, tried):
        # Known browsers take a place, too: otherwise anybody with an account could make all threads wait.
        with waiting.place(request, ""):
            outcome = charge_in_turn(tried)
    if not outcome.charged:
        raise exceeded(outcome, tried)
    tried.left = left_of(outcome, tried)
    if tried.left is not None and tried.left <= FEW and has_budget_of_known(request, budget, name):
        tried.left = None
    return tried


def left_of(outcome: Outcome, tried: Attempt) -> int | None:
    """Return how many tries against the name are left once ``tried`` is charged, None where they are not limited."""
    counted = (charge.most - outcome.standings[charge.key].count for charge in tried.by_name)
    return max(0, min(counted)) if tried.by_name else None


def exceeded(outcome: Outcome, tried: Attempt) -> LimitExceeded:
    """Return the error for charges that could not be made."""
    spent = outcome.spent(tried.charges)
    logger.warning("limit reached", extra={"limit": spent.limit})
    return LimitExceeded(spent.seconds_left, spent.limit)


def is_spent_by_address(outcome: Outcome, tried: Attempt) -> bool:
    """Whether it is the address that has tried too often, whatever the name."""
    return any(outcome.standings[charge.key].count >= charge.most for charge in tried.by_address)


def is_any_running(outcome: Outcome, tried: Attempt) -> bool:
    """Whether an earlier try against the same name has not ended yet."""
    return any(outcome.standings[charge.key].count > 0 for charge in tried.running)


def charge_in_turn(tried: Attempt) -> Outcome:
    """Return the outcome once earlier tries have made room for this one, or have all ended, or took too long.

    Otherwise several right sign-ins at one moment would use up the name's tries, and some would be refused.
    """
    deadline = time.monotonic() + LONGEST_WAIT
    while True:
        time.sleep(POLL)
        outcome = counters.store().charge(tried.charges)
        if outcome.charged or time.monotonic() > deadline or not is_any_running(outcome, tried):
            return outcome


def charged_to_known(request: HttpRequest, budget: Budget, name: str, tried: Attempt) -> Attempt | None:
    """Return the attempt as charged to the budget of a browser that ``name`` has signed in with, None for others.

    Asked only when strangers have spent the name's own, so that the ordinary way costs no statement more.
    """
    user = known_browser.of(request, name)
    if user is None or not has_budget_of_known(request, budget, name):
        return None
    known = Attempt(
        by_address=tried.by_address,
        by_name=[limit.charge_of_known(user) for limit in budget.by_name if limit.known],
        sending=[limit.charge_of_known(user) for limit in budget.sending if limit.known],
    )
    outcome = counters.store().charge(known.charges)
    known.left = left_of(outcome, known) if outcome.charged else None
    return known if outcome.charged else None


def has_budget_of_known(request: HttpRequest, budget: Budget, name: str) -> bool:
    """Whether the browser of ``request`` has tries against ``name`` that strangers cannot use up."""
    if known_browser.of(request, name) is None or not any(limit.known for limit in budget.by_name):
        return False
    return not known_browser.is_revoked(request, name)


def clear(name: str, *cleared: Limit) -> None:
    """Begin to count the tries against ``name`` afresh, by each of the limits ``cleared``."""
    counters.store().clear([limit.charge_of(name).key for limit in cleared])


View = Callable[..., HttpResponseBase]


def limited(budget: Budget, charged_to: Callable[[Any], str] = person) -> Callable[[View], View]:
    """Decorate a view whose POST is an act with a budget: charge it to whom ``charged_to(request)`` names."""

    def decorate(view: View) -> View:
        @wraps(view)
        def charging(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method != "POST":
                return view(request, *args, **kwargs)
            with attempt(request, budget, charged_to(request)):
                return view(request, *args, **kwargs)

        return declares(budget)(charging)

    return decorate


def declares(budget: Budget) -> Callable[[View], View]:
    """Decorate a view that charges ``budget`` itself, within :func:`attempt`, once it knows to whom."""

    def decorate(view: View) -> View:
        view.budget = budget  # type: ignore[attr-defined]
        return view

    return decorate
