"""A copy of the project, as git and the working tree have it. Mutants live there and nowhere else."""

from __future__ import annotations

import compileall
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.mutation import recording
from tests.mutation.recording import Recording

ROOT = Path(__file__).resolve().parents[2]
# The rest starts processes that coverage does not follow: browsers, servers, the local AWS by itself.
TESTS = ("tests/accounts", "tests/cognito", "tests/config", "tests/test_architecture.py", "tests/test_documentation.py")


class Copy(AbstractContextManager["Copy"]):
    """A copy in a directory of its own, gone at the end of the `with` block, and a worker that runs tests in it."""

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="mutation-")
        self.root = Path(self._directory.name) / "project"
        for name in project_files():
            target = self.root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
        compileall.compile_dir(self.root, quiet=2, workers=1)
        self._worker: subprocess.Popen[str] | None = None

    def ask(self, **job: Any) -> dict[str, Any]:
        """Have the worker do a job, and return what it answers. Starts it at the first."""
        if self._worker is None:
            self._worker = subprocess.Popen(
                [sys.executable, "-m", "tests.mutation.worker"],
                cwd=self.root,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
                text=True,
            )
        if self._worker.stdin is None or self._worker.stdout is None:
            raise RuntimeError("The worker has no pipes")
        self._worker.stdin.write(json.dumps(job) + "\n")
        self._worker.stdin.flush()
        answer = self._worker.stdout.readline()
        if not answer:
            raise RuntimeError("The worker has ended; what it said is above")
        found: dict[str, Any] = json.loads(answer)
        return found

    def record(self, tests: list[str], jobs: int) -> Recording:
        """Run `tests` (files or directories) with coverage, and return what they ran."""
        with tempfile.TemporaryDirectory(prefix="mutation-recording-") as directory:
            options = ["-q", "--no-header", "-p", "tests.mutation.recording", "-p", "no:cacheprovider"]
            subprocess.run(
                [sys.executable, "-m", "pytest", *options, "-n", str(jobs), "--dist", "loadfile", *tests],
                cwd=self.root,
                env=os.environ | {recording.DIRECTORY: directory},
                check=False,
            )
            return Recording.read(Path(directory))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the worker, which stops its local AWS, and delete the copy."""
        if self._worker is not None and self._worker.stdin is not None:
            self._worker.stdin.close()
            self._worker.wait()
        self._directory.cleanup()


def project_files() -> list[str]:
    """Return the files of the project that are there, those git does not know yet too, ignored ones not."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split("\0")
    return sorted(name for name in listed if name and (ROOT / name).is_file())


def hashes() -> dict[str, str]:
    """Return what tells one text of each measured or testing file from another."""
    names = [name for name in project_files() if name.endswith(".py")]
    names = [name for name in names if name.startswith((*TESTS, *recording.MEASURED))]
    return {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in names}


def recorded(copy: Copy, jobs: int, *, again: bool) -> Recording:
    """Return which tests run which lines of the project as it stands.

    Kept in `var/mutation/`; only test files that have changed, or that ran a file that has, are run again, or all
    where `again` says so.
    """
    kept = ROOT / "var" / "mutation" / "recording.json"
    now = hashes()
    known, then = (Recording(), {}) if again or not kept.exists() else read(kept)
    changed = {name for name in now.keys() | then.keys() if now.get(name) != then.get(name)}
    files = [name for name in now if Path(name).name.startswith("test_")]
    running = known.files_running(changed)
    stale = [name for name in files if name in changed or name in running]
    gone = {name for name in changed if name not in now}
    if stale or gone:
        print(f"Recording which lines {len(stale)} of {len(files)} test files run.", flush=True)
        known = known.without({*stale, *gone}).with_(copy.record(stale, jobs) if stale else Recording())
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps({"seconds": known.seconds, "lines": known.lines, "hashes": now}))
    return known


def read(path: Path) -> tuple[Recording, dict[str, str]]:
    """Return a kept recording, and the hashes of the files it was made with."""
    kept = json.loads(path.read_text())
    lines = {name: {int(line): tests for line, tests in lines.items()} for name, lines in kept["lines"].items()}
    return Recording(kept["seconds"], lines), kept["hashes"]
