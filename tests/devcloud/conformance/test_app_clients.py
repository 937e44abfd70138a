"""App clients: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-client-apps.html."""

from __future__ import annotations

from typing import Any

import pytest

from tests.devcloud.conformance.conftest import FLOWS, MakePool
from tests.devcloud.conformance.user_pool import AppClient, refused


def described(app: AppClient) -> dict[str, Any]:
    found: dict[str, Any] = app.admin.describe_user_pool_client(UserPoolId=app.pool_id, ClientId=app.id)
    return dict(found["UserPoolClient"])


def test_an_update_resets_what_it_leaves_out(make_pool: MakePool) -> None:
    """API_UpdateUserPoolClient: "If you don't provide a value [...], Amazon Cognito sets it to its default value"."""
    rotation = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 10}
    app = make_pool(client={"RefreshTokenRotation": rotation, "AuthSessionValidity": 15, "ReadAttributes": ["email"]})
    app.admin.update_user_pool_client(UserPoolId=app.pool_id, ClientId=app.id, ExplicitAuthFlows=FLOWS)
    after = described(app)
    assert after["AuthSessionValidity"] == 3
    assert not after.get("ReadAttributes")
    assert "RefreshTokenRotation" not in after
    assert after["ExplicitAuthFlows"] == FLOWS
    assert (after["ClientSecret"], after["ClientName"]) == (app.secret, "conformance")


def test_a_grace_period_has_a_limit(make_pool: MakePool) -> None:
    """API_RefreshTokenRotationType: 0 to 60 seconds."""
    with refused("InvalidParameterException"):
        make_pool(client={"RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 61}})


@pytest.mark.parametrize(
    ("life", "units"),
    [
        ({"AccessTokenValidity": 2}, {"AccessToken": "minutes"}),
        ({"AccessTokenValidity": 299}, {"AccessToken": "seconds"}),
        ({"AccessTokenValidity": 25}, {}),
        ({"IdTokenValidity": 4}, {"IdToken": "minutes"}),
        ({"IdTokenValidity": 2}, {"IdToken": "days"}),
        ({"RefreshTokenValidity": 59}, {"RefreshToken": "minutes"}),
        ({"RefreshTokenValidity": 3651}, {}),
    ],
)
def test_tokens_live_neither_shorter_nor_longer_than_cognito_makes_them(
    app: AppClient, make_pool: MakePool, life: dict[str, int], units: dict[str, str]
) -> None:
    """API_TokenValidityUnitsType: five minutes to a day, the refresh token an hour to ten years."""
    with refused("InvalidParameterException", next(iter(life))):
        make_pool(client={**life, "TokenValidityUnits": units})
    with refused("InvalidParameterException", next(iter(life))):
        app.admin.update_user_pool_client(
            UserPoolId=app.pool_id, ClientId=app.id, ExplicitAuthFlows=FLOWS, **life, TokenValidityUnits=units
        )


def test_the_shortest_lives_are_taken(make_pool: MakePool) -> None:
    units = {"AccessToken": "minutes", "IdToken": "seconds", "RefreshToken": "minutes"}
    lives = {"AccessTokenValidity": 5, "IdTokenValidity": 300, "RefreshTokenValidity": 60}
    app = make_pool(client={**lives, "TokenValidityUnits": units})
    assert app.tokens(app.person())["ExpiresIn"] == 300


def test_ids_and_secrets_are_of_lower_case_letters_and_digits(app: AppClient) -> None:
    """API_UserPoolClientType: the patterns [\\w+]+; AWS uses no other letters."""
    assert (app.id.isalnum(), app.id.islower(), len(app.id)) == (True, True, 26)
    assert app.secret
    assert (app.secret.isalnum(), app.secret.islower()) == (True, True)


def test_an_unknown_client_is_not_found(app: AppClient) -> None:
    """API_InitiateAuth, ResourceNotFoundException."""
    with refused("ResourceNotFoundException"):
        app.public.initiate_auth(
            ClientId="unknownclient", AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": "a", "PASSWORD": "b"}
        )


def test_a_client_of_another_pool_is_not_found(app: AppClient, make_pool: MakePool) -> None:
    """API_AdminInitiateAuth, ResourceNotFoundException."""
    with refused("ResourceNotFoundException"):
        app.admin.admin_initiate_auth(
            UserPoolId=make_pool().pool_id,
            ClientId=app.id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "a", "PASSWORD": "b"},
        )


def test_updating_a_pool_resets_what_it_leaves_out(make_pool: MakePool) -> None:
    """API_UpdateUserPool: "If you don't provide a value for an attribute, it's set to the default value"."""
    recovery = {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]}
    app = make_pool(AccountRecoverySetting=recovery, Policies={"PasswordPolicy": {"MinimumLength": 20}})
    app.admin.update_user_pool(UserPoolId=app.pool_id, AutoVerifiedAttributes=["email"])
    pool = app.admin.describe_user_pool(UserPoolId=app.pool_id)["UserPool"]
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 8
    assert not pool.get("AccountRecoverySetting")
    assert (pool["AutoVerifiedAttributes"], pool["UsernameAttributes"]) == (["email"], ["email"])
