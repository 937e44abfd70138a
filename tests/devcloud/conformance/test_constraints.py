"""The form of a request: lengths, ranges and patterns that AWS's description of its API gives for each member.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.devcloud.conformance.user_pool import PASSWORD, AppClient, Person, new_email, pairs, refused

LONGEST = "Aa1-" * 64


def sign_up(app: AppClient, password: str, name: str = "") -> Any:
    name = name or new_email()
    return app.call("sign_up", name, Password=password, UserAttributes=pairs({"email": name}))


def test_a_password_has_256_characters_at_most(app: AppClient) -> None:
    """API_SignUp, Password."""
    with refused("InvalidParameterException", "'password'"):
        sign_up(app, LONGEST + "x")


def test_a_space_may_stand_inside_a_password(app: AppClient) -> None:
    """managing-users-passwords: the non-leading, non-trailing space is one of the special characters."""
    assert sign_up(app, "Correct horse-1")["UserSub"]


def test_a_refused_password_is_not_repeated(app: AppClient) -> None:
    with pytest.raises(app.public.exceptions.InvalidParameterException) as caught:
        sign_up(app, LONGEST + "x")
    assert LONGEST not in str(caught.value)


def test_the_longest_password_signs_in(app: AppClient) -> None:
    person = app.person()
    app.on(person, "set_user_password", Password=LONGEST, Permanent=True)
    assert "AccessToken" in app.tokens(Person(person.name, LONGEST, person.sub))


@pytest.mark.parametrize("limit", [61, 1000])
def test_sixty_people_are_listed_at_a_time(app: AppClient, limit: int) -> None:
    """API_ListUsers, Limit."""
    with refused("InvalidParameterException", "less than or equal to 60"):
        app.admin.list_users(UserPoolId=app.pool_id, Limit=limit)
    app.admin.list_users(UserPoolId=app.pool_id, Limit=60)


@pytest.mark.parametrize("name", ["two words", "tab\there", "x" * 129])
def test_a_group_has_a_name_without_spaces(app: AppClient, name: str) -> None:
    """API_CreateGroup, GroupName."""
    with refused("InvalidParameterException", "'groupName'"):
        app.admin.create_group(UserPoolId=app.pool_id, GroupName=name)


def test_a_group_may_have_a_name_in_any_script(app: AppClient) -> None:
    name = f"Gäste-管理-{new_email()}"
    app.admin.create_group(UserPoolId=app.pool_id, GroupName=name)
    app.admin.delete_group(UserPoolId=app.pool_id, GroupName=name)


def test_what_stands_inside_a_list_is_looked_at_too(app: AppClient) -> None:
    """API_AttributeType, Name: 32 characters at most."""
    with refused("InvalidParameterException", "'userAttributes.1.member.name'"):
        app.call("sign_up", new_email(), Password=PASSWORD, UserAttributes=pairs({"x" * 33: "1"}))


def test_every_mistake_is_named(app: AppClient) -> None:
    with refused("InvalidParameterException", "2 validation errors detected"):
        sign_up(app, LONGEST + "x", "two words")
