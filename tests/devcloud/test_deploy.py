from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cfnlint.decode import cfn_yaml

from devcloud import env_file
from devcloud.deploy import deploy, new_password
from devcloud.errors import DeploymentFailed
from devcloud.provider import LABEL, NAME
from devcloud.start import LocalAWS
from infra.template import COGNITO as TEMPLATE
from tests.devcloud.conftest import Clients, clients

OFF = {
    "Administration": "off",
    "RelyingPartyId": "",
    "AdminPasswordAuth": "off",
    "EmailSignIn": "off",
    "EmailSourceArn": "",
    "EmailFrom": "",
    "EmailMfa": "off",
    "TextMessages": "off",
    "PublicClient": "off",
}


def pool(local_aws: LocalAWS) -> dict[str, Any]:
    described: dict[str, Any] = clients(local_aws.root_env)("cognito-idp").describe_user_pool(
        UserPoolId=local_aws.env["COGNITO_USER_POOL_ID"]
    )["UserPool"]
    return described


def can_sign_in(cognito: Any, pool_id: str, staff: dict[str, str]) -> bool:
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="no secret", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    password = {"USERNAME": staff["STAFF_NAME"], "PASSWORD": staff["STAFF_PASSWORD"]}
    try:
        answer = cognito.initiate_auth(ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=password)
    except cognito.exceptions.NotAuthorizedException:
        return False
    return "AccessToken" in answer["AuthenticationResult"]


def test_a_second_deployment_finds_everything_as_it_was(local_aws: LocalAWS, administrator: Clients) -> None:
    staff = env_file.read(local_aws.settings.staff_env)
    assert deploy(local_aws.settings) == local_aws.env
    assert env_file.read(local_aws.settings.site_env) == local_aws.env
    assert env_file.read(local_aws.settings.staff_env) == staff
    assert len(administrator("iam").list_access_keys(UserName="latchkey-site")["AccessKeyMetadata"]) == 1


def test_a_lost_site_key_is_replaced_and_the_old_one_dies(local_aws: LocalAWS, pool_id: str) -> None:
    old = dict(local_aws.env)
    local_aws.settings.site_env.unlink()
    local_aws.env = deploy(local_aws.settings)
    assert local_aws.env["COGNITO_CLIENT_SECRET"] == old["COGNITO_CLIENT_SECRET"]
    clients(local_aws.env)("cognito-idp").describe_user_pool(UserPoolId=pool_id)
    with pytest.raises(Exception, match="UnrecognizedClientException"):
        clients(old)("cognito-idp").describe_user_pool(UserPoolId=pool_id)


def test_the_staff_person_can_sign_in_and_is_in_both_groups(
    local_aws: LocalAWS, administrator: Clients, pool_id: str
) -> None:
    staff = env_file.read(local_aws.settings.staff_env)
    cognito = administrator("cognito-idp")
    assert can_sign_in(cognito, pool_id, staff)
    groups = cognito.admin_list_groups_for_user(UserPoolId=pool_id, Username=staff["STAFF_NAME"])["Groups"]
    assert {group["GroupName"] for group in groups} == {"staff", "superusers"}


def test_a_lost_staff_password_is_replaced(local_aws: LocalAWS, administrator: Clients, pool_id: str) -> None:
    old = env_file.read(local_aws.settings.staff_env)
    local_aws.settings.staff_env.unlink()
    deploy(local_aws.settings)
    new = env_file.read(local_aws.settings.staff_env)
    assert new["STAFF_NAME"] == old["STAFF_NAME"]
    assert not can_sign_in(administrator("cognito-idp"), pool_id, old)
    assert can_sign_in(administrator("cognito-idp"), pool_id, new)


def test_passwords_for_staff_differ() -> None:
    assert new_password() != new_password()


def test_the_sign_in_factors_of_the_template_reach_the_pool(administrator: Clients, pool_id: str) -> None:
    config = administrator("cognito-idp").get_user_pool_mfa_config(UserPoolId=pool_id)
    assert config["MfaConfiguration"] == "OPTIONAL"
    assert config["SoftwareTokenMfaConfiguration"] == {"Enabled": True}
    assert config["WebAuthnConfiguration"] == {
        "RelyingPartyId": "localhost",
        "UserVerification": "required",
        "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION",
    }
    assert "{####}" in config["EmailMfaConfiguration"]["Message"]
    assert "{####}" in config["SmsMfaConfiguration"]["SmsAuthenticationMessage"]


