"""Ten pool settings are really broken, the command finds each, and what it prints really mends it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

import pytest
from botocore import xform_name
from django.core.management import call_command
from pytest_django import Settings

from accounts.cognito.inspected import AppClientSettings, FactorSettings, UserPoolSettings
from accounts.doctor.fixes import changed
from accounts.doctor.snapshot import Snapshot
from tests.local_pool import LocalPool
from tests.other_pools import another_client, another_pool, text


@dataclass(frozen=True)
class Fault:
    """A rule, how the pool is broken, and the setting that the finding names."""

    rule: str
    break_it: Callable[[Any, Snapshot], object]
    names: str


def client(**changes: Any) -> Callable[[Any, Snapshot], object]:
    """Return what changes the template's app client, and leaves all else as it is."""

    def break_it(root: Any, clean: Snapshot) -> object:
        assert isinstance(clean.client, AppClientSettings)
        return root.update_user_pool_client(**changed(clean.client.update, changes))

    return break_it


def pool(**changes: Any) -> Callable[[Any, Snapshot], object]:
    """Return what changes the template's pool, and leaves all else as it is."""

    def break_it(root: Any, clean: Snapshot) -> object:
        assert isinstance(clean.pool, UserPoolSettings)
        return root.update_user_pool(**changed(clean.pool.update, changes))

    return break_it


def factors(**changes: Any) -> Callable[[Any, Snapshot], object]:
    """Return what changes the factors of the template's pool, and leaves all else as it is."""

    def break_it(root: Any, clean: Snapshot) -> object:
        assert isinstance(clean.factors, FactorSettings)
        return root.set_user_pool_mfa_config(**changed(clean.factors.update, changes))

    return break_it


def lose_staff(root: Any, clean: Snapshot) -> object:
    """Delete the group of staff."""
    return root.delete_group(UserPoolId=clean.site.config.user_pool_id, GroupName=clean.site.config.staff_group)


