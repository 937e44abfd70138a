"""One CloudFormation stack: what it is like, what a change set would do to it, and having it done.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/Welcome.html
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.account import Account, in_words
from infra.change_set import Change, ParameterChange, Plan
from infra.errors import DeploymentError, Refused, Unreachable
from infra.template import Template

# A change set needs no CAPABILITY_AUTO_EXPAND, and the template names nothing of IAM.
CAPABILITIES = ["CAPABILITY_IAM"]
NO_STACK = frozenset({"", "DELETE_COMPLETE", "REVIEW_IN_PROGRESS"})
NOTHING = ("didn't contain changes", "No updates are to be performed")
CANCELLED = ("Resource creation cancelled", "Resource update cancelled")
# States that no deployment leads out of, and what does.
STUCK = {
    "CREATE_FAILED": "Its first deployment failed half-way.",
    "ROLLBACK_FAILED": "Its first deployment failed, and could not be undone.",
    "ROLLBACK_COMPLETE": "Its first deployment failed and was undone, and AWS takes no further one.",
    "DELETE_FAILED": "Somebody had it deleted, and AWS could not delete all of it.",
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to one resource. ``status`` is AWS's, such as CREATE_COMPLETE."""

    logical_id: str
    resource_type: str
    status: str
    reason: str = ""

    @property
    def failed(self) -> bool:
        """Whether it is a failure, other than one that follows from another resource's."""
        return self.status.endswith("_FAILED") and not self.reason.startswith(CANCELLED)


@dataclass(frozen=True, slots=True)
class State:
    """A stack as it is: AWS's word for its state, "" for one that is not there, and what it was made with and of."""

    stack_id: str = ""
    status: str = ""
    protected: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)


