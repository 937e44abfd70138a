"""manage.py prune: what was kept for long enough goes, in batches, and nothing else does."""

from __future__ import annotations

import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts import awaited, checks
from accounts.management.commands import prune
from accounts.models import Activity, AwaitedCode, Count, Session, User
from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import Person

pytestmark = pytest.mark.django_db


def run(*options: str) -> list[str]:
    """Run the command and return what it said, by line."""
    said = StringIO()
    call_command("prune", *options, stdout=said)
    return said.getvalue().splitlines()


@pytest.fixture
def ada() -> User:
    return User.objects.create(issuer="x", sub="ada", username="ada")


def events(user: User, count: int, *, days: float) -> None:
    """Give somebody so many lines of activity of so many days ago."""
    at = timezone.now() - timedelta(days=days)
    Activity.objects.bulk_create(Activity(user=user, kind=Activity.Kind.SIGNED_IN, at=at) for _ in range(count))


def test_activity_is_kept_for_as_long_as_the_setting_says(ada: User, settings: Settings) -> None:
    settings.ACTIVITY_DAYS = 30
    events(ada, 2, days=29.9)
    events(ada, 3, days=30.1)
    assert "3 lines of old activity deleted" in run()
    assert Activity.objects.count() == 2


def test_it_says_a_year_by_default(settings: Settings) -> None:
    assert settings.ACTIVITY_DAYS == 365


def test_a_dry_run_says_what_would_go_and_deletes_nothing(ada: User) -> None:
    events(ada, 3, days=400)
    Count.objects.create(key="limit:x:1", count=1, expires_at=int(time.time()) - 1)
    assert run("--dry-run") == [
        "0 sessions that were over would be deleted",
        "3 lines of old activity would be deleted",
        "0 codes nobody typed would be deleted",
        "1 spent counters would be deleted",
    ]
    assert (Activity.objects.count(), Count.objects.count()) == (3, 1)


def test_codes_that_nobody_typed_go_after_a_day(ada: User) -> None:
    for attribute, age in (("email", awaited.AGE), ("phone_number", awaited.AGE - timedelta(minutes=1))):
        AwaitedCode.objects.create(user=ada, attribute=attribute, record="", at=timezone.now() - age)
    assert "1 codes nobody typed deleted" in run()
    assert AwaitedCode.objects.get().attribute == "phone_number"


def test_a_second_run_finds_nothing(ada: User) -> None:
    events(ada, 3, days=400)
    run()
    assert run()[1] == "0 lines of old activity deleted"


def test_it_deletes_in_batches_of_the_same_size_however_much_there_is(ada: User) -> None:
    events(ada, 25, days=400)
    with CaptureQueriesContext(connection) as queries:
        assert run("--batch", "10")[1] == "25 lines of old activity deleted"
    deletions = [query["sql"] for query in queries if query["sql"].startswith('DELETE FROM "accounts_activity"')]
    assert len(deletions) == 3
    assert max(sql.count(",") for sql in deletions) == 9


def test_old_activity_is_found_by_an_index(ada: User) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert "at_443de8_idx" in prune.old_activity().order_by("at").values_list("pk")[:10].explain()


def test_a_session_that_is_over_goes_and_its_token_is_revoked(
    signed_in: CheckedClient, browser_of: SignIn, person: Person, cognito: FaultProxy
) -> None:
    browser_of(person)
    over = Session.objects.filter(session_key=signed_in.session_cookie)
    over.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert run()[0] == "1 sessions that were over deleted"
    assert cognito.calls["RevokeToken"] == 1
    assert Session.objects.count() == 1
    assert Activity.objects.count() == 2


def test_what_an_outage_leaves_over_is_told_and_taken_the_next_time(
    signed_in: CheckedClient, cognito: FaultProxy
) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    cognito.fail("RevokeToken", fault_proxy.server_error())
    assert run()[0] == "0 sessions that were over deleted, 1 left for the next time"
    cognito.heal()
    assert run()[0] == "1 sessions that were over deleted"


def test_counters_that_are_over_go() -> None:
    Count.objects.create(key="limit:x:1", count=1, expires_at=int(time.time()) - 1)
    Count.objects.create(key="limit:x:2", count=1, expires_at=int(time.time()) + 60)
    assert "1 spent counters deleted" in run()
    assert Count.objects.get().key == "limit:x:2"


@pytest.mark.parametrize(("days", "wrong"), [(0, True), (-1, True), (1, False)])
def test_a_setting_that_keeps_nothing_is_an_error(settings: Settings, days: int, wrong: bool) -> None:
    settings.ACTIVITY_DAYS = days
    assert (checks.E020 in checks.check_configuration(None)) == wrong
