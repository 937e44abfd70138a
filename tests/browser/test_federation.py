"""The way to the pool's domain and back in Chromium, under the strict policy, with and without JavaScript."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from playwright.sync_api import expect
from pytest_django import Settings

from accounts import federation
from tests.accounts.federating import ELSEWHERE, with_domain
from tests.browser.conftest import Visit
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person


@pytest.fixture
def person(local_pool: LocalPool, cognito: FaultProxy, site: str, settings: Settings) -> Person:
    """Somebody in a pool with a domain, which is another origin than the site."""
    urls = {"CallbackURLs": [f"{site}/login/callback/"], "LogoutURLs": [f"{site}/login/"]}
    pool = with_domain(local_pool, **urls)
    cognito.sign_with(pool.env)
    settings.COGNITO = pool.cognito_setting(
        ENDPOINT_URL=cognito.url, DOMAIN=pool.endpoint, PROVIDERS=["COGNITO", f"{ELSEWHERE}=Elsewhere Inc"]
    )
    return pool.person(name="Ada Lovelace")


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_out_to_the_domain_and_back_in(visit: Visit, person: Person, local_pool: LocalPool, javascript: bool) -> None:
    visitor = visit(width=320, javascript=javascript)
    domain = local_pool.endpoint
    visitor.go("/login/?next=/account/sessions/")
    visitor.look("the ways in by providers")
    visitor.press(f"Continue with {domain.removeprefix('http://')}")
    visitor.page.wait_for_url(f"{domain}/**")
    visitor.page.fill("#username", person.email)
    visitor.page.fill("#password", person.password)
    visitor.page.get_by_role("button", name="Sign in").click()
    expect(visitor.page).to_have_url(f"{visitor.site}/account/sessions/")
    visitor.leave()
    expect(visitor.page).to_have_url(f"{visitor.site}/login/")
    expect(visitor.page.get_by_text("You’re signed out.")).to_be_visible()
    # The pages of the local AWS have no icon.
    visitor.noises[:] = [noise for noise in visitor.noises if f"({domain}/" not in noise]


def test_a_redirect_would_not_get_there(visit: Visit, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Why there is a page in between: `form-action` counts for the redirects after a form."""

    def redirect(_request: HttpRequest, url: str, _provider: str = "") -> HttpResponse:
        return HttpResponseRedirect(url)

    monkeypatch.setattr(federation, "leave_for", redirect)
    visitor = visit()
    visitor.go("/login/")
    with visitor.page.expect_console_message(lambda message: "form-action" in message.text):
        visitor.press("Continue with Elsewhere Inc")
    expect(visitor.page).to_have_url(f"{visitor.site}/login/")
    visitor.noises[:] = [noise for noise in visitor.noises if "form-action" not in noise]


def test_the_page_in_between_can_be_read(visit: Visit, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    leave_for = federation.leave_for

    def staying(request: HttpRequest, url: str, provider: str = "") -> HttpResponse:
        response = leave_for(request, url, provider)
        del response["Refresh"]
        return response

    monkeypatch.setattr(federation, "leave_for", staying)
    visitor = visit(width=320, color_scheme="dark")
    visitor.go("/login/")
    visitor.press("Continue with Elsewhere Inc")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Going to Elsewhere Inc")
    visitor.look("on the way to a provider")
    visitor.go("/login/callback/")
    visitor.noises[:] = [noise for noise in visitor.noises if "status of 400" not in noise]
    visitor.look("a sign-in that cannot be finished")
    visitor.noises[:] = [noise for noise in visitor.noises if "status of 400" not in noise]
