"""Identity pools: https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from devcloud.start import LocalAWS
from tests.devcloud.conformance.conftest import MakePool
from tests.devcloud.conformance.user_pool import AppClient, refused


@dataclass(frozen=True)
class IdentityPool:
    """An identity pool that people of one app client may use."""

    public: Any
    admin: Any
    id: str
    app: AppClient
    login: str

    def logins(self, **groups: str) -> dict[str, str]:
        """Return the Logins of a new person who is in `groups`, each with its role."""
        person = self.app.person()
        for name, role in groups.items():
            self.app.admin.create_group(UserPoolId=self.app.pool_id, GroupName=name, RoleArn=role)
            self.app.on(person, "add_user_to_group", GroupName=name)
        return {self.login: self.app.tokens(person)["IdToken"]}

    def assign(self, role: str, **mapping: Any) -> None:
        """Give people the role, or the one that `mapping` finds."""
        provider = f"{self.login}:{self.app.id}"
        mappings = {"RoleMappings": {provider: mapping}} if mapping else {}
        self.admin.set_identity_pool_roles(IdentityPoolId=self.id, Roles={"authenticated": role}, **mappings)

    def credentials(self, logins: Mapping[str, str], **parameters: str) -> Any:
        """Return temporary credentials."""
        identity = self.public.get_id(IdentityPoolId=self.id, Logins=logins)["IdentityId"]
        return self.public.get_credentials_for_identity(IdentityId=identity, Logins=logins, **parameters)["Credentials"]


def client(server: LocalAWS, service: str, **options: Any) -> Any:
    session: Any = boto3.Session(region_name=server.settings.region)
    return session.client(service, endpoint_url=server.settings.endpoint, **options)


@pytest.fixture
def keys(server: LocalAWS) -> dict[str, str]:
    """The administrator's key."""
    return {name.lower(): value for name, value in server.root_env.items() if "KEY" in name}


@pytest.fixture
def identities(server: LocalAWS, make_pool: MakePool, keys: dict[str, str]) -> IdentityPool:
    """An identity pool without roles."""
    app = make_pool()
    login = f"cognito-idp.{server.settings.region}.amazonaws.com/{app.pool_id}"
    admin = client(server, "cognito-identity", **keys)
    made = admin.create_identity_pool(
        IdentityPoolName="conformance",
        AllowUnauthenticatedIdentities=False,
        CognitoIdentityProviders=[{"ProviderName": login, "ClientId": app.id}],
    )
    public = client(server, "cognito-identity", config=Config(signature_version=UNSIGNED))
    return IdentityPool(public, admin, made["IdentityPoolId"], app, login)


@pytest.fixture
def role(server: LocalAWS, keys: dict[str, str]) -> Callable[..., str]:
    """Makes a role that trusts one identity pool, and returns its ARN."""
    iam = client(server, "iam", **keys)

    def make(pool_id: str, kind: str = "authenticated") -> str:
        trust = {
            "Effect": "Allow",
            "Principal": {"Federated": "cognito-identity.amazonaws.com"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {"cognito-identity.amazonaws.com:aud": pool_id},
                "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": kind},
            },
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        name = f"role-{secrets.token_hex(4)}"
        return str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"])

    return make


def assumed(server: LocalAWS, credentials: dict[str, str]) -> str:
    """Return the name of the role that the credentials are for."""
    sts = client(
        server,
        "sts",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretKey"],
        aws_session_token=credentials["SessionToken"],
    )
    return str(sts.get_caller_identity()["Arn"]).split("/")[1]


def test_people_get_credentials_of_the_pools_role(
    server: LocalAWS, identities: IdentityPool, role: Callable[..., str]
) -> None:
    """API_GetCredentialsForIdentity."""
    given = role(identities.id)
    identities.assign(given)
    assert assumed(server, identities.credentials(identities.logins())) == given.rpartition("/")[2]


def test_strangers_get_no_identity_unless_the_pool_says_so(identities: IdentityPool) -> None:
    """API_CreateIdentityPool, AllowUnauthenticatedIdentities."""
    with refused("NotAuthorizedException", "Unauthenticated access is not supported"):
        identities.public.get_id(IdentityPoolId=identities.id)
    identities.admin.update_identity_pool(
        IdentityPoolId=identities.id, IdentityPoolName="conformance", AllowUnauthenticatedIdentities=True
    )
    assert identities.public.get_id(IdentityPoolId=identities.id)["IdentityId"]


