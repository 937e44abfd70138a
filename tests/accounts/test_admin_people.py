"""The list of people: found by what an index finds, filtered by what is offered, and never counted."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import QuerySet
from django.forms import ChoiceField
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.admin import filters, search
from accounts.admin.changelist import MOST_PAGES
from accounts.admin.people import OnThisPage
from accounts.admin.states import State
from accounts.cognito.results import Status
from accounts.models import NAME_BEGINNING, User
from tests.accounts.admin_pages import PEOPLE, people_on
from tests.checked_client import CheckedClient
from tests.markup import Page

INDEXED = (
    "accounts_user_email_begins",
    "accounts_user_name_begins",
    "accounts_user_lower_username",
    "accounts_user_lower_sub",
)


def somebody(name: str, /, **fields: object) -> User:
    return User.objects.create(
        **{"issuer": "x", "sub": f"sub-of-{name}", "username": name, "email": f"{name}@example.com", **fields}
    )


@pytest.mark.parametrize("term", ["ada@ex", "ADA@EX", "ada k", "Ada King", " ada@example.com ", "SUB-of-ada"])
def test_people_are_found_by_address_name_user_name_and_subject(desk: CheckedClient, ada: User, term: str) -> None:
    somebody("bob")
    assert people_on(desk, q=term) == ["Ada King"]


@pytest.mark.parametrize(
    "term", ["da@example.com", "King", "sub-of-ad", "ad_", "a%", "%", "\\", "'", 'ada"', "ada king x"]
)
def test_what_only_occurs_within_is_not_found(desk: CheckedClient, ada: User, term: str) -> None:
    assert people_on(desk, q=term) == []


def test_part_of_a_user_name_finds_nobody(desk: CheckedClient) -> None:
    somebody("adalbert", email="")
    assert people_on(desk, q="adalb") == []
    assert people_on(desk, q="ADALBERT") == ["adalbert"]


def test_letters_beyond_ascii_are_found_as_they_were_typed(desk: CheckedClient) -> None:
    somebody("zoe", name="Żoë Ångström")
    assert people_on(desk, q="Żoë Å") == ["Żoë Ångström"]


def test_a_name_that_no_index_takes_whole_is_kept_and_found(desk: CheckedClient) -> None:
    long = "\N{MATHEMATICAL DOUBLE-STRUCK CAPITAL A}" + "".join(chr(0x4E00 + number) for number in range(2047))
    somebody("long", name=long)
    assert people_on(desk, q=long[:20]) == [long]
    assert people_on(desk, q=long[: NAME_BEGINNING + 1]) == [long]


def test_a_character_that_no_database_takes_is_refused_and_not_an_error(desk: CheckedClient) -> None:
    response = desk.get(PEOPLE, {"q": "ada\x00"})
    assert response.status_code == 200


def test_found_people_come_by_address_and_others_newest_first(desk: CheckedClient) -> None:
    for name in ("carol", "alice", "bob"):
        somebody(name, name=f"Ms {name}")
    assert people_on(desk, q="ms") == ["Ms alice", "Ms bob", "Ms carol"]
    assert people_on(desk)[:3] == ["Ms bob", "Ms alice", "Ms carol"]


def test_who_cannot_be_shown_is_told_of(desk: CheckedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_FOUND", 2)
    for name in ("anna", "anne", "ants"):
        somebody(name)
    page = Page.of(desk.get(PEOPLE, {"q": "an"}).content)
    assert "More people than are shown here begin like this." in page.words
    assert people_on(desk, q="an") == ["anna@example.com", "anne@example.com"]
    assert "More people" not in Page.of(desk.get(PEOPLE, {"q": "ants"}).content).words


@pytest.mark.parametrize("pages", [1, 2, 3])
def test_pages_are_turned_and_nobody_is_counted(desk: CheckedClient, pages: int) -> None:
    User.objects.bulk_create(User(issuer="x", sub=f"sub-{n}", username=f"u{n}") for n in range(50 * pages))
    with CaptureQueriesContext(connection) as captured:
        seen = [people_on(desk, p=str(number)) for number in range(1, pages + 2)]
    assert [len(each) for each in seen] == [50] * pages + [1]
    assert len({name for each in seen for name in each}) == 50 * pages + 1
    counted = [query["sql"] for query in captured if "COUNT(" in query["sql"].upper()]
    assert [statement for statement in counted if "accounts_user" in statement] == []


def test_pages_lead_to_each_other_with_the_filter_kept(desk: CheckedClient) -> None:
    User.objects.bulk_create(User(issuer="x", sub=f"sub-{n}", username=f"u{n}") for n in range(150))
    page = Page.of(desk.get(PEOPLE, {"p": "2", "staff": "no"}).content)
    links = {link.text.strip(): link["href"] for link in page.all("a") if link["href"].startswith("?")}
    assert (links["Newer"], links["Older"]) == ("?p=1&staff=no", "?p=3&staff=no")
    assert "Page 2" in page.words


@pytest.mark.parametrize("number", ["0", "-1", str(MOST_PAGES + 1), "9" * 30])
def test_a_page_that_nobody_turns_to_is_refused(desk: CheckedClient, number: str) -> None:
    assert desk.get(PEOPLE, {"p": number}).url == f"{PEOPLE}?e=1"


def test_a_page_that_is_no_number_is_the_first(desk: CheckedClient, ada: User) -> None:
    assert people_on(desk, p="x")[0] == "Ada King"


def test_a_long_list_costs_no_more_statements(
    desk: CheckedClient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    User.objects.bulk_create(User(issuer="x", sub=f"sub-{n}", username=f"u{n}") for n in range(300))
    with django_assert_max_num_queries(7):
        assert desk.get(PEOPLE).status_code == 200
    with django_assert_max_num_queries(11):
        assert desk.get(PEOPLE, {"q": "u1"}).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {"password__startswith": "pbkdf2"},
        {"name__icontains": "a"},
        {"sessions__tokens__startswith": "g"},
        {"is_superuser__exact": "1"},
        {"is_active__exact": "0"},
    ],
)
def test_an_address_filters_by_what_is_offered_only(desk: CheckedClient, query: dict[str, str]) -> None:
    assert desk.get(PEOPLE, query).status_code == 400


@pytest.mark.parametrize("parameter", sorted(filters.PARAMETERS))
def test_a_filter_takes_its_choices_only(desk: CheckedClient, parameter: str) -> None:
    assert desk.get(PEOPLE, {parameter: "anything' OR 1=1"}).url == f"{PEOPLE}?e=1"


STATES: dict[State, dict[str, object]] = {
    State.ACTIVE: {"cognito_status": Status.CONFIRMED},
    State.INVITED: {"cognito_status": Status.FORCE_CHANGE_PASSWORD},
    State.NOT_CONFIRMED: {"cognito_status": Status.UNCONFIRMED},
    State.RESET_REQUIRED: {"cognito_status": Status.RESET_REQUIRED},
    State.DISABLED: {"cognito_status": Status.FORCE_CHANGE_PASSWORD, "is_active": False},
    State.GONE: {"cognito_status": Status.GONE, "is_active": False},
    State.OTHER: {"cognito_status": Status.COMPROMISED},
}


@pytest.mark.parametrize("state", STATES)
def test_a_state_is_shown_and_filtered_by(desk: CheckedClient, state: State) -> None:
    for each, fields in STATES.items():
        somebody(each.value, email="", **fields)
    user = User.objects.get(username=state.value)
    assert State.of_user(user) is state
    assert list(User.objects.filter(state.people(), issuer="x")) == [user]
    page = Page.of(desk.get(PEOPLE, {"q": state.value}).content)
    assert [badge.text for badge in page.all("span") if "badge" in badge["class"]] == [str(state.label)]
    if state is not State.OTHER:
        assert state.value in people_on(desk, status=state.value)
        assert set(people_on(desk, status=state.value)) & set(STATES) == {state}


def test_every_status_that_cognito_has_stands_for_one_state() -> None:
    for status in [*Status, ""]:
        for enabled in (True, False):
            user = User(cognito_status=status, is_active=enabled)
            found = [state for state in State if matches(state, user)]
            assert found == [State.of_user(user)], (status, enabled)


def matches(state: State, user: User) -> bool:
    """Return whether the query for `state` is one for `user`."""
    wanted: dict[str, Any] = dict(cast(list[tuple[str, Any]], state.people().children))
    return wanted["is_active"] == user.is_active and user.cognito_status in wanted["cognito_status__in"]


def test_people_are_filtered_by_second_step_group_and_rank(desk: CheckedClient) -> None:
    group = Group.objects.create(name="members")
    ada = somebody("ada", second_factors=["SOFTWARE_TOKEN_MFA", "SMS_MFA"], is_staff=True)
    bob = somebody("bob")
    bob.groups.add(group)
    assert people_on(desk, two_step="on") == [ada.email]
    assert bob.email in people_on(desk, two_step="off")
    assert ada.email not in people_on(desk, two_step="off")
    assert people_on(desk, groups__id__exact=str(group.pk)) == [bob.email]
    assert ada.email in people_on(desk, staff="yes")
    assert bob.email not in people_on(desk, staff="yes")
    assert ada.email not in people_on(desk, staff="superuser")
    assert people_on(desk, staff="no") == [bob.email]
    assert people_on(desk, staff="no", q="ada") == []


def test_the_list_says_what_is_known_of_each(desk: CheckedClient) -> None:
    somebody("ada", name="Ada King", second_factors=["SMS_MFA", "SOFTWARE_TOKEN_MFA"], cognito_groups=["b", "a"])
    words = Page.of(desk.get(PEOPLE, {"q": "ada"}).content).one("tbody").text
    for expected in ("Ada King", "ada@example.com", "Active", "App, text message", "b, a", "\N{EN DASH}"):
        assert expected in words
    assert f"{timezone.now():%Y}" in words


def test_somebody_without_a_name_is_listed_by_address_alone(desk: CheckedClient) -> None:
    somebody("ada")
    assert Page.of(desk.get(PEOPLE, {"q": "ada"}).content).one("tbody").text.count("ada@example.com") == 1


def test_markup_in_a_name_is_text(desk: CheckedClient) -> None:
    somebody("ada", name="<script>alert(1)</script>", cognito_groups=["<b>"])
    page = Page.of(desk.get(PEOPLE).content)
    assert "<script>alert" not in page.html
    assert "<b>" not in page.html


def test_nobody_acts_on_people_who_are_not_on_the_page(desk: CheckedClient) -> None:
    form = OnThisPage({"action": "x", "select_across": "1"})
    form.fields["action"] = ChoiceField(choices=[("x", "x")])
    assert form.is_valid()
    assert form.cleaned_data["select_across"] is False


def read_by_index() -> None:
    """Have PostgreSQL use its indexes: with a handful of rows, reading them all is cheaper."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")


