"""manage.py sync_users when Cognito has no time, when it is away, when somebody stops it, and when two run at once."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError
from django.utils import timezone

from accounts import conf, users
from accounts.models import Synchronisation, User
from accounts.sync import patience, rows
from accounts.sync.marks import Marks
from accounts.sync.position import LEASE, RENEWED_AFTER, held
from tests.accounts.conftest import Meanwhile, UseServer
from tests.accounts.synchronising import drift, in_words, kept, sync
from tests.people_server import PeopleServer, entry, sub_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool(many: UseServer) -> PeopleServer:
    """A pool of five pages."""
    return many(300)


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, which take no time here."""
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    return pauses


def ended(*options: str) -> int:
    """Run the command, which is to fail; return its exit status."""
    with pytest.raises(CommandError) as failed:
        sync(*options)
    return int(failed.value.returncode)


@pytest.mark.parametrize("code", ["TooManyRequestsException", "ThrottlingException"])
def test_it_waits_where_cognito_is_throttled_longer_each_time(
    pool: PeopleServer, slept: list[float], code: str
) -> None:
    pool.refuse("ListUsers", code, times=5)
    assert drift(sync()) == {"missing": 300}
    assert len(slept) == 5
    for pause, whole in zip(slept, (1, 2, 4, 8, 16), strict=True):
        assert whole / 2 <= pause <= whole


def test_no_two_runs_wait_alike(pool: PeopleServer, slept: list[float]) -> None:
    pool.refuse("ListUsers", "TooManyRequestsException", times=4)
    sync()
    first = slept.copy()
    slept.clear()
    pool.refuse("ListUsers", "TooManyRequestsException", times=4)
    sync()
    assert slept != first


@pytest.mark.parametrize("operation", ["ListGroups", "ListUsersInGroup"])
def test_it_waits_for_groups_as_well(pool: PeopleServer, slept: list[float], operation: str) -> None:
    pool.groups = {"staff": [sub_of(7)]}
    pool.refuse(operation, "TooManyRequestsException", times=2)
    sync()
    assert kept(sub_of(7)).is_staff
    assert len(slept) == 2


def test_its_patience_has_an_end(pool: PeopleServer, slept: list[float]) -> None:
    pool.refuse("ListUsers", "TooManyRequestsException", times=1000)
    assert ended() == 3
    assert patience.THROTTLED - patience.LONGEST_PAUSE < sum(slept) <= patience.THROTTLED
    assert max(slept) <= patience.LONGEST_PAUSE


def test_the_longest_wait_is_shorter_than_the_lease() -> None:
    assert timedelta(seconds=patience.THROTTLED) + RENEWED_AFTER < LEASE


