"""The shape of the code: imports run one way, nothing is imported inside a function, nothing grows out of hand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("accounts", "config", "devcloud", "benchmarks", "infra")
LONGEST_FUNCTION = 40
LONGEST_FILE = 400


@cache
def modules() -> dict[str, Path]:
    """Return every module of the project by its dotted name; packages by the name of the package."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(), str(path))


@cache
def imported_names(path: Path) -> list[str]:
    """Return the dotted name of everything a file imports, `from a import b` as `a.b`."""
    found: list[str] = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found += (f"{node.module}.{alias.name}" for alias in node.names)
    return found


def imports_of(name: str) -> set[str]:
    """Return the modules of the project that the module `name` imports."""
    found = set()
    for imported in imported_names(modules()[name]):
        candidates = (imported, imported.rpartition(".")[0])
        found |= (
            {next(candidate for candidate in candidates if candidate in modules())}
            if any(candidate in modules() for candidate in candidates)
            else set()
        )
    return found - {name}


def python_files() -> list[Path]:
    """Return every Python file of the project, its tests too, migrations not: Django writes those."""
    roots = [ROOT / package for package in (*PACKAGES, "tests")]
    return [path for root in roots for path in sorted(root.rglob("*.py")) if "migrations" not in path.parts]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method of a file."""
    yield from (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def first_cycle(graph: dict[str, set[str]]) -> list[str]:
    """Return the names along one import cycle, [] when there is none."""
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        for other in sorted(graph[name]):
            if cycle := visit(other, [*path, name]):
                return cycle
        done.add(name)
        return []

    return next((cycle for name in sorted(graph) if (cycle := visit(name, []))), [])


def test_there_is_code_to_look_at() -> None:
    assert {"accounts.backends", "accounts.cognito.config", "config.settings", "devcloud.settings"} <= modules().keys()


def test_imports_make_no_cycle() -> None:
    assert first_cycle({name: imports_of(name) for name in modules()}) == []


def test_a_cycle_would_be_noticed() -> None:
    assert first_cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]


def test_the_gateway_knows_no_django() -> None:
    found = {
        (name, imported)
        for name, path in modules().items()
        if name.startswith("accounts.cognito")
        for imported in imported_names(path)
        if imported.split(".")[0] in {"django", "config"}
        or (imported.startswith("accounts.") and not imported.startswith("accounts.cognito"))
    }
    assert found == set()


def gateways() -> set[str]:
    """Return the modules that have a class made from Gateway."""
    return {
        name
        for name, path in modules().items()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef) and "Gateway" in {ast.unparse(base).rpartition(".")[2] for base in node.bases}
    }


def test_no_gateway_imports_another() -> None:
    assert {"accounts.cognito.authentication", "accounts.cognito.directory"} <= gateways()
    assert {(name, imported) for name in gateways() for imported in imports_of(name) & gateways()} == set()


@pytest.mark.parametrize(
    ("one", "other"),
    [("devcloud", "accounts"), ("devcloud", "config"), ("accounts", "devcloud"), ("config", "devcloud")],
)
def test_the_site_and_the_local_aws_do_not_import_each_other(one: str, other: str) -> None:
    found = {
        (name, imported)
        for name, path in modules().items()
        if name.split(".")[0] == one
        for imported in imported_names(path)
        if imported.split(".")[0] == other
    }
    assert found == set()


# From the ground up: a module imports from its own level and from those before it. A package brings what is in it.
LEVELS = [
    {"accounts.cognito", "infra"},
    {
        "accounts.activity_words",
        "accounts.after_answer",
        "accounts.attribute_names",
        "accounts.audit",
        "accounts.authenticator",
        "accounts.brand",
        "accounts.browser",
        "accounts.client_address",
        "accounts.context",
        "accounts.counters",
        "accounts.encryption",
        "accounts.factor_labels",
        "accounts.holds",
        "accounts.language",
        "accounts.letters",
        "accounts.kept_passkeys",
        "accounts.local_time",
        "accounts.mailing",
        "accounts.migrations",
        "accounts.models",
        "accounts.notices",
        "accounts.password_policy",
        "accounts.request_id",
        "accounts.return_address",
        "accounts.signals",
    },
    {"accounts.forms"},
    {
        "accounts.conf",
        "accounts.known_browser",
        "accounts.newcomers",
        "accounts.pool",
        "accounts.recovery",
        "accounts.rights",
        "accounts.text_messages",
        "accounts.users",
        "accounts.waiting",
        "accounts.warm_up",
    },
    {
        "accounts.activity",
        "accounts.awaited",
        "accounts.timeline",
        "accounts.error_responses",
        "accounts.http",
        "accounts.limits",
        "accounts.one_at_a_time",
        "accounts.own_account",
        "accounts.personal_data",
        "accounts.sessions",
        "accounts.uploads",
        "accounts.kept_name",
        "accounts.form_again",
    },
    {
        "accounts.administration",
        "accounts.backends",
        "accounts.bearer",
        "accounts.challenges",
        "accounts.checkup",
        "accounts.choosing",
        "accounts.last_used",
        "accounts.passkey_offer",
        "accounts.decorators",
        "accounts.doctor",
        "accounts.entrance",
        "accounts.facts",
        "accounts.files",
        "accounts.federation",
        "accounts.groups",
        "accounts.linking",
        "accounts.passkeys",
        "accounts.sync",
        "accounts.two_step",
        "accounts.way_in",
    },
    {"accounts.views"},
    {
        "accounts.admin",
        "accounts.apps",
        "accounts.brand_checks",
        "accounts.checks",
        "accounts.context_processors",
        "accounts.door",
        "accounts.management",
        "accounts.middleware",
        "accounts.rest_framework",
        "accounts.templatetags",
        "accounts.urls",
    },
    {"config"},
]
# The local AWS and the benchmarks stand outside: the site imports neither.
LEVELLED = ("accounts", "config", "infra")


def level(name: str) -> int | None:
    """Return how high a module stands in the one direction, None for one that has no place in it."""
    for height, names in enumerate(LEVELS):
        if any(name == member or name.startswith(f"{member}.") for member in names):
            return height
    return None


def without_a_level(names: Iterable[str]) -> set[str]:
    """Return those of the site's modules ``names`` that have no level, packages that hold no code excepted."""
    levelled = {name for name in names if name.split(".")[0] in LEVELLED}
    return {name for name in levelled if level(name) is None and (name not in modules() or tree(modules()[name]).body)}


