"""From the site to a provider outside the pool and back in Chromium: a real OpenID Connect server, and the domain."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Request, expect
from pytest_django import Settings

from devcloud.ports import free_port
from devcloud.provider import OutsideProvider, OutsideProviderServer, outside_provider
from devcloud.settings import Settings as LocalSettings
from tests.accounts.federating import let_in_by, with_domain
from tests.browser.conftest import Visit, Visitor
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool
from tests.second_factors import with_app

MAPPING = {"email": "email", "email_verified": "email_verified", "name": "name"}


@pytest.fixture(scope="module")
def outside(local_pool: LocalPool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OutsideProvider]:
    """The provider that `make run` starts, beside the local AWS of the tests."""
    port = urlsplit(local_pool.endpoint).port
    assert port
    chosen = LocalSettings(tmp_path_factory.mktemp("outside") / "devcloud", port=port, provider_port=free_port())
    with OutsideProviderServer(chosen):
        provider = outside_provider(chosen)
        assert provider
        yield provider


@pytest.fixture
def domain(
    local_pool: LocalPool, cognito: FaultProxy, site: str, settings: Settings, outside: OutsideProvider
) -> LocalPool:
    """A pool with a domain, second factors and that provider, which the site uses."""
    urls = {"CallbackURLs": [f"{site}/login/callback/"], "LogoutURLs": [f"{site}/login/"]}
    pool = with_domain(local_pool, **urls)
    details = {
        "client_id": outside.client_id,
        "client_secret": outside.client_secret,
        "oidc_issuer": outside.issuer,
        "authorize_scopes": "openid email profile",
        "attributes_request_method": "GET",
    }
    pool.root.create_identity_provider(
        UserPoolId=pool.id,
        ProviderName=outside.name,
        ProviderType="OIDC",
        ProviderDetails=details,
        AttributeMapping=MAPPING,
    )
    let_in_by(pool, outside.name)
    factors = {"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": True}}
    pool.root.set_user_pool_mfa_config(UserPoolId=pool.id, **factors)
    cognito.sign_with(pool.env)
    settings.COGNITO = pool.cognito_setting(
        ENDPOINT_URL=cognito.url, DOMAIN=pool.endpoint, PROVIDERS=["COGNITO", f"{outside.name}={outside.label}"]
    )
    return pool


class Way:
    """Which hosts a browser asks for documents."""

    def __init__(self, visitor: Visitor) -> None:
        self.hosts: list[str] = []
        visitor.page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if request.resource_type == "document":
            self.hosts.append(urlsplit(request.url).netloc)


def be(visitor: Visitor, email: str, name: str) -> None:
    """Say at the provider who one is."""
    visitor.page.get_by_label("E-mail address").fill(email)
    visitor.page.get_by_label("Name").fill(name)
    visitor.page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_to_the_provider_and_back(visit: Visit, domain: LocalPool, outside: OutsideProvider, javascript: bool) -> None:
    visitor, email = visit(width=320, javascript=javascript), f"ada-{javascript}@elsewhere.example".lower()
    visitor.go("/login/?next=/account/sessions/")
    visitor.press(f"Continue with {outside.label}")
    visitor.page.wait_for_url(f"{outside.issuer}/**")
    visitor.look("the provider asks who it is")
    be(visitor, email, "Ada Lovelace")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Allow the user pool?")
    visitor.look("the provider asks whether the pool may know")
    visitor.page.get_by_role("button", name="Allow").click()
    expect(visitor.page).to_have_url(f"{visitor.site}/account/sessions/")
    visitor.look("sessions, by way of a provider")
    visitor.go("/account/")
    expect(visitor.page.get_by_role("main")).to_contain_text(email)

    # The domain remembers: the site's own session is gone, and nobody is asked anything, there or at the provider.
    way, port = Way(visitor), urlsplit(outside.issuer).netloc
    visitor.page.context.clear_cookies(name="sessionid")
    visitor.go("/login/")
    visitor.press(f"Continue with {outside.label} Last used")
    expect(visitor.page).to_have_url(f"{visitor.site}/account/")
    assert port not in way.hosts

    # Signed out there, too: the way leads to the provider again.
    visitor.leave()
    expect(visitor.page).to_have_url(f"{visitor.site}/login/")
    visitor.press(f"Continue with {outside.label} Last used")
    visitor.page.wait_for_url(f"{outside.issuer}/**")
    visitor.page.get_by_role("button", name="Allow").click()
    expect(visitor.page).to_have_url(f"{visitor.site}/account/")
    assert port in way.hosts


def test_whoever_thinks_better_of_it_reads_so(visit: Visit, domain: LocalPool, outside: OutsideProvider) -> None:
    visitor = visit()
    visitor.go("/login/")
    visitor.press(f"Continue with {outside.label}")
    be(visitor, "bob@elsewhere.example", "Bob")
    visitor.page.get_by_role("button", name="Cancel").click()
    visitor.page.wait_for_url(f"{visitor.site}/login/**")
    visitor.look("a sign-in that was called off")
    visitor.noises[:] = [noise for noise in visitor.noises if "status of 400" not in noise]


def test_the_domains_own_page_asks_for_the_second_step(visit: Visit, domain: LocalPool) -> None:
    person = domain.person(name="Ada Lovelace")
    app = with_app(domain, person)
    visitor = visit(width=320)
    own = f"Continue with {domain.endpoint.removeprefix('http://')}"
    visitor.go("/login/")
    visitor.press(own)
    visitor.page.get_by_label("E-mail address").fill(person.email)
    visitor.page.get_by_label("Password").fill(person.password)
    visitor.look("the domain's sign-in page")
    visitor.press("Sign in")
    visitor.page.get_by_label("Code of your authenticator app").fill(app.wrong_code())
    visitor.press("Sign in")
    expect(visitor.page.get_by_role("alert")).to_be_visible()
    visitor.look("the domain asks for a second step")
    visitor.page.get_by_label("Code of your authenticator app").fill(app.code())
    visitor.press("Sign in")
    expect(visitor.page).to_have_url(f"{visitor.site}/account/")
    visitor.page.context.clear_cookies(name="sessionid")
    visitor.go("/login/")
    visitor.press(f"{own} Last used")
    expect(visitor.page).to_have_url(f"{visitor.site}/account/")