ADMIN_ONLY = {"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]}
OLD_ROTATION = {"Feature": "DISABLED", "RetryGracePeriodSeconds": 0}
FAULTS = [
    Fault("cognito.E104", client(PreventUserExistenceErrors="LEGACY"), "PreventUserExistenceErrors"),
    Fault("cognito.E101", client(ExplicitAuthFlows=["ALLOW_USER_AUTH"]), "ALLOW_USER_PASSWORD_AUTH"),
    Fault("cognito.E201", client(EnableTokenRevocation=False), "EnableTokenRevocation"),
    Fault("cognito.W202", client(RefreshTokenRotation=OLD_ROTATION), "RefreshTokenRotation"),
    Fault("cognito.W207", client(AccessTokenValidity=24 * 60), "AccessTokenValidity"),
    Fault("cognito.E109", pool(DeviceConfiguration={"ChallengeRequiredOnNewDevice": True}), "DeviceConfiguration"),
    Fault("cognito.E306", pool(UserAttributeUpdateSettings=None), "AttributesRequireVerificationBeforeUpdate"),
    Fault("cognito.E411", pool(AdminCreateUserConfig={"AllowAdminCreateUserOnly": True}), "AllowAdminCreateUserOnly"),
    Fault("cognito.E504", factors(WebAuthnConfiguration={"RelyingPartyId": "other.example"}), "RelyingPartyId"),
    Fault("cognito.E421", lose_staff, "COGNITO_STAFF_GROUP"),
    Fault("cognito.E511", pool(AccountRecoverySetting=ADMIN_ONLY), "AccountRecoverySetting"),
]


@pytest.fixture
def broken(operator: LocalPool, clean: Snapshot) -> Iterator[LocalPool]:
    """The template's pool, to be broken; it is as it was afterwards."""
    yield operator
    root = operator.root
    factors()(root, clean)
    pool()(root, clean)
    client()(root, clean)
    assert isinstance(clean.groups, tuple)
    there = {group["GroupName"] for group in root.list_groups(UserPoolId=operator.id)["Groups"]}
    for group in clean.groups:
        if group.name not in there:
            root.create_group(UserPoolId=operator.id, GroupName=group.name)


def run(*arguments: str) -> tuple[int, str]:
    """Return how the command ends, and what it prints."""
    out = StringIO()
    try:
        call_command("check_cognito", *arguments, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def line_of(printed: str, rule: str) -> str:
    """Return the line that the command printed for a finding of ``rule``."""
    lines = [line for line in printed.splitlines() if re.match(rf"(?:ERROR|WARNING|INFO) {rule}: ", line)]
    assert len(lines) == 1, printed
    return lines[0]


def mend(root: Any, line: str) -> None:
    """Do what the command in a printed line does, with the AWS CLI's part of it played by boto3."""
    command = re.split(r" (?:Mend|Or|With): (?=aws |python )", line)[-1]
    pipe = re.fullmatch(
        r"python manage\.py check_cognito --request (\S+) \| "
        r"aws cognito-idp ([a-z-]+) --region eu-west-1 --cli-input-json file:///dev/stdin",
        command,
    )
    if pipe:
        status, request = run("--request", pipe[1])
        assert status == 0
        getattr(root, pipe[2].replace("-", "_"))(**json.loads(request))
        return
    program, service, operation, *options = shlex.split(command)
    assert (program, service) == ("aws", "cognito-idp")
    getattr(root, operation.replace("-", "_"))(**parameters(root, operation, options))


def parameters(root: Any, operation: str, options: list[str]) -> Mapping[str, str]:
    """Return the options of the AWS CLI as the parameters that boto3 takes."""
    model = root.meta.service_model
    name = next(each for each in model.operation_names if xform_name(each, "-") == operation)
    members = {f"--{xform_name(member, '-')}": member for member in model.operation_model(name).input_shape.members}
    given = dict(option.split("=", 1) for option in options)
    assert given.pop("--region") == root.meta.region_name
    return {members[option]: value for option, value in given.items()}


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.rule for fault in FAULTS])
def test_a_broken_setting_is_found_and_what_is_printed_mends_it(
    fault: Fault, broken: LocalPool, clean: Snapshot
) -> None:
    assert run("--rule", fault.rule, "--fail-level", "warning") == (
        0,
        "0 error, 0 warning, 0 info; 1 in order, 0 not judged.\n",
    )
    fault.break_it(broken.root, clean)
    status, printed = run("--rule", fault.rule, "--fail-level", "warning")
    line = line_of(printed, fault.rule)
    assert (status, fault.names in line.partition("Mend: ")[0]) == (1, True)
    mend(broken.root, line)
    assert run("--rule", fault.rule, "--fail-level", "warning")[0] == 0


def test_mending_changes_nothing_else(broken: LocalPool, clean: Snapshot) -> None:
    before = described(broken)
    for fault in FAULTS:
        fault.break_it(broken.root, clean)
        mend(broken.root, line_of(run("--rule", fault.rule)[1], fault.rule))
        if fault.rule in {"cognito.E101", "cognito.E511"}:
            # Mended to the least that is right, where the template has more.
            client()(broken.root, clean)
            pool()(broken.root, clean)
    after = described(broken)
    assert before == after


def described(local: LocalPool) -> dict[str, dict[str, Any]]:
    """Return what AWS says of the pool."""
    root, client_id = local.root, local.env["COGNITO_CLIENT_ID"]
    app_client = root.describe_user_pool_client(UserPoolId=local.id, ClientId=client_id)["UserPoolClient"]
    mfa = root.get_user_pool_mfa_config(UserPoolId=local.id)
    user_pool = root.describe_user_pool(UserPoolId=local.id)["UserPool"]
    return {
        "pool": {name: value for name, value in user_pool.items() if name != "LastModifiedDate"},
        "client": {name: value for name, value in app_client.items() if name != "LastModifiedDate"},
        "factors": {name: value for name, value in mfa.items() if name != "ResponseMetadata"},
    }


