"""Which mutants a pass makes, and which tests each of them meets."""

from __future__ import annotations

import random
import re
import subprocess
import tomllib
from collections.abc import Iterable
from functools import cache
from itertools import accumulate
from pathlib import Path

from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.recording import Recording, file_of
from tests.mutation.tree import ROOT

# Seconds; of what a file runs at import nothing says which tests matter, so those that take no time all have a look.
QUICK = 0.1
EQUIVALENT = Path(__file__).with_name("equivalent.toml")
HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)

Lines = dict[str, set[int] | None]


def chosen(places: Iterable[str], *, since: str | None, count: int | None, seed: int) -> list[Mutant]:
    """Return the mutants at `places`: files, directories, or `file:first-last`.

    `since` leaves the lines that have changed since a commit, `count` as many of the rest, drawn with `seed`.
    """
    found = [
        mutant
        for path, lines in wanted_lines(places).items()
        for mutant in mutants_of(path, (ROOT / path).read_bytes())
        if (lines is None or mutant.line in lines) and (since is None or mutant.line in changed_lines(path, since))
    ]
    if count is not None and count < len(found):
        drawn = random.Random(seed).sample(range(len(found)), count)  # noqa: S311 -- a sample, not a secret
        found = [found[index] for index in sorted(drawn)]
    return found


def wanted_lines(places: Iterable[str]) -> Lines:
    """Return the files that `places` name and the lines of each, None for all of them."""
    wanted: Lines = {}
    for place in places:
        name, _, lines = place.partition(":")
        first, _, last = lines.partition("-")
        path = ROOT / name
        files = [path] if path.is_file() else sorted(path.rglob("*.py"))
        if not files:
            raise SystemExit(f"There is no Python file at {name}")
        for file in files:
            if "migrations" not in file.parts:
                wanted[str(file.relative_to(ROOT))] = set(range(int(first), int(last or first) + 1)) if lines else None
    return wanted


@cache
def changed_lines(path: str, since: str) -> frozenset[int]:
    """Return the lines of `path` that the working tree has and `since` has not."""
    difference = subprocess.run(
        ["git", "diff", "--unified=0", since, "--", path], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    return frozenset(
        line for first, lines in HUNK.findall(difference) for line in range(int(first), int(first) + int(lines or "1"))
    )


@cache
def equivalent() -> dict[tuple[str, str, str], str]:
    """Return the mutants that no test can tell from the program, with the reason of each."""
    entries = tomllib.loads(EQUIVALENT.read_text()).get("mutant", [])
    return {(entry["path"], entry["before"], entry["after"]): entry["reason"] for entry in entries}


def is_equivalent(mutant: Mutant) -> bool:
    """Whether `mutant` is listed as one that changes nothing anybody could see."""
    return (mutant.path, mutant.before, mutant.after) in equivalent()


def tests_for(mutant: Mutant, recording: Recording, budget: float) -> list[str]:
    """Return the tests that could miss what `mutant` changes, the likeliest first, `budget` seconds of them.

    Those that run its lines. For what a file runs when it is imported, before any test: those that run the function
    or class it belongs to, and those whose file mentions its name or imports its module.
    """
    found = recording.covering(mutant.path, mutant.first, mutant.last)
    naming = files_naming(mutant.name) if mutant.imported and mutant.name else frozenset()
    importing = files_importing(Path(mutant.path).stem) if mutant.imported else frozenset()
    found |= {test for test in recording.seconds if file_of(test) in naming | importing}
    if mutant.imported and not found:
        found = set(recording.seconds)
    own = f"test_{Path(mutant.path).stem}"

    def likeliest(test: str) -> tuple[bool, bool, bool, float]:
        file, seconds = file_of(test), recording.seconds[test]
        slow = mutant.imported and seconds > QUICK
        return (slow, not Path(file).stem.startswith(own), file not in naming, seconds)

    tests = sorted(found, key=likeliest)
    spent = accumulate((recording.seconds[test] for test in tests), initial=0.0)
    return [test for test, before in zip(tests, spent, strict=False) if before < budget]


@cache
def files_naming(name: str) -> frozenset[str]:
    """Return the test files in which `name` stands as a word."""
    return files_matching(rf"\b{re.escape(name)}\b")


@cache
def files_importing(module: str) -> frozenset[str]:
    """Return the test files that import a module called ``module``: some look at everything a module has."""
    return files_matching(rf"(?m)^(?:from|import) .*\b{re.escape(module)}\b")


def files_matching(pattern: str) -> frozenset[str]:
    """Return the test files with a text that ``pattern`` matches."""
    paths = sorted((ROOT / "tests").rglob("test_*.py"))
    return frozenset(str(path.relative_to(ROOT)) for path in paths if re.search(pattern, path.read_text()))
