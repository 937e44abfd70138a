"""The catalogues of the languages: what is marked in code and templates, `.po` files for translators, `.mo` for Django.

`make messages` brings them up to date. Babel reads and writes them, so that nothing but Python is needed.
https://docs.djangoproject.com/en/5.2/topics/i18n/translation/
"""

from __future__ import annotations

import os
import re
import string
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).parents[1]
# The functions that mark a text, and which of their arguments are texts ("c": what tells two of the same text apart).
MARKS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
FOR_TRANSLATORS = ("Translators:",)
CODE = ("accounts", "config")
# Named so that a translation can put them elsewhere, plain, or those of str.format.
NO_DAY = datetime(2000, 1, 1, tzinfo=UTC)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")
MARKUP = re.compile(r"</?\w+[^>]*>")


def languages() -> list[str]:
    """Return the codes of the languages that have a catalogue: all of `LANGUAGES` but English, which the code is in."""
    return [code for code, _name in settings.LANGUAGES if code != "en"]


def catalogue_path(language: str) -> Path:
    """Return the `.po` file of a language."""
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def marked() -> Catalog:
    """Return everything that is marked, without translations."""
    catalogue = Catalog(charset="utf-8")
    for path in sorted(path for directory in CODE for path in (ROOT / directory).rglob("*.py")):
        _take(catalogue, path, path.read_text())
    for path in sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt"}):
        code = templatize(path.read_text(), origin=str(path))
        # What is left of the markup means nothing to a reader of Python but where a line is indented.
        _take(catalogue, path, "\n".join(line.strip() for line in code.splitlines()))
    return catalogue


def _take(catalogue: Catalog, path: Path, code: str) -> None:
    place = path.relative_to(ROOT).as_posix()
    for _line, message, comments, context in extract("python", BytesIO(code.encode()), MARKS, FOR_TRANSLATORS):
        flags = ["python-format"] if PLACEHOLDER.search(forms(message)[0]) else []
        catalogue.add(message, None, [(place, 0)], flags=flags, auto_comments=comments, context=context)


def read(language: str) -> Catalog:
    """Return the catalogue of a language as it is kept, an empty one where there is none."""
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8")


def brought_up_to_date(language: str) -> Catalog:
    """Return the catalogue of a language with exactly what is marked now; what is new has no translation yet."""
    known = read(language)
    catalogue = Catalog(locale=language, charset="utf-8")
    for message in marked():
        if message.id:
            kept = known.get(_identifier(message), message.context)
            catalogue.add(
                message.id,
                kept.string if kept else None,
                message.locations,
                flags=message.flags,
                auto_comments=message.auto_comments,
                user_comments=kept.user_comments if kept else (),
                context=message.context,
            )
    return catalogue


def _identifier(message: Message) -> str:
    return forms(message.id)[0]


def po(catalogue: Catalog) -> bytes:
    """Return a catalogue as its `.po` file holds it: no dates, so that it changes where a text does."""
    out = BytesIO()
    write_po(out, catalogue, width=120, omit_header=True, sort_output=False, include_lineno=False)
    plural = f"nplurals={catalogue.num_plurals}; plural={catalogue.plural_expr};"
    head = f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: {plural}\\n"\n'
    return f'{head}"Language: {catalogue.locale_identifier}\\n"\n\n'.encode() + out.getvalue()


def mo(catalogue: Catalog) -> bytes:
    """Return a catalogue as Django reads it; the same one is the same bytes on any day."""
    out = BytesIO()
    catalogue.creation_date = catalogue.revision_date = NO_DAY
    write_mo(out, catalogue)
    return out.getvalue()


def placeholders(text: str) -> list[str]:
    """Return what is filled into a text, and its markup: a translation has the same."""
    fields = [name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name]
    return sorted([*PLACEHOLDER.findall(text), *MARKUP.findall(text), *fields])


def forms(texts: str | Sequence[str] | None) -> list[str]:
    """Return a message or a translation as a list: of one, or of one for each plural form."""
    return [texts or ""] if isinstance(texts, str | None) else list(texts)


def untranslated(catalogue: Catalog) -> Iterator[str]:
    """Yield each message that has no translation, or not one for each plural form."""
    for message in catalogue:
        if message.id and (not all(forms(message.string)) or message.fuzzy):
            yield _identifier(message)


def main() -> int:
    """Bring all catalogues up to date; return 1 while anything waits to be translated."""
    waiting = 0
    for language in languages():
        catalogue, path = brought_up_to_date(language), catalogue_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(po(catalogue))
        path.with_suffix(".mo").write_bytes(mo(catalogue))
        missing = list(untranslated(catalogue))
        waiting += len(missing)
        print(f"{language}: {len(catalogue)} texts, {len(missing)} to be translated")  # noqa: T201
    return 1 if waiting else 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    sys.exit(main())
