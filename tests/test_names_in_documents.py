"""No document names a file, setting, command, address or function that does not exist, or links to nowhere."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import Resolver404, resolve

from tests.documents import DOCUMENTS, ROOT, anchors_of, code_in, text_of

FOLDERS = "accounts|benchmarks|config|devcloud|docs|infra|static|templates|tests"
# A path from the top of the project, a file of Python by the end of its path, or a document by its name.
FILE = re.compile(
    rf"(?<![\w./:~-])(?:{FOLDERS})/[\w./*-]*[\w/*]"
    r"|(?<![\w./:~*-])[\w/-]+\.py\b"
    r"|^(?:[\w-]+\.)+(?:md|toml|txt|in)$"
)
SOURCES = ("*.py", "*.yaml", "*.toml", "Makefile", ".env.example", "*.html", "*.env")
# What other programs than the site read.
READ_BY_OTHERS = {"CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"}
UUID = "00000000-0000-4000-8000-000000000000"


def files_in(text: str) -> set[str]:
    """Return the paths of the project that ``text`` names in its code; what stands in <> may be anything."""
    found: set[str] = set()
    for code in code_in(text):
        found |= set(FILE.findall(re.sub(r"<[^>]+>", "*", re.sub(r"https?://\S+", "", code))))
    return found


def exists(name: str) -> bool:
    """Whether the project has the file, or any that fits where ``name`` has a ``*`` or is the end of a path."""
    if any(ROOT.glob(name)):
        return True
    from_the_top = name.partition("/")[0] in FOLDERS.split("|")
    return not from_the_top and any(
        path for folder in FOLDERS.split("|") for path in (ROOT / folder).glob(f"**/{name}")
    )


def settings_in(text: str) -> set[str]:
    """Return the names in capitals that ``text`` has in its code, as settings, variables and constants have."""
    return {name for code in code_in(text) for name in re.findall(r"(?<![\w/-])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b", code)}


def addresses_in(text: str) -> set[str]:
    """Return the site's addresses that ``text`` has in its code or as a link to the site on this machine."""
    here = re.findall(r"http://localhost:8000(/[\w/.-]*)", text)
    return {*here, *(code for code in code_in(text) if re.fullmatch(r"/[a-z.][\w/.<>-]*", code))}


def leads_to_a_page(address: str) -> bool:
    """Whether some page answers at ``address``, with anything for the parts in <>."""
    for value in ("x", UUID):
        try:
            resolve(re.sub(r"<[^>]+>", value, address))
        except Resolver404:
            continue
        return True
    return False


def commands_in(text: str) -> set[str]:
    """Return the commands that ``text`` has in its code: of manage.py, of make, and modules that are run."""
    found: set[str] = set()
    for code in code_in(text):
        found |= {f"manage.py {name}" for name in re.findall(r"manage\.py ([a-z_]+)", code)}
        found |= {f"python -m {name}" for name in re.findall(r"python3? -m ([\w.]+)", code)}
        if targets := re.match(r"make((?: [a-z]+)+)", code):
            found |= {f"make {name}" for name in targets[1].split()}
    return found


