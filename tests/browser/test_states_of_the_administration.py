"""Every state of the administration, wide and narrow, light and dark: lists, filters, people, questions, refusals."""

from __future__ import annotations

import secrets

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import Group
from pytest_django import Settings

from accounts import activity
from accounts.admin.acts import ACTS
from accounts.context import Context
from accounts.models import Activity, User
from tests import fault_proxy
from tests.accounts.admin_pages import PEOPLE, page_of
from tests.accounts.administrators import known
from tests.browser.conftest import Visit, Visitor
from tests.browser.test_admin import somebody_kept
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, Person, new_email
from tests.second_factors import with_app

GROUPS, RECORD = "/admin/auth/group/", "/admin/accounts/activity/"


@pytest.fixture
def desk(visit: Visit, pool: LocalPool, browser_of: SignIn) -> Visitor:
    """The browser of somebody who may do everything."""
    visitor = visit()
    visitor.be(browser_of(pool.person(groups=(pool.env["COGNITO_SUPERUSER_GROUP"],), name="Grace Hopper")))
    return visitor


def test_lists_of_people(desk: Visitor, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    user, invited = somebody_kept(desk), desk.pool.invited(name="Barbara Liskov")
    User.objects.bulk_create(User(issuer="x", sub=f"sub-{n}", username=f"u{n}") for n in range(8))
    monkeypatch.setattr(site.get_model_admin(User), "list_per_page", 6)
    for address, name, says in (
        ("/admin/", "index", "Administration"),
        (PEOPLE, "people", "Invite a person"),
        (f"{PEOPLE}?p=2", "second page", user.email),
        (f"{PEOPLE}?p=9", "a page that is no more", "Nobody is on this page any more."),
        (f"{PEOPLE}?status=active&two_step=on&staff=no", "filtered", user.email),
        (f"{PEOPLE}?status=disabled", "filtered, nobody", "Nobody here fits what you look for."),
        (f"{PEOPLE}?q=known+by", "found", user.email),
        (f"{PEOPLE}?q={invited.email}", "found in the pool", "Found in Cognito"),
        (f"{PEOPLE}?q={new_email('nobody')}", "found nowhere", "Nobody was found, neither here nor in Cognito."),
        (f"{PEOPLE}{user.pk}/change/", "somebody who is signed in", "2001:db8::1"),
        (f"{PEOPLE}{user.pk}/history/", "history", "Change history"),
    ):
        desk.go(address)
        desk.examine(name, says)
    cognito.fail("ListUsers", fault_proxy.server_error())
    desk.go(f"{PEOPLE}?q={new_email('nobody')}")
    desk.examine("cannot be looked for", "Cognito was asked, too:")
    desk.go(PEOPLE)
    desk.page.locator("select[name=action]").select_option("disable")
    desk.page.locator(".actions").get_by_role("button").first.click()
    desk.examine("nobody chosen", "Items must be selected")


def test_people_in_each_standing_and_what_can_be_done(desk: Visitor, pool: LocalPool, cognito: FaultProxy) -> None:
    person = pool.person(name="Wolfeschlegelsteinhausenbergerdorff", phone_number="+442079460042")
    with_app(pool, person)
    user, invited = known(pool, person), known(pool, pool.invited(name="Barbara Liskov"))
    desk.go(page_of(user))
    desk.examine("active", "This person is signed in nowhere.")
    offered = look_at_tools(desk, user)
    desk.go(page_of(invited))
    desk.examine("invited", "Invited")
    offered |= look_at_tools(desk, invited, but=offered)
    email = new_email()
    CheckedClient().post("/register/", {"email": email, "password1": PASSWORD})
    newcomer = known(pool, Person(email, PASSWORD, ""))
    desk.go(page_of(newcomer))
    desk.examine("not confirmed", "Not confirmed")
    offered |= look_at_tools(desk, newcomer, but=offered)
    pool.admin("reset_user_password", person)
    known(pool, person)
    desk.go(page_of(user))
    desk.examine("reset required", "Reset required")
    pool.admin("disable_user", person)
    known(pool, person)
    desk.go(page_of(user))
    desk.examine("disabled", "Disabled")
    offered |= look_at_tools(desk, user, but=offered)
    assert len(offered) >= len(ACTS) - 3, offered
    cognito.fail("AdminGetUser", fault_proxy.server_error())
    desk.go(page_of(user))
    desk.examine("as known last", "What stands here is what was known last.")
    cognito.fail("AdminEnableUser", fault_proxy.aws_error("TooManyRequestsException"))
    desk.page.locator(".object-tools").get_by_role("link", name="Enable").click()
    desk.press("Enable")
    desk.examine("nothing was changed", "nothing was changed")


def look_at_tools(desk: Visitor, user: User, but: frozenset[str] = frozenset()) -> frozenset[str]:
    """Look at the question that each tool of a person's page asks, and return the acts."""
    links = desk.page.locator(".object-tools a[href*='/act/']")
    addresses = links.evaluate_all("links => links.map(link => link.pathname + link.search)")
    acts = {address.split("/act/")[1].partition("/")[0]: address for address in addresses}
    for act, address in acts.items():
        if act not in but:
            desk.go(address)
            desk.examine(f"{act}?", "Cancel")
    return frozenset(acts)


def test_questions_that_are_not_answered(desk: Visitor, pool: LocalPool) -> None:
    user = known(pool, pool.person(name="Grace Hopper"))
    desk.go(f"{PEOPLE}invite/")
    desk.examine("invite", "good for 7 days")
    desk.press("Send invitation")
    desk.examine("invite, refused", "Enter their address.")
    desk.send("Send invitation", email=new_email("x"), name="Grace Hopper")
    desk.examine("invited", "Invitation sent to")
    desk.go(page_of(user))
    desk.page.locator(".object-tools").get_by_role("link", name="Delete").click()
    desk.press("Delete")
    desk.examine("delete, refused", "Nothing was done.")
    desk.go(page_of(user))
    desk.page.locator(".object-tools").get_by_role("link", name="Correct email").click()
    desk.send("Save email", email="x")
    desk.examine("email, refused", "Nothing was done.")
    several = [known(pool, pool.person(name=f"Person {letter}")) for letter in "abc"]
    desk.go(PEOPLE)
    for each in several:
        desk.page.locator(f"input[name=_selected_action][value='{each.pk}']").check()
    desk.page.locator("select[name=action]").select_option("disable")
    desk.examine("people chosen", "3 of")
    desk.page.locator(".actions").get_by_role("button").first.click()
    desk.examine("disable several?", "Disable 3 people?")
    pool.root.admin_delete_user(UserPoolId=pool.id, Username=several[0].username)
    desk.press("Disable")
    desk.examine("some failed", "2 people are disabled.")


def test_groups(desk: Visitor, pool: LocalPool) -> None:
    name = f"editors-{secrets.token_hex(4)}"
    desk.go(GROUPS)
    desk.examine("groups", "Add group")
    desk.go(f"{GROUPS}add/")
    desk.examine("add group", "Description")
    desk.send("Add group", name="two words")
    desk.examine("add group, refused", "no spaces")
    desk.send("Add group", name=name, description="They write.")
    desk.examine("group added", f"{name} is created.")
    group = Group.objects.get(name=name)
    pool.admin("add_user_to_group", pool.person(name="Grace Hopper"), GroupName=name)
    address = f"{GROUPS}{group.pk}/change/"
    desk.go(address)
    desk.examine("group", "Can disable people")
    links = desk.page.locator(".object-tools a[href*='/act/']")
    for act in links.evaluate_all("links => links.map(link => link.pathname)"):
        desk.go(act)
        desk.examine(act, "Cancel")


def test_the_record(desk: Visitor) -> None:
    ada = User.objects.create(issuer="x", sub="ada", username="ada", email="ada@example.com", name="Ada King")
    activity.write(Activity.Kind.SHUT_OUT, ada, by=ada, context=Context("192.0.2.7", "", "a" * 32))
    desk.go(RECORD)
    desk.examine("record", "Shut out")
    desk.page.locator("#result_list").get_by_role("link").first.click()
    desk.examine("one row", "192.0.2.7")
    desk.go(RECORD)
    desk.page.get_by_label("To").fill("2020-01-01")
    desk.page.get_by_role("button", name="Apply").click()
    desk.examine("nothing fits", "Nothing has been recorded that fits.")


def test_the_door(visit: Visit, pool: LocalPool, person: Person, browser_of: SignIn, settings: Settings) -> None:
    visitor = visit()
    visitor.be(browser_of(person))
    visitor.go("/admin/")
    visitor.examine("not staff", "You’re signed in as", status=403)
    visitor.be(browser_of(pool.person(groups=(pool.env["COGNITO_STAFF_GROUP"],), name="Grace Hopper")))
    visitor.go("/admin/")
    visitor.examine("staff without rights", "Administration")
    visitor.go("/admin/nowhere/")
    visitor.examine("staff, nowhere", "Page not found", status=404)
    settings.ADMIN_REQUIRES_MFA = True
    visitor.go("/admin/")
    visitor.examine("a second step is missing", "Sign in again", status=403)
