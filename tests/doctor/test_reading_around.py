"""What AWS answers about all around the pool: its triggers, its text messages, identity pools, other app clients."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.cognito import inspected_answers as read
from accounts.cognito import inspection as inspection_module
from accounts.cognito.inspected import SmsRole
from accounts.doctor.snapshot import Unread, attempt
from tests.doctor.stubbed_aws import ARN, AWS, FUNCTION, PROVIDER, ROLE
from tests.signed_tokens import CLIENT_ID, POOL_ID, REGION

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
EVERY_POOL = f"arn:aws:cognito-idp:{REGION}:123456789012:userpool/*"
STATEMENT: dict[str, Any] = {"Effect": "Allow", "Principal": {"Service": "cognito-idp.amazonaws.com"}}


@pytest.mark.parametrize(
    ("statement", "callable_"),
    [
        (STATEMENT, True),
        ({**STATEMENT, "Condition": {"ArnLike": {"AWS:SourceArn": ARN}}}, True),
        ({**STATEMENT, "Condition": {"ArnLike": {"AWS:SourceArn": f"{ARN}x"}}}, False),
        ({**STATEMENT, "Condition": {"ArnLike": {"AWS:SourceArn": EVERY_POOL}}}, True),
        ({**STATEMENT, "Condition": {"ArnEquals": {"aws:SourceArn": EVERY_POOL}}}, True),
        ({**STATEMENT, "Condition": {"StringLikeIfExists": {"aws:SourceArn": [FUNCTION, EVERY_POOL]}}}, True),
        ({**STATEMENT, "Condition": {"StringEquals": {"aws:SourceArn": EVERY_POOL}}}, False),
        ({**STATEMENT, "Condition": {"StringEquals": {"aws:SourceArn": ARN, "aws:SourceAccount": "1"}}}, True),
        ({**STATEMENT, "Condition": {"ArnLike": {"aws:SourceArn": EVERY_POOL.replace("eu-", "us-")}}}, False),
        ({**STATEMENT, "Effect": "Deny"}, False),
        ({**STATEMENT, "Principal": {"Service": "s3.amazonaws.com"}}, False),
        ({**STATEMENT, "Principal": "*"}, True),
    ],
)
def test_a_trigger_is_callable_where_its_policy_lets_this_pool_call(
    aws: AWS, statement: dict[str, Any], callable_: bool
) -> None:
    aws.pool(
        LambdaConfig={
            "PreTokenGenerationConfig": {"LambdaArn": FUNCTION, "LambdaVersion": "V2_0"},
            "KMSKeyID": f"{FUNCTION}-key",
        }
    )
    aws.answer("lambda", "get_policy", {"Policy": json.dumps({"Statement": [statement]})}, FunctionName=FUNCTION)
    assert [(one.name, one.callable) for one in aws.inspection.triggers()] == [("PreTokenGeneration", callable_)]


def test_a_function_without_a_policy_cannot_be_called(aws: AWS) -> None:
    aws.pool(LambdaConfig={"PreSignUp": FUNCTION})
    aws.service("lambda").add_client_error("get_policy", "ResourceNotFoundException", http_status_code=404)
    assert [one.callable for one in aws.inspection.triggers()] == [False]


def test_a_role_for_text_messages_is_read_with_the_ids_it_asks_for() -> None:
    statement = {**STATEMENT, "Condition": {"StringEquals": {"sts:ExternalId": "ours"}}}
    role = read.sms_role(ROLE, {"Statement": statement}, "pools")
    assert (role.trusts_cognito, role.external_ids, role.given_id) == (True, ("ours",), "pools")
    assert not read.sms_role(ROLE, json.dumps({"Statement": [{**STATEMENT, "Effect": "Deny"}]}), "").trusts_cognito


def test_a_role_that_is_gone_trusts_nobody(aws: AWS) -> None:
    sms = {"SmsConfiguration": {"SnsCallerArn": ROLE}}
    aws.answer("cognito-idp", "get_user_pool_mfa_config", {"SmsMfaConfiguration": sms})
    aws.service("iam").add_client_error("get_role", "NoSuchEntity", http_status_code=404)
    role = aws.inspection.sms_role()
    assert role is not None
    assert not role.trusts_cognito


BY_PHONE = {"SmsConfiguration": {"SnsCallerArn": ROLE, "ExternalId": "ours", "SnsRegion": "eu-central-1"}}


def test_a_pool_that_texts_codes_without_such_a_factor_is_looked_at_for_its_sandbox(aws: AWS) -> None:
    aws.answer("cognito-idp", "get_user_pool_mfa_config", {})
    aws.pool(**BY_PHONE)
    aws.answer("sns", "get_sms_sandbox_account_status", {"IsInSandbox": True})
    assert aws.inspection.sms_sandbox()
    assert ("sns", "eu-central-1") in aws.regions


def test_its_role_is_looked_at_too_with_the_id_that_the_pool_gives(aws: AWS) -> None:
    aws.answer("cognito-idp", "get_user_pool_mfa_config", {})
    aws.pool(**BY_PHONE)
    trust = {"Statement": {**STATEMENT, "Condition": {"StringEquals": {"sts:ExternalId": "another"}}}}
    role = {"Path": "/", "RoleName": "texts", "RoleId": "AROAEXAMPLEEXAMPLE", "Arn": ROLE, "CreateDate": NOW}
    aws.answer("iam", "get_role", {"Role": {**role, "AssumeRolePolicyDocument": json.dumps(trust)}}, RoleName="texts")
    assert aws.inspection.sms_role() == SmsRole(
        arn=ROLE, trusts_cognito=True, external_ids=("another",), given_id="ours"
    )


def test_where_no_text_message_goes_out_nobody_is_asked_about_them(aws: AWS) -> None:
    aws.answer("cognito-idp", "get_user_pool_mfa_config", {})
    aws.pool()
    assert (aws.inspection.sms_sandbox(), aws.inspection.sms_role()) == (False, None)


def test_identity_pools_of_other_clients_are_not_looked_at(aws: AWS) -> None:
    listed = [{"IdentityPoolId": f"{REGION}:1", "IdentityPoolName": "a"}, {"IdentityPoolId": f"{REGION}:2"}]
    aws.answer("cognito-identity", "list_identity_pools", {"IdentityPools": listed})
    ours = {"ProviderName": PROVIDER, "ClientId": CLIENT_ID, "ServerSideTokenCheck": True}
    for number, provider in (("1", ours), ("2", {**ours, "ClientId": "another"})):
        described: dict[str, Any] = {"IdentityPoolId": f"{REGION}:{number}", "IdentityPoolName": "a"}
        described |= {"AllowUnauthenticatedIdentities": False, "CognitoIdentityProviders": [provider]}
        aws.answer("cognito-identity", "describe_identity_pool", described)
    (found,) = aws.inspection.identity_pools()
    assert (found.id, found.checks_tokens, found.classic_flow) == (f"{REGION}:1", True, False)


def lay_out_identity_pools(aws: AWS, *numbers: int, **page: str) -> None:
    """Lay out a page of identity pools."""
    listed = [{"IdentityPoolId": f"{REGION}:{number}"} for number in numbers]
    aws.answer("cognito-identity", "list_identity_pools", {"IdentityPools": listed, **page})


def describe_identity_pools(aws: AWS, *numbers: int) -> None:
    """Lay out what each of them is: one that takes this client's tokens and lets strangers in."""
    ours = {"ProviderName": PROVIDER, "ClientId": CLIENT_ID}
    for pool_id in (f"{REGION}:{number}" for number in numbers):
        described = {"IdentityPoolId": pool_id, "IdentityPoolName": "a", "CognitoIdentityProviders": [ours]}
        answer = {**described, "AllowUnauthenticatedIdentities": True}
        aws.answer("cognito-identity", "describe_identity_pool", answer, IdentityPoolId=pool_id)


