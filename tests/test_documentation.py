"""The documents keep up with the code: every setting, page, command, limit and decision is in the right one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

import environ
import pytest
from django.conf import settings
from django.core.management import get_commands
from django.urls import URLPattern, URLResolver, get_resolver

from accounts import limits
from accounts.cognito.challenges import ChallengeName
from accounts.limits import Limit
from accounts.urls import urlpatterns
from tests.documents import DOCUMENTS, ROOT, text_of

# What a reading of the environment looks like: env("NAME"), env.str("NAME"), os.environ["NAME"].
READING = re.compile(r"""\benv(?:iron)?(?:\.\w+){0,2}[(\[]\s*["']([A-Z][A-Z0-9_]+)["']""")


def environment_variables() -> set[str]:
    """Return the names of the environment variables that the settings read."""
    sources = [(ROOT / "config" / name).read_text() for name in ("settings.py", "env.py")]
    return {name for source in sources for name in READING.findall(source)}


def paths(patterns: list[URLPattern | URLResolver]) -> set[str]:
    """Return the paths of the site's own pages, without their parameters."""
    found: set[str] = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            found |= set() if pattern.namespace == "admin" else paths(pattern.url_patterns)
        else:
            found.add(re.split(r"[<^]", str(pattern.pattern))[0])
    return {path for path in found if path}


def test_the_settings_read_the_environment() -> None:
    assert {"SECRET_KEY", "DATABASE_URL", "COGNITO_USER_POOL_ID"} <= environment_variables()


@pytest.mark.parametrize("document", [".env.example", "docs/settings.md"])
def test_every_environment_variable_is_documented(document: str) -> None:
    text = text_of(document)
    assert {name for name in environment_variables() if not re.search(rf"\b{name}\b", text)} == set()


def test_every_variable_of_the_example_is_read() -> None:
    listed = re.findall(r"^#?\s?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    boto3_reads_these = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    assert set(listed) - environment_variables() - boto3_reads_these == set()


def test_the_site_starts_with_the_example_once_the_required_values_are_in_it() -> None:
    required = {
        "SECRET_KEY": "made-up-for-the-documents-9fQ2xV7mKpR4tW8zL1nB6cD3hJ5gY0sA",
        "TOKEN_KEYS": "made-up-for-the-documents-T5rE8wQ1uI4oP7aS",
        "COGNITO_USER_POOL_ID": "eu-west-1_MadeUp123",
        "COGNITO_CLIENT_ID": "1example23456789",
    }
    example: dict[str, str] = {}
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(environ.Env, "ENVIRON", example)
        environ.Env.read_env(ROOT / ".env.example")
    kept = {name: value for name, value in os.environ.items() if name not in environment_variables()}
    found = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=kept | example | required,
        capture_output=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr.decode()


def test_the_settings_table_has_every_variable_and_the_right_lifetimes() -> None:
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \|[^|]*\| ([^|]*) \|", text_of("docs/settings.md"), re.MULTILINE))
    assert environment_variables() == rows.keys()
    assert rows["SESSION_IDLE_SECONDS"] == str(settings.SESSION_IDLE_AGE)
    assert rows["SESSION_ABSOLUTE_SECONDS"] == str(settings.SESSION_COOKIE_AGE)


def test_every_page_is_documented() -> None:
    text = text_of("docs/flows.md")
    missing = {path for path in paths(get_resolver().url_patterns) if f"/{path}" not in text}
    assert missing == set()


def test_every_page_that_is_documented_has_its_url_name() -> None:
    listed = set(re.findall(r"^\| `/[^|]*\| `([a-z_]+)`", text_of("docs/flows.md"), re.MULTILINE))
    ours = {key for key in get_resolver().reverse_dict if isinstance(key, str)}
    assert listed
    assert listed - ours == set()


def test_every_command_of_ours_is_documented() -> None:
    text = text_of("docs/your-own-pool.md")
    assert {name for name, app in get_commands().items() if app == "accounts" and name not in text} == set()


def test_every_challenge_is_documented() -> None:
    text = text_of("docs/flows.md")
    assert {name for name in ChallengeName if f"`{name}`" not in text} == set()


def test_every_limit_is_documented_as_it_is() -> None:
    row = r"^\| `([a-z-]+)` \| (\d+) \| (\d+) minutes? \| (\d*) ?\|"
    rows = re.findall(row, text_of("docs/flows.md"), re.MULTILINE)
    ours = [limit for limit in vars(limits).values() if isinstance(limit, Limit)]
    assert {(name, int(most), int(minutes) * 60, int(known or 0)) for name, most, minutes, known in rows} == {
        (limit.name, limit.most, limit.seconds, limit.known) for limit in ours
    }


def test_every_make_target_is_documented() -> None:
    targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    text = text_of("docs/developing.md")
    assert targets
    assert {target for target in targets if f"make {target}" not in text} == set()


def test_every_module_is_in_the_architecture() -> None:
    text, app = text_of("ARCHITECTURE.md"), ROOT / "accounts"
    whole = ("forms", "views", "migrations", "__init__.py")
    modules = {path.relative_to(ROOT).as_posix() for path in app.rglob("*.py") if not set(path.parts) & set(whole)}
    assert {name for name in modules if f"`{name}`" not in text} == set()


def test_the_first_document_leads_to_every_other() -> None:
    others = [name for name in DOCUMENTS if not name.startswith("docs/adr/") and name != "README.md"]
    assert {"SECURITY.md", "docs/flows.md"} <= set(others)
    assert [name for name in [*others, "docs/adr/README.md"] if f"]({name})" not in text_of("README.md")] == []


def test_a_report_of_a_hole_has_an_address() -> None:
    assert re.search(r"^Write to \*\*<[^@ >]+@[^@ >]+>\*\*", text_of("SECURITY.md"), re.MULTILINE)


def test_every_decision_is_in_the_index() -> None:
    decisions = {path.name for path in (ROOT / "docs/adr").glob("[0-9]*.md")}
    index = text_of("docs/adr/README.md")
    assert decisions
    assert {name for name in decisions if name not in index} == set()


def test_every_decision_has_a_status_and_its_three_parts() -> None:
    parts = ("Status: ", "## Context", "## Decision", "## Consequences")
    for path in (ROOT / "docs/adr").glob("[0-9]*.md"):
        assert [part for part in parts if part not in path.read_text()] == [], path.name


def test_every_picture_is_small_and_has_a_text() -> None:
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", text_of("README.md"))
    assert pictures
    assert [path for text, path in pictures if not text or (ROOT / path).stat().st_size > 100_000] == []


# `help` is a function of Python's own.
NAMED_OTHERWISE = {"help": "help_page"}
# The devices page beside the session store, and the pages that every test of all pages meets.
TESTED_IN = {"sessions": "test_sessions_page", "home": "test_pages"}


def pages() -> dict[str, Any]:
    """Return the views of the site's own pages by their URL names."""
    patterns = [pattern for pattern in urlpatterns if isinstance(pattern, URLPattern)]
    return {str(pattern.name): getattr(pattern.callback, "view_class", pattern.callback) for pattern in patterns}


def test_every_view_has_the_name_of_its_address() -> None:
    snake = {
        name: re.sub(r"(?<!^)([A-Z])", r"_\1", view.__name__.removesuffix("View")).lower()
        for name, view in pages().items()
    }
    assert {name: view for name, view in snake.items() if view != NAMED_OTHERWISE.get(name, name)} == {}


def test_every_module_of_views_has_the_name_of_a_page_and_its_test() -> None:
    modules = {view.__module__.rpartition(".")[2] for view in pages().values()}
    assert modules - pages().keys() == {"health"}
    files = [ROOT / "tests/accounts" / f"{TESTED_IN.get(name, f'test_{name}')}.py" for name in modules]
    assert [path.name for path in files if not path.exists()] == []


def test_every_template_of_a_page_has_the_name_of_its_address() -> None:
    names = {path.stem for path in (ROOT / "templates/accounts").glob("*.html")}
    assert names - pages().keys() == set()


def replaced_in(document: str) -> set[str]:
    """Return the numbers of the earlier decisions that a decision says it changes in part."""
    status = text_of(document).partition("## Context")[0]
    return set(re.findall(r"\b(?:[Rr]eplaces in part|[Aa]mends) (\d{4})", status))


def test_a_decision_that_changes_another_is_named_in_both_and_in_the_index() -> None:
    decisions = {path.name[:4]: f"docs/adr/{path.name}" for path in (ROOT / "docs/adr").glob("[0-9]*.md")}
    changed = {(new, old) for new, name in decisions.items() for old in replaced_in(name)}
    assert ("0023", "0014") in changed
    index = dict(re.findall(r"^\| (\d{4}) \|.*\| (.+) \|$", text_of("docs/adr/README.md"), re.MULTILINE))
    told = re.compile(r"changed in part by ((?:\d{4}(?:, | and )?)+)")
    for old in {old for _, old in changed}:
        by = {new for new, older in changed if older == old}
        for status in (text_of(decisions[old]).partition("## Context")[0], index[old]):
            assert set(re.findall(r"\d{4}", "".join(told.findall(status)))) == by, old
