"""Each rule finds its fault, says which setting it is, and names what mends it; and keeps quiet where it should."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import ANY

import botocore.session
import pytest
from botocore import xform_name
from botocore.validate import ParamValidator
from cfnlint.decode import cfn_yaml

from accounts.cognito.config import Provider as Offered
from accounts.cognito.hosted_ui import SCOPES
from accounts.cognito.inspected import (
    AppClientSettings,
    Domain,
    Group,
    IdentityPool,
    Keys,
    MailAccount,
    Principal,
    Provider,
    SchemaAttribute,
    SmsRole,
)
from accounts.cognito.sign_in_names import SignInWith
from accounts.doctor.examination import examine
from accounts.doctor.fixes import TEMPLATE
from accounts.doctor.registry import RULES
from accounts.doctor.site import ADMINISTERING
from accounts.doctor.snapshot import Snapshot, Unread
from tests.doctor.bad_cases import CASES, GOOGLE, NOW, OAUTH, READS, SITE_KEY, USED, Case
from tests.doctor.conftest import Changed, found
from tests.doctor.mending import mended
from tests.documents import ROOT, text_of

TEMPLATE_TEXT = text_of(TEMPLATE)
PARAMETERS = cfn_yaml.load(str(ROOT / TEMPLATE))["Parameters"]
MODEL = botocore.session.get_session().get_service_model("cognito-idp")
OPERATIONS = {xform_name(name, "-"): MODEL.operation_model(name) for name in MODEL.operation_names}


@pytest.mark.parametrize("case", CASES, ids=[f"{case.rule}-{number}" for number, case in enumerate(CASES)])
def test_the_fault_is_found_and_the_setting_and_the_fix_are_named(case: Case, changed: Changed) -> None:
    finding = found(changed(config=case.config, **case.changes), f"cognito.{case.rule}")
    assert finding is not None
    assert case.says in finding.what
    assert finding.fix.line(f"cognito.{case.rule}")
    parameters = re.findall(r"with (\w+)(?:=| set to)", finding.fix.words) if str(TEMPLATE) in finding.fix.words else []
    assert set(parameters) <= PARAMETERS.keys()
    for name in re.findall(r"which sets (\w+)", finding.fix.words):
        assert f"{name}:" in TEMPLATE_TEXT


@pytest.mark.parametrize("case", CASES, ids=[f"{case.rule}-{number}" for number, case in enumerate(CASES)])
def test_a_request_that_mends_is_one_that_aws_takes_and_carries_everything_else_along(
    case: Case, changed: Changed
) -> None:
    finding = found(changed(config=case.config, **case.changes), f"cognito.{case.rule}")
    assert finding is not None
    if finding.fix.operation:
        request = finding.fix.request
        shape: Any = OPERATIONS[finding.fix.operation].input_shape
        problems = ParamValidator().validate(request, shape)
        assert not problems.has_errors(), problems.generate_report()
        assert len(request) > 3
        assert "ClientSecret" not in request


REQUESTS = [case for case in CASES if case.rule not in {"E001", "E002"}]


@pytest.mark.parametrize("case", REQUESTS, ids=[f"{case.rule}-{number}" for number, case in enumerate(REQUESTS)])
def test_after_the_request_the_finding_is_gone(case: Case, changed: Changed) -> None:
    broken = changed(config=case.config, **case.changes)
    finding = found(broken, f"cognito.{case.rule}")
    assert finding is not None
    if finding.fix.operation:
        assert found(mended(broken, finding.fix), f"cognito.{case.rule}") is None


@pytest.mark.parametrize("case", REQUESTS, ids=[f"{case.rule}-{number}" for number, case in enumerate(REQUESTS)])
def test_the_request_itself_mends_and_not_what_was_there_before(case: Case, changed: Changed) -> None:
    broken = changed(config=case.config, **case.changes)
    finding = found(bare(broken), f"cognito.{case.rule}")
    assert finding is not None
    if finding.fix.operation:
        assert found(mended(broken, finding.fix), f"cognito.{case.rule}") is None


def test_what_is_printed_is_what_is_written_down(changed: Changed, clean: Snapshot) -> None:
    """Read `tests/doctor/lines.txt` as people do: each line has to make sense to somebody who sees nothing else.

    In [] stands what the request itself sets.
    """
    printed = [masked(line(bare(changed(config=case.config, **case.changes)), case.rule), clean) for case in CASES]
    assert printed == (ROOT / "tests/doctor/lines.txt").read_text().splitlines()


def line(snapshot: Snapshot, rule: str) -> str:
    """Return what is printed of a finding, and what its request sets."""
    rule_id = f"cognito.{rule}"
    finding = found(snapshot, rule_id)
    assert finding is not None
    sets = {name: value for name, value in finding.fix.request.items() if name not in {"UserPoolId", "ClientId"}}
    return (
        f"{rule_id}: {finding.what} {RULES[rule_id].why} Mend: {finding.fix.line(rule_id)}"
        f"{f' [{json.dumps(sets)}]' if finding.fix.operation else ''}"
    )


def bare(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot of a pool that has nothing but its id for a request to carry along."""
    config = snapshot.site.config
    keys = {"UserPoolId": config.user_pool_id, "ClientId": config.client_id}
    return replace(
        snapshot,
        **{
            name: replace(value, update=keys)
            for name in ("pool", "client", "factors")
            if not isinstance(value := getattr(snapshot, name), Unread)
        },
    )