def test_an_identity_pool_for_strangers_is_found_on_a_later_page(aws: AWS) -> None:
    lay_out_identity_pools(aws, NextToken="more")
    lay_out_identity_pools(aws, 2)
    describe_identity_pools(aws, 2)
    assert [one.lets_strangers_in for one in aws.inspection.identity_pools()] == [True]


def test_of_very_many_identity_pools_the_first_are_looked_at(aws: AWS, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection_module, "MOST_IDENTITY_POOLS", 2)
    lay_out_identity_pools(aws, 1, 2, NextToken="more")
    lay_out_identity_pools(aws, 3)
    describe_identity_pools(aws, 1, 2)
    unread = attempt(aws.inspection.identity_pools)
    assert isinstance(unread, Unread)
    assert unread.reason == "only the first 2 of ListIdentityPools were looked at"
    assert [getattr(one, "id", "") for one in unread.part or ()] == [f"{REGION}:1", f"{REGION}:2"]


def lay_out_clients(aws: AWS, count: int) -> None:
    """Lay out app clients of the pool beside the site's own."""
    ids = [CLIENT_ID, *(f"other{number}" for number in range(count))]
    aws.answer("cognito-idp", "list_user_pool_clients", {"UserPoolClients": [{"ClientId": each} for each in ids]})
    for client_id in ids[1:]:
        described = {"UserPoolClient": {"ClientId": client_id}}
        aws.answer("cognito-idp", "describe_user_pool_client", described, UserPoolId=POOL_ID, ClientId=client_id)


def test_the_thirtieth_of_the_other_clients_is_looked_at_as_well(aws: AWS) -> None:
    lay_out_clients(aws, 30)
    assert [one.id for one in aws.inspection.other_clients()] == [f"other{number}" for number in range(30)]


def test_of_very_many_other_clients_the_first_are_looked_at(aws: AWS, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection_module, "MOST_CLIENTS", 2)
    lay_out_clients(aws, 3)
    unread = attempt(aws.inspection.other_clients)
    assert isinstance(unread, Unread)
    assert unread.reason == "only the first 2 of ListUserPoolClients were looked at"
    assert [getattr(one, "id", "") for one in unread.part or ()] == ["other0", "other1"]
