"""Registering, signing in and recovering by phone, with a mistake at each step on the way."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from pytest_django import Settings

from tests.accounts.phones import BY_PHONE, new_number, spelt_otherwise
from tests.browser.conftest import Visit
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, another
from tests.other_pools import another_pool

NEW = "Another-horse-2"


@pytest.fixture
def phones(pool: LocalPool, settings: Settings, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> LocalPool:
    """A pool in which people sign in by phone, and which the site signs them in with."""
    made = another_pool(pool, **BY_PHONE)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, made.env[name])
    cognito.sign_with(made.env)
    settings.COGNITO = made.cognito_setting(ENDPOINT_URL=cognito.url, SIGN_IN_WITH="phone")
    return made


@pytest.mark.parametrize(
    ("javascript", "color_scheme", "width"),
    [(True, "light", 1280), (False, "dark", 320)],
    ids=["script-light-wide", "plain-dark-narrow"],
)
def test_a_number_a_code_and_a_password_make_an_account(
    visit: Visit, phones: LocalPool, javascript: bool, color_scheme: str, width: int
) -> None:
    visitor, number = visit(width=width, javascript=javascript, color_scheme=color_scheme), new_number()
    visitor.go("/register/")
    visitor.look("register")
    visitor.fill(phone_number="020 7946 0042", password1=PASSWORD)
    visitor.press("Create account")
    visitor.look("register, no country code")
    expect(visitor.page.locator("main")).to_contain_text("Start with + and the country code, like +44 20 7946 0042.")
    visitor.fill(phone_number=spelt_otherwise(number), password1=PASSWORD)
    visitor.press("Create account")
    visitor.look("verify code")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Check your phone")
    code = phones.code(number)
    visitor.fill(code=another(code))
    visitor.press("Confirm phone number")
    visitor.look("verify code, wrong code")
    visitor.fill(code=code)
    visitor.press("Confirm phone number")
    expect(visitor.page).to_have_url(f"{visitor.site}/account/")
    visitor.look("account")
    visitor.leave()
    visitor.go("/login/")
    visitor.look("sign in")
    visitor.fill(username=spelt_otherwise(number), password="Wrong-horse-1")
    visitor.press("Sign in")
    visitor.look("sign in, wrong password")
    visitor.page.get_by_role("link", name="Forgot your password?").click()
    visitor.fill(username=number)
    visitor.press("Send code")
    visitor.look("reset password")
    visitor.fill(code=phones.code(number, after=1), new_password1=NEW)
    visitor.press("Save password")
    visitor.fill(password=NEW)
    visitor.press("Sign in")
    expect(visitor.page).to_have_url(f"{visitor.site}/account/")
    visitor.go("/account/profile/")
    visitor.look("profile")
