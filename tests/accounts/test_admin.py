"""The administration: entered by the site's own door, by those whom a group lets in, without any password field."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts import after_answer
from accounts.admin import SHOWN_ACTIVITY
from accounts.models import Activity, Session, User
from tests.accounts.test_refresh import tokens_of
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.markup import Page

Capture = Callable[..., AbstractContextManager[list[Any]]]
PEOPLE = "/admin/accounts/user/"


@pytest.fixture
def superuser(pool: LocalPool) -> Person:
    return pool.person(groups=(pool.env["COGNITO_SUPERUSER_GROUP"],))


@pytest.fixture
def desk(browser_of: SignIn, superuser: Person) -> CheckedClient:
    """The browser of somebody who may do everything."""
    return browser_of(superuser)


@pytest.fixture
def ada() -> User:
    """Somebody who is neither staff nor the one at the desk."""
    return User.objects.create(issuer="x", sub="sub-of-ada", username="ada", email="ada@example.com", name="Ada King")


def allow(*permissions: str) -> None:
    """Have the members of the staff group do what these permissions say."""
    Group.objects.get(name="staff").permissions.add(*Permission.objects.filter(codename__in=permissions))


def values_of(person: User, name: str) -> str:
    """Return what the database says of a field."""
    value = getattr(User.objects.get(pk=person.pk), name)
    return str(list(value.all())) if name == "groups" else str(value)


def form_of(page: Page) -> dict[str, str]:
    """Return what a browser posts that changes nothing on a person's page and presses Save."""
    forms = [number for number, element in enumerate(page.elements) if element.tag == "form"]
    first = next(number for number in forms if page.elements[number]["id"] == "user_form")
    last = next((number for number in forms if number > first), len(page.elements))
    fields = [element for element in page.elements[first:last] if element.tag in {"input", "select", "textarea"}]
    assert all(element.tag == "input" for element in fields)
    posted = {e["name"]: e["value"] for e in fields if e["type"] not in {"submit", "checkbox"}}
    ticked = {e["name"]: "on" for e in fields if e["type"] == "checkbox" and "checked" in e}
    return {**posted, **ticked, "_save": "Save"}


def page_of(person: User) -> str:
    return reverse("admin:accounts_user_change", args=[person.pk])


def test_the_way_in_is_the_sites(client: CheckedClient, pool: LocalPool) -> None:
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0].startswith("/login/?next=")
    assert "/admin/" in Page.of(response.content).one("input", name="next")["value"]


def test_a_local_password_opens_nothing(client: CheckedClient, pool: LocalPool, cognito: FaultProxy) -> None:
    # A name that the form takes, or nobody would be asked.
    user = User(username="root@example.com", email="root@example.com", issuer="local", sub="root")
    user.is_staff = user.is_superuser = True
    user.set_password("Correct-horse-1")
    user.save()
    for number, path in enumerate(("/login/", "/admin/login/"), 1):
        client.post(path, {"username": "root@example.com", "password": "Correct-horse-1"}, follow=True)
        assert client.get("/admin/").status_code == 302
        assert cognito.calls["InitiateAuth"] >= min(number, 1)


def test_staff_come_in_and_go_where_they_were_going(client: CheckedClient, pool: LocalPool, staff: Person) -> None:
    data = {"username": staff.email, "password": staff.password, "next": "/admin/"}
    assert client.post("/login/", data).url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_others_are_told_that_this_is_not_for_them(signed_in: CheckedClient) -> None:
    assert signed_in.get("/admin/", follow=True).status_code == 403
    assert signed_in.get("/account/").status_code == 200


def test_staff_without_a_permission_see_nobody(browser_of: SignIn, staff: Person) -> None:
    assert browser_of(staff).get(PEOPLE).status_code == 403


def test_a_permission_is_enough(browser_of: SignIn, staff: Person) -> None:
    browser = browser_of(staff)
    allow("view_user")
    assert browser.get(PEOPLE).status_code == 200


def test_people_are_found_by_address_name_and_subject(desk: CheckedClient, pool: LocalPool, ada: User) -> None:
    User.objects.create(issuer="x", sub="sub-of-bob", username="bob", email="bob@example.com")
    for query in ("ada@ex", "ada k", "Ada King", "sub-of-ada"):
        page = Page.of(desk.get(PEOPLE, {"q": query}).content)
        links = [link["href"].partition("?")[0] for link in page.all("a")]
        assert [link for link in links if link.endswith("/change/")] == [page_of(ada)], query


def test_there_is_no_password_to_type(desk: CheckedClient, superuser: Person) -> None:
    page = Page.of(desk.get(page_of(User.objects.get())).content)
    assert page.all("input", type="password") == []
    assert "pbkdf2" not in page.html


@pytest.mark.parametrize("name", ["sub", "issuer", "email", "is_staff", "is_superuser", "username", "name", "groups"])
def test_what_cognito_owns_is_shown_and_not_changed(desk: CheckedClient, ada: User, name: str) -> None:
    page = Page.of(desk.get(page_of(ada)).content)
    assert [field for field in page.elements if field["name"] == name] == []
    before = values_of(ada, name)
    group = Group.objects.create(name="attackers")
    planted = {"groups": str(group.pk), "email": "changed@example.com", "is_staff": "on", "is_superuser": "on"}
    response = desk.post(page_of(ada), {**form_of(page), name: planted.get(name, "changed")})
    # Taken, with what it may not change left out.
    assert response.status_code == 302
    assert values_of(ada, name) == before


def test_what_the_form_may_change_is_changed(desk: CheckedClient, ada: User) -> None:
    page = Page.of(desk.get(page_of(ada)).content)
    form = form_of(page)
    assert form.pop("is_active") == "on"
    assert desk.post(page_of(ada), form).status_code == 302
    assert values_of(ada, "is_active") == "False"


