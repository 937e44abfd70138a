"""Registering, confirming, signing in, looking around and signing out, with a mistake at each step on the way."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, Visitor
from tests.local_pool import PASSWORD, another, new_email

# Of a page by keyboard, before it is given up: a list for staff has a box for each group that the tests have made.
MOST_STOPS = 200


def register(visitor: Visitor, email: str) -> None:
    visitor.go("/")
    visitor.look("home")
    visitor.page.get_by_role("main").get_by_role("link", name="Create an account").click()
    visitor.look("register")
    visitor.press("Create account")
    visitor.look("register, nothing typed")
    expect(visitor.page).to_have_title("Error: Create your account \N{EN DASH} Latchkey")
    visitor.send("Create account", email=email, password1="weak")
    visitor.look("register, weak password")
    visitor.send("Create account", password1=PASSWORD)


def confirm(visitor: Visitor, email: str) -> None:
    visitor.look("verify code")
    code = visitor.pool.code(email)
    visitor.send("Confirm email", code=another(code))
    visitor.look("verify code, wrong code")
    expect(visitor.page.locator("#id_code")).to_have_value("")
    visitor.send("Confirm email", code=f"{code[:3]} {code[3:]}")


def look_around(visitor: Visitor) -> None:
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    for path in ("/account/", "/account/sessions/", "/account/activity/", "/account/security/", "/account/password/"):
        visitor.go(path)
        visitor.look(path)


def sign_in(visitor: Visitor, email: str) -> None:
    visitor.go("/login/?next=/account/activity/")
    visitor.look("login")
    visitor.send("Sign in", username=email, password="Wrong-horse-1")
    visitor.look("login, refused")
    expect(visitor.page.locator("#id_username")).to_have_value(email)
    expect(visitor.page.locator("#id_password")).to_have_value("")
    visitor.send("Sign in", password=PASSWORD)
    expect(visitor.page).to_have_url(f"{visitor.site}/account/activity/")


def others(visitor: Visitor) -> None:
    for path in ("/help/", "/privacy/", "/password/forgot/", "/password/reset/"):
        visitor.go(path)
        visitor.look(path)
    visitor.go("/dev/inbox/")
    # It renews itself on purpose, and is a developer's page.
    visitor.look("inbox", but="meta-refresh")


@pytest.mark.parametrize(
    ("javascript", "color_scheme", "width"),
    [(True, "light", 1280), (False, "dark", 320)],
    ids=["script-light-wide", "plain-dark-narrow"],
)
def test_the_whole_journey(visit: Visit, javascript: bool, color_scheme: str, width: int) -> None:
    visitor = visit(width=width, javascript=javascript, color_scheme=color_scheme)
    email = new_email()
    register(visitor, email)
    confirm(visitor, email)
    look_around(visitor)
    visitor.leave()
    visitor.look("signed out")
    sign_in(visitor, email)
    visitor.leave()
    others(visitor)
    assert len(visitor.seen) > 18


def test_back_shows_nothing_after_signing_out(visit: Visit) -> None:
    visitor = visit()
    person = visitor.pool.person()
    visitor.sign_in(person.email, person.password)
    expect(visitor.page.get_by_role("main")).to_contain_text(person.email)
    visitor.leave()
    expect(visitor.page.get_by_role("status").filter(has_text="You’re signed out.")).to_be_visible()
    visitor.page.go_back()
    expect(visitor.page).to_have_url(f"{visitor.site}/login/?next=/account/")
    expect(visitor.page.get_by_role("main")).not_to_contain_text(person.email)


def test_the_journey_needs_no_mouse(visit: Visit) -> None:
    visitor = visit()
    page, email = visitor.page, new_email()
    visitor.go("/register/")
    page.keyboard.press("Tab")
    assert focused(visitor) == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for value in (email, PASSWORD):
        tab_to_next_field(visitor)
        page.keyboard.type(value)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/verify-code/"))
    tab_to_next_field(visitor)
    page.keyboard.type(visitor.pool.code(email))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/account/"))
    # The address still ends in #main: once it is loaded the browser goes there, and Tab must not come before.
    page.wait_for_load_state()
    for selector in ("summary", "header button"):
        tab_to(visitor, selector)
        page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/login/"))


def focused(visitor: Visitor) -> str:
    """Return the words of what has the focus, which must be seen to have it (WCAG 2.4.7)."""
    # Past the last stop the browser's own controls have their turn.
    if visitor.page.evaluate("document.activeElement === document.body"):
        return ""
    outline = "getComputedStyle(document.activeElement)"
    assert visitor.page.evaluate(f"{outline}.outlineStyle") != "none"
    assert visitor.page.evaluate(f"parseFloat({outline}.outlineWidth)") >= 2
    return str(visitor.page.evaluate("document.activeElement.textContent.trim()"))


def tab_to(visitor: Visitor, selector: str) -> None:
    """Press Tab until what `selector` means has the focus, which must be seen all the way."""
    for _ in range(MOST_STOPS):
        visitor.page.keyboard.press("Tab")
        focused(visitor)
        if visitor.page.evaluate(f"document.activeElement.matches('{selector}')"):
            return
    pytest.fail(f"{selector} cannot be reached on {visitor.page.url}")


def tab_to_next_field(visitor: Visitor) -> None:
    """Press Tab until a field has the focus."""
    for _ in range(12):
        visitor.page.keyboard.press("Tab")
        focused(visitor)
        if visitor.page.evaluate("document.activeElement.matches('input')"):
            return
    pytest.fail("no field can be reached")
