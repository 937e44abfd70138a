"""A sign-in with a wrong password, from the form to the form with the sentence on it."""

from collections.abc import Iterator
from unittest.mock import patch

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from benchmarks import report
from benchmarks.measuring import Way, compare
from benchmarks.project import Project, sign_in

GOAL = 1.1


def hashes(project: Project) -> int:
    """Return how many passwords are hashed when a wrong one is refused."""
    with (
        project.in_force(),
        patch.object(PBKDF2PasswordHasher, "encode", autospec=True, side_effect=PBKDF2PasswordHasher.encode) as encode,
    ):
        sign_in(project, password="Wrong-horse-1")  # noqa: S106 -- made up
    return encode.call_count


def lines() -> Iterator[report.Line]:
    """Compare with a sign-in that succeeds, and with what ModelBackend would add."""
    ours = Project()
    behind = Project(
        AUTHENTICATION_BACKENDS=["django.contrib.auth.backends.ModelBackend", "accounts.backends.CognitoBackend"]
    )
    yield report.counted("password hashes in a failed sign-in", hashes(ours), f"with ModelBackend: {hashes(behind)}", 0)
    found = compare(
        Way(lambda: sign_in(ours, password="Wrong-horse-1"), ours.in_force),  # noqa: S106 -- made up
        Way(lambda: sign_in(ours), ours.in_force),
        pairs=30,
        size=20,
        goal=GOAL,
    )
    yield report.at_most(
        "failed sign-in CPU", f"{found.ours:.0f} us", f"a good one: {found.reference:.0f} us", found.ratio, GOAL
    )