@pytest.mark.django_db
@pytest.mark.parametrize("index", INDEXED)
def test_people_are_found_by_an_index_in_its_order(index: str) -> None:
    read_by_index()
    with CaptureQueriesContext(connection) as captured:
        search.here(User.objects.order_by("-pk"), "ada")
    plans = [explained(query["sql"]) for query in captured]
    assert [plan for plan in plans if index in plan], plans
    assert [plan for plan in plans if index in plan and re.search("Sort|TEMP B-TREE", plan)] == []


def explained(statement: str) -> str:
    """Return the plan of a statement."""
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {statement}".replace("%", "%%"), [])
        return "\n".join(str(row) for row in cursor.fetchall())


FILTERED: dict[str, Callable[[], QuerySet[User]]] = {
    "accounts_user_state": lambda: User.objects.filter(State.INVITED.people()),
    "accounts_user_one_step": lambda: User.objects.filter(second_factors=[]),
    "accounts_user_two_steps": lambda: User.objects.exclude(second_factors=[]),
    "accounts_user_staff": lambda: User.objects.filter(is_staff=True),
    "accounts_user_groups_newest": lambda: User.objects.filter(groups=1),
}


@pytest.mark.django_db
@pytest.mark.parametrize("index", FILTERED)
def test_the_newest_of_a_filter_are_read_off_an_index(index: str) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite is for sites too small to notice; TEST_DATABASE_URL runs this on PostgreSQL")
    with connection.cursor() as cursor:
        # As with a million people: neither reading all of them nor sorting those who are found.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
    plan = FILTERED[index]().order_by("-pk")[:51].explain()
    assert index in plan
    assert "Sort" not in plan
