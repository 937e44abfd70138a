"""The sign-in pages of the pool's domain.

https://docs.aws.amazon.com/cognito/latest/developerguide/login-endpoint.html
"""

from __future__ import annotations

import pyotp
import pytest

from devcloud.start import LocalAWS
from tests.devcloud.conformance.conftest import MakePool
from tests.devcloud.conformance.hosted import OAUTH, Browser, hidden, parameter
from tests.devcloud.conformance.test_second_factors import ALL, enrolled, wrong
from tests.devcloud.conformance.user_pool import OTHER_PASSWORD, PASSWORD, AppClient, Outbox, another, claims

FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"]


@pytest.fixture(scope="module")
def app(make_pool: MakePool) -> AppClient:
    """A client with the code flow, of a pool with every second factor."""
    return make_pool(client={**OAUTH, "ExplicitAuthFlows": FLOWS}, mfa={"MfaConfiguration": "OPTIONAL", **ALL})


@pytest.fixture
def visitor(app: AppClient, server: LocalAWS) -> Browser:
    return Browser(app, server.settings.endpoint)


def test_login_shows_the_form(visitor: Browser) -> None:
    """login-endpoint.html."""
    page = visitor.get("/login")
    assert (page.status_code, hidden(page, "client_id")) == (200, visitor.app.id)


def test_a_code_comes_back_and_is_redeemed_once(visitor: Browser) -> None:
    """token-endpoint.html, authorization_code."""
    person = visitor.app.person()
    back = visitor.sign_in(person.name, PASSWORD)
    assert parameter(back.headers["Location"], "state") == "some-state"
    tokens = visitor.redeem(back).json()
    assert claims(tokens["id_token"])["sub"] == person.sub
    assert visitor.redeem(back).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("change", "error"),
    [({"code_verifier": "x" * 43}, "invalid_grant"), ({"client_secret": "wrong"}, "invalid_client")],
)
def test_a_code_is_worth_nothing_to_others(visitor: Browser, change: dict[str, str], error: str) -> None:
    """token-endpoint.html, errors."""
    back = visitor.sign_in(visitor.app.person().name, PASSWORD)
    assert visitor.redeem(back, **change).json()["error"] == error


def test_five_wrong_passwords_lock_the_pages_too(visitor: Browser) -> None:
    """authentication.html, "Lockout behavior"."""
    person = visitor.app.person()
    for _ in range(5):
        assert "Incorrect username or password." in visitor.sign_in(person.name, OTHER_PASSWORD).text
    assert "Password attempts exceeded" in visitor.sign_in(person.name, PASSWORD).text


class TestSecondFactors:
    """user-pool-settings-mfa.html: managed login asks for them."""

    def test_no_code_comes_back_without_one(self, visitor: Browser) -> None:
        person = visitor.app.person()
        totp = enrolled(visitor.app, person)
        page = visitor.sign_in(person.name, PASSWORD)
        assert "Location" not in page.headers
        refused = visitor.submit(mfa_token=hidden(page, "mfa_token"), code=wrong(totp))
        assert "Location" not in refused.headers
        back = visitor.submit(mfa_token=hidden(page, "mfa_token"), code=totp.now())
        assert claims(visitor.redeem(back).json()["id_token"])["sub"] == person.sub

    def test_a_mailed_code_is_taken_five_times_at_most(self, visitor: Browser, outbox: Outbox) -> None:
        person = visitor.app.person()
        visitor.app.on(person, "set_user_mfa_preference", EmailMfaSettings={"Enabled": True})
        token = hidden(visitor.sign_in(person.name, PASSWORD), "mfa_token")
        for _ in range(5):
            visitor.submit(mfa_token=token, code=another(outbox.code(person.name)))
        assert "Location" not in visitor.submit(mfa_token=token, code=outbox.code(person.name)).headers

    def test_a_page_is_answered_once(self, visitor: Browser, outbox: Outbox) -> None:
        person = visitor.app.person()
        visitor.app.on(person, "set_user_mfa_preference", EmailMfaSettings={"Enabled": True})
        token = hidden(visitor.sign_in(person.name, PASSWORD), "mfa_token")
        code = outbox.code(person.name)
        assert "Location" in visitor.submit(mfa_token=token, code=code).headers
        assert "Location" not in visitor.submit(mfa_token=token, code=code).headers

    @pytest.mark.parametrize("token", ["", "made-up"])
    def test_a_made_up_page_is_refused(self, visitor: Browser, token: str) -> None:
        assert "Location" not in visitor.submit(mfa_token=token, code=pyotp.TOTP(pyotp.random_base32()).now()).headers


class TestMailedSignInCodes:
    """login-endpoint.html, with choice-based sign-in."""

    @pytest.fixture
    def choosing(self, make_pool: MakePool, server: LocalAWS) -> Browser:
        factors = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}
        app = make_pool(client=OAUTH, Policies=factors)
        return Browser(app, server.settings.endpoint)

    def ask(self, visitor: Browser, name: str) -> str:
        page = visitor.submit(**visitor.request, auth_flow="USER_AUTH", username=name)
        token = hidden(page, "ua_token")
        visitor.submit(ua_token=token, challenge="EMAIL_OTP")
        return token

    def test_each_is_random(self, choosing: Browser, outbox: Outbox) -> None:
        person = choosing.app.person()
        token = self.ask(choosing, person.name)
        assert "Location" not in choosing.submit(ua_token=token, code="123456").headers
        assert "Location" in choosing.submit(ua_token=token, code=outbox.code(person.name)).headers

    def test_one_is_tried_five_times_at_most(self, choosing: Browser, outbox: Outbox) -> None:
        person = choosing.app.person()
        token = self.ask(choosing, person.name)
        for _ in range(5):
            choosing.submit(ua_token=token, code=another(outbox.code(person.name)))
        assert "Location" not in choosing.submit(ua_token=token, code=outbox.code(person.name)).headers


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
