"""The pool's groups, read and changed with an AWS key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from accounts.cognito import errors
from accounts.cognito.groups import LARGEST_PAGE, MOST_GROUPS, Groups
from accounts.cognito.results import Group, Status
from tests.cognito.conftest import cognito_config
from tests.signed_tokens import POOL_ID

EDITORS = {"GroupName": "editors", "Description": "They write.", "Precedence": 3}


@pytest.fixture
def groups(idp: Any) -> Groups:
    return Groups(idp, cognito_config())


def test_a_group_is_described(groups: Groups, aws: Stubber) -> None:
    made = datetime(2026, 1, 1, tzinfo=UTC)
    role = "arn:aws:iam::123456789012:role/editors"
    entry = EDITORS | {"UserPoolId": POOL_ID, "RoleArn": role, "CreationDate": made, "LastModifiedDate": made}
    aws.add_response("get_group", {"Group": entry}, {"UserPoolId": POOL_ID, "GroupName": "editors"})
    assert groups.get("editors") == Group("editors", "They write.", 3, role, made, made)


def test_a_group_without_a_precedence_has_none_and_not_the_highest(groups: Groups, aws: Stubber) -> None:
    aws.add_response("get_group", {"Group": {"GroupName": "editors"}})
    assert groups.get("editors").precedence is None


def test_a_precedence_of_zero_is_one(groups: Groups, aws: Stubber) -> None:
    expected = {"UserPoolId": POOL_ID, "GroupName": "editors", "Description": "", "Precedence": 0}
    aws.add_response("create_group", {"Group": EDITORS | {"Precedence": 0}}, expected)
    assert groups.create("editors", precedence=0).precedence == 0


def test_all_groups_are_read_page_by_page(groups: Groups, aws: Stubber) -> None:
    first = {"UserPoolId": POOL_ID, "Limit": LARGEST_PAGE}
    aws.add_response("list_groups", {"Groups": [{"GroupName": "a"}], "NextToken": "more"}, first)
    aws.add_response("list_groups", {"Groups": [{"GroupName": "b"}]}, first | {"NextToken": "more"})
    assert [group.name for group in groups.every()] == ["a", "b"]


def test_a_pool_with_no_end_of_groups_is_not_read_to_it(groups: Groups, aws: Stubber) -> None:
    page = {"Groups": [{"GroupName": f"g{number}"} for number in range(LARGEST_PAGE)], "NextToken": "more"}
    for _ in range(MOST_GROUPS // LARGEST_PAGE):
        aws.add_response("list_groups", page)
    assert len(groups.every()) == MOST_GROUPS


def test_members_are_people_and_come_page_by_page(groups: Groups, aws: Stubber) -> None:
    ada = {"Username": "ada", "Attributes": [{"Name": "sub", "Value": "s"}], "UserStatus": "CONFIRMED"}
    expected = {"UserPoolId": POOL_ID, "GroupName": "editors", "Limit": LARGEST_PAGE, "NextToken": "more"}
    aws.add_response("list_users_in_group", {"Users": [ada], "NextToken": "again"}, expected)
    page = groups.members("editors", token="more")
    assert [(person.sub, person.status) for person in page.people] == [("s", Status.CONFIRMED)]
    assert page.next_token == "again"


def test_a_new_description_leaves_the_precedence_alone(groups: Groups, aws: Stubber) -> None:
    expected = {"UserPoolId": POOL_ID, "GroupName": "editors", "Description": "New"}
    aws.add_response("update_group", {"Group": EDITORS | {"Description": "New"}}, expected)
    assert groups.update("editors", description="New").description == "New"


def test_a_group_is_deleted_by_name(groups: Groups, aws: Stubber) -> None:
    aws.add_response("delete_group", {}, {"UserPoolId": POOL_ID, "GroupName": "editors"})
    groups.delete("editors")


ASKED: dict[str, Callable[[Groups], object]] = {
    "get_group": lambda groups: groups.get("editors"),
    "create_group": lambda groups: groups.create("editors"),
    "update_group": lambda groups: groups.update("editors", description=""),
}


@pytest.mark.parametrize("operation", ASKED)
def test_an_answer_that_names_no_group_is_none(groups: Groups, aws: Stubber, operation: str) -> None:
    aws.add_response(operation, {})
    with pytest.raises(errors.Unreachable):
        ASKED[operation](groups)


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("ResourceNotFoundException", "Group not found.", errors.GroupNotFound),
        ("ResourceNotFoundException", "User pool eu-west-1_X does not exist.", errors.Misconfigured),
        ("ResourceNotFoundException", "A sentence AWS has never written before.", errors.Misconfigured),
        ("AccessDeniedException", "", errors.Misconfigured),
        ("TooManyRequestsException", "", errors.Throttled),
        ("InvalidParameterException", "", errors.InputRejected),
    ],
)
def test_a_missing_group_is_told_from_a_missing_pool(
    groups: Groups, aws: Stubber, code: str, message: str, kind: type[errors.CognitoError]
) -> None:
    aws.add_client_error("delete_group", code, message)
    with pytest.raises(kind) as caught:
        groups.delete("editors")
    assert type(caught.value) is kind


def test_a_name_that_is_taken_is_told(groups: Groups, aws: Stubber) -> None:
    aws.add_client_error("create_group", "GroupExistsException")
    with pytest.raises(errors.GroupExists):
        groups.create("editors")


def test_no_name_at_all_is_not_sent(groups: Groups) -> None:
    with pytest.raises(errors.InputRejected):
        groups.create("")
