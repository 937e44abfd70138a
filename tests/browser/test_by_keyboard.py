"""Each page once from end to end without a mouse, and files; other journeys are walked elsewhere."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect
from pytest_django import Settings

from tests.browser.conftest import Visit
from tests.browser.test_account_pages import Typist
from tests.browser.test_every_page import walk_all, with_files
from tests.browser.test_journey import tab_to
from tests.conftest import SignIn
from tests.local_pool import LocalPool

# What can be used with a mouse, in the order of the page; what is in a menu that is closed cannot.
USABLE = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter(element => element.type !== 'hidden' && !element.disabled && element.checkVisibility())
  .filter(element => !element.closest('[hidden], [inert]'))"""
# Writes down where the focus goes among these, and what is wrong with it there: not to be seen, or out of the window.
FOLLOW = f"""() => {{
  const usable = ({USABLE})();
  window.stops = [];
  addEventListener('focusin', ({{target}}) => {{
    const style = getComputedStyle(target), box = target.getBoundingClientRect(), name = target.outerHTML.slice(0, 100);
    const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    const faults = [!seen && 'no outline', (box.bottom < 0 || box.top > innerHeight) && 'out of the window'];
    stops.push([usable.indexOf(target), faults.filter(Boolean).map(fault => `${{fault}}: ${{name}}`)]);
  }});
  return usable.length;
}}"""


def walked_through(page: Page) -> list[str]:
    """Tab from the top of the page to its end, and return what is wrong: stops left out, out of order or not seen."""
    usable = page.evaluate(FOLLOW)
    for _ in range(usable + 1):
        page.keyboard.press("Tab")
    stops: list[tuple[int, list[str]]] = page.evaluate("stops")
    faults = [fault for _, found in stops for fault in found]
    # Past the last stop the browser's own controls have their turn, or it begins again.
    made = [place for place, _ in stops]
    if made not in ([*range(usable)], [*range(usable), 0]):
        faults.append(f"of {usable} stops these are made: {made}")
    return faults


def test_every_page_is_walked_through_in_its_order(
    visit: Visit, pool: LocalPool, settings: Settings, browser_of: SignIn
) -> None:
    with_files(pool, settings)
    assert walk_all(visit(), browser_of(pool.person(name="Ada Lovelace")), walked_through) == ""


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
