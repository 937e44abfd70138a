"""The inbox of the local AWS: a code is one click away from the form that wants it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.local_pool import PASSWORD, new_email


def test_a_code_is_copied_with_one_click(visit: Visit) -> None:
    visitor = visit(permissions=["clipboard-read", "clipboard-write"])
    email = new_email()
    visitor.go("/register/")
    visitor.send("Create account", email=email, password1=PASSWORD)
    code = visitor.pool.code(email)
    visitor.go("/dev/inbox/")
    visitor.page.get_by_role("button", name="Copy").first.click()
    expect(visitor.page.locator("article").first.get_by_role("status")).to_have_text("Copied")
    visitor.go("/verify-code/")
    visitor.page.locator("#id_code").focus()
    visitor.page.keyboard.press("Control+V")
    expect(visitor.page.locator("#id_code")).to_have_value(code)


def test_new_messages_come_on_top_and_are_said(visit: Visit) -> None:
    visitor = visit(permissions=["clipboard-read", "clipboard-write"])
    visitor.go("/dev/inbox/")
    expect(visitor.page.get_by_role("link", name="Check for new messages")).to_be_hidden()
    email = new_email()
    newcomer = visit()
    newcomer.go("/register/")
    newcomer.send("Create account", email=email, password1=PASSWORD)
    expect(visitor.page.locator("[data-inbox-status]")).to_have_text("1 new message", timeout=15_000)
    expect(visitor.page.locator("article").first).to_contain_text(email)
    visitor.page.get_by_role("button", name="Copy code").first.click()
    expect(visitor.page.locator("article").first.get_by_role("status")).to_have_text("Copied")
    visitor.look("inbox")
