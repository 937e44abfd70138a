"""The pieces of every page: drawings that exist, initials, the key meter, the lengths of codes."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.template import Context, Template
from django.urls import reverse
from pytest_django import Settings

from accounts.challenges import WAYS
from accounts.cognito.sign_in_names import SignInWith
from accounts.forms.entrance import VerifyCodeForm
from accounts.forms.fields import CodeField, authenticator_code
from accounts.models import User
from accounts.templatetags import interface
from tests.accounts.test_pages import PERSONAL, PUBLIC
from tests.checked_client import CheckedClient
from tests.local_pool import LocalPool
from tests.markup import Page

SPRITE = Path("static/img/icons.svg").read_text()
DRAWN = set(re.findall(r'<symbol id="([\w-]+)"', SPRITE))
SCRIPTS, SHEETS = 6_000, 13_000  # bytes, compressed


def rendered(text: str, **context: object) -> str:
    return Template(text).render(Context(context))


def test_every_drawing_that_is_used_exists() -> None:
    used = {
        name
        for path in Path("templates").rglob("*.html")
        for name in re.findall(r'{% icon "([\w-]+)"', path.read_text())
    }
    assert len(used) > 10
    assert used - DRAWN == set()
    assert {way.icon for way in WAYS} - DRAWN == set()
    assert {*interface.DRAWN_PROVIDERS.values(), "building"} - DRAWN == set()
    assert interface.TURNS <= DRAWN


def test_no_drawing_is_there_twice() -> None:
    assert len(re.findall("<symbol ", SPRITE)) == len(DRAWN) > 30


def test_a_drawing_says_nothing_and_comes_from_one_file() -> None:
    assert rendered('{% icon "mail" %}') == (
        '<svg class="ic" aria-hidden="true" focusable="false"><use href="/static/img/icons.svg#mail"/></svg>'
    )
    assert 'class="ic ic--turns chevron"' in rendered('{% icon "chevron-right" "chevron" %}')


def test_a_drawing_stands_where_the_list_of_hashes_lacks_it(settings: Settings) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    assert "/static/img/icons.svg#mail" in rendered('{% icon "mail" %}')


@pytest.mark.parametrize(
    ("name", "email", "letters"),
    [
        ("Grace Hopper", "g@example.com", "GH"),
        ("grace brewster murray hopper", "g@example.com", "GH"),
        ("Grace", "g@example.com", "G"),
        ("", "ada@example.com", "A"),
        ("", "", "U"),
    ],
)
def test_initials_are_those_of_the_name_or_else_of_the_address(name: str, email: str, letters: str) -> None:
    assert interface.initials(User(name=name, email=email, username="user")) == letters


def test_the_key_has_a_tooth_for_each_step() -> None:
    drawn = rendered("{% key_meter 2 3 %}")
    assert 'aria-label="2 of 3 security steps done"' in drawn
    assert 'viewBox="0 0 137 48"' in drawn
    assert drawn.count('class="m-off"') == 1
    assert drawn.count('class="m-on"') == 3
    assert 'aria-hidden="true"' in rendered("{% key_meter 2 4 False %}")


@pytest.mark.parametrize(("length", "label"), [(6, "Six-digit code"), (8, "Eight-digit code"), (0, "Code")])
def test_a_code_field_has_as_many_places_as_the_code(settings: Settings, length: int, label: str) -> None:
    settings.CODE_LENGTH = length
    html = VerifyCodeForm(sign_in_with=SignInWith.EMAIL, username="ada@example.com").as_div()
    assert label in html
    assert (f'class="code code-{length}"' in html) == bool(length)


@pytest.mark.parametrize("code", ["123", "12345678901"])
def test_a_code_of_no_length_is_told_how_long_it_is(code: str) -> None:
    field = CodeField(length=authenticator_code)
    assert "The code has six." in field.another_length(code)


def test_a_code_of_the_right_length_is_not_told_so() -> None:
    assert CodeField(length=authenticator_code).another_length("123456") == ""
    assert CodeField(length=lambda: 0).another_length("12345") == ""


def loaded(page: Page, ending: str) -> int:
    """Return the bytes, compressed, of the files with this ending that a page loads."""
    links = [element["src"] or element["href"] for tag in ("script", "link") for element in page.all(tag)]
    files = {Path(link.lstrip("/")) for link in links if link.startswith("/static/") and link.endswith(ending)}
    return sum(len(gzip.compress(path.read_bytes())) for path in files)


def test_no_page_loads_much(signed_in: CheckedClient, pool: LocalPool) -> None:
    pages = [signed_in.page(reverse(name)) for name in PERSONAL] + [
        CheckedClient().page(reverse(name)) for name in PUBLIC
    ]
    assert 0 < max(loaded(page, ".js") for page in pages) < SCRIPTS
    assert 0 < max(loaded(page, ".css") for page in pages) < SHEETS
