"""Files and the administration without a mouse; the way in and the account are walked so elsewhere."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect
from pytest_django import Settings

from tests.accounts.administrators import known
from tests.browser.conftest import Visit
from tests.browser.test_account_pages import Typist
from tests.browser.test_every_page import with_files
from tests.browser.test_journey import tab_to
from tests.local_pool import LocalPool


def test_files_are_sent_fetched_and_deleted_by_keyboard_alone(
    visit: Visit, pool: LocalPool, settings: Settings, tmp_path: Path
) -> None:
    with_files(pool, settings)
    notes, person = tmp_path / "notes.txt", pool.person(name="Ada Lovelace")
    notes.write_text("remember")
    visitor = visit(accept_downloads=True)
    typist, page = Typist(visitor), visitor.page
    visitor.go("/login/")
    typist.type(person.email, person.password)
    typist.arrive("Ada Lovelace")
    typist.activate("Files")
    typist.arrive("Files")
    with page.expect_file_chooser() as picker:
        typist.activate("Upload files")
    picker.value.set_files(notes)
    expect(page.get_by_text("1 file uploaded.")).to_be_visible()
    with page.expect_download() as fetched:
        typist.activate("notes.txt, download")
    assert fetched.value.path().read_text() == "remember"
    tab_to(visitor, '[aria-label="Delete notes.txt"]')
    typist.keyboard.press("Enter")
    typist.arrive("Delete notes.txt")
    typist.activate("Delete file")
    typist.arrive("Files")
    expect(page.get_by_text("No files yet")).to_be_visible()


def test_somebody_is_found_and_disabled_by_keyboard_alone(visit: Visit) -> None:
    visitor = visit()
    pool, typist = visitor.pool, Typist(visitor)
    staff = pool.person(groups=(pool.env["COGNITO_SUPERUSER_GROUP"],), name="Grace Hopper")
    user = known(pool, pool.person(name="Bob Moss"))
    visitor.go("/login/")
    typist.type(staff.email, staff.password)
    typist.arrive("Grace Hopper")
    tab_to(visitor, "summary")
    typist.keyboard.press("Enter")
    typist.activate("Administration")
    expect(visitor.page).to_have_url(f"{visitor.site}/admin/")
    typist.activate("People")
    typist.arrive("People")
    tab_to(visitor, "#searchbar")
    typist.keyboard.type(user.email)
    typist.keyboard.press("Enter")
    visitor.page.wait_for_url("**/?q=*")
    tab_to(visitor, "#result_list tbody a")
    typist.keyboard.press("Enter")
    typist.arrive("Bob Moss")
    typist.activate("Disable")
    typist.arrive("Disable Bob Moss?")
    typist.activate("Disable")
    expect(visitor.page.locator(".messagelist")).to_contain_text("Bob Moss is disabled.")
    user.refresh_from_db()
    assert not user.is_active
