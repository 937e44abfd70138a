"""The administration: entered by the site's own door, by those whom a group lets in, without any password field."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Activity, Session, User
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.local_pool import LocalPool, Person
from tests.markup import Page

PEOPLE = "/admin/accounts/user/"


@pytest.fixture
def superuser(pool: LocalPool) -> Person:
    return pool.person(groups=(pool.env["COGNITO_SUPERUSER_GROUP"],))


@pytest.fixture
def desk(browser_of: SignIn, superuser: Person) -> CheckedClient:
    """The browser of somebody who may do everything."""
    return browser_of(superuser)


def page_of(person: User) -> str:
    return reverse("admin:accounts_user_change", args=[person.pk])


def test_r55_the_way_in_is_the_sites(client: CheckedClient, pool: LocalPool) -> None:
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0].startswith("/login/?next=")
    assert "/admin/" in Page.of(response.content).one("input", name="next")["value"]


def test_r55_a_local_password_opens_nothing(client: CheckedClient, pool: LocalPool) -> None:
    user = User(username="root", issuer="local", sub="root", is_staff=True, is_superuser=True)
    user.set_password("Correct-horse-1")
    user.save()
    for path in ("/login/", "/admin/login/"):
        client.post(path, {"username": "root", "password": "Correct-horse-1"})
        assert client.get("/admin/").status_code == 302


def test_d1_staff_come_in_and_go_where_they_were_going(client: CheckedClient, pool: LocalPool, staff: Person) -> None:
    data = {"username": staff.email, "password": staff.password, "next": "/admin/"}
    assert client.post("/login/", data).url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_others_are_told_that_this_is_not_for_them(signed_in: CheckedClient) -> None:
    assert signed_in.get("/admin/", follow=True).status_code == 403
    assert signed_in.get("/account/").status_code == 200


def test_r56_staff_without_a_permission_see_nobody(browser_of: SignIn, staff: Person) -> None:
    assert browser_of(staff).get(PEOPLE).status_code == 403


def test_r56_a_permission_is_enough(browser_of: SignIn, staff: Person) -> None:
    browser = browser_of(staff)
    User.objects.get(sub=staff.sub).user_permissions.add(Permission.objects.get(codename="view_user"))
    assert browser.get(PEOPLE).status_code == 200


def test_d2_people_are_found_by_address_name_and_subject(desk: CheckedClient, pool: LocalPool) -> None:
    ada = User.objects.create(issuer="x", sub="sub-of-ada", username="ada", email="ada@example.com", name="Ada King")
    User.objects.create(issuer="x", sub="sub-of-bob", username="bob", email="bob@example.com")
    for query in ("ada@ex", "ada k", "Ada King", "sub-of-ada"):
        page = Page.of(desk.get(PEOPLE, {"q": query}).content)
        links = [link["href"].partition("?")[0] for link in page.all("a")]
        assert [link for link in links if link.endswith("/change/")] == [page_of(ada)], query


def test_d5_there_is_no_password_to_type(desk: CheckedClient, superuser: Person) -> None:
    page = Page.of(desk.get(page_of(User.objects.get())).content)
    assert page.all("input", type="password") == []
    assert "pbkdf2" not in page.html


@pytest.mark.parametrize("name", ["sub", "issuer", "email", "is_staff", "is_superuser", "username", "name"])
def test_d7_what_cognito_owns_is_shown_and_not_changed(desk: CheckedClient, superuser: Person, name: str) -> None:
    user = User.objects.get()
    page = Page.of(desk.get(page_of(user)).content)
    assert [field for field in page.elements if field["name"] == name] == []
    before = getattr(user, name)
    desk.post(page_of(user), {name: "changed", "is_active": "on", "_save": "Save"})
    user.refresh_from_db()
    assert getattr(user, name) == before


def test_nobody_is_added_or_deleted_by_hand(desk: CheckedClient) -> None:
    assert desk.get(f"{PEOPLE}add/").status_code == 403
    assert desk.get(reverse("admin:accounts_user_delete", args=[User.objects.get().pk])).status_code == 403


def test_switching_somebody_off_ends_their_sessions_at_once(
    desk: CheckedClient, browser_of: SignIn, person: Person
) -> None:
    browser = browser_of(person)
    ada = User.objects.get(sub=person.sub)
    assert Session.objects.filter(user=ada).exists()
    inline = {"activity-TOTAL_FORMS": "0", "activity-INITIAL_FORMS": "0"}
    assert desk.post(page_of(ada), {**inline, "_save": "Save"}).status_code == 302
    assert not Session.objects.filter(user=ada).exists()
    assert browser.get("/account/").status_code == 302


def test_d6_what_happened_is_shown_and_not_changed(desk: CheckedClient, superuser: Person) -> None:
    user = User.objects.get()
    assert Activity.objects.filter(user=user, kind="signed_in").exists()
    page = Page.of(desk.get(page_of(user)).content)
    assert "Signed in" in page.words
    assert [
        field for field in page.elements if field["name"].startswith("activity-0-") and "kind" in field["name"]
    ] == []


def test_d8_a_long_list_costs_no_more_statements(
    desk: CheckedClient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    User.objects.bulk_create(User(issuer="x", sub=f"sub-{n}", username=f"u{n}") for n in range(300))
    with django_assert_max_num_queries(8):
        assert desk.get(PEOPLE).status_code == 200


def test_r63_the_admin_keeps_the_policy(desk: CheckedClient) -> None:
    for path in ("/admin/", PEOPLE, page_of(User.objects.get())):
        response = desk.get(path)
        assert "unsafe" not in response["Content-Security-Policy"]
        assert "default-src 'none'" in response["Content-Security-Policy"]
