"""Every state of one's own files, wide and narrow, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pytest_django import Settings

from accounts import files
from tests.accounts.people_with_files import sent
from tests.browser.conftest import Visit, Visitor
from tests.browser.test_every_page import with_files
from tests.conftest import SignIn
from tests.local_pool import LocalPool

LONG = "notes with a \u201crather\u201d long name, and then some more of it.txt"


@contextmanager
def away(settings: Settings) -> Iterator[None]:
    """Have nothing of AWS answer."""
    works = settings.COGNITO
    settings.COGNITO = {**works, "ENDPOINT_URL": "http://127.0.0.1:9"}
    yield
    settings.COGNITO = works


def test_files_are_there_or_not(
    visit: Visit,
    pool: LocalPool,
    settings: Settings,
    browser_of: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_files(pool, settings)
    visitor, client = visit(), browser_of(pool.person(name="Ada Lovelace"))
    visitor.be(client)
    visitor.go("/files/")
    visitor.examine("no files", "Files you upload appear here. Each can be up to")
    visitor.go("/files/?in=Invoices/")
    visitor.examine("no such folder", "This folder is empty or doesn’t exist.")
    client.post("/files/folder/", {"name": "Invoices"})
    sent(client, LONG, "scan.png", "notes.txt")
    visitor.go("/files/")
    visitor.examine("files and a folder, new ones", "3 files uploaded.")
    visitor.page.get_by_role("main").get_by_text("New folder").click()
    visitor.press("Create folder")
    visitor.examine("folder without a name", "Enter a name for the folder.")
    visitor.go("/files/?in=Invoices/")
    visitor.examine("a folder with nothing in it", "Delete this folder")
    visitor.go("/files/delete/?file=Invoices/")
    visitor.examine("delete folder?", "This can’t be undone.")
    visitor.go("/files/delete/?file=notes.txt")
    visitor.examine("delete file?", "This can’t be undone.")
    visitor.press("Delete file")
    visitor.examine("file deleted", "notes.txt deleted.")
    again = sent(client, LONG)
    visitor.go(again.url)
    visitor.examine("replace?", "What you uploaded is kept next to it for now:")
    visitor.press("Replace")
    visitor.examine("file replaced", "1 file replaced.")
    monkeypatch.setattr(files, "PAGE", 1)
    visitor.go("/files/")
    visitor.examine("more than fit a page", "Show more")


def test_files_cannot_be_shown_or_sent(visit: Visit, pool: LocalPool, settings: Settings, browser_of: SignIn) -> None:
    with_files(pool, settings)
    visitor, client = visit(), browser_of(pool.person(name="Ada Lovelace"))
    visitor.be(client)
    visitor.go("/files/?bucket=another-bucket")
    visitor.examine("denied", "Your account isn’t allowed to see it.", status=403)
    visitor.go("/files/download/?file=gone.txt")
    visitor.examine("gone", "It may have been deleted, or the address may be wrong.", status=404)
    client.post("/files/upload/", {"in": ""})
    visitor.go("/files/")
    visitor.examine("nothing chosen", "Choose a file first.")
    settings.FILES_MAX_MB = 1
    sent(client, "Scan.png", content=b"x" * 1_000_001)
    visitor.go("/files/")
    visitor.examine("too large", "Choose a smaller file.")
    with away(settings):
        visitor.go("/files/?in=Invoices/")
        visitor.examine("down", "They’re safe. Try again in a few minutes.", status=503)
    upload_fails(visitor)


def upload_fails(visitor: Visitor) -> None:
    """Have the connection end while a file is sent."""
    visitor.go("/files/")
    visitor.page.route("**/files/upload/", lambda route: route.abort())
    visitor.page.set_input_files("#id_files", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"})
    visitor.page.get_by_text("Not everything was uploaded.").wait_for()
    visitor.noises[:] = [noise for noise in visitor.noises if "ERR_FAILED" not in noise]
    visitor.examine("upload failed", "Look at the list, then try again in a few minutes or with fewer files.")
