from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
from cfnlint.decode import cfn_yaml

from accounts.cognito.hosted_ui import SCOPES
from devcloud.start import LocalAWS
from infra.template import COGNITO as TEMPLATE
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
    actions = {
        action.removeprefix("cognito-idp:") for statement in document["Statement"] for action in statement["Action"]
    }
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
    site, programs = (client["WriteAttributes"] for client in clients_of(template))
    assert site["Fn::If"][2] == ["email", "locale", "name", "phone_number"]
    assert programs == ["email", "name", "phone_number"]
    oauth = {"CallbackURLs", "LogoutURLs"} | {name for each in clients_of(template) for name in each if "OAuth" in name}
    client, public = clients_of(template)
    for name in sorted(oauth):
        assert client[name]["Fn::If"][::2] == ["HasOtherWaysIn", {"Ref": "AWS::NoValue"}]
    assert len(oauth) == 5
    assert not oauth & set(public)
    assert client["AllowedOAuthFlows"]["Fn::If"][1] == ["code"]
    assert client["AllowedOAuthScopes"]["Fn::If"][1] == SCOPES.split()


def resources_of(kind: str) -> dict[str, Any]:
    """Return the template's resources of one type."""
    resources = cfn_yaml.load(str(TEMPLATE))["Resources"]
    return {name: resource for name, resource in resources.items() if resource["Type"] == kind}


def test_no_secret_of_a_provider_is_ever_in_the_stack() -> None:
    secret = {"client_id", "client_secret", "team_id", "key_id", "private_key"}
    for resource in resources_of("AWS::Cognito::UserPoolIdentityProvider").values():
        details = resource["Properties"]["ProviderDetails"]
        for name in secret & set(details):
            reference = details[name]["Fn::Sub"]
            assert re.fullmatch(rf"{{{{resolve:secretsmanager:\${{\w+Secret}}:SecretString:{name}}}}}", reference)


def test_an_address_counts_as_verified_where_the_provider_verifies_it() -> None:
    found = resources_of("AWS::Cognito::UserPoolIdentityProvider")
    mapped = {
        name: resource["Properties"]["AttributeMapping"].get("email_verified") for name, resource in found.items()
    }
    assert mapped.pop("OidcProvider")["Fn::If"][::2] == ["OidcIsBelieved", {"Ref": "AWS::NoValue"}]
    assert {name for name, value in mapped.items() if value} == {"GoogleProvider", "AppleProvider"}
    assert all(resource["Properties"]["AttributeMapping"]["email"] for resource in found.values())


def test_what_providers_write_the_client_may_write() -> None:
    found = resources_of("AWS::Cognito::UserPoolIdentityProvider").values()
    mapped = {name for resource in found for name in resource["Properties"]["AttributeMapping"]} - {"email_verified"}
    client, _public = clients_of(cfn_yaml.load(str(TEMPLATE)))
    assert mapped <= set(client["WriteAttributes"]["Fn::If"][1])
    assert mapped <= set(client["ReadAttributes"]["Fn::If"][1])


def test_each_trigger_may_be_called_by_this_pool_and_no_other() -> None:
    functions = {name for name in cfn_yaml.load(str(TEMPLATE))["Parameters"] if name.endswith("Function")}
    pool = cfn_yaml.load(str(TEMPLATE))["Resources"]["UserPool"]["Properties"]
    assert {name for name in functions if f"'Ref': '{name}'" in str(pool["LambdaConfig"])} == functions
    allowed = set()
    for resource in resources_of("AWS::Lambda::Permission").values():
        properties = resource["Properties"]
        allowed.add(properties["FunctionName"]["Ref"])
        assert resource["Condition"] == f"Has{properties['FunctionName']['Ref'].removesuffix('Function')}"
        assert properties["Action"] == "lambda:InvokeFunction"
        assert properties["Principal"] == "cognito-idp.amazonaws.com"
        assert properties["SourceArn"] == {"Fn::GetAtt": ["UserPool", "Arn"]}
        assert properties["SourceAccount"] == {"Ref": "AWS::AccountId"}
    assert allowed == functions


def test_aws_takes_the_template_as_it_is() -> None:
    """TemplateBody of CreateChangeSet: 51 200 bytes at most; a larger one has to lie in a bucket."""
    assert len(TEMPLATE.read_bytes()) <= 51_200


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
