"""``make bench``: every subject, or those named, each in a process of its own. Exit status 1 when a goal is missed."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.environment import FILES, environment
from benchmarks.postgresql import temporary_database
from benchmarks.report import HEADING

SUBJECTS = (
    "sign_in",
    "failed_sign_in",
    "page",
    "bearer",
    "files",
    "key_sets",
    "bursts",
    "tabs",
    "check",
    "first_sign_in",
    "strangers",
    "admin_list",
    "sync",
)
# What has to hold between processes and hosts is measured on what they would share, too.
ON_BOTH = ("tabs",)
# What only a large database shows. Without a server the subject says so.
ON_POSTGRESQL = ("admin_list",)


@contextmanager
def stub_cognito() -> Iterator[dict[str, int]]:
    """Run the stand-in for Cognito and yield its ports."""
    with subprocess.Popen([sys.executable, "-m", "benchmarks.stub_cognito"], stdout=subprocess.PIPE) as process:
        try:
            yield json.loads(process.stdout.readline() if process.stdout else "{}")
        finally:
            process.kill()


def measure(subject: str, variables: Mapping[str, str]) -> bool:
    """Have ``subject`` measured and printed; return whether its goals were met."""
    command = [sys.executable, "manage.py", "bench", subject, "--settings", "benchmarks.settings"]
    return subprocess.run(command, env=dict(variables), check=False).returncode == 0


def databases(subject: str, directory: str, postgresql: str) -> list[str]:
    """Return the URLs of the databases that ``subject`` is measured on: SQLite, and where it matters PostgreSQL too."""
    sqlite = f"sqlite:///{Path(directory) / subject}.sqlite3"
    if subject in ON_POSTGRESQL:
        return [postgresql or sqlite]
    return [sqlite, postgresql] if subject in ON_BOTH and postgresql else [sqlite]


def main(subjects: tuple[str, ...]) -> int:
    """Measure ``subjects`` and return the exit status."""
    print(HEADING)
    missed = []
    with tempfile.TemporaryDirectory() as directory, stub_cognito() as ports, temporary_database() as postgresql:
        for subject in subjects:
            for url in databases(subject, directory, postgresql):
                variables = environment(cognito_port=ports["cognito"], control_port=ports["control"], database_url=url)
                if not measure(subject, {**variables, **(FILES if subject == "files" else {})}):
                    missed.append(subject)
    print(f"Missed: {', '.join(missed)}." if missed else "Every goal was met, or the line says why not.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(tuple(sys.argv[1:]) or SUBJECTS))
