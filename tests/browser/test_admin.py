"""The administration under the site's strict policy: nothing in it is blocked, in either colour scheme."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from accounts.models import User
from tests.browser.conftest import Visit


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_the_administration_works_under_the_policy(visit: Visit, color_scheme: str) -> None:
    visitor = visit(color_scheme=color_scheme)
    person = visitor.pool.person(groups=(visitor.pool.env["COGNITO_SUPERUSER_GROUP"],))
    visitor.go("/admin/")
    visitor.fill(username=person.email, password=person.password)
    visitor.press("Sign in")
    expect(visitor.page).to_have_url(f"{visitor.site}/admin/")
    visitor.page.get_by_role("link", name="People", exact=True).first.click()
    visitor.page.locator("#searchbar").fill(person.email[:8])
    visitor.page.keyboard.press("Enter")
    visitor.page.locator("#result_list").get_by_role("link", name=person.email).first.click()
    expect(visitor.page.locator("#content")).to_contain_text(User.objects.get(email=person.email).sub)
    assert visitor.page.locator("input[type=password]").count() == 0
