"""The page of security: what is so of each way in, each second step and each way back, and what can be done."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from pytest_django import Settings

from accounts.models import Activity, User
from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.conftest import SignIn, UsePool
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.markup import Page
from tests.other_pools import another_pool
from tests.second_factors import ON, with_app, with_mail, with_text_message

PAGE = "/account/security/"
NUMBER = "+442079460555"
READ = "+44 20 7946 0555"
FORGOTTEN, LOST_APP = "If you forget your password", "If you lose your authenticator app"


def row(page: Page, title: str) -> str:
    """Return the words of the row with this title."""
    return next(" ".join(element.text.split()) for element in page.all("li") if element.text.strip().startswith(title))


def links_in(page: Page, words: str) -> list[str]:
    return [link["href"] for link in page.all("a") if " ".join(link.text.split()) == words]


def proved(pool: LocalPool, person: Person, **attributes: str) -> None:
    listed = [{"Name": name, "Value": value} for name, value in attributes.items()]
    pool.admin("update_user_attributes", person, UserAttributes=listed)


def test_there_is_a_panel_for_each_subject(signed_in: CheckedClient) -> None:
    headings = [heading.text for heading in signed_in.page(PAGE).all("h2")]
    assert headings == ["How you sign in", "Two-step verification", "If you get locked out"]


def test_every_fact_leads_to_where_it_is_changed(signed_in: CheckedClient) -> None:
    page = signed_in.page(PAGE)
    assert links_in(page, "Change password") == ["/account/password/"]
    assert links_in(page, "Set up Authenticator app") == ["/account/security/totp/"]
    assert links_in(page, "Turn on Email") == ["/account/security/two-step/email/on/"]
    assert links_in(page, "Add phone number") == ["/account/profile/"]
    assert links_in(page, "Get help") == ["/help/#device"]
    assert page.all("a", href="/account/security/passkeys/")


def test_while_it_is_off_nobody_is_said_to_be_asked_for_a_code(signed_in: CheckedClient) -> None:
    words = signed_in.page(PAGE).words
    assert "Two-step verification Off When it’s on, we ask for a code after your password." in words
    assert "A passkey counts as both steps." in words


def test_what_is_on_is_shown_and_kept_however_it_was_turned_on(
    browser_of: SignIn, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    browser = browser_of(person)
    with_app(pool, person)
    before = cognito.calls["GetUser"]
    page = browser.page(PAGE)
    assert cognito.calls["GetUser"] == before + 1
    assert User.objects.get().second_factors == ["SOFTWARE_TOKEN_MFA"]
    assert "Two-step verification On After your password, we ask for a code." in page.words
    # It was set up elsewhere, so nobody knows when.
    assert row(page, "Authenticator app") == "Authenticator app On Set up Remove Authenticator app"


def test_a_number_that_nobody_proved_leads_to_the_profile(
    signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    assert "Needs a verified phone number Add phone number" in row(signed_in.page(PAGE), "Text message")
    proved(pool, person, phone_number=NUMBER, phone_number_verified="true")
    proved(pool, person, phone_number_verified="false")
    assert "Needs a verified phone number Verify phone number" in row(signed_in.page(PAGE), "Text message")


def test_a_password_says_when_it_was_last_chosen_where_that_is_on_record(signed_in: CheckedClient) -> None:
    assert row(signed_in.page(PAGE), "Password").startswith("Password Set ")
    user, at = User.objects.get(), datetime(2026, 3, 12, 9, tzinfo=UTC)
    for kind, when in (("password_changed", at), ("password_reset", at.replace(month=1))):
        Activity.objects.create(user=user, kind=kind, at=when)
    Activity.objects.create(user=user, kind="password_changed", outcome="failed")
    # What somebody calls a passkey is no word of the site.
    Activity.objects.create(user=user, kind="passkey_renamed", detail="invitation")
    assert row(signed_in.page(PAGE), "Password").startswith("Password Changed Mar 12, 2026")


def test_turning_email_codes_on_says_before_what_it_costs(
    signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    words = "you can’t reset a forgotten password by email."
    assert f"If you turn this on, {words}" in row(signed_in.page(PAGE), "Email")
    with_mail(pool, person)
    assert f"While this is on, {words}" in row(signed_in.page(PAGE), "Email")


def test_a_forgotten_password_has_a_way_back(signed_in: CheckedClient, person: Person) -> None:
    assert row(signed_in.page(PAGE), FORGOTTEN) == f"{FORGOTTEN} We email a code to {person.email} Ready"


def test_an_address_that_nobody_proved_brings_nothing_back(
    signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    proved(pool, person, email_verified="false")
    said = f"{FORGOTTEN} Not possible yet Verify your email first Verify your email"
    assert row(signed_in.page(PAGE), FORGOTTEN) == said


def test_email_codes_leave_the_helpers_or_a_number(signed_in: CheckedClient, pool: LocalPool, person: Person) -> None:
    with_mail(pool, person)
    said = "Email is one of your second steps. Ask the people who run Latchkey instead. Not possible"
    assert said in row(signed_in.page(PAGE), FORGOTTEN)
    # The template's pool sends the code to a proved number then.
    proved(pool, person, phone_number=NUMBER, phone_number_verified="true")
    assert row(signed_in.page(PAGE), FORGOTTEN) == f"{FORGOTTEN} We text a code to {READ} Ready"


def test_where_only_staff_recover_accounts_nothing_else_is_promised(
    local_pool: LocalPool, use_pool: UsePool, browser_of: SignIn
) -> None:
    setting = {"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]}
    pool = use_pool(another_pool(local_pool, AccountRecoverySetting=setting))
    page = browser_of(pool.person()).page(PAGE)
    assert "Ask the people who run Latchkey instead. Not possible" in row(page, FORGOTTEN)


def test_a_lost_app_is_spoken_of_only_where_there_is_one(signed_in: CheckedClient) -> None:
    assert LOST_APP not in signed_in.page(PAGE).words


def test_an_app_alone_has_no_backup(browser_of: SignIn, pool: LocalPool, person: Person) -> None:
    browser = browser_of(person)
    with_app(pool, person)
    page = browser.page(PAGE)
    assert row(page, LOST_APP) == f"{LOST_APP} No backup Add a second method now Add a second method"
    assert links_in(page, "Add a second method") == ["/account/security/two-step/email/on/"]


def test_another_method_is_the_backup(browser_of: SignIn, pool: LocalPool, person: Person) -> None:
    browser = browser_of(person)
    with_app(pool, person)
    pool.admin("set_user_mfa_preference", person, EmailMfaSettings=ON)
    said = f"{LOST_APP} Get a code by email at {person.email} instead Ready"
    assert row(browser.page(PAGE), LOST_APP) == said
    with_text_message(pool, person, NUMBER)
    assert f"Get a text message at {READ} instead" in row(browser.page(PAGE), LOST_APP)


def test_without_an_app_it_is_the_number_or_the_mailbox_that_may_be_lost(
    browser_of: SignIn, pool: LocalPool, person: Person
) -> None:
    browser = browser_of(person)
    with_mail(pool, person)
    assert "Set up" in row(browser.page(PAGE), "Authenticator app")
    assert links_in(browser.page(PAGE), "Add a second method") == ["/account/security/totp/"]
    assert "If you can’t open your email" in browser.page(PAGE).words


def test_whoever_helps_is_named(signed_in: CheckedClient, settings: Settings) -> None:
    title = "If you lose everything"
    said = "The people who run Latchkey can help once they’re sure it’s you"
    assert said in row(signed_in.page(PAGE), title)
    settings.SUPPORT_EMAIL = "help@example.com"
    assert "help@example.com can help once they’re sure it’s you" in row(signed_in.page(PAGE), title)


def test_as_many_passkeys_as_there_can_be_leave_no_way_to_another(
    signed_in: CheckedClient, cognito: FaultProxy
) -> None:
    entries = [{"CredentialId": f"key-{n}", "FriendlyCredentialName": f"Key {n}", "CreatedAt": n} for n in range(20)]
    cognito.fail("ListWebAuthnCredentials", fault_proxy.answered(200, json.dumps({"Credentials": entries}).encode()))
    page = signed_in.page(PAGE)
    assert "Add a passkey You have 20 passkeys, the most there can be." in page.words
    assert not page.all("a", href="/account/security/passkeys/")
    # Whether these were ever used, nobody here knows.
    assert "Not used yet" not in page.words


def test_a_pool_without_second_steps_and_passkeys_has_no_word_of_them(
    local_pool: LocalPool, use_pool: UsePool, browser_of: SignIn
) -> None:
    pool = use_pool(another_pool(local_pool))
    words = browser_of(pool.person()).page(PAGE).words
    assert "Two-step" not in words
    assert "asskey" not in words


@pytest.mark.parametrize("operation", ["GetUser", "ListWebAuthnCredentials"])
def test_while_cognito_is_away_there_is_no_page(signed_in: CheckedClient, cognito: FaultProxy, operation: str) -> None:
    cognito.fail(operation, fault_proxy.closed_before())
    assert signed_in.get(PAGE).status_code == 503


def test_the_page_changes_nothing(signed_in: CheckedClient) -> None:
    assert signed_in.post(PAGE).status_code == 405
