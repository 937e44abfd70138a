"""The door of the administration: the site's sign-in, rights that come and go with groups, no password typed in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group, Permission
from django.contrib.auth.signals import user_logged_in
from django.urls import URLResolver, get_resolver
from django.utils import timezone
from pytest_django import Settings

from accounts import checks
from accounts.models import Session, User
from tests import fault_proxy
from tests.accounts.test_refresh import REFRESH, expire
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, new_email
from tests.markup import Page
from tests.second_factors import with_app

ADMIN = "/admin/"
CHALLENGE = "/login/challenge/"
# Hours in which the session below is used; its access token lives for one.
LIFE = timedelta(hours=1)


def rights_of(person: Person) -> tuple[bool, bool]:
    """Return whether the database has somebody as staff, and as superuser."""
    user = User.objects.get(sub=person.sub)
    return user.is_staff, user.is_superuser


def sign_in(person: Person) -> CheckedClient:
    """Sign somebody in, in a browser of their own."""
    browser = CheckedClient()
    assert browser.post("/login/", {"username": person.email, "password": person.password}).status_code == 302
    return browser


# Coming in.


@pytest.mark.parametrize("path", [ADMIN, "/admin/accounts/user/", "/admin/accounts/activity/?q=a", "/admin/nowhere/"])
def test_a_stranger_is_sent_to_the_sites_sign_in(client: CheckedClient, pool: LocalPool, path: str) -> None:
    response = client.get(path, follow=True)
    assert response.redirect_chain[-1][0].startswith("/login/?next=")
    assert Page.of(response.content).one("input", name="next")["value"] == path


def test_staff_pass_the_same_challenges_as_everybody(client: CheckedClient, pool: LocalPool, staff: Person) -> None:
    app = with_app(pool, staff)
    data = {"username": staff.email, "password": staff.password, "next": ADMIN}
    assert client.post("/login/", data).url == CHALLENGE
    assert client.get(ADMIN).status_code == 302
    client.post(CHALLENGE, {"code": app.wrong_code()})
    assert client.get(ADMIN).status_code == 302
    assert client.post(CHALLENGE, {"code": app.code()}).url == ADMIN
    assert client.get(ADMIN).status_code == 200


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/password_change/", "/admin/password_change/done/"])
def test_no_page_of_it_takes_a_password(browser_of: SignIn, staff: Person, path: str) -> None:
    browser = browser_of(staff)
    for response in (browser.get(path), browser.post(path, {"username": staff.email, "password": staff.password})):
        assert response.status_code == 302
        assert response.url in {ADMIN, "/account/password/"}


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/password_change/"])
def test_a_password_posted_at_it_signs_nobody_in(
    client: CheckedClient, staff: Person, cognito: FaultProxy, path: str
) -> None:
    before = cognito.calls["InitiateAuth"]
    data = {"username": staff.email, "password": staff.password, "old_password": staff.password}
    assert client.post(path, data).status_code == 302
    assert cognito.calls["InitiateAuth"] == before
    assert not Session.objects.exclude(user=None).exists()


def pages_of_the_admin() -> set[str]:
    """Return the addresses of the administration that name no row."""
    every = get_resolver().url_patterns
    patterns = next(each for each in every if isinstance(each, URLResolver) and each.app_name == "admin")
    return {
        f"{ADMIN}{app.pattern}{inner.pattern}".replace("\\Z", "")
        for app in patterns.url_patterns
        for inner in getattr(app, "url_patterns", [app])
        if "<" not in str(inner.pattern) and "(" not in f"{app.pattern}{inner.pattern}"
    }


def test_no_page_of_it_has_a_field_for_a_password(pool: LocalPool, browser_of: SignIn) -> None:
    browser = browser_of(pool.person(groups=(pool.env["COGNITO_SUPERUSER_GROUP"],)))
    addresses = pages_of_the_admin()
    assert "/admin/accounts/user/" in addresses
    for address in addresses:
        response = browser.get(address)
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            assert Page.of(response.content).all("input", type="password") == [], address


# Not coming in.


@pytest.mark.parametrize("path", [ADMIN, "/admin/accounts/user/", "/admin/accounts/user/1/change/", "/admin/nowhere/"])
def test_others_are_told_where_they_stand_and_may_sign_out(signed_in: CheckedClient, path: str, person: Person) -> None:
    response = signed_in.get(path)
    assert response.status_code == 403
    page = Page.of(response.content)
    assert "You don’t have access to this page" in page.words
    assert person.email in page.words
    assert {form["method"] for form in page.all("form", action="/logout/")} == {"post"}


def test_the_way_to_sign_out_works_from_there(person: Person, browser_of: SignIn) -> None:
    browser = browser_of(person)
    guarded = CheckedClient(enforce_csrf_checks=True)
    guarded.cookies = browser.cookies
    page = Page.of(guarded.get(ADMIN).content)
    token = page.all("input", name="csrfmiddlewaretoken")[-1]["value"]
    assert guarded.post("/logout/", {"csrfmiddlewaretoken": token}).url == "/login/"
    assert guarded.get("/account/").status_code == 302


def test_others_post_nothing_to_it(signed_in: CheckedClient) -> None:
    assert signed_in.post("/admin/accounts/user/", {"action": "delete_selected"}).status_code == 403


def test_a_script_is_told_so_in_its_own_words(signed_in: CheckedClient) -> None:
    response = signed_in.get(ADMIN, headers={"Sec-Fetch-Mode": "cors"})
    assert (response.status_code, response.json()["error"]) == (403, "permission_denied")


def test_staff_are_shown_the_way_and_others_are_not(
    signed_in: CheckedClient, browser_of: SignIn, staff: Person, client: CheckedClient
) -> None:
    assert browser_of(staff).page("/account/").one("a", href=ADMIN).text == "Administration"
    for browser in (signed_in, client):
        assert browser.page("/").all("a", href=ADMIN) == []


def test_the_way_back_to_the_site_is_in_it(browser_of: SignIn, staff: Person) -> None:
    assert Page.of(browser_of(staff).get(ADMIN).content).all("a", href="/account/")


# Rights, upwards and downwards.


@pytest.mark.parametrize(
    ("setting", "rights"), [("COGNITO_STAFF_GROUP", (True, False)), ("COGNITO_SUPERUSER_GROUP", (True, True))]
)
def test_a_group_gives_the_right_at_the_next_sign_in_and_takes_it_at_the_one_after(
    pool: LocalPool, person: Person, setting: str, rights: tuple[bool, bool]
) -> None:
    group = pool.env[setting]
    assert sign_in(person).get(ADMIN).status_code == 403
    pool.admin("add_user_to_group", person, GroupName=group)
    assert sign_in(person).get(ADMIN).status_code == 200
    assert rights_of(person) == rights
    pool.admin("remove_user_from_group", person, GroupName=group)
    assert sign_in(person).get(ADMIN).status_code == 403
    assert rights_of(person) == (False, False)


@pytest.mark.parametrize("setting", ["COGNITO_STAFF_GROUP", "COGNITO_SUPERUSER_GROUP"])
def test_a_refresh_gives_and_takes_it_too(pool: LocalPool, person: Person, cognito: FaultProxy, setting: str) -> None:
    browser = sign_in(person)
    pool.admin("add_user_to_group", person, GroupName=pool.env[setting])
    assert browser.get(ADMIN).status_code == 403
    expire(60)
    assert browser.get(ADMIN).status_code == 200
    pool.admin("remove_user_from_group", person, GroupName=pool.env[setting])
    expire(60)
    assert browser.get(ADMIN).status_code == 403
    assert rights_of(person) == (False, False)
    assert cognito.calls[REFRESH] == 2


def test_whoever_leaves_the_staff_is_out_at_the_latest_when_their_token_is_over(
    pool: LocalPool, staff: Person, cognito: FaultProxy
) -> None:
    browser = sign_in(staff)
    started = timezone.now()
    over = Session.objects.get(session_key=browser.session_cookie).tokens_expire_at
    assert over
    assert over - started <= LIFE
    pool.admin("remove_user_from_group", staff, GroupName=pool.env["COGNITO_STAFF_GROUP"])
    with time_machine.travel(over - timedelta(minutes=3), tick=False):
        assert browser.get(ADMIN).status_code == 200
    with time_machine.travel(over - timedelta(minutes=1), tick=False):
        assert browser.get(ADMIN).status_code == 403
    assert rights_of(staff) == (False, False)


def test_while_cognito_is_away_no_right_outlives_its_token_by_more_than_the_grace(
    pool: LocalPool, staff: Person, cognito: FaultProxy
) -> None:
    browser = sign_in(staff)
    over = Session.objects.get(session_key=browser.session_cookie).tokens_expire_at
    assert over
    pool.admin("remove_user_from_group", staff, GroupName=pool.env["COGNITO_STAFF_GROUP"])
    cognito.fail(REFRESH, fault_proxy.server_error())
    with time_machine.travel(over + timedelta(minutes=16), tick=False):
        assert browser.get(ADMIN).status_code == 503


@pytest.mark.parametrize("name", ["is_staff", "is_superuser"])
@pytest.mark.parametrize("by", ["sign-in", "refresh"])
def test_a_right_that_was_set_by_hand_does_not_last(person: Person, name: str, by: str) -> None:
    browser = sign_in(person)
    User.objects.filter(sub=person.sub).update(**{name: True})
    if by == "sign-in":
        sign_in(person)
    else:
        expire(60)
        browser.get("/account/")
    assert rights_of(person) == (False, False)


def test_a_right_that_was_taken_by_hand_comes_back(staff: Person) -> None:
    sign_in(staff)
    User.objects.filter(sub=staff.sub).update(is_staff=False)
    assert sign_in(staff).get(ADMIN).status_code == 200


def test_a_group_that_no_setting_names_grants_nothing(pool: LocalPool, person: Person) -> None:
    names = [new_email(word).partition("@")[0] for word in ("Staff", "administrators", "superuser")]
    for name in names:
        pool.root.create_group(UserPoolId=pool.id, GroupName=name)
        pool.admin("add_user_to_group", person, GroupName=name)
    assert sign_in(person).get(ADMIN).status_code == 403
    user = User.objects.get(sub=person.sub)
    assert (rights_of(person), user.get_all_permissions()) == ((False, False), set())
    assert user.cognito_groups == sorted(names)


@pytest.fixture
def of_a_provider(pool: LocalPool, person: Person) -> str:
    """The group Cognito makes for people of an outside provider, with Ada in it."""
    name = f"{pool.id}_Google{new_email()[4:8]}"
    pool.root.create_group(UserPoolId=pool.id, GroupName=name)
    pool.admin("add_user_to_group", person, GroupName=name)
    return name


@pytest.mark.parametrize("setting", ["STAFF_GROUP", "SUPERUSER_GROUP"])
def test_a_group_of_an_outside_provider_grants_nothing_whatever_the_settings_say(
    person: Person, of_a_provider: str, settings: Settings, setting: str
) -> None:
    settings.COGNITO = {**settings.COGNITO, setting: of_a_provider}
    assert checks.E013 in checks.check_configuration(None)
    browser = sign_in(person)
    assert browser.get(ADMIN).status_code == 403
    expire(60)
    assert browser.get(ADMIN).status_code == 403
    assert rights_of(person) == (False, False)


def test_a_django_group_of_that_name_has_no_members(person: Person, of_a_provider: str) -> None:
    group = Group.objects.create(name=of_a_provider)
    group.permissions.add(Permission.objects.get(codename="view_user"))
    sign_in(person)
    assert User.objects.get(sub=person.sub).get_all_permissions() == set()


def test_groups_of_the_pools_own_are_no_mistake(pool: LocalPool) -> None:
    assert checks.E013 not in checks.check_configuration(None)


def test_a_group_called_nothing_makes_nobody_staff(person: Person, settings: Settings) -> None:
    settings.COGNITO = {**settings.COGNITO, "STAFF_GROUP": "", "SUPERUSER_GROUP": ""}
    assert sign_in(person).get(ADMIN).status_code == 403
    assert checks.E013 not in checks.check_configuration(None)


def test_signing_in_never_hands_an_earlier_right_to_the_page_that_follows(pool: LocalPool, staff: Person) -> None:
    sign_in(staff)
    pool.admin("remove_user_from_group", staff, GroupName=pool.env["COGNITO_STAFF_GROUP"])
    seen = []

    def note(user: User, **_: Any) -> None:
        seen.append((user.is_staff, user.is_superuser))

    user_logged_in.connect(note)
    try:
        sign_in(staff)
    finally:
        user_logged_in.disconnect(note)
    assert seen == [(False, False)]
