"""The documents keep up with the code: every setting, page, command and decision is in them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import environ
import pytest
from django.conf import settings
from django.core.management import get_commands
from django.urls import URLPattern, URLResolver, get_resolver

from accounts import limits
from accounts.cognito.challenges import ChallengeName
from accounts.limits import Limit

ROOT = Path(__file__).resolve().parents[1]
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


def architecture() -> str:
    """Return ARCHITECTURE.md."""
    return (ROOT / "ARCHITECTURE.md").read_text()


def test_the_settings_read_the_environment() -> None:
    assert {"SECRET_KEY", "DATABASE_URL", "COGNITO_USER_POOL_ID"} <= environment_variables()


@pytest.mark.parametrize("document", [".env.example", "README.md"])
def test_every_environment_variable_is_documented(document: str) -> None:
    text = (ROOT / document).read_text()
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
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \|[^|]*\| ([^|]*) \|", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert environment_variables() - rows.keys() == set()
    assert rows["SESSION_IDLE_SECONDS"] == str(settings.SESSION_IDLE_AGE)
    assert rows["SESSION_ABSOLUTE_SECONDS"] == str(settings.SESSION_COOKIE_AGE)


def test_every_page_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    missing = {path for path in paths(get_resolver().url_patterns) if f"/{path}" not in text}
    assert missing == set()


def test_every_page_in_the_readme_has_its_url_name() -> None:
    listed = set(re.findall(r"^\| `/[^|]*\| `([a-z_]+)`", (ROOT / "README.md").read_text(), re.MULTILINE))
    ours = {key for key in get_resolver().reverse_dict if isinstance(key, str)}
    assert listed
    assert listed - ours == set()


def test_every_command_of_the_readme_exists() -> None:
    commands = set(re.findall(r"manage\.py ([a-z_]+)", (ROOT / "README.md").read_text()))
    assert {"migrate", "collectstatic"} <= commands
    assert commands - get_commands().keys() == set()


def test_every_command_of_ours_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    assert {name for name, app in get_commands().items() if app == "accounts" and name not in text} == set()


def test_every_challenge_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    assert {name for name in ChallengeName if f"`{name}`" not in text} == set()


def test_every_limit_is_in_the_readme_as_it_is() -> None:
    row = r"^\| `([a-z-]+)` \| (\d+) \| (\d+) minutes? \| (\d*) ?\|"
    rows = re.findall(row, (ROOT / "README.md").read_text(), re.MULTILINE)
    ours = [limit for limit in vars(limits).values() if isinstance(limit, Limit)]
    assert {(name, int(most), int(minutes) * 60, int(known or 0)) for name, most, minutes, known in rows} == {
        (limit.name, limit.most, limit.seconds, limit.known) for limit in ours
    }


def test_every_make_target_is_in_the_readme() -> None:
    targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    text = (ROOT / "README.md").read_text()
    assert targets
    assert {target for target in targets if f"make {target}" not in text} == set()


def test_every_decision_is_in_the_index() -> None:
    decisions = {path.name for path in (ROOT / "docs/adr").glob("[0-9]*.md")}
    index = (ROOT / "docs/adr/README.md").read_text()
    assert decisions
    assert {name for name in decisions if name not in index} == set()


def test_every_decision_has_a_status_and_its_three_parts() -> None:
    parts = ("Status: ", "## Context", "## Decision", "## Consequences")
    for path in (ROOT / "docs/adr").glob("[0-9]*.md"):
        assert [part for part in parts if part not in path.read_text()] == [], path.name


def test_every_file_named_in_the_architecture_exists() -> None:
    named = re.findall(r"`((?:accounts|config|devcloud|infra|tests|templates|static|docs)/[\w./-]*)`", architecture())
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("document", ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "docs/adr/README.md"])
def test_links_between_documents_lead_somewhere(document: str) -> None:
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", (ROOT / document).read_text())
    local = [target for target in targets if "://" not in target and not target.startswith("mailto:")]
    assert [target for target in local if not (ROOT / document).parent.joinpath(target).exists()] == []


@pytest.mark.parametrize("document", ["README.md", "ARCHITECTURE.md"])
def test_links_within_a_document_lead_to_a_heading(document: str) -> None:
    text = (ROOT / document).read_text()
    headings = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    assert [target for target in re.findall(r"\]\(#([^)]+)\)", text) if target not in headings] == []


def test_every_picture_is_small_and_has_a_text() -> None:
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", (ROOT / "README.md").read_text())
    assert pictures
    assert [path for text, path in pictures if not text or (ROOT / path).stat().st_size > 100_000] == []
