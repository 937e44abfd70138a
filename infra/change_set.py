"""What AWS would do to a stack, asked of it before it does it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from infra.errors import Refused

# What a pool is made with and keeps. AWS would refuse a change of it in the middle of the update.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpool.html
FIXED: Mapping[str, frozenset[str]] = {
    "AWS::Cognito::UserPool": frozenset({"AliasAttributes", "UsernameAttributes", "UsernameConfiguration"}),
}
# What people would lose with a resource. The first are never let go, the second when they are named.
KEPT: Mapping[str, str] = {
    "AWS::Cognito::UserPool": "everybody's account",
    "AWS::Cognito::IdentityPool": "everybody's identity",
    "AWS::S3::Bucket": "everything that people keep in it",
}
LET_GO_BY_NAME: Mapping[str, str] = {
    "AWS::Cognito::UserPoolClient": "its id and secret, and everybody's sessions",
    "AWS::Cognito::UserPoolGroup": "who is in it",
    "AWS::Cognito::UserPoolDomain": "the address that other providers know",
    "AWS::Cognito::UserPoolIdentityProvider": "the way in of everybody who comes by it",
}
# What people would lose with the value that a parameter has, though the resource stays; it goes when it is named.
LET_GO_WITH_VALUE: Mapping[str, str] = {
    "RelyingPartyId": "everybody's passkeys",
    "EmailMfa": "mailed codes as the second factor of those who have them",
    "TextMessages": "text messages as the second factor of those who have them",
}
NO_VALUE = frozenset({None, "", "off"})


@dataclass(frozen=True, slots=True)
class Change:
    """What AWS would do to one resource.

    ``action`` is AWS's: Add, Modify, Remove, Import or Dynamic. ``replacement`` says whether another one is made in
    its place: True, False, Conditional (AWS cannot know before), or "" where the question does not arise.
    ``properties`` are those that change.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html
    """

    action: str
    logical_id: str
    resource_type: str
    replacement: str = ""
    properties: tuple[str, ...] = ()

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> Change:
        """Return what one ``ResourceChange`` of DescribeChangeSet says."""
        targets = [detail["Target"] for detail in answer.get("Details", [])]
        names = {target.get("Name") or target["Attribute"] for target in targets}
        return cls(
            answer["Action"],
            answer["LogicalResourceId"],
            answer["ResourceType"],
            answer.get("Replacement", ""),
            tuple(sorted(names)),
        )

    @property
    def loses(self) -> bool:
        """Whether the resource that is there now would or might be gone."""
        return self.action == "Remove" or self.replacement in {"True", "Conditional"}

    @property
    def makes(self) -> bool:
        """Whether there will be a resource that was not there before."""
        return self.action == "Add" or self.replacement == "True"

    @property
    def done(self) -> str:
        """What has happened, once it has."""
        if self.replacement == "True":
            return "replaced"
        return {"Add": "made", "Remove": "removed", "Import": "taken over"}.get(self.action, "changed")

    @property
    def words(self) -> str:
        """What happens, in a word or two."""
        if self.replacement in {"True", "Conditional"}:
            return "replace" if self.replacement == "True" else "perhaps replace"
        return {"Modify": "change", "Dynamic": "perhaps change"}.get(self.action, self.action.lower())


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """A parameter and its value before and after; ``before`` is None for one the stack did not have."""

    name: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A change set that waits to be executed; without ``change_set_id`` there is nothing to change."""

    stack: str
    stack_id: str
    creates: bool
    change_set_id: str = ""
    changes: tuple[Change, ...] = ()
    parameters: tuple[ParameterChange, ...] = ()

    @property
    def account(self) -> str:
        """The number of the AWS account."""
        return self.stack_id.split(":")[4]

    @property
    def region(self) -> str:
        """The region of the stack."""
        return self.stack_id.split(":")[3]


def refuse_losses(
    changes: Iterable[Change], let_go: Collection[str] = (), parameters: Iterable[ParameterChange] = ()
) -> None:
    """Raise Refused when a change would lose what people have, or is one that AWS could only fail at.

    ``let_go`` are the names of resources and parameters that are let go. Nothing lets the pool go.
    """
    reasons = [_objection(change, let_go) for change in changes]
    reasons += [_objection_to_value(change) for change in parameters if change.name not in let_go]
    if any(reasons):
        raise Refused("\n".join(filter(None, reasons)))


def _objection_to_value(change: ParameterChange) -> str:
    """Return why a parameter must not have another value, "" when it may."""
    if change.name not in LET_GO_WITH_VALUE or change.before in NO_VALUE:
        return ""
    return (
        f"{change.name} would be {change.after or 'empty'} instead of {change.before}, and with it "
        f"{LET_GO_WITH_VALUE[change.name]} would be lost. If that is meant, add --let-go {change.name}."
    )


def _objection(change: Change, let_go: Collection[str]) -> str:
    """Return why a change must not be, "" when it may."""
    name = f"{change.logical_id} ({change.resource_type})"
    if change.loses and change.resource_type in KEPT:
        lost = KEPT[change.resource_type]
        return f"AWS would {change.words} {name}, and with it {lost} would be lost. That is never done from here."
    if change.loses and change.resource_type in LET_GO_BY_NAME and change.logical_id not in let_go:
        lost = LET_GO_BY_NAME[change.resource_type]
        return (
            f"AWS would {change.words} {name}, and with it {lost} would be lost. If that is meant, add "
            f"--let-go {change.logical_id}."
        )
    fixed = FIXED.get(change.resource_type, frozenset()) & set(change.properties)
    if change.action == "Modify" and fixed:
        return f"{' and '.join(sorted(fixed))} of {name} cannot be changed: it is set when the pool is made."
    return ""
