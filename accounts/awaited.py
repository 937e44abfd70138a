"""New addresses and numbers that wait for the code that was sent there.

They are kept with the person and not with a browser, for 24 hours: whoever signs out meanwhile, or reads the code on
another device, types it there (docs/adr/0050). What is kept is encrypted, as the steps of a session are.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from typing import Self

from django.db.models import QuerySet
from django.utils import timezone

from accounts import conf
from accounts.models import AwaitedCode, User

# As long as Cognito's code works: https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
AGE = timedelta(hours=24)
EMAIL, NUMBER = "email", "phone_number"
# The attributes that codes prove.
ATTRIBUTES = (EMAIL, NUMBER)


@dataclass(frozen=True, kw_only=True)
class Awaited:
    """The ``value`` of an attribute that counts once its code is typed; ``sent_at`` is in seconds since the epoch.

    ``taken`` when Cognito refused the value as another account's: no code will ever fit, and nobody is told why.
    """

    value: str = field(repr=False)
    sent_at: float
    taken: bool = False

    @classmethod
    def read(cls, record: str) -> Self | None:
        """Return what ``record`` holds; None where it cannot be read, or is another version's."""
        values = conf.token_cipher().decrypt(record)
        names = {entry.name for entry in fields(cls)}
        try:
            return cls(**{name: value for name, value in (values or {}).items() if name in names})
        except TypeError:
            return None


def of(user: User) -> Mapping[str, Awaited]:
    """Return what ``user`` waits to prove, by the names of the attributes."""
    rows = AwaitedCode.objects.filter(user=user, at__gt=over_at())
    found = {row.attribute: Awaited.read(row.record) for row in rows}
    return {name: awaited for name, awaited in found.items() if awaited and name in ATTRIBUTES}


def begin(user: User, attribute: str, awaited: Awaited) -> None:
    """Keep that ``attribute`` of ``user`` waits for a code, in place of an earlier value; its time begins now."""
    values = {"record": sealed(awaited), "at": timezone.now()}
    AwaitedCode.objects.update_or_create(user=user, attribute=attribute, defaults=values)


def go_on(user: User, attribute: str, awaited: Awaited) -> None:
    """Keep ``awaited`` in place of what waits, for as long as that would have waited. Nothing where nothing waits."""
    AwaitedCode.objects.filter(user=user, attribute=attribute).update(record=sealed(awaited))


def end(user: User, attribute: str) -> None:
    """Forget what waits: it is proved, given up, or removed."""
    AwaitedCode.objects.filter(user=user, attribute=attribute).delete()


def sealed(awaited: Awaited) -> str:
    """Return what the database gets to see."""
    return conf.token_cipher().encrypt(asdict(awaited))


def over_at() -> datetime:
    """Return the moment before which what was asked for is over."""
    return timezone.now() - AGE


def over() -> QuerySet[AwaitedCode]:
    """Return what has waited for long enough."""
    return AwaitedCode.objects.filter(at__lte=over_at())
