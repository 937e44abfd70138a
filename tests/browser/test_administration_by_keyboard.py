"""The administration without a mouse: people found, chosen, invited and helped, groups, and the record."""

from __future__ import annotations

import secrets

import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import expect

from accounts import activity
from accounts.context import Context
from accounts.models import Activity, User
from tests.accounts.admin_pages import PEOPLE, page_of
from tests.accounts.administrators import known
from tests.browser.conftest import Visit
from tests.browser.test_account_pages import Typist
from tests.browser.test_journey import tab_to
from tests.conftest import SignIn
from tests.local_pool import LocalPool, new_email


@pytest.fixture
def desk(visit: Visit, pool: LocalPool, browser_of: SignIn) -> Typist:
    """Somebody who may do everything, and has no mouse."""
    visitor = visit()
    visitor.be(browser_of(pool.person(groups=(pool.env["COGNITO_SUPERUSER_GROUP"],), name="Edith Clarke")))
    return Typist(visitor)


def told(desk: Typist, sentence: str) -> None:
    """Wait for a message."""
    expect(desk.visitor.page.locator(".messagelist")).to_contain_text(sentence)


def answer(desk: Typist, question: str, button: str) -> None:
    """Arrive at a question, and press its button."""
    desk.arrive(question)
    desk.activate(button)


def replace(desk: Typist, field: str, value: str) -> None:
    """Type `value` in place of what stands in the field, once its page is there."""
    expect(desk.visitor.page.locator(field)).to_be_visible()
    tab_to(desk.visitor, field)
    desk.keyboard.press("Control+A")
    desk.keyboard.type(value)


def check(desk: Typist, field: str) -> None:
    """Check a box, once its page is there."""
    expect(desk.visitor.page.locator(field).first).to_be_visible()
    tab_to(desk.visitor, field)
    desk.keyboard.press("Space")


def test_somebody_is_found_and_disabled(desk: Typist, pool: LocalPool) -> None:
    user = known(pool, pool.person(name="Bob Moss"))
    desk.visitor.go("/account/")
    tab_to(desk.visitor, "summary")
    desk.keyboard.press("Enter")
    desk.activate("Administration")
    expect(desk.visitor.page).to_have_url(f"{desk.visitor.site}/admin/")
    desk.activate("People")
    desk.arrive("People")
    tab_to(desk.visitor, "#searchbar")
    desk.keyboard.type(user.email)
    desk.keyboard.press("Enter")
    desk.visitor.page.wait_for_url("**/?q=*")
    tab_to(desk.visitor, "#result_list tbody a")
    desk.keyboard.press("Enter")
    desk.arrive("Bob Moss")
    desk.activate("Disable")
    answer(desk, "Disable Bob Moss?", "Disable")
    told(desk, "Bob Moss is disabled.")
    user.refresh_from_db()
    assert not user.is_active


def test_several_are_chosen_in_the_list_and_disabled(desk: Typist, pool: LocalPool) -> None:
    several = [known(pool, pool.person(name=f"Person {letter}")) for letter in "ab"]
    desk.visitor.go(PEOPLE)
    tab_to(desk.visitor, "select[name=action]")
    desk.keyboard.type("Disable")
    for user in sorted(several, key=lambda user: -user.pk):
        check(desk, f'input[name=_selected_action][value="{user.pk}"]')
    desk.visitor.page.keyboard.press("Enter")
    answer(desk, "Disable 2 people?", "Disable")
    told(desk, "2 people are disabled.")
    assert not User.objects.filter(pk__in=[user.pk for user in several], is_active=True).exists()


def test_somebody_is_invited_corrected_put_into_a_group_and_deleted(desk: Typist, pool: LocalPool) -> None:
    name, email, right = f"editors-{secrets.token_hex(4)}", new_email("grace"), new_email("right")
    pool.root.create_group(UserPoolId=pool.id, GroupName=name)
    desk.visitor.go(PEOPLE)
    desk.activate("Invite a person")
    desk.arrive("Invite a person")
    replace(desk, "#id_email", email)
    replace(desk, "#id_name", "Grace Hopper")
    desk.activate("Send invitation")
    told(desk, f"Invitation sent to {email}.")
    desk.activate("Correct email")
    replace(desk, "#id_email", right)
    tab_to(desk.visitor, "main input[type=radio]")
    desk.keyboard.press("ArrowDown")
    desk.activate("Save email")
    told(desk, f"The email of Grace Hopper is now {right}.")
    desk.activate("Change groups")
    check(desk, f'main input[type=checkbox][value="{name}"]')
    desk.activate("Save groups")
    told(desk, f"Grace Hopper is now in: {name}.")
    desk.activate("Delete")
    replace(desk, "#id_typed", right)
    desk.activate("Delete")
    told(desk, "Grace Hopper is deleted.")
    assert pool.status(right) == ""


def test_a_group_is_made_described_renamed_and_deleted(desk: Typist) -> None:
    name, other = (f"editors-{secrets.token_hex(4)}" for _ in range(2))
    desk.visitor.go("/admin/auth/group/")
    desk.activate("Add group")
    replace(desk, "#id_name", name)
    replace(desk, "#id_description", "They write.")
    desk.activate("Add group")
    told(desk, f"{name} is created.")
    group = Group.objects.get(name=name)
    desk.visitor.go(f"/admin/auth/group/{group.pk}/change/")
    desk.activate("Change description")
    replace(desk, "#id_precedence", "3")
    desk.activate("Save description")
    told(desk, f"The description of {name} is changed.")
    desk.activate("Rename")
    replace(desk, "#id_name", other)
    desk.activate("Rename group")
    told(desk, f"The group is now called {other}.")
    desk.activate("Delete")
    answer(desk, f"Delete {other}?", "Delete group")
    told(desk, f"{other} is deleted.")
    assert not Group.objects.filter(pk=group.pk).exists()


def test_the_record_is_filtered_and_read(desk: Typist, pool: LocalPool) -> None:
    user = known(pool, pool.person(name="Bob Moss"))
    activity.write(Activity.Kind.SHUT_OUT, user, by=user, context=Context("192.0.2.7", "", "a" * 32))
    desk.visitor.go(page_of(user))
    desk.visitor.go("/admin/accounts/activity/")
    tab_to(desk.visitor, "#result_list tbody a")
    desk.keyboard.press("Enter")
    expect(desk.visitor.page.get_by_role("main")).to_contain_text("192.0.2.7")
    desk.activate("Activity")
    desk.arrive("Activity")
    tab_to(desk.visitor, "#date-until")
    desk.keyboard.type("01012020")
    desk.activate("Apply")
    expect(desk.visitor.page.get_by_role("main")).to_contain_text("Nothing has been recorded that fits.")
