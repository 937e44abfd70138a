"""ListUsers: people a page at a time, those that a filter picks, with the attributes that were asked for.

MiniStack returns everybody for a filter it cannot read, every attribute whatever was asked for, and skips somebody on
the next page for each person who was deleted meanwhile.
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from typing import Any

from ministack.services import cognito as ministack

from devcloud.cognito import attributes as definitions
from devcloud.cognito.errors import CognitoError, invalid_parameter
from devcloud.cognito.records import Answer, Pool, Request, User, attributes, pool

_LONGEST_PAGE = 60
_FILTER = re.compile(r'\s*"?([\w:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*')
_SEARCHABLE = frozenset(
    {
        "username",
        "email",
        "phone_number",
        "name",
        "given_name",
        "family_name",
        "preferred_username",
        "cognito:user_status",
        "status",
        "sub",
    }
)
_EXACT_CASE = frozenset({"username", "status", "sub"})


def list_users(request: Request) -> Answer:
    """Return people in the order in which they came, 60 at most, those that the filter picks.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html. Raises
    InvalidParameterException for a filter or a token that cannot be read, and for an attribute asked for that the pool
    does not have or one of the people listed does not.
    """
    user_pool = pool(request["UserPoolId"])
    people: list[User] = list(user_pool["_users"].values())
    if request.get("Filter"):
        people = _filtered(people, request["Filter"])
    wanted = request.get("AttributesToGet")
    start = _start(people, request.get("PaginationToken"))
    end = start + (request.get("Limit") or _LONGEST_PAGE)
    answer: Answer = {"Users": [_shown(user_pool, user, wanted) for user in people[start:end]]}
    if end < len(people):
        answer["PaginationToken"] = _token(people, end - 1)
    return answer


def _filtered(people: list[User], expression: str) -> list[User]:
    match = _FILTER.fullmatch(expression)
    if match is None or match[1] not in _SEARCHABLE:
        raise invalid_parameter("Error while parsing filter.")
    name, operator, value = match[1], match[2], re.sub(r"\\(.)", r"\1", match[3])
    fold = str if name in _EXACT_CASE else str.casefold
    sought = fold(value)
    found = ((user, fold(_value(user, name))) for user in people)
    if operator == "=":
        return [user for user, has in found if has == sought]
    return [user for user, has in found if has.startswith(sought)]


def _value(user: User, name: str) -> str:
    own = {
        "username": user["Username"],
        "cognito:user_status": user["UserStatus"],
        "status": "Enabled" if user.get("Enabled", True) else "Disabled",
    }
    return own[name] if name in own else attributes(user).get(name, "")


def _shown(user_pool: Pool, user: User, wanted: list[str] | None) -> dict[str, Any]:
    shown: dict[str, Any] = ministack._user_out(user)
    if wanted is None:
        return shown
    # "returns an error if not all users in the results have set a value": https://github.com/aws/aws-sdk-js/issues/3091
    if not {*wanted} <= {*attributes(user)} or not {*wanted} <= {*definitions.schema(user_pool)}:
        raise invalid_parameter("One or more requested attributes do not exist.")
    shown["Attributes"] = [item for item in shown["Attributes"] if item["Name"] in wanted]
    return shown


def _token(people: Sequence[User], position: int) -> str:
    """Return a token that names the person at ``position``, after whom the next page begins."""
    last = people[position]
    return base64.urlsafe_b64encode(json.dumps([position, last["Username"], last["UserCreateDate"]]).encode()).decode()


def _start(people: Sequence[User], token: str | None) -> int:
    """Return where the page after ``token`` begins, though people before it or the one it names may be gone."""
    if token is None:
        return 0
    position, username, created = _read(token)
    if position < len(people) and people[position]["Username"] == username:
        return position + 1
    found = next((index for index, user in enumerate(people) if user["Username"] == username), None)
    if found is not None:
        return found + 1
    before = min(position, len(people))
    while before and people[before - 1]["UserCreateDate"] > created:
        before -= 1
    return before


def _read(token: str) -> tuple[int, str, float]:
    try:
        position, username, created = json.loads(base64.urlsafe_b64decode(token))
        return int(position), str(username), float(created)
    except (ValueError, TypeError) as error:
        raise _bad_token() from error


def _bad_token() -> CognitoError:
    return invalid_parameter("Invalid pagination token given.")