def test_the_client_rotates_refresh_tokens_and_nobody_may_write_a_role(
    local_aws: LocalAWS, administrator: Clients, pool_id: str
) -> None:
    client = administrator("cognito-idp").describe_user_pool_client(
        UserPoolId=pool_id, ClientId=local_aws.env["COGNITO_CLIENT_ID"]
    )["UserPoolClient"]
    assert client["RefreshTokenRotation"] == {"Feature": "ENABLED", "RetryGracePeriodSeconds": 30}
    assert "ALLOW_REFRESH_TOKEN_AUTH" not in client["ExplicitAuthFlows"]
    assert client["WriteAttributes"] == ["email", "locale", "name", "phone_number"]
    assert client["PreventUserExistenceErrors"] == "ENABLED"


def test_a_pool_in_production_is_protected_and_outlives_its_stack(tmp_path: Path) -> None:
    parameters = {"Environment": "production", "SiteUrl": "https://accounts.example.com"}
    with LocalAWS.start(tmp_path / "devcloud", parameters=parameters) as production:
        assert pool(production)["DeletionProtection"] == "ACTIVE"
        cloudformation = clients(production.root_env)("cloudformation")
        with pytest.raises(ClientError, match="TerminationProtection is enabled"):
            cloudformation.delete_stack(StackName="latchkey")
        cloudformation.update_termination_protection(StackName="latchkey", EnableTerminationProtection=False)
        cloudformation.delete_stack(StackName="latchkey")
        cloudformation.get_waiter("stack_delete_complete").wait(
            StackName="latchkey", WaiterConfig={"Delay": 0.1, "MaxAttempts": 100}
        )
        assert pool(production)["Id"] == production.env["COGNITO_USER_POOL_ID"]


def first_factors(local_aws: LocalAWS) -> list[str]:
    factors: list[str] = pool(local_aws)["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"]
    return factors


def recovery(local_aws: LocalAWS) -> list[str]:
    """Return the ways to recover a password, the first one first."""
    ways = pool(local_aws)["AccountRecoverySetting"]["RecoveryMechanisms"]
    return [way["Name"] for way in sorted(ways, key=lambda way: way["Priority"])]


