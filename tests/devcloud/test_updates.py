"""A stack that was changed is like one that was made so: the local AWS carries every parameter to the pool."""

from __future__ import annotations

import json
import re
import secrets
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from devcloud.deploy import ACCOUNT, root_session
from devcloud.start import LocalAWS
from infra.account import Account
from infra.deploy import Outcome, deploy
from infra.errors import Refused
from infra.stack import Stack, State
from infra.template import Template

SES = f"arn:aws:ses:eu-west-1:{ACCOUNT}:identity/localhost"
BASE = {"Environment": "development", "Name": "pool", "SiteUrl": "https://a.example.com", "EmailSourceArn": SES}
PREFIX = "updates"  # begins what stands for it in a stack, as no two pools have the same domain
ACM = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d"
SECRET = "known by its name"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:ours"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d"
OIDC = {"OidcName": "Acme", "OidcLabel": "Acme Inc", "OidcIssuer": "https://id.example.com", "OidcSecret": SECRET}
# One for each parameter that can be changed, with what it takes besides.
CHANGES = [
    {"Environment": "production"},
    {"Name": "lake"},
    {"SiteName": "Other"},
    {"SiteUrl": "https://b.example.com"},
    {"Registration": "admin"},
    {"Administration": "on"},
    {"StaffGroup": "crew"},
    {"SuperuserGroup": "captains"},
    {"DefaultGroup": "members"},
    {"AdminPasswordAuth": "on"},
    {"RelyingPartyId": "a.example.com"},
    {"EmailSignIn": "on"},
    {"EmailSourceArn": ""},
    {"EmailFrom": "Other <other@localhost>"},
    {"EmailMfa": "on", "TextMessages": "on"},
    {"TextMessages": "on"},
    {"PublicClient": "on"},
    {"DomainPrefix": PREFIX},
    {"DomainName": f"{PREFIX}.example.com", "DomainCertificateArn": ACM},
    {"DomainPrefix": PREFIX, "ManagedLogin": "on"},
    {
        "DomainPrefix": PREFIX,
        "GoogleSecret": SECRET,
        "FacebookSecret": SECRET,
        "AmazonSecret": SECRET,
        "AppleSecret": SECRET,
    },
    {"DomainPrefix": PREFIX, **OIDC},
    {"DomainPrefix": PREFIX, **OIDC, "OidcProvesEmail": "on"},
    {"DomainPrefix": PREFIX, "SamlName": "Corp", "SamlLabel": "Corp Inc", "SamlMetadataUrl": "https://a.example/m"},
    {"PreSignUpFunction": FUNCTION, "PostConfirmationFunction": FUNCTION, "PreTokenGenerationFunction": FUNCTION},
    {"CustomMessageFunction": FUNCTION, "UserMigrationFunction": FUNCTION},
    {"EmailSenderFunction": FUNCTION, "SmsSenderFunction": FUNCTION, "SenderKeyArn": KEY},
]
LET_GO = {
    *("StaffUserPoolGroup", "SuperuserUserPoolGroup", "DefaultUserPoolGroup", "PublicAppClient", "Domain"),
    *("RelyingPartyId", "EmailMfa", "TextMessages"),
    *(f"{name}Provider" for name in ("Google", "Facebook", "Amazon", "Apple", "Oidc", "Saml")),
}
# What differs between two pools that are alike.
OWN = {"Id", "Arn", "CreationDate", "LastModifiedDate", "UserPoolId", "ClientId", "ClientSecret", "ResponseMetadata"}


@pytest.fixture(scope="module")
def account(local_aws: LocalAWS) -> Account:
    return Account.of(root_session(local_aws.settings), local_aws.settings.endpoint)


@pytest.fixture(scope="module")
def base(account: Account) -> Any:
    """What a stack is like that was made with BASE."""
    return made(account, BASE)


def new_stack(account: Account) -> Stack:
    return Stack(account, f"stack-{secrets.token_hex(6)}", Template.read(), poll=0.02)


def made(account: Account, parameters: dict[str, str]) -> Any:
    """Return what a stack is like that was made with ``parameters``."""
    return likeness(account, deploy(new_stack(account), meant(account, parameters)).state)


def meant(account: Account, parameters: dict[str, str]) -> dict[str, str]:
    """Return ``parameters`` with a domain that no other stack has, and with the ARN of a secret that there is."""
    keys = ("client_id", "client_secret", "team_id", "key_id", "private_key")
    own, manager = f"{PREFIX}-{secrets.token_hex(6)}", account.client("secretsmanager")
    with suppress(manager.exceptions.ResourceExistsException):
        manager.create_secret(Name="updates", SecretString=json.dumps({key: f"our {key}" for key in keys}))
    arn = manager.describe_secret(SecretId="updates")["ARN"]
    return {name: value.replace(PREFIX, own).replace(SECRET, arn) for name, value in parameters.items()}