@pytest.mark.parametrize(
    ("case", "path", "kept"),
    [
        (Case("E412", {"pool": {"minimum_length": 7}}, ""), ("Policies", "PasswordPolicy", "RequireSymbols"), True),
        (
            Case("E412", {"pool": {"minimum_length": 7}}, ""),
            ("Policies", "SignInPolicy", "AllowedFirstAuthFactors"),
            ANY,
        ),
        (
            Case("W611", {"pool": {"invitation": ""}}, ""),
            ("AdminCreateUserConfig", "InviteMessageTemplate", "EmailSubject"),
            "You're invited to Latchkey",
        ),
        (Case("E411", {"pool": {"invited_only": True}}, ""), ("AdminCreateUserConfig", "InviteMessageTemplate"), ANY),
    ],
)
def test_what_stands_beside_the_changed_setting_is_carried_along(
    case: Case, path: tuple[str, ...], kept: object, changed: Changed
) -> None:
    finding = found(changed(**case.changes), f"cognito.{case.rule}")
    assert finding is not None
    value: Any = finding.fix.request
    for name in path:
        value = value[name]
    assert value == kept


def masked(line: str, clean: Snapshot) -> str:
    """Return a line without what differs from one local AWS to the next."""
    config = clean.site.config
    line = re.sub(r"http://(?:localhost|127\.0\.0\.1):\d+", "http://localhost:8000", line)
    return line.replace(config.user_pool_id, POOL).replace(config.client_id, "1example23456789")


def test_no_rule_is_without_a_bad_case() -> None:
    assert RULES.keys() - {f"cognito.{case.rule}" for case in CASES} == set()
    assert Counter(case.rule for case in CASES).keys() == {rule.rpartition(".")[2] for rule in RULES}


LAX, STRICT = AppClientSettings(id="lax"), AppClientSettings(id="strict", user_existence_errors="ENABLED")


def test_a_fault_in_the_part_of_a_list_that_was_read_is_found(changed: Changed) -> None:
    snapshot = changed(other_clients=Unread(reason="there are too many", part=(STRICT, LAX)))
    report = examine(snapshot, [RULES["cognito.E713"]])
    assert list(report.findings) == ["cognito.E713"]
    assert report.not_judged == []


def test_a_part_without_a_fault_is_not_taken_for_a_list_in_order(changed: Changed) -> None:
    unread = Unread(reason="there are too many", part=(STRICT,))
    report = examine(changed(other_clients=unread), [RULES["cognito.E713"]])
    assert (report.findings, report.in_order) == ({}, [])
    assert [one.unread for one in report.not_judged] == [unread]


