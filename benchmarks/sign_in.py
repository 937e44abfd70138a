"""A password sign-in: calls to Cognito, statements, and CPU, from the form to the redirect."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from unittest.mock import patch

from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import counters, limits
from benchmarks import cognito, report
from benchmarks.measuring import Way, compare
from benchmarks.project import Project, sign_in
from benchmarks.redis_cache import redis_caches
from benchmarks.reference import plain_project

TRANSACTION = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
GOAL = 2.0


def statements(project: Project, path: str) -> int:
    """Return how many statements a sign-in runs, transaction ones not counted."""
    with project.in_force(), CaptureQueriesContext(connection) as captured:
        sign_in(project, path)
    return sum(not query["sql"].startswith(TRANSACTION) for query in captured.captured_queries)


@contextmanager
def uncounted(project: Project) -> Iterator[None]:
    """Have ``project`` in force without limits."""
    free = limits.Attempt((), (), ())
    with project.in_force(), patch.object(limits, "attempt", lambda *_: nullcontext(free)):
        yield


@contextmanager
def counted_in_process(project: Project) -> Iterator[None]:
    """Have ``project`` in force with its tries counted in memory, as a process does while its Redis is away."""
    with project.in_force(), patch.object(counters, "store", counters.ProcessStore):
        yield


def cost_of_counting() -> Iterator[report.Line]:
    """Compare a sign-in whose try is counted with one whose try is not, in each place that lasts.

    How the site counts for good depends on what it has, so this is told beside the sign-in itself and has no goal.
    """
    for place, caches in (("the database", settings.CACHES), ("Redis", redis_caches())):
        if not caches:
            yield report.told(f"sign-in CPU with tries counted in {place}", "-", "no Redis answers")
            continue
        project = Project(CACHES=caches)
        sign_in(project)
        found = compare(
            Way(lambda: sign_in(project), project.in_force),  # noqa: B023 -- called within this turn
            Way(lambda: sign_in(project), lambda: uncounted(project)),  # noqa: B023
            pairs=20,
            size=20,
        )
        name = f"sign-in CPU with tries counted in {place}"
        yield report.told(name, f"{found.ours:.0f} us", f"not counted: {found.reference:.0f} us", found.ratio)


def lines() -> Iterator[report.Line]:
    """Measure the whole POST of the form, ours against Django's LoginView with the user looked up and believed."""
    ours, plain = Project(), plain_project()
    sign_in(ours)
    cognito.counted()
    sign_in(ours)
    calls = cognito.counted()
    calls.pop("connections", None)
    yield report.counted("Cognito calls in one password sign-in", calls.total(), "peers: 2-4", 1)
    needed = f"Django's login(): {statements(plain, '/reference/login/')}"
    # Two more where tries are counted in the database: one to charge, one to give back.
    yield report.no_more("SQL statements per sign-in, tries in the database", statements(ours, "/login/"), needed, 7)
    if redis_caches():
        in_redis = statements(Project(CACHES=redis_caches()), "/login/")
        yield report.no_more("SQL statements per sign-in, tries in Redis", in_redis, needed, 5)
    yield from cost_of_counting()
    found = compare(
        Way(lambda: sign_in(ours), lambda: counted_in_process(ours)),
        Way(lambda: sign_in(plain, "/reference/login/"), plain.in_force),
        pairs=40,
        size=20,
        goal=GOAL,
    )
    yield report.at_most(
        "sign-in CPU", f"{found.ours:.0f} us", f"Django's login(): {found.reference:.0f} us", found.ratio, GOAL
    )
