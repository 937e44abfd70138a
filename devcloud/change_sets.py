"""Change sets as AWS answers for them, where MiniStack is content with less.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import yaml
from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, engine, handlers, helpers, provisioners

from devcloud.patching import replace
from infra.template import Template

Parameters: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = tuple[int, dict[str, str], bytes]

NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
# States in which a stack takes an update, and in which a change set may make it.
UPDATABLE = frozenset(
    {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_FAILED"}
    | {"IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"}
)
CREATABLE = frozenset({"REVIEW_IN_PROGRESS", "DELETE_COMPLETE"})
# What replaces a resource: "Update requires: Replacement". MiniStack says of every property that it might.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpoolclient.html
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpoolidentityprovider.html
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-managedloginbranding.html
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-identitypool.html
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
REPLACING: dict[str, tuple[str, ...]] = {
    "AWS::Cognito::UserPoolClient": ("GenerateSecret", "UserPoolId"),
    "AWS::Cognito::UserPoolIdentityProvider": ("ProviderName", "ProviderType", "UserPoolId"),
    "AWS::Cognito::ManagedLoginBranding": ("ClientId", "UserPoolId"),
    "AWS::Cognito::IdentityPool": (),
    "AWS::Cognito::IdentityPoolRoleAttachment": ("IdentityPoolId",),
    "AWS::Lambda::Permission": (
        "Action",
        "EventSourceToken",
        "FunctionName",
        "FunctionUrlAuthType",
        "InvokedViaFunctionUrl",
        "Principal",
        "PrincipalOrgID",
        "SourceAccount",
        "SourceArn",
    ),
    "AWS::S3::Bucket": ("BucketName", "BucketNamePrefix", "BucketNamespace"),
    "AWS::S3::BucketPolicy": ("Bucket",),
}
NO_CHANGES = "The submitted information didn't contain changes."

_ministacks_create: Callable[[Parameters], Answer] = changesets._create_change_set
_ministacks_describe: Callable[[Parameters], Answer] = changesets._describe_change_set
_ministacks_list: Callable[[Parameters], Answer] = changesets._list_change_sets
_ministacks_resources: Callable[..., dict[str, Any]] = changesets._resolve_props_for_diff


class Rejected(Exception):
    """A request that AWS refuses, with AWS's error code and message."""

    def __init__(self, message: str, code: str = "ValidationError") -> None:
        super().__init__(message)
        self.code = code

    @property
    def answer(self) -> Answer:
        """The error answer."""
        answered: Answer = helpers._error(self.code, str(self))
        return answered


def install() -> None:
    """Have MiniStack answer for change sets as AWS does."""
    replace(provisioners, "_REPLACING_PROPERTIES", {**provisioners._REPLACING_PROPERTIES, **REPLACING})
    replace(changesets, "_resolve_props_for_diff", resources_there_are)
    answers = {
        "CreateChangeSet": create_change_set,
        "DescribeChangeSet": describe_change_set,
        "ListChangeSets": list_change_sets,
    }
    replace(cloudformation, "_ACTION_HANDLERS", {**cloudformation._ACTION_HANDLERS, **answers})


def create_change_set(request: Parameters) -> Answer:
    """Answer CreateChangeSet: refuse what AWS refuses, keep the stack that an earlier one left in review."""
    name = helpers._p(request, "StackName")
    stack = handlers._resolve_stack(name)
    try:
        _refuse_name(helpers._p(request, "ChangeSetName"))
        _refuse_state(request, stack)
        _refuse_parameters(request, stack or {})
    except Rejected as rejected:
        return rejected.answer
    answer = _ministacks_create(request)
    if stack and stack["StackStatus"] == "REVIEW_IN_PROGRESS":
        answer = _back_in_review(stack, answer)
    if answer[0] == 200 and stack:
        _count_outputs(stack, _newest(stack))
    return answer


def _refuse_name(name: str) -> None:
    """Raise Rejected for a name that API_CreateChangeSet does not allow."""
    if not NAME.fullmatch(name):
        pattern = "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
        problem = f"Value '{name}' at 'changeSetName' failed to satisfy constraint: {pattern}"
        raise Rejected(helpers.validation_error_message([problem]))


def _refuse_state(request: Parameters, stack: Mapping[str, Any] | None) -> None:
    """Raise Rejected for a stack that is not to be made again, or cannot be updated in the state it is in."""
    if stack is None:
        return
    status, name = stack["StackStatus"], stack["StackName"]
    kind = helpers._p(request, "ChangeSetType", "UPDATE")
    if kind == "CREATE" and status not in CREATABLE:
        change_set = helpers._p(request, "ChangeSetName")
        raise Rejected(
            f"Stack [{name}] already exists and cannot be created again with the changeSet [{change_set}].",
            "AlreadyExistsException",
        )
    if kind == "UPDATE" and status not in UPDATABLE and status != "DELETE_COMPLETE":
        raise Rejected(f"Stack:{stack['StackId']} is in {status} state and can not be updated.")


