"""Rights come from groups: nobody raises their own, and only superusers touch superusers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from accounts.models import Session, User
from tests.accounts.admin_pages import allow, page_of
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.local_pool import LocalPool, Person

EVERYTHING = ("view_user", "change_user", "view_group", "add_group", "change_group", "delete_group")


@pytest.fixture
def clerk(browser_of: SignIn, staff: Person) -> CheckedClient:
    """The browser of a member of staff who holds every permission on people and groups, as a member of a group."""
    browser = browser_of(staff)
    allow(*EVERYTHING)
    return browser


@pytest.fixture
def superuser() -> User:
    return User.objects.create(issuer="x", sub="root", username="root", is_staff=True, is_superuser=True)


def person_of(staff: Person) -> User:
    return User.objects.get(sub=staff.sub)


def test_staff_give_nobody_a_personal_permission(clerk: CheckedClient) -> None:
    ada = User.objects.create(issuer="x", sub="ada", username="ada")
    every = [str(key) for key in Permission.objects.values_list("pk", flat=True)]
    assert clerk.post(page_of(ada), {"user_permissions": every, "_save": "Save"}).status_code == 403
    assert not ada.user_permissions.exists()


def test_nobody_changes_themselves(clerk: CheckedClient, staff: Person) -> None:
    me = person_of(staff)
    every = [str(key) for key in Permission.objects.values_list("pk", flat=True)]
    data = {"is_active": "on", "user_permissions": every, "is_superuser": "on", "_save": "Save"}
    assert clerk.post(page_of(me), data).status_code == 403
    assert len(me.get_all_permissions()) == len(EVERYTHING)
    assert not person_of(staff).is_superuser
    assert clerk.get(page_of(me)).status_code == 200


def test_a_superuser_does_not_shut_themselves_out(pool: LocalPool, browser_of: SignIn) -> None:
    root = pool.person(groups=(pool.env["COGNITO_SUPERUSER_GROUP"],))
    browser = browser_of(root)
    assert browser.post(page_of(person_of(root)), {"_save": "Save"}).status_code == 403
    assert person_of(root).is_active


def test_staff_do_not_switch_a_superuser_off(clerk: CheckedClient, superuser: User) -> None:
    assert clerk.get(page_of(superuser)).status_code == 200
    assert clerk.post(page_of(superuser), {"_save": "Save"}).status_code == 403
    superuser.refresh_from_db()
    assert superuser.is_active


@pytest.mark.parametrize("address", ["/admin/auth/group/add/", "change/", "delete/"])
def test_staff_change_no_group_whatever_they_may(clerk: CheckedClient, staff: Person, address: str) -> None:
    group = Group.objects.get(name="staff")
    path = address if address.startswith("/") else f"/admin/auth/group/{group.pk}/{address}"
    every = [str(key) for key in Permission.objects.values_list("pk", flat=True)]
    data = {"name": "staff", "permissions": every, "post": "yes", "_save": "Save"}
    assert clerk.post(path, data).status_code == 403
    assert len(person_of(staff).get_all_permissions()) == len(EVERYTHING)


def test_staff_delete_no_groups_from_the_list(clerk: CheckedClient) -> None:
    group = Group.objects.get(name="staff")
    chosen = {"action": "delete_selected", "_selected_action": str(group.pk), "post": "yes"}
    clerk.post("/admin/auth/group/", chosen)
    assert Group.objects.filter(pk=group.pk).exists()


def test_superusers_say_what_a_group_may_do(pool: LocalPool, browser_of: SignIn, staff: Person) -> None:
    browser_of(staff)
    desk = browser_of(pool.person(groups=(pool.env["COGNITO_SUPERUSER_GROUP"],)))
    group = Group.objects.get(name="staff")
    view = Permission.objects.get(codename="view_user")
    data = {"name": "staff", "permissions": [str(view.pk)], "_save": "Save"}
    assert desk.post(f"/admin/auth/group/{group.pk}/change/", data).status_code == 302
    assert person_of(staff).get_all_permissions() == {"accounts.view_user"}


def test_leaving_the_staff_group_takes_every_right(clerk: CheckedClient, pool: LocalPool, staff: Person) -> None:
    me = person_of(staff)
    me.user_permissions.add(Permission.objects.get(codename="change_user"))
    pool.admin("remove_user_from_group", staff, GroupName=pool.env["COGNITO_STAFF_GROUP"])
    Session.objects.exclude(tokens="").update(tokens_expire_at=timezone.now() + timedelta(seconds=60))
    assert clerk.get("/admin/", follow=True).status_code == 403
    me = person_of(staff)
    assert (me.is_staff, me.get_all_permissions()) == (False, set())
