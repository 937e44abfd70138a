"""What differs between the pool and the database, counted, and told one by one to whoever wants to know."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Drift(StrEnum):
    """In which way somebody differs. The values are what scripts read, and the words of the report."""

    MISSING = "missing here"
    CHANGED = "changed there"
    DISABLED = "disabled there"
    ENABLED = "enabled there"
    GROUPS = "other groups there"
    GONE = "gone there"


@dataclass(frozen=True, slots=True)
class Difference:
    """One person who differs: known by ``sub``, which names nobody by itself; ``fields`` are names of what differs."""

    drift: Drift
    sub: str
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.drift.value}: {self.sub}" + (f" ({', '.join(self.fields)})" if self.fields else "")


def ignore(_: Difference) -> None:
    """Tell nobody."""


@dataclass
class Report:
    """What a run found so far. ``tell`` is called with each difference as it is found; none is kept here."""

    tell: Callable[[Difference], object] = ignore
    people: int = 0
    sessions: int = 0
    drift: Counter[Drift] = field(default_factory=Counter)

    def found(self, differences: Iterable[Difference]) -> None:
        """Count and tell ``differences``."""
        for difference in differences:
            self.drift[difference.drift] += 1
            self.tell(difference)

    def as_dict(self) -> dict[str, int]:
        """Return the counts by name, those of no drift too."""
        drift = {kind.name.lower(): self.drift[kind] for kind in Drift}
        return {"people": self.people, **drift, "sessions_ended": self.sessions}

    def go_on(self, counts: dict[str, int]) -> None:
        """Count on from ``counts``, which an earlier run stopped at."""
        self.people, self.sessions = counts.get("people", 0), counts.get("sessions_ended", 0)
        self.drift = Counter({kind: counts.get(kind.name.lower(), 0) for kind in Drift})
