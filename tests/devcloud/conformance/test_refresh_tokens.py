"""Refresh tokens.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.devcloud.conformance.conftest import FLOWS, Clock, MakePool
from tests.devcloud.conformance.user_pool import AppClient, Person, claims, refused

DAY = 24 * 60 * 60
GRACE = 30
ROTATION = {"Feature": "ENABLED", "RetryGracePeriodSeconds": GRACE}


@pytest.fixture(scope="module")
def rotating(make_pool: MakePool) -> AppClient:
    """A client that rotates refresh tokens with a grace period."""
    return make_pool(client={"RefreshTokenRotation": ROTATION})


@pytest.fixture(scope="module")
def steady(make_pool: MakePool) -> AppClient:
    """A client that keeps one refresh token for the whole sign-in."""
    return make_pool(client={"ExplicitAuthFlows": [*FLOWS, "ALLOW_REFRESH_TOKEN_AUTH"]})


def refresh_auth(app: AppClient, refresh_token: str, name: str) -> Any:
    return app.public.initiate_auth(
        ClientId=app.id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": refresh_token, "SECRET_HASH": app.hash(name)},
    )["AuthenticationResult"]


class TestRotation:
    """API_RefreshTokenRotationType, API_GetTokensFromRefreshToken."""

    def test_a_refresh_brings_a_new_refresh_token(self, rotating: AppClient) -> None:
        first = rotating.tokens(rotating.person())["RefreshToken"]
        second = rotating.refresh(first)["RefreshToken"]
        third = rotating.refresh(second)["RefreshToken"]
        assert len({first, second, third}) == 3

    def test_the_new_one_lives_only_as_long_as_the_first_would_have(self, rotating: AppClient, later: Clock) -> None:
        first = rotating.tokens(rotating.person())["RefreshToken"]
        with later(29 * DAY):
            second = rotating.refresh(first)["RefreshToken"]
        with later(30 * DAY + 60), refused("NotAuthorizedException", "expired"):
            rotating.refresh(second)

    def test_the_old_one_works_during_the_grace_period(self, rotating: AppClient, later: Clock) -> None:
        first = rotating.tokens(rotating.person())["RefreshToken"]
        rotating.refresh(first)
        with later(GRACE - 2):
            assert rotating.refresh(first)["RefreshToken"]

    def test_the_old_one_is_refused_after_it(self, rotating: AppClient, later: Clock) -> None:
        first = rotating.tokens(rotating.person())["RefreshToken"]
        rotating.refresh(first)
        with later(GRACE + 1), refused("RefreshTokenReuseException"):
            rotating.refresh(first)

    def test_a_retry_does_not_prolong_the_grace_period(self, rotating: AppClient, later: Clock) -> None:
        first = rotating.tokens(rotating.person())["RefreshToken"]
        rotating.refresh(first)
        with later(GRACE - 2):
            rotating.refresh(first)
        with later(GRACE + 2), refused("RefreshTokenReuseException"):
            rotating.refresh(first)

    def test_without_grace_only_one_of_many_requests_at_once_wins(self, make_pool: MakePool) -> None:
        app = make_pool(client={"RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}})
        first = app.tokens(app.person())["RefreshToken"]

        def attempt(_number: int) -> bool:
            try:
                return bool(app.refresh(first))
            except app.public.exceptions.RefreshTokenReuseException:
                return False

        with ThreadPoolExecutor(8) as threads:
            assert sum(threads.map(attempt, range(8))) == 1

    def test_refresh_token_auth_is_refused(self, rotating: AppClient) -> None:
        person = rotating.person()
        with refused("InvalidParameterException", "not enabled"):
            refresh_auth(rotating, rotating.tokens(person)["RefreshToken"], person.sub)

    def test_it_cannot_be_combined_with_that_flow(self, make_pool: MakePool) -> None:
        flows = [*FLOWS, "ALLOW_REFRESH_TOKEN_AUTH"]
        with refused("InvalidParameterException"):
            make_pool(client={"RefreshTokenRotation": ROTATION, "ExplicitAuthFlows": flows})

    def test_revoking_the_newest_ends_all_of_them(self, rotating: AppClient) -> None:
        first = rotating.tokens(rotating.person())["RefreshToken"]
        second = rotating.refresh(first)["RefreshToken"]
        rotating.public.revoke_token(Token=second, ClientId=rotating.id, ClientSecret=rotating.secret)
        for token in (first, second):
            with refused("NotAuthorizedException", "revoked"):
                rotating.refresh(token)

    def test_the_client_describes_it(self, rotating: AppClient) -> None:
        described = rotating.admin.describe_user_pool_client(UserPoolId=rotating.pool_id, ClientId=rotating.id)
        assert described["UserPoolClient"]["RefreshTokenRotation"] == ROTATION


class TestWithoutRotation:
    """API_GetTokensFromRefreshToken, API_InitiateAuth."""

    def test_there_is_no_new_refresh_token(self, steady: AppClient) -> None:
        token = steady.tokens(steady.person())["RefreshToken"]
        assert "RefreshToken" not in steady.refresh(token)
        assert "RefreshToken" not in steady.refresh(token)

    def test_refresh_token_auth_hashes_over_the_sub(self, steady: AppClient) -> None:
        person = steady.person()
        token = steady.tokens(person)["RefreshToken"]
        assert refresh_auth(steady, token, person.sub)["AccessToken"]
        with refused("NotAuthorizedException", "Unable to verify secret hash"):
            refresh_auth(steady, token, person.name)

    def test_a_client_without_the_flow_refuses_it(self, app: AppClient, person: Person) -> None:
        with refused("InvalidParameterException", "not enabled"):
            refresh_auth(app, app.tokens(person)["RefreshToken"], person.sub)

    def test_a_token_expires(self, steady: AppClient, later: Clock) -> None:
        token = steady.tokens(steady.person())["RefreshToken"]
        with later(30 * DAY + 60), refused("NotAuthorizedException", "expired"):
            steady.refresh(token)


class TestRefusals:
    """API_GetTokensFromRefreshToken, NotAuthorizedException."""

    @pytest.mark.parametrize("secret", ["x" * 51, ""])
    def test_a_wrong_or_missing_client_secret_is_refused(self, app: AppClient, person: Person, secret: str) -> None:
        token = app.tokens(person)["RefreshToken"]
        given = {"ClientSecret": secret} if secret else {}
        with refused("NotAuthorizedException"):
            app.public.get_tokens_from_refresh_token(RefreshToken=token, ClientId=app.id, **given)

    @pytest.mark.parametrize("kind", ["AccessToken", "IdToken"])
    def test_another_kind_of_token_is_refused(self, app: AppClient, person: Person, kind: str) -> None:
        with refused("NotAuthorizedException", "Invalid Refresh Token"):
            app.refresh(app.tokens(person)[kind])

    def test_a_forged_token_is_refused(self, app: AppClient, person: Person) -> None:
        head, body, _signature = app.tokens(person)["RefreshToken"].split(".")
        with refused("NotAuthorizedException", "Invalid Refresh Token"):
            app.refresh(f"{head}.{body}.{'A' * 342}")

    @pytest.mark.parametrize("operation", ["disable_user", "delete_user", "user_global_sign_out"])
    def test_it_dies_with_what_an_administrator_does(self, app: AppClient, operation: str) -> None:
        person = app.person()
        token = app.tokens(person)["RefreshToken"]
        app.on(person, operation)
        with refused("NotAuthorizedException"):
            app.refresh(token)

    def test_signing_out_everywhere_ends_every_token(self, app: AppClient, person: Person) -> None:
        one, two = app.tokens(person), app.tokens(person)
        app.public.global_sign_out(AccessToken=one["AccessToken"])
        for tokens in (one, two):
            with refused("NotAuthorizedException", "revoked"):
                app.refresh(tokens["RefreshToken"])
        with refused("NotAuthorizedException", "revoked"):
            app.public.get_user(AccessToken=two["AccessToken"])


class TestRevoking:
    """API_RevokeToken, token-revocation.html."""

    def test_it_ends_the_access_token_too_and_no_other_sign_in(self, app: AppClient, person: Person) -> None:
        one, two = app.tokens(person), app.tokens(person)
        app.public.revoke_token(Token=one["RefreshToken"], ClientId=app.id, ClientSecret=app.secret)
        with refused("NotAuthorizedException", "revoked"):
            app.public.get_user(AccessToken=one["AccessToken"])
        assert app.refresh(two["RefreshToken"])

    def test_a_wrong_client_secret_is_refused(self, app: AppClient, person: Person) -> None:
        token = app.tokens(person)["RefreshToken"]
        with refused("UnauthorizedException"):
            app.public.revoke_token(Token=token, ClientId=app.id, ClientSecret="x" * 51)
        assert app.refresh(token)

    def test_an_access_token_is_refused(self, app: AppClient, person: Person) -> None:
        with refused("UnsupportedTokenTypeException"):
            app.public.revoke_token(Token=app.tokens(person)["AccessToken"], ClientId=app.id, ClientSecret=app.secret)

    def test_it_can_be_done_twice(self, app: AppClient, person: Person) -> None:
        token = app.tokens(person)["RefreshToken"]
        for _ in range(2):
            app.public.revoke_token(Token=token, ClientId=app.id, ClientSecret=app.secret)

    def test_a_client_can_have_it_off(self, make_pool: MakePool) -> None:
        app = make_pool(client={"EnableTokenRevocation": False})
        tokens = app.tokens(app.person())
        assert "origin_jti" not in claims(tokens["AccessToken"])
        with refused("UnsupportedOperationException"):
            app.public.revoke_token(Token=tokens["RefreshToken"], ClientId=app.id, ClientSecret=app.secret)


@pytest.mark.usefixtures("slowly")
def test_the_tokens_of_a_sign_in_agree_on_when_it_was_though_making_them_took_seconds(rotating: AppClient) -> None:
    """amazon-cognito-user-pools-using-the-id-token.html, auth_time."""
    tokens = rotating.tokens(rotating.person())
    fresh = rotating.refresh(rotating.refresh(tokens["RefreshToken"])["RefreshToken"])
    times = {
        claims(token)["auth_time"] for answer in (tokens, fresh) for token in (answer["IdToken"], answer["AccessToken"])
    }
    assert len(times) == 1


def test_the_time_of_the_sign_in_survives_a_refresh(rotating: AppClient, later: Clock) -> None:
    """amazon-cognito-user-pools-using-the-id-token.html, auth_time."""
    tokens = rotating.tokens(rotating.person())
    with later(DAY):
        fresh = rotating.refresh(tokens["RefreshToken"])
    for kind in ("IdToken", "AccessToken"):
        assert claims(fresh[kind])["auth_time"] == claims(tokens[kind])["auth_time"] <= time.time()
        assert claims(fresh[kind])["origin_jti"] == claims(tokens[kind])["origin_jti"]
        assert claims(fresh[kind])["iat"] >= claims(tokens[kind])["iat"] + DAY