def is_command(command: str) -> bool:
    """Whether there is such a command, ours or of a package that the project installs."""
    program, _, name = command.rpartition(" ")
    if program == "manage.py":
        return name in get_commands()
    if program == "make":
        return re.search(rf"^{name}:.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE) is not None
    module = ROOT / f"{name.replace('.', '/')}.py"
    if module.exists():
        return '__name__ == "__main__"' in module.read_text()
    try:
        return find_spec(f"{name}.__main__") is not None
    except ModuleNotFoundError:
        return False


def lost_links(text: str, path: Path) -> set[str]:
    """Return the links of ``text``, which stands at ``path``, to no document or to no heading of one."""
    lost = set()
    for target in re.findall(r"\]\(([^)]+)\)", text):
        name, _, anchor = target.partition("#")
        document = path.parent / name if name else path
        if re.match(r"[a-z]+:", target):
            continue
        if not document.exists() or (anchor and anchor not in anchors_of(document.read_text())):
            lost.add(target)
    return lost


def functions_in(text: str) -> set[tuple[str, str]]:
    """Return the modules of the app, and what of theirs ``text`` names in its code, as in `limits.limited`."""
    pairs = {match.groups() for code in code_in(text) if (match := re.match(r"([a-z_]+)\.([A-Za-z_]+)\b(?!/)", code))}
    return {(module, name) for module, name in pairs if (ROOT / "accounts" / f"{module}.py").exists() and name != "py"}


@cache
def sources() -> str:
    """Return everything that is written in the project beside its documents and the tests of them."""
    roots = ("accounts", "benchmarks", "config", "devcloud", "infra", "templates", "tests")
    paths = {path for pattern in SOURCES for path in ROOT.glob(pattern)}
    paths |= {path for root in roots for pattern in SOURCES for path in (ROOT / root).rglob(pattern)}
    return "\n".join(path.read_text() for path in sorted(paths) if path != Path(__file__))


@cache
def names_in_the_sources() -> set[str]:
    """Return every word in capitals that the project's files have."""
    return set(re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b", sources()))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("`accounts/gone.py` and [a](docs/adr/x.md)", {"accounts/gone.py"}),
        ("`pytest tests/gone.py -k x`", {"tests/gone.py"}),
        ("```sh\nmake mutants PLACES=x\n. var/gone.env; cat infra/gone.yaml\n```", {"infra/gone.yaml"}),
        ("`templates/accounts/<URL name>.html`, `GONE.md`", {"templates/accounts/*.html", "GONE.md"}),
        ("```\n | views/gone.py (lost.py)\n```", {"views/gone.py", "lost.py"}),
        ("`https://docs.example/accounts/gone.py`", set()),
    ],
)
def test_a_file_that_a_text_names_is_found(text: str, found: set[str]) -> None:
    assert files_in(text) == found


def test_a_setting_an_address_and_a_function_that_a_text_names_are_found() -> None:
    text = "Set `COGNITO_GONE=on`, open `/gone/<id>/` or <http://localhost:8000/lost/>, call `limits.gone()`."
    assert settings_in(text) == {"COGNITO_GONE"}
    assert addresses_in(text) == {"/gone/<id>/", "/lost/"}
    assert functions_in(text) == {("limits", "gone")}


def test_what_does_not_exist_is_missed() -> None:
    assert [exists(name) for name in ("accounts/gone.py", "templates/gone/*.html", "views/gone.py", "gone.py")] == [
        False
    ] * 4
    assert not leads_to_a_page("/gone/<id>/")
    assert "COGNITO_GONE_BY" not in names_in_the_sources()


def test_a_command_that_does_not_exist_is_missed() -> None:
    text = "Run `manage.py gone`, `make lost now`, then\n```\n.venv/bin/python -m accounts.gone up\n```\n"
    commands = commands_in(text)
    assert commands == {"manage.py gone", "make lost", "make now", "python -m accounts.gone"}
    assert not any(is_command(command) for command in commands)
    assert all(is_command(command) for command in ("manage.py prune", "make run", "python -m devcloud"))


def test_a_link_to_nowhere_is_missed() -> None:
    text = "[a](gone.md) [b](README.md#gone) [c](#gone) [d](README.md#start) [e](https://gone.example/)"
    assert lost_links(text, ROOT / "ARCHITECTURE.md") == {"gone.md", "README.md#gone", "#gone"}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_is_named_exists(document: str) -> None:
    assert {name for name in files_in(text_of(document)) if not exists(name)} == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_setting_that_is_named_exists(document: str) -> None:
    assert settings_in(text_of(document)) - names_in_the_sources() - READ_BY_OTHERS == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_address_that_is_named_leads_to_a_page(document: str) -> None:
    assert {address for address in addresses_in(text_of(document)) if not leads_to_a_page(address)} == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_function_that_is_named_exists(document: str) -> None:
    named = functions_in(text_of(document))
    assert {pair for pair in named if not hasattr(import_module(f"accounts.{pair[0]}"), pair[1])} == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_that_is_named_exists(document: str) -> None:
    assert {command for command in commands_in(text_of(document)) if not is_command(command)} == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_to_a_document_and_its_heading(document: str) -> None:
    assert lost_links(text_of(document), (ROOT / document)) == set()
