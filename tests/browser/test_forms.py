"""How forms behave in a browser: focus, passwords that can be looked at, double clicks, and people's own settings."""

from __future__ import annotations

import threading

import pytest
from playwright.sync_api import expect
from pytest_django import Settings

from tests import fault_proxy
from tests.browser.conftest import Visit
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, new_email

SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-block-end: 2em !important; }"""
CLIPPED = """() => [...document.querySelectorAll('main *, header *, footer *')]
  .filter(element => element.checkVisibility() && !element.closest('.visually-hidden, svg'))
  .filter(element => ['hidden', 'clip'].includes(getComputedStyle(element).overflowX))
  .filter(element => element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1)
  .map(element => element.outerHTML.slice(0, 100))"""
PAGES = ("/", "/login/", "/register/", "/verify-code/", "/password/reset/")


def test_after_a_refusal_the_summary_has_the_focus_and_leads_to_the_field(visit: Visit) -> None:
    visitor = visit()
    visitor.go("/register/")
    visitor.press("Create account")
    expect(visitor.page.locator("#error-summary")).to_be_focused()
    visitor.page.get_by_role("link", name="Enter your email.").click()
    expect(visitor.page.locator("#id_email")).to_be_focused()


def test_a_password_can_be_shown_and_is_hidden_when_sent(visit: Visit) -> None:
    visitor = visit()
    visitor.go("/login/")
    password = visitor.page.locator("#id_password")
    visitor.fill(username="ada@example.com", password="Wrong-horse-1")
    visitor.page.get_by_role("button", name="Show password").click()
    expect(password).to_have_attribute("type", "text")
    # What the form looked like when it went off: password managers save only what was a password then.
    visitor.page.evaluate("addEventListener('pagehide', () => sessionStorage.setItem('type', id_password.type))")
    visitor.press("Sign in")
    expect(visitor.page.locator("#error-summary")).to_be_visible()
    assert visitor.page.evaluate("sessionStorage.getItem('type')") == "password"


def test_a_password_can_be_pasted(visit: Visit) -> None:
    visitor = visit(permissions=["clipboard-read", "clipboard-write"])
    visitor.go("/login/")
    visitor.page.evaluate("text => navigator.clipboard.writeText(text)", PASSWORD)
    visitor.page.locator("#id_password").focus()
    visitor.page.keyboard.press("Control+V")
    expect(visitor.page.locator("#id_password")).to_have_value(PASSWORD)


def test_the_checklist_follows_what_is_typed(visit: Visit) -> None:
    visitor = visit()
    visitor.go("/register/")
    digit = visitor.page.locator("main li[data-rule=require_numbers]")
    expect(digit).not_to_have_attribute("data-state", "met")
    visitor.fill(password1="abc1")
    expect(digit).to_have_attribute("data-state", "met")
    expect(visitor.page.get_by_role("status").filter(has_text="of 5")).to_have_count(1)
    visitor.fill(password1="abc")
    expect(digit).not_to_have_attribute("data-state", "met")


@pytest.mark.parametrize(("javascript", "forms"), [(True, 1), (False, 3)], ids=["script", "plain"])
def test_clicks_while_waiting_send_no_second_form(
    visit: Visit, cognito: FaultProxy, javascript: bool, forms: int
) -> None:
    visitor = visit(javascript=javascript)
    visitor.go("/login/")
    visitor.fill(username=new_email(), password="Wrong-horse-1")
    release = threading.Event()
    cognito.fail("InitiateAuth", fault_proxy.held(release))
    sent: list[str] = []
    visitor.page.on("request", lambda request: sent.append(request.method))
    # With the mouse itself: Playwright's own click waits for the page that the first one asked for.
    button = visitor.page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).bounding_box()
    assert button
    for _ in range(3):
        visitor.page.mouse.click(button["x"] + 20, button["y"] + 20)
        visitor.page.wait_for_timeout(150)
    release.set()
    expect(visitor.page.locator("#error-summary")).to_be_visible()
    assert sent.count("POST") == forms


def test_six_digits_do_not_send_themselves(visit: Visit) -> None:
    visitor = visit()
    visitor.go("/verify-code/")
    visitor.fill(username="ada@example.com")
    visitor.page.locator("#id_code").press_sequentially("123456")
    visitor.page.wait_for_timeout(300)
    expect(visitor.page.locator("#error-summary")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 320])
def test_the_one_way_on_is_as_wide_as_the_card(visit: Visit, settings: Settings, width: int) -> None:
    settings.COGNITO = {**settings.COGNITO, "REGISTRATION": "closed"}
    visitor = visit(width=width)
    visitor.go("/register/")
    link, heading = (visitor.page.locator(each).bounding_box() for each in (".card .button--primary", ".card h1"))
    assert link
    assert heading
    assert (link["x"], link["width"]) == (heading["x"], heading["width"])


@pytest.mark.parametrize("path", PAGES)
def test_wide_text_spacing_hides_nothing(visit: Visit, path: str) -> None:
    # The site's own policy would refuse the style sheet that stands for the reader's settings.
    visitor = visit(width=320, bypass_csp=True)
    visitor.go(path)
    visitor.page.add_style_tag(content=SPACED)
    assert visitor.page.evaluate(CLIPPED) == []
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 320


def test_forced_colours_keep_the_borders(visit: Visit) -> None:
    visitor = visit(forced_colors="active")
    visitor.go("/login/")
    for selector in ("#id_username", "#id_password", "main button.button--primary"):
        style = "element => getComputedStyle(element).borderTopStyle"
        assert visitor.page.locator(selector).first.evaluate(style) != "none", selector
