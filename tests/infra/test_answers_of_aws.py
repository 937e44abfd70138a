"""What AWS answers and the local AWS does not: states, delays, pages, refusals."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError, ReadTimeoutError
from botocore.stub import ANY, Stubber

from infra.account import Account, in_words
from infra.deploy import deploy
from infra.errors import DeploymentError, Misused, NotAllowed, Refused, Unreachable
from infra.stack import Stack

STACK_ID = "arn:aws:cloudformation:eu-west-1:123456789012:stack/pool/8a"
CHANGE_SET = "arn:aws:cloudformation:eu-west-1:123456789012:changeSet/deploy-1/9b"
Answered = tuple[Stack, Stubber]


def in_state(stubber: Stubber, status: str, **stack: Any) -> None:
    """Let the stack be in a state."""
    described = {"StackName": "pool", "StackId": STACK_ID, "StackStatus": status, "CreationTime": datetime.now(UTC)}
    stubber.add_response("describe_stacks", {"Stacks": [{**described, **stack}]}, {"StackName": "pool"})


def update(stubber: Stubber, *described: dict[str, Any], parameters: list[dict[str, Any]] | None = None) -> None:
    """Let a change set be made of a stack that is there, and be described so."""
    kept = [{"ParameterKey": "Name", "UsePreviousValue": True}]
    in_state(stubber, "UPDATE_COMPLETE", Parameters=[{"ParameterKey": "Name", "ParameterValue": "latchkey"}])
    stubber.add_response(
        "create_change_set",
        {"Id": CHANGE_SET, "StackId": STACK_ID},
        {
            "StackName": "pool",
            "ChangeSetName": ANY,
            "ChangeSetType": "UPDATE",
            "TemplateBody": "Resources: {}",
            "Parameters": kept if parameters is None else parameters,
            "Capabilities": ["CAPABILITY_IAM"],
        },
    )
    for answer in described:
        token = {"NextToken": answer.pop("_asked")} if "_asked" in answer else {}
        stubber.add_response("describe_change_set", answer, {"ChangeSetName": CHANGE_SET, **token})


def discarded(stubber: Stubber) -> None:
    """Let the change set be deleted."""
    stubber.add_response("delete_change_set", {}, {"ChangeSetName": CHANGE_SET})


def change(name: str, **more: str) -> dict[str, Any]:
    """Return one change of DescribeChangeSet."""
    resource = {"Action": "Modify", "LogicalResourceId": name, "ResourceType": "AWS::Cognito::UserPool", **more}
    return {"Type": "Resource", "ResourceChange": resource}


@pytest.mark.parametrize("status", ["CREATE_FAILED", "ROLLBACK_FAILED", "ROLLBACK_COMPLETE", "DELETE_FAILED"])
def test_a_stack_that_is_stuck_is_told_with_the_way_out(answered: Answered, status: str) -> None:
    stack, stubber = answered
    in_state(stubber, status)
    with pytest.raises(Refused, match=rf"is in {status}\..*deletes nothing.*delete-stack --stack-name pool`"):
        stack.plan({})


def test_a_stack_whose_rollback_failed_is_told_with_the_way_out(answered: Answered) -> None:
    stack, stubber = answered
    in_state(stubber, "UPDATE_ROLLBACK_FAILED")
    with pytest.raises(Refused, match="continue-update-rollback --stack-name pool`"):
        stack.plan({})


@pytest.mark.parametrize("status", ["CREATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "DELETE_IN_PROGRESS"])
def test_a_stack_that_is_being_deployed_is_left_alone(answered: Answered, status: str) -> None:
    stack, stubber = answered
    in_state(stubber, status)
    with pytest.raises(Refused, match=f"{status}: it is being deployed"):
        stack.plan({})


def test_a_change_set_is_waited_for_and_read_to_its_last_page(answered: Answered) -> None:
    stack, stubber = answered
    update(
        stubber,
        {"Status": "CREATE_PENDING"},
        {"Status": "CREATE_IN_PROGRESS"},
        {"Status": "CREATE_COMPLETE", "Changes": [change("One")], "NextToken": "more"},
        {"_asked": "more", "Status": "CREATE_COMPLETE", "Changes": [change("Two")]},
    )
    assert [each.logical_id for each in stack.plan({}).changes] == ["One", "Two"]


def test_a_pool_that_might_be_replaced_is_not_let_go(answered: Answered) -> None:
    stack, stubber = answered
    update(stubber, {"Status": "CREATE_COMPLETE", "Changes": [change("UserPool", Replacement="Conditional")]})
    discarded(stubber)
    with pytest.raises(Refused, match="AWS would perhaps replace UserPool"):
        deploy(stack, {}, let_go=["UserPool"])


@pytest.mark.parametrize(
    "reason",
    [
        "The submitted information didn't contain changes. Submit different information to create a change set.",
        "No updates are to be performed.",
    ],
)
def test_both_ways_to_say_that_nothing_changes_are_understood(answered: Answered, reason: str) -> None:
    stack, stubber = answered
    update(stubber, {"Status": "FAILED", "StatusReason": reason})
    discarded(stubber)
    assert not stack.plan({}).change_set_id


def test_a_change_set_that_fails_is_told_with_what_the_validation_found(answered: Answered) -> None:
    stack, stubber = answered
    update(stubber, {"Status": "FAILED", "StatusReason": "Use DescribeEvents."})
    found = {"LogicalResourceId": "Client", "ValidationStatusReason": "Unsupported property"}
    stubber.add_response(
        "describe_events",
        {"OperationEvents": [{"EventId": "1"}, {"EventId": "2", **found}]},
        {"ChangeSetName": CHANGE_SET, "Filters": {"FailedEvents": True}},
    )
    discarded(stubber)
    with pytest.raises(Refused, match=r"^Use DescribeEvents\.\nClient: Unsupported property$"):
        stack.plan({})


def test_a_key_that_may_not_read_the_validation_still_hears_the_reason(answered: Answered) -> None:
    stack, stubber = answered
    update(stubber, {"Status": "FAILED", "StatusReason": "Transform failed."})
    stubber.add_client_error("describe_events", "AccessDenied", "not authorized", 403)
    discarded(stubber)
    with pytest.raises(Refused, match=r"^Transform failed\.$"):
        stack.plan({})


def test_given_parameters_are_sent_and_no_value_is_kept_besides(answered: Answered) -> None:
    stack, stubber = answered
    complete = {"Status": "CREATE_COMPLETE", "Changes": []}
    update(stubber, complete, parameters=[{"ParameterKey": "Name", "ParameterValue": "other"}])
    assert stack.plan({"Name": "other"}).change_set_id == CHANGE_SET


def test_a_change_set_that_meanwhile_became_stale_is_told(answered: Answered) -> None:
    stack, stubber = answered
    update(stubber, {"Status": "CREATE_COMPLETE", "Changes": [change("UserPool")]})
    stubber.add_client_error("execute_change_set", "InvalidChangeSetStatus", "cannot be executed: OBSOLETE", 400)
    with pytest.raises(Refused, match="OBSOLETE"):
        deploy(stack, {})


@pytest.mark.parametrize(
    ("code", "status", "kind", "words"),
    [
        ("Throttling", 400, Unreachable, "Throttling to DescribeStacks"),
        ("InternalFailure", 500, Unreachable, "InternalFailure to DescribeStacks"),
        ("ServiceUnavailable", 503, Unreachable, "Try again later"),
        ("ExpiredToken", 403, NotAllowed, "does not take this key"),
        ("InvalidClientTokenId", 403, NotAllowed, "does not take this key"),
        ("SignatureDoesNotMatch", 403, NotAllowed, "does not take this key"),
        ("AccessDenied", 403, NotAllowed, "may not do DescribeStacks. Because."),
        ("ValidationError", 400, Refused, "^Because.$"),
    ],
)
def test_a_refusal_of_aws_is_told_apart(
    answered: Answered, code: str, status: int, kind: type[DeploymentError], words: str
) -> None:
    stack, stubber = answered
    stubber.add_client_error("describe_stacks", code, "Because.", status)
    with pytest.raises(DeploymentError, match=words) as told:
        stack.state()
    assert type(told.value) is kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (EndpointConnectionError(endpoint_url="https://cloudformation.eu-west-1.amazonaws.com/"), Unreachable),
        (ReadTimeoutError(endpoint_url="https://cloudformation.eu-west-1.amazonaws.com/"), Unreachable),
        (NoCredentialsError(), NotAllowed),
    ],
)
def test_what_boto3_raises_is_told_apart(error: Exception, kind: type[DeploymentError]) -> None:
    with pytest.raises(DeploymentError) as told, in_words():
        raise error
    assert type(told.value) is kind


@pytest.fixture
def _no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.usefixtures("_no_configuration")
def test_without_a_key_it_is_said_how_to_give_one() -> None:
    with pytest.raises(NotAllowed, match="--profile"):
        Account(region="eu-west-1")


@pytest.mark.usefixtures("_no_configuration")
def test_without_a_region_it_is_said_how_to_give_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    with pytest.raises(Misused, match="--region"):
        Account()
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert Account().region == "eu-west-1"
    assert Account(region="us-east-1").region == "us-east-1"


@pytest.mark.usefixtures("_no_configuration")
def test_a_profile_that_is_not_there_is_said() -> None:
    with pytest.raises(Misused, match=r"nobody.*list-profiles"):
        Account(profile="nobody")


def test_an_endpoint_that_is_set_to_nothing_is_aws_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    client = Account(region="eu-west-1").client("cloudformation")
    assert client.meta.endpoint_url == "https://cloudformation.eu-west-1.amazonaws.com"
