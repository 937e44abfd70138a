"""What the tests of the administration's pages share: where they are, who may see them, who is on a list."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from accounts.models import User
from tests.checked_client import CheckedClient
from tests.markup import Page

PEOPLE = "/admin/accounts/user/"


def allow(*permissions: str) -> None:
    """Have the members of the staff group do what these permissions say."""
    Group.objects.get(name="staff").permissions.add(*Permission.objects.filter(codename__in=permissions))


def page_of(person: User) -> str:
    """Return the address of somebody's page."""
    return reverse("admin:accounts_user_change", args=[person.pk])


def people_on(browser: CheckedClient, **query: str) -> list[str]:
    """Return the names of the people on the list, from the top."""
    page = Page.of(browser.get(PEOPLE, query).content)
    return [element.text for element in page.all("span", **{"class": "name"}) if "table" in element.ancestors]
