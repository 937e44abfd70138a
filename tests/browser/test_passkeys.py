"""Passkeys, with Chromium's own virtual authenticator on http://localhost.

https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/
"""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import CDPSession, expect
from pytest_django import Settings

from tests.browser.conftest import Visit, Visitor
from tests.local_pool import Person

PAGE, SECURITY = "/account/security/passkeys/", "/account/security/"
ADDED = "Passkey added. Use it next time you sign in."
ON_THIS_DEVICE = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


# What the browser is asked to forget.
HEARD = """
    window.heard = [];
    PublicKeyCredential.signalUnknownCredential = async (unknown) => window.heard.push(unknown);
"""


class Device:
    """A device with an authenticator, for one browser window."""

    def __init__(self, visitor: Visitor) -> None:
        self._cdp: CDPSession = visitor.page.context.new_cdp_session(visitor.page)
        self._cdp.send("WebAuthn.enable")
        self._id = self._cdp.send("WebAuthn.addVirtualAuthenticator", {"options": ON_THIS_DEVICE})["authenticatorId"]

    def recognise_owner(self, recognised: bool) -> None:
        """Have finger, face or PIN accepted from now on, or not."""
        self._cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self._id, "isUserVerified": recognised})

    def passkeys(self) -> int:
        """Return how many passkeys are on it."""
        return len(self._cdp.send("WebAuthn.getCredentials", {"authenticatorId": self._id})["credentials"])

    def lose_passkeys(self) -> None:
        """Forget them all."""
        self._cdp.send("WebAuthn.clearCredentials", {"authenticatorId": self._id})


def choose_passkey(visitor: Visitor, person: Person, path: str = "/login/?next=/account/") -> None:
    """Go from the sign-in page to where the passkey is asked for."""
    visitor.go(path)
    visitor.fill(username=person.email, password="half-typed")
    with visitor.page.expect_request("**/login/passkey/*") as sent:
        visitor.press("Sign in with a passkey")
    assert f"username={quote(person.email)}" in (sent.value.post_data or "")
    assert "half-typed" not in (sent.value.post_data or "")


def with_passkey(visitor: Visitor, person: Person) -> Device:
    """Sign in and add a passkey to the device, then sign out."""
    device = Device(visitor)
    visitor.sign_in(person.email, person.password)
    visitor.go(PAGE)
    visitor.press("Add a passkey")
    expect(visitor.page.get_by_text(ADDED)).to_be_visible()
    visitor.leave()
    return device


@pytest.mark.usefixtures("offered")
def test_a_passkey_is_added_from_the_offer_and_signs_in(visit: Visit, person: Person) -> None:
    visitor = visit()
    device = Device(visitor)
    visitor.sign_in(person.email, person.password)
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Skip the password next time")
    visitor.look("offer")
    visitor.press("Add a passkey")
    expect(visitor.page.get_by_text(ADDED)).to_be_visible()
    expect(visitor.page).to_have_url(f"{visitor.site}/account/")
    assert device.passkeys() == 1
    visitor.leave()
    choose_passkey(visitor, person, "/login/?next=/account/sessions/")
    expect(visitor.page).to_have_url(f"{visitor.site}/account/sessions/")
    visitor.leave()
    visitor.go("/login/")
    expect(visitor.page.get_by_role("button", name="Sign in with a passkey Last used")).to_be_visible()


def test_a_device_that_does_not_know_its_owner_changes_nothing(visit: Visit, person: Person) -> None:
    visitor = visit()
    device = Device(visitor)
    visitor.sign_in(person.email, person.password)
    device.recognise_owner(False)
    visitor.go(PAGE)
    visitor.press("Add a passkey")
    expect(visitor.page.get_by_role("status")).to_contain_text("Nothing was added. You can try again.")
    device.recognise_owner(True)
    visitor.press("Add a passkey")
    expect(visitor.page.get_by_text(ADDED)).to_be_visible()


def test_a_second_passkey_on_the_same_device_is_not_made(visit: Visit, person: Person) -> None:
    visitor = visit()
    device = with_passkey(visitor, person)
    visitor.sign_in(person.email, person.password)
    visitor.go(PAGE)
    visitor.press("Add a passkey")
    expect(visitor.page.get_by_role("status")).to_contain_text("This device already has a passkey for your account.")
    assert device.passkeys() == 1


def test_a_lost_passkey_leads_to_another_way_in(visit: Visit, person: Person) -> None:
    visitor = visit()
    device = with_passkey(visitor, person)
    device.lose_passkeys()
    choose_passkey(visitor, person)
    status = visitor.page.locator(".waiting").get_by_role("status")
    expect(status).to_have_text("Canceled, or nothing was found on this device.")
    visitor.look("passkey, canceled")
    visitor.press("Try again")
    expect(status).to_have_text("Canceled, or nothing was found on this device.")
    visitor.page.get_by_role("link", name="Use another way").click()
    visitor.look("another way")
    visitor.page.locator("button[value=PASSWORD]").click()
    visitor.look("password by choice")
    visitor.send("Sign in", password=person.password)
    expect(visitor.page).to_have_url(f"{visitor.site}/account/")
    visitor.go(SECURITY)
    visitor.page.get_by_role("link", name=re.compile("Edit ")).click()
    visitor.look("one passkey")
    visitor.page.get_by_role("link", name="Remove this passkey").click()
    visitor.look("remove passkey")
    visitor.page.add_init_script(HEARD)
    visitor.press("Remove passkey")
    expect(visitor.page.get_by_text(re.compile(r"Passkey .+ removed\."))).to_be_visible()
    expect(visitor.page.get_by_role("link", name=re.compile("Edit "))).to_have_count(0)
    heard = visitor.page.evaluate("window.heard")
    assert [each["rpId"] for each in heard] == ["localhost"]


def test_somebody_signed_in_for_long_proves_it_first_and_the_device_is_asked_by_itself(
    visit: Visit, person: Person, settings: Settings
) -> None:
    visitor = visit()
    device = Device(visitor)
    visitor.sign_in(person.email, person.password)
    visitor.go(PAGE)
    settings.FRESH_SIGN_IN_AGE = 0
    visitor.press("Add a passkey")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Confirm it’s you")
    visitor.look("confirm it is you")
    settings.FRESH_SIGN_IN_AGE = 600
    visitor.send("Confirm", password=person.password)
    expect(visitor.page.get_by_text(ADDED)).to_be_visible()
    assert device.passkeys() == 1


def test_without_javascript_passkeys_say_what_they_need(visit: Visit, person: Person) -> None:
    visitor = visit(javascript=False, width=320)
    visitor.sign_in(person.email, person.password)
    visitor.go(PAGE)
    visitor.look("passkeys without a script")
    expect(visitor.page.get_by_text("Passkeys need JavaScript")).to_be_visible()
    expect(visitor.page.get_by_role("button", name="Add a passkey")).to_be_hidden()


def test_with_javascript_nothing_says_that_it_is_off_while_the_script_is_on_its_way(
    visit: Visit, person: Person
) -> None:
    visitor = visit()
    visitor.sign_in(person.email, person.password)
    visitor.page.route("**/passkey*.js", lambda asked: asked.fulfill(body="", content_type="text/javascript"))
    visitor.go(PAGE)
    expect(visitor.page.get_by_text("Passkeys need JavaScript")).to_be_hidden()
