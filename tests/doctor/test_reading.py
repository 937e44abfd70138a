"""AWS's answers, as AWS gives them: what is left out is its default, what is denied names the IAM action."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import boto3
import pytest
from moto import mock_aws

from accounts.cognito import inspected_answers as read
from accounts.cognito.errors import Misconfigured, Unavailable
from accounts.cognito.inspected import DEFAULT_FLOWS, AppClientSettings, FactorSettings, UserPoolSettings
from accounts.cognito.inspection import Inspection, NotOffered, NotPermitted, date_of, published
from accounts.doctor import rules  # noqa: F401 -- importing registers them
from accounts.doctor.examination import examine
from accounts.doctor.registry import RULES
from accounts.doctor.site import Site
from accounts.doctor.snapshot import Unread, attempt, take
from tests.cognito.conftest import CLIENT_SECRET, cognito_config
from tests.doctor.stubbed_aws import ARN, AWS, ROLE
from tests.fault_proxy import Answer, Fault, FaultProxy, answered, closed_before, html_success
from tests.signed_tokens import CLIENT_ID, POOL_ID, REGION


def test_what_a_pool_leaves_out_is_the_default_of_aws(aws: AWS) -> None:
    aws.answer("cognito-idp", "describe_user_pool", {"UserPool": {"Id": POOL_ID}})
    pool = aws.inspection.pool()
    assert (pool.case_sensitive, pool.mail_sender, pool.deletion_protection) == (True, "COGNITO_DEFAULT", "INACTIVE")
    assert pool.recovery == ("verified_phone_number", "verified_email")
    assert (pool.issuer_type, pool.tier, pool.minimum_length) == ("ORIGINAL", "ESSENTIALS", 8)
    assert (pool.first_factors, pool.remembers_devices) == (frozenset({"PASSWORD"}), False)


def test_what_a_client_leaves_out_is_the_default_of_aws(aws: AWS) -> None:
    aws.answer("cognito-idp", "describe_user_pool_client", {"UserPoolClient": {"ClientId": CLIENT_ID}})
    client = aws.inspection.client()
    assert client.flows == DEFAULT_FLOWS
    assert (client.user_existence_errors, client.revokes_tokens, client.rotates) == ("LEGACY", True, False)
    assert (client.access_token_seconds, client.refresh_token_seconds) == (3600, 30 * 24 * 3600)
    assert (client.challenge_seconds, client.writable, client.readable) == (180, None, None)


def test_what_the_factors_leave_out_is_the_default_of_aws(aws: AWS) -> None:
    aws.answer("cognito-idp", "get_user_pool_mfa_config", {})
    assert aws.inspection.factors() == FactorSettings(update={"UserPoolId": POOL_ID})


@pytest.mark.parametrize(
    ("validity", "units", "seconds"),
    [
        (0, {}, 2592000),
        (0, {"RefreshToken": "hours"}, 2592000),
        (90, {"RefreshToken": "minutes"}, 5400),
        (2, {}, 172800),
    ],
)
def test_the_life_of_a_refresh_token_is_read_in_its_unit(validity: int, units: dict[str, str], seconds: int) -> None:
    answer = {"ClientId": "x", "RefreshTokenValidity": validity, "TokenValidityUnits": units}
    assert read.app_client(answer, [], secret="").refresh_token_seconds == seconds


def test_flows_of_the_old_kind_are_read_with_the_default_ones() -> None:
    assert read.flows(["USER_PASSWORD_AUTH"]) == DEFAULT_FLOWS | {"ALLOW_USER_PASSWORD_AUTH"}
    assert read.flows(["ALLOW_USER_AUTH"]) == {"ALLOW_USER_AUTH"}


@pytest.mark.parametrize(("own", "matches"), [(CLIENT_SECRET, True), ("x" * 51, False)])
def test_a_secret_is_compared_and_not_kept(aws: AWS, own: str, matches: bool) -> None:
    described = {"UserPoolClient": {"ClientId": CLIENT_ID, "ClientSecret": own}}
    aws.answer("cognito-idp", "describe_user_pool_client", described)
    client = aws.inspection.client()
    assert (client.has_secret, client.secret_matches) == (True, matches)
    assert own not in repr(client) + json.dumps(dict(client.update))


def test_a_request_that_changes_nothing_leaves_out_what_aws_would_refuse() -> None:
    pool = {
        "Id": POOL_ID,
        "Name": "people",
        "UserPoolTags": {"aws:cloudformation:stack-name": "latchkey", "team": "web"},
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True, "UnusedAccountValidityDays": 7},
        "SmsVerificationMessage": "",
        "EstimatedNumberOfUsers": 7,
    }
    members = ("UserPoolId", "PoolName", "UserPoolTags", "AdminCreateUserConfig", "SmsVerificationMessage")
    assert read.pool_request(pool, members) == {
        "UserPoolId": POOL_ID,
        "PoolName": "people",
        "UserPoolTags": {"team": "web"},
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
    }


def test_an_answer_is_asked_for_once(aws: AWS) -> None:
    aws.pool()
    assert aws.inspection.pool() == aws.inspection.pool()


def test_groups_are_read_to_the_last_page(aws: AWS) -> None:
    first = {"Groups": [{"GroupName": "staff"}], "NextToken": "more"}
    aws.answer("cognito-idp", "list_groups", first, UserPoolId=POOL_ID, Limit=60)
    last = {"Groups": [{"GroupName": "ops", "RoleArn": ROLE}]}
    aws.answer("cognito-idp", "list_groups", last, UserPoolId=POOL_ID, Limit=60, NextToken="more")
    assert [(group.name, group.role_arn) for group in aws.inspection.groups()] == [("staff", ""), ("ops", ROLE)]


DENIED: list[tuple[str, str, str, Callable[[Inspection], object]]] = [
    ("cognito-idp", "describe_user_pool", "cognito-idp:DescribeUserPool", Inspection.pool),
    ("cognito-idp", "list_user_pool_clients", "cognito-idp:ListUserPoolClients", Inspection.other_clients),
    ("cognito-identity", "list_identity_pools", "cognito-identity:ListIdentityPools", Inspection.identity_pools),
    ("service-quotas", "list_service_quotas", "servicequotas:ListServiceQuotas", Inspection.sign_in_quota),
]


@pytest.mark.parametrize("code", ["AccessDeniedException", "AccessDenied"])
@pytest.mark.parametrize(("service", "operation", "action", "ask"), DENIED, ids=[row[1] for row in DENIED])
def test_what_is_denied_names_the_action_that_iam_has_to_allow(
    aws: AWS, service: str, operation: str, action: str, ask: Callable[[Inspection], object], code: str
) -> None:
    aws.service(service).add_client_error(operation, code, http_status_code=400)
    with pytest.raises(NotPermitted) as refused:
        ask(aws.inspection)
    assert refused.value.action == action


def test_mails_are_denied_by_the_name_that_iam_has_for_ses(aws: AWS) -> None:
    aws.pool(EmailConfiguration={"SourceArn": "arn:aws:ses:eu-central-1:123456789012:identity/example.com"})
    aws.service("sesv2").add_client_error("get_account", "AccessDeniedException")
    with pytest.raises(NotPermitted) as refused:
        aws.inspection.mail_account()
    assert refused.value.action == "ses:GetAccount"
    # The identity lies in a region of its own.
    assert ("sesv2", "eu-central-1") in aws.regions


def test_an_outage_is_no_denial(aws: AWS) -> None:
    aws.service("cognito-idp").add_client_error("describe_user_pool", "InternalErrorException", http_status_code=500)
    with pytest.raises(Unavailable):
        aws.inspection.pool()


def test_another_server_without_a_service_offers_none() -> None:
    with ExitStack() as stack:
        elsewhere = AWS(stack, endpoint_url="http://127.0.0.1:9")
        elsewhere.service("service-quotas").add_client_error("list_service_quotas", "400")
        with pytest.raises(NotOffered):
            elsewhere.inspection.sign_in_quota()


def test_on_aws_an_unknown_refusal_is_not_taken_for_a_missing_service(aws: AWS) -> None:
    aws.service("service-quotas").add_client_error("list_service_quotas", "400")
    with pytest.raises(Misconfigured) as refused:
        aws.inspection.sign_in_quota()
    assert not isinstance(refused.value, NotPermitted)


@pytest.mark.parametrize(
    ("answered", "read_as"),
    [
        ("arn:aws:iam::123456789012:user/ops", "arn:aws:iam::123456789012:user/ops"),
        ("arn:aws:sts::123456789012:assumed-role/latchkey/i-0abc", "arn:aws:iam::123456789012:role/latchkey"),
    ],
)
def test_a_session_of_a_role_is_taken_for_the_role(aws: AWS, answered: str, read_as: str) -> None:
    aws.answer("sts", "get_caller_identity", {"Arn": answered})
    assert aws.inspection.caller() == read_as


def test_what_a_key_may_do_is_asked_about_the_pool(aws: AWS) -> None:
    aws.pool()
    allowed = {"EvalActionName": "cognito-idp:ListUsers", "EvalDecision": "allowed"}
    denied = {"EvalActionName": "cognito-idp:DeleteUserPool", "EvalDecision": "explicitDeny"}
    expected = {"PolicySourceArn": ROLE, "MaxItems": 1000}
    names = ["cognito-idp:DeleteUserPool", "cognito-idp:ListUsers"]
    aws.answer(
        "iam",
        "simulate_principal_policy",
        {"EvaluationResults": [allowed, denied]},
        **expected,
        ActionNames=names,
        ResourceArns=[ARN],
    )
    aws.answer(
        "iam",
        "simulate_principal_policy",
        {"EvaluationResults": []},
        **expected,
        ActionNames=["iam:CreateUser"],
        ResourceArns=["*"],
    )
    assert aws.inspection.principal(ROLE, [*names, "iam:CreateUser"]).allowed == {"cognito-idp:ListUsers"}


def test_nothing_is_simulated_for_root_who_may_do_everything(aws: AWS) -> None:
    root = aws.inspection.principal("arn:aws:iam::123456789012:root", ["cognito-idp:ListUsers"])
    assert root.is_root
    assert root.allowed == {"cognito-idp:ListUsers"}


def test_a_role_that_iam_does_not_know_is_not_taken_for_one_without_rights(aws: AWS) -> None:
    aws.pool()
    aws.service("iam").add_client_error("simulate_principal_policy", "NoSuchEntity", http_status_code=404)
    unread = attempt(lambda: aws.inspection.principal(ROLE, ["cognito-idp:ListUsers"]))
    assert isinstance(unread, Unread)
    assert "--principal, with its path" in unread.reason
    assert not unread.outage


def test_the_quota_for_signing_in_is_found_on_a_later_page(aws: AWS) -> None:
    aws.answer("service-quotas", "list_service_quotas", {"Quotas": [], "NextToken": "more"}, ServiceCode="cognito-idp")
    quotas = {"Quotas": [{"QuotaName": "Rate of UserAuthentication requests", "Value": 120.0}]}
    aws.answer("service-quotas", "list_service_quotas", quotas, ServiceCode="cognito-idp", NextToken="more")
    assert aws.inspection.sign_in_quota() == 120


def test_a_sender_that_ses_does_not_know_is_not_verified(aws: AWS) -> None:
    aws.pool(EmailConfiguration={"SourceArn": "arn:aws:ses:eu-west-1:123456789012:identity/example.com"})
    quota = {"Max24HourSend": 200.0, "MaxSendRate": 1.0, "SentLast24Hours": 3.0}
    aws.answer("sesv2", "get_account", {"SendingEnabled": True, "ProductionAccessEnabled": False, "SendQuota": quota})
    aws.service("sesv2").add_client_error("get_email_identity", "NotFoundException", http_status_code=404)
    account = aws.inspection.mail_account()
    assert account is not None
    assert (account.identity, account.verified, account.most, account.sent) == ("example.com", False, 200, 3)


def test_threat_protection_that_is_off_is_not_asked_about(aws: AWS) -> None:
    aws.pool()
    assert not aws.inspection.blocks_known_passwords()


GARBLED = Answer(200, b"no gzip", headers=(("Content-Encoding", "gzip"),))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (answered(404, b"{}"), "answers 404"),
        (html_success(), "answers something that is no key set"),
        (answered(200, b'{"keys": []}'), "has no keys"),
        (answered(200, b'{"keys": [1]}'), "answers something that is no key set"),
        (closed_before(), "cannot be reached (ConnectionError)"),
        (Fault(forward=False, rewrite=lambda _answer: GARBLED), "cannot be reached (DecodeError)"),
    ],
)
def test_a_key_set_that_cannot_be_had_says_why(fault: Any, said: str) -> None:
    with FaultProxy("http://127.0.0.1:9") as proxy:
        proxy.fail("jwks.json", fault)
        keys = published(f"{proxy.url}/pool/.well-known/jwks.json", cognito_config().connection)
    assert (keys.keys, keys.error) == (frozenset(), said)


@pytest.mark.parametrize("header", ["", "yesterday", "Sat, 99 Nov 2026 12:00:00 GMT"])
def test_a_date_that_cannot_be_read_is_none(header: str) -> None:
    assert date_of(header) is None


def test_values_of_nothing_are_the_defaults() -> None:
    assert AppClientSettings(id="x").flows == DEFAULT_FLOWS
    assert UserPoolSettings(id="x").case_sensitive


def test_a_pool_of_another_server_is_read_as_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto leaves out much of what AWS tells, and has services of its own."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    with mock_aws():
        idp = boto3.client("cognito-idp", region_name=REGION)
        pool_id = idp.create_user_pool(PoolName="moto")["UserPool"]["Id"]
        made = idp.create_user_pool_client(UserPoolId=pool_id, ClientName="moto", GenerateSecret=True)
        config = cognito_config(user_pool_id=pool_id, client_id=made["UserPoolClient"]["ClientId"])
        client: Any = boto3.client
        inspection = Inspection(lambda service, at: client(service, region_name=at.region), config)
        site = Site(config=config, url="https://x.example", session_seconds=1, challenge_seconds=1, refresh_margin=1)
        names = {"pool", "client", "factors", "groups", "providers", "domains", "other_clients", "key"}
        snapshot = take(inspection, site, names)
    report = examine(snapshot, [rule for rule in RULES.values() if set(rule.reads) <= names | {"site"}])
    assert not report.not_judged
    assert {"cognito.E101", "cognito.E104", "cognito.E307", "cognito.E402", "cognito.W303", "cognito.W501"} <= set(
        report.findings
    )
