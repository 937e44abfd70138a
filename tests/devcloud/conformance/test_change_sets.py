"""Change sets of CloudFormation.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html
"""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from ministack.services.cloudformation import provisioners

from devcloud import change_sets
from devcloud.start import LocalAWS
from infra.template import COGNITO, Template

TEMPLATE = """
Transform: AWS::LanguageExtensions
Parameters:
  Name: {Type: String, Default: one}
  Group: {Type: String, Default: ""}
Rules:
  NameIsGood:
    Assertions:
      - {Assert: !Not [!Equals [!Ref Name, bad]], AssertDescription: Name may not be bad.}
Conditions:
  HasGroup: !Not [!Equals [!Ref Group, ""]]
Resources:
  Pool:
    Type: AWS::Cognito::UserPool
    Properties: {UserPoolName: !Ref Name}
  Client:
    Type: AWS::Cognito::UserPoolClient
    Properties: {UserPoolId: !Ref Pool, ClientName: !Ref Name, GenerateSecret: true}
  Members:
    Type: AWS::Cognito::UserPoolGroup
    Condition: HasGroup
    Properties: {UserPoolId: !Ref Pool, GroupName: !If [HasGroup, !Ref Group, none]}
Outputs:
  Pool: {Value: !Ref Pool}
"""
NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."


class Stack:
    """A stack with a name of its own, and change sets of it."""

    def __init__(self, server: LocalAWS) -> None:
        root = server.root_env
        session: Any = boto3.Session(root["AWS_ACCESS_KEY_ID"], root["AWS_SECRET_ACCESS_KEY"])
        where = {"region_name": server.settings.region, "endpoint_url": server.settings.endpoint}
        self.client = session.client("cloudformation", **where)
        self.cognito = session.client("cognito-idp", **where)
        self.name = f"stack-{secrets.token_hex(6)}"

    def change_set(
        self,
        kind: str = "UPDATE",
        template: str = TEMPLATE,
        *,
        name: str = "",
        keep: tuple[str, ...] = (),
        **given: str,
    ) -> dict[str, Any]:
        """Make a change set with ``given`` parameters and those to ``keep``; return what DescribeChangeSet says."""
        parameters: list[dict[str, Any]] = [
            {"ParameterKey": key, "ParameterValue": value} for key, value in given.items()
        ]
        parameters += [{"ParameterKey": key, "UsePreviousValue": True} for key in keep]
        made = self.client.create_change_set(
            StackName=self.name,
            ChangeSetName=name or f"set-{secrets.token_hex(4)}",
            ChangeSetType=kind,
            TemplateBody=template,
            Parameters=parameters,
        )
        described: dict[str, Any] = self.client.describe_change_set(ChangeSetName=made["Id"])
        return described

    def execute(self, change_set: dict[str, Any]) -> dict[str, Any]:
        """Execute a change set; return the stack once it is done."""
        self.client.execute_change_set(ChangeSetName=change_set["ChangeSetId"])
        deadline = time.monotonic() + 10
        while (stack := self.described())["StackStatus"].endswith("IN_PROGRESS"):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return stack

    def described(self) -> dict[str, Any]:
        """Return what DescribeStacks says."""
        stack: dict[str, Any] = self.client.describe_stacks(StackName=self.name)["Stacks"][0]
        return stack

    def made(self, **given: str) -> Stack:
        """Return the stack once it is there."""
        self.execute(self.change_set("CREATE", TEMPLATE, name="", keep=(), **given))
        return self


@pytest.fixture
def stack(server: LocalAWS) -> Stack:
    return Stack(server)


