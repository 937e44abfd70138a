"""One's own files in a browser: sent with a script and without, found again, fetched, replaced and deleted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from pytest_django import Settings

from tests.browser.conftest import Visit, Visitor
from tests.conftest import SignIn
from tests.local_pool import LocalPool


@pytest.fixture
def files_of(pool: LocalPool, site: str, settings: Settings) -> LocalPool:
    """The pool of a site where people have files."""
    env = pool.env
    named = {"IDENTITY_POOL_ID": env["COGNITO_IDENTITY_POOL_ID"], "FILES_BUCKET": env["FILES_BUCKET"]}
    settings.COGNITO = pool.cognito_setting(ENDPOINT_URL=pool.endpoint, **named)
    return pool


def send(visitor: Visitor, *files: Path) -> None:
    """Choose files; without a script the button sends them."""
    visitor.page.set_input_files("#id_files", list(files))
    if not visitor.javascript:
        visitor.press("Upload")


def of_size(*megabytes: int) -> str:
    """Return a script that chooses files of these sizes, of which nothing has to be read."""
    return f"""() => {{
      const chosen = new DataTransfer(), picker = document.querySelector('#id_files');
      for (const size of {list(megabytes)}) {{
        chosen.items.add(new File([new Uint8Array(size * 1e6)], `scan-${{size}}.png`));
      }}
      picker.files = chosen.files;
      picker.dispatchEvent(new Event('change'));
    }}"""


@pytest.mark.parametrize(
    ("sizes", "says"),
    [
        ([2], "scan-2.png is larger than 1 MB. Choose a smaller file."),
        ([2, 3], "scan-2.png is larger than 1 MB. Choose a smaller file."),
        ([5, 1], "scan-5.png is larger than 1 MB. Choose a smaller file."),
        (
            [1, 1, 1, 1, 1],
            "Each file can be up to 1 MB, and those sent together up to 4 MB. Nothing was uploaded.",
        ),
    ],
)
def test_what_would_not_be_taken_is_told_and_not_sent(
    visit: Visit, files_of: LocalPool, settings: Settings, browser_of: SignIn, sizes: list[int], says: str
) -> None:
    settings.FILES_MAX_MB = 1
    visitor, requests = visit(), list[str]()
    visitor.be(browser_of(files_of.person()))
    visitor.go("/files/")
    visitor.page.on("request", lambda request: requests.append(request.method))
    visitor.page.evaluate(of_size(*sizes))
    expect(visitor.page.get_by_role("alert")).to_have_text(says)
    assert "POST" not in requests
    visitor.look("too large")
    send(visitor, Path(__file__))
    expect(visitor.page.get_by_role("main")).to_contain_text("1 file uploaded.")


@pytest.mark.parametrize(("javascript", "width"), [(True, 1280), (False, 390)], ids=["script", "no script, narrow"])
def test_files_are_sent_found_fetched_replaced_and_deleted(
    visit: Visit, files_of: LocalPool, tmp_path: Path, javascript: bool, width: int
) -> None:
    notes, image = tmp_path / 'notes with a "rather" long name, and then some more of it.txt', tmp_path / "scan.png"
    notes.write_bytes(b"x" * 2100)
    image.write_bytes(b"y" * 1_600_000)
    person = files_of.person(name="Ada Lovelace")
    visitor = visit(javascript=javascript, width=width, accept_downloads=True)
    page, main = visitor.page, visitor.page.get_by_role("main")
    visitor.sign_in(person.email, person.password)
    page.get_by_role("link", name="Files", exact=True).click()
    expect(main).to_contain_text("No files yet")
    visitor.look("no files")
    send(visitor, notes, image)
    expect(main).to_contain_text("2 files uploaded.")
    expect(main).to_contain_text("2 files, 1.6\N{NO-BREAK SPACE}MB")
    visitor.look("two files")
    with page.expect_download() as fetched:
        main.get_by_role("link", name=re.compile(f"^{re.escape(notes.name)}")).click()
    # Chromium writes no quotation marks into the names of files.
    assert fetched.value.suggested_filename == notes.name.replace('"', "_")
    assert fetched.value.path().read_bytes() == notes.read_bytes()
    replace_and_delete(visitor, notes)
    visitor.go("/files/?bucket=another-bucket")
    expect(main).to_contain_text("You can’t open this folder")
    visitor.look("denied")
    # The browser tells its console of every page that is refused.
    assert [noise for noise in visitor.noises if "status of 403" not in noise] == []
    visitor.noises.clear()


def replace_and_delete(visitor: Visitor, notes: Path) -> None:
    """Send a file that is there already, replace it, make a folder, and delete the file."""
    main = visitor.page.get_by_role("main")
    send(visitor, notes)
    expect(main).to_contain_text(f"Replace {notes.name}?")
    visitor.look("replace?")
    visitor.press("Replace")
    expect(main).to_contain_text("1 file replaced.")
    main.get_by_text("New folder").click()
    visitor.fill(name="Invoices")
    visitor.look("new folder")
    visitor.press("Create folder")
    expect(main).to_contain_text("This folder is empty or doesn’t exist.")
    visitor.look("empty folder")
    main.get_by_role("link", name="Your files").click()
    main.get_by_role("link", name=f"Delete {notes.name}").click()
    visitor.look("delete?")
    visitor.press("Delete file")
    expect(main).to_contain_text(f"{notes.name} deleted.")
