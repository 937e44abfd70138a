"""The sentences of the profile, its codes and the proof of identity: each is what a real request gets."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine
from django.utils import timezone

from accounts import facts
from accounts.cognito.results import Attribute
from accounts.views.base import COOL_DOWN
from tests import fault_proxy
from tests.accounts.federating import LABEL, Domain, come_by
from tests.accounts.profiles import CANCEL, NUMBER, PROFILE, READ, RESEND, VERIFY, change, fact, shown
from tests.checked_client import CheckedClient
from tests.conftest import SignIn, UsePool
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, new_email
from tests.markup import Page

CONFIRM = "/account/confirm/"
Step = tuple[str, Callable[[], Page]]


class Ada:
    """Ada at her profile."""

    def __init__(self, browser: CheckedClient, cognito: FaultProxy) -> None:
        self.browser = browser
        self.cognito = cognito

    def change(self, attribute: str, value: str, *, fault: str = "") -> Page:
        """Save one attribute; `fault` is what Cognito says to it."""
        self.fail("UpdateUserAttributes", fault)
        return change(self.browser, **{attribute: value})

    def type(self, code: str, *, fault: str = "") -> Page:
        """Type the code of a new address."""
        self.fail("VerifyUserAttribute", fault)
        return self.post(VERIFY, attribute="email", code=code)

    def post(self, path: str, **fields: str) -> Page:
        """Send a form, and return the page that follows."""
        response = self.browser.post(path, fields)
        return self.browser.page(response.url) if response.status_code == 302 else Page.of(response.content)

    def fail(self, operation: str, fault: str) -> None:
        if fault:
            self.cognito.fail(operation, fault_proxy.aws_error(fault), times=1)


def test_each_sentence_about_an_attribute_is_said(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    ada = Ada(signed_in, cognito)
    steps: list[Step] = [
        ("Name changed to Countess.", lambda: ada.change("name", "Countess")),
        ("Name removed.", lambda: ada.change("name", "")),
        ("Enter your email.", lambda: ada.change("email", "")),
        ("Enter an email like name@example.com.", lambda: ada.change("email", "ada")),
        (
            "Start with + and the country code, like +44 20 7946 0042.",
            lambda: ada.change("phone_number", "7946 0042"),
        ),
        (
            "This wasn’t accepted. Check it and try again.",
            lambda: ada.change("name", "x", fault="InvalidParameterException"),
        ),
        (
            f"We couldn’t send a code to {READ}. Check it, or use another way.",
            lambda: ada.change("phone_number", NUMBER, fault="CodeDeliveryFailureException"),
        ),
        (
            "You’ve changed this several times already. Wait an hour, then try again.",
            lambda: ada.change("phone_number", NUMBER, fault="LimitExceededException"),
        ),
        ("The number is saved once you enter it.", lambda: ada.change("phone_number", NUMBER)),
        ("Phone number not changed.", lambda: ada.post(CANCEL, attribute="phone_number")),
    ]
    for sentence, step in steps:
        assert sentence in step().words


def test_each_sentence_about_a_code_is_said(
    signed_in: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    ada, new = Ada(signed_in, cognito), new_email("countess")
    steps: list[Step] = [
        (f"Until you enter it, you’ll keep signing in with {person.email}.", lambda: ada.change("email", new)),
        ("You can ask for a new code in", lambda: ada.post(RESEND, attribute="email")),
        ("Enter the code.", lambda: ada.type("")),
        ("Use digits only. The code has no letters.", lambda: ada.type("12345a")),
        ("That’s three digits. The code has six.", lambda: ada.type("123")),
        ("That’s seven digits. The code has six.", lambda: ada.type("1234567")),
        (
            "That’s not the right code. Check it and try again.",
            lambda: ada.type("123456", fault="CodeMismatchException"),
        ),
        ("That code has expired. Ask for a new one.", lambda: ada.type("123456", fault="ExpiredCodeException")),
        (
            "Another account uses this email. Choose a different one.",
            lambda: ada.type("123456", fault="AliasExistsException"),
        ),
        ("That’s not the right code.", lambda: ada.type("123456", fault="CodeMismatchException")),
        ("Too many tries. Wait 20 minutes, then ask for a new code.", lambda: ada.type("123456")),
        (f"Email not changed. It’s still {person.email}.", lambda: ada.post(CANCEL, attribute="email")),
        (f"Confirm {new}", lambda: ada.change("email", new)),
    ]
    for sentence, step in steps:
        assert sentence in step().words
    with time_machine.travel(timezone.now().timestamp() + COOL_DOWN + 1):
        said = ada.post(RESEND, attribute="email").words
        assert f"New code sent to {new}. Only the newest one works." in said
        said = ada.type(pool.code(new, after=2)).words
        assert f"Email changed to {new}. Sign in with it from now on." in said


def test_each_sentence_about_the_proof_is_said(
    long_signed_in: CheckedClient, person: Person, cognito: FaultProxy
) -> None:
    ada = Ada(long_signed_in, cognito)
    page = ada.change("email", new_email("countess"))
    assert page.one("h1").text == "Confirm it’s you"
    assert "You’re about to change your email. Confirm it’s you, and we’ll do the rest." in page.words
    assert f"{person.email} Sign out" in page.words
    assert "or Email me a code Cancel and go back" in page.words
    assert "Enter your password." in ada.post(CONFIRM, password="").words
    assert "That’s not your current password." in ada.post(CONFIRM, password="Wrong-horse-1").words


def test_where_people_have_usernames_an_address_signs_nobody_in(
    local_pool: LocalPool, use_pool: UsePool, browser_of: SignIn
) -> None:
    pool = use_pool(local_pool, SIGN_IN_WITH="username")
    person, new = pool.person(), new_email("countess")
    browser = browser_of(person)
    row = fact(change(browser, email=new), "email")
    assert f"We emailed a code to this address. Until you enter it, {person.email} stays your email." in row
    browser.post(VERIFY, {"attribute": "email", "code": pool.code(new)})
    words = browser.page(PROFILE).words
    assert f"Email changed to {new}." in words
    assert "Sign in with it" not in words


def test_what_a_provider_says_of_its_people_is_shown_as_theirs(client: CheckedClient, domain: Domain) -> None:
    come_by(client, domain)
    page = client.page(PROFILE)
    told = {row for row, said in shown(page).items() if f"From {LABEL}" in said}
    assert told == {"email", "name"}
    assert not [link for link in page.all("a") if link["href"].startswith("?edit=email")]
    assert client.post(PROFILE, {"attribute": "email", "email": new_email()}).status_code == 400


@pytest.mark.parametrize(
    ("name", "others", "asked"),
    [
        ("given_name", ["name"], False),
        ("given_name", ["family_name"], True),
        ("nickname", ["name"], True),
        ("locale", [], True),
    ],
)
def test_a_name_is_asked_for_in_one_way(name: str, others: list[str], asked: bool) -> None:
    may_write = {each: Attribute(each) for each in [name, *others]}
    assert facts.is_asked_for(may_write[name], may_write) is asked
    assert facts.is_asked_for(Attribute(name, required=True), may_write)
