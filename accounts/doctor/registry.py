"""What a rule is, and the rules there are.

As Django's checks are (https://docs.djangoproject.com/en/5.2/topics/checks/), but a rule judges what Cognito says now.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from enum import IntEnum
from typing import Any, get_args, get_type_hints

from accounts.doctor.fixes import Fix
from accounts.doctor.snapshot import Snapshot, Unread


class Severity(IntEnum):
    """How much a finding matters, in the order of ``--fail-level``."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    @classmethod
    def of(cls, rule_id: str) -> "Severity":
        """Return the severity that the letter of ``rule_id`` stands for, as in ``cognito.E104``."""
        return {"E": cls.ERROR, "W": cls.WARNING, "I": cls.INFO}[rule_id.partition(".")[2][0]]


@dataclass(frozen=True)
class Finding:
    """What a rule found wrong: ``what`` it is, with the setting's own name, and how it is mended."""

    what: str
    fix: Fix


Judge = Callable[..., Finding | None]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One thing that has to hold.

    ``holds`` says it and ``why`` says what happens otherwise. ``reads`` are the fields of the Snapshot that ``judge``
    takes by the names of its parameters; ``judges_unread`` those of them it also judges when they could not be read.
    """

    id: str
    holds: str
    why: str
    judge: Judge = field(repr=False)
    reads: tuple[str, ...]
    judges_unread: frozenset[str] = frozenset()

    @property
    def number(self) -> int:
        """The number in the id, which has the order of subjects."""
        return int(self.id[-3:])

    @property
    def severity(self) -> Severity:
        """How much a finding of this rule matters."""
        return Severity.of(self.id)


RULES: dict[str, Rule] = {}


def rule(number: str, why: str) -> Callable[[Judge], Judge]:
    """Register a function as the rule ``cognito.<number>``; its docstring says in one sentence what has to hold.

    Its parameters name what it reads: fields of :class:`Snapshot`. Where one of them could not be read, the rule is not
    asked, and the report says so, unless the parameter's type admits Unread.
    """

    def register(judge: Judge) -> Judge:
        reads = tuple(inspect.signature(judge).parameters)
        unknown = set(reads) - {entry.name for entry in fields(Snapshot)}
        rule_id = f"cognito.{number}"
        taken = {each.id[-3:] for each in RULES.values()}
        if unknown or number[1:] in taken or not judge.__doc__:
            raise ValueError(f"{rule_id} reads {unknown}, or its number is taken, or it does not say what has to hold.")
        RULES[rule_id] = Rule(
            id=rule_id,
            holds=first_sentence(judge.__doc__),
            why=why,
            judge=judge,
            reads=reads,
            judges_unread=frozenset(name for name, type_ in hints(judge).items() if Unread in get_args(type_)),
        )
        return judge

    return register


def hints(judge: Judge) -> dict[str, Any]:
    """Return the types of the parameters of ``judge``."""
    return {name: type_ for name, type_ in get_type_hints(judge).items() if name != "return"}


def first_sentence(text: str) -> str:
    """Return the first paragraph of a docstring, on one line."""
    return " ".join(text.partition("\n\n")[0].split())
