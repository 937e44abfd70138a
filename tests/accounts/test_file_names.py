"""Files of any name: as browsers send it, as it is kept, listed, downloaded and deleted."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit
from urllib.request import urlopen

import pytest
from django.utils.html import escape

from accounts import files
from accounts.cognito.errors import InputRejected
from tests.accounts.people_with_files import browser_in, links, sent, shown
from tests.local_pool import LocalPool

HIDDEN = "a\u202egpj.exe"
# As they are sent, and as they are called: a browser writes a quotation mark as %22.
NAMES = {
    "two  words & more.txt": "two  words & more.txt",
    "%22it's%22.txt": '"it\'s".txt',
    "שלום (1) עולם 50%.txt": "שלום (1) עולם 50%.txt",
    "x" * 196 + ".txt": "x" * 196 + ".txt",
    "é" * 80 + "שלום.txt": "é" * 80 + "שלום.txt",
}


def test_a_name_of_any_letters_is_listed_downloaded_and_deleted(files_pool: LocalPool) -> None:
    mine = browser_in(files_pool, files_pool.person())
    sent(mine, *NAMES)
    page = shown(mine)
    for name in NAMES.values():
        assert f"<bdi data-wrap>{escape(name)}</bdi><span" in page
        assert f'aria-label="Delete {escape(name)}"' in page
    found = [parse_qs(urlsplit(link).query)["file"][0] for link in links(mine, "/files/") if "/delete/" in link]
    assert sorted(found) == sorted(NAMES.values())
    for name in NAMES.values():
        with urlopen(mine.get("/files/download/", {"file": name}).url) as response:  # noqa: S310 -- the local AWS
            assert response.read() == b"hello"
            assert response.headers["Content-Disposition"].endswith(quote(name, safe=""))
        assert f"Delete <bdi data-wrap>{escape(name)}</bdi></h1>" in shown(mine, f"/files/delete/?file={quote(name)}")
        mine.post("/files/delete/", {"file": name})
    assert "No files yet" in shown(mine)


def test_names_stand_in_the_order_that_people_look_for_them() -> None:
    names = ["beta", "alpha", "Beta", "Gamma", "ALPHA"]
    listed = [entry.name for entry in files.by_name([files.Entry(name, name) for name in names])]
    assert listed == ["ALPHA", "alpha", "Beta", "beta", "Gamma"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("notes.txt", "notes.txt"),
        ("C:\\Users\\ada\\notes.txt", "notes.txt"),
        ("../../notes.txt", "notes.txt"),
        (HIDDEN, "agpj.exe"),
        ("e\u0301.txt", "é.txt"),
        (" a\x00b\r\n.txt ", "ab.txt"),
        ("é" * 300 + ".txt", "é" * 125 + ".txt"),
    ],
)
def test_a_name_is_kept_without_what_nobody_sees(typed: str, kept: str) -> None:
    assert files.clean(typed) == kept


@pytest.mark.parametrize("typed", ["", "..", ".", "/", "\x00", "\u202e", "a." + "x" * 300])
def test_what_leaves_no_name_is_refused(typed: str) -> None:
    with pytest.raises(InputRejected):
        files.clean(typed)
