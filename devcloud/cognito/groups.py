"""Groups: described, changed and listed, and who is in them, a page at a time.

MiniStack has no UpdateGroup, gives a group without a precedence the highest one, lists the groups of a person all at
once, keeps deleted people in their groups, and takes somebody out of a group that is not there.
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-user-groups.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from ministack.services import cognito as ministack

from devcloud.cognito.errors import CognitoError, invalid_parameter
from devcloud.cognito.gate import stock
from devcloud.cognito.records import Answer, Pool, Request, pool, user_of

Group: TypeAlias = dict[str, Any]

_LONGEST_PAGE = 60
_CHANGEABLE = ("Description", "RoleArn", "Precedence")
_stock_create = ministack._create_group
_stock_remove = ministack._admin_remove_user_from_group


def create_group(request: Request) -> Answer:
    """Make a group; without a precedence it comes after every group that has one.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateGroup.html. Raises
    GroupExistsException, InvalidParameterException.
    """
    stock(_stock_create, request)
    group = _group(request)
    for name in _CHANGEABLE:
        if request.get(name) is None:
            group.pop(name, None)
    return {"Group": _shown(group)}


def update_group(request: Request) -> Answer:
    """Change the description, role or precedence of a group; the name is for ever.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateGroup.html. Raises
    ResourceNotFoundException.
    """
    group = _group(request)
    group |= {name: request[name] for name in _CHANGEABLE if request.get(name) is not None}
    group["LastModifiedDate"] = ministack._now_epoch()
    return {"Group": _shown(group)}


def list_groups(request: Request) -> Answer:
    """Return the pool's groups by name, 60 at most.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListGroups.html
    """
    groups = pool(request["UserPoolId"])["_groups"]
    return _page("Groups", [_shown(groups[name]) for name in sorted(groups)], request)


def list_users_in_group(request: Request) -> Answer:
    """Return the people in a group, 60 at most.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsersInGroup.html. Raises
    ResourceNotFoundException for an unknown group.
    """
    name = _group(request)["GroupName"]
    people = pool(request["UserPoolId"])["_users"].values()
    return _page("Users", [ministack._user_out(user) for user in people if name in user.get("_groups", [])], request)


def admin_list_groups_for_user(request: Request) -> Answer:
    """Return the groups that a person is in, 60 at most.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminListGroupsForUser.html. Raises
    UserNotFoundException.
    """
    user_pool = pool(request["UserPoolId"])
    user = user_of(user_pool, request.get("Username"))
    return _page("Groups", _groups_of(user_pool, user.get("_groups", [])), request)


def admin_remove_user_from_group(request: Request) -> Answer:
    """Take a person out of a group; one who is not in it stays so.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminRemoveUserFromGroup.html.
    Raises UserNotFoundException, ResourceNotFoundException for an unknown group.
    """
    user_of(pool(request["UserPoolId"]), request.get("Username"))
    _group(request)
    return stock(_stock_remove, request)


def _group(request: Request) -> Group:
    group: Group | None = pool(request["UserPoolId"])["_groups"].get(request["GroupName"])
    if group is None:
        raise CognitoError("ResourceNotFoundException", "Group not found.")
    return group


def _groups_of(user_pool: Pool, names: Sequence[str]) -> list[Group]:
    return [_shown(user_pool["_groups"][name]) for name in names if name in user_pool["_groups"]]


def _shown(group: Group) -> Group:
    return {key: value for key, value in group.items() if not key.startswith("_")}


def _page(kind: str, found: Sequence[Any], request: Request) -> Answer:
    """Return a page of ``found`` under the name ``kind``; Limit 0 stands for the longest one."""
    token = request.get("NextToken") or "0"
    if not token.isdecimal():
        raise invalid_parameter("Invalid pagination token given.")
    end = int(token) + (request.get("Limit") or _LONGEST_PAGE)
    answer: Answer = {kind: found[int(token) : end]}
    return answer if end >= len(found) else answer | {"NextToken": str(end)}