def _refuse_parameters(request: Parameters, stack: Mapping[str, Any]) -> None:
    """Raise Rejected for a parameter that the template does not have, and for a value that cannot be kept.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Parameter.html
    """
    given = helpers._extract_members(request, "Parameters")
    names = _template_parameters(request, stack)
    unknown = [each["Key"] for each in given if names is not None and each["Key"] not in names]
    if unknown:
        raise Rejected(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    kept = [each for each in given if each["UsePreviousValue"]]
    if kept and helpers._p(request, "ChangeSetType", "UPDATE") == "CREATE":
        raise Rejected("Cannot specify UsePreviousValue on Parameters when ChangeSetType is CREATE")
    for each in kept:
        refused = f"Invalid input for parameter key {each['Key']}. Cannot specify usePreviousValue as true "
        if each["Value"]:
            raise Rejected(refused + "and non empty value for a parameter")
        if each["Key"] not in stack.get("_resolved_params", {}):
            raise Rejected(refused + "for a parameter key not in the previous template")


def _template_parameters(request: Parameters, stack: Mapping[str, Any]) -> Iterable[str] | None:
    """Return the names of the template's parameters; None for a template that MiniStack will refuse itself."""
    body = helpers._p(request, "TemplateBody") or stack.get("_template_body", "")
    try:
        return Template.parse(body).parameters
    except (AttributeError, yaml.YAMLError):
        return None


def _back_in_review(stack: dict[str, Any], answer: Answer) -> Answer:
    """Put the stack in review back that MiniStack made anew for its next change set; return the answer that names it.

    "CloudFormation creates a stack with a unique stack ID, but no template or resources."
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets-create.html
    """
    made = cloudformation._stacks.get(stack["StackName"])
    cloudformation._stacks[stack["StackName"]] = stack
    if made is None or made is stack:
        return answer
    cloudformation._stack_events.pop(made["StackId"], None)
    for change_set in cloudformation._change_sets.values():
        if change_set["StackId"] == made["StackId"]:
            change_set["StackId"] = stack["StackId"]
    status, headers, body = answer
    return status, headers, body.replace(made["StackId"].encode(), stack["StackId"].encode())


def _newest(stack: Mapping[str, Any]) -> dict[str, Any]:
    """Return the change set of ``stack`` that was made last."""
    found: list[dict[str, Any]] = [
        each for each in cloudformation._change_sets.values() if each["StackId"] == stack["StackId"]
    ]
    return found[-1]


def _count_outputs(stack: Mapping[str, Any], change_set: dict[str, Any]) -> None:
    """Let a change set be executed that changes no resource, but what the stack puts out.

    AWS makes such a change set, with no changes in it (jenkinsci/pipeline-aws-plugin#210).
    """
    before, after = (each.get("_template", {}).get("Outputs", {}) for each in (stack, change_set))
    if change_set["StatusReason"].startswith(NO_CHANGES) and before != after:
        change_set.update(Status="CREATE_COMPLETE", ExecutionStatus="AVAILABLE", StatusReason="")


def resources_there_are(template: Any, params: Any, stack_name: str, stack_id: str) -> dict[str, Any]:
    """Return the resources of ``template`` as they are compared, without those whose condition does not hold.

    "AWS CloudFormation creates entities that are associated with a true condition and ignores entities that are
    associated with a false condition", so one whose condition comes true is added, and not changed.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html
    """
    resolved = _ministacks_resources(template, params, stack_name, stack_id)
    if not resolved:
        return resolved
    conditions = engine._evaluate_conditions(template, params)
    there = {
        name: resource
        for name, resource in resolved["Resources"].items()
        if conditions.get(resource.get("Condition"), True)
    }
    return {"Resources": there}


def describe_change_set(request: Parameters) -> Answer:
    """Answer DescribeChangeSet, which takes a name only together with the stack's.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html
    """
    if not helpers._p(request, "StackName") and not helpers._p(request, "ChangeSetName").startswith("arn:"):
        return Rejected("StackName must be specified if ChangeSetName is not specified as an ARN.").answer
    return _ministacks_describe(request)


def list_change_sets(request: Parameters) -> Answer:
    """Answer ListChangeSets, also for a stack's id, and not for a stack that is not there.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListChangeSets.html
    """
    name = helpers._p(request, "StackName")
    stack = handlers._resolve_stack(name) if name else None
    if name and (stack is None or stack["StackStatus"] == "DELETE_COMPLETE"):
        return Rejected(f"Stack [{name}] does not exist").answer
    return _ministacks_list({**request, "StackName": stack["StackName"]} if stack else request)