BY_PASSWORD = {"first_factors": frozenset({"PASSWORD"})}
OTHER_TROUBLE = Unread(reason="throttled", code="TooManyRequestsException", outage=True)
X_IO = {"url": "https://x.io"}
NO_PASSKEY_RULES = {"passkey_counts_as": "SINGLE_FACTOR", "user_verification": "preferred"}
ALIASES = {"alias_attributes": ("email", "phone_number")}
MORE_QUIET: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("E001", {"pool": OTHER_TROUBLE}, {}),
    ("E002", {"client": OTHER_TROUBLE}, {}),
    ("E006", {"pools_key_set": Keys(url="https://keys.example", error="answers 404")}, {}),
    ("E007", {"key_set": {"date": None}}, {}),
    ("E007", {"key_set": {"received": None}}, {}),
    ("E007", {"key_set": {"date": NOW, "received": NOW + timedelta(seconds=30)}}, {}),
    ("E305", {"pool": {"schema": (SchemaAttribute(name="updated_at", required=True),)}}, {"registration": "closed"}),
    ("E402", {"pool": {"username_attributes": ()}}, {"sign_in_with": SignInWith.USERNAME}),
    ("E402", {"pool": {"username_attributes": (), **ALIASES}}, {"sign_in_with": SignInWith.USERNAME_PHONE}),
    ("E402", {"pool": {"username_attributes": ("email", "phone_number")}}, {"sign_in_with": SignInWith.PHONE}),
    ("W403", {"pool": {"username_attributes": (), **ALIASES}}, {"sign_in_with": SignInWith.USERNAME_EMAIL_PHONE}),
    ("W403", {"pool": {"alias_attributes": ("preferred_username",)}}, {"sign_in_with": SignInWith.USERNAME}),
    ("E404", {}, {"sign_in_with": SignInWith.PHONE}),
    ("E404", {"pool": {"sms_role": ""}}, {}),
    ("W512", {"pool": {"recovery": ("verified_phone_number",)}}, {"sign_in_with": SignInWith.PHONE}),
    ("E503", {"factors": {"mode": "OPTIONAL", "app": False}}, {}),
    ("W505", {"factors": NO_PASSKEY_RULES, "pool": BY_PASSWORD}, {}),
    ("W506", {"factors": NO_PASSKEY_RULES, "pool": BY_PASSWORD}, {}),
    ("W512", {"pool": {"recovery": ("admin_only",)}}, {}),
    ("E513", {"factors": {"mode": "OFF"}, "pool": {"recovery": ("verified_email",)}}, {}),
    ("E514", {}, {"auth_flow": "USER_AUTH"}),
    ("E514", {"pool": BY_PASSWORD}, {}),
    ("W601", {"site": {"url": "https://x.io"}}, {}),
    ("W605", {"mail_account": None}, {}),
    ("E606", {"mail_account": None}, {}),
    ("W607", {"mail_account": None}, {}),
    ("W607", {"mail_account": MailAccount(identity="x", most=0, sent=0)}, {}),
    ("W607", {"mail_account": MailAccount(identity="x", most=200, sent=159)}, {}),
    ("E609", {"factors": {"sms": False}, "sms_role": SmsRole(arn=SITE_KEY)}, {}),
    ("E701", {"client": OAUTH}, {}),
    ("W702", {"client": OAUTH}, {}),
    ("W702", {"client": {"oauth_flows": ("client_credentials",)}}, {}),
    ("W705", {"client": OAUTH}, {}),
    ("W705", {"client": {"oauth_flows": ("code",)}}, {}),
    ("W705", {"client": {"oauth": True, "oauth_flows": ("client_credentials",)}}, {}),
    ("W710", {"providers": (Provider(name="Corp", mapping={"email": "mail", "custom:shoe_size": "x"}),)}, {}),
    ("W710", {"providers": (Provider(name="Corp", mapping={"preferred_group": "x"}),)}, {}),
    ("W710", {"providers": (Provider(name="Google", type="Google", mapping={"email_verified": "x"}),)}, {}),
    ("W705", {"client": {**OAUTH, "oauth_scopes": ()}}, GOOGLE),
    ("W706", {"client": USED, "pool": {"domain": "latchkey"}}, {}),
    (
        "W706",
        {"client": {**OAUTH, "providers": ("COGNITO",)}, "pool": {"domain": "latchkey"}},
        {"providers": (Offered("COGNITO", "x"),)},
    ),
    ("E715", {}, GOOGLE),
    ("E715", {"pool": {"custom_domain": "id.example"}}, {**GOOGLE, "endpoint_url": ""}),
    (
        "E715",
        {"pool": {"domain": "ours"}},
        {"domain": "https://ours.auth.eu-west-1.amazoncognito.com", "endpoint_url": ""},
    ),
    ("E716", {"client": {**OAUTH, "callback_urls": ("https://x.io/login/callback/",)}, "site": X_IO}, GOOGLE),
    ("W717", {"client": {**OAUTH, "logout_urls": ("https://x.io/login/",)}, "site": X_IO}, GOOGLE),
    ("E718", {"client": OAUTH}, GOOGLE),
    ("E719", {"client": {**OAUTH, "oauth_scopes": tuple(SCOPES.split())}}, GOOGLE),
    ("E719", {}, GOOGLE),
    ("E720", {"client": {"providers": ("COGNITO", "Google")}}, GOOGLE),
    ("E721", {"client": OAUTH, "providers": (Provider(name="Corp"),)}, {}),
    ("E722", {"client": USED, "providers": (Provider(name="Corp", mapping={"name": "name"}),)}, {}),
    ("E723", {"client": {**USED, "writable": None}, "providers": (Provider(name="Corp", mapping={"x": "x"}),)}, {}),
    ("E713", {"other_clients": ()}, {}),
    ("E714", {"other_clients": (AppClientSettings(id="other"),)}, {}),
    ("W203", {"client": {"grace_seconds": 10}}, {}),
    ("W206", {"client": {"access_token_seconds": 7 * 60}}, {}),
    ("I205", {"site": {"session_seconds": 15 * 24 * 3600}}, {}),
    ("E412", {"pool": {"minimum_length": 8}}, {}),
    ("E707", {"domains": (Domain(name="x", status="ACTIVE", pool_id="eu_1"),)}, {"user_pool_id": "eu_1"}),
    ("W903", {"pool": {"threat_protection": "ENFORCED"}, "blocks_known_passwords": True}, {}),
    ("I904", {"site": {"url": "https://x.io"}, "log_sources": frozenset({"userNotification"})}, {}),
    ("I925", {"site": {"url": "https://x.io"}, "key": SITE_KEY}, {}),
    ("W931", {"live_sessions": 60 * 3480, "sign_in_quota": 120.0}, {}),
    ("E106", {"client": {"has_secret": False}}, {"client_secret": ""}),
    ("W108", {"client": {"secret_matches": False}}, {"client_secret": ""}),
    ("W922", {"principal": Principal(arn="arn:aws:iam::1:root", allowed=ADMINISTERING | {"iam:CreateAccessKey"})}, {}),
]
POOL = "eu-west-1_Example12"
UPDATED = f"https://issuer-cognito-idp.eu-west-1.amazonaws.com/{POOL}"
CHINA = "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_Example12"
GOOD = IdentityPool(id="eu-west-1:1", checks_tokens=True)
QUIET: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("E004", {}, {"issuer": "http://localhost:9229/local_pool"}),
    ("E002", {}, {"client_id": "another"}),
    ("E007", {"key_set": {"date": NOW, "received": NOW}}, {}),
    ("E007", {"key_set": Keys(url="https://keys.example", error="answers 404")}, {}),
    ("E006", {"key_set": Keys(url="https://keys.example", error="answers 404")}, {}),
    (
        "W102",
        {"client": {"flows": frozenset({"ALLOW_CUSTOM_AUTH"})}, "pool": {"triggers": {"DefineAuthChallenge": "x"}}},
        {},
    ),
    ("I103", {}, {"auth_flow": "ADMIN_USER_PASSWORD_AUTH"}),
    ("E107", {"client": {"has_secret": False}}, {"client_secret": ""}),
    ("W108", {"client": {"secret_matches": False, "has_secret": False}}, {}),
    ("E110", {"pool": {"first_factors": frozenset({"PASSWORD"})}, "client": {"flows": frozenset()}}, {}),
    ("W203", {"client": {"rotates": False, "grace_seconds": 0}}, {}),
    ("W204", {"client": {"refresh_token_seconds": 30 * 24 * 3600}}, {}),
    ("W207", {"client": {"access_token_seconds": 3600}}, {}),
    ("E208", {"client": {"readable": None}}, {}),
    (
        "E301",
        {"client": {"writable": None}, "pool": {"schema": (SchemaAttribute(name="custom:role", mutable=False),)}},
        {},
    ),
    ("E304", {"client": {"writable": None}}, {}),
    ("E305", {"pool": {"schema": (SchemaAttribute(name="sub", required=True),)}}, {}),
    ("E411", {"pool": {"invited_only": True}}, {"registration": "admin"}),
    ("E411", {"pool": {"invited_only": True}}, {"registration": "closed"}),
    ("W413", {"pool": {"minimum_length": 15, "character_classes": 0}}, {}),
    ("E421", {"groups": (Group(name="staff"),)}, {"superuser_group": ""}),
    ("E422", {}, {"default_group": "", "staff_group": "", "superuser_group": ""}),
    ("E502", {"factors": {"mode": "OFF"}}, {}),
    ("E503", {"factors": {"mode": "ON"}}, {}),
    ("E504", {"factors": {"relying_party": "example.com"}, "pool": {"first_factors": frozenset({"PASSWORD"})}}, {}),
    ("E504", {"factors": {"relying_party": "latchkey.example"}, "site": {"url": "https://id.latchkey.example"}}, {}),
    ("E504", {"factors": {"relying_party": ""}, "pool": {"custom_domain": "localhost"}}, {}),
    ("E004", {"pool": {"issuer_type": "UPDATED", "id": POOL}}, {"issuer": UPDATED}),
    ("E004", {"pool": {"id": "cn-north-1_Example12"}}, {"region": "cn-north-1", "issuer": CHINA}),
    ("W506", {"factors": {"passkey_counts_as": "SINGLE_FACTOR", "user_verification": "required"}}, {}),
    (
        "E703",
        {"client": {**OAUTH, "callback_urls": ("https://x.example/in",)}, "site": {"url": "https://x.example"}},
        {},
    ),
    ("E801", {"identity_pools": (GOOD,)}, {}),
    ("W802", {"identity_pools": (GOOD,)}, {}),
    ("W803", {"identity_pools": (GOOD,)}, {}),
    ("W505", {"factors": {"passkey_counts_as": "SINGLE_FACTOR", "mode": "OFF"}}, {}),
    *MORE_QUIET,
    ("W506", {"factors": {"user_verification": "preferred"}}, {}),
    ("E513", {"factors": {"mail": False}, "pool": {"recovery": ("verified_email",)}}, {}),
    ("W601", {"pool": {"mail_sender": "COGNITO_DEFAULT"}}, {}),
    ("W608", {"factors": {"sms": False}, "sms_sandbox": True}, {}),
    ("E609", {"sms_role": SmsRole(arn=SITE_KEY, trusts_cognito=True)}, {}),
    ("E609", {"sms_role": None}, {}),
    ("E604", {"mail_account": None}, {}),
    ("W611", {"pool": {"invitation": ""}}, {"sign_in_with": SignInWith.PHONE}),
    ("W611", {"pool": {"texted_invitation": "See http://old.example/"}}, {}),
    ("E701", {"client": {"oauth_flows": ("implicit",)}}, {}),
    ("E703", {"client": {"callback_urls": ("https://other.example",)}}, {}),
    ("W706", {"client": {**OAUTH, "providers": ("COGNITO",)}}, {}),
    ("W706", {"client": {**OAUTH, "providers": ("Corp",)}, "pool": {"domain": "latchkey"}}, {}),
    ("W708", {"domains": (Domain(name="id.example", security_policy="TLS_V1_2_2021"),)}, {}),
    ("W712", {"client": {"passes_user_context": True}, "pool": {"tier": "PLUS"}}, {}),
    ("W902", {"pool": {"tier": "PLUS", "threat_protection": "AUDIT"}}, {}),
    ("W903", {"pool": {"threat_protection": "AUDIT"}}, {}),
    ("W922", {"principal": Principal(arn=SITE_KEY, allowed=READS | ADMINISTERING)}, {}),
    ("W924", {"principal": Principal(arn=SITE_KEY, allowed=READS)}, {}),
    ("I925", {"key": "arn:aws:iam::123456789012:user/latchkey"}, {}),
    ("W931", {"live_sessions": 300_000, "sign_in_quota": None}, {}),
]


@pytest.mark.parametrize(("rule", "changes", "config"), QUIET, ids=[f"{row[0]}-{n}" for n, row in enumerate(QUIET)])
def test_what_is_no_fault_is_not_found(
    rule: str, changes: dict[str, Any], config: dict[str, Any], changed: Changed
) -> None:
    assert found(changed(config=config, **changes), f"cognito.{rule}") is None
