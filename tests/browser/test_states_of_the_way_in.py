"""Every state of the pages for strangers, wide and narrow, light and dark: refused, limited, away, late, waiting."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from pytest_django import Settings

from accounts import limits, way_in
from accounts.views import base
from tests import fault_proxy
from tests.browser.conftest import Visit, Visitor
from tests.browser.states import A_WHILE, AWAY
from tests.checked_client import CheckedClient
from tests.conftest import forget_counts
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, Person, another, new_email

LATE = "This page was open for a while. Check it and send it again."
NEW = "Another-horse-2"


def send_late(visitor: Visitor, button: str) -> None:
    """Send a form whose cookie is of another time."""
    visitor.page.context.clear_cookies(name="csrftoken")
    visitor.page.context.add_cookies([{"name": "csrftoken", "value": "o" * 32, "url": visitor.site}])
    visitor.press(button)


def test_the_pages_that_lead_in(visit: Visit, person: Person, cognito: FaultProxy) -> None:
    visitor = visit()
    visitor.go("/login/")
    visitor.examine("sign in", "Forgot your password?")
    visitor.go("/login/?ended=idle")
    visitor.examine("sign in, ended by time", "You were signed out after a while without activity.")
    visitor.go("/login/?ended=1")
    visitor.examine("sign in, ended by others", "You were signed out. Sign in again to continue.")
    visitor.go("/login/?again=1")
    visitor.examine("sign in, took too long", "That took too long. Start again.")
    visitor.press("Sign in")
    visitor.examine("sign in, nothing typed", "Enter your email.")
    visitor.send("Sign in", username=person.email, password="Wrong-horse-1")
    visitor.examine("sign in, refused", "That email and password don’t match.")
    visitor.fill(password="Wrong-horse-1")
    cognito.fail("InitiateAuth", fault_proxy.server_error())
    visitor.press("Sign in")
    visitor.examine("sign in, away", AWAY, status=503)
    cognito.heal()
    visitor.fill(password="Wrong-horse-1")
    send_late(visitor, "Sign in")
    visitor.examine("sign in, late", LATE, status=403)
    use_up_tries(person, but=2)
    visitor.send("Sign in", password="Wrong-horse-1")
    visitor.examine("sign in, one try left", "1 try left, then a 5-minute wait.")
    use_up_tries(person)
    visitor.send("Sign in", password="Wrong-horse-1")
    visitor.examine("sign in, limited", "Not sure of your password?", status=429)


def use_up_tries(person: Person, but: int = 0) -> None:
    """Have somebody type wrong passwords elsewhere, until `but` tries are left."""
    forget_counts()
    stranger = CheckedClient()
    for _ in range(limits.LOGIN_BY_NAME.most - but):
        stranger.post("/login/", {"username": person.email, "password": "Wrong-horse-1"})


def test_the_pages_that_ask_whose_passkey_and_code(
    visit: Visit, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = visit()
    visitor.go("/login/passkey/")
    visitor.examine("passkey, whose", "Enter your email, then follow the prompt on your device.")
    visitor.send("Use passkey", username="ada")
    visitor.examine("passkey, no address", "Enter an email like name@example.com.")
    visitor.fill(username=new_email())
    # Without a window there is nothing to ask with, and a Chromium of that kind answers at once.
    visitor.page.add_init_script("navigator.credentials.get = () => new Promise(() => {})")
    visitor.press("Use passkey")
    visitor.examine("passkey, waiting for the device", "Waiting for your device…")
    visitor.go("/login/code/")
    visitor.examine("code, whose", "We’ll send a code to the email of your account.")
    visitor.send("Send code", username="ada")
    visitor.examine("code, no address", "Enter an email like name@example.com.")
    visitor.fill(username=new_email())
    cognito.fail("InitiateAuth", fault_proxy.server_error())
    visitor.press("Send code")
    visitor.examine("code, away", AWAY, status=503)
    cognito.heal()
    visitor.go("/login/passkey/")
    monkeypatch.setattr(way_in, "buttons", lambda: ())
    visitor.press("Use passkey")
    visitor.examine("sign in, no passkey", "A passkey can’t be used for this account right now.")


def test_the_pages_of_a_new_account(
    visit: Visit, cognito: FaultProxy, pool: LocalPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor, email = visit(), new_email()
    monkeypatch.setattr(base, "COOL_DOWN", A_WHILE)
    visitor.go("/register/")
    visitor.examine("register", "We’ll email you a code to make sure the address is yours.")
    visitor.press("Create account")
    visitor.examine("register, nothing typed", "Enter your email.")
    visitor.send("Create account", email=email, password1="weak")
    visitor.examine("register, weak password", "Make your password at least")
    visitor.fill(password1=PASSWORD)
    expect(visitor.page.locator("main [data-rule][data-state=met]").first).to_be_visible()
    visitor.examine("register, rules met", "5 of 5")
    cognito.fail("SignUp", fault_proxy.server_error())
    visitor.press("Create account")
    visitor.examine("register, away", AWAY, status=503)
    cognito.heal()
    visitor.fill(password1=PASSWORD)
    send_late(visitor, "Create account")
    visitor.examine("register, late", LATE, status=403)
    visitor.send("Create account", password1=PASSWORD)
    visitor.examine("verify, code to be waited for", "Send a new code in")
    type_codes(visitor, pool.code(email))
    send_at_once(visitor, "/verify-code/resend/")
    visitor.examine("verify, asked too soon", "You can ask for a new code in")
    monkeypatch.setattr(base, "COOL_DOWN", 0)
    ask_again(visitor)
    from_another_browser(visitor, email)


def type_codes(visitor: Visitor, code: str) -> None:
    """Type all kinds of wrong codes in place of `code`."""
    for name, typed, says in (
        ("verify, nothing typed", "", "Enter the code."),
        ("verify, too short", "12345", "That’s five digits. The code has six."),
        ("verify, wrong code", another(code), "That code didn’t work. Check it, or ask for a new one."),
    ):
        visitor.send("Confirm email", code=typed)
        visitor.examine(name, says)


def ask_again(visitor: Visitor) -> None:
    """Ask for one code more after the other."""
    visitor.go("/verify-code/")
    visitor.press("Send a new code")
    visitor.examine("verify, sent again", "has an account waiting, we sent a new code there.")
    visitor.go("/register/?correct=1")
    visitor.examine("register, to be corrected", "Already have an account?")
    for _ in range(limits.RESEND_BY_NAME.most):
        send_at_once(visitor, "/verify-code/resend/")
    visitor.examine("verify, asked too often", "You’ve asked for several codes already.", status=429)


def send_at_once(visitor: Visitor, action: str) -> None:
    """Send the form that goes to `action`, past the script that would hold it back."""
    if visitor.page.locator(f"form[action^='{action}']").count() == 0:
        visitor.go(action.removesuffix("resend/"))
    with visitor.page.expect_navigation():
        visitor.page.evaluate("action => document.querySelector(`form[action^='${action}']`).submit()", action)


def from_another_browser(visitor: Visitor, email: str) -> None:
    """Come to the page of the code without having been sent there."""
    forget_counts()
    visitor.page.context.clear_cookies()
    visitor.go("/verify-code/")
    visitor.examine("verify, elsewhere", "Enter your email and the code we sent you.")
    visitor.send("Send a new code", username="")
    visitor.examine("verify, elsewhere, no address", "Enter your email.")
    visitor.send("Confirm email", username=email, code="000000")
    visitor.examine("verify, elsewhere, wrong code", "That code didn’t work.")


def test_the_pages_of_a_forgotten_password(
    visit: Visit, person: Person, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = visit()
    monkeypatch.setattr(base, "COOL_DOWN", A_WHILE)
    visitor.go("/password/forgot/")
    visitor.examine("forgot", "Enter the email of your account, and we’ll send a code.")
    visitor.press("Send code")
    visitor.examine("forgot, nothing typed", "Enter your email.")
    visitor.fill(username=person.email)
    cognito.fail("ForgotPassword", fault_proxy.server_error())
    visitor.press("Send code")
    visitor.examine("forgot, away", AWAY, status=503)
    cognito.heal()
    visitor.press("Send code")
    visitor.examine("reset", "Send a new code in")
    visitor.press("Save password")
    visitor.examine("reset, nothing typed", "Enter the code.")
    visitor.send("Save password", code=another(visitor.pool.code(person.email)), new_password1=NEW)
    visitor.examine("reset, wrong code", "That code didn’t work.")
    visitor.fill(code="123456", new_password1=NEW)
    send_late(visitor, "Save password")
    visitor.examine("reset, late", LATE, status=403)
    choose_elsewhere(visitor, person)


def choose_elsewhere(visitor: Visitor, person: Person) -> None:
    """Come to the page of the new password without having been sent there, and choose one in the end."""
    visitor.page.context.clear_cookies()
    visitor.go("/password/reset/")
    visitor.examine("reset, elsewhere", "Enter your email, the code we sent you, and a new password.")
    visitor.press("Save password")
    visitor.examine("reset, elsewhere, no code", "Enter the code.")
    for _ in range(limits.FORGOT_BY_NAME.most):
        CheckedClient().post("/password/forgot/", {"username": person.email})
    visitor.go("/password/forgot/")
    visitor.send("Send code", username=person.email)
    visitor.examine("forgot, asked too often", "Too many tries.", status=429)
    forget_counts()
    visitor.go("/password/forgot/")
    visitor.send("Send code", username=person.email)
    visitor.send("Save password", code=visitor.pool.code(person.email), new_password1=NEW)
    visitor.examine("sign in, password changed", "Password changed. Sign in with the new one.")


def test_new_accounts_may_be_by_invitation_or_made_here(
    visit: Visit, settings: Settings, pool: LocalPool, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = visit()
    settings.COGNITO = {**settings.COGNITO, "REGISTRATION": "closed"}
    visitor.go("/register/")
    visitor.examine("register, closed", "If you were invited")
    visitor.go("/login/")
    visitor.examine("sign in, closed", "Forgot your password?")
    settings.COGNITO = {**settings.COGNITO, "REGISTRATION": "admin"}
    visitor.go("/register/")
    visitor.examine("register, made here", "You’ll choose your password on the next page.")
    visitor.send("Send code", email=new_email())
    visitor.examine("finish account", "Finish your account")
    visitor.press("Create account")
    visitor.examine("finish account, nothing typed", "Enter the code.")
    visitor.go("/register/?again=1")
    visitor.examine("register, again", "The code has expired, or was asked for in another browser.")
