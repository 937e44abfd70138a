"""The mutation pass itself: what it changes, which tests it chooses, and that it calls nothing killed that is alive."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.mutation import selection
from tests.mutation.__main__ import Pass, Result, summary
from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.recording import Recording
from tests.mutation.source import Source

PROGRAM = '''
from places import login_not_required, require_POST

LEEWAY = 30


@login_not_required
@require_POST
def view(request, most=5):
    """Say what it does."""
    with atomic():
        charge(request, by="name")
        revoke(request)
    if request.user and not request.done:
        raise Refused("a sentence")
    try:
        answer = sorted(request.values, key=len)
    except (KeyError, ValueError):
        return None
    log.info("words", extra={"what": "view"})
    return [value for value in answer if value < most]


class View(Mixin, Base):
    level_refusals = True
'''


def changes() -> list[Mutant]:
    return mutants_of("program.py", PROGRAM.encode())


@pytest.mark.parametrize(
    "after",
    [
        "LEEWAY = 300",
        "charge(request, )",
        'revoke(request) charge(request, by="name")',
        "if True:",
        "if True and not request.done:",
        "if request.user and True:",
        "if request.user and (request.done):",
        "if not (request.user and not request.done):",
        "except (ValueError,):",
        "except (KeyError,):",
        "raise",
        "answer = sorted(request.values, )",
        "return [value for value in answer if value <= most]",
        "return [value for value in answer if not (value < most)]",
        "class View(Base):",
        "level_refusals = False",
        "def view(request, most=6):",
        "pass",
    ],
)
def test_each_way_to_break_a_program_is_tried(after: str) -> None:
    assert after in {mutant.after for mutant in changes()}


def test_each_decorator_is_dropped() -> None:
    dropped = {mutant.before for mutant in changes() if mutant.after == ""}
    assert {"@login_not_required", "@require_POST"} <= dropped


def test_words_for_people_and_the_log_are_left_alone() -> None:
    assert not [mutant for mutant in changes() if "sentence" in mutant.before and "mutated" in mutant.after]
    assert not [mutant for mutant in changes() if '"mutated", extra' in mutant.after]
    assert not [mutant for mutant in changes() if "Say what it does" in mutant.before]


def test_every_mutant_is_another_valid_program() -> None:
    original = ast.dump(ast.parse(PROGRAM))
    for mutant in changes():
        assert ast.dump(ast.parse(mutant.apply(PROGRAM.encode()))) != original


def test_a_place_is_told_by_its_line() -> None:
    assert {mutant.place for mutant in changes() if "LEEWAY" in mutant.before} == {"program.py:4"}


def test_offsets_count_bytes() -> None:
    source = Source('a = "é"; b = 7\n'.encode())
    seven = source.tree.body[1].value  # type: ignore[attr-defined]
    assert source.code(seven) == "7"
    assert [mutant.after for mutant in mutants_of("a.py", source.text) if "8" in mutant.after] == ['a = "é"; b = 8']


def recording() -> Recording:
    seconds = {"tests/test_program.py::slow": 2.0, "tests/test_program.py::quick": 0.1, "tests/test_other.py::x": 0.1}
    return Recording(
        seconds, {"program.py": {12: [*seconds, "tests/test_failing.py::x"], 14: ["tests/test_other.py::x"]}}
    )


def mutant_at(line: int) -> Mutant:
    return next(mutant for mutant in changes() if mutant.line == line and not mutant.imported)


def test_the_tests_of_the_line_are_chosen_its_own_file_first_and_the_quick_ones_before_the_slow() -> None:
    chosen = selection.tests_for(mutant_at(12), recording(), 100)
    assert chosen == ["tests/test_program.py::quick", "tests/test_program.py::slow", "tests/test_other.py::x"]


def test_a_budget_bounds_them() -> None:
    assert len(selection.tests_for(mutant_at(12), recording(), 1)) == 2


def test_what_runs_at_import_meets_the_tests_of_its_function() -> None:
    decorator = next(mutant for mutant in changes() if mutant.before == "@require_POST")
    assert len(selection.tests_for(decorator, recording(), 100)) == 3


def test_what_runs_at_import_meets_the_tests_that_import_its_module() -> None:
    limits = selection.chosen(["accounts/limits.py"], since=None, count=None, seed=1)
    row = next(mutant for mutant in limits if mutant.before.startswith("REGISTER_BY_ADDRESS"))
    table = "tests/test_documentation.py::test_every_limit_is_in_the_readme_as_it_is"
    assert selection.tests_for(row, Recording({table: 0.1, "tests/cognito/test_srp.py::x": 0.1}, {}), 100) == [table]


def test_tests_that_are_recorded_again_replace_what_was_known_of_them() -> None:
    before = recording()
    after = before.without({"tests/test_program.py"}).with_(Recording({"tests/test_program.py::new": 1.0}, {}))
    assert after.seconds.keys() == {"tests/test_other.py::x", "tests/test_program.py::new"}
    assert after.covering("program.py", 12, 12) == {"tests/test_other.py::x"}


class Told:
    """A copy whose worker answers as it is told."""

    root = Path()

    def __init__(self, **answers: object) -> None:
        self.answers = {"outcome": "survived", "failed": [], "seconds": 1.0, **answers}

    def ask(self, **job: object) -> dict[str, object]:
        return self.answers


def test_nothing_is_tried_where_the_tests_fail_without_a_mutant() -> None:
    with pytest.raises(SystemExit, match="fail without a mutant"):
        Pass(recording(), 10).prove([Told(outcome="killed")])  # type: ignore[list-item]


def test_a_test_that_fails_without_the_mutant_has_killed_nothing() -> None:
    tried = Pass(recording(), 10)
    mutant, killer = mutant_at(12), "tests/test_other.py::x"
    tried.results = [Result(mutant, "killed", 1.0, killer)]
    assert tried.doubt(Told(failed=[killer])) == [mutant]  # type: ignore[arg-type]
    assert tried.results == []
    assert tried.doubted == {killer}


def test_the_summary_counts_by_file() -> None:
    lines = summary([Result(mutant_at(12), "killed", 1.0, "x"), Result(mutant_at(14), "survived", 2.0)]).splitlines()
    assert lines[0].split()[:3] == ["file", "killed", "survived"]
    assert lines[1].split() == ["program.py", "1", "1", "0", "0", "0", "3"]


def test_lines_and_files_bound_a_pass() -> None:
    found = selection.chosen(["accounts/sessions/pending.py:30-40"], since=None, count=None, seed=1)
    assert found
    assert {mutant.line for mutant in found} <= set(range(30, 41))
    some = selection.chosen(["accounts/sessions/pending.py"], since=None, count=5, seed=3)
    assert len(some) == 5
    assert some == selection.chosen(["accounts/sessions/pending.py"], since=None, count=5, seed=3)


def test_a_mutant_listed_as_equivalent_is_still_one() -> None:
    listed = selection.equivalent()
    paths = {path for path, _before, _after in listed}
    there = {
        (mutant.path, mutant.before, mutant.after)
        for path in paths
        for mutant in mutants_of(path, Path(path).read_bytes())
    }
    assert listed.keys() - there == set()
    assert all(listed.values())
