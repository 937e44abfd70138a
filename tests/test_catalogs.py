"""The catalogues are complete: what is marked is translated, what is visible is marked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.urls import reverse
from django.utils import translation
from django.utils.dates import MONTHS
from pytest_django import Settings

from tests import catalogs
from tests.accounts.test_pages import PERSONAL, PUBLIC
from tests.checked_client import CheckedClient
from tests.local_pool import LocalPool, Person
from tests.markup import Page

# A language of Django's that this site does not have, in which every text of ours stands in brackets.
PSEUDO = "eo"
# What we call otherwise, what says nothing, and what shouts.
NEVER = re.compile(
    r"\b(e-mails?|telephone|MFA|second factors?|unwanted|please|sorry|invalid|valid|oops|forbidden)\b|!", re.IGNORECASE
)
SAID = {"aria-label", "title", "alt", "placeholder"}


@pytest.fixture(scope="module")
def marked() -> Catalog:
    """Return all texts of the site."""
    return catalogs.marked()


def test_no_text_blames_anybody_or_speaks_in_riddles(marked: Catalog) -> None:
    texts = {form for message in marked for form in catalogs.forms(message.id)}
    assert {text for text in texts if NEVER.search(text)} == {"A symbol, like ! or -"}


@pytest.mark.parametrize("language", ["de", "es", "fr"])
def test_every_text_is_translated_and_nothing_else(marked: Catalog, language: str) -> None:
    kept = catalogs.read(language)
    assert {(message.id, message.context) for message in marked} == {(message.id, message.context) for message in kept}
    assert list(catalogs.untranslated(kept)) == []


@pytest.mark.parametrize("language", ["de", "es", "fr"])
def test_what_is_filled_in_and_marked_up_is_the_same_in_each_language(language: str) -> None:
    wrong = []
    for message in catalogs.read(language):
        originals, forms = catalogs.forms(message.id), catalogs.forms(message.string)
        # One of something need not be counted.
        fullest = catalogs.placeholders(originals[-1])
        wrong += [form for form in forms[:-1] if not set(catalogs.placeholders(form)) <= set(fullest)]
        wrong += [form for form in forms[-1:] if message.id and catalogs.placeholders(form) != fullest]
    assert wrong == []


@pytest.mark.parametrize("language", ["de", "es", "fr"])
def test_django_reads_what_translators_write(language: str) -> None:
    path = catalogs.catalogue_path(language)
    kept = catalogs.read(language)
    assert path.read_bytes() == catalogs.po(kept)
    assert path.with_suffix(".mo").read_bytes() == catalogs.mo(kept)


def test_each_language_of_the_site_has_its_catalogue() -> None:
    assert {path.parts[-3] for path in catalogs.ROOT.glob("locale/*/LC_MESSAGES/*.po")} == set(catalogs.languages())


@pytest.fixture
def pseudo(marked: Catalog, settings: Settings, tmp_path: Path) -> CheckedClient:
    """Return a browser that reads every text of ours in brackets."""
    catalogue = Catalog(locale=PSEUDO, charset="utf-8")
    for message in marked:
        if message.id:
            texts = [f"⟦{form}⟧" for form in catalogs.forms(message.id)]
            catalogue.add(message.id, texts[0] if len(texts) == 1 else texts, context=message.context)
    directory = tmp_path / PSEUDO / "LC_MESSAGES"
    directory.mkdir(parents=True)
    (directory / "django.mo").write_bytes(catalogs.mo(catalogue))
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = [("en", "English"), (PSEUDO, "Pseudo")]
    return CheckedClient(headers={"Accept-Language": PSEUDO})


def outside_brackets(text: str) -> str:
    """Return what stands in no brackets."""
    depth, found = 0, []
    for piece in re.split(r"([⟦⟧])", text):
        depth += (piece == "⟦") - (piece == "⟧")
        found += [piece] if depth == 0 and piece != "⟧" else []
    return " ".join(found)


def plain_words(page: Page, *values: str) -> set[str]:
    """Return the words of a page that no catalogue knows, but for names and `values`."""
    texts = [" ".join(page.strings)]
    texts += [element[name] for element in page.elements for name in SAID & element.attributes.keys()]
    left = " ".join(outside_brackets(text) for text in texts)
    # Names of months are Django's, and a key is nobody's language.
    said = [element.text for tag in ("code", "option") for element in page.all(tag)]
    with translation.override(PSEUDO):
        said += [str(month) for month in MONTHS.values()]
    for value in (*values, *said, "Latchkey", "UTC"):
        left = left.replace(value, " ")
    return set(re.findall(r"[^\W\d_]{3,}", left))


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_page_for_strangers_holds_no_unmarked_text(pseudo: CheckedClient, pool: LocalPool, name: str) -> None:
    assert plain_words(pseudo.page(reverse(name))) == set()


@pytest.mark.parametrize("name", PERSONAL)
def test_a_page_of_ones_own_holds_no_unmarked_text(pseudo: CheckedClient, person: Person, name: str) -> None:
    pseudo.post("/login/", {"username": person.email, "password": person.password})
    assert plain_words(pseudo.page(reverse(name)), person.email, "Ada Lovelace") == set()