def test_all_faults_at_once_are_all_found(broken: LocalPool, clean: Snapshot) -> None:
    assert isinstance(clean.client, AppClientSettings)
    assert isinstance(clean.pool, UserPoolSettings)
    factors(WebAuthnConfiguration={"RelyingPartyId": "other.example"})(broken.root, clean)
    lose_staff(broken.root, clean)
    client(
        PreventUserExistenceErrors="LEGACY",
        ExplicitAuthFlows=["ALLOW_USER_AUTH"],
        EnableTokenRevocation=False,
        RefreshTokenRotation=OLD_ROTATION,
        AccessTokenValidity=24 * 60,
    )(broken.root, clean)
    pool(
        DeviceConfiguration={"ChallengeRequiredOnNewDevice": True},
        UserAttributeUpdateSettings=None,
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
        AccountRecoverySetting=ADMIN_ONLY,
    )(broken.root, clean)
    status, printed = run()
    assert status == 1
    for fault in FAULTS:
        assert fault.names in line_of(printed, fault.rule)


def test_a_role_that_is_gone_is_found_where_people_sign_in_with_their_number(
    operator: LocalPool, settings: Settings
) -> None:
    gone = "arn:aws:iam::000000000000:role/gone"
    numbers = another_pool(
        operator,
        UsernameAttributes=["phone_number"],
        AutoVerifiedAttributes=["phone_number"],
        SmsConfiguration={"SnsCallerArn": gone, "ExternalId": "ours"},
    )
    settings.COGNITO = numbers.cognito_setting(SIGN_IN_WITH="phone")
    status, printed = run("--rule", "E609", "--rule", "W608")
    assert (status, gone in line_of(printed, "cognito.E609")) == (1, True)
    assert "NOT JUDGED cognito.W608" in printed  # the local AWS has no such sandbox


WRITES = ["custom:role", "custom:shoe_size", "email", "name", "phone_number"]


@pytest.mark.parametrize(
    ("writable", "kept"),
    [
        (WRITES, set(WRITES) - {"custom:role"}),
        (None, {"custom:shoe_size", "email", "phone_number", "locale", "updated_at"}),
        (["custom:role"], {"name"}),
    ],
)
def test_another_client_that_gives_up_a_right_keeps_all_else_that_it_may_write(
    operator: LocalPool, settings: Settings, writable: list[str] | None, kept: set[str]
) -> None:
    roles = another_pool(operator, Schema=[text("role"), text("shoe_size")])
    settings.COGNITO = roles.cognito_setting()
    lax = another_client(roles, **({"WriteAttributes": writable} if writable else {}))
    roles.root.update_user_pool_client(
        UserPoolId=roles.id, ClientId=roles.env["COGNITO_CLIENT_ID"], WriteAttributes=["email", "name"]
    )
    mend(roles.root, line_of(run("--rule", "E714")[1], "cognito.E714"))
    described = roles.root.describe_user_pool_client(UserPoolId=roles.id, ClientId=lax.env["COGNITO_CLIENT_ID"])
    after = set(described["UserPoolClient"]["WriteAttributes"])
    assert after == kept if writable else after >= kept
    assert not after & {"custom:role", "sub", "email_verified", "phone_number_verified"}


def test_a_custom_attribute_that_people_can_make_themselves_administrators_with_is_found(
    operator: LocalPool, settings: Settings
) -> None:
    writable = ["email", "custom:role"]
    lax = another_pool(operator, Schema=[text("role")], client={"WriteAttributes": writable})
    settings.COGNITO = lax.cognito_setting()
    status, printed = run("--rule", "E301")
    line = line_of(printed, "cognito.E301")
    assert (status, "WriteAttributes" in line, "custom:role" in line) == (1, True, True)
    mend(lax.root, line)
    assert run("--rule", "E301")[0] == 0
