"""Connecting a provider in Chromium, under the strict policy: out by a form, at the provider, and back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from pytest_django import Settings

from tests.accounts.connecting import another_provider
from tests.accounts.federating import with_domain
from tests.browser.conftest import Visit
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool

NAME = "Another"
LABEL = "Another Inc"


@pytest.fixture
def offering(local_pool: LocalPool, cognito: FaultProxy, site: str, settings: Settings) -> LocalPool:
    """A pool with a domain, and the provider among those that the site offers."""
    made = with_domain(local_pool, CallbackURLs=[f"{site}/login/callback/"], LogoutURLs=[f"{site}/login/"])
    cognito.sign_with(made.env)
    settings.COGNITO = made.cognito_setting(
        ENDPOINT_URL=cognito.url, DOMAIN=made.endpoint, PROVIDERS=["COGNITO", f"{NAME}={LABEL}"]
    )
    return made


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_one_account_two_ways_in(visit: Visit, offering: LocalPool, javascript: bool) -> None:
    person = offering.person(name="Ada Lovelace", email="ada@another.example")
    visitor = visit(width=320, javascript=javascript)
    page = visitor.page

    def looked_at(name: str, says: str) -> None:
        visitor.examine(name, says) if javascript else visitor.look(name)

    with another_provider(offering, NAME):
        visitor.sign_in(person.email, person.password)
        visitor.leave()
        visitor.go("/login/")
        visitor.press(f"Continue with {LABEL}")
        expect(page.get_by_role("heading", level=1)).to_have_text("You may have an account here")
        looked_at("told that the address is known", "You may have an account here")
        page.get_by_role("link", name="Sign in, then connect").click()
        expect(page.locator("#id_username")).to_have_value(person.email)
        visitor.send("Sign in", password=person.password)
        expect(page.get_by_role("heading", level=1)).to_have_text("Security")
        looked_at("a provider that could be connected", "Not connected")
        page.get_by_role("link", name=f"Connect {LABEL}").click()
        looked_at("asked whether to connect it", "sign in there and come back.")
        page.get_by_role("button", name=f"Connect {LABEL}", exact=True).click()
        expect(page.get_by_text(f"{LABEL} connected. You can sign in with it.")).to_be_visible()
        looked_at("a provider that is connected", "Disconnect")
        visitor.leave()
        expect(page).to_have_url(f"{visitor.site}/login/")
        visitor.press(f"Continue with {LABEL}")
        expect(page).to_have_url(f"{visitor.site}/account/")
        visitor.go("/account/security/")
        page.get_by_role("link", name=f"Disconnect {LABEL}").click()
        looked_at("asked whether to disconnect it", f"Disconnect {LABEL}")
        page.get_by_role("button", name=f"Disconnect {LABEL}").click()
        expect(page.get_by_text(f"{LABEL} disconnected.")).to_be_visible()
    # The pages of the local AWS have no icon.
    visitor.noises[:] = [noise for noise in visitor.noises if f"({offering.endpoint}/" not in noise]
