"""Tokens.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-with-identity-providers.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import jwt
import pytest

from devcloud.start import LocalAWS
from tests.devcloud.conformance.conftest import Clock, MakePool
from tests.devcloud.conformance.user_pool import AppClient, Person, claims, refused


@pytest.fixture
def role(server: LocalAWS) -> Callable[[str], str]:
    """Makes an IAM role and returns its ARN."""
    keys = {name.lower(): value for name, value in server.root_env.items() if "KEY" in name}
    session: Any = boto3.Session(region_name=server.settings.region)
    iam = session.client("iam", endpoint_url=server.settings.endpoint, **keys)
    return lambda name: str(iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"])


def test_the_id_token_tells_the_truth_about_the_address(app: AppClient) -> None:
    """amazon-cognito-user-pools-using-the-id-token.html, email_verified."""
    verified, unverified = app.person(), app.person(email_verified="false")
    assert claims(app.tokens(verified)["IdToken"])["email_verified"] is True
    assert claims(app.tokens(unverified)["IdToken"])["email_verified"] is False


def test_each_token_names_its_use_client_and_person(app: AppClient, person: Person) -> None:
    """amazon-cognito-user-pools-using-the-id-token.html, ...-the-access-token.html."""
    tokens = app.tokens(person)
    id_token, access_token = claims(tokens["IdToken"]), claims(tokens["AccessToken"])
    assert (id_token["token_use"], id_token["aud"], id_token["sub"]) == ("id", app.id, person.sub)
    assert (access_token["token_use"], access_token["client_id"], access_token["sub"]) == ("access", app.id, person.sub)
    assert access_token["username"] == id_token["cognito:username"]
    assert access_token["scope"] == "aws.cognito.signin.user.admin"
    assert id_token["iss"].endswith(f"/{app.pool_id}")


def test_tokens_last_as_long_as_the_client_says(make_pool: MakePool, later: Clock) -> None:
    """API_CreateUserPoolClient, AccessTokenValidity."""
    units = {"AccessToken": "minutes", "IdToken": "minutes"}
    app = make_pool(client={"AccessTokenValidity": 5, "IdTokenValidity": 10, "TokenValidityUnits": units})
    tokens = app.tokens(app.person())
    access_token, id_token = claims(tokens["AccessToken"]), claims(tokens["IdToken"])
    assert tokens["ExpiresIn"] == access_token["exp"] - access_token["iat"] == 300
    assert id_token["exp"] - id_token["iat"] == 600
    with later(301), refused("NotAuthorizedException", "expired"):
        app.public.get_user(AccessToken=tokens["AccessToken"])


def test_groups_bring_roles_and_a_preferred_one(make_pool: MakePool, role: Callable[[str], str]) -> None:
    """cognito-user-pools-user-groups.html: the lowest precedence wins, a tie has no winner."""
    app = make_pool()
    person = app.person()
    roles = {name: role(name) for name in ("chiefs", "staff", "board")}

    def join(name: str, precedence: int) -> dict[str, Any]:
        app.admin.create_group(UserPoolId=app.pool_id, GroupName=name, RoleArn=roles[name], Precedence=precedence)
        app.on(person, "add_user_to_group", GroupName=name)
        return claims(app.tokens(person)["IdToken"])

    join("staff", 5)
    two = join("chiefs", 1)
    assert set(two["cognito:groups"]) == {"chiefs", "staff"}
    assert set(two["cognito:roles"]) == {roles["chiefs"], roles["staff"]}
    assert two["cognito:preferred_role"] == roles["chiefs"]
    assert "cognito:preferred_role" not in join("board", 1)


def test_a_person_without_groups_has_no_such_claims(app: AppClient, person: Person) -> None:
    """cognito-user-pools-user-groups.html."""
    id_token = claims(app.tokens(person)["IdToken"])
    assert not {"cognito:groups", "cognito:roles", "cognito:preferred_role"} & id_token.keys()


@pytest.mark.parametrize("kind", ["IdToken", "RefreshToken"])
def test_only_an_access_token_speaks_for_a_person(app: AppClient, person: Person, kind: str) -> None:
    """API_GetUser, NotAuthorizedException."""
    with refused("NotAuthorizedException"):
        app.public.get_user(AccessToken=app.tokens(person)[kind])


@pytest.mark.parametrize(
    "operation",
    ["get_user", "get_user_auth_factors", "list_web_authn_credentials", "start_web_authn_registration", "delete_user"],
)
def test_a_forged_token_opens_nothing(app: AppClient, person: Person, operation: str) -> None:
    """verifying-a-jwt.html."""
    body = claims(app.tokens(person)["AccessToken"])
    forged = jwt.encode(body, "x" * 32, algorithm="HS256", headers={"kid": "made-up"})
    with refused("NotAuthorizedException"):
        getattr(app.public, operation)(AccessToken=forged)


@pytest.mark.parametrize("end", ["disable_user", "user_global_sign_out"])
def test_an_access_token_ends_with_the_sign_in(app: AppClient, person: Person, end: str) -> None:
    """token-revocation.html."""
    token = app.tokens(person)["AccessToken"]
    app.on(person, end)
    with refused("NotAuthorizedException"):
        app.public.get_user_auth_factors(AccessToken=token)
