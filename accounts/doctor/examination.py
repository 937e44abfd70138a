"""Puts the rules to what was read, and says what came of it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from accounts.doctor.registry import RULES, Finding, Rule, Severity
from accounts.doctor.snapshot import Snapshot, Unread


@dataclass(frozen=True)
class NotJudged:
    """A rule that could not be asked, and why."""

    rule: Rule
    unread: Unread


@dataclass(frozen=True, kw_only=True)
class Report:
    """What was found, by rule, what could not be judged, and what is in order."""

    findings: Mapping[str, Finding]
    not_judged: Collection[NotJudged]
    in_order: Collection[str]

    def worst(self) -> Severity | None:
        """Return how much the worst finding matters, None for no finding."""
        return max((RULES[rule_id].severity for rule_id in self.findings), default=None)


def reads_of(rules: Iterable[Rule]) -> set[str]:
    """Return the fields of the Snapshot that ``rules`` read."""
    return {name for rule in rules for name in rule.reads}


def examine(snapshot: Snapshot, rules: Iterable[Rule]) -> Report:
    """Put each of ``rules`` to ``snapshot``. One whose reading is missing is never passed over in silence.

    Nor is what is wrong with the part of a list that was read.
    """
    findings: dict[str, Finding] = {}
    not_judged, in_order = [], []
    for rule in rules:
        values = {name: getattr(snapshot, name) for name in rule.reads}
        unread = {
            name: value
            for name, value in values.items()
            if isinstance(value, Unread) and name not in rule.judges_unread
        }
        parts = {name: value.part for name, value in unread.items()}
        finding = None if None in parts.values() else rule.judge(**values | parts)
        if finding:
            findings[rule.id] = finding
        elif unread:
            not_judged.append(NotJudged(rule, next(iter(unread.values()))))
        else:
            in_order.append(rule.id)
    return Report(findings=findings, not_judged=not_judged, in_order=in_order)
