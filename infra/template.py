"""The template as a file: its text, its parameters, and what a parameter may not be called."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from infra.errors import Misused

COGNITO = Path(__file__).parent / "cognito.yaml"
SECRET = "Secret"  # noqa: S105 -- how the name of a parameter ends that names one


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # ten times as fast, where it is
    """Reads CloudFormation's short forms (``!Ref``, ``!Sub``) as ``{"Ref": …}``, and every value as plain data."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    """Return the long form of ``!<suffix>``, whatever it stands before.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
    """
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _short_form)


@dataclass(frozen=True, slots=True)
class Template:
    """A CloudFormation template: its text as AWS gets it, and the default of each parameter (None: it has none).

    ``patterns`` has the AllowedPattern of those that have one, and what it says in words.
    """

    text: str
    parameters: Mapping[str, str | None]
    patterns: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path = COGNITO) -> Template:
        """Return the template at ``path``; raises OSError and yaml.YAMLError for a file that is none."""
        return cls.parse(path.read_text(encoding="utf-8"))

    @classmethod
    def parse(cls, text: str) -> Template:
        """Return the template that ``text`` is, as YAML or JSON; raises yaml.YAMLError for a text that is none."""
        # A subclass of SafeLoader: no tag makes an object.
        parameters = yaml.load(text, _Loader).get("Parameters", {})  # noqa: S506
        return cls(
            text,
            {name: _text(entry.get("Default")) for name, entry in parameters.items()},
            {
                name: (entry["AllowedPattern"], entry.get("ConstraintDescription", ""))
                for name, entry in parameters.items()
                if "AllowedPattern" in entry
            },
        )

    def refuse_unknown(self, names: Iterable[str]) -> None:
        """Raise Misused for a name that no parameter of the template has, and say which one may be meant."""
        for name in names:
            if name not in self.parameters:
                near = difflib.get_close_matches(name, self.parameters, n=1, cutoff=0.5)
                meant = f"Is {near[0]} meant?" if near else f"There are: {', '.join(self.parameters)}."
                raise Misused(f"The template has no parameter {name}. {meant}")

    def refuse_secrets(self, given: Mapping[str, str]) -> None:
        """Raise Misused for a parameter that names a secret, and was given another text: perhaps the secret itself.

        AWS would refuse it too, but keeps what it is sent, as in CloudTrail. What was given is never repeated.
        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/security-best-practices.html
        """
        for name, value in given.items():
            pattern, words = self.patterns.get(name, ("", ""))
            if name.endswith(SECRET) and not re.fullmatch(pattern, value):
                raise Misused(f"{name} takes {words}. Nothing was sent to AWS.")


def _text(default: object) -> str | None:
    """Return a default as CloudFormation reads it: every value is a text."""
    return None if default is None else str(default)
