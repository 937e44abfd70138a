from __future__ import annotations

import pytest
from botocore.stub import Stubber

from infra import drift
from infra.deploy import deploy
from infra.drift import Drift
from infra.errors import Refused
from infra.stack import Stack
from tests.infra.conftest import DEVELOPMENT, MakeStack

TEXTS = {**DEVELOPMENT, "TextMessages": "on"}
WANTED = {"StackName": "pool", "StackResourceDriftStatusFilters": ["MODIFIED", "DELETED"]}


def role_of(stack: Stack) -> str:
    """Return the name of the role that text messages are sent with."""
    resource = stack.client.describe_stack_resource(StackName=stack.name, LogicalResourceId="TextMessageRole")
    return str(resource["StackResourceDetail"]["PhysicalResourceId"])


def test_a_stack_as_it_was_deployed_has_no_drift(new_stack: MakeStack) -> None:
    stack = new_stack()
    deploy(stack, TEXTS)
    assert drift.detect(stack) == []


def test_what_was_changed_by_hand_is_found(new_stack: MakeStack) -> None:
    stack = new_stack()
    deploy(stack, TEXTS)
    iam = stack.account.client("iam")
    iam.update_assume_role_policy(RoleName=role_of(stack), PolicyDocument='{"Version": "2012-10-17", "Statement": []}')
    found = drift.detect(stack)
    assert {each.logical_id for each in found} == {"TextMessageRole"}
    assert found[0].path.startswith("/AssumeRolePolicyDocument")
    assert "cognito-idp.amazonaws.com" in found[0].expected
    assert "cognito-idp.amazonaws.com" not in found[0].actual


def test_what_was_deleted_by_hand_is_found(new_stack: MakeStack) -> None:
    stack = new_stack()
    deploy(stack, TEXTS)
    iam, role = stack.account.client("iam"), role_of(stack)
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        iam.delete_role_policy(RoleName=role, PolicyName=name)
    iam.delete_role(RoleName=role)
    assert drift.detect(stack) == [Drift("TextMessageRole", "", "", "")]


def detection(stubber: Stubber, *statuses: dict[str, str]) -> None:
    """Let AWS look for drift, and say so how far it is."""
    stubber.add_response("detect_stack_drift", {"StackDriftDetectionId": "1"}, {"StackName": "pool"})
    for status in statuses:
        answer = {"StackId": "arn", "StackDriftDetectionId": "1", "Timestamp": "2026-01-01T00:00:00Z", **status}
        stubber.add_response("describe_stack_drift_detection_status", answer, {"StackDriftDetectionId": "1"})


def test_a_detection_is_waited_for_and_read_to_its_last_page(answered: tuple[Stack, Stubber]) -> None:
    stack, stubber = answered
    detection(stubber, {"DetectionStatus": "DETECTION_IN_PROGRESS"}, {"DetectionStatus": "DETECTION_COMPLETE"})
    gone = {
        "StackId": "arn",
        "LogicalResourceId": "Client",
        "ResourceType": "AWS::Cognito::UserPoolClient",
        "StackResourceDriftStatus": "DELETED",
        "Timestamp": "2026-01-01T00:00:00Z",
    }
    difference = {
        "PropertyPath": "/MfaConfiguration",
        "ExpectedValue": "OPTIONAL",
        "ActualValue": "OFF",
        "DifferenceType": "NOT_EQUAL",
    }
    changed = {**gone, "LogicalResourceId": "UserPool", "StackResourceDriftStatus": "MODIFIED"}
    stubber.add_response("describe_stack_resource_drifts", {"StackResourceDrifts": [gone], "NextToken": "more"}, WANTED)
    stubber.add_response(
        "describe_stack_resource_drifts",
        {"StackResourceDrifts": [{**changed, "PropertyDifferences": [difference]}]},
        {**WANTED, "NextToken": "more"},
    )
    assert drift.detect(stack) == [
        Drift("Client", "", "", ""),
        Drift("UserPool", "/MfaConfiguration", "OPTIONAL", "OFF"),
    ]


def test_a_detection_that_fails_is_told_with_its_reason(answered: tuple[Stack, Stubber]) -> None:
    stack, stubber = answered
    detection(stubber, {"DetectionStatus": "DETECTION_FAILED", "DetectionStatusReason": "Not permitted."})
    with pytest.raises(Refused, match="Not permitted"):
        drift.detect(stack)
