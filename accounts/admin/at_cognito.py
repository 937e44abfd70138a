"""What the administration asks Cognito about people, without changing anything: a search of the pool, and one person.

Nothing in it stands in the way of a page. Where Cognito cannot say, a sentence tells why, and the page opens.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts import conf, limits
from accounts.admin.states import State
from accounts.cognito.challenges import ChallengeName
from accounts.cognito.errors import CognitoError, InputRejected, Unavailable, UserNotFound
from accounts.cognito.filters import Searchable
from accounts.cognito.results import Person
from accounts.cognito.sign_in_names import international
from accounts.models import User

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")
MOST_SHOWN = 20  # people of the pool under a search


class NotTold(Exception):
    """Cognito does not say; ``reason`` tells the administrator why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Known:
    """A person of the pool, and the user they are here, if this site has met them."""

    person: Person
    user: User | None

    @property
    def state(self) -> State:
        """How their account stands."""
        return State.of_person(self.person)


@dataclass(frozen=True)
class InPool:
    """What the pool said to a search; ``trouble`` is why it said nothing, "" when it did."""

    people: tuple[Known, ...] = ()
    has_more: bool = False
    trouble: str = ""


@dataclass(frozen=True)
class Description:
    """What Cognito says of somebody; None stands for what it did not say. ``trouble`` is why it said nothing."""

    person: Person | None = None
    groups: tuple[str, ...] | None = None
    has_passkey: bool | None = None
    trouble: str = ""


def asked(request: HttpRequest, ask: Callable[[], Answer]) -> Answer:
    """Return what ``ask()`` does, charged to the person of ``request``. Raises NotTold."""
    try:
        with limits.attempt(request, limits.DIRECTORY, limits.person(request)):
            return ask()
    except (CognitoError, limits.LimitExceeded) as error:
        logger.warning("Cognito tells administrators nothing", extra={"error": str(error)})
        raise NotTold(reason(error)) from error


def reason(error: Exception) -> str:
    """Return why there is no answer, in words."""
    match error:
        case limits.LimitExceeded():
            return _("You have looked at very many people within a minute. Wait a minute for what Cognito says.")
        case UserNotFound():
            return _("Cognito knows nobody by this username any more.")
        case InputRejected():
            return _("Cognito doesn’t take this name. Check how it is written.")
        case Unavailable():
            return _("Cognito cannot be reached at the moment.")
        case _other:
            return _("The key of this site is not allowed to read this from Cognito, or the settings are wrong.")


def find(request: HttpRequest, term: str) -> InPool:
    """Return the people of the pool whose address, name, user name or ``sub`` begins with ``term``.

    ListUsers compares one attribute, and some with regard to case, so an address is also tried in lower case.
    https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html
    """
    try:
        people = asked(request, lambda: [person for question in questions(term) for person in ask_pool(*question)])
    except NotTold as error:
        return InPool(trouble=error.reason)
    found = {person.sub: person for person in people}
    return InPool(tuple(known(list(found.values())[:MOST_SHOWN])), len(found) > MOST_SHOWN)


def questions(term: str) -> list[tuple[Searchable, str]]:
    """Return what to ask ListUsers for, each once: neither an address nor a number is a name."""
    if number := international(term):
        return [("phone_number", number)]
    addresses: list[tuple[Searchable, str]] = [("email", term), ("email", term.lower())]
    names: list[tuple[Searchable, str]] = [("name", term), ("username", term), ("sub", term.lower())]
    return list(dict.fromkeys(addresses if "@" in term else addresses + names))


def ask_pool(field: Searchable, beginning: str) -> tuple[Person, ...]:
    """Return the first people whose ``field`` begins so, one more than are shown."""
    return conf.directory().find(field, beginning, limit=MOST_SHOWN + 1)


def known(people: Iterable[Person]) -> Iterable[Known]:
    """Return ``people`` with the users they are here."""
    people = list(people)
    users = User.objects.filter(issuer=conf.config().issuer, sub__in=[person.sub for person in people])
    by_sub = {user.sub: user for user in users}
    return [Known(person, by_sub.get(person.sub)) for person in people]


def user_of(person: Person) -> User | None:
    """Return the user whom ``person`` is here, None for somebody this site has not met."""
    return User.objects.filter(issuer=conf.config().issuer, sub=person.sub).first()


def person(request: HttpRequest, username: str) -> tuple[Person, tuple[str, ...]]:
    """Return who is called ``username`` in the pool, and their groups. Raises NotTold."""
    directory = conf.directory()
    return asked(request, lambda: (directory.get(username), directory.groups_of(username)))


def describe(request: HttpRequest, user: User) -> Description:
    """Return what Cognito says of ``user``, as far as it says it.

    AdminGetUser counts somebody as active in AWS's bill of the month; ListUsers, which does not, leaves their factors
    out. https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html#monthly-active-users
    """
    if user.issuer != conf.config().issuer:
        return Description(trouble=_("This person exists in this database alone."))
    directory = conf.directory()
    try:
        found = asked(request, lambda: directory.get(user.username))
    except NotTold as error:
        return Description(trouble=error.reason)
    if found.sub != user.sub:
        # The name has been given to somebody else, who is none of this page's business.
        return Description(trouble=reason(UserNotFound()))
    groups, factors = groups_and_factors(user.username)
    return Description(found, groups, None if factors is None else ChallengeName.WEB_AUTHN in factors)


def groups_and_factors(username: str) -> tuple[tuple[str, ...] | None, frozenset[str] | None]:
    """Return the groups of somebody, and what they may sign in with, each None where Cognito does not say.

    Once it cannot be reached it is not asked again: whoever opened the page has waited for one time-out already.
    """
    directory = conf.directory()
    groups = factors = None
    try:
        groups = part(lambda: directory.groups_of(username))
        factors = part(lambda: directory.first_factors(username))
    except Unavailable as error:
        logger.warning("Cognito tells administrators nothing", extra={"error": str(error)})
    return groups, factors


def part(ask: Callable[[], Answer]) -> Answer | None:
    """Return what ``ask()`` does, None where the key may not ask. Raises Unavailable."""
    try:
        return ask()
    except Unavailable:
        raise
    except CognitoError as error:
        logger.warning("Cognito tells administrators nothing", extra={"error": str(error)})
        return None