def test_every_module_has_a_level() -> None:
    assert without_a_level(modules()) == set()


def test_a_module_without_a_level_would_be_noticed() -> None:
    assert without_a_level({"accounts.drawer", "accounts.cognito.drawer", "devcloud.drawer"}) == {"accounts.drawer"}


def test_no_module_has_two_levels() -> None:
    named = [name for names in LEVELS for name in names]
    assert [name for name in named if named.count(name) > 1] == []


def levels_of_the_document() -> list[set[str]]:
    """Return the numbered list of ARCHITECTURE.md as names of modules."""
    section = (ROOT / "ARCHITECTURE.md").read_text().partition("## The one direction")[2].partition("\n## ")[0]
    numbered = re.findall(r"^\d+\. (.*(?:\n   .*)*)", section, re.MULTILINE)
    return [
        {path.removesuffix(".py").strip("/").replace("/", ".") for path in re.findall(r"`([\w/.]+)`", entry)}
        for entry in numbered
    ]


def test_architecture_names_the_same_levels() -> None:
    here = [{name for name in names if name in modules()} - {"accounts.migrations", "infra"} for names in LEVELS]
    assert levels_of_the_document() == here


def test_imports_run_one_way() -> None:
    upwards = {
        (name, imported)
        for name in modules()
        for imported in imports_of(name)
        if (here := level(name)) is not None and (there := level(imported)) is not None and there > here
    }
    assert upwards == set()


def test_boto3_stays_in_the_gateway() -> None:
    found = {
        name
        for name, path in modules().items()
        if name.startswith("accounts") and not name.startswith("accounts.cognito")
        for imported in imported_names(path)
        if imported.split(".")[0] in {"boto3", "botocore"}
    }
    assert found == set()


def test_the_setting_of_the_pool_is_read_where_it_is_made_an_object_and_where_it_is_checked() -> None:
    found = {
        name
        for name, path in modules().items()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr == "COGNITO"
    }
    assert found == {"accounts.conf", "accounts.checks"}


# It makes what the settings describe, out of modules that take long to load and that few commands need.
IMPORTS_WHEN_WANTED = {ROOT / "accounts" / "conf.py"}


def test_nothing_is_imported_inside_a_function_but_for_the_configured_gateways() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in set(python_files()) - IMPORTS_WHEN_WANTED
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert found == set()


def test_no_module_of_ours_is_named_by_a_text_that_mypy_does_not_follow() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in python_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] in {"import_string", "import_module"}
        for given in node.args
        if isinstance(given, ast.Constant) and str(given.value).partition(".")[0] in PACKAGES
    }
    assert found == set()


def test_functions_stay_short() -> None:
    found = {
        f"{path.relative_to(ROOT)} {function.name}"
        for path in python_files()
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > LONGEST_FUNCTION
    }
    assert found == set()


def test_files_stay_short() -> None:
    found = {
        str(path.relative_to(ROOT)) for path in python_files() if len(path.read_text().splitlines()) > LONGEST_FILE
    }
    assert found == set()


@pytest.mark.parametrize("name", ["utils", "helpers", "services", "common", "manager2", "misc"])
def test_no_file_is_a_drawer(name: str) -> None:
    assert [path for path in python_files() if name in path.relative_to(ROOT).with_suffix("").parts] == []


def test_the_name_of_a_test_is_a_sentence_and_no_code() -> None:
    code = re.compile(r"test_[a-z]\d{1,2}_")
    found = {
        f"{path.relative_to(ROOT)} {function.name}"
        for path in python_files()
        for function in functions(path)
        if code.match(function.name)
    }
    assert found == set()