def changes(change_set: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return action and replacement of each resource."""
    found = [change["ResourceChange"] for change in change_set["Changes"]]
    return {each["LogicalResourceId"]: (each["Action"], each.get("Replacement", "")) for each in found}


def recreation(change_set: dict[str, Any], resource: str) -> dict[str, str]:
    """Return whether each changed property of a resource has it made again."""
    found = [each["ResourceChange"] for each in change_set["Changes"]]
    details = [each["Details"] for each in found if each["LogicalResourceId"] == resource]
    return {each["Target"]["Name"]: each["Target"]["RequiresRecreation"] for each in details[0]}


def test_a_first_change_set_makes_an_empty_stack_in_review_and_adds_what_conditions_allow(stack: Stack) -> None:
    """API_CreateChangeSet, ChangeSetType; conditions-section-structure.html."""
    planned = stack.change_set("CREATE")
    assert (planned["Status"], planned["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert changes(planned) == {"Pool": ("Add", ""), "Client": ("Add", "")}
    described = stack.described()
    assert described["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert not described.get("Outputs")
    made = stack.execute(planned)
    assert made["StackStatus"] == "CREATE_COMPLETE"
    assert made["StackId"] == described["StackId"]


def test_further_change_sets_of_a_stack_in_review_are_of_the_same_stack(stack: Stack) -> None:
    """using-cfn-updating-stacks-changesets-create.html: a stack with a unique stack ID."""
    first, second = stack.change_set("CREATE"), stack.change_set("CREATE", Name="two")
    assert first["StackId"] == second["StackId"] == stack.described()["StackId"]
    summaries = stack.client.list_change_sets(StackName=stack.name)["Summaries"]
    assert {each["ChangeSetId"] for each in summaries} == {first["ChangeSetId"], second["ChangeSetId"]}
    stack.execute(second)
    assert [each["ChangeSetId"] for each in stack.client.list_change_sets(StackName=first["StackId"])["Summaries"]] == [
        second["ChangeSetId"]
    ]


def test_a_change_set_that_is_refused_leaves_a_stack_in_review_as_it_was(stack: Stack) -> None:
    """API_CreateChangeSet."""
    first = stack.change_set("CREATE")
    with pytest.raises(ClientError, match="may not be bad"):
        stack.change_set("CREATE", Name="bad")
    assert stack.described()["StackId"] == first["StackId"]
    assert stack.execute(first)["StackStatus"] == "CREATE_COMPLETE"


def test_rules_are_looked_at_before_anything_is_made(stack: Stack) -> None:
    """rules-section-structure.html: "before CloudFormation creates or updates any resources"."""
    with pytest.raises(ClientError, match="may not be bad"):
        stack.change_set("CREATE", Name="bad")
    with pytest.raises(ClientError, match="does not exist"):
        stack.described()


def test_without_changes_a_change_set_fails_and_cannot_be_executed(stack: Stack) -> None:
    """API_DescribeChangeSet, Status; using-cfn-updating-stacks-changesets-create.html."""
    same = stack.made().change_set(keep=("Name", "Group"))
    assert (same["Status"], same["ExecutionStatus"], same["Changes"]) == ("FAILED", "UNAVAILABLE", [])
    assert same["StatusReason"] == NO_CHANGES
    with pytest.raises(ClientError, match="InvalidChangeSetStatus"):
        stack.client.execute_change_set(ChangeSetName=same["ChangeSetId"])


def test_an_output_alone_makes_a_change_set_without_changes_that_can_be_executed(stack: Stack) -> None:
    """As AWS does it: jenkinsci/pipeline-aws-plugin#210."""
    more = stack.made().change_set(template=TEMPLATE + "  Second: {Value: two}\n")
    assert (more["Status"], more["ExecutionStatus"], more["Changes"]) == ("CREATE_COMPLETE", "AVAILABLE", [])
    assert len(stack.execute(more)["Outputs"]) == 2


def test_a_parameter_that_is_kept_has_its_value_and_one_that_is_left_out_its_default(stack: Stack) -> None:
    """API_Parameter, UsePreviousValue."""
    stack.made(Name="mine")
    kept, left_out = stack.change_set(keep=("Name",), Group="members"), stack.change_set(Group="members")
    values = [
        {each["ParameterKey"]: each["ParameterValue"] for each in planned["Parameters"]} for planned in (kept, left_out)
    ]
    assert values == [{"Name": "mine", "Group": "members"}, {"Name": "one", "Group": "members"}]
    assert changes(kept) == {"Members": ("Add", "")}
    assert changes(left_out) == {"Members": ("Add", ""), "Pool": ("Modify", "False"), "Client": ("Modify", "False")}


def test_a_first_change_set_has_nothing_to_keep(stack: Stack) -> None:
    """API_Parameter, UsePreviousValue; mapbox/cfn-config#182."""
    with pytest.raises(ClientError, match="Cannot specify UsePreviousValue on Parameters when ChangeSetType is CREATE"):
        stack.change_set("CREATE", keep=("Name",))


def test_what_the_stack_did_not_have_cannot_be_kept(stack: Stack) -> None:
    """API_Parameter, UsePreviousValue; rackerlabs/ebs_snapper#56."""
    stack.made()
    new = TEMPLATE.replace("Parameters:\n", "Parameters:\n  New: {Type: String, Default: x}\n")
    with pytest.raises(
        ClientError, match=r"key New\. Cannot specify usePreviousValue as true for a parameter key not in"
    ):
        stack.change_set(template=new, keep=("New",))


def test_a_parameter_is_kept_or_given_but_not_both(stack: Stack) -> None:
    """API_Parameter: "If you specify true, do not specify a parameter value"; widdix/cfn-create-or-update#15."""
    stack.made()
    both = {"ParameterKey": "Name", "ParameterValue": "two", "UsePreviousValue": True}
    with pytest.raises(ClientError, match="Cannot specify usePreviousValue as true and non empty value"):
        stack.client.create_change_set(
            StackName=stack.name, ChangeSetName="both", TemplateBody=TEMPLATE, Parameters=[both]
        )


@pytest.mark.parametrize("kind", ["CREATE", "UPDATE"])
def test_a_parameter_that_the_template_does_not_have_is_refused(stack: Stack, kind: str) -> None:
    """API_Parameter: "The key associated with the parameter"."""
    if kind == "UPDATE":
        stack.made()
    with pytest.raises(ClientError, match=r"Parameters: \[Nme\] do not exist in the template"):
        stack.change_set(kind, Nme="two")


@pytest.mark.parametrize("name", ["1st", "two words", "under_score", "a" * 129])
def test_the_name_of_a_change_set_begins_with_a_letter_and_has_no_space(stack: Stack, name: str) -> None:
    """API_CreateChangeSet, ChangeSetName: [a-zA-Z][-a-zA-Z0-9]*, 1 to 128."""
    with pytest.raises(ClientError, match="changeSetName"):
        stack.change_set("CREATE", name=name)


def test_a_name_is_taken_once(stack: Stack) -> None:
    """API_CreateChangeSet, AlreadyExists."""
    stack.change_set("CREATE", name="once")
    with pytest.raises(ClientError, match="AlreadyExists"):
        stack.change_set("CREATE", name="once")


def test_a_name_alone_does_not_say_which_change_set_is_meant(stack: Stack) -> None:
    """API_DescribeChangeSet, ChangeSetName and StackName."""
    stack.change_set("CREATE", name="named")
    assert stack.client.describe_change_set(ChangeSetName="named", StackName=stack.name)["ChangeSetName"] == "named"
    with pytest.raises(ClientError, match="StackName must be specified if ChangeSetName is not specified as an ARN"):
        stack.client.describe_change_set(ChangeSetName="named")


def test_the_change_sets_of_no_stack_are_refused(stack: Stack) -> None:
    """API_ListChangeSets, StackName."""
    with pytest.raises(ClientError, match="does not exist"):
        stack.client.list_change_sets(StackName=stack.name)


def test_a_stack_that_is_there_is_not_made_again(stack: Stack) -> None:
    """API_CreateChangeSet, ChangeSetType: CREATE is for a new stack."""
    stack.made()
    with pytest.raises(ClientError, match=r"AlreadyExistsException.*already exists and cannot be created again"):
        stack.change_set("CREATE")


def test_a_stack_that_is_not_there_is_not_updated(stack: Stack) -> None:
    """API_CreateChangeSet, ChangeSetType."""
    with pytest.raises(ClientError, match="does not exist"):
        stack.change_set("UPDATE")
    stack.change_set("CREATE")
    with pytest.raises(ClientError, match="is in REVIEW_IN_PROGRESS state and can not be updated"):
        stack.change_set("UPDATE")


@pytest.mark.parametrize("kind", ["CREATE", "UPDATE"])
def test_a_stack_that_was_rolled_back_takes_no_change_set(stack: Stack, kind: str) -> None:
    """troubleshooting.html: a stack in ROLLBACK_COMPLETE can only be deleted."""
    impossible = TEMPLATE.replace("UserPoolName: !Ref Name", "UserPoolName: !Ref Name, MfaConfiguration: NEVER")
    assert stack.execute(stack.change_set("CREATE", impossible))["StackStatus"] == "ROLLBACK_COMPLETE"
    with pytest.raises(ClientError, match=r"can not be updated|cannot be created again"):
        stack.change_set(kind)


def test_a_condition_that_comes_true_adds_and_one_that_no_longer_holds_removes(stack: Stack) -> None:
    """conditions-section-structure.html: entities with a false condition are ignored."""
    stack.made()
    added = stack.change_set(Group="members")
    assert changes(added) == {"Members": ("Add", "")}
    stack.execute(added)
    assert changes(stack.change_set(Group="")) == {"Members": ("Remove", "")}


def test_a_group_with_another_name_is_another_group(stack: Stack) -> None:
    """aws-resource-cognito-userpoolgroup.html, GroupName: "Update requires: Replacement"."""
    renamed = stack.made(Group="members").change_set(Group="people")
    assert changes(renamed) == {"Members": ("Modify", "True")}
    assert recreation(renamed, "Members") == {"GroupName": "Always"}


def test_an_app_client_is_replaced_for_a_secret_and_changed_for_a_name(stack: Stack) -> None:
    """aws-resource-cognito-userpoolclient.html: GenerateSecret replaces, ClientName does not interrupt."""
    stack.made()
    without = stack.change_set(template=TEMPLATE.replace("GenerateSecret: true", "GenerateSecret: false"))
    assert changes(without) == {"Client": ("Modify", "True")}
    assert recreation(stack.change_set(Name="two"), "Client") == {"ClientName": "Never"}


def test_a_pool_is_changed_in_place(stack: Stack) -> None:
    """aws-resource-cognito-userpool.html: no property of it replaces the pool."""
    stack.made()
    pool_id = stack.described()["Outputs"][0]["OutputValue"]
    renamed = stack.change_set(Name="two")
    assert changes(renamed)["Pool"] == ("Modify", "False")
    assert stack.execute(renamed)["Outputs"][0]["OutputValue"] == pool_id
    assert stack.cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]["Name"] == "two"