def test_a_pool_without_roles_gives_no_credentials(identities: IdentityPool) -> None:
    """API_GetCredentialsForIdentity, InvalidIdentityPoolConfigurationException."""
    with refused("InvalidIdentityPoolConfigurationException"):
        identities.credentials(identities.logins())


@pytest.mark.parametrize(("trusted", "kind"), [("eu-west-1:another", "authenticated"), ("", "unauthenticated")])
def test_a_role_that_does_not_trust_the_pool_is_refused(
    identities: IdentityPool, role: Callable[..., str], trusted: str, kind: str
) -> None:
    """role-trust-and-permissions.html."""
    identities.assign(role(trusted or identities.id, kind))
    with refused("InvalidIdentityPoolConfigurationException"):
        identities.credentials(identities.logins())


class TestRolesFromTheToken:
    """role-based-access-control.html, "Using tokens to assign roles to users"."""

    def test_the_groups_role_is_used(
        self, server: LocalAWS, identities: IdentityPool, role: Callable[..., str]
    ) -> None:
        default, editors = role(identities.id), role(identities.id)
        identities.assign(default, Type="Token", AmbiguousRoleResolution="Deny")
        credentials = identities.credentials(identities.logins(editors=editors))
        assert assumed(server, credentials) == editors.rpartition("/")[2]

    def test_without_one_the_pool_decides(
        self, server: LocalAWS, identities: IdentityPool, role: Callable[..., str]
    ) -> None:
        default = role(identities.id)
        identities.assign(default, Type="Token", AmbiguousRoleResolution="Deny")
        with refused("NotAuthorizedException"):
            identities.credentials(identities.logins())
        identities.assign(default, Type="Token", AmbiguousRoleResolution="AuthenticatedRole")
        assert assumed(server, identities.credentials(identities.logins())) == default.rpartition("/")[2]

    def test_a_role_the_token_does_not_carry_is_refused(
        self, identities: IdentityPool, role: Callable[..., str]
    ) -> None:
        default = role(identities.id)
        identities.assign(default, Type="Token", AmbiguousRoleResolution="Deny")
        with refused("NotAuthorizedException"):
            identities.credentials(identities.logins(), CustomRoleArn=default)


def test_rules_find_the_role_by_claim(server: LocalAWS, identities: IdentityPool, role: Callable[..., str]) -> None:
    """role-based-access-control.html, "Using rule-based mapping to assign roles to users"."""
    default, chosen = role(identities.id), role(identities.id)
    rule = {"Claim": "email", "MatchType": "StartsWith", "Value": "ada-", "RoleARN": chosen}
    mapping = {"Type": "Rules", "AmbiguousRoleResolution": "Deny"}
    identities.assign(default, **mapping, RulesConfiguration={"Rules": [rule]})
    assert assumed(server, identities.credentials(identities.logins())) == chosen.rpartition("/")[2]
    identities.assign(default, **mapping, RulesConfiguration={"Rules": [rule | {"Value": "bob-"}]})
    with refused("NotAuthorizedException"):
        identities.credentials(identities.logins())


def test_whoever_was_signed_out_everywhere_gets_credentials_only_where_the_pool_does_not_ask(
    identities: IdentityPool, role: Callable[..., str]
) -> None:
    """API_CognitoIdentityProvider, ServerSideTokenCheck."""
    identities.assign(role(identities.id))
    person = identities.app.person()
    logins = {identities.login: identities.app.tokens(person)["IdToken"]}
    identities.app.on(person, "user_global_sign_out")
    assert identities.credentials(logins)
    identities.admin.update_identity_pool(
        IdentityPoolId=identities.id,
        IdentityPoolName="conformance",
        AllowUnauthenticatedIdentities=False,
        CognitoIdentityProviders=[
            {"ProviderName": identities.login, "ClientId": identities.app.id, "ServerSideTokenCheck": True}
        ],
    )
    with refused("NotAuthorizedException"):
        identities.credentials(logins)
    assert identities.credentials({identities.login: identities.app.tokens(person)["IdToken"]})
