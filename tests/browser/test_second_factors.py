"""Second factors in a browser: set up, asked for, mistyped and lost."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
import zxingcpp
from playwright.sync_api import expect
from pytest_django import Settings

from tests.browser.conftest import Visit, Visitor
from tests.local_pool import Person, another
from tests.other_pools import APP_ONLY, another_pool
from tests.second_factors import AuthenticatorApp

KINDS = pytest.mark.parametrize(
    ("javascript", "color_scheme", "width"),
    [(True, "light", 1280), (False, "dark", 320)],
    ids=["script-light-wide", "plain-dark-narrow"],
)


def password_typed(visitor: Visitor, person: Person, path: str = "/login/") -> None:
    visitor.go(path)
    visitor.send("Sign in", username=person.email, password=person.password)


def set_up_app(visitor: Visitor) -> AuthenticatorApp:
    """Set an app up on the security page, with a mistake, and return it."""
    visitor.go("/account/security/")
    visitor.look("security")
    visitor.page.get_by_role("link", name="Set up Authenticator app").click()
    visitor.look("set up an app")
    key = visitor.page.locator("#totp-key").inner_text()
    app = AuthenticatorApp(key)
    visitor.send("Turn on", code=app.wrong_code())
    visitor.look("set up an app, wrong code")
    expect(visitor.page.locator("#totp-key")).to_have_text(key)
    visitor.send("Turn on", code=app.first_code())
    expect(visitor.page.get_by_text("Authenticator app turned on.")).to_be_visible()
    return app


@KINDS
def test_factors_are_set_up_asked_for_and_lost(
    visit: Visit, person: Person, javascript: bool, color_scheme: str, width: int
) -> None:
    visitor = visit(javascript=javascript, color_scheme=color_scheme, width=width)
    visitor.sign_in(person.email, person.password)
    app = set_up_app(visitor)
    visitor.leave()
    password_typed(visitor, person, "/login/?next=/account/activity/")
    visitor.look("code of the app")
    visitor.send("Sign in", code=app.wrong_code())
    visitor.look("code of the app, wrong")
    visitor.send("Sign in", code=app.code())
    expect(visitor.page).to_have_url(f"{visitor.site}/account/activity/")
    visitor.go("/account/security/")
    visitor.page.get_by_role("link", name="Turn on Email").click()
    visitor.look("turn on email codes")
    visitor.press("Turn on email codes")
    visitor.look("security, two methods")
    visitor.leave()
    password_typed(visitor, person)
    visitor.page.get_by_role("link", name="Use another way").click()
    visitor.page.locator("button[value=EMAIL_OTP]").click()
    visitor.look("mailed code")
    visitor.send("Sign in", code=visitor.pool.code(person.email))
    visitor.go("/account/security/")
    visitor.page.get_by_role("link", name="Remove Authenticator app").click()
    visitor.press("Remove")
    expect(visitor.page.get_by_text("Email is now your only second step.")).to_be_visible()
    assert len(visitor.seen) == 8


def scanned(image: Any) -> str:
    """Return what a phone reads off `image`; it, too, takes more than one picture, each from another distance."""
    sizes = (cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC) for scale in (2, 1, 3))
    return next((found.text for size in sizes for found in zxingcpp.read_barcodes(size)), "")


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_the_picture_can_be_scanned_and_stands_on_white(visit: Visit, person: Person, color_scheme: str) -> None:
    visitor = visit(color_scheme=color_scheme, permissions=["clipboard-read", "clipboard-write"])
    visitor.sign_in(person.email, person.password)
    visitor.go("/account/security/totp/")
    box = visitor.page.locator(".qr-box")
    size = box.locator("svg").bounding_box()
    assert size
    assert size["width"] >= 200
    image = cv2.imdecode(np.frombuffer(box.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    key = visitor.page.locator("#totp-key").inner_text().replace(" ", "")
    text = scanned(image)
    assert text == visitor.page.get_by_role("link", name="open your app on this device").get_attribute("href")
    assert f"secret={key}" in text
    middle = image.shape[0] // 2
    assert image[middle, 8].tolist() == [255, 255, 255]
    visitor.press("Copy key")
    expect(visitor.page.locator(".copy").get_by_role("status")).to_have_text("Copied")
    assert visitor.page.evaluate("navigator.clipboard.readText()") == key


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "plain"])
def test_a_first_password_and_a_demanded_app_lead_in(visit: Visit, settings: Settings, javascript: bool) -> None:
    visitor = visit(javascript=javascript, width=320)
    pool = another_pool(visitor.pool, mfa={"MfaConfiguration": "ON", **APP_ONLY})
    settings.COGNITO = pool.cognito_setting()
    person = pool.invited()
    password_typed(visitor, person, "/login/?next=/account/security/")
    visitor.look("first password")
    visitor.send("Save and sign in", new_password1="short")
    visitor.look("first password, too short")
    visitor.send("Save and sign in", new_password1="Another-horse-2")
    visitor.look("demanded app")
    app = AuthenticatorApp(visitor.page.locator("#totp-key").inner_text())
    visitor.send("Turn on and sign in", code=app.first_code())
    expect(visitor.page).to_have_url(f"{visitor.site}/account/security/")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "plain"])
def test_a_code_is_chosen_in_place_of_the_password(visit: Visit, person: Person, javascript: bool) -> None:
    visitor = visit(javascript=javascript, color_scheme="dark")
    visitor.go("/login/?next=/account/activity/")
    visitor.send("Email me a code", username=person.email)
    if not javascript:
        visitor.look("whose code")
        visitor.send("Send code", username=person.email)
    visitor.look("mailed code")
    code = visitor.pool.code(person.email)
    visitor.send("Sign in", code=another(code))
    visitor.look("mailed code, wrong")
    visitor.send("Sign in", code=code)
    expect(visitor.page).to_have_url(f"{visitor.site}/account/activity/")


def test_a_whole_code_does_not_send_itself(visit: Visit, person: Person) -> None:
    visitor = visit()
    visitor.go("/login/code/")
    visitor.send("Send code", username=person.email)
    visitor.page.locator("#id_code").press_sequentially("12345678")
    expect(visitor.page.locator("#id_code")).to_have_value("12345678")
    assert visitor.page.url.endswith("/login/challenge/")
    expect(visitor.page.locator("#error-summary")).to_have_count(0)
