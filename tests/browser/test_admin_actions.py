"""Acts of the administration in Chromium, under the strict policy: what the rendered pages send, and axe."""

from __future__ import annotations

import secrets

import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import expect

from accounts.models import User
from tests.accounts.administrators import known
from tests.browser.conftest import Visit, Visitor
from tests.local_pool import LocalPool, new_email
from tests.second_factors import with_app


def desk(visit: Visit, **kind: object) -> Visitor:
    """Open the browser of a superuser, at the list of people."""
    visitor = visit(**kind)
    person = visitor.pool.person(groups=(visitor.pool.env["COGNITO_SUPERUSER_GROUP"],))
    visitor.go("/admin/accounts/user/")
    visitor.send("Sign in", username=person.email, password=person.password)
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("People")
    return visitor


def tool(visitor: Visitor, name: str) -> None:
    """Follow one of the tools of a page."""
    visitor.page.locator(".object-tools").get_by_role("link", name=name, exact=True).click()


def told(visitor: Visitor, sentence: str) -> None:
    """Wait for a message."""
    expect(visitor.page.locator(".messagelist")).to_contain_text(sentence)


def people(pool: LocalPool, number: int) -> list[User]:
    return [known(pool, pool.person(name=f"Person {letter}")) for letter in "abcde"[:number]]


KINDS: list[dict[str, object]] = [
    {"color_scheme": "dark", "width": 320},
    {"javascript": False},
]


@pytest.mark.parametrize("kind", KINDS, ids=["narrow and dark", "without JavaScript"])
def test_several_people_are_disabled_from_the_list(visit: Visit, kind: dict[str, object]) -> None:
    visitor = desk(visit, **kind)
    chosen = people(visitor.pool, 3)
    gone = chosen[2]
    visitor.pool.root.admin_delete_user(UserPoolId=visitor.pool.id, Username=gone.username)
    visitor.go("/admin/accounts/user/")
    for user in chosen:
        visitor.page.locator(f"input[name=_selected_action][value='{user.pk}']").check()
    visitor.page.locator("select[name=action]").select_option("disable")
    visitor.page.locator(".actions").get_by_role("button").first.click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Disable 3 people?")
    visitor.look("several people")
    visitor.press("Disable")
    told(visitor, "2 people are disabled.")
    told(visitor, f"{gone}: nothing was changed. No longer exists in Cognito.")
    assert not User.objects.filter(pk__in=[user.pk for user in chosen], is_active=True).exists()


@pytest.mark.parametrize("kind", KINDS, ids=["narrow and dark", "without JavaScript"])
def test_a_person_is_helped_from_their_page(visit: Visit, kind: dict[str, object]) -> None:
    visitor = desk(visit, **kind)
    person = visitor.pool.person(name="Grace Hopper")
    with_app(visitor.pool, person)
    grace = known(visitor.pool, person)
    steps = [
        ("Remove authenticator app", "Remove authenticator app", "Authenticator app of Grace Hopper removed."),
        ("Sign out everywhere", "Sign out everywhere", "Grace Hopper is signed out everywhere."),
        ("Reset password", "Reset password", "Grace Hopper has to choose a new password."),
        ("Bring up to date", "Bring up to date", "Grace Hopper is up to date."),
        ("Disable", "Disable", "Grace Hopper is disabled."),
        ("Enable", "Enable", "Grace Hopper is enabled."),
    ]
    visitor.go(f"/admin/accounts/user/{grace.pk}/change/")
    for name, button, sentence in steps:
        tool(visitor, name)
        visitor.look(name)
        visitor.press(button)
        told(visitor, sentence)
    tool(visitor, "Delete")
    visitor.press("Delete")
    expect(visitor.page.get_by_role("alert")).to_contain_text("Nothing was done.")
    visitor.look("delete, refused")
    visitor.send("Delete", typed=person.email)
    told(visitor, "Grace Hopper is deleted.")
    assert visitor.pool.status(person.email) == ""


@pytest.mark.parametrize("kind", KINDS, ids=["narrow and dark", "without JavaScript"])
def test_somebody_is_invited_corrected_and_put_into_a_group(visit: Visit, kind: dict[str, object]) -> None:
    visitor = desk(visit, **kind)
    name, email, right = f"editors-{secrets.token_hex(4)}", new_email("grace"), new_email("right")
    visitor.pool.root.create_group(UserPoolId=visitor.pool.id, GroupName=name)
    tool(visitor, "Invite a person")
    visitor.look("invite")
    visitor.press("Send invitation")
    expect(visitor.page.locator(".errorlist")).to_contain_text("Enter their address.")
    visitor.look("invite, refused")
    visitor.send("Send invitation", email=email, name="Grace Hopper")
    told(visitor, f"Invitation sent to {email}.")
    tool(visitor, "Resend invitation")
    visitor.look("resend")
    visitor.press("Resend invitation")
    told(visitor, f"New invitation sent to {email}.")
    assert len(visitor.pool.mails(email)) == 2
    tool(visitor, "Correct email")
    visitor.look("email")
    visitor.fill(email=right)
    visitor.page.get_by_label("Verified: I have made sure").check()
    visitor.press("Save email")
    told(visitor, f"The email of Grace Hopper is now {right}.")
    tool(visitor, "Change groups")
    visitor.look("groups of a person")
    visitor.page.get_by_label(name, exact=True).check()
    visitor.press("Save groups")
    told(visitor, f"Grace Hopper is now in: {name}.")
    assert User.objects.get(email=right).cognito_groups == [name]


@pytest.mark.parametrize("kind", KINDS, ids=["narrow and dark", "without JavaScript"])
def test_a_group_is_made_described_renamed_and_deleted(visit: Visit, kind: dict[str, object]) -> None:
    visitor = desk(visit, **kind)
    name, other = (f"editors-{secrets.token_hex(4)}" for _ in range(2))
    visitor.go("/admin/auth/group/")
    visitor.look("list of groups")
    tool(visitor, "Add group")
    visitor.look("add group")
    visitor.send("Add group", name="two words")
    expect(visitor.page.locator(".errorlist")).to_contain_text("no spaces")
    visitor.send("Add group", name=name, description="They write.")
    told(visitor, f"{name} is created.")
    group = Group.objects.get(name=name)
    person = visitor.pool.person(name="Grace Hopper")
    visitor.pool.admin("add_user_to_group", person, GroupName=name)
    visitor.go(f"/admin/auth/group/{group.pk}/change/")
    expect(visitor.page.get_by_role("table")).to_contain_text(person.email)
    visitor.look("group")
    visitor.page.get_by_label("Can disable people").check()
    visitor.press("Save")
    told(visitor, "was changed successfully")
    assert group.permissions.get().codename == "disable_user"
    visitor.go(f"/admin/auth/group/{group.pk}/change/")
    tool(visitor, "Change description")
    visitor.look("describe")
    visitor.send("Save description", precedence="3")
    told(visitor, f"The description of {name} is changed.")
    tool(visitor, "Rename")
    visitor.look("rename")
    visitor.send("Rename group", name=other)
    told(visitor, f"The group is now called {other}.")
    tool(visitor, "Delete")
    visitor.look("delete group")
    visitor.press("Delete group")
    told(visitor, f"{other} is deleted.")
    assert not Group.objects.filter(pk=group.pk).exists()
