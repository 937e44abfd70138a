"""The account pages in a browser: with and without a script, narrow and wide, light and dark, and by keyboard alone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from accounts.kept_passkeys import KeptPasskey
from tests.browser.conftest import Visit, Visitor
from tests.browser.test_journey import MOST_STOPS, focused, tab_to
from tests.browser.test_passkeys import Device
from tests.local_pool import Person, another, new_email
from tests.second_factors import AuthenticatorApp

NEW = "Another-horse-2"


def change_address(visitor: Visitor, person: Person) -> str:
    new = new_email("countess")
    visitor.go("/account/profile/")
    visitor.look("profile")
    visitor.page.get_by_role("link", name="Change email").click()
    if visitor.javascript:
        expect(visitor.page.locator("#id_email")).to_be_focused()
    visitor.send("Save and send code", email="countess")
    visitor.look("profile, refused")
    visitor.send("Save and send code", email=new)
    code = visitor.pool.code(new)
    visitor.send("Confirm email", email_code=another(code))
    visitor.look("new address, wrong code")
    visitor.go("/account/profile/")
    visitor.look("profile, new address waiting")
    expect(visitor.page.get_by_role("main")).to_contain_text(person.email)
    visitor.send("Confirm email", email_code=code)
    expect(visitor.page.get_by_role("status").first).to_contain_text(f"Email changed to {new}.")
    return new


def change_password(visitor: Visitor, person: Person) -> None:
    visitor.go("/account/password/")
    visitor.send("Change password", old_password="Wrong-horse-1", new_password1=NEW)
    visitor.look("password, old one wrong")
    visitor.send("Change password", old_password=person.password, new_password1=NEW)
    expect(visitor.page.get_by_text("Password changed. You were signed out on all other devices.")).to_be_visible()


def sign_out_everywhere(visitor: Visitor) -> None:
    visitor.go("/account/sessions/")
    visitor.look("devices")
    visitor.page.get_by_role("link", name="Sign out everywhere").click()
    visitor.look("sign out everywhere")
    visitor.press("Sign out everywhere")
    expect(visitor.page.get_by_text("You’re signed out on all devices.")).to_be_visible()


def delete_account(visitor: Visitor, email: str) -> None:
    visitor.go("/account/delete/")
    visitor.send("Delete account", confirm="yes")
    visitor.look("delete, refused")
    visitor.send("Delete account", confirm=email)
    expect(visitor.page.get_by_text("Your account is deleted.")).to_be_visible()


@pytest.mark.parametrize(
    ("javascript", "color_scheme", "width"),
    [(True, "light", 1280), (False, "dark", 320)],
    ids=["script-light-wide", "plain-dark-narrow"],
)
def test_the_account_is_looked_after_and_deleted(
    visit: Visit, person: Person, javascript: bool, color_scheme: str, width: int
) -> None:
    visitor = visit(javascript=javascript, color_scheme=color_scheme, width=width)
    other = visit(javascript=False)
    other.sign_in(person.email, person.password)
    visitor.sign_in(person.email, person.password)
    email = change_address(visitor, person)
    change_password(visitor, person)
    other.go("/account/")
    expect(other.page.get_by_role("heading", level=1)).to_have_text("Sign in to Latchkey")
    sign_out_everywhere(visitor)
    visitor.sign_in(email, NEW)
    visitor.go("/account/activity/")
    visitor.look("activity")
    delete_account(visitor, email)
    assert len(visitor.seen) == 9


def test_the_data_comes_as_a_file(visit: Visit, person: Person, tmp_path: Path) -> None:
    visitor = visit()
    visitor.sign_in(person.email, person.password)
    visitor.go("/account/profile/")
    with visitor.page.expect_download() as downloading:
        visitor.page.get_by_role("link", name="Download your data").click()
    path = tmp_path / downloading.value.suggested_filename
    downloading.value.save_as(path)
    assert path.suffix == ".json"
    assert json.loads(path.read_text())["account"]["attributes"]["email"] == person.email


class Typist:
    """Somebody who has no mouse."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.keyboard = visitor.page.keyboard

    def activate(self, name: str, key: str = "Enter") -> None:
        """Tab to what is called `name` and press a key on it; the focus must be seen all the way."""
        for _ in range(MOST_STOPS):
            self.keyboard.press("Tab")
            if re.sub(r"\s+", " ", focused(self.visitor)) == name:
                self.keyboard.press(key)
                return
        pytest.fail(f"{name} cannot be reached on {self.visitor.page.url}")

    def to_next_field(self) -> None:
        """Tab until a field has the focus."""
        tab_to(self.visitor, "input")

    def type(self, *values: str) -> None:
        """Type each value into the next field, and send the form with Enter."""
        for value in values:
            self.to_next_field()
            self.keyboard.type(value)
        self.keyboard.press("Enter")

    def arrive(self, heading: str) -> None:
        """Wait for the page with this heading."""
        expect(self.visitor.page.get_by_role("heading", level=1)).to_have_text(heading)

    def sign_out(self) -> None:
        """Leave, by the account menu."""
        tab_to(self.visitor, "summary")
        self.keyboard.press("Enter")
        self.activate("Sign out")
        self.arrive("Sign in to Latchkey")


