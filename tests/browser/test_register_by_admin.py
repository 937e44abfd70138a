"""Registering where the site makes the accounts, with a mistake at each step on the way."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from pytest_django import Settings

from tests.accounts.registering import CLOSED_TO_THEIR_OWN, Newcomer
from tests.browser.conftest import Visit
from tests.checked_client import CheckedClient
from tests.conftest import UsePool
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, another, new_email
from tests.other_pools import another_pool


@pytest.fixture
def _by_admin(pool: LocalPool, settings: Settings, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the site make accounts; its own key may do so only where the template's Registration says admin."""
    settings.COGNITO = {**settings.COGNITO, "REGISTRATION": "admin"}
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, pool.root_env[name])
    cognito.sign_with(pool.env | pool.root_env)


@pytest.mark.usefixtures("_by_admin")
@pytest.mark.parametrize(
    ("javascript", "color_scheme", "width"),
    [(True, "light", 1280), (False, "dark", 320)],
    ids=["script-light-wide", "plain-dark-narrow"],
)
def test_an_address_a_code_and_a_password_make_an_account(
    visit: Visit, pool: LocalPool, javascript: bool, color_scheme: str, width: int
) -> None:
    visitor = visit(width=width, javascript=javascript, color_scheme=color_scheme)
    newcomer = Newcomer(pool, new_email(), CheckedClient())
    visitor.go("/")
    visitor.page.get_by_role("main").get_by_role("link", name="Create an account").click()
    visitor.look("register")
    visitor.press("Send code")
    visitor.look("register, nothing typed")
    visitor.send("Send code", email=newcomer.email)
    visitor.look("complete registration")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Finish your account")
    code = newcomer.code()
    visitor.send("Create account", code=another(code), password1=PASSWORD)
    visitor.look("complete registration, wrong code")
    assert pool.status(newcomer.email) == ""
    visitor.send("Create account", code=code, password1="weak")
    visitor.look("complete registration, weak password")
    visitor.send("Create account", code=f"{code[:3]} {code[3:]}", password1=PASSWORD)
    expect(visitor.page).to_have_url(f"{visitor.site}/account/")
    visitor.look("account")
    assert pool.status(newcomer.email) == "CONFIRMED"
    visitor.leave()


def test_by_invitation_the_page_says_so_and_leads_to_sign_in(visit: Visit, settings: Settings) -> None:
    settings.COGNITO = {**settings.COGNITO, "REGISTRATION": "closed"}
    visitor = visit()
    visitor.go("/register/")
    visitor.examine(
        "register, by invitation", "If you were invited, use the link or password in your invitation email."
    )
    visitor.page.get_by_role("main").get_by_role("link", name="Sign in").click()
    expect(visitor.page).to_have_url(f"{visitor.site}/login/")


def test_a_pool_that_takes_nobody_has_a_page_that_says_so(visit: Visit, pool: LocalPool, use_pool: UsePool) -> None:
    use_pool(another_pool(pool, **CLOSED_TO_THEIR_OWN))
    visitor = visit()
    visitor.go("/register/")
    visitor.examine("register, closed", "New accounts can’t be created right now")
