"""A page of somebody signed in: CPU, and what it costs beyond Django's own sessions."""

from collections.abc import Iterator
from unittest.mock import patch

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.cognito.verifier import TokenVerifier
from accounts.encryption import TokenCipher
from benchmarks import cognito, report
from benchmarks.measuring import Way, compare
from benchmarks.project import Project, session_of, sign_in
from benchmarks.reference import plain_project

PAGE = "/"
GOAL = 1.02


def extras(project: Project, session: str, plain_statements: int) -> dict[str, int]:
    """Return what the page does beyond Django's sessions: statements, decryptions, checks of tokens, calls."""
    cognito.counted()
    with (
        patch.object(TokenCipher, "decrypt", autospec=True) as decrypt,
        patch.object(TokenVerifier, "_verify", autospec=True) as verify,
    ):
        statements = count_statements(project, session)
    return {
        "SQL": statements - plain_statements,
        "decryptions": decrypt.call_count,
        "checks": verify.call_count,
        "calls": cognito.counted().total(),
    }


def count_statements(project: Project, session: str) -> int:
    """Return how many statements the page runs."""
    with project.in_force(), CaptureQueriesContext(connection) as captured:
        project.get(PAGE, session)
    return len(captured)


def lines() -> Iterator[report.Line]:
    """Measure the start page, which names whoever is signed in, on our sessions and on Django's."""
    ours, plain = Project(), plain_project()
    session = session_of(sign_in(ours))
    with plain.in_force():
        plain_session = session_of(sign_in(plain, "/reference/login/"))
    plain_statements = count_statements(plain, plain_session)
    extra = extras(ours, session, plain_statements)
    yield report.counted(
        "authenticated page: extra SQL, decryptions, checks, calls",
        sum(extra.values()),
        f"plain sessions: {plain_statements} SQL",
        0,
    )
    way = Way(lambda: ours.get(PAGE, session), ours.in_force)
    reference = Way(lambda: plain.get(PAGE, plain_session), plain.in_force)
    null = compare(reference, reference, pairs=30, size=25)
    found = compare(way, reference, pairs=100, size=25, goal=GOAL)
    yield report.at_most(
        "authenticated page CPU",
        f"{found.ours:.0f} us",
        f"plain: {found.reference:.0f} us, A/A {null.ratio:.3f}",
        found.ratio,
        GOAL,
    )
