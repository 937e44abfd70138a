"""The lines that are printed, and whether each goal was met."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One measurement. ``ours`` and ``reference`` say what was found, ``goal`` what ``ratio`` or ``ours`` has to be."""

    name: str
    ours: str
    reference: str
    goal: str
    met: bool
    ratio: float | None = None

    def __str__(self) -> str:
        ratio = "-" if self.ratio is None else f"{self.ratio:.3f}"
        verdict = "met" if self.met else "MISSED"
        return f"{self.name:<58} {self.ours:>14} {self.reference:>32} {ratio:>8}  {self.goal:<12} {verdict}"


HEADING = f"{'name':<58} {'ours':>14} {'reference':>32} {'ratio':>8}  {'goal':<12} verdict"


def at_most(name: str, ours: str, reference: str, ratio: float, goal: float) -> Line:
    """Return the line of a ratio that may be no larger than ``goal``."""
    return Line(name, ours, reference, f"<= {goal:.2f}", ratio <= goal, ratio)


def counted(name: str, ours: int, reference: str, goal: int) -> Line:
    """Return the line of a count that has to be exactly ``goal``."""
    return Line(name, str(ours), reference, f"= {goal}", ours == goal)


def no_more(name: str, ours: int, reference: str, goal: int) -> Line:
    """Return the line of a count that may be no larger than ``goal``."""
    return Line(name, str(ours), reference, f"<= {goal}", ours <= goal)