def test_nobody_is_added_or_deleted_by_hand(desk: CheckedClient) -> None:
    assert desk.get(f"{PEOPLE}add/").status_code == 403
    assert desk.get(reverse("admin:accounts_user_delete", args=[User.objects.get().pk])).status_code == 403


def switch(browser: CheckedClient, person: User, capture: Capture, *, on: bool = False) -> int:
    """Switch somebody off, or on again, as the rendered page does; return the status of the answer."""
    form = form_of(Page.of(browser.get(page_of(person)).content))
    form.pop("is_active", None)
    with capture(execute=True):
        status: int = browser.post(page_of(person), form | ({"is_active": "on"} if on else {})).status_code
    after_answer.flush()
    return status


def test_switching_somebody_off_ends_their_sessions_at_once(
    desk: CheckedClient, browser_of: SignIn, person: Person, django_capture_on_commit_callbacks: Capture
) -> None:
    browser = browser_of(person)
    ada = User.objects.get(sub=person.sub)
    assert Session.objects.filter(user=ada).exists()
    assert switch(desk, ada, django_capture_on_commit_callbacks) == 302
    assert not Session.objects.filter(user=ada).exists()
    assert browser.get("/account/").status_code == 302


def test_switching_somebody_off_revokes_their_tokens_and_is_recorded(
    desk: CheckedClient,
    browser_of: SignIn,
    person: Person,
    cognito: FaultProxy,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    tokens = [tokens_of(browser_of(person)).refresh_token for _ in range(2)]
    ada = User.objects.get(sub=person.sub)
    switch(desk, ada, django_capture_on_commit_callbacks)
    assert cognito.calls["RevokeToken"] == 2
    assert cognito.last("RevokeToken")["Token"] in tokens
    row = Activity.objects.filter(user=ada).first()
    # Whence, and by whom, is the administrators' affair.
    assert row
    assert (row.kind, row.ip_address, row.user_agent) == (Activity.Kind.SHUT_OUT, None, "")
    switch(desk, ada, django_capture_on_commit_callbacks, on=True)
    assert cognito.calls["RevokeToken"] == 2
    assert Activity.objects.filter(user=ada, kind=Activity.Kind.LET_IN).count() == 1


def test_saving_without_a_change_records_and_ends_nothing(
    desk: CheckedClient, browser_of: SignIn, person: Person, django_capture_on_commit_callbacks: Capture
) -> None:
    browser_of(person)
    ada = User.objects.get(sub=person.sub)
    switch(desk, ada, django_capture_on_commit_callbacks, on=True)
    assert Session.objects.filter(user=ada).count() == 1
    assert Activity.objects.filter(user=ada).count() == 1


def test_what_happened_is_shown_and_is_no_form(
    desk: CheckedClient, ada: User, django_capture_on_commit_callbacks: Capture
) -> None:
    kinds = [Activity.Kind.PASSKEY_ADDED] + [Activity.Kind.SIGNED_IN] * SHOWN_ACTIVITY
    Activity.objects.bulk_create(Activity(user=ada, kind=kind) for kind in kinds * 10)
    page = Page.of(desk.get(page_of(ada)).content)
    assert page.words.count("Signed in") == SHOWN_ACTIVITY
    assert "Added a passkey" not in page.words
    assert form_of(page).keys() == {"csrfmiddlewaretoken", "is_active", "_save"}
    everything = next(
        link["href"] for link in page.all("a") if "activity" in link["href"] and "user__id" in link["href"]
    )
    cells = [" ".join(cell.text.split()) for cell in Page.of(desk.get(everything).content).all("td")]
    assert "Added a passkey" in cells
    # The sign-in of whoever is at the desk is not Ada's.
    assert "Signed in here for the first time" not in cells
    assert switch(desk, ada, django_capture_on_commit_callbacks) == 302


def test_activity_is_for_those_who_may_see_it(browser_of: SignIn, staff: Person, ada: User) -> None:
    browser = browser_of(staff)
    allow("view_user")
    Activity.objects.create(user=ada, kind=Activity.Kind.PASSKEY_ADDED)
    assert "Added a passkey" not in Page.of(browser.get(page_of(ada)).content).words
    assert browser.get("/admin/accounts/activity/").status_code == 403
    allow("view_activity")
    assert "Added a passkey" in Page.of(browser.get(page_of(ada)).content).words
    assert browser.get("/admin/accounts/activity/").status_code == 200


def test_nobody_writes_activity_by_hand(desk: CheckedClient, ada: User) -> None:
    row = Activity.objects.create(user=ada, kind=Activity.Kind.PASSKEY_ADDED)
    assert desk.get("/admin/accounts/activity/add/").status_code == 403
    assert desk.post(f"/admin/accounts/activity/{row.pk}/change/", {"kind": "signed_in"}).status_code == 403
    assert desk.post(f"/admin/accounts/activity/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"}
    desk.post("/admin/accounts/activity/", chosen)
    assert Activity.objects.filter(pk=row.pk, kind=Activity.Kind.PASSKEY_ADDED).exists()


def test_a_long_list_costs_no_more_statements(
    desk: CheckedClient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    User.objects.bulk_create(User(issuer="x", sub=f"sub-{n}", username=f"u{n}") for n in range(300))
    with django_assert_max_num_queries(8):
        assert desk.get(PEOPLE).status_code == 200


def test_the_admin_keeps_the_policy(desk: CheckedClient) -> None:
    for path in ("/admin/", PEOPLE, page_of(User.objects.get())):
        response = desk.get(path)
        assert "unsafe" not in response["Content-Security-Policy"]
        assert "default-src 'none'" in response["Content-Security-Policy"]
