"""The command: what it prints, how it ends, and what it says where it could not look."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from io import StringIO
from typing import Any

import pytest
import requests
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.doctor.registry import RULES
from accounts.management.exit_codes import ExitCode
from tests.doctor.conftest import clients_with
from tests.doctor.test_faults import run
from tests.documents import ROOT
from tests.fault_proxy import FaultProxy, answered, aws_error, closed_before, html_success
from tests.local_pool import LocalPool
from tests.other_pools import another_client
from tests.signed_tokens import public_jwk

NOT_JUDGED = re.compile(r"^NOT JUDGED (cognito\.\w+): .+ Not known, because .+\.$", re.MULTILINE)
POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"


def ends_with(*arguments: str) -> int:
    """Return the exit status of a call that ends with words on standard error."""
    with pytest.raises(CommandError) as end:
        call_command("check_cognito", *arguments, stdout=StringIO())
    return end.value.returncode


def test_the_templates_pool_ends_with_0_and_says_how_many_rules_there_were(operator: LocalPool, site_user: str) -> None:
    status, printed = run("--principal", site_user)
    assert status == 0
    findings = [line for line in printed.splitlines() if line.startswith(("ERROR", "WARNING"))]
    assert findings == []
    counted = [int(number) for number in re.findall(r"\d+", printed.splitlines()[-1])]
    assert sum(counted) == len(RULES)


def test_no_secret_is_printed(operator: LocalPool, site_user: str) -> None:
    secrets = [operator.env[name] for name in ("COGNITO_CLIENT_SECRET", "AWS_SECRET_ACCESS_KEY")]
    secrets.append(operator.root_env["AWS_SECRET_ACCESS_KEY"])
    lax = another_client(operator, PreventUserExistenceErrors="LEGACY")
    printed = run("--json")[1] + run()[1] + run("--request", "I103")[1] + run("--request", "E713")[1]
    assert "PreventUserExistenceErrors" in printed
    assert [secret for secret in [*secrets, lax.env["COGNITO_CLIENT_SECRET"]] if secret in printed] == []
    operator.root.delete_user_pool_client(UserPoolId=operator.id, ClientId=lax.env["COGNITO_CLIENT_ID"])


def test_a_script_gets_json(operator: LocalPool) -> None:
    status, printed = run("--json", "--rule", "I507", "--rule", "cognito.E104", "--rule", "W608")
    report = json.loads(printed)
    assert status == 0
    (finding,) = report["findings"]
    assert (finding["id"], finding["severity"]) == ("cognito.I507", "info")
    assert (
        "check_cognito --request cognito.I507 | aws cognito-idp update-user-pool --region eu-west-1 "
        in finding["command"]
    )
    assert finding["what"]
    assert finding["why"]
    assert finding["fix"]
    assert report["in_order"] == ["cognito.E104"]
    assert [one["id"] for one in report["not_judged"]] == ["cognito.W608"]


@pytest.mark.parametrize(("level", "status"), [("error", 0), ("warning", 0), ("info", 1)])
def test_what_is_found_below_the_level_ends_with_0(operator: LocalPool, level: str, status: int) -> None:
    assert run("--rule", "I507", "--fail-level", level)[0] == status


@pytest.mark.parametrize("arguments", [("--rule", "E999"), ("--request", "cognito.E000")])
def test_a_rule_that_does_not_exist_is_a_wrong_call(operator: LocalPool, arguments: tuple[str, str]) -> None:
    assert ends_with(*arguments) == ExitCode.USAGE


def test_a_silenced_rule_is_not_asked_but_counted(operator: LocalPool, settings: Settings) -> None:
    settings.SILENCED_SYSTEM_CHECKS = ["cognito.I507"]
    printed = run()[1]
    assert "cognito.I507" not in printed
    assert printed.splitlines()[-1].endswith(", 1 silenced.")
    assert "cognito.I507" in run("--rule", "I507")[1]


def test_the_sites_own_key_judges_what_it_may_read_and_says_what_it_may_not(
    operator: LocalPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, operator.env[name])
    status, printed = run()
    assert status == 0
    skipped = set(NOT_JUDGED.findall(printed))
    assert {"cognito.E801", "cognito.E921", "cognito.E714"} <= skipped
    assert "because the AWS key may not iam:SimulatePrincipalPolicy." in printed
    # Nothing of the pool, the app client and its factors is left open.
    read_by_site = {"site", "pool", "client", "factors", "groups", "key", "key_set", "pools_key_set", "live_sessions"}
    assert {rule_id for rule_id in skipped if set(RULES[rule_id].reads) <= read_by_site} == set()


def test_a_key_that_may_read_nothing_could_not_look(operator: LocalPool, monkeypatch: pytest.MonkeyPatch) -> None:
    iam = clients_with(operator.root_env)("iam", operator.config.connection)
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    try:
        assert ends_with() == ExitCode.MISCONFIGURED
        assert ends_with("--rule", "E104") == ExitCode.MISCONFIGURED
    finally:
        iam.delete_access_key(UserName="nobody", AccessKeyId=key["AccessKeyId"])
        iam.delete_user(UserName="nobody")


def test_without_an_aws_key_it_could_not_look(operator: LocalPool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    assert ends_with() == ExitCode.MISCONFIGURED


def test_with_a_secret_key_alone_it_names_the_variables_that_are_empty() -> None:
    ended = subprocess.run(
        [sys.executable, "manage.py", "check_cognito"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "SECRET_KEY": "unused", "COGNITO_USER_POOL_ID": "", "COGNITO_CLIENT_ID": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == ExitCode.MISCONFIGURED
    assert "Empty: COGNITO_USER_POOL_ID, COGNITO_CLIENT_ID, AWS_REGION." in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("changes", "empty"),
    [
        ({"USER_POOL_ID": ""}, "COGNITO_USER_POOL_ID"),
        ({"CLIENT_ID": ""}, "COGNITO_CLIENT_ID"),
        ({"USER_POOL_ID": "_Example12", "REGION": ""}, "AWS_REGION"),
    ],
)
def test_without_one_of_them_nothing_is_looked_at(
    pool: LocalPool, cognito: FaultProxy, settings: Settings, changes: dict[str, str], empty: str
) -> None:
    settings.COGNITO = {**settings.COGNITO, **changes}
    with pytest.raises(CommandError, match=f"Empty: {empty}.") as end:
        call_command("check_cognito", stdout=StringIO())
    assert (end.value.returncode, cognito.calls) == (ExitCode.MISCONFIGURED, {})


@pytest.mark.parametrize(
    "fault",
    [
        closed_before(),
        aws_error("InternalErrorException", status=500),
        html_success(),
        aws_error("TooManyRequestsException"),
    ],
)
def test_an_outage_is_told_from_a_pool_in_order(pool: LocalPool, cognito: FaultProxy, fault: Any) -> None:
    cognito.fail("*", fault)
    assert ends_with("--rule", "E104") == ExitCode.UNAVAILABLE


def test_what_was_found_comes_before_what_could_not_be_looked_at(pool: LocalPool, cognito: FaultProxy) -> None:
    cognito.fail("*", closed_before())
    status, printed = run("--rule", "E005", "--rule", "E104")
    assert status == ExitCode.REFUSED
    assert "ERROR cognito.E005: COGNITO_JWKS_URL" in printed
    assert "NOT JUDGED cognito.E104" in printed


@pytest.mark.parametrize(
    ("changes", "rule"),
    [({"CLIENT_ID": "1unknown2client3"}, "cognito.E002"), ({"USER_POOL_ID": "eu-west-1_Unknown01"}, "cognito.E001")],
)
def test_a_pool_or_client_that_does_not_exist_is_a_finding(
    operator: LocalPool, settings: Settings, changes: dict[str, str], rule: str
) -> None:
    settings.COGNITO = operator.cognito_setting(**changes)
    status, printed = run()
    assert status == ExitCode.REFUSED
    assert f"ERROR {rule}: " in printed


def test_a_secret_that_is_not_the_clients_is_found_and_neither_is_printed(
    operator: LocalPool, settings: Settings
) -> None:
    settings.COGNITO = operator.cognito_setting(CLIENT_SECRET="typed-wrong-0123456789abcdefghijklm")
    status, printed = run("--rule", "W108", "--fail-level", "warning")
    assert status == ExitCode.REFUSED
    assert "typed-wrong" not in printed
    assert operator.env["COGNITO_CLIENT_SECRET"] not in printed


def test_another_key_under_the_id_of_the_pools_is_found(
    pool: LocalPool, cognito: FaultProxy, settings: Settings
) -> None:
    genuine = requests.get(f"{pool.endpoint}/{pool.id}/.well-known/jwks.json", timeout=10).json()
    forged = {"keys": [public_jwk(key["kid"]) for key in genuine["keys"]]}
    cognito.fail("forged", answered(200, json.dumps(forged).encode()))
    settings.COGNITO = {**settings.COGNITO, "JWKS_URL": f"{cognito.url}/forged"}
    status, printed = run("--rule", "E006")
    assert status == ExitCode.REFUSED
    assert "ERROR cognito.E006: COGNITO_JWKS_URL" in printed


def test_a_key_that_may_do_everything_is_found(operator: LocalPool) -> None:
    iam = clients_with(operator.root_env)("iam", operator.config.connection)
    arn = iam.create_user(UserName="mighty")["User"]["Arn"]
    iam.attach_user_policy(UserName="mighty", PolicyArn=POLICY)
    try:
        status, printed = run("--rule", "W922", "--rule", "E921", "--principal", arn, "--fail-level", "warning")
        assert status == ExitCode.REFUSED
        powers = "cognito-idp:AdminLinkProviderForUser, cognito-idp:AdminSetUserPassword"
        assert f"WARNING cognito.W922: {arn} may {powers}" in printed
        assert "cognito.E921" not in printed
    finally:
        iam.detach_user_policy(UserName="mighty", PolicyArn=POLICY)
        iam.delete_user(UserName="mighty")


def test_a_key_without_a_right_that_a_setting_needs_is_found(
    operator: LocalPool, settings: Settings, site_user: str
) -> None:
    settings.COGNITO = operator.cognito_setting(REGISTRATION="admin")
    status, printed = run("--rule", "E921", "--principal", site_user)
    assert status == ExitCode.REFUSED
    assert "cognito-idp:AdminSetUserPassword" in printed


def test_a_request_is_printed_alone_for_a_pipe(operator: LocalPool) -> None:
    status, printed = run("--request", "I507")
    request = json.loads(printed)
    assert status == 0
    assert request["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"] == ["PASSWORD", "WEB_AUTHN"]
    assert request["Policies"]["PasswordPolicy"]["MinimumLength"] == 8
    assert request["AdminCreateUserConfig"]["InviteMessageTemplate"]["EmailSubject"] == "You're invited to Latchkey"


@pytest.mark.parametrize("rule", ["E104", "E001"])
def test_where_there_is_nothing_to_mend_no_request_is_printed(operator: LocalPool, rule: str) -> None:
    assert ends_with("--request", rule) == ExitCode.REFUSED


def test_what_no_request_mends_is_said_in_words(operator: LocalPool, settings: Settings) -> None:
    settings.COGNITO = operator.cognito_setting(SUPERUSER_GROUP="")
    with pytest.raises(CommandError, match="Set COGNITO_SUPERUSER_GROUP=superusers") as end:
        call_command("check_cognito", "--request", "W423", stdout=StringIO())
    assert end.value.returncode == ExitCode.REFUSED


def test_only_what_is_asked_is_read(pool: LocalPool, cognito: FaultProxy) -> None:
    run("--rule", "E104")
    assert cognito.calls == {"DescribeUserPool": 1, "DescribeUserPoolClient": 1}


def test_nothing_is_written(pool: LocalPool, cognito: FaultProxy) -> None:
    run()
    assert {name for name in cognito.calls if name.startswith("Admin")} == set()
    idp = {name for name in cognito.calls if name[:1].isupper()}
    assert {name for name in idp if not name.startswith(("Describe", "Get", "List"))} == set()


def test_djangos_own_checks_still_need_no_network(pool: LocalPool, cognito: FaultProxy) -> None:
    call_command("check", "--deploy", "--fail-level", "CRITICAL", stdout=StringIO(), stderr=StringIO())
    assert cognito.connections == 0