class Stack:
    """The stack ``name`` of ``account``, to be as ``template`` says.

    ``poll`` is how many seconds lie between two looks at what AWS is doing, ``patience`` how many it may take. Every
    method raises DeploymentError in one of its kinds.
    """

    def __init__(
        self, account: Account, name: str, template: Template, *, poll: float = 2.0, patience: float = 3600.0
    ) -> None:
        self.account = account
        self.name = name
        self.template = template
        self._poll = poll
        self._patience = patience
        self.client = account.client("cloudformation")

    def state(self) -> State:
        """Return the stack as it is now."""
        try:
            with in_words():
                stack = self.client.describe_stacks(StackName=self.name)["Stacks"][0]
        except Refused as refused:
            if "does not exist" in str(refused):
                return State()
            raise
        return State(
            stack["StackId"],
            stack["StackStatus"],
            bool(stack.get("EnableTerminationProtection")),
            {each["ParameterKey"]: each.get("ParameterValue", "") for each in stack.get("Parameters", [])},
            {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])},
        )

    def plan(self, given: Mapping[str, str]) -> Plan:
        """Have AWS work out what would change; ``given`` parameters have new values, the others keep theirs.

        Makes a change set, which the caller executes or discards; for a stack that is not there AWS also makes an
        empty one, in review. Raises Refused also where the stack is in a state that no deployment leads out of.
        """
        self.template.refuse_unknown(given)
        self.template.refuse_secrets(given)
        state = self.state()
        self._refuse_stuck(state.status)
        creates = state.status in NO_STACK
        before = {} if creates else {name: state.parameters[name] for name in self._kept(state)}
        with in_words():
            if creates:  # a change set for a template that is none would leave an empty stack
                self.client.validate_template(TemplateBody=self.template.text)
            made = self.client.create_change_set(
                StackName=self.name,
                ChangeSetName=f"deploy-{secrets.token_hex(8)}",
                ChangeSetType="CREATE" if creates else "UPDATE",
                TemplateBody=self.template.text,
                Parameters=_parameters(given, before),
                Capabilities=CAPABILITIES,
            )
        plan = Plan(self.name, made["StackId"], creates, made["Id"])
        try:
            return self._worked_out(plan, before)
        except BaseException:
            self.discard(plan)
            raise

    def _kept(self, state: State) -> list[str]:
        """Return the parameters that both the stack and the template have: AWS refuses to keep any other."""
        return [name for name in self.template.parameters if name in state.parameters]

    def _refuse_stuck(self, status: str) -> None:
        """Raise Refused for a state in which AWS takes no deployment, and say what leads out of it."""
        if status in STUCK:
            raise Refused(
                f"The stack {self.name} is in {status}. {STUCK[status]} This command deletes nothing. Delete what is "
                f"left with `aws cloudformation delete-stack --stack-name {self.name}`, then run this again. A pool "
                "that was made for production is kept then, outside any stack."
            )
        if status == "UPDATE_ROLLBACK_FAILED":
            raise Refused(
                f"The stack {self.name} is in {status}: its last deployment failed, and could not be undone. Mend what "
                f"its events name, then `aws cloudformation continue-update-rollback --stack-name {self.name}`."
            )
        if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
            raise Refused(f"The stack {self.name} is in {status}: it is being deployed. Try again when that is over.")

    def _worked_out(self, plan: Plan, before: Mapping[str, str]) -> Plan:
        """Wait until AWS has worked out a change set; return the plan with what it would do."""
        for _look in self.looks("The change set"):
            described = self._describe(plan.change_set_id)
            if described["Status"] == "CREATE_COMPLETE":
                return _complete(plan, described, before)
            if described["Status"] == "FAILED":
                return self._nothing(plan, described)
        raise AssertionError("A look ends by itself")

    def _describe(self, change_set_id: str) -> dict[str, Any]:
        """Return all pages of DescribeChangeSet as one."""
        with in_words():
            described: dict[str, Any] = self.client.describe_change_set(ChangeSetName=change_set_id)
            page = described
            while token := page.get("NextToken"):
                page = self.client.describe_change_set(ChangeSetName=change_set_id, NextToken=token)
                described["Changes"] += page["Changes"]
        return described

    def _nothing(self, plan: Plan, described: Mapping[str, Any]) -> Plan:
        """Return a plan without a change set where there is nothing to change; raises Refused for a real failure."""
        reason = described.get("StatusReason", "")
        if not any(words in reason for words in NOTHING):
            raise Refused("\n".join([reason or "AWS gives no reason.", *self._found(plan.change_set_id)]))
        self.discard(plan)
        return Plan(plan.stack, plan.stack_id, plan.creates)

    def _found(self, change_set_id: str) -> list[str]:
        """Return what AWS's validation before a deployment found: it stands in no reason of the change set.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeEvents.html
        """
        try:
            with in_words():
                answer = self.client.describe_events(ChangeSetName=change_set_id, Filters={"FailedEvents": True})
        except DeploymentError:  # the key may not: the reason of the change set is told all the same
            return []
        found = [event for event in answer.get("OperationEvents", []) if "ValidationStatusReason" in event]
        return [f"{event.get('LogicalResourceId', '')}: {event['ValidationStatusReason']}" for event in found]

    def discard(self, plan: Plan) -> None:
        """Delete a change set that is not to be executed. The empty stack of a first one stays: AWS uses it again."""
        with in_words():
            self.client.delete_change_set(ChangeSetName=plan.change_set_id)

    def execute(self, plan: Plan, told: Callable[[Event], None]) -> None:
        """Have a plan done, and call ``told`` with each event as it comes; return when AWS is done.

        Raises Refused with AWS's reasons when it failed and AWS undid it, Unreachable when it takes too long: AWS goes
        on by itself then.
        """
        token = secrets.token_hex(16)
        with in_words():
            self.client.execute_change_set(ChangeSetName=plan.change_set_id, ClientRequestToken=token)
        reasons = []
        for event in self._events(plan.stack_id, token):
            told(event)
            if event.failed and event.reason:
                reasons.append(f"{event.logical_id}: {event.reason}")
            last = event
        if last.status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            raise Refused("\n".join([f"AWS could not deploy it, and the stack is in {last.status} now.", *reasons]))

    def _events(self, stack_id: str, token: str) -> Iterator[Event]:
        """Yield what happens in the operation that has ``token``, oldest first, up to the end of the operation."""
        seen: set[str] = set()
        for _look in self.looks("The deployment"):
            for answer in self._new_events(stack_id, token, seen):
                seen.add(answer["EventId"])
                event = Event(
                    answer["LogicalResourceId"],
                    answer["ResourceType"],
                    answer["ResourceStatus"],
                    answer.get("ResourceStatusReason", ""),
                )
                yield event
                if answer["PhysicalResourceId"] == stack_id and not event.status.endswith("_IN_PROGRESS"):
                    return

    def _new_events(self, stack_id: str, token: str, seen: set[str]) -> list[dict[str, Any]]:
        """Return the events of the operation that were not ``seen``, oldest first. AWS answers the newest first."""
        found: list[dict[str, Any]] = []
        with in_words():
            for page in self.client.get_paginator("describe_stack_events").paginate(StackName=stack_id):
                events = page["StackEvents"]
                new = [each for each in events if each["EventId"] not in seen]
                found += [each for each in new if each.get("ClientRequestToken") == token]
                if len(new) < len(events) or any(each.get("ClientRequestToken") != token for each in events):
                    break
        return found[::-1]

    def protect(self) -> None:
        """Have AWS refuse to delete the stack until somebody says otherwise.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-protect-stacks.html
        """
        with in_words():
            self.client.update_termination_protection(StackName=self.name, EnableTerminationProtection=True)

    def looks(self, what: str) -> Iterator[None]:
        """Yield now and after every ``poll`` seconds; raises Unreachable when ``patience`` is at its end."""
        deadline = time.monotonic() + self._patience
        while time.monotonic() < deadline:
            yield
            time.sleep(self._poll)
        raise Unreachable(
            f"{what} took longer than {self._patience / 60:.0f} minutes. AWS goes on by itself: "
            f"`aws cloudformation describe-stack-events --stack-name {self.name}` shows how far it is."
        )


def _parameters(given: Mapping[str, str], before: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return ``Parameters`` of CreateChangeSet: new values, and what the stack keeps; the rest has its default."""
    kept = [{"ParameterKey": name, "UsePreviousValue": True} for name in before if name not in given]
    return [*({"ParameterKey": name, "ParameterValue": value} for name, value in given.items()), *kept]


def _complete(plan: Plan, described: Mapping[str, Any], before: Mapping[str, str]) -> Plan:
    """Return ``plan`` with what DescribeChangeSet says of its resources and parameters."""
    changes = tuple(Change.read(each["ResourceChange"]) for each in described["Changes"] if "ResourceChange" in each)
    after = {each["ParameterKey"]: each.get("ParameterValue", "") for each in described.get("Parameters", [])}
    changed = [(name, value) for name, value in after.items() if before.get(name) != value]
    parameters = tuple(ParameterChange(name, before.get(name), value) for name, value in changed)
    return Plan(plan.stack, plan.stack_id, plan.creates, plan.change_set_id, changes, parameters)
