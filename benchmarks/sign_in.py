"""A password sign-in: calls to Cognito, statements, and CPU, from the form to the redirect."""

from collections.abc import Iterator

from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks import cognito, report
from benchmarks.measuring import Way, compare
from benchmarks.project import Project, sign_in
from benchmarks.reference import plain_project

TRANSACTION = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
GOAL = 2.0


def statements(project: Project, path: str) -> int:
    """Return how many statements a sign-in runs, transaction ones not counted."""
    with project.in_force(), CaptureQueriesContext(connection) as captured:
        sign_in(project, path)
    return sum(not query["sql"].startswith(TRANSACTION) for query in captured.captured_queries)


def lines() -> Iterator[report.Line]:
    """Measure the whole POST of the form, ours against Django's LoginView with the user looked up and believed."""
    ours, plain = Project(), plain_project()
    sign_in(ours)
    cognito.counted()
    sign_in(ours)
    calls = cognito.counted()
    calls.pop("connections", None)
    yield report.counted("Cognito calls in one password sign-in", calls.total(), "peers: 2-4", 1)
    needed = statements(plain, "/reference/login/")
    yield report.no_more("SQL statements per sign-in", statements(ours, "/login/"), f"Django's login(): {needed}", 5)
    found = compare(
        Way(lambda: sign_in(ours), ours.in_force),
        Way(lambda: sign_in(plain, "/reference/login/"), plain.in_force),
        pairs=40,
        size=20,
        goal=GOAL,
    )
    yield report.at_most(
        "sign-in CPU", f"{found.ours:.0f} us", f"Django's login(): {found.reference:.0f} us", found.ratio, GOAL
    )
