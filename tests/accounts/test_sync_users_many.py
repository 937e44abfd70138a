"""manage.py sync_users with 2000 people: how much it asks, reads and writes, and how much memory it takes."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Synchronisation, User
from accounts.sync.people import PAGES_AT_ONCE
from accounts.sync.position import GOOD_FOR
from tests.accounts.conftest import UseServer
from tests.accounts.synchronising import drift, sync
from tests.people_server import PeopleServer, entry, sub_of

pytestmark = pytest.mark.django_db

PEOPLE = 2000
PAGES = 34
# What a run takes besides: groups, the lease, the position, who was not met.
BESIDES = 60

TRANSACTION = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


@pytest.fixture
def pool(many: UseServer) -> PeopleServer:
    """A pool with 2000 people."""
    return many(PEOPLE)


def statements() -> tuple[Counter[str], Counter[str]]:
    """Run the command; return how many statements of each kind it ran, and how many of those on people."""
    with CaptureQueriesContext(connection) as queries:
        sync()
    texts = [query["sql"] for query in queries if not query["sql"].startswith(TRANSACTION)]
    on_people = [text for text in texts if '"accounts_user"' in text]
    return Counter(text.split()[0] for text in texts), Counter(text.split()[0] for text in on_people)


def test_everybody_is_kept(pool: PeopleServer) -> None:
    totals = sync()
    assert (totals["people"], drift(totals)) == (PEOPLE, {"missing": PEOPLE})
    assert User.objects.count() == PEOPLE
    assert User.objects.values("password").distinct().count() == PEOPLE
    assert pool.calls == {"ListUsers": PAGES, "ListGroups": 2}


def test_nothing_is_written_where_nothing_differs(pool: PeopleServer) -> None:
    sync()
    before = pool.calls.copy()
    every, on_people = statements()
    assert on_people["SELECT"] <= PAGES + 20
    assert set(on_people) == {"SELECT"}
    assert every.total() <= PAGES + BESIDES
    assert pool.calls - before == {"ListUsers": PAGES, "ListGroups": 2}


def test_each_page_of_newcomers_costs_no_statement_of_its_own_but_the_select(pool: PeopleServer) -> None:
    every, on_people = statements()
    assert on_people["SELECT"] <= PAGES + 20
    assert on_people["INSERT"] <= PEOPLE // (60 * PAGES_AT_ONCE) + 1 or connection.vendor == "sqlite"
    assert every["UPDATE"] <= PAGES // PAGES_AT_ONCE + 5


def test_who_differs_is_written_page_by_page(many: UseServer) -> None:
    pool = many(900)
    sync()
    for number in range(0, 900, 10):
        pool.change(number, name="Renamed")
    every, on_people = statements()
    assert on_people["UPDATE"] <= 15
    assert User.objects.filter(name="Renamed").count() == 90
    assert every.total() <= 5 * 15 + BESIDES


def test_a_group_of_everybody_is_a_page_at_a_time(many: UseServer) -> None:
    pool = many(900)
    pool.groups = {"everybody": list(pool.people)}
    sync()
    assert User.objects.filter(groups__name="everybody", cognito_groups=["everybody"]).count() == 900
    every, on_people = statements()
    assert set(on_people) == {"SELECT"}
    assert every.total() <= 6 * 15 + BESIDES


def peak(run: Callable[[], object]) -> int:
    """Return the most bytes that were taken at once while running."""
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("most", "known"), [(1500, False), (PEOPLE, True)], ids=["all new", "nothing changed"])
def test_more_people_take_no_more_memory(many: UseServer, most: int, known: bool) -> None:
    found = []
    for size in (most // 10, most):
        many(size)
        sync()
        if not known:
            User.objects.all().delete()
        found.append(peak(sync))
    # What one save of the position leaves to be written, and a bit for each person.
    assert found[1] < found[0] + 3 * 2**19


def test_half_of_them_gone_is_asked_for_one_by_one_and_found_out(many: UseServer) -> None:
    pool = many(120)
    sync()
    for number in range(0, 120, 2):
        del pool.people[sub_of(number)]
    assert drift(sync()) == {"gone": 60}
    assert pool.calls["AdminGetUser"] == 60
    assert User.objects.filter(is_active=True).count() == 60


def test_people_on_pages_that_shift_are_not_gone(many: UseServer) -> None:
    pool = many(600)
    sync()

    def shift(operation: str) -> None:
        # Somebody of a page that was read goes, so that the first one of the next page is on it now.
        if operation == "ListUsers" and pool.calls[operation] == 15:
            del pool.people[sub_of(0)]

    pool.before = shift
    assert drift(sync()) == {}
    assert User.objects.filter(is_active=False).count() == 0
    assert drift(sync()) == {"gone": 1}


def stop_at(pool: PeopleServer, call: int) -> None:
    """Have Cognito refuse the site's key from that call of ListUsers on."""
    seen = pool.calls["ListUsers"]

    def stop(operation: str) -> None:
        if operation == "ListUsers" and pool.calls[operation] == seen + call:
            pool.refuse("ListUsers", "AccessDeniedException", times=1)

    pool.before = stop


def ignore(_operation: str) -> None:
    """Do nothing in particular."""


def test_a_run_that_was_stopped_is_gone_on_with(pool: PeopleServer) -> None:
    stop_at(pool, 21)
    with pytest.raises(CommandError):
        sync()
    assert User.objects.count() == 20 * 60
    pool.calls.clear()
    totals = sync()
    assert pool.calls["ListUsers"] == PAGES - 20
    assert (totals["people"], drift(totals)) == (PEOPLE, {"missing": PEOPLE})
    assert User.objects.count() == PEOPLE


def test_whoever_was_met_before_the_stop_is_not_gone_after_it(pool: PeopleServer) -> None:
    sync()
    del pool.people[sub_of(5)]
    stop_at(pool, 21)
    with pytest.raises(CommandError):
        sync()
    pool.calls.clear()
    assert drift(sync()) == {"gone": 1}
    assert pool.calls["AdminGetUser"] == 1


def test_what_an_old_run_had_compared_is_compared_again(many: UseServer) -> None:
    pool = many(1500)
    stop_at(pool, 21)
    with pytest.raises(CommandError):
        sync()
    Synchronisation.objects.update(begun_at=timezone.now() - GOOD_FOR - timedelta(seconds=1))
    pool.before = ignore
    pool.calls.clear()
    sync()
    assert pool.calls["ListUsers"] == 25


def test_a_run_begins_afresh_where_it_is_told_to(many: UseServer) -> None:
    pool = many(1500)
    stop_at(pool, 21)
    with pytest.raises(CommandError):
        sync()
    pool.before = ignore
    pool.calls.clear()
    assert sync("--afresh")["people"] == 1500
    assert pool.calls["ListUsers"] == 25


def test_a_position_that_cognito_takes_no_longer_is_given_up(many: UseServer) -> None:
    pool = many(1500)
    stop_at(pool, 21)
    with pytest.raises(CommandError):
        sync()
    Synchronisation.objects.update(page_token="of another time")
    pool.change(0, name="Renamed")
    totals = sync()
    assert (totals["people"], drift(totals)) == (1500, {"missing": 300, "changed": 1})


def test_a_listing_without_end_ends(many: UseServer, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = many(120)
    endless = {"Users": [entry(0)], "PaginationToken": "page-0"}
    monkeypatch.setattr(pool, "ListUsers", lambda _request: (200, endless))
    with pytest.raises(CommandError) as ended:
        sync()
    assert ended.value.returncode == 3
