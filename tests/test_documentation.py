"""The documents keep up with the code: every setting, page, command and decision is in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import URLPattern, URLResolver, get_resolver

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


def test_every_page_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    missing = {path for path in paths(get_resolver().url_patterns) if f"/{path}" not in text}
    assert missing == set()


def test_every_command_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    ours = {name for name, app in get_commands().items() if app == "accounts"}
    assert ours
    assert {name for name in ours if name not in text} == set()


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


@pytest.mark.parametrize("document", ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"])
def test_links_between_documents_lead_somewhere(document: str) -> None:
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", (ROOT / document).read_text())
    local = [target for target in targets if "://" not in target and not target.startswith("mailto:")]
    assert [target for target in local if not (ROOT / target).exists()] == []