@pytest.mark.usefixtures("offered")
def test_factors_are_enrolled_used_lost_and_recovered_by_keyboard_alone(visit: Visit, person: Person) -> None:
    visitor = visit()
    typist, device = Typist(visitor), Device(visitor)
    visitor.go("/login/")
    typist.type(person.email, person.password)
    # A passkey, from the offer, and in with it.
    typist.arrive("Skip the password next time")
    typist.activate("Add a passkey")
    typist.arrive("Ada Lovelace")
    typist.sign_out()
    choose(typist, person, "Sign in with a passkey")
    typist.arrive("Ada Lovelace")
    # The passkey is lost: in with a mailed code, and it is deleted.
    typist.sign_out()
    device.lose_passkeys()
    choose(typist, person, "Email me a code")
    typist.arrive("Enter the code we emailed you")
    typist.type(visitor.pool.code(person.email))
    typist.arrive("Ada Lovelace")
    typist.activate("Security")
    typist.arrive("Security")
    label = KeptPasskey.objects.get().label
    typist.activate(f"Edit {label}")
    typist.arrive(label)
    typist.activate("Remove this passkey")
    typist.arrive("Remove this passkey")
    typist.activate("Remove passkey")
    expect(visitor.page.get_by_text(f"Passkey {label} removed.")).to_be_visible()


def choose(typist: Typist, person: Person, way: str) -> None:
    typist.visitor.go("/login/")
    typist.to_next_field()
    typist.keyboard.type(person.email)
    typist.activate(way)


def test_a_lost_app_is_replaced_by_keyboard_alone(visit: Visit, person: Person) -> None:
    visitor = visit()
    typist = Typist(visitor)
    visitor.go("/login/")
    typist.type(person.email, person.password)
    typist.arrive("Ada Lovelace")
    typist.activate("Security")
    typist.arrive("Security")
    typist.activate("Turn on Email")
    typist.arrive("Turn on email codes")
    typist.activate("Turn on email codes")
    expect(visitor.page.get_by_text("Email codes turned on.")).to_be_visible()
    typist.activate("Set up Authenticator app")
    typist.arrive("Set up an authenticator app")
    app = AuthenticatorApp(visitor.page.locator("#totp-key").inner_text())
    typist.type(app.first_code())
    typist.arrive("Security")
    typist.sign_out()
    # The phone is lost: the mailed code leads in, and the app is removed.
    typist.type(person.email, person.password)
    typist.arrive("Enter the code from your app")
    typist.activate("Use another way")
    typist.arrive("Choose another way")
    typist.activate("EmailA code to your email")
    typist.arrive("Enter the code we emailed you")
    typist.type(visitor.pool.code(person.email))
    typist.arrive("Ada Lovelace")
    typist.activate("Security")
    typist.arrive("Security")
    typist.activate("Remove Authenticator app")
    typist.arrive("Remove your authenticator app")
    typist.activate("Remove")
    expect(visitor.page.get_by_text("Authenticator app removed.")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "plain"])
def test_a_forgotten_password_is_replaced(visit: Visit, person: Person, javascript: bool) -> None:
    visitor = visit(javascript=javascript, color_scheme="dark", width=320)
    visitor.go("/login/")
    visitor.page.get_by_role("link", name="Forgot your password?").click()
    visitor.send("Send code", username="ada")
    visitor.look("forgot, no address")
    visitor.send("Send code", username=person.email)
    visitor.look("reset")
    code = visitor.pool.code(person.email)
    visitor.send("Save password", code=another(code), new_password1=NEW)
    visitor.look("reset, wrong code")
    visitor.send("Save password", code=f"{code[:3]} {code[3:]}", new_password1=NEW)
    visitor.look("sign in again")
    visitor.send("Sign in", password=NEW)
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Ada Lovelace")
