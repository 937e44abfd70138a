"""Each mail of the site as it arrives: its words, both its forms, and where its links lead."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.utils import translation
from pytest_django import Settings

from accounts import letters, notices
from accounts.audit import Kind
from accounts.cognito.factors import Factor
from accounts.context import Context
from accounts.letters import Event
from accounts.models import CameBy
from tests.accounts.mails import (
    ADDRESS,
    AT,
    CASES,
    CHROME,
    NOT_THEIRS,
    WITHOUT_FACTS,
    Reader,
    event,
    mailed,
    text,
)
from tests.background import finish
from tests.checked_client import CheckedClient


@pytest.mark.parametrize("name", CASES)
def test_a_mail_says_the_same_in_both_forms(name: str) -> None:
    write, subject, sentences, links = CASES[name]
    message = mailed(write())
    html = Reader(message)
    assert (message.subject, message.to) == (subject, [ADDRESS])
    for sentence in sentences:
        assert sentence in html.words
        assert sentence in text(message)
    assert html.links == links
    assert re.findall(r"http://localhost:8000[^\s>]+", str(message.body)) == links


@pytest.mark.parametrize("name", [name for name in CASES if name not in WITHOUT_FACTS])
def test_a_mail_says_when_and_whence(name: str) -> None:
    message = mailed(CASES[name][0]())
    for fact, value in (
        ("Device", "Chrome on Linux"),
        ("When", "Nov 21, 2026, 12:34 PM UTC"),
        ("Network address", "203.0.113.24"),
    ):
        assert f"{fact}: {value}" in " ".join(str(message.body).split())
        assert f"{fact} {value}" in Reader(message).words


@pytest.mark.parametrize("name", CASES)
def test_a_mail_ends_with_why_and_whom_to_ask(name: str) -> None:
    message = mailed(CASES[name][0]())
    for words in (text(message), Reader(message).words):
        assert ("You get this email because the account is yours. It can’t be turned off." in words) is (
            name not in NOT_THEIRS
        )
        assert words.endswith("Latchkey, localhost:8000")


@pytest.mark.parametrize(("contact", "offered"), [("", False), ("help@example.com", True)])
def test_help_is_offered_where_there_is_somebody_to_ask(settings: Settings, contact: str, offered: bool) -> None:
    settings.SUPPORT_EMAIL = contact
    message = mailed(letters.already_registered())
    for words in (text(message), Reader(message).words):
        assert (f"Need help? {contact}" in words) is offered
        assert ("Need help?" in words) is offered


def test_a_mail_is_in_the_language_of_the_page_that_causes_it() -> None:
    with translation.override("de"):
        message = mailed(letters.already_registered())
        notices.already_registered("ada@example.com")
    finish()
    assert mail.outbox[-1].body == message.body
    assert mail.outbox[-1].subject == "Sie haben schon ein Konto bei Latchkey"


def test_every_kind_that_is_mailed_has_words_of_its_own() -> None:
    assert set(notices.OF_KIND.values()) == {
        letters.password_changed,
        letters.factor_on,
        letters.factor_off,
        letters.passkey_added,
        letters.passkey_removed,
        letters.provider_connected,
        letters.provider_disconnected,
    }
    assert notices.OF_KIND[Kind.FACTOR_OFF] is letters.factor_off


@pytest.mark.django_db
@pytest.mark.parametrize("link", sorted({link for case in CASES.values() for link in case[3]}))
def test_a_link_works_for_whoever_is_signed_out(client: CheckedClient, link: str) -> None:
    path, _hash, place = link.removeprefix("http://localhost:8000").partition("#")
    answer = client.get(path, follow=True)
    assert answer.status_code == 200
    assert not place or f'id="{place}"' in answer.content.decode()


def test_the_people_to_ask_are_named_where_they_are_known(settings: Settings) -> None:
    settings.SUPPORT_EMAIL, settings.SUPPORT_URL = "support@latchkey.example", "https://help.latchkey.example/"
    message = mailed(letters.account_deleted(event()))
    assert "contact support@latchkey.example <https://help.latchkey.example/>: they can" in str(message.body)
    assert Reader(message).links == ["https://help.latchkey.example/"] * 2
    settings.SUPPORT_URL = ""
    message = mailed(letters.account_deleted(event()))
    assert "contact support@latchkey.example: they can" in str(message.body)
    assert Reader(message).links == ["mailto:support@latchkey.example"] * 2


def test_what_people_write_stays_words() -> None:
    label = '<b onload="x">**[x]** %s %(site)s'
    message = mailed(letters.passkey_removed(event(label)))
    assert f"“{label}” was removed" in str(message.body)
    assert f"“{label}” was removed" in Reader(message).words
    assert "<b " not in str(message.alternatives[0][0])


def test_a_subject_takes_no_line_of_somebody_else() -> None:
    message = mailed(letters.provider_connected(event("Google\nBcc: eve@example.com")))
    with pytest.raises(ValueError, match="newline"):
        message.message()


def test_a_moment_is_told_in_the_zone_of_the_person_else_in_the_sites(settings: Settings) -> None:
    paris = Event(ADDRESS, Context("203.0.113.24", CHROME, "", "Europe/Paris"), at=AT)
    assert "When: Nov 21, 2026, 1:34 PM CET" in " ".join(str(mailed(letters.new_sign_in(paris)).body).split())
    settings.DISPLAY_TIME_ZONE = "Asia/Tokyo"
    assert "9:34 PM JST" in " ".join(str(mailed(letters.new_sign_in(event())).body).split())
    odd = Event(ADDRESS, Context("203.0.113.24", CHROME, "", "../../etc/passwd"), at=AT)
    assert "9:34 PM JST" in " ".join(str(mailed(letters.new_sign_in(odd)).body).split())


def test_of_a_command_nothing_is_said_but_when() -> None:
    message = mailed(letters.passkey_removed(Event(ADDRESS, Context(), at=AT)))
    assert "Device" not in str(message.body)
    assert "Network address" not in str(message.body)
    assert "When: Nov" in str(message.body)


@pytest.mark.parametrize(
    ("came_by", "second_step", "factors", "words"),
    [
        (CameBy.PASSWORD, False, (), "Password"),
        (CameBy.PASSWORD, True, (Factor.TOTP,), "Password and authenticator app"),
        (CameBy.PASSWORD, True, (Factor.EMAIL,), "Password and code by email"),
        (CameBy.PASSWORD, True, (Factor.SMS,), "Password and text message"),
        # Which of them it was is not known here.
        (CameBy.PASSWORD, True, (Factor.SMS, Factor.TOTP), ""),
        (CameBy.CHOICE, False, (), ""),
        ("Google", False, (), ""),
    ],
)
def test_how_somebody_came_in_is_told_where_it_is_known(
    came_by: str, second_step: bool, factors: tuple[Factor, ...], words: str
) -> None:
    assert letters.way_in(came_by, second_step=second_step, factors=factors) == words


def test_the_logo_comes_along_and_nothing_is_fetched() -> None:
    message = mailed(letters.new_sign_in(event()))
    raw = message.message()
    assert raw.get_content_type() == "multipart/related"
    assert [part.get_content_type() for part in raw.walk()] == [
        "multipart/related",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "image/png",
    ]
    assert Reader(message).sources == ["cid:mark"]
    assert [part["Content-ID"] for part in raw.walk()][-1] == "<mark>"
    assert "http" not in re.sub(r'href="[^"]*"', "", str(message.alternatives[0][0]))


def test_a_company_without_a_picture_for_mails_has_its_name_in_them(settings: Settings) -> None:
    settings.BRAND_LOGO, settings.SITE_NAME, settings.BRAND_ACCENT = "img/none.svg", "Harbor & Sons", "#7c3aed"
    message = mailed(letters.new_sign_in(event()))
    assert Reader(message).sources == []
    assert Reader(message).words.startswith("Harbor & Sons New sign-in to your account")
    assert message.subject == "New sign-in to your Harbor & Sons account"
    assert "#7c3aed" in str(message.alternatives[0][0])
    assert "#14566e" not in str(message.alternatives[0][0])
