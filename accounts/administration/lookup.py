"""Whom somebody means who names a person by hand: in the pool as it is now, and as far as they are known here."""

from collections.abc import Iterator

from django.db.models import Q

from accounts import conf, users
from accounts.cognito.filters import LONGEST_FILTER, Searchable, matching
from accounts.cognito.results import Person
from accounts.models import User

MOST_PAGES = 10  # of one answer: a page of ListUsers may be empty and not the last


def called(name: str) -> list[User]:
    """Return everybody who has ``name`` as ``sub``, user name, or as what they sign in with; whoever acts takes one.

    The pool is asked too, because names change hands: two people are returned where one is remembered here by a name
    that is another's there. Somebody without a row here is an unsaved user, whom the acts take as any other. Raises
    Unavailable, Misconfigured.
    """
    issuer = conf.config().issuer
    exactly = User.objects.filter(Q(sub=name) | Q(username=name), issuer=issuer)
    found = {user.sub: user for user in (*exactly, *users.named(name))}
    for person in in_pool(name):
        if person.sub not in found:
            found[person.sub] = users.found(issuer, person.sub) or unsaved(issuer, person)
    return list(found.values())


def in_pool(name: str) -> Iterator[Person]:
    """Yield whoever Cognito finds by ``name``, some perhaps twice."""
    taken = conf.config().sign_in_with
    fields: tuple[Searchable, ...] = ("sub", "username", taken.kind_of(name).value)
    for field in dict.fromkeys(fields):
        wanted = matching(field, taken.spelt(name))
        if not name or len(wanted) > LONGEST_FILTER:
            return
        token = ""
        for _page in range(MOST_PAGES):
            page = conf.directory().list_people(filter=wanted, token=token)
            yield from page.people
            token = page.next_token
            if not token:
                break


def unsaved(issuer: str, person: Person) -> User:
    """Return ``person`` as a user without a row."""
    return User(issuer=issuer, sub=person.sub, **users.fields(person))
