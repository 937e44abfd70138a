"""What somebody changed by hand in a stack's resources since it was deployed.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
"""

from __future__ import annotations

from dataclasses import dataclass

from infra.account import in_words
from infra.errors import Refused
from infra.stack import Stack


@dataclass(frozen=True, slots=True)
class Drift:
    """A property that is not as the template says. ``path`` is within the resource, "" for a resource that is gone."""

    logical_id: str
    path: str
    expected: str
    actual: str


def detect(stack: Stack) -> list[Drift]:
    """Have AWS compare what there is with the template that was deployed last; return what differs.

    Raises DeploymentError in one of its kinds.
    """
    with in_words():
        detection = stack.client.detect_stack_drift(StackName=stack.name)["StackDriftDetectionId"]
    for _look in stack.looks("Looking for drift"):
        with in_words():
            status = stack.client.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
        if status["DetectionStatus"] == "DETECTION_FAILED":
            raise Refused(status.get("DetectionStatusReason") or "AWS could not look for drift, and gives no reason.")
        if status["DetectionStatus"] == "DETECTION_COMPLETE":
            break
    return _differences(stack)


def _differences(stack: Stack) -> list[Drift]:
    """Return what the detection found, all pages of it."""
    found, asked = [], {"StackName": stack.name, "StackResourceDriftStatusFilters": ["MODIFIED", "DELETED"]}
    while True:
        with in_words():
            page = stack.client.describe_stack_resource_drifts(**asked)
        for resource in page["StackResourceDrifts"]:
            name = resource["LogicalResourceId"]
            if resource["StackResourceDriftStatus"] == "DELETED":
                found.append(Drift(name, "", "", ""))
            found += [
                Drift(name, each["PropertyPath"], each.get("ExpectedValue", ""), each.get("ActualValue", ""))
                for each in resource.get("PropertyDifferences", [])
            ]
        if "NextToken" not in page:
            return found
        asked["NextToken"] = page["NextToken"]
