"""What was typed on the way in is still there after Back, on the next page, and after an address with a fragment."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, Visitor
from tests.local_pool import new_email


def refused(visitor: Visitor, email: str) -> None:
    """Have a sign-in refused."""
    visitor.send("Sign in", username=email, password="Wrong-horse-1")
    expect(visitor.page.locator("#error-summary")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "plain"])
def test_back_after_a_refusal_shows_the_form(visit: Visit, javascript: bool) -> None:
    visitor, email = visit(javascript=javascript), new_email()
    visitor.go("/login/?next=/account/profile/")
    refused(visitor, email)
    visitor.page.get_by_role("link", name="Forgot your password?").click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Reset your password")
    expect(visitor.page.locator("#id_username")).to_have_value(email)
    visitor.page.go_back()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Sign in to Latchkey")
    expect(visitor.page.locator("#id_username")).to_have_value(email)
    expect(visitor.page.locator("main input[name=next]").first).to_have_value("/account/profile/")


def test_an_address_with_a_fragment_leaves_the_focus_to_the_summary(visit: Visit) -> None:
    visitor = visit()
    visitor.go("/login/#main")
    refused(visitor, new_email())
    expect(visitor.page.locator("#error-summary")).to_be_focused()


def test_the_email_goes_along_before_anything_was_sent_and_not_with_somebody_else(visit: Visit) -> None:
    visitor, email = visit(), new_email()
    visitor.go("/register/")
    visitor.fill(email=email)
    visitor.page.get_by_role("link", name="Sign in").click()
    expect(visitor.page.locator("#id_username")).to_have_value(email)
    visitor.fill(username="")
    visitor.go("/password/forgot/")
    expect(visitor.page.locator("#id_username")).to_have_value("")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "plain"])
def test_whoever_leaves_a_step_is_known_until_somebody_says_to_be_another(visit: Visit, javascript: bool) -> None:
    visitor, email = visit(javascript=javascript), new_email()
    visitor.go("/login/code/?next=/account/profile/")
    visitor.send("Send code", username=email)
    visitor.go("/login/")
    expect(visitor.page.locator("#id_username")).to_have_value(email)
    visitor.go("/login/challenge/")
    visitor.page.get_by_role("link", name="Not you?").click()
    expect(visitor.page.locator("#id_username")).to_have_value("")
    visitor.page.get_by_role("link", name="Create an account").click()
    expect(visitor.page.locator("#id_email")).to_have_value("")
