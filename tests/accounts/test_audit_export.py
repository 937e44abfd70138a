"""The record of what happened as a file: for those who may, with the filters of the list, and harmless to open."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import activity
from accounts.admin import export
from accounts.context import Context
from accounts.models import Activity, User
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.local_pool import LocalPool, Person
from tests.markup import Page

pytestmark = pytest.mark.django_db

Kind = Activity.Kind
LIST = "/admin/accounts/activity/"
EXPORT = f"{LIST}export/"


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


def table(response: Any) -> list[dict[str, str]]:
    """Return the rows of the file that was handed out."""
    assert response.status_code == 200
    assert response.streaming
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_file_has_everything_that_is_kept(desk: CheckedClient, ada: User) -> None:
    root = User.objects.get(is_superuser=True)
    whence = Context("203.0.113.9", "Firefox, the browser", "a" * 32)
    activity.write(Kind.GROUPS_CHANGED, ada, by=root, context=whence, target='"editors", and others')
    response = desk.post(EXPORT)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="activity-')
    (row,) = (row for row in table(response) if row["kind"] == "groups_changed")
    assert row.pop("at").endswith("+00:00")
    assert row == {
        "kind": "groups_changed",
        "factor": "",
        "outcome": "done",
        "user_sub": "sub-of-ada",
        "user_email": "ada@example.com",
        "target": '"editors", and others',
        "role": "staff",
        "by_sub": root.sub,
        "by_email": root.email,
        "ip_address": "203.0.113.9",
        "user_agent": "Firefox, the browser",
        "request_id": "a" * 32,
    }


def test_whoever_is_deleted_stands_in_the_same_column_by_what_is_left(desk: CheckedClient, ada: User) -> None:
    activity.write(Kind.SHUT_OUT, ada, by=User.objects.get(is_superuser=True), context=Context())
    ada.delete()
    (row,) = (row for row in table(desk.post(EXPORT)) if row["kind"] == "shut_out")
    assert (row["user_sub"], row["user_email"]) == ("sub-of-ada", "")


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("kind__exact=shut_out", ["shut_out"]),
        ("q=ada%40example.com", ["shut_out", "signed_in"]),
        ("since=2000-01-01&until=2000-01-02", ["signed_in"]),
        ("q=ada%40example.com&until=9999-12-31", ["shut_out", "signed_in"]),
        ("q=nobody%40example.com", []),
        ("p=2&q=ada%40example.com", ["shut_out", "signed_in"]),
    ],
)
def test_the_filters_of_the_list_are_those_of_the_file(
    desk: CheckedClient, ada: User, query: str, left: list[str]
) -> None:
    activity.write(Kind.SHUT_OUT, ada, by=User.objects.get(is_superuser=True), context=Context())
    Activity.objects.create(user=ada, kind=Kind.SIGNED_IN, at=datetime(2000, 1, 2, 12, tzinfo=UTC))
    assert [row["kind"] for row in table(desk.post(f"{EXPORT}?{query}"))] == left


def test_a_filter_that_means_nothing_gives_no_file(desk: CheckedClient) -> None:
    assert desk.post(f"{EXPORT}?user__id__exact=x").url == "../"
    assert desk.post(f"{EXPORT}?user__password__startswith=p").status_code == 400


@pytest.mark.parametrize(
    "written",
    [
        "=HYPERLINK(1)",
        "+1",
        "-1",
        "@SUM(1)",
        "  =1",
        "\t=1",
        "\N{FULLWIDTH EQUALS SIGN}1",
    ],
)
def test_what_a_stranger_wrote_is_no_formula(desk: CheckedClient, ada: User, written: str) -> None:
    Activity.objects.create(user=ada, kind=Kind.SIGNED_IN, user_agent=written, target=written)
    (row,) = (row for row in table(desk.post(EXPORT)) if row["user_sub"] == "sub-of-ada")
    assert (row["user_agent"], row["target"]) == (f"'{written}", f"'{written}")


def test_an_address_is_no_formula_either(desk: CheckedClient, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(email="=cmd@example.com")
    activity.write(Kind.SIGNED_IN, ada, context=Context())
    assert "'=cmd@example.com" in [row["user_email"] for row in table(desk.post(EXPORT))]


# For those who may.


def test_seeing_the_list_is_not_enough(browser_of: SignIn, staff: Person) -> None:
    browser = browser_of(staff)
    allow("view_activity")
    assert "Export as CSV" not in Page.of(browser.get(LIST).content).words
    assert browser.post(EXPORT).status_code == 403
    assert not Activity.objects.filter(kind=Kind.ACTIVITY_EXPORTED).exists()
    allow("export_activity")
    assert "Export as CSV" in Page.of(browser.get(LIST).content).words
    assert browser.post(EXPORT).status_code == 200


def test_the_right_to_export_does_without_none_to_see(browser_of: SignIn, staff: Person) -> None:
    browser = browser_of(staff)
    allow("export_activity")
    assert browser.post(EXPORT).status_code == 403


def test_others_get_nothing(client: CheckedClient, signed_in: CheckedClient) -> None:
    assert client.post(EXPORT).url.startswith("/login/")
    assert signed_in.post(EXPORT).status_code in {302, 403}
    assert not Activity.objects.filter(kind=Kind.ACTIVITY_EXPORTED).exists()


def test_an_export_is_asked_for_by_a_form_alone(desk: CheckedClient) -> None:
    assert desk.get(EXPORT).status_code == 405


def test_that_it_was_exported_is_recorded_by_whom(desk: CheckedClient) -> None:
    rows = table(desk.post(EXPORT))
    row = Activity.objects.get(kind=Kind.ACTIVITY_EXPORTED)
    assert (row.user, row.by, row.ip_address) == (None, User.objects.get(), "127.0.0.1")
    assert rows[0]["kind"] == "activity_exported"


# However long.


def test_a_long_file_is_read_in_batches_and_has_each_row_once(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "BATCH", 10)
    now = timezone.now()
    # Many in the same moment, so that batches end between them.
    Activity.objects.bulk_create(
        Activity(user=ada, kind=Kind.SIGNED_IN, at=now - timedelta(seconds=n // 7), request_id=str(n))
        for n in range(95)
    )
    with CaptureQueriesContext(connection) as queries:
        found = [row["request_id"] for row in export.in_batches(Activity.objects.all())]
    assert sorted(found, key=int) == [str(n) for n in range(95)]
    assert len(queries) == 11


def test_the_first_line_leaves_before_the_last_row_is_read(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "BATCH", 10)
    Activity.objects.bulk_create(Activity(user=ada, kind=Kind.SIGNED_IN) for _ in range(30))
    lines = export.lines(Activity.objects.all())
    with CaptureQueriesContext(connection) as queries:
        next(lines)
        assert len(queries) == 0
        next(lines)
        assert len(queries) == 1