def test_which_properties_replace_is_as_in_the_registry_of_aws() -> None:
    """resource-type-schema.html, createOnlyProperties, for every type of the site's template."""
    types = re.findall(r"\n    Type: (AWS::\w+::\w+)", COGNITO.read_text())
    for name in types:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-west-1", name).schema
        replacing = {path.removeprefix("/properties/") for path in schema.get("createOnlyProperties") or []}
        table = {**provisioners._REPLACING_PROPERTIES, **change_sets.REPLACING}
        assert set(table[name]) == replacing, name


def test_termination_protection_keeps_a_stack_until_it_is_off(stack: Stack) -> None:
    """using-cfn-protect-stacks.html."""
    stack.made()
    stack.client.update_termination_protection(StackName=stack.name, EnableTerminationProtection=True)
    assert stack.described()["EnableTerminationProtection"] is True
    with pytest.raises(ClientError, match="TerminationProtection is enabled"):
        stack.client.delete_stack(StackName=stack.name)
    stack.client.update_termination_protection(StackName=stack.name, EnableTerminationProtection=False)
    stack.client.delete_stack(StackName=stack.name)


def test_a_token_stands_in_the_events_of_its_operation(stack: Stack) -> None:
    """API_StackEvent, ClientRequestToken; API_DescribeStackEvents: in reverse chronological order."""
    planned = stack.change_set("CREATE")
    stack.client.execute_change_set(ChangeSetName=planned["ChangeSetId"], ClientRequestToken="mine")
    stack.client.get_waiter("stack_create_complete").wait(StackName=stack.name, WaiterConfig={"Delay": 1})
    events = stack.client.describe_stack_events(StackName=stack.name)["StackEvents"]
    assert [each.get("ClientRequestToken") for each in events] == ["mine"] * (len(events) - 1) + [None]
    assert [(each["LogicalResourceId"], each["ResourceStatus"]) for each in (events[0], events[-1])] == [
        (stack.name, "CREATE_COMPLETE"),
        (stack.name, "REVIEW_IN_PROGRESS"),
    ]


def test_a_template_is_answered_as_it_was_sent_and_its_parameters_are_summed_up(stack: Stack) -> None:
    """API_GetTemplate, TemplateStage; API_GetTemplateSummary; API_ValidateTemplate."""
    stack.made()
    assert stack.client.get_template(StackName=stack.name, TemplateStage="Original")["TemplateBody"] == TEMPLATE
    for summed_up in (
        stack.client.get_template_summary(StackName=stack.name),
        stack.client.validate_template(TemplateBody=TEMPLATE),
    ):
        assert {each["ParameterKey"] for each in summed_up["Parameters"]} == set(Template.parse(TEMPLATE).parameters)


@pytest.mark.parametrize("text", ["no template", "Resources: [", "Resources: {It: {Type: AWS::No::Such}}"])
def test_what_is_no_template_is_refused(stack: Stack, text: str) -> None:
    """API_ValidateTemplate."""
    with pytest.raises(ClientError, match="ValidationError"):
        stack.client.validate_template(TemplateBody=text)
    with pytest.raises(ClientError, match="ValidationError"):
        stack.change_set("CREATE", text)