def likeness(account: Account, state: State) -> Any:
    """Return all that Cognito and IAM say of what a stack has made, without what is its own."""
    cognito, iam, pool_id = account.client("cognito-idp"), account.client("iam"), state.outputs["UserPoolId"]
    clients = [state.outputs[name] for name in ("ClientId", "PublicClientId") if name in state.outputs]
    arn = state.outputs["SitePolicyArn"]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return plain(
        [
            cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"],
            cognito.get_user_pool_mfa_config(UserPoolId=pool_id),
            [
                cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=each)["UserPoolClient"]
                for each in clients
            ],
            sorted(groups(cognito, pool_id), key=lambda group: str(group["GroupName"])),
            providers(cognito, pool_id),
            [style(cognito, pool_id, each) for each in clients],
            state.outputs.get("DomainUrl", ""),
            state.outputs.get("Providers", ""),
            iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"],
        ]
    )


def groups(cognito: Any, pool_id: str) -> list[dict[str, Any]]:
    """Return the pool's groups but those that Cognito makes for providers, and keeps."""
    found = cognito.list_groups(UserPoolId=pool_id)["Groups"]
    return [group for group in found if not group["GroupName"].startswith(pool_id)]


def providers(cognito: Any, pool_id: str) -> list[Any]:
    """Return all that is known of the pool's providers."""
    names = [each["ProviderName"] for each in cognito.list_identity_providers(UserPoolId=pool_id)["Providers"]]
    return [
        cognito.describe_identity_provider(UserPoolId=pool_id, ProviderName=name)["IdentityProvider"] for name in names
    ]


def style(cognito: Any, pool_id: str, client_id: str) -> bool:
    """Return whether an app client's page of the domain is shown."""
    try:
        cognito.describe_managed_login_branding_by_client(UserPoolId=pool_id, ClientId=client_id)
    except cognito.exceptions.ResourceNotFoundException:
        return False
    return True


def plain(value: Any) -> Any:
    """Return ``value`` without names, ids and times of its own, and with the ids in an ARN or a domain left out."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items() if name not in OWN and name != "UserPoolTags"}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, str) and PREFIX in value:
        return re.sub(rf"{PREFIX}-\w+", PREFIX, value)
    own_arn = isinstance(value, str) and value.startswith(("arn:aws:cognito-idp:", "arn:aws:iam:"))
    return "arn" if own_arn else value


def test_every_parameter_that_can_be_changed_is_tried() -> None:
    tried = {name for change in CHANGES for name in change}
    # Files can be had later and not be given up: a test of their own is below.
    assert set(Template.read().parameters) - tried == {"SignInWith", "Files"}


@pytest.mark.parametrize("change", CHANGES, ids=" ".join)
def test_a_stack_that_was_changed_is_like_one_that_was_made_so(
    account: Account, base: Any, change: dict[str, str]
) -> None:
    stack = new_stack(account)
    pool_id = deploy(stack, BASE).state.outputs["UserPoolId"]
    there = deploy(stack, meant(account, change), let_go=LET_GO)
    assert there.outcome is Outcome.DEPLOYED
    assert likeness(account, there.state) == made(account, BASE | change) != base
    defaults = {name: Template.read().parameters[name] or "" for name in change}
    back = deploy(stack, defaults | BASE, let_go=LET_GO)
    assert likeness(account, back.state) == base
    assert back.state.outputs["UserPoolId"] == there.state.outputs["UserPoolId"] == pool_id


def test_files_can_be_added_to_a_stack_and_no_deployment_takes_them_away(account: Account) -> None:
    stack = new_stack(account)
    deploy(stack, BASE)
    outputs = deploy(stack, {"Files": "on"}).state.outputs
    identities, s3 = account.client("cognito-identity"), account.client("s3")
    pool = identities.describe_identity_pool(IdentityPoolId=outputs["IdentityPoolId"])
    assert not pool["AllowUnauthenticatedIdentities"]
    assert not pool.get("AllowClassicFlow")
    assert [each["ServerSideTokenCheck"] for each in pool["CognitoIdentityProviders"]] == [True]
    roles = identities.get_identity_pool_roles(IdentityPoolId=outputs["IdentityPoolId"])
    (mapping,) = roles["RoleMappings"].values()
    assert (set(roles["Roles"]), mapping["Type"]) == ({"authenticated"}, "Token")
    bucket = outputs["FilesBucket"]
    assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert "aws:SecureTransport" in s3.get_bucket_policy(Bucket=bucket)["Policy"]
    with pytest.raises(ClientError, match="NoSuchCORSConfiguration"):
        s3.get_bucket_cors(Bucket=bucket)
    with pytest.raises(Refused, match="everybody's identity"):
        deploy(stack, {"Files": "off"}, let_go=LET_GO)
