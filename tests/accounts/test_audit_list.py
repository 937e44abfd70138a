"""The list of what happened, in the administration: read, filtered and searched, and as fast when it is long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import activity
from accounts.admin.activity import found
from accounts.context import Context
from accounts.models import Activity, User
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.local_pool import LocalPool, Person
from tests.markup import Page

Kind, Outcome, Role = Activity.Kind, Activity.Outcome, Activity.Role
LIST = "/admin/accounts/activity/"
DESK = Context("203.0.113.9", "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0", "a" * 32)


def allow(*permissions: str) -> None:
    """Have the members of the staff group do what these permissions say."""
    Group.objects.get(name="staff").permissions.add(*Permission.objects.filter(codename__in=permissions))


@pytest.fixture
def desk(browser_of: SignIn, pool: LocalPool) -> CheckedClient:
    """The browser of somebody who may do everything."""
    return browser_of(pool.person(groups=(pool.env["COGNITO_SUPERUSER_GROUP"],)))


@pytest.fixture
def ada() -> User:
    return User.objects.create(issuer="x", sub="sub-of-ada", username="ada", email="ada@example.com", name="Ada King")


@pytest.fixture
def root() -> User:
    return User.objects.create(issuer="x", sub="sub-of-root", username="root", email="root@example.com")


@pytest.fixture
def rows(ada: User, root: User) -> None:
    """A few things that happened, each different from the others in all that is filtered by."""
    activity.write(Kind.PASSKEY_ADDED, ada, context=Context("192.0.2.7", "", "b" * 32))
    activity.write(Kind.SHUT_OUT, ada, by=root, context=DESK)
    activity.write(Kind.LET_IN, ada, context=Context(), outcome=Outcome.FAILED)
    activity.write(Kind.GROUP_DELETED, None, by=root, context=DESK, target="editors", outcome=Outcome.REFUSED)


def shown(browser: CheckedClient, **filters: str) -> set[str]:
    """Return which of those rows the list shows."""
    response = browser.get(LIST, filters)
    assert response.status_code == 200, response.status_code
    words = " ".join(cell.text for cell in Page.of(response.content).all("td"))
    labels = {"Added a passkey": "added", "Shut out": "shut", "Let in again": "let", "Group deleted: editors": "group"}
    return {name for label, name in labels.items() if label in words}


def test_everything_is_listed_with_who_did_it_and_what_came_of_it(desk: CheckedClient, rows: None) -> None:
    assert shown(desk) == {"added", "shut", "let", "group"}
    words = " ".join(Page.of(desk.get(LIST).content).words.split())
    for said in ("Ada King ada@example.com", "By: root@example.com", "By: A command", "Failed", "Refused", "Firefox"):
        assert said in words


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ({"kind__exact": "shut_out"}, {"shut"}),
        ({"outcome__exact": "refused"}, {"group"}),
        ({"outcome__exact": "failed"}, {"let"}),
        ({"role__exact": "staff"}, {"shut", "group"}),
        ({"role__exact": "staff", "outcome__exact": "refused"}, {"group"}),
        ({"q": "192.0.2.7"}, {"added"}),
        ({"q": "192.0.2.8"}, set()),
        ({"q": "ada@EX"}, {"added", "shut", "let"}),
        ({"q": "root@example.com"}, {"shut", "group"}),
        ({"q": "sub-of-ada"}, {"added", "shut", "let"}),
        ({"q": "editors"}, {"group"}),
        ({"q": "nobody@example.com"}, set()),
        ({"q": "ada@ex", "role__exact": "command"}, {"let"}),
    ],
)
def test_the_list_is_filtered_and_searched(
    desk: CheckedClient, rows: None, filters: dict[str, str], left: set[str]
) -> None:
    assert shown(desk, **filters) == left


def test_one_persons_activity_has_an_address_of_its_own(desk: CheckedClient, rows: None, ada: User) -> None:
    assert shown(desk, user__id__exact=str(ada.pk)) == {"added", "shut", "let"}


@pytest.mark.parametrize("name", ["user__password__startswith", "by__email__startswith", "user_agent__contains"])
def test_an_address_filters_by_nothing_that_is_not_offered(desk: CheckedClient, rows: None, name: str) -> None:
    assert desk.get(LIST, {name: "a"}).status_code == 400


@pytest.mark.parametrize("value", ["x", "", "-1", "9" * 30])
def test_somebody_who_is_nobody_has_no_activity(desk: CheckedClient, rows: None, value: str) -> None:
    assert desk.get(LIST, {"user__id__exact": value}).status_code in {200, 302}


# A range of dates.


@pytest.fixture
def three_days(ada: User) -> list[datetime]:
    """Something at the first moment of a day, at its last, and on the days around it."""
    day = datetime(2026, 3, 10, tzinfo=UTC)
    moments = [day - timedelta(seconds=1), day, day + timedelta(days=1, microseconds=-1), day + timedelta(days=1)]
    Activity.objects.bulk_create(Activity(user=ada, kind=Kind.SIGNED_IN, at=at) for at in moments)
    return moments


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ({"since": "2026-03-10", "until": "2026-03-10"}, 2),
        ({"since": "2026-03-10"}, 3),
        ({"until": "2026-03-10"}, 3),
        ({"since": "2026-03-11", "until": "2026-03-10"}, 0),
        ({"since": "2026-03-10", "kind__exact": "signed_in"}, 3),
        ({"since": "2026-03-10", "kind__exact": "signed_out"}, 0),
        ({"since": "2026-03-10", "q": "ada@example.com"}, 3),
        ({"since": "", "until": ""}, 4),
        ({"since": "0001-01-01", "until": "9999-12-31"}, 4),
    ],
)
def test_a_range_of_dates_is_from_the_first_moment_to_the_last(
    desk: CheckedClient, three_days: list[datetime], filters: dict[str, str], left: int
) -> None:
    page = Page.of(desk.get(LIST, {"user__id__exact": str(User.objects.get(sub="sub-of-ada").pk), **filters}).content)
    assert len([row for row in page.all("td") if row.text.strip() == "Signed in"]) == left


@pytest.mark.parametrize("typed", ["tomorrow", "2026-02-30", "10.03.2026x", "<script>", "0000-00-00"])
def test_what_is_no_day_is_said_to_be_none(desk: CheckedClient, rows: None, typed: str) -> None:
    page = Page.of(desk.get(LIST, {"since": typed}).content)
    assert "Enter a valid date" in page.words
    assert "<script>" not in page.html


def test_the_form_for_dates_keeps_what_else_was_chosen(desk: CheckedClient, rows: None) -> None:
    page = Page.of(desk.get(LIST, {"role__exact": "staff", "q": "root@example.com", "since": "2026-01-01"}).content)
    kept = {(field["name"], field["value"]) for field in page.all("input", type="hidden")}
    assert {("role__exact", "staff"), ("q", "root@example.com"), ("since", "2026-01-01")} <= kept
    assert page.one("input", id="date-since")["value"] == "2026-01-01"


# To be read, by those who may.


def test_the_list_is_for_those_who_may_see_it(browser_of: SignIn, staff: Person, rows: None) -> None:
    browser = browser_of(staff)
    allow("view_user")
    assert browser.get(LIST).status_code == 403
    allow("view_activity")
    assert browser.get(LIST).status_code == 200


def test_nothing_is_written_by_hand(desk: CheckedClient, ada: User, rows: None) -> None:
    row = Activity.objects.get(kind=Kind.SHUT_OUT)
    change = reverse("admin:accounts_activity_change", args=[row.pk])
    assert desk.get(reverse("admin:accounts_activity_add")).status_code == 403
    assert desk.post(change, {"kind": "signed_in"}).status_code == 403
    assert desk.post(reverse("admin:accounts_activity_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    desk.post(LIST, {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"})
    assert Activity.objects.get(pk=row.pk).kind == Kind.SHUT_OUT


def test_one_row_says_all_there_is_and_is_no_form(desk: CheckedClient, rows: None) -> None:
    row = Activity.objects.get(kind=Kind.SHUT_OUT)
    page = Page.of(desk.get(reverse("admin:accounts_activity_change", args=[row.pk])).content)
    for said in ("Ada King", "ada@example.com", "root@example.com", DESK.ip_address, DESK.user_agent, DESK.request_id):
        assert str(said) in page.words
    assert [field["name"] for field in page.all("input") if field["type"] != "hidden"] == []


def test_somebody_deleted_is_called_by_what_is_left(desk: CheckedClient, rows: None, ada: User, root: User) -> None:
    ada.delete()
    root.delete()
    assert shown(desk) == {"shut", "let", "group"}
    words = Page.of(desk.get(LIST).content).words
    assert "Deleted: sub-of-ada" in words
    assert "Deleted: sub-of-root" in words
    assert "ada@example.com" not in words
    assert shown(desk, q="sub-of-ada") == {"shut", "let"}
    assert shown(desk, q="sub-of-root") == {"shut", "group"}


# However long.


def test_a_long_list_is_not_counted_and_costs_no_more_statements(desk: CheckedClient, ada: User) -> None:
    desk.get(LIST)
    Activity.objects.bulk_create(Activity(user=ada, kind=Kind.SIGNED_IN) for _ in range(300))
    for filters in ({}, {"kind__exact": "signed_in", "since": "2026-01-01"}, {"q": "ada@ex"}):
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(LIST, filters).status_code == 200
        assert len(queries) <= 8
        assert not [query["sql"] for query in queries if "COUNT(" in query["sql"].upper()]


def plan_of(**filters: object) -> str:
    """Return how the database means to find the first page of what these filters leave."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    return Activity.objects.filter(**filters).order_by("-at", "-pk").values("pk")[:51].explain()


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({"kind": "shut_out"}, "kind_68e23a"),
        ({"ip_address": "192.0.2.7"}, "ip_addr_97a372"),
        ({"at__gte": datetime(2026, 3, 10, tzinfo=UTC), "at__lt": datetime(2026, 3, 11, tzinfo=UTC)}, "at_443de8"),
    ],
)
@pytest.mark.django_db
def test_whatever_is_filtered_by_is_found_by_an_index(filters: dict[str, object], index: str) -> None:
    assert index in plan_of(**filters)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite matches no parameter with a partial index")
@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({"by": 1}, "activity_by"),
        ({"role": "staff"}, "activity_role"),
        ({"outcome": "failed"}, "activity_outcome"),
        ({"target": "editors"}, "activity_target"),
        ({"user_sub": "sub-of-ada"}, "activity_user_sub"),
        ({"by_sub": "sub-of-ada"}, "activity_by_sub"),
    ],
)
@pytest.mark.django_db
def test_what_is_looked_for_among_few_rows_is_found_by_an_index_of_these(
    filters: dict[str, object], index: str
) -> None:
    assert index in plan_of(**filters)


@pytest.mark.django_db
def test_a_network_address_is_looked_for_however_it_is_written(ada: User) -> None:
    activity.write(Kind.SIGNED_IN, ada, context=Context("2001:db8::1", "", "c" * 32))
    for written in ("2001:db8::1", "2001:0db8:0:0:0:0:0:1", "2001:DB8::1"):
        assert Activity.objects.filter(found(written)).count() == 1
