"""Finding people: here, by what an index finds at once, and in the pool, by ListUsers."""

from dataclasses import dataclass

from django.db.models import CharField, F, Func, QuerySet, Value
from django.db.models.functions import Concat, Left, Lower

from accounts.cognito.sign_in_names import international
from accounts.models import NAME_BEGINNING, Bytewise, User

MOST_FOUND = 200  # people for each of the things they are found by
# No text that begins with another is greater than that other one followed by this: it is the last character there is.
LAST_CHARACTER = "\U0010ffff"
BEGINNINGS = (Lower("email"), Lower(Left("name", NAME_BEGINNING)))


@dataclass(frozen=True)
class Found:
    """Who was found here: their keys, and whether there are more of them than are looked at."""

    keys: frozenset[int]
    more: bool


def lower(text: str) -> Func:
    """Return ``text`` in lower case as the database does it: SQLite knows ASCII only, and so differs from Python."""
    return Lower(Value(text, output_field=CharField()))


def here(people: QuerySet[User], term: str) -> Found:
    """Return those of ``people`` whose address or name begins with ``term``, or whose user name or ``sub`` it is.

    A whole phone number finds people too, however it is written. Upper and lower case are one. At most MOST_FOUND are
    looked up by each: an index gives the first ones of a beginning that half a million people share as fast as it gives
    one person, and sorting all of them would take seconds.
    """
    found = [beginning_with(people, expression, term) for expression in BEGINNINGS]
    found += [exactly(people, name, term) for name in ("username", "sub")]
    number = international(term)
    found += [keys(people.filter(phone_number=number).order_by())] if number else []
    return Found(frozenset().union(*found), any(len(each) == MOST_FOUND for each in found))


def beginning_with(people: QuerySet[User], expression: Func, term: str) -> list[int]:
    """Return the keys of the first of ``people`` whose ``expression`` begins with ``term``.

    Written as a range, in the order of the index: PostgreSQL may otherwise read the table from its beginning, in the
    hope of soon meeting enough of them.
    """
    beginning = lower(term[:NAME_BEGINNING])
    end = Concat(beginning, Value(LAST_CHARACTER))
    texts = people.alias(text=Bytewise(expression)).filter(text__gte=beginning, text__lt=end)
    return keys(texts.order_by("text"))


def exactly(people: QuerySet[User], name: str, term: str) -> list[int]:
    """Return the keys of those of ``people`` whose field ``name`` is ``term``.

    Unordered: so few need no order, and for the sake of one PostgreSQL may walk the whole table.
    """
    return keys(people.alias(lower=Lower(name)).filter(lower=lower(term)).order_by())


def keys(people: QuerySet[User]) -> list[int]:
    """Return the keys of the first MOST_FOUND of ``people``."""
    return list(people.values_list("pk", flat=True)[:MOST_FOUND])


def in_order(people: QuerySet[User]) -> QuerySet[User]:
    """Return ``people`` who were found, by address."""
    return people.order_by(Bytewise(Lower(F("email"))), "pk")
