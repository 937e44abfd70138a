"""Which tests run which lines of the site, and how long each takes: recorded by running them once with coverage.

Loaded by pytest with `-p tests.mutation.recording`; each process of pytest-xdist writes a file of its own.
https://coverage.readthedocs.io/en/latest/contexts.html
"""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import coverage
import pytest

DIRECTORY = "MUTATION_RECORDING"  # the environment variable that names where the files go
MEASURED = ("accounts", "config")


@dataclass
class Recording:
    """`seconds` by test that passed, and for each file its tests by line. A test is its pytest node id."""

    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, dict[int, list[str]]] = field(default_factory=dict)

    @classmethod
    def read(cls, directory: Path) -> Recording:
        """Return what the processes wrote to `directory`, put together."""
        whole = cls()
        for path in sorted(directory.glob("*.json")):
            part = json.loads(path.read_text())
            lines = {name: {int(line): tests for line, tests in of.items()} for name, of in part["lines"].items()}
            whole = whole.with_(cls(part["seconds"], lines))
        return whole

    def with_(self, other: Recording) -> Recording:
        """Return this recording and `other` in one."""
        lines = {name: {line: list(tests) for line, tests in of.items()} for name, of in self.lines.items()}
        for name, of in other.lines.items():
            for line, tests in of.items():
                lines.setdefault(name, {}).setdefault(line, []).extend(tests)
        return Recording(self.seconds | other.seconds, lines)

    def without(self, files: set[str]) -> Recording:
        """Return this recording without the tests of these test files."""
        seconds = {test: taken for test, taken in self.seconds.items() if file_of(test) not in files}
        lines = {
            name: {line: [test for test in tests if file_of(test) not in files] for line, tests in of.items()}
            for name, of in self.lines.items()
        }
        return Recording(seconds, lines)

    def files_running(self, sources: set[str]) -> set[str]:
        """Return the test files with a test that runs a line of one of `sources`."""
        return {file_of(test) for name in sources for tests in self.lines.get(name, {}).values() for test in tests}

    def covering(self, path: str, first: int, last: int) -> set[str]:
        """Return the tests that passed and ran any of the lines from `first` to `last`."""
        lines = self.lines.get(path, {})
        found = {test for line in range(first, last + 1) for test in lines.get(line, ())}
        return found & self.seconds.keys()


def file_of(test: str) -> str:
    """Return the file of a test."""
    return test.partition("::")[0]


class Recorder:
    """The plugin: one coverage context for each test, set-up and tear-down included."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.coverage = coverage.Coverage(data_file=None, source=list(MEASURED), config_file=False)
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()

    def pytest_sessionstart(self) -> None:
        self.coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        started = time.perf_counter()
        self.coverage.switch_context(item.nodeid)
        answer = yield
        self.coverage.switch_context("")
        self.seconds[item.nodeid] = time.perf_counter() - started
        return answer

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.passed:
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        self.coverage.stop()
        data, lines = self.coverage.get_data(), defaultdict[str, dict[int, list[str]]](dict)
        for path in data.measured_files():
            name = str(Path(path).relative_to(Path.cwd()))
            for line, contexts in data.contexts_by_lineno(path).items():
                lines[name][line] = [context for context in contexts if context]
        seconds = {test: taken for test, taken in self.seconds.items() if test not in self.failed}
        process = os.environ.get("PYTEST_XDIST_WORKER", "main")
        (self.directory / f"{process}.json").write_text(json.dumps({"seconds": seconds, "lines": lines}))


def pytest_configure(config: Any) -> None:
    """Start recording, except in the process that only hands the tests out."""
    directory = os.environ.get(DIRECTORY)
    if directory and (hasattr(config, "workerinput") or not config.getoption("numprocesses", None)):
        config.pluginmanager.register(Recorder(Path(directory)), "mutation-recorder")