@pytest.mark.parametrize("operation", ["ListUsers", "ListUsersInGroup", "AdminGetUser"])
def test_a_run_at_work_stands_in_the_way_however_often_it_has_to_wait(
    pool: PeopleServer, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    sync()
    for number in range(5):
        del pool.people[sub_of(number)]
    pool.groups = {"everybody": list(pool.people)}
    waits = itertools.cycle([True] * 12 + [False])
    throttled = (400, "TooManyRequestsException")
    pool.before = lambda asked: pool.refusals.update({asked: [throttled]} if asked == operation and next(waits) else {})
    begun_at, left = timezone.now(), list[timedelta]()
    with time_machine.travel(begun_at) as clock:

        def sleep(seconds: float) -> None:
            clock.shift(seconds)
            lease = Synchronisation.objects.get().lease
            assert lease
            left.append(lease - timezone.now())

        monkeypatch.setattr(time, "sleep", sleep)
        sync()
        assert timezone.now() - begun_at > LEASE
    assert min(left) > timedelta(0)


def test_an_outage_is_given_up_sooner(pool: PeopleServer, slept: list[float]) -> None:
    pool.refuse("ListUsers", "InternalErrorException", times=1000, status=500)
    assert ended() == 3
    assert sum(slept) <= patience.AWAY


def test_what_will_not_pass_is_not_waited_for(pool: PeopleServer, slept: list[float]) -> None:
    pool.refuse("ListUsers", "AccessDeniedException", times=1)
    assert ended() == 4
    assert slept == []


def test_an_outage_in_the_middle_keeps_what_was_done_and_the_next_run_goes_on(
    many: UseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = many(3000)

    def go_away(operation: str) -> None:
        if operation == "ListUsers" and pool.calls[operation] == 41:
            pool.refuse("ListUsers", "InternalErrorException", times=1000, status=500)

    pool.before = go_away
    assert ended() == 3
    assert User.objects.count() == 40 * 60
    assert not User.objects.filter(is_active=False).exists()
    pool.refusals.clear()
    pool.calls.clear()
    assert drift(sync()) == {"missing": 3000}
    assert pool.calls["ListUsers"] == 10


def test_nobody_is_gone_while_cognito_cannot_say_so(pool: PeopleServer) -> None:
    sync()
    del pool.people[sub_of(3)]
    pool.refuse("AdminGetUser", "InternalErrorException", times=1000, status=500)
    assert ended() == 3
    assert kept(sub_of(3)).is_active
    pool.refusals.clear()
    pool.calls.clear()
    assert drift(sync()) == {"gone": 1}
    # Everybody had been met already.
    assert pool.calls["ListUsers"] == 1


def test_a_name_that_somebody_else_has_now_saves_nobody(pool: PeopleServer) -> None:
    sync()
    del pool.people[sub_of(3)]
    pool.people[sub_of(900)] = pool.people[sub_of(4)] | {
        "Username": sub_of(3),
        "Attributes": [{"Name": "sub", "Value": sub_of(900)}],
    }
    assert drift(sync()) == {"missing": 1, "gone": 1}
    assert not kept(sub_of(3)).is_active


def test_nobody_is_let_in_for_somebody_else_who_has_the_name(pool: PeopleServer) -> None:
    sync()
    User.objects.filter(sub=sub_of(3)).update(is_active=False)
    pool.people = {sub_of(900): entry(900) | {"Username": sub_of(3)}, **pool.people}
    sync()
    assert not kept(sub_of(3)).is_active
    assert kept(sub_of(3)).email == "person-3@example.com"


def test_somebody_without_a_sub_ends_the_run(pool: PeopleServer) -> None:
    pool.people[sub_of(3)]["Attributes"] = []
    assert ended() == 3
    assert not User.objects.filter(sub="").exists()


def test_somebody_whose_name_no_database_takes_stops_nobody(pool: PeopleServer) -> None:
    pool.change(3, name="A\0da \ud800")
    assert drift(sync()) == {"missing": 300}
    assert kept(sub_of(3)).name == "Ada "
    assert drift(sync()) == {}


@pytest.mark.parametrize("operation", ["ListUsers", "ListGroups", "ListUsersInGroup"])
def test_an_answer_without_a_list_is_an_outage_and_no_empty_list(
    pool: PeopleServer, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    pool.groups = {"staff": [sub_of(3)]}
    sync()
    monkeypatch.setattr(pool, operation, lambda _request: (200, {}))
    assert ended() == 3
    assert kept(sub_of(3)).is_staff
    assert not User.objects.filter(is_active=False).exists()


def test_what_the_site_has_seen_since_is_not_overwritten(pool: PeopleServer, meanwhile: Meanwhile) -> None:
    sync()
    pool.change(3, name="Of the listing")
    meanwhile("list_people", lambda: users.write(kept(sub_of(3)), {"name": "Just typed"}))
    assert drift(sync()) == {}
    assert kept(sub_of(3)).name == "Just typed"


def test_whoever_was_put_into_a_group_meanwhile_stays_in_it(pool: PeopleServer, meanwhile: Meanwhile) -> None:
    pool.groups = {"editors": []}
    sync()

    def put_in() -> None:
        pool.groups["editors"] = [sub_of(3)]
        users.write(kept(sub_of(3)), users.granted(["editors"]))

    meanwhile("members", put_in)
    assert drift(sync()) == {}
    assert kept(sub_of(3)).cognito_groups == ["editors"]
    assert pool.calls["AdminListGroupsForUser"] == 1


def test_whoever_left_the_staff_keeps_no_rights_by_being_busy(pool: PeopleServer, meanwhile: Meanwhile) -> None:
    pool.groups = {"staff": [sub_of(3)]}
    sync()
    pool.groups = {"staff": []}
    meanwhile("members", lambda: users.write(kept(sub_of(3)), {"name": "Busy"}))
    sync()
    assert not kept(sub_of(3)).is_staff


def test_whoever_was_taken_out_of_a_group_meanwhile_stays_out(pool: PeopleServer, meanwhile: Meanwhile) -> None:
    sync()
    pool.groups = {"editors": [sub_of(3)]}
    meanwhile("members", lambda: users.write(kept(sub_of(3)), {"name": "Seen by an administrator"}))
    sync()
    assert kept(sub_of(3)).cognito_groups == []


def test_whoever_is_deleted_while_they_are_asked_for_once_more_ends_no_run(
    pool: PeopleServer, meanwhile: Meanwhile
) -> None:
    sync()
    for number in (3, 4):
        del pool.people[sub_of(number)]
    meanwhile("known", lambda: kept(sub_of(3)).delete())
    assert drift(sync()) == {"gone": 1}
    assert not kept(sub_of(4)).is_active


def test_whoever_is_deleted_while_another_is_let_in_ends_no_run(pool: PeopleServer, meanwhile: Meanwhile) -> None:
    sync()
    User.objects.filter(sub__in=[sub_of(3), sub_of(4)]).update(is_active=False)
    meanwhile("get", lambda: kept(sub_of(4)).delete())
    assert drift(sync()) == {"enabled": 2}
    assert kept(sub_of(3)).is_active


def test_somebody_made_meanwhile_is_kept_as_they_were_made(pool: PeopleServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def come_in() -> None:
        User.objects.create(issuer=conf.config().issuer, sub=sub_of(3), username="3", name="Just typed")

    sync_page = rows.create

    def create(issuer: str, people: Any) -> None:
        come_in()
        sync_page(issuer, people)

    monkeypatch.setattr(rows, "create", create)
    sync()
    assert kept(sub_of(3)).name == "Just typed"
    assert User.objects.count() == 300


def test_a_run_that_another_has_taken_over_from_stops(pool: PeopleServer, meanwhile: Meanwhile) -> None:
    meanwhile("list_people", lambda: Synchronisation.objects.update(run=uuid.uuid4()))
    assert ended() == 1
    assert Synchronisation.objects.get().run is not None


def test_a_second_run_keeps_off(pool: PeopleServer) -> None:
    with held(conf.config().issuer):
        assert ended() == 1
        assert pool.calls["ListUsers"] == 0
    assert drift(sync()) == {"missing": 300}


def test_a_dry_run_needs_no_turn(pool: PeopleServer) -> None:
    with held(conf.config().issuer):
        assert drift(sync("--dry-run")) == {"missing": 300}


def test_a_run_that_was_killed_stands_in_the_way_for_a_while_only(pool: PeopleServer) -> None:
    with held(conf.config().issuer) as position:
        position.save()
        Synchronisation.objects.update(lease=timezone.now() - timedelta(seconds=1))
        assert drift(sync()) == {"missing": 300}


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C does what it does at a terminal: a shell that starts the tests in the background has them ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_told_to_stop_lets_go_and_says_how_far_it_got(
    many: UseServer, number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    pool = many(3000)

    def stop(operation: str) -> None:
        if operation == "ListUsers" and pool.calls[operation] == 30:
            os.kill(os.getpid(), number)

    pool.before = stop
    with pytest.raises(SystemExit) as left:
        in_words()
    assert left.value.code == 130
    row = Synchronisation.objects.get()
    assert (row.run, row.page_token) == (None, "page-1200")
    pool.before = lambda _operation: None
    assert drift(sync()) == {"missing": 3000}


def test_the_bar_is_drawn_on_a_terminal_only(
    pool: PeopleServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    in_words()
    assert capsys.readouterr().err == ""
    assert pool.calls["DescribeUserPool"] == 0
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    in_words()
    assert "300" in capsys.readouterr().err
    assert pool.calls["DescribeUserPool"] == 1


def test_the_signals_are_what_they_were_afterwards(pool: PeopleServer) -> None:
    before = signal.getsignal(signal.SIGTERM)
    sync()
    assert signal.getsignal(signal.SIGTERM) is before


def test_marks_are_kept_and_gone_on_with() -> None:
    marks = Marks()
    for key in (0, 7, 8, 100_000):
        marks.add(key)
    again = Marks(bytes(marks))
    assert [key for key in (0, 1, 7, 8, 9, 99_999, 100_000, 10**9) if key in again] == [0, 7, 8, 100_000]
    assert len(bytes(again)) < 100_000 // 8 + 2048
