"""Fifty tabs of one browser when the tokens have just expired."""

from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import patch

from django.db import connection, connections
from django.utils import timezone

from accounts.models import Session
from accounts.sessions.engine import SessionStore
from benchmarks import cognito, report
from benchmarks.crowd import at_once
from benchmarks.project import Project, session_of, sign_in

TABS = 50


def refreshes(project: Project, session: str) -> tuple[int, int]:
    """Return how often the tokens are refreshed, and how many tabs get their page, once the access token is dead."""
    past = timezone.now() - timedelta(seconds=1)
    Session.objects.filter(session_key=session).update(tokens_expire_at=past)
    cognito.counted(latency=0.2)

    def tab(_: int) -> int:
        try:
            return project.get("/", session).status
        finally:
            connections.close_all()

    statuses = at_once(TABS, tab)[1]
    return cognito.counted()["GetTokensFromRefreshToken"], statuses.count(200)


def lines() -> Iterator[report.Line]:
    """Count with the lease that decides who refreshes, and without."""
    project = Project()
    session = session_of(sign_in(project))
    refreshed, answered = refreshes(project, session)
    with patch.object(SessionStore, "take_lease", return_value=True):
        unguarded, _ = refreshes(project, session)
    yield report.counted(
        f"refreshes for 50 tabs at expiry ({connection.vendor})", refreshed, f"without the lease: {unguarded}", 1
    )
    yield report.counted("pages that those 50 tabs get", answered, "-", TABS)
