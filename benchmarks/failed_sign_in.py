"""A sign-in with a wrong password, from the form to the form with the sentence on it."""

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from unittest.mock import patch

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.template.response import SimpleTemplateResponse

from benchmarks import report
from benchmarks.measuring import Comparison, Way, compare
from benchmarks.project import Project, sign_in
from benchmarks.sign_in import counted_in_process

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
    sign_in(ours)
    page = compared(ours, lambda: counted_in_process(ours), math.inf)
    told = f"a good one: {page.reference:.0f} us"
    yield report.told("failed sign-in CPU with the page that says so", f"{page.ours:.0f} us", told, page.ratio)
    found = compared(ours, lambda: without_page(ours), GOAL)
    yield report.at_most(
        "failed sign-in CPU", f"{found.ours:.0f} us", f"a good one: {found.reference:.0f} us", found.ratio, GOAL
    )


def compared(project: Project, within: Callable[[], AbstractContextManager[object]], goal: float) -> Comparison:
    """Return how a sign-in with a wrong password compares with a good one, which is answered by a redirect."""
    refused = Way(lambda: sign_in(project, password="Wrong-horse-1"), within)  # noqa: S106 -- made up
    return compare(refused, Way(lambda: sign_in(project), within), pairs=30, size=20, goal=goal)


@contextmanager
def without_page(project: Project) -> Iterator[None]:
    """Have ``project`` in force with empty pages: a redirect has none to compare them with."""
    with counted_in_process(project), patch.object(SimpleTemplateResponse, "rendered_content", ""):
        yield
