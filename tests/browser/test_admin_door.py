"""The door of the administration in a browser: shown to staff, and a plain no with a way out for everybody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from pytest_django import Settings

from accounts import activity
from accounts.context import Context
from accounts.models import Activity, User
from tests.browser.conftest import Visit, Visitor
from tests.local_pool import Person
from tests.second_factors import with_app


@pytest.fixture
def visitor(visit: Visit) -> Iterator[Visitor]:
    """A narrow window."""
    opened = visit(width=320)
    yield opened
    # Chromium itself writes to the console that an answer was a 403, which is what is looked at here.
    opened.noises[:] = [noise for noise in opened.noises if "status of 403" not in noise]


def staff_of(visitor: Visitor, group: str = "COGNITO_STAFF_GROUP") -> Person:
    """Return somebody whom the group lets in."""
    return visitor.pool.person(groups=(visitor.pool.env[group],), name="Grace Hopper")


def test_somebody_who_is_not_staff_is_told_so_and_signs_out(visitor: Visitor, person: Person) -> None:
    visitor.sign_in(person.email, person.password)
    expect(visitor.page.get_by_role("link", name="Administration")).to_have_count(0)
    visitor.go("/admin/")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("You don’t have access to this page")
    visitor.look("403")
    visitor.press("Sign out")
    expect(visitor.page).to_have_url(f"{visitor.site}/login/")


def test_staff_go_there_from_the_header_and_back_again(visitor: Visitor) -> None:
    person = staff_of(visitor)
    visitor.sign_in(person.email, person.password)
    visitor.look("the account page of staff")
    visitor.page.get_by_role("banner").locator("summary").click()
    visitor.page.get_by_role("link", name="Administration").click()
    expect(visitor.page).to_have_url(f"{visitor.site}/admin/")
    visitor.page.get_by_role("link", name="Your account").click()
    expect(visitor.page).to_have_url(f"{visitor.site}/account/")


def test_staff_without_a_second_step_are_shown_the_way_to_one(visitor: Visitor, settings: Settings) -> None:
    settings.ADMIN_REQUIRES_MFA = True
    person = staff_of(visitor)
    visitor.sign_in(person.email, person.password)
    visitor.go("/admin/")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("A second step is missing")
    visitor.look("a second step is missing")
    app = with_app(visitor.pool, person)
    visitor.page.get_by_role("link", name="Sign in again").click()
    visitor.send("Confirm", password=person.password)
    visitor.send("Sign in", code=app.code())
    expect(visitor.page).to_have_url(f"{visitor.site}/admin/")


def test_the_record_is_filtered_by_dates_and_taken_along(visitor: Visitor) -> None:
    person = staff_of(visitor, "COGNITO_SUPERUSER_GROUP")
    visitor.sign_in(person.email, person.password)
    ada = User.objects.create(issuer="x", sub="ada", username="ada", email="ada@example.com", name="Ada King")
    grace = User.objects.get(sub=person.sub)
    activity.write(Activity.Kind.SHUT_OUT, ada, by=grace, context=Context("192.0.2.7", "", "a" * 32))
    visitor.go("/admin/accounts/activity/")
    expect(visitor.page.locator("#result_list")).to_contain_text("Shut out")
    visitor.look("the record")
    visitor.page.get_by_label("To").fill("2020-01-01")
    visitor.page.get_by_role("button", name="Apply").click()
    expect(visitor.page.get_by_text("Nothing has been recorded that fits.")).to_be_visible()
    visitor.page.get_by_role("link", name="Any date").click()
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("button", name="Export as CSV").click()
    assert download.value.suggested_filename.startswith("activity-")
    assert '"shut_out"' in download.value.path().read_text()
    visitor.page.locator("#result_list").get_by_role("link").first.click()
    visitor.look("one row of the record")
