"""Every state of the pages that protect an account, wide and narrow, light and dark."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from accounts import limits, passkeys
from accounts.models import User
from accounts.views import passkeys as pages
from tests import fault_proxy
from tests.accounts.ways_in import NUMBER
from tests.browser.conftest import Visit, Visitor
from tests.browser.states import AWAY
from tests.browser.test_passkeys import HEARD, Device
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool
from tests.second_factors import AuthenticatorApp

SECURITY, PASSWORD, PASSKEYS = "/account/security/", "/account/password/", "/account/security/passkeys/"


def test_two_step_verification_is_turned_on_and_off(visit: Visit, pool: LocalPool, browser_of: SignIn) -> None:
    visitor, person = visit(), pool.person(name="Ada Lovelace", phone_number=NUMBER, phone_number_verified="true")
    visitor.be(browser_of(person))
    visitor.go(SECURITY)
    visitor.examine("all off", "When it’s on, we ask for a code after your password.")
    visitor.go(f"{SECURITY}two-step/sms/on/")
    visitor.examine("text messages?", "We’ll text a code to")
    visitor.press("Turn on text messages")
    visitor.examine("text messages on", "Text message codes turned on.")
    visitor.go(f"{SECURITY}two-step/sms/off/")
    visitor.examine("the last one off?", "Your password alone will open your account.")
    visitor.go(f"{SECURITY}two-step/email/on/")
    visitor.examine("email codes, too?", "You can’t reset a forgotten password by email any more.")
    visitor.press("Turn on email codes")
    visitor.examine("two on", "Email codes turned on.")
    set_up_app(visitor)
    for method in ("totp", "email", "sms"):
        visitor.go(f"{SECURITY}two-step/{method}/off/")
        visitor.examine(f"{method} off?", "Your other second steps stay on.")
    visitor.press("Turn off")
    visitor.examine("text messages off", "Text message codes turned off.")
    visitor.go(f"{SECURITY}two-step/email/off/")
    visitor.examine("email off, the app stays?", "Your authenticator app is then your only second step.")
    visitor.press("Turn off")
    visitor.examine("only the app", "No backup")
    visitor.go("/account/profile/?edit=phone_number")
    visitor.examine("profile, with an app", "Cancel")


def set_up_app(visitor: Visitor) -> None:
    """Set up an authenticator app, with a mistake."""
    visitor.go(f"{SECURITY}totp/")
    visitor.examine("app", "Works with any authenticator app, and with most password managers.")
    app = AuthenticatorApp(visitor.page.locator("#totp-key").inner_text())
    visitor.send("Turn on", code=app.wrong_code())
    visitor.examine("app, wrong code", "Check that your phone sets its clock automatically")
    visitor.send("Turn on", code=app.first_code())
    visitor.examine("three on", "Authenticator app turned on.")


def test_an_account_without_a_way_back_says_so(visit: Visit, pool: LocalPool, browser_of: SignIn) -> None:
    visitor, person = visit(), pool.person()
    unproved = [{"Name": "email_verified", "Value": "false"}]
    pool.admin("update_user_attributes", person, UserAttributes=unproved)
    visitor.be(browser_of(person))
    visitor.go(SECURITY)
    visitor.examine("nothing proved", "Not possible yet")


def test_the_password_is_changed(visit: Visit, pool: LocalPool, browser_of: SignIn, cognito: FaultProxy) -> None:
    visitor, person = visit(), pool.person(name="Ada Lovelace")
    visitor.be(browser_of(person))
    visitor.go(PASSWORD)
    visitor.examine("password", "You’ll be signed out on all other devices.")
    visitor.press("Change password")
    visitor.examine("password, nothing typed", "Choose a password.")
    for status, name, says in (
        (200, "password, wrong", "That’s not your current password."),
        (503, "password, away", AWAY),
        (429, "password, limited", "Too many tries. Wait an hour, then try again."),
    ):
        if status == 503:
            cognito.fail("ChangePassword", fault_proxy.server_error())
        for _ in range(limits.PASSWORD_BY_USER.most if status == 429 else 1):
            visitor.send("Change password", old_password="Wrong-horse-1", new_password1="Another-horse-2")
        cognito.heal()
        visitor.examine(name, says, status=status)


@pytest.mark.usefixtures("offered")
def test_a_passkey_is_offered_refused_added_renamed_and_removed(
    visit: Visit, pool: LocalPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor, person = visit(), pool.person(name="Ada Lovelace")
    device = Device(visitor)
    visitor.sign_in(person.email, person.password)
    visitor.examine("passkey offered", "Skip the password next time")
    device.recognise_owner(False)
    visitor.press("Add a passkey")
    visitor.examine("passkey offered, canceled", "Nothing was added. You can try again.")
    visitor.go(PASSKEYS)
    visitor.examine("passkey", "Do this on the device you want to sign in with.")
    visitor.press("Add a passkey")
    visitor.examine("passkey, canceled", "Nothing was added. You can try again.")
    device.recognise_owner(True)
    visitor.press("Add a passkey")
    visitor.examine("passkey added", "Passkey added. Use it next time you sign in.")
    visitor.go(PASSKEYS)
    visitor.press("Add a passkey")
    visitor.examine("passkey, a second one", "This device already has a passkey for your account.")
    for module in (passkeys, pages):
        monkeypatch.setattr(module, "MOST", 1)
    visitor.go(SECURITY)
    visitor.examine("as many as there can be", "You have 1 passkeys, the most there can be.")
    visitor.go(PASSKEYS)
    visitor.examine("no more", "You have 1 passkeys, the most there can be.")
    rename_and_remove(visitor)


def rename_and_remove(visitor: Visitor) -> None:
    """Give the one passkey a name, with a mistake, and remove it."""
    visitor.go(SECURITY)
    visitor.page.get_by_role("link", name=re.compile("Edit ")).click()
    visitor.examine("one passkey", "So you can tell your passkeys apart.")
    visitor.send("Save name", name="")
    visitor.examine("one passkey, no name", "Enter a name")
    visitor.send("Save name", name="Work laptop")
    visitor.examine("passkey renamed", "Passkey renamed to Work laptop.")
    visitor.page.get_by_role("link", name=re.compile("Edit ")).click()
    visitor.page.get_by_role("link", name="Remove this passkey").click()
    visitor.examine("remove passkey?", "You can’t sign in with it any more.")
    visitor.page.add_init_script(HEARD)
    visitor.press("Remove passkey")
    visitor.examine("passkey removed", "Passkey Work laptop removed.")


def test_a_provider_looks_after_what_is_not_here(visit: Visit, pool: LocalPool, browser_of: SignIn) -> None:
    visitor, person = visit(), pool.person(name="Ada Lovelace")
    visitor.be(browser_of(person))
    User.objects.filter(sub=person.sub).update(cognito_status="EXTERNAL_PROVIDER")
    visitor.go("/account/")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Ada Lovelace")
    visitor.examine("overview, by a provider", "At a glance")
    visitor.go(SECURITY)
    visitor.examine("security, by a provider", "Another provider signs you in")
    visitor.go(PASSWORD)
    visitor.examine("no password here", "No password here")
    visitor.go("/account/sessions/")
    visitor.examine("devices, by a provider", "If you don’t recognize something, sign that device out.")
