"""One's own account without a mouse: details, devices, language, menu, connected accounts, and the ways back in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django import Settings

from accounts.models import Session
from tests.accounts.connecting import another_provider
from tests.accounts.federating import with_domain
from tests.browser.conftest import Visit, Visitor
from tests.browser.test_account_pages import Typist
from tests.browser.test_journey import focused, tab_to
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, another, new_email

NEW, NAME, LABEL = "Another-horse-2", "Another", "Another Inc"


def told(visitor: Visitor, sentence: str) -> None:
    """Wait for a message."""
    expect(visitor.page.get_by_text(sentence).first).to_be_visible()


def replace(typist: Typist, value: str) -> None:
    """Type `value` in place of what stands in the field that has the focus, and send the form."""
    expect(typist.visitor.page.locator("main input:focus")).to_have_count(1)
    typist.keyboard.press("Control+A")
    typist.keyboard.type(value)
    typist.keyboard.press("Enter")


def test_details_are_changed_confirmed_and_left_as_they_were(visit: Visit, person: Person, browser_of: SignIn) -> None:
    visitor, given_up, new = visit(), new_email("countess"), new_email("lovelace")
    typist = Typist(visitor)
    visitor.be(browser_of(person))
    visitor.go("/account/profile/")
    typist.activate("Change name")
    replace(typist, "Countess")
    told(visitor, "Name changed to Countess.")
    typist.activate("Change name")
    expect(visitor.page.locator("#id_name")).to_be_focused()
    typist.activate("Cancel")
    expect(visitor.page.locator("#id_name")).to_have_count(0)
    ask_for(typist, given_up)
    typist.activate("Cancel this change (email)")
    told(visitor, "Email not changed.")
    ask_for(typist, new)
    tab_to(visitor, "#email input:not([type=hidden])")
    replace(typist, another(visitor.pool.code(new)))
    told(visitor, "That’s not the right code. Check it and try again.")
    tab_to(visitor, "#email input:not([type=hidden])")
    replace(typist, visitor.pool.code(new))
    told(visitor, f"Email changed to {new}.")


def ask_for(typist: Typist, email: str) -> None:
    """Ask for another address."""
    typist.activate("Change email")
    replace(typist, email)
    told(typist.visitor, f"Confirm {email}")


def test_other_devices_are_signed_out(visit: Visit, person: Person, browser_of: SignIn) -> None:
    visitor = visit()
    typist = Typist(visitor)
    visitor.be(browser_of(person))
    for _ in range(3):
        browser_of(person)
    visitor.go("/account/sessions/")
    tab_to(visitor, "main li form button")
    typist.keyboard.press("Enter")
    told(visitor, "is signed out.")
    typist.activate("Sign out all other devices")
    typist.arrive("Sign out all other devices")
    typist.activate("Sign out all other devices")
    told(visitor, "2 other devices are signed out.")
    typist.activate("Sign out everywhere")
    typist.arrive("Sign out everywhere")
    typist.activate("Sign out everywhere")
    told(visitor, "You’re signed out on all devices.")


def test_the_menu_is_opened_and_closed_and_gives_the_focus_back(
    visit: Visit, person: Person, browser_of: SignIn
) -> None:
    visitor = visit()
    menu, keyboard = visitor.page.locator("header details"), visitor.page.keyboard
    visitor.be(browser_of(person))
    visitor.go("/account/")
    tab_to(visitor, "summary")
    keyboard.press("Enter")
    expect(menu).to_have_attribute("open", "")
    keyboard.press("Tab")
    assert focused(visitor) == "Help"
    keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()
    keyboard.press("Tab")
    assert focused(visitor) == "Overview"


def test_the_language_is_chosen(visit: Visit) -> None:
    visitor = visit()
    visitor.go("/help/")
    tab_to(visitor, "#footer-language")
    visitor.page.keyboard.press("ArrowDown")
    assert visitor.page.locator("html").get_attribute("lang") == "en", "a choice is not an answer yet"
    tab_to(visitor, ".language button")
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("html")).to_have_attribute("lang", "de")


def test_a_forgotten_password_is_replaced(visit: Visit, person: Person) -> None:
    visitor = visit()
    typist = Typist(visitor)
    visitor.go("/login/")
    typist.activate("Forgot your password?")
    typist.arrive("Reset your password")
    typist.type(person.email)
    typist.arrive("Choose a new password")
    typist.type(visitor.pool.code(person.email), NEW)
    typist.arrive("Sign in to Latchkey")
    tab_to(visitor, "#id_password")
    typist.keyboard.type(NEW)
    typist.keyboard.press("Enter")
    typist.arrive("Ada Lovelace")


def test_somebody_who_was_invited_comes_in(visit: Visit, pool: LocalPool) -> None:
    visitor, person = visit(), pool.invited(name="Ada Lovelace")
    typist = Typist(visitor)
    visitor.go("/login/")
    typist.type(person.email, person.password)
    typist.arrive("Choose your own password")
    typist.type(NEW)
    typist.arrive("Ada Lovelace")


@pytest.fixture
def offering(local_pool: LocalPool, cognito: FaultProxy, site: str, settings: Settings) -> LocalPool:
    """A pool with a domain, and the provider among those that the site offers."""
    made = with_domain(local_pool, CallbackURLs=[f"{site}/login/callback/"], LogoutURLs=[f"{site}/login/"])
    cognito.sign_with(made.env)
    settings.COGNITO = made.cognito_setting(
        ENDPOINT_URL=cognito.url, DOMAIN=made.endpoint, PROVIDERS=[f"{NAME}={LABEL}"]
    )
    return made


def test_an_account_is_connected_and_disconnected_with_a_proof(
    visit: Visit, offering: LocalPool, browser_of: SignIn, settings: Settings
) -> None:
    person = offering.person(name="Ada Lovelace", email="ada@another.example")
    visitor = visit()
    typist = Typist(visitor)
    visitor.be(browser_of(person))
    visitor.go("/account/security/")
    with another_provider(offering, NAME):
        typist.activate(f"Connect {LABEL}")
        typist.arrive(f"Connect {LABEL}")
        typist.activate(f"Connect {LABEL}")
        told(visitor, f"{LABEL} connected. You can sign in with it.")
    Session.objects.update(created_at=timezone.now() - timedelta(seconds=settings.FRESH_SIGN_IN_AGE + 1))
    typist.activate(f"Disconnect {LABEL}")
    typist.arrive(f"Disconnect {LABEL}")
    typist.activate(f"Disconnect {LABEL}")
    typist.arrive("Confirm it’s you")
    typist.type(person.password)
    told(visitor, f"{LABEL} disconnected.")
    # The pages of the local AWS have no icon.
    visitor.noises[:] = [noise for noise in visitor.noises if f"({offering.endpoint}/" not in noise]
