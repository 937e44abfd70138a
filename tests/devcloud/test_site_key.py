"""What the site's key may do: no more than the parameters of the template ask for, and only with the site's pool."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from devcloud.deploy import root_session
from devcloud.start import LocalAWS
from infra.account import Account
from infra.deploy import deploy
from infra.stack import Stack
from infra.template import Template
from tests.devcloud.conftest import Clients, clients

READING = {"DescribeUserPool", "DescribeUserPoolClient", "GetUserPoolMfaConfig"}
ADMINISTRATION = {
    "AdminAddUserToGroup",
    "AdminConfirmSignUp",
    "AdminCreateUser",
    "AdminDeleteSoftwareToken",
    "AdminDeleteUser",
    "AdminDisableUser",
    "AdminEnableUser",
    "AdminGetUser",
    "AdminGetUserAuthFactors",
    "AdminListGroupsForUser",
    "AdminListUserAuthEvents",
    "AdminRemoveUserFromGroup",
    "AdminResetUserPassword",
    "AdminSetUserMFAPreference",
    "AdminUpdateUserAttributes",
    "AdminUserGlobalSignOut",
    "CreateGroup",
    "DeleteGroup",
    "GetGroup",
    "ListGroups",
    "ListUsers",
    "ListUsersInGroup",
    "UpdateGroup",
}
REGISTERING = {"AdminCreateUser", "AdminSetUserPassword", "AdminGetUser", "AdminDeleteUser"}
SIGNING_IN = {"AdminInitiateAuth", "AdminRespondToAuthChallenge"}
LINKING = {"AdminLinkProviderForUser", "AdminDisableProviderForUser"}
# What no choice lets the key do: the pool and its clients are the deployment's.
NEVER = {"CreateUserPoolClient", "DeleteUserPool", "SetUserPoolMfaConfig", "UpdateUserPool", "UpdateUserPoolClient"}
OWN = "its own"  # a domain that no other pool has
CHOICES: list[tuple[dict[str, str], set[str]]] = [
    ({}, READING),
    ({"Registration": "closed"}, READING),
    ({"DefaultGroup": "members"}, READING | {"AdminAddUserToGroup"}),
    ({"AdminPasswordAuth": "on"}, READING | SIGNING_IN),
    ({"Registration": "admin"}, READING | REGISTERING),
    ({"DomainPrefix": OWN, "ManagedLogin": "on"}, READING),
    ({"DomainPrefix": OWN, "SamlName": "Corp", "SamlMetadataUrl": "https://a.example/m"}, READING | LINKING),
    ({"Administration": "on"}, READING | ADMINISTRATION),
    ({"Administration": "on", "Registration": "admin"}, READING | ADMINISTRATION | REGISTERING),
]
# What the boto3 client asks for before it calls at all.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "AdminSetUserPassword": {"Password": "Password-123"},
    "AdminUpdateUserAttributes": {"UserAttributes": []},
    "AdminInitiateAuth": {"AuthFlow": "ADMIN_USER_PASSWORD_AUTH"},
    "AdminRespondToAuthChallenge": {"ChallengeName": "SMS_MFA"},
    "CreateUserPoolClient": {"ClientName": "mine"},
    "AdminLinkProviderForUser": {"DestinationUser": {}, "SourceUser": {}},
    "AdminDisableProviderForUser": {"User": {}},
}


@pytest.fixture(params=CHOICES, ids=lambda choice: " ".join(map("=".join, choice[0].items())) or "nothing")
def chosen(request: pytest.FixtureRequest, local_aws: LocalAWS) -> Iterator[tuple[Any, str, set[str]]]:
    """A client with the key of a site whose pool was deployed so, its pool, and what the key is to be allowed."""
    parameters, allowed = request.param
    account = Account.of(root_session(local_aws.settings), local_aws.settings.endpoint)
    name = f"stack-{secrets.token_hex(6)}"
    stack = Stack(account, name, Template.read(), poll=0.02)
    own = {"DomainPrefix": name} if "DomainPrefix" in parameters else {}
    outputs = deploy(stack, {"Environment": "development", "Name": "chosen", **parameters, **own}).state.outputs
    iam = account.client("iam")
    iam.create_user(UserName=name)
    iam.attach_user_policy(UserName=name, PolicyArn=outputs["SitePolicyArn"])
    key = iam.create_access_key(UserName=name)["AccessKey"]
    keys = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    yield clients({**local_aws.env, **keys})("cognito-idp"), outputs["UserPoolId"], allowed
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.detach_user_policy(UserName=name, PolicyArn=outputs["SitePolicyArn"])
    iam.delete_user(UserName=name)


def is_denied(client: Any, pool_id: str, operation: str) -> bool:
    """Return whether a call is refused for the key, whatever else is wrong with it."""
    shape = client.meta.service_model.operation_model(operation).input_shape
    given = {"UserPoolId": pool_id, "Username": "nobody", "GroupName": "nobody", "ClientId": "a" * 26}
    sent = {name: value for name, value in given.items() if name in shape.members}
    try:
        getattr(client, xform_name(operation))(**sent, **ARGUMENTS.get(operation, {}))
    except ClientError as error:
        return error.response["Error"]["Code"] == "AccessDeniedException"
    return False


def test_a_key_may_do_what_was_chosen_and_nothing_else(chosen: tuple[Any, str, set[str]]) -> None:
    client, pool_id, allowed = chosen
    tried = ADMINISTRATION | REGISTERING | SIGNING_IN | LINKING | READING | NEVER
    assert {operation for operation in tried if not is_denied(client, pool_id, operation)} == allowed


def test_no_key_may_do_it_to_another_pool(chosen: tuple[Any, str, set[str]], pool_id: str) -> None:
    client, _own, allowed = chosen
    assert {operation for operation in allowed if not is_denied(client, pool_id, operation)} == set()


def test_the_site_may_read_how_its_pool_is_set_up(site: Clients, pool_id: str) -> None:
    assert site("cognito-idp").describe_user_pool(UserPoolId=pool_id)["UserPool"]["Id"] == pool_id


def test_the_site_may_not_read_another_pool(site: Clients, administrator: Clients) -> None:
    other = administrator("cognito-idp").create_user_pool(PoolName="other")["UserPool"]["Id"]
    with pytest.raises(ClientError, match="AccessDenied"):
        site("cognito-idp").describe_user_pool(UserPoolId=other)


def test_the_site_may_not_use_another_service(site: Clients) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        site("iam").list_users()
    with pytest.raises(ClientError, match="AccessDenied"):
        site("s3").list_buckets()
    with pytest.raises(ClientError, match="AccessDenied"):
        site("cloudformation").describe_stacks()


def test_another_secret_is_refused(local_aws: LocalAWS, pool_id: str) -> None:
    forged = clients({**local_aws.env, "AWS_SECRET_ACCESS_KEY": "x" * 40})
    with pytest.raises(ClientError, match="InvalidSignatureException"):
        forged("cognito-idp").list_users(UserPoolId=pool_id)
