"""The cookie of the domain, and /logout.

https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
"""

from __future__ import annotations

import pytest

from devcloud.start import LocalAWS
from tests.devcloud.conformance.conftest import Clock, MakePool
from tests.devcloud.conformance.hosted import CALLBACK, LOGOUT, OAUTH, Browser, query
from tests.devcloud.conformance.test_hosted_pages import FLOWS, another_client
from tests.devcloud.conformance.user_pool import PASSWORD, AppClient, claims


@pytest.fixture(scope="module")
def app(make_pool: MakePool) -> AppClient:
    """A client with the code flow."""
    return make_pool(client={**OAUTH, "ExplicitAuthFlows": FLOWS})


@pytest.fixture
def visitor(app: AppClient, server: LocalAWS) -> Browser:
    return Browser(app, server.settings.endpoint)


def known(browser: Browser) -> bool:
    """Say whether the domain knows the browser."""
    return "code" in query(browser.get("/oauth2/authorize", prompt="none"))


class TestSingleSignOn:
    """managed-login-user-experience.html, and prompt of authorization-endpoint.html."""

    def test_a_second_visit_passes_without_a_word(self, visitor: Browser) -> None:
        person = visitor.app.person()
        first = claims(visitor.redeem(visitor.sign_in(person.name, PASSWORD)).json()["id_token"])
        second = claims(visitor.redeem(visitor.get("/oauth2/authorize")).json()["id_token"])
        assert (second["sub"], second["auth_time"]) == (person.sub, first["auth_time"])

    def test_passing_proves_nothing_new(self, visitor: Browser, later: Clock) -> None:
        """The time of the ID token stays that of the sign-in."""
        person = visitor.app.person()
        first = claims(visitor.redeem(visitor.sign_in(person.name, PASSWORD)).json()["id_token"])
        with later(20 * 60):
            tokens = visitor.redeem(visitor.get("/oauth2/authorize")).json()
            assert claims(tokens["id_token"])["auth_time"] == first["auth_time"]

    def test_another_client_of_the_pool_takes_it(self, visitor: Browser) -> None:
        person = visitor.app.person()
        visitor.sign_in(person.name, PASSWORD)
        visitor.app = another_client(visitor.app)
        assert claims(visitor.redeem(visitor.get("/oauth2/authorize")).json()["id_token"])["sub"] == person.sub

    def test_another_pool_does_not(self, visitor: Browser, make_pool: MakePool) -> None:
        visitor.sign_in(visitor.app.person().name, PASSWORD)
        visitor.app = make_pool(client=OAUTH)
        assert not known(visitor)

    def test_who_is_asked_to_prove_it_does(self, visitor: Browser) -> None:
        visitor.sign_in(visitor.app.person().name, PASSWORD)
        for prompt in ("login", "select_account"):
            answer = visitor.get("/oauth2/authorize", prompt=prompt)
            assert answer.headers["Location"].startswith("/login?")

    def test_it_lasts_an_hour_from_the_sign_in_on(self, visitor: Browser, later: Clock) -> None:
        visitor.sign_in(visitor.app.person().name, PASSWORD)
        with later(50 * 60):
            assert known(visitor)
        with later(60 * 60):
            assert not known(visitor)

    def test_scripts_and_other_sites_do_not_have_it(self, visitor: Browser) -> None:
        kept = visitor.sign_in(visitor.app.person().name, PASSWORD).headers["Set-Cookie"]
        assert all(part in kept for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=3600"))

    @pytest.mark.parametrize("operation", ["disable_user", "delete_user"])
    def test_it_ends_with_the_account(self, visitor: Browser, operation: str) -> None:
        person = visitor.app.person()
        visitor.sign_in(person.name, PASSWORD)
        visitor.app.on(person, operation)
        assert not known(visitor)

    def test_a_made_up_one_is_nobodys(self, visitor: Browser) -> None:
        visitor.http.cookies.set(f"cognito-{visitor.app.pool_id}", "made-up")
        assert not known(visitor)


class TestLogout:
    """logout-endpoint.html."""

    def test_the_domain_forgets_the_browser(self, visitor: Browser) -> None:
        visitor.sign_in(visitor.app.person().name, PASSWORD)
        cookies = visitor.http.cookies.copy()
        answer = visitor.open(f"{visitor.base}/logout", client_id=visitor.app.id, logout_uri=LOGOUT)
        assert (answer.status_code, answer.headers["Location"]) == (302, LOGOUT)
        assert not known(visitor)
        visitor.http.cookies = cookies
        assert not known(visitor)

    def test_with_redirect_uri_it_goes_on_to_the_sign_in_page(self, visitor: Browser) -> None:
        visitor.sign_in(visitor.app.person().name, PASSWORD)
        answer = visitor.get("/logout")
        assert (answer.headers["Location"].startswith("/login?"), query(answer)["redirect_uri"]) == (True, CALLBACK)
        assert not known(visitor)

    @pytest.mark.parametrize(
        "change",
        [
            {"logout_uri": "https://evil.example/"},
            {"logout_uri": CALLBACK},
            {"logout_uri": ""},
            {"client_id": "another"},
            {"logout_uri": "", "redirect_uri": LOGOUT, "response_type": "code"},
        ],
    )
    def test_an_address_that_is_not_registered_for_it_is_refused(
        self, visitor: Browser, change: dict[str, str]
    ) -> None:
        visitor.sign_in(visitor.app.person().name, PASSWORD)
        fields = {"client_id": visitor.app.id, "logout_uri": LOGOUT} | change
        answer = visitor.open(f"{visitor.base}/logout", **{name: value for name, value in fields.items() if value})
        assert (answer.status_code, "Location" in answer.headers) == (400, False)
        assert known(visitor)

    def test_a_client_without_sign_out_addresses_has_none(self, make_pool: MakePool, server: LocalAWS) -> None:
        app = make_pool(client={name: value for name, value in OAUTH.items() if name != "LogoutURLs"})
        answer = Browser(app, server.settings.endpoint).get("/logout", logout_uri="https://evil.example/")
        assert answer.status_code == 400
