"""The token and revocation endpoints of the pool's domain.

https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
"""

from __future__ import annotations

import pytest

from devcloud.start import LocalAWS
from tests.devcloud.conformance.conftest import MakePool
from tests.devcloud.conformance.hosted import OAUTH, Browser
from tests.devcloud.conformance.test_hosted_pages import FLOWS
from tests.devcloud.conformance.user_pool import PASSWORD, claims


@pytest.fixture
def visitor(make_pool: MakePool, server: LocalAWS) -> Browser:
    return Browser(make_pool(client={**OAUTH, "ExplicitAuthFlows": FLOWS}), server.settings.endpoint)


class TestTokenEndpoint:
    """token-endpoint.html, refresh_token, and revocation-endpoint.html."""

    def refresh(self, visitor: Browser, token: str, **changes: str) -> dict[str, str]:
        fields = {"grant_type": "refresh_token", "refresh_token": token, "client_id": visitor.app.id}
        answer: dict[str, str] = visitor.post(
            "/oauth2/token", **(fields | {"client_secret": visitor.app.secret or ""} | changes)
        ).json()
        return answer

    def tokens(self, visitor: Browser) -> dict[str, str]:
        person = visitor.app.person()
        visitor.app.admin.create_group(UserPoolId=visitor.app.pool_id, GroupName=person.sub)
        visitor.app.on(person, "add_user_to_group", GroupName=person.sub)
        answer: dict[str, str] = visitor.redeem(visitor.sign_in(person.name, PASSWORD)).json()
        return answer

    def test_refreshing_keeps_the_groups(self, visitor: Browser) -> None:
        first = self.tokens(visitor)
        fresh = self.refresh(visitor, first["refresh_token"])
        assert claims(fresh["id_token"])["cognito:groups"] == claims(first["id_token"])["cognito:groups"]
        assert claims(fresh["access_token"])["scope"] == claims(first["access_token"])["scope"]

    def test_a_code_of_somebody_who_is_gone_is_good_for_nothing(self, visitor: Browser) -> None:
        person = visitor.app.person()
        code = visitor.sign_in(person.name, PASSWORD)
        visitor.app.on(person, "delete_user")
        answer = visitor.redeem(code)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")

    @pytest.mark.parametrize("secret", ["", "wrong"])
    def test_refreshing_takes_the_client_secret(self, visitor: Browser, secret: str) -> None:
        token = self.tokens(visitor)["refresh_token"]
        assert self.refresh(visitor, token, client_secret=secret)["error"] == "invalid_client"

    def test_a_rotating_client_gets_a_new_refresh_token(self, make_pool: MakePool, server: LocalAWS) -> None:
        rotation = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}
        app = make_pool(client={**OAUTH, "ExplicitAuthFlows": FLOWS, "RefreshTokenRotation": rotation})
        visitor = Browser(app, server.settings.endpoint)
        first = self.tokens(visitor)["refresh_token"]
        second = self.refresh(visitor, first)["refresh_token"]
        assert self.refresh(visitor, first)["error"] == "invalid_grant"
        assert "access_token" in self.refresh(visitor, second)

    def test_a_revoked_token_refreshes_nothing(self, visitor: Browser) -> None:
        token = self.tokens(visitor)["refresh_token"]
        client = {"client_id": visitor.app.id, "client_secret": visitor.app.secret or ""}
        assert visitor.post("/oauth2/revoke", token=token, **client).status_code == 200
        assert self.refresh(visitor, token)["error"] == "invalid_grant"

    @pytest.mark.parametrize(
        ("change", "status"), [({"client_secret": "wrong"}, 401), ({"token": ""}, 400), ({"token": "nonsense"}, 400)]
    )
    def test_revoking_is_refused(self, visitor: Browser, change: dict[str, str], status: int) -> None:
        token = self.tokens(visitor)["refresh_token"]
        fields = {"token": token, "client_id": visitor.app.id, "client_secret": visitor.app.secret or ""}
        assert visitor.post("/oauth2/revoke", **(fields | change)).status_code == status
        assert "access_token" in self.refresh(visitor, token)
