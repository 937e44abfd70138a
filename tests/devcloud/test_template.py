from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
from cfnlint.decode import cfn_yaml

from devcloud.deploy import TEMPLATE
from devcloud.start import LocalAWS
from tests.devcloud.conftest import Clients


def lint(template: Path) -> subprocess.CompletedProcess[str]:
    cfn_lint = shutil.which("cfn-lint", path=Path(sys.executable).parent)
    assert cfn_lint is not None
    return subprocess.run([cfn_lint, str(template)], capture_output=True, text=True, check=False)


def test_cfn_lint_finds_nothing() -> None:
    assert lint(TEMPLATE).stdout == ""


def test_cfn_lint_finds_a_property_that_cognito_does_not_have(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(TEMPLATE.read_text().replace("AuthSessionValidity: 15", "AuthSessionLasts: 15"))
    assert "AuthSessionLasts" in lint(broken).stdout


def test_the_site_policy_names_operations_that_exist(administrator: Clients) -> None:
    iam = administrator("iam")
    arn = next(
        policy["PolicyArn"] for policy in iam.list_attached_user_policies(UserName="latchkey-site")["AttachedPolicies"]
    )
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    actions = {action.removeprefix("cognito-idp:") for action in document["Statement"][0]["Action"]}
    known = boto3.client("cognito-idp", region_name="eu-west-1").meta.service_model.operation_names
    assert actions
    assert actions <= set(known)


def test_every_parameter_says_what_it_is_for_and_is_used() -> None:
    text = TEMPLATE.read_text()
    for name, parameter in cfn_yaml.load(str(TEMPLATE))["Parameters"].items():
        assert parameter["Description"]
        assert f"!Ref {name}" in text or f"${{{name}}}" in text


def clients_of(template: Any) -> list[Any]:
    return [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Cognito::UserPoolClient"
    ]


def test_what_people_rely_on_holds_whatever_the_parameters_say() -> None:
    template = cfn_yaml.load(str(TEMPLATE))
    pool = template["Resources"]["UserPool"]["Properties"]
    assert "DeviceConfiguration" not in pool  # no device is remembered, so none goes around a second factor
    assert len(clients_of(template)) == 2
    for client in clients_of(template):
        assert client["PreventUserExistenceErrors"] == "ENABLED"
        assert client["EnableTokenRevocation"] is True
        assert client["RefreshTokenRotation"]["Feature"] == "ENABLED"
        assert client["WriteAttributes"] == ["email", "name", "phone_number"]
        assert not [name for name in client if "OAuth" in name or name in {"CallbackURLs", "LogoutURLs"}]


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("VerificationMessageTemplate", "EmailMessage"),
        ("AdminCreateUserConfig", "InviteMessageTemplate"),
        ("UserAttributeUpdateSettings", "AttributesRequireVerificationBeforeUpdate"),
        ("UsernameConfiguration", "CaseSensitive"),
        ("AccountRecoverySetting", "RecoveryMechanisms"),
    ],
)
def test_the_pool_is_described_with(administrator: Clients, local_aws: LocalAWS, section: str, expected: str) -> None:
    pool = administrator("cognito-idp").describe_user_pool(UserPoolId=local_aws.env["COGNITO_USER_POOL_ID"])
    assert expected in pool["UserPool"][section]
