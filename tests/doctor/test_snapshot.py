"""What is read at once: what depends on the site's own database, and what is only asked where it matters."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError

from accounts.doctor import snapshot as snapshot_module
from accounts.doctor.site import Site
from accounts.doctor.snapshot import Snapshot, Unread, attempt, take


class Quotas:
    """An inspection that is asked for one thing only."""

    asked = 0

    def sign_in_quota(self) -> float:
        """Return AWS's default."""
        self.asked += 1
        return 120.0


@pytest.mark.parametrize(("sessions", "asked", "quota"), [(0, 0, None), (1, 1, 120.0)])
def test_the_quota_is_asked_where_somebody_is_signed_in(
    clean: Snapshot, monkeypatch: pytest.MonkeyPatch, sessions: int, asked: int, quota: float | None
) -> None:
    monkeypatch.setattr(snapshot_module, "live_sessions", lambda: sessions)
    inspection: Any = Quotas()
    taken = take(inspection, clean.site, {"sign_in_quota"})
    assert (taken.sign_in_quota, inspection.asked) == (quota, asked)
    assert isinstance(taken.pool, Unread)


def test_a_site_without_tables_can_be_looked_at() -> None:
    def no_tables() -> int:
        raise OperationalError("no such table: accounts_session")

    unread = attempt(no_tables)
    assert isinstance(unread, Unread)
    assert "the site's database cannot be asked" in unread.reason
    assert not unread.outage


def test_a_mistake_of_ours_is_not_taken_for_something_unread() -> None:
    with pytest.raises(ZeroDivisionError):
        attempt(lambda: 1 / 0)


@pytest.mark.parametrize(
    ("url", "host", "local"),
    [
        ("http://localhost:8000", "localhost", True),
        ("http://127.0.0.1", "127.0.0.1", True),
        ("http://[::1]:8000", "::1", True),
        ("https://localhost.example", "localhost.example", False),
    ],
)
def test_a_site_on_ones_own_machine_is_told_from_others(clean: Snapshot, url: str, host: str, local: bool) -> None:
    values = {**vars(clean.site), "url": url}
    site = Site(**values)
    assert (site.host, site.is_local) == (host, local)


def test_the_site_is_read_from_its_settings(settings: Any) -> None:
    settings.SITE_URL, settings.SESSION_COOKIE_AGE, settings.ADMIN_REQUIRES_MFA = "https://x.example", 77, True
    site = Site.from_settings()
    assert (site.url, site.session_seconds, site.admin_requires_mfa) == ("https://x.example", 77, True)
    assert (site.challenge_seconds, site.refresh_margin) == (15 * 60, 2 * 60)
