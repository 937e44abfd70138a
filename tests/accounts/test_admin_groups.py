"""Groups in the administration: Cognito's, mirrored here; changed by superusers, at Cognito first."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission

from accounts import groups
from accounts.context import Context
from accounts.models import Activity, User
from tests.accounts.admin_pages import allow
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy, aws_error, closed_after, closed_before
from tests.local_pool import LocalPool, Person
from tests.markup import Page

LIST = "/admin/auth/group/"
AWAY = "Cognito cannot be asked at the moment"


def new_name() -> str:
    """Return a name no group had before: the local AWS lives longer than a test."""
    return f"editors-{secrets.token_hex(4)}"


@pytest.fixture
def desk(pool: LocalPool, browser_of: SignIn) -> CheckedClient:
    """The browser of a superuser."""
    return browser_of(pool.person(groups=(pool.env["COGNITO_SUPERUSER_GROUP"],)))


@pytest.fixture
def editors(pool: LocalPool) -> Group:
    """A group that Cognito and the site have, which gives a permission."""
    name = new_name()
    pool.root.create_group(UserPoolId=pool.id, GroupName=name, Description="They write.", Precedence=7)
    group = Group.objects.create(name=name)
    group.permissions.add(Permission.objects.get(codename="view_user"))
    return group


def page_of(group: Group, act: str = "") -> str:
    return f"{LIST}{group.pk}/act/{act}/" if act else f"{LIST}{group.pk}/change/"


def at_cognito(pool: LocalPool, name: str) -> dict[str, Any] | None:
    """Return the group as the pool describes it, None for none."""
    try:
        return dict(pool.root.get_group(UserPoolId=pool.id, GroupName=name)["Group"])
    except pool.root.exceptions.ResourceNotFoundException:
        return None


def members(pool: LocalPool, name: str) -> set[str]:
    users = pool.root.list_users_in_group(UserPoolId=pool.id, GroupName=name)["Users"]
    return {entry["Value"] for user in users for entry in user["Attributes"] if entry["Name"] == "email"}


def put(pool: LocalPool, person: Person, group: Group) -> None:
    pool.admin("add_user_to_group", person, GroupName=group.name)


def words(response: Any) -> str:
    return Page.of(response.content).words


def tools(desk: CheckedClient, group: Group) -> set[str]:
    links = Page.of(desk.get(page_of(group)).content).all("a")
    return {link["href"].rstrip("/").rpartition("/")[2] for link in links if "/act/" in link["href"]}


def test_a_group_of_cognitos_is_here_too_and_gives_nobody_anything(desk: CheckedClient, pool: LocalPool) -> None:
    name = new_name()
    pool.root.create_group(UserPoolId=pool.id, GroupName=name, Description="They write.", Precedence=7)
    page = Page.of(desk.get(LIST, {"q": name}).content)
    cells = [cell.text for cell in page.all("td")]
    assert cells == ["Description: They write.", "Precedence: 7", "Where: Cognito and here"]
    assert not Group.objects.get(name=name).permissions.exists()


def test_looking_twice_makes_nothing_twice(desk: CheckedClient, editors: Group) -> None:
    for _ in range(2):
        desk.get(LIST)
    assert Group.objects.filter(name=editors.name).count() == 1
    assert editors.permissions.count() == 1


def test_a_group_that_is_here_alone_is_said_to_be(desk: CheckedClient, pool: LocalPool) -> None:
    group = Group.objects.create(name=new_name())
    assert "Only here: nobody can be put into it" in words(desk.get(LIST, {"q": group.name}))
    assert "Cognito has no group of this name" in words(desk.get(page_of(group)))


def test_groups_that_cognito_makes_for_a_provider_are_left_out(desk: CheckedClient, pool: LocalPool) -> None:
    name = f"{pool.id}_{secrets.token_hex(3)}"
    pool.root.create_group(UserPoolId=pool.id, GroupName=name)
    assert name not in words(desk.get(LIST))
    assert not Group.objects.filter(name=name).exists()


def test_the_list_and_the_page_open_while_cognito_is_away(
    desk: CheckedClient, editors: Group, cognito: FaultProxy
) -> None:
    cognito.fail("*", closed_before())
    response = desk.get(LIST)
    assert (response.status_code, AWAY in words(response), editors.name in words(response)) == (200, True, True)
    response = desk.get(page_of(editors))
    assert (response.status_code, AWAY in words(response)) == (200, True)
    assert "Not known at the moment." in words(response)


def test_permissions_are_given_while_cognito_is_away(desk: CheckedClient, editors: Group, cognito: FaultProxy) -> None:
    cognito.fail("*", closed_before())
    wanted = Permission.objects.get(codename="view_activity")
    assert desk.post(page_of(editors), {"permissions": [str(wanted.pk)], "_save": "Save"}).status_code == 302
    assert list(editors.permissions.all()) == [wanted]


def test_a_key_without_the_rights_is_no_broken_page(desk: CheckedClient, editors: Group, cognito: FaultProxy) -> None:
    cognito.fail("*", aws_error("AccessDeniedException", "User: arn:aws:iam::1:user/x is not authorized"))
    response = desk.get(LIST)
    assert (response.status_code, "arn:aws" in words(response)) == (200, False)


def test_the_form_of_permissions_changes_no_name(desk: CheckedClient, editors: Group) -> None:
    name = editors.name
    assert desk.post(page_of(editors), {"name": "superusers", "permissions": [], "_save": "Save"}).status_code == 302
    editors.refresh_from_db()
    assert editors.name == name


def test_what_is_offered_means_something_or_is_given_already(desk: CheckedClient, editors: Group) -> None:
    odd = Permission.objects.get(codename="delete_session", content_type__app_label="accounts")
    page = Page.of(desk.get(page_of(editors)).content)
    boxes = {box["value"]: "checked" in box for box in page.all("input", name="permissions")}
    codenames = set(Permission.objects.filter(pk__in=boxes).values_list("codename", flat=True))
    assert {"view_user", "delete_user", "disable_user", "invite_user", "view_activity", "view_group"} <= codenames
    assert codenames & {"add_user", "change_user", "delete_session", "add_logentry", "change_group"} == set()
    assert [key for key, checked in boxes.items() if checked] == [str(editors.permissions.get().pk)]
    assert desk.post(page_of(editors), {"permissions": [str(odd.pk)], "_save": "Save"}).status_code == 200
    editors.permissions.add(odd)
    assert f'value="{odd.pk}"' in desk.get(page_of(editors)).content.decode()


def test_members_are_those_of_cognito_with_a_link_to_those_who_are_known_here(
    desk: CheckedClient, pool: LocalPool, browser_of: SignIn, editors: Group, person: Person
) -> None:
    stranger = pool.person(name="Never Here")
    browser_of(person)
    for one in (person, stranger):
        put(pool, one, editors)
    page = Page.of(desk.get(page_of(editors)).content)
    assert person.email in page.words
    assert stranger.email in page.words
    linked = [link["href"] for link in page.all("a") if link["href"].startswith("/admin/accounts/user/")]
    assert f"/admin/accounts/user/{User.objects.get(sub=person.sub).pk}/change/" in linked
    assert "Never Here" not in [link.text.strip() for link in page.all("a")]


def test_members_come_page_by_page(
    desk: CheckedClient, pool: LocalPool, editors: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.cognito.groups.LARGEST_PAGE", 2)
    people = [pool.person() for _ in range(3)]
    for person in people:
        put(pool, person, editors)
    seen, address = set(), page_of(editors)
    for _ in range(2):
        page = Page.of(desk.get(address).content)
        seen |= {person.email for person in people if person.email in page.words}
        address = next((link["href"] for link in page.all("a") if link.text == "More members"), "")
        address = f"{page_of(editors)}{address}" if address else page_of(editors)
    assert seen == {person.email for person in people}


def test_a_token_that_is_none_breaks_no_page(desk: CheckedClient, editors: Group) -> None:
    response = desk.get(page_of(editors), {"members": "made up"})
    assert (response.status_code, AWAY in words(response)) == (200, True)


def test_who_is_in_a_group_is_for_those_who_may_see_people(
    pool: LocalPool, browser_of: SignIn, staff: Person, editors: Group, person: Person, cognito: FaultProxy
) -> None:
    put(pool, person, editors)
    browser = browser_of(staff)
    allow("view_group")
    assert person.email not in words(browser.get(page_of(editors)))
    assert cognito.calls["ListUsersInGroup"] == 0
    allow("view_user")
    assert person.email in words(browser.get(page_of(editors)))


@pytest.mark.parametrize("act", ["describe", "rename", "delete", "create"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_staff_do_nothing_to_groups_whatever_they_may(
    pool: LocalPool, browser_of: SignIn, staff: Person, editors: Group, act: str, method: str
) -> None:
    browser = browser_of(staff)
    allow("view_group", "add_group", "change_group", "delete_group", "view_user", "change_groups_user")
    data = {"name": "theirs", "description": "theirs"}
    assert getattr(browser, method)(page_of(editors, act), data).status_code == 403
    assert (at_cognito(pool, editors.name) or {})["Description"] == "They write."
    assert tools(browser, editors) == set()
    assert browser.post(f"{LIST}add/", {"name": new_name()}).status_code == 403


def test_strangers_are_sent_to_the_door(client: CheckedClient, editors: Group) -> None:
    assert client.get(page_of(editors, "delete")).status_code == 302
    client.post(page_of(editors, "delete"))
    assert Group.objects.filter(pk=editors.pk).exists()


def test_a_page_that_asks_changes_nothing(desk: CheckedClient, pool: LocalPool, editors: Group) -> None:
    for act in ("describe", "rename", "delete"):
        assert desk.get(page_of(editors, act)).status_code == 200
    assert at_cognito(pool, editors.name)
    assert Group.objects.filter(pk=editors.pk).exists()


def test_an_act_that_there_is_not_is_no_page(desk: CheckedClient, editors: Group) -> None:
    assert desk.get(page_of(editors, "empty")).status_code == 404


def test_a_form_without_its_token_is_refused(desk: CheckedClient, editors: Group) -> None:
    desk.handler.enforce_csrf_checks = True
    assert desk.post(page_of(editors, "delete")).status_code == 403
    assert Group.objects.filter(pk=editors.pk).exists()


def test_a_group_is_made_at_cognito_and_here(desk: CheckedClient, pool: LocalPool) -> None:
    name = new_name()
    response = desk.post(f"{LIST}add/", {"name": name, "description": "They write.", "precedence": "0"}, follow=True)
    group = Group.objects.get(name=name)
    assert response.redirect_chain == [(page_of(group), 302)]
    found = at_cognito(pool, name)
    assert found
    assert (found["Description"], found["Precedence"]) == ("They write.", 0)
    assert LogEntry.objects.filter(object_id=str(group.pk), action_flag=1).count() == 1


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Enter a name."),
        ("two words", "no spaces"),
        (" editors", "no spaces"),
        ("editors\N{NO-BREAK SPACE}", "no spaces"),
        ("editors\N{RIGHT-TO-LEFT OVERRIDE}", "can be seen"),
        ("x" * 129, "128 characters"),
    ],
)
def test_a_name_that_cognito_does_not_take_is_not_sent(
    desk: CheckedClient, cognito: FaultProxy, name: str, sentence: str
) -> None:
    assert sentence in words(desk.post(f"{LIST}add/", {"name": name}))
    assert cognito.calls["CreateGroup"] == 0


def test_a_name_that_is_taken_says_so_at_the_field(desk: CheckedClient, editors: Group, pool: LocalPool) -> None:
    response = desk.post(f"{LIST}add/", {"name": editors.name, "description": "Mine."})
    assert "There is a group of this name already." in words(response)
    assert (at_cognito(pool, editors.name) or {})["Description"] == "They write."


def test_a_name_like_those_of_a_provider_is_refused(desk: CheckedClient, pool: LocalPool) -> None:
    name = f"{pool.id}_NoProviderOfAnyOtherTest"
    assert "Cognito’s own" in words(desk.post(f"{LIST}add/", {"name": name}))
    assert at_cognito(pool, name) is None


def test_nothing_is_made_here_where_cognito_is_away(desk: CheckedClient, cognito: FaultProxy) -> None:
    name = new_name()
    cognito.fail("CreateGroup", closed_before())
    response = desk.post(f"{LIST}add/", {"name": name})
    assert (response.status_code, "didn’t answer" in words(response)) == (200, True)
    assert not Group.objects.filter(name=name).exists()


def test_what_was_made_and_not_answered_is_found_by_looking(desk: CheckedClient, cognito: FaultProxy) -> None:
    name = new_name()
    cognito.fail("CreateGroup", closed_after(), times=1)
    desk.post(f"{LIST}add/", {"name": name})
    assert "Cognito and here" in words(desk.get(LIST, {"q": name}))


def test_a_group_that_is_here_alone_is_made_at_cognito_and_keeps_its_permissions(
    desk: CheckedClient, pool: LocalPool
) -> None:
    group = Group.objects.create(name=new_name())
    group.permissions.add(Permission.objects.get(codename="view_user"))
    assert tools(desk, group) == {"create", "rename", "delete"}
    assert desk.post(page_of(group, "create"), {"description": "Late."}).url == page_of(group)
    assert (at_cognito(pool, group.name) or {})["Description"] == "Late."
    assert group.permissions.count() == 1


def test_a_group_is_described(desk: CheckedClient, pool: LocalPool, editors: Group) -> None:
    assert tools(desk, editors) == {"describe", "rename", "delete"}
    page = Page.of(desk.get(page_of(editors, "describe")).content)
    assert page.field("description").text.strip() == "They write."
    assert page.field("precedence")["value"] == "7"
    desk.post(page_of(editors, "describe"), {"description": "", "precedence": "3"})
    found = at_cognito(pool, editors.name) or {}
    assert (found.get("Description", ""), found["Precedence"]) == ("", 3)
    assert LogEntry.objects.filter(object_id=str(editors.pk), action_flag=2).count() == 1


@pytest.mark.parametrize("precedence", ["", "-1", "one", str(2**31)])
def test_a_precedence_that_cognito_cannot_keep_is_not_sent(
    desk: CheckedClient, cognito: FaultProxy, editors: Group, precedence: str
) -> None:
    response = desk.post(page_of(editors, "describe"), {"description": "New.", "precedence": precedence})
    assert "Nothing was done." in words(response)
    assert cognito.calls["UpdateGroup"] == 0


def test_whoever_describes_a_group_while_cognito_is_away_is_told(
    desk: CheckedClient, cognito: FaultProxy, editors: Group
) -> None:
    cognito.fail("GetGroup", closed_before())
    response = desk.post(page_of(editors, "describe"), {"description": "New."}, follow=True)
    assert (response.status_code, AWAY in words(response)) == (200, True)


def test_a_group_is_deleted_at_cognito_and_here(desk: CheckedClient, pool: LocalPool, editors: Group) -> None:
    response = desk.post(page_of(editors, "delete"), follow=True)
    assert f"{editors.name} is deleted." in words(response)
    assert at_cognito(pool, editors.name) is None
    assert not Group.objects.filter(pk=editors.pk).exists()
    assert LogEntry.objects.filter(object_id=str(editors.pk)).count() == 1


def test_a_group_that_is_gone_at_cognito_is_deleted_here(desk: CheckedClient, pool: LocalPool, editors: Group) -> None:
    pool.root.delete_group(UserPoolId=pool.id, GroupName=editors.name)
    desk.post(page_of(editors, "delete"))
    assert not Group.objects.filter(pk=editors.pk).exists()


def test_deleting_twice_says_that_it_is_gone(desk: CheckedClient, editors: Group) -> None:
    desk.post(page_of(editors, "delete"))
    response = desk.post(page_of(editors, "delete"), follow=True)
    assert "This group is not here any more." in words(response)


def test_a_group_stays_here_while_cognito_is_away(desk: CheckedClient, cognito: FaultProxy, editors: Group) -> None:
    cognito.fail("DeleteGroup", closed_before())
    response = desk.post(page_of(editors, "delete"), follow=True)
    assert f"{editors.name}: Cognito didn’t answer. Look whether it was done" in words(response)
    assert Group.objects.filter(pk=editors.pk).exists()
    assert not LogEntry.objects.filter(object_id=str(editors.pk)).exists()


def recorded(group: str) -> list[tuple[str, str, bool]]:
    """Return kind and outcome of all that is recorded about a group, oldest first, and whether it says by whom."""
    rows = Activity.objects.filter(target=group).order_by("pk")
    return [(row.kind, row.outcome, row.by_id is not None) for row in rows]


def test_what_was_done_is_recorded_and_what_was_not(desk: CheckedClient, cognito: FaultProxy, editors: Group) -> None:
    name = editors.name
    desk.post(page_of(editors, "describe"), {"description": "New.", "precedence": "1"})
    desk.post(f"{LIST}add/", {"name": name})
    wanted = Permission.objects.get(codename="view_activity")
    desk.post(page_of(editors), {"permissions": [str(wanted.pk)], "_save": "Save"})
    cognito.fail("DeleteGroup", closed_before(), times=1)
    for _ in range(2):
        desk.post(page_of(editors, "delete"))
    assert recorded(name) == [
        ("group_changed", "done", True),
        ("group_created", "refused", True),
        ("group_changed", "done", True),
        ("group_deleted", "failed", True),
        ("group_deleted", "done", True),
    ]


def test_what_is_done_by_a_command_names_nobody(pool: LocalPool) -> None:
    name = new_name()
    groups.create(name, description="", precedence=None, by=None, context=Context())
    assert recorded(name) == [("group_created", "done", False)]
