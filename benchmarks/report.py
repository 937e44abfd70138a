"""The lines that are printed, and whether each goal was met."""

from dataclasses import dataclass

WIDTHS = "{:<58} {:>9} {:>34} {:>7}  {:<7} {}"
HEADING = WIDTHS.format("name", "ours", "reference", "ratio", "goal", "verdict")


@dataclass(frozen=True)
class Line:
    """One measurement. ``ours`` and ``reference`` say what was found, ``goal`` what ``ratio`` or ``ours`` has to be.

    ``reason`` is the measured reason why a goal is missed: such a miss is told and fails nothing.
    """

    name: str
    ours: str
    reference: str
    goal: str
    met: bool
    ratio: float | None = None
    reason: str = ""

    @property
    def passed(self) -> bool:
        """Whether the goal was met, or missed for a reason that was measured."""
        return self.met or bool(self.reason)

    def __str__(self) -> str:
        ratio = "-" if self.ratio is None else f"{self.ratio:.3f}"
        verdict = (
            "told" if self.goal == "-" else "met" if self.met else f"missed: {self.reason}" if self.reason else "MISSED"
        )
        return WIDTHS.format(self.name, self.ours, self.reference, ratio, self.goal, verdict)


def at_most(name: str, ours: str, reference: str, ratio: float, goal: float, reason: str = "") -> Line:
    """Return the line of a ratio that may be no larger than ``goal``."""
    return Line(name, ours, reference, f"<= {goal:.2f}", ratio <= goal, ratio, reason)


def counted(name: str, ours: int, reference: str, goal: int) -> Line:
    """Return the line of a count that has to be exactly ``goal``."""
    return Line(name, str(ours), reference, f"= {goal}", ours == goal)


def told(name: str, ours: str, reference: str, ratio: float | None = None) -> Line:
    """Return the line of something that is worth knowing and has no goal."""
    return Line(name, ours, reference, "-", True, ratio)


def no_more(name: str, ours: int, reference: str, goal: int) -> Line:
    """Return the line of a count that may be no larger than ``goal``."""
    return Line(name, str(ours), reference, f"<= {goal}", ours <= goal)
