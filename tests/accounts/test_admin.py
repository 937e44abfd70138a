"""The administration: entered by the site's own door, by those whom a group lets in, without any password field."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import Activity, User
from tests.accounts.admin_pages import PEOPLE, allow, page_of
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.markup import Page


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


def test_there_is_no_password_to_type(desk: CheckedClient, superuser: Person) -> None:
    page = Page.of(desk.get(page_of(User.objects.get())).content)
    assert page.all("input", type="password") == []
    assert "pbkdf2" not in page.html


def test_nothing_of_a_person_is_typed_here(desk: CheckedClient, ada: User) -> None:
    page = Page.of(desk.get(page_of(ada)).content)
    assert [form["id"] for form in page.all("form")] == ["logout-form"]
    group = Group.objects.create(name="attackers")
    planted = {"email": "changed@example.com", "is_staff": "on", "is_superuser": "on", "groups": str(group.pk)}
    before = User.objects.filter(pk=ada.pk).values().get()
    assert desk.post(page_of(ada), {**planted, "is_active": "", "_save": "Save"}).status_code == 403
    assert User.objects.filter(pk=ada.pk).values().get() == before
    assert not ada.groups.exists()


def test_nobody_is_added_or_deleted_by_hand(desk: CheckedClient) -> None:
    assert desk.get(f"{PEOPLE}add/").status_code == 403
    assert desk.get(reverse("admin:accounts_user_delete", args=[User.objects.get().pk])).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": str(User.objects.get().pk), "post": "yes"}
    desk.post(PEOPLE, chosen)
    assert User.objects.count() == 1


def test_nobody_writes_activity_by_hand(desk: CheckedClient, ada: User) -> None:
    row = Activity.objects.create(user=ada, kind=Activity.Kind.PASSKEY_ADDED)
    assert desk.get("/admin/accounts/activity/add/").status_code == 403
    assert desk.post(f"/admin/accounts/activity/{row.pk}/change/", {"kind": "signed_in"}).status_code == 403
    assert desk.post(f"/admin/accounts/activity/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"}
    desk.post("/admin/accounts/activity/", chosen)
    assert Activity.objects.filter(pk=row.pk, kind=Activity.Kind.PASSKEY_ADDED).exists()


def test_the_admin_keeps_the_policy(desk: CheckedClient) -> None:
    for path in ("/admin/", PEOPLE, f"{PEOPLE}?q=nobody", page_of(User.objects.get())):
        response = desk.get(path)
        assert "unsafe" not in response["Content-Security-Policy"]
        assert "default-src 'none'" in response["Content-Security-Policy"]
