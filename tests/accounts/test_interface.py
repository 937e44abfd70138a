"""The pieces of every page: drawings that exist, notices, initials, the key meter, the lengths of codes."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import Context, Template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from pytest_django import Settings

from accounts.challenges import WAYS
from accounts.cognito.sign_in_names import SignInWith
from accounts.form_again import STALE
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


@pytest.mark.parametrize(
    ("name", "turns"), [("arrow-left", True), ("sign-in", True), ("sign-out", True), ("refresh", False), ("x", False)]
)
def test_what_points_along_the_line_turns_with_it(name: str, turns: bool) -> None:
    assert ("ic--turns" in rendered(f'{{% icon "{name}" %}}')) is turns


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


def test_every_tooth_is_within_the_picture() -> None:
    for _, path in interface.teeth(5, 5):
        assert 27 + int(re.findall(r"v(\d+)", path)[0]) + 3 <= 48, path


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


def test_what_is_wrong_with_the_whole_form_leads_to_its_first_field() -> None:
    form = VerifyCodeForm({"username": "ada@example.com", "code": "123456"}, sign_in_with=SignInWith.EMAIL)
    form.add_error(None, "Some of this <was> not accepted.")
    page = Page.of(render_to_string("partials/error_summary.html", {"form": form}))
    assert page.one("a", href="#id_username").text == "Some of this <was> not accepted."


def test_every_notice_is_told_by_a_screen_reader() -> None:
    pages = [path.read_text() for path in Path("templates").rglob("*.html") if "admin" not in path.parts]
    notices = [notice for page in pages for notice in re.findall(r'<\w+ class="notice[^>]*>', page)]
    assert len(notices) > 8
    assert [notice for notice in notices if "role=" not in notice] == []


@pytest.mark.parametrize(
    ("first", "rest"),
    [
        ("That took too long.", " Start again."),
        ("That took too long.", " Nothing was changed. Start again."),
        ("Too many tries.", " Wait 5 minutes, then try again."),
        ("Welcome!", " Sign in."),
        ("Closed the page?", " Enter the code here."),
        ("Das hat zu lange gedauert.", " Überprüfen Sie es."),
        ("Seit dem 22. November sind Sie abgemeldet.", " Melden Sie sich an."),
        ("Sie heißt jetzt „Büro.“", " „Zuhause“ gibt es nicht mehr."),
        ("C’est fait\N{NO-BREAK SPACE}!", " À bientôt."),
        (
            "Elle s’appelle «\N{NO-BREAK SPACE}Bureau.\N{NO-BREAK SPACE}» maintenant.",
            " «\N{NO-BREAK SPACE}Maison\N{NO-BREAK SPACE}» n’est plus là.",
        ),
        ("Se ha cerrado la sesión.", " ¿Has sido tú?"),
        ("Written to ada.b@example.com.", " Only the newest code works."),
        ("Sent to +44 20 7946 0042.", " Only the newest code works."),
        ("Signed in to J. Bloggs at version 2.0 now.", " It is new."),
        ("It is there (as a copy.)", " The others are gone."),
    ],
)
def test_the_first_of_several_sentences_is_bold(first: str, rest: str) -> None:
    assert interface.first_bold(first + rest) == f"<strong>{first}</strong>{rest}"


@pytest.mark.parametrize(
    "says",
    [
        "",
        "You’re signed out.",
        "Name removed.\N{NO-BREAK SPACE}",
        "report.v2.pdf deleted.",
        "Uploading 1.5 MB of 3 MB.",
        "Ask e.g. the people who run it.",
        "Ask J. B. Goode of Room 7. Then wait.",
        "z. B. Anna",
        "Am 3. Dezember",
        "Wait... there is more.",
    ],
)
def test_one_sentence_stays_plain(says: str) -> None:
    assert interface.first_bold(says) == says


def test_dots_in_the_words_of_somebody_end_no_sentence() -> None:
    named = format_html("Folder <bdi data-wrap><span>{}</span></bdi> created. It is empty.", "St. Ives. And <more>.")
    bold = "<strong>Folder <bdi data-wrap><span>St. Ives. And &lt;more&gt;.</span></bdi> created.</strong> It is empty."
    assert interface.first_bold(named) == bold


@pytest.mark.parametrize(
    "next_one", ["<bdi data-wrap>report.pdf</bdi> is not.", '<a href="/help/">Read on</a>.', "<br>Go on."]
)
def test_a_sentence_may_begin_with_markup(next_one: str) -> None:
    assert interface.first_bold(SafeString(f"It is there. {next_one}")) == f"<strong>It is there.</strong> {next_one}"


def test_what_is_bold_already_is_left() -> None:
    says = format_html("Email changed to <strong data-wrap>{}</strong>. Sign in with it.", "ada@example.com")
    assert interface.first_bold(says) == says


def test_a_notice_escapes_what_is_not_markup() -> None:
    safe = interface.first_bold("<b>Ada</b> & Bob. They are here.")
    assert safe == "<strong>&lt;b&gt;Ada&lt;/b&gt; &amp; Bob.</strong> They are here."
    assert interface.first_bold("<b>Ada</b>") == "&lt;b&gt;Ada&lt;/b&gt;"


def test_a_message_keeps_its_markup() -> None:
    message = Message(constants.INFO, format_html("<span data-wrap>{}</span> is there. Look.", "a. B"))
    page = render_to_string("partials/messages.html", {"messages": [message]})
    assert "<p><strong><span data-wrap>a. B</span> is there.</strong> Look.</p>" in page


def test_a_notice_of_a_form_has_its_first_sentence_in_bold() -> None:
    page = render_to_string("partials/form_notice.html", {"form_notice": STALE})
    assert "<p><strong>This page was open for a while.</strong> Check it and send it again.</p>" in page


@pytest.mark.parametrize(
    ("ended", "first"),
    [
        ("ended=idle", "You were signed out after a while without activity."),
        ("ended=1", "You were signed out."),
        ("again=1", "That took too long."),
    ],
)
def test_the_notices_of_the_sign_in_page_have_their_first_sentence_in_bold(
    client: CheckedClient, pool: LocalPool, ended: str, first: str
) -> None:
    assert client.page(f"/login/?{ended}").one("strong").text == first


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
