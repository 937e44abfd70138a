"""Every state of the overview, the profile, the devices and the activity, wide and narrow, light and dark."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django import Settings

from accounts import limits
from accounts.models import Activity, Session, User
from accounts.views import base
from tests import fault_proxy
from tests.accounts.ways_in import with_passkey
from tests.browser.conftest import Visit
from tests.browser.states import A_WHILE, AWAY
from tests.checked_client import CheckedClient
from tests.conftest import SignIn, UsePool, forget_counts
from tests.devcloud.conformance.authenticator import Authenticator
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, another, new_email
from tests.other_pools import another_pool
from tests.second_factors import with_app

PROFILE = "/account/profile/"


def test_the_overview_with_each_number_of_steps_left(visit: Visit, pool: LocalPool, browser_of: SignIn) -> None:
    visitor, person = visit(), pool.person()
    unproved = [{"Name": "email_verified", "Value": "false"}]
    pool.admin("update_user_attributes", person, UserAttributes=unproved)
    visitor.be(browser_of(person))
    visitor.go("/account/")
    visitor.examine("three steps left, no name", "Three things left to do")
    proved = [{"Name": "email_verified", "Value": "true"}, {"Name": "name", "Value": "Ada Lovelace"}]
    pool.admin("update_user_attributes", person, UserAttributes=proved)
    with_passkey(pool, person, Authenticator(visitor.site))
    browser_of(person)
    CheckedClient().post("/login/", {"username": person.email, "password": "Wrong-horse-1"})
    visitor.go("/account/")
    visitor.examine("one step left, another device, a failed sign-in", "Sign-in failed: wrong password")
    with_app(pool, person)
    User.objects.filter(sub=person.sub).update(is_staff=True)
    visitor.go("/account/")
    visitor.page.get_by_role("banner").locator("summary").click()
    expect(visitor.page.get_by_role("link", name="Administration")).to_be_visible()
    visitor.examine("no step left, menu of staff open", "Your account is well protected")
    visitor.go("/help/")
    visitor.page.get_by_role("banner").locator("summary").click()
    visitor.examine("help, signed in, menu open", "What a passkey is")
    visitor.go("/privacy/")
    visitor.examine("privacy, signed in", "A few cookies remember")
    visitor.go("/")
    visitor.examine("home, signed in", "Welcome back, Ada")


def test_the_overview_of_somebody_without_an_address(visit: Visit, pool: LocalPool, use_pool: UsePool) -> None:
    visitor = visit()
    theirs = use_pool(another_pool(pool, UsernameAttributes=[]), SIGN_IN_WITH="username")
    theirs.root.admin_create_user(UserPoolId=theirs.id, Username="ada", MessageAction="SUPPRESS")
    theirs.root.admin_set_user_password(UserPoolId=theirs.id, Username="ada", Password=PASSWORD, Permanent=True)
    visitor.sign_in("ada", PASSWORD)
    visitor.examine("no address yet", "Next: add your email")
    visitor.page.get_by_role("main").get_by_role("link", name="Add email").click()
    visitor.examine("profile, where the address is added", "Email")
    expect(visitor.page.get_by_label("Email", exact=True)).to_be_visible()


def test_each_fact_is_changed(visit: Visit, pool: LocalPool, browser_of: SignIn, cognito: FaultProxy) -> None:
    visitor, person = visit(), pool.person(name="Ada Lovelace", phone_number="+442079460042")
    visitor.be(browser_of(person))
    visitor.go(PROFILE)
    visitor.examine("profile, number not verified", "Not verified")
    edits = visitor.page.locator("main a[href*='edit=']").evaluate_all("links => links.map(link => link.search)")
    assert len(edits) == 4
    for edit in edits:
        visitor.go(f"{PROFILE}{edit}")
        visitor.examine(f"profile {edit}", "Cancel")
    visitor.go(f"{PROFILE}?edit=phone_number")
    visitor.send("Save and send code", phone_number="020 7946 0042")
    visitor.examine("number, no country code", "Start with + and the country code, like +44 20 7946 0042.")
    visitor.go(f"{PROFILE}?edit=name")
    cognito.fail("UpdateUserAttributes", fault_proxy.server_error(), times=1)
    visitor.send("Save", name="Countess")
    visitor.examine("name, away", AWAY, status=503)
    cognito.heal()
    visitor.press("Save")
    visitor.examine("name, saved", "Name changed to Countess.")
    visitor.go(f"{PROFILE}?edit=phone_number")
    visitor.press("Remove phone number")
    visitor.examine("number, removed", "Phone number removed.")


def test_new_addresses_wait_for_their_codes(
    visit: Visit, pool: LocalPool, browser_of: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor, person, new = visit(), pool.person(name="Ada Lovelace", phone_number="+442079460042"), new_email()
    visitor.be(browser_of(person))
    monkeypatch.setattr(base, "COOL_DOWN", A_WHILE)
    visitor.go(PROFILE)
    visitor.press("Send code (phone number)")
    visitor.examine("number, to be proved", "We sent a code. Enter it to verify this number.")
    visitor.go(f"{PROFILE}?edit=email")
    visitor.send("Save and send code", email="ada")
    visitor.examine("email, refused", "Enter an email like name@example.com.")
    visitor.send("Save and send code", email=new)
    visitor.examine("two boxes", "Until you enter it, you’ll keep signing in with")
    box = visitor.page.locator("#email")
    box.get_by_role("textbox").fill(another(pool.code(new)))
    box.get_by_role("button", name="Confirm email").click()
    visitor.examine("box, wrong code", "That’s not the right code. Check it and try again.")
    visitor.page.evaluate("document.querySelector('#email form[action$=\"/resend/\"]').submit()")
    visitor.examine("box, too soon", "You can ask for a new code in")
    monkeypatch.setattr(base, "COOL_DOWN", 0)
    visitor.go(PROFILE)
    resend = visitor.page.locator("#email").get_by_role("button", name="Send a new code")
    resend.click()
    visitor.examine("box, sent again", "New code sent to")
    for _ in range(limits.ATTRIBUTE_CODES_BY_USER.most):
        if resend.count():
            resend.click()
            visitor.page.wait_for_load_state()
    visitor.examine("codes asked for too often", "You’ve asked for several codes already.", status=429)
    forget_counts()
    visitor.go(PROFILE)
    visitor.page.locator("#email").get_by_role("button", name="Cancel this change").click()
    visitor.examine("email, change canceled", "Email not changed. It’s still")
    visitor.page.locator("#phone_number").get_by_role("textbox").fill(pool.code("+442079460042"))
    visitor.page.locator("#phone_number").get_by_role("button", name="Confirm phone number").click()
    visitor.examine("number, proved", "Phone number")


def test_devices_and_what_happened(visit: Visit, pool: LocalPool, browser_of: SignIn) -> None:
    visitor, person = visit(), pool.person(name="Ada Lovelace")
    visitor.be(browser_of(person))
    visitor.go("/account/sessions/")
    visitor.examine("one device", "Sign out everywhere")
    visitor.go("/account/sessions/end-others/")
    visitor.examine("no other device to sign out", "No other device is signed in.")
    others = [browser_of(person) for _ in range(3)]
    Session.objects.exclude(session_key="").filter(session_key=others[0].session_cookie).update(
        ip_address="2001:db8::1"
    )
    visitor.go("/account/sessions/")
    visitor.examine("four devices", "Sign out all other devices")
    visitor.page.locator("main li form button").first.click()
    visitor.examine("a device, signed out", "is signed out.")
    visitor.page.get_by_role("link", name="Sign out all other devices").click()
    visitor.examine("all others?", "2 devices will be signed out. This one stays signed in.")
    visitor.press("Sign out all other devices")
    visitor.examine("all others, signed out", "2 other devices are signed out.")
    user = User.objects.get(sub=person.sub)
    Activity.objects.filter(user=user).erase()
    visitor.go("/account/activity/")
    visitor.examine("activity, none", "Nothing yet. Sign-ins and changes appear here.")
    kinds = list(Activity.Kind)
    rows = [Activity(user=user, kind=kinds[n % len(kinds)], ip_address="2001:db8::1") for n in range(120)]
    Activity.objects.bulk_create(rows)
    visitor.go("/account/activity/?page=2")
    visitor.examine("activity, second of three pages", "Page 2 of 3")
    visitor.go("/account/sessions/sign-out-everywhere/")
    visitor.examine("everywhere?", "Sign out everywhere")
    visitor.press("Sign out everywhere")
    visitor.examine("everywhere, signed out", "You’re signed out on all devices.")


def test_the_account_is_deleted(visit: Visit, pool: LocalPool, browser_of: SignIn) -> None:
    visitor, person = visit(), pool.person(name="Ada Lovelace")
    visitor.be(browser_of(person))
    visitor.go("/account/delete/")
    visitor.examine("delete?", "No one can restore it.")
    visitor.send("Delete account", confirm="somebody@example.com")
    visitor.examine("delete, another email", "That isn’t the email of this account.")
    visitor.send("Delete account", confirm=person.email)
    visitor.examine("home, deleted", "Your account is deleted.")


def test_whoever_was_signed_in_long_ago_confirms_it(
    visit: Visit, pool: LocalPool, browser_of: SignIn, settings: Settings
) -> None:
    visitor, person = visit(), pool.person(name="Ada Lovelace")
    client = browser_of(person)
    visitor.be(client)
    Session.objects.update(created_at=timezone.now() - timedelta(seconds=settings.FRESH_SIGN_IN_AGE + 1))
    visitor.go("/account/delete/")
    visitor.send("Delete account", confirm=person.email)
    visitor.examine("confirm", "Confirm it’s you, and we’ll do the rest.")
    visitor.send("Confirm", password="Wrong-horse-1")
    visitor.examine("confirm, refused", "That’s not your current password.")
    for _ in range(limits.LOGIN_BY_NAME.most + limits.LOGIN_BY_NAME.known):
        client.post("/account/confirm/", {"password": "Wrong-horse-1"})
    visitor.send("Confirm", password="Wrong-horse-1")
    visitor.examine("confirm, limited", "Too many tries.", status=429)