def test_without_its_options_the_template_makes_a_plain_pool_signed_in_to_by_username(tmp_path: Path) -> None:
    plain = {"SignInWith": "username", "Registration": "closed"}
    with LocalAWS.start(tmp_path / "devcloud", parameters=plain | OFF) as local_aws:
        described = pool(local_aws)
        assert not described["UsernameAttributes"]
        assert described["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
        cognito = clients(local_aws.root_env)("cognito-idp")
        config = cognito.get_user_pool_mfa_config(UserPoolId=described["Id"])
        assert "EmailMfaConfiguration" not in config
        assert "SmsMfaConfiguration" not in config
        assert "WebAuthnConfiguration" not in config
        assert first_factors(local_aws) == ["PASSWORD"]
        assert recovery(local_aws) == ["verified_email"]
        client = cognito.describe_user_pool_client(
            UserPoolId=described["Id"], ClientId=local_aws.env["COGNITO_CLIENT_ID"]
        )["UserPoolClient"]
        assert "ALLOW_ADMIN_USER_PASSWORD_AUTH" not in client["ExplicitAuthFlows"]
        assert not client.get("AllowedOAuthFlowsUserPoolClient")
        assert local_aws.env["COGNITO_DEFAULT_GROUP"] == ""
        assert len(cognito.list_user_pool_clients(UserPoolId=described["Id"])["UserPoolClients"]) == 1


def test_an_update_of_the_template_keeps_the_people(tmp_path: Path) -> None:
    with LocalAWS.start(tmp_path / "devcloud") as local_aws:
        changed = deploy(local_aws.settings, {"EmailMfa": "off", "EmailSignIn": "off", "DefaultGroup": "members"})
        assert changed == {**local_aws.env, "COGNITO_DEFAULT_GROUP": "members"}
        cognito = clients(local_aws.root_env)("cognito-idp")
        cognito.admin_get_user(UserPoolId=changed["COGNITO_USER_POOL_ID"], Username="staff@example.com")
        config = cognito.get_user_pool_mfa_config(UserPoolId=changed["COGNITO_USER_POOL_ID"])
        assert "EmailMfaConfiguration" not in config
        assert first_factors(local_aws) == ["PASSWORD", "WEB_AUTHN"]
        assert recovery(local_aws) == ["verified_email"]


def test_with_a_mailed_second_factor_a_password_is_recovered_by_text_message_too(local_aws: LocalAWS) -> None:
    assert recovery(local_aws) == ["verified_email", "verified_phone_number"]


ACM = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ours-a1b2c3"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:ours"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d"
OIDC = {"DomainPrefix": "ours", "OidcName": "Acme", "OidcIssuer": "https://id.example.com", "OidcSecret": SECRET}
REFUSED_BY_RULE: list[tuple[str, dict[str, str], str]] = [
    ("ProductionHasItsOwnAddress", {"Environment": "production", "SiteUrl": "http://localhost:8000"}, "SiteUrl"),
    ("SenderNeedsAnIdentity", {"EmailSourceArn": "", "EmailMfa": "off"}, "EmailFrom is the sender"),
    ("MailedSecondFactorNeedsAnIdentity", {"EmailSourceArn": "", "EmailFrom": ""}, "EmailMfa takes an SES identity"),
    ("MailedSecondFactorNeedsAnotherWayBack", {"TextMessages": "off"}, "EmailMfa takes another way"),
    ("TextedSecondFactorNeedsAnotherWayBack", {"SignInWith": "phone", "TextMessages": "on"}, "texts no reset code"),
    ("NewcomersGetNoRights", {"DefaultGroup": "staff"}, "every newcomer would be staff"),
    ("NewcomersGetNoRights", {"DefaultGroup": "superusers"}, "every newcomer would be a superuser"),
    ("NewcomersGetNoRights", {"SuperuserGroup": "staff"}, "Give them different names"),
    (
        "OneDomain",
        {"DomainPrefix": "ours", "DomainName": "a.b.example", "DomainCertificateArn": ACM},
        "Set one of them",
    ),
    ("OwnDomainNeedsItsCertificate", {"DomainName": "auth.example.com"}, "Set DomainCertificateArn"),
    ("CertificateNeedsItsDomain", {"DomainCertificateArn": ACM}, "Set that as well"),
    ("OtherWaysInNeedADomain", {"ManagedLogin": "on"}, "Set DomainPrefix or DomainName"),
    ("OidcIsComplete", {**OIDC, "OidcIssuer": ""}, "Set OidcIssuer"),
    ("OidcIsComplete", {**OIDC, "OidcSecret": ""}, "Set OidcSecret"),
    ("OidcIsComplete", {**OIDC, "SamlName": "Acme", "SamlMetadataUrl": "https://a.example/m"}, "different names"),
    ("OidcHasAName", {**OIDC, "OidcName": ""}, "Set OidcName"),
    ("SamlIsComplete", {"DomainPrefix": "ours", "SamlName": "Corp"}, "Set SamlMetadataUrl"),
    ("SamlHasAName", {"SamlMetadataUrl": "https://a.example/m"}, "Set SamlName"),
    ("SendersNeedAKey", {"EmailSenderFunction": FUNCTION}, "Set SenderKeyArn"),
    ("KeyNeedsASender", {"SenderKeyArn": KEY}, "Set one of them"),
]


@pytest.mark.parametrize(("rule", "parameters", "words"), REFUSED_BY_RULE)
def test_a_combination_that_cannot_work_is_refused_in_words(
    local_aws: LocalAWS, rule: str, parameters: dict[str, str], words: str
) -> None:
    with pytest.raises(DeploymentFailed, match=words):
        deploy(local_aws.settings, parameters)
    assert deploy(local_aws.settings) == local_aws.env


@pytest.mark.parametrize(
    "parameters",
    [
        {"GoogleSecret": SECRET},
        {"FacebookSecret": SECRET},
        {"AmazonSecret": SECRET},
        {"AppleSecret": SECRET},
        {**OIDC, "DomainPrefix": ""},
        {"SamlName": "Corp", "SamlMetadataUrl": "https://a.example/m"},
    ],
    ids=str,
)
def test_a_provider_without_a_domain_is_refused_in_words(local_aws: LocalAWS, parameters: dict[str, str]) -> None:
    with pytest.raises(DeploymentFailed, match="Set DomainPrefix or DomainName"):
        deploy(local_aws.settings, parameters)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SiteUrl", "http://accounts.example.com"),
        ("SiteUrl", "http://localhost.example.com"),
        ("DomainPrefix", "my-aws"),
        ("DomainPrefix", "cognito1"),
        ("DomainPrefix", "My"),
        ("DomainPrefix", "my-"),
        ("DomainName", "example.com"),
        ("DomainCertificateArn", ACM.replace("us-east-1", "eu-west-1")),
        ("OidcName", "Google"),
        ("OidcName", "COGNITO"),
        ("OidcName", "a_b_c"),
        ("OidcName", "ab"),
        ("OidcLabel", "Acme, Inc"),
        ("OidcLabel", "$HOME"),
        ("OidcLabel", "It's"),
        ("OidcLabel", "a" * 49),
        ("OidcIssuer", "http://id.example.com"),
        ("OidcIssuer", "https://id.example.com/"),
        ("SamlName", "SignInWithApple"),
        ("SamlMetadataUrl", "http://id.example.com/metadata"),
        ("PreSignUpFunction", "ours"),
        ("SenderKeyArn", "alias/ours"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_parameter(local_aws: LocalAWS, name: str, value: str) -> None:
    with pytest.raises(DeploymentFailed, match=name):
        deploy(local_aws.settings, {name: value})


@pytest.mark.parametrize("name", ["GoogleSecret", "FacebookSecret", "AmazonSecret", "AppleSecret", "OidcSecret"])
def test_a_secret_in_clear_is_not_even_sent(local_aws: LocalAWS, name: str) -> None:
    with pytest.raises(DeploymentFailed, match=f"{name} takes the ARN of a secret") as caught:
        deploy(local_aws.settings, {name: "GOCSPX-a-client-secret"})
    assert "GOCSPX" not in str(caught.value)
    assert "Nothing was sent" in str(caught.value)


def test_with_a_provider_beside_it_people_have_another_way_in(tmp_path: Path) -> None:
    with LocalAWS.start(tmp_path / "devcloud") as local_aws:
        assert (local_aws.env["COGNITO_DOMAIN"], local_aws.env["COGNITO_PROVIDERS"]) == ("", "")
        settings = replace(local_aws.settings, provider_port=1)
        variables = deploy(settings)
        assert variables["COGNITO_DOMAIN"] == settings.endpoint
        assert variables["COGNITO_PROVIDERS"] == f"{NAME}={LABEL},COGNITO=the local pool"
        cognito = clients(local_aws.root_env)("cognito-idp")
        ids = {"UserPoolId": variables["COGNITO_USER_POOL_ID"], "ClientId": variables["COGNITO_CLIENT_ID"]}
        client = cognito.describe_user_pool_client(**ids)["UserPoolClient"]
        assert client["SupportedIdentityProviders"] == ["COGNITO", NAME]
        assert client["CallbackURLs"] == [f"{settings.origin}/login/callback/"]
        assert client["LogoutURLs"] == [f"{settings.origin}/login/"]
        assert cognito.describe_managed_login_branding_by_client(**ids)["ManagedLoginBranding"]

        def details() -> dict[str, str]:
            found = cognito.describe_identity_provider(UserPoolId=ids["UserPoolId"], ProviderName=NAME)
            known: dict[str, str] = found["IdentityProvider"]["ProviderDetails"]
            return known

        secret = env_file.read(settings.provider_env)
        assert details()["oidc_issuer"] == settings.issuer
        assert (details()["client_id"], details()["client_secret"]) == (secret["CLIENT_ID"], secret["CLIENT_SECRET"])
        stacks = clients(local_aws.root_env)("cloudformation").describe_stacks(StackName="latchkey")
        assert secret["CLIENT_SECRET"] not in str(stacks)
        assert deploy(settings) == variables
        settings.provider_env.unlink()
        deploy(settings)
        assert details()["client_secret"] == env_file.read(settings.provider_env)["CLIENT_SECRET"]
        assert details()["client_secret"] != secret["CLIENT_SECRET"]


def test_every_assertion_of_the_template_is_among_those_tried() -> None:
    template = cfn_yaml.load(str(TEMPLATE))
    assertions = [name for name, rule in template["Rules"].items() for _assertion in rule["Assertions"]]
    assert sorted(assertions) == sorted(rule for rule, _parameters, _words in REFUSED_BY_RULE)


def test_what_the_engine_refuses_is_said_with_its_reason(local_aws: LocalAWS, tmp_path: Path) -> None:
    without_rules = tmp_path / "template.yaml"
    text = TEMPLATE.read_text()
    rules, conditions = text.index("Rules:\n"), text.index("Conditions:\n")
    without_rules.write_text(text[:rules] + text[conditions:])
    with pytest.raises(DeploymentFailed, match="EmailSendingAccount DEVELOPER"):
        deploy(local_aws.settings, {"EmailSourceArn": "", "EmailFrom": ""}, without_rules)
    assert deploy(local_aws.settings) == local_aws.env


def test_a_refused_template_says_which_part_and_why(local_aws: LocalAWS) -> None:
    with pytest.raises(DeploymentFailed, match="UserPool"):
        deploy(local_aws.settings, {"SignInWith": "username"})
    assert deploy(local_aws.settings) == local_aws.env
