"""Acts on people in the administration: asked for by a page, done to whom it named, told person by person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group

from accounts.admin import actions
from accounts.admin.acts import ACTS
from accounts.cognito.results import Status
from accounts.models import Activity, Session, User
from tests.accounts.admin_pages import PEOPLE, allow, page_of
from tests.accounts.administrators import again, group, known
from tests.accounts.test_admin_groups import new_name
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy, aws_error, closed_after, closed_before
from tests.local_pool import LocalPool, Person
from tests.markup import Page

MANY = [act for act in ACTS.values() if act.many]


@pytest.fixture
def desk(pool: LocalPool, browser_of: SignIn) -> CheckedClient:
    """The browser of a superuser."""
    return browser_of(pool.person(groups=(pool.env["COGNITO_SUPERUSER_GROUP"],)))


@pytest.fixture
def ada(pool: LocalPool, person: Person) -> User:
    """Ada, known here as in the pool."""
    return known(pool, person)


@pytest.fixture
def clerk(browser_of: SignIn, staff: Person) -> CheckedClient:
    """The browser of somebody on staff who may look at people."""
    browser = browser_of(staff)
    allow("view_user")
    return browser


def address(verb: str, *people: User) -> str:
    """Return where the page asks about `people`."""
    return f"{PEOPLE}act/{verb}/?" + "&".join(f"key={user.pk}" for user in people)


def send(browser: CheckedClient, verb: str, *people: User, **fields: Any) -> Any:
    """Send the form of the page that asks about `people`, as it was rendered, and return the page that follows."""
    response = browser.get(address(verb, *people))
    assert response.status_code == 200, response
    page = Page.of(response.content)
    form = {"csrfmiddlewaretoken": page.all("input", name="csrfmiddlewaretoken")[-1]["value"]}
    keys = [element["value"] for element in page.all("input", name="key")]
    return browser.post(address(verb, *people), {**form, "key": keys, **fields}, follow=True)


def words(response: Any) -> str:
    return Page.of(response.content).words


def tools(browser: CheckedClient, user: User) -> set[str]:
    """Return the verbs that the page of `user` offers."""
    links = Page.of(browser.get(page_of(user)).content).all("a")
    return {link["href"].split("/act/")[1].partition("/")[0] for link in links if "/act/" in link["href"]}


def people(pool: LocalPool, number: int) -> list[User]:
    return [known(pool, pool.person(name=f"Person {letter}")) for letter in "abcdefghij"[:number]]


def menu(browser: CheckedClient) -> set[str]:
    page = Page.of(browser.get(PEOPLE).content)
    return {option["value"] for option in page.all("option") if option["value"] and "select" in option.ancestors}


def test_every_act_has_a_permission_in_the_database() -> None:
    known_names = {name for name, _ in User._meta.permissions} | {"delete_user"}
    assert {f"{verb}_user" for verb in ACTS} | {"invite_user"} == known_names


def test_nobody_sets_a_password() -> None:
    assert {verb for verb in ACTS if "password" in verb} == {"reset_password"}


def test_the_menu_has_what_may_be_done_to_several_people(desk: CheckedClient) -> None:
    assert menu(desk) == {act.verb for act in MANY}
    assert "change_email" not in menu(desk)


def test_staff_are_offered_what_they_may_do_and_nothing_else(clerk: CheckedClient, ada: User) -> None:
    assert menu(clerk) == set()
    assert tools(clerk, ada) == set()
    allow("disable_user", "sign_out_user")
    assert menu(clerk) == {"disable", "sign_out"}
    assert tools(clerk, ada) == {"disable", "sign_out"}


@pytest.mark.parametrize("verb", ACTS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_act_without_its_own_permission(
    clerk: CheckedClient, ada: User, cognito: FaultProxy, verb: str, method: str
) -> None:
    allow(*{f"{other}_user" for other in ACTS if other != verb}, "change_user", "add_user")
    cognito.forget()
    assert getattr(clerk, method)(address(verb, ada), {"key": str(ada.pk)}).status_code == 403
    assert cognito.calls.total() == 0
    assert again(ada).is_active


@pytest.mark.parametrize("verb", ACTS)
def test_no_act_for_those_who_may_not_look_at_people(browser_of: SignIn, staff: Person, ada: User, verb: str) -> None:
    browser = browser_of(staff)
    allow(f"{verb}_user")
    response = browser.get(address(verb, ada))
    assert (response.status_code, ada.email in response.content.decode()) == (403, False)


@pytest.mark.parametrize("verb", ACTS)
def test_no_act_for_strangers_and_people(client: CheckedClient, signed_in: CheckedClient, verb: str) -> None:
    user = User.objects.get()
    assert client.post(address(verb, user), {"key": str(user.pk)}).status_code == 302
    assert signed_in.post(address(verb, user), {"key": str(user.pk)}, follow=True).status_code == 403
    assert again(user).is_active


def test_an_act_that_there_is_not_is_no_page(desk: CheckedClient, ada: User) -> None:
    assert desk.get(address("promote", ada)).status_code == 404


@pytest.mark.parametrize("verb", sorted(ACTS.keys() - {"remove_passkeys"}))
def test_a_page_that_asks_changes_nothing(desk: CheckedClient, pool: LocalPool, ada: User, verb: str) -> None:
    before = pool.root.admin_get_user(UserPoolId=pool.id, Username=ada.username)
    response = desk.get(address(verb, ada))
    assert response.status_code == 200
    assert Page.of(response.content).all("input", type="password") == []
    after = pool.root.admin_get_user(UserPoolId=pool.id, Username=ada.username)
    assert {**before, "ResponseMetadata": 0} == {**after, "ResponseMetadata": 0}
    assert again(ada).is_active
    assert not Activity.objects.filter(user=ada).exists()


def test_a_form_without_its_token_is_refused(desk: CheckedClient, ada: User) -> None:
    desk.handler.enforce_csrf_checks = True
    assert desk.post(address("disable", ada), {"key": str(ada.pk)}).status_code == 403
    assert again(ada).is_active


def test_only_those_of_the_form_are_meant_whatever_the_address_says(desk: CheckedClient, pool: LocalPool) -> None:
    one, other = people(pool, 2)
    desk.post(address("disable", one, other), {"key": [str(one.pk)]})
    assert (again(one).is_active, again(other).is_active) == (False, True)
    assert "Nobody was chosen" in words(desk.post(address("disable", other), {}, follow=True))
    assert again(other).is_active


@pytest.mark.parametrize("key", ["", "x", "-1", "0", "9" * 40, "1e3", "\N{ARABIC-INDIC DIGIT ONE}", "1,2"])
def test_a_key_that_is_nobodys_does_nothing(desk: CheckedClient, key: str) -> None:
    response = desk.get(f"{PEOPLE}act/disable/", {"key": key}, follow=True)
    assert "Nobody was chosen, or they are not here any more." in words(response)
    assert "Nobody was chosen" in words(desk.post(f"{PEOPLE}act/disable/", {"key": key}, follow=True))


def test_the_page_names_those_it_is_about(
    desk: CheckedClient, pool: LocalPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_NAMED", 2)
    chosen = people(pool, 5)
    text = words(desk.get(address("disable", *chosen)))
    assert "Disable 5 people?" in text
    assert [user.name in text for user in chosen] == [True, True, False, False, False]
    assert "and 3 more" in text
    assert "They can’t sign in. They are signed out everywhere." in text
    text = words(desk.get(address("disable", chosen[4])))
    assert f"Disable {chosen[4].name}?" in text


def test_whoever_is_chosen_in_the_list_is_asked_about(desk: CheckedClient, pool: LocalPool) -> None:
    chosen = people(pool, 2)
    data = {"action": "sign_out", "_selected_action": [str(user.pk) for user in chosen]}
    response = desk.post(f"{PEOPLE}?status=active", data)
    asked = desk.get(response.url)
    assert "Sign out 2 people everywhere?" in words(asked)
    keys = [element["value"] for element in Page.of(asked.content).all("input", name="key")]
    done = desk.post(response.url, {"key": keys})
    # Back to the list as it was.
    assert done.url == f"{PEOPLE}?status=active"


def test_too_many_at_once_are_refused_in_words(
    desk: CheckedClient, pool: LocalPool, monkeypatch: pytest.MonkeyPatch, cognito: FaultProxy
) -> None:
    monkeypatch.setattr(actions, "MOST_AT_ONCE", 1)
    chosen = people(pool, 2)
    data = {"action": "disable", "_selected_action": [str(user.pk) for user in chosen]}
    assert "Choose at most 1 person." in words(desk.post(PEOPLE, data, follow=True))
    desk.post(address("disable", *chosen), {"key": [str(user.pk) for user in chosen]})
    assert [again(user).is_active for user in chosen] == [False, True]


def test_each_is_done_on_their_own_and_who_was_not_is_told(
    desk: CheckedClient, pool: LocalPool, browser_of: SignIn
) -> None:
    first, gone, last = people(pool, 3)
    pool.root.admin_delete_user(UserPoolId=pool.id, Username=gone.username)
    response = send(desk, "disable", first, gone, last)
    text = words(response)
    assert "2 people are disabled." in text
    assert f"{gone.name}: nothing was changed. No longer exists in Cognito." in text
    assert [again(user).is_active for user in (first, last)] == [False, False]
    assert again(gone).cognito_status == Status.GONE


def test_an_administrator_who_acts_on_somebody_gone_stays_signed_in(
    desk: CheckedClient, pool: LocalPool, ada: User
) -> None:
    pool.root.admin_delete_user(UserPoolId=pool.id, Username=ada.username)
    for verb in sorted(ACTS.keys() - {"delete", "change_email", "remove_passkeys"}):
        data = {"key": str(ada.pk), "groups": []}
        text = words(desk.post(address(verb, ada), data, follow=True))
        assert "Ada Lovelace: nothing was changed. No longer exists in Cognito." in text, verb
        assert desk.get("/account/").status_code == 200


def test_somebody_whose_row_is_gone_is_told_of_too(desk: CheckedClient, ada: User) -> None:
    key = ada.pk
    ada.delete()
    response = desk.post(f"{PEOPLE}act/disable/", {"key": str(key)}, follow=True)
    assert "Nobody was chosen, or they are not here any more." in words(response)


@pytest.mark.parametrize("fault", [closed_before, closed_after])
def test_an_outage_in_the_middle_leaves_nobody_unnamed(
    desk: CheckedClient, pool: LocalPool, cognito: FaultProxy, fault: Any
) -> None:
    first, second, third, fourth = people(pool, 4)
    page = Page.of(desk.get(address("disable", first, second, third, fourth)).content)
    keys = [element["value"] for element in page.all("input", name="key")]
    cognito.forget()
    cognito.fail("AdminDisableUser", _later(cognito, 2, fault()))
    text = words(desk.post(address("disable"), {"key": keys}, follow=True))
    assert f"{first.name} is disabled." in text
    assert f"{second.name}: Cognito didn’t answer. It may be done or not" in text
    for user in (third, fourth):
        assert f"{user.name}: not tried, nothing was changed." in text
        assert again(user).is_active
    assert cognito.calls["AdminDisableUser"] == 2
    assert again(first).is_active is False
    cognito.heal()
    # The same again does what is left, and harms nobody.
    send(desk, "disable", first, second, third, fourth)
    assert [again(user).is_active for user in (first, second, third, fourth)] == [False] * 4


def _later(cognito: FaultProxy, number: int, fault: Any) -> Any:
    """Return a fault that leaves the calls before the one of that number alone."""
    rewrite = fault.rewrite

    def spare(answer: Any) -> Any:
        return answer if cognito.calls["AdminDisableUser"] < number else rewrite(answer)

    return replace(fault, forward=True, rewrite=spare)


def test_nobody_is_begun_with_once_it_takes_too_long(
    desk: CheckedClient, pool: LocalPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = people(pool, 2)
    monkeypatch.setattr(actions, "LONGEST", -1)
    text = words(send(desk, "disable", *chosen))
    assert text.count("not tried, nothing was changed.") == 2
    assert [again(user).is_active for user in chosen] == [True, True]


def test_a_key_without_the_right_is_told_without_awss_words(
    desk: CheckedClient, ada: User, cognito: FaultProxy
) -> None:
    cognito.fail("AdminDisableUser", aws_error("AccessDeniedException", "User: arn:aws:iam::1:user/x may not do that"))
    text = words(send(desk, "disable", ada))
    assert "this site is not allowed to do that in the pool" in text
    assert "arn:aws" not in text
    assert again(ada).is_active


def test_too_many_requests_are_told(desk: CheckedClient, ada: User, cognito: FaultProxy) -> None:
    cognito.fail("AdminDisableUser", aws_error("TooManyRequestsException"))
    text = words(send(desk, "disable", ada))
    assert "Ada Lovelace: nothing was changed. Too many requests, try again in a minute." in text


def test_a_double_click_does_it_once(desk: CheckedClient, pool: LocalPool, cognito: FaultProxy) -> None:
    invited = known(pool, pool.invited(name="Grace Hopper"))
    page = Page.of(desk.get(address("resend_invitation", invited)).content)
    form = {"csrfmiddlewaretoken": page.all("input", name="csrfmiddlewaretoken")[-1]["value"], "key": str(invited.pk)}
    for _ in range(2):
        response = desk.post(address("resend_invitation", invited), form, follow=True)
    assert "This was sent twice, and was done once." in words(response)
    assert cognito.calls["AdminCreateUser"] == 1
    send(desk, "resend_invitation", invited)
    assert cognito.calls["AdminCreateUser"] == 2


def test_a_form_that_failed_may_be_sent_again(desk: CheckedClient, ada: User, cognito: FaultProxy) -> None:
    form = {"key": str(ada.pk), "csrfmiddlewaretoken": "of one page"}
    cognito.fail("AdminDisableUser", closed_before())
    assert "It may be done or not" in words(desk.post(address("disable", ada), form, follow=True))
    cognito.heal()
    assert "Ada Lovelace is disabled." in words(desk.post(address("disable", ada), form, follow=True))
    assert not again(ada).is_active


def test_a_form_with_other_ticks_is_another_form(desk: CheckedClient, pool: LocalPool, ada: User) -> None:
    first, middle, last = (group(pool, f"{letter}-{new_name()}") for letter in "abz")
    for ticked in ([first, last], [first, middle, last]):
        form = {"key": str(ada.pk), "csrfmiddlewaretoken": "of one page", "groups": ticked}
        desk.post(address("change_groups", ada), form)
        assert again(ada).cognito_groups == ticked


@pytest.mark.parametrize("verb", ["disable", "delete", "sign_out", "reset_password", "turn_off_mfa", "change_email"])
def test_nobody_shuts_themselves_out(desk: CheckedClient, pool: LocalPool, cognito: FaultProxy, verb: str) -> None:
    me = User.objects.get()
    assert verb not in tools(desk, me)
    cognito.forget()
    assert "nothing was changed. This is you: use the pages of your own account." in words(
        desk.get(address(verb, me), follow=True)
    )
    fields = {"typed": me.email, "email": "other@example.com", "proof": "verified"}
    desk.post(address(verb, me), {"key": str(me.pk), **fields}, follow=True)
    assert desk.get("/account/").status_code == 200
    assert again(me).is_active
    assert not [name for name in cognito.calls if name.startswith("Admin") and name not in READING]


READING = {"AdminGetUser", "AdminListGroupsForUser", "AdminGetUserAuthFactors"}


@pytest.mark.parametrize("verb", sorted(ACTS.keys() - {"remove_passkeys"}))
def test_staff_touch_no_superuser(clerk: CheckedClient, pool: LocalPool, cognito: FaultProxy, verb: str) -> None:
    root = known(pool, pool.person(name="Root", groups=(pool.env["COGNITO_SUPERUSER_GROUP"],)))
    allow(*(f"{other}_user" for other in ACTS))
    assert tools(clerk, root) == set()
    cognito.forget()
    refused = words(clerk.get(address(verb, root), follow=True))
    assert "Root: nothing was changed. Only a superuser may do that to a superuser." in refused
    fields = {"typed": root.email, "email": "other@example.com", "proof": "verified", "groups": []}
    clerk.post(address(verb, root), {"key": str(root.pk), **fields})
    assert not [name for name in cognito.calls if name.startswith("Admin") and name not in READING]
    assert again(root).is_active


def test_a_permission_taken_away_between_page_and_form_counts(clerk: CheckedClient, ada: User) -> None:
    allow("disable_user")
    assert clerk.get(address("disable", ada)).status_code == 200
    Group.objects.get(name="staff").permissions.filter(codename="disable_user").delete()
    assert clerk.post(address("disable", ada), {"key": str(ada.pk)}).status_code == 403
    assert again(ada).is_active


def test_somebody_of_this_database_alone_is_left_alone(desk: CheckedClient, cognito: FaultProxy) -> None:
    local = User.objects.create(issuer="local", sub="x", username="root", is_staff=True)
    assert tools(desk, local) == set()
    cognito.forget()
    assert "Is not in the user pool of this site." in words(desk.get(address("disable", local), follow=True))
    desk.post(address("delete", local), {"key": str(local.pk), "typed": "root"})
    assert User.objects.filter(pk=local.pk).exists()
    assert cognito.calls["AdminDeleteUser"] == 0


def test_what_was_not_done_leaves_no_line_in_the_history(desk: CheckedClient, ada: User, cognito: FaultProxy) -> None:
    cognito.fail("AdminDisableUser", closed_before())
    send(desk, "disable", ada)
    assert not LogEntry.objects.filter(object_id=str(ada.pk)).exists()
    assert Session.objects.exists()
