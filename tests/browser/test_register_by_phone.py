"""Registering, signing in and recovering by phone, with a mistake at each step on the way."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.accounts.phones import BY_PHONE, new_number, spelt_otherwise
from tests.browser.conftest import Visit
from tests.conftest import UsePool
from tests.local_pool import PASSWORD, LocalPool, another
from tests.other_pools import another_pool

NEW = "Another-horse-2"


@pytest.fixture
def phones(pool: LocalPool, use_pool: UsePool) -> LocalPool:
    """A pool in which people sign in by phone, and which the site signs them in with."""
    return use_pool(another_pool(pool, **BY_PHONE), SIGN_IN_WITH="phone")


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
    visitor.send("Create account", phone_number="020 7946 0042", password1=PASSWORD)
    visitor.look("register, no country code")
    expect(visitor.page.locator("main")).to_contain_text("Start with + and the country code, like +44 20 7946 0042.")
    visitor.send("Create account", phone_number=spelt_otherwise(number), password1=PASSWORD)
    visitor.look("verify code")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Check your phone")
    code = phones.code(number)
    visitor.send("Confirm phone number", code=another(code))
    visitor.look("verify code, wrong code")
    visitor.send("Confirm phone number", code=code)
    expect(visitor.page).to_have_url(f"{visitor.site}/account/")
    visitor.look("account")
    visitor.leave()
    visitor.go("/login/")
    visitor.look("sign in")
    visitor.send("Sign in", username=spelt_otherwise(number), password="Wrong-horse-1")
    visitor.look("sign in, wrong password")
    visitor.page.get_by_role("link", name="Forgot your password?").click()
    visitor.send("Send code", username=number)
    visitor.look("reset password")
    visitor.send("Save password", code=phones.code(number, after=1), new_password1=NEW)
    visitor.send("Sign in", password=NEW)
    expect(visitor.page).to_have_url(f"{visitor.site}/account/")
    visitor.go("/account/profile/")
    visitor.look("profile")
