"""The overview: who is signed in, how well the account is protected, what is next, and the latest sign-ins."""

from __future__ import annotations

import pytest

from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.conftest import SignIn, UsePool
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, Person, new_email
from tests.other_pools import another_pool
from tests.second_factors import with_app

PAGE = "/account/"
PROVED_FIRST = {"UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]}}


def test_it_says_who_is_signed_in(signed_in: CheckedClient, person: Person) -> None:
    words = signed_in.page("/account/").words
    assert person.email in words
    assert "Ada Lovelace" in words


def test_it_says_what_is_left_to_do_and_leads_there(signed_in: CheckedClient, person: Person) -> None:
    page = signed_in.page(PAGE)
    assert "Two things left to do 1 of 3 steps to a well-protected account" in page.words
    assert page.one("svg", role="img")["aria-label"] == "1 of 3 security steps done"
    assert "Next: turn on two-step verification" in page.words
    assert page.one("a", href="/account/security/", **{"class": "button button--primary"}).text == "Turn on"
    assert f"Email {person.email} Verified" in page.words
    assert "Two-step verification A code as well as your password Off" in page.words
    assert "Passkeys Fingerprint, face or device PIN Not set up" in page.words
    assert "Devices Only this one 1 signed in" in page.words


def test_an_email_that_is_not_proved_comes_first_and_its_code_is_one_button(
    client: CheckedClient, pool: LocalPool, person: Person
) -> None:
    pool.admin("update_user_attributes", person, UserAttributes=[{"Name": "email_verified", "Value": "false"}])
    client.post("/login/", {"username": person.email, "password": person.password})
    page = client.page(PAGE)
    assert "Three things left to do 0 of 3 steps" in page.words
    assert "Next: verify your email" in page.words
    assert f"{person.email} Not verified" in page.words
    client.post("/account/profile/verify/resend/", {"attribute": page.one("input", name="attribute")["value"]})
    client.post("/account/profile/verify/", {"code": pool.code(person.email)})
    assert f"{person.email} Verified" in client.page(PAGE).words


def test_a_second_step_counts_and_asks_for_a_backup(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    app = with_app(pool, person)
    client.post("/login/", {"username": person.email, "password": person.password})
    client.post("/login/challenge/", {"code": app.code()})
    words = client.page(PAGE).words
    assert "Authenticator app only. Add a backup. On" in words
    assert "One thing left to do 2 of 3 steps to a well-protected account" in words
    assert "Next: add a passkey" in words


def test_a_pool_without_second_steps_and_passkeys_asks_for_neither(
    local_pool: LocalPool, use_pool: UsePool, browser_of: SignIn
) -> None:
    pool = use_pool(another_pool(local_pool))
    words = browser_of(pool.person()).page(PAGE).words
    assert "Your account is well protected The only step is done. Nothing needs your attention." in words


def test_other_devices_are_named_and_counted(signed_in: CheckedClient, browser_of: SignIn, person: Person) -> None:
    browser_of(person)
    assert "This one and Unknown browser 2 signed in" in signed_in.page(PAGE).words
    browser_of(person)
    assert "This one and 2 others 3 signed in" in signed_in.page(PAGE).words


def test_devices_of_others_are_not_counted(signed_in: CheckedClient, browser_of: SignIn, pool: LocalPool) -> None:
    browser_of(pool.person())
    assert "Only this one 1 signed in" in signed_in.page(PAGE).words


def test_the_latest_sign_ins_are_there_failed_ones_too(
    signed_in: CheckedClient, browser_of: SignIn, person: Person
) -> None:
    CheckedClient().post("/login/", {"username": person.email, "password": "Wrong-horse-1"})
    page = signed_in.page(PAGE)
    assert "Sign-in failed" in page.words
    assert len([each for each in page.all("span") if each["class"] == "tile tile--bad"]) == 1
    assert len([each for each in page.all("span") if each["class"] == "badge badge--accent"]) == 1


def test_no_more_than_three_sign_ins_are_there(signed_in: CheckedClient, browser_of: SignIn, person: Person) -> None:
    for _ in range(3):
        browser_of(person)
    page = signed_in.page(PAGE)
    assert len([each for each in page.all("li") if each["class"] == "row"]) == 3


def test_somebody_without_an_address_is_led_to_where_one_is_added(
    local_pool: LocalPool, use_pool: UsePool, client: CheckedClient
) -> None:
    pool = use_pool(another_pool(local_pool, UsernameAttributes=[], **PROVED_FIRST), SIGN_IN_WITH="username")
    pool.root.admin_create_user(UserPoolId=pool.id, Username="ada", MessageAction="SUPPRESS")
    pool.root.admin_set_user_password(UserPoolId=pool.id, Username="ada", Password=PASSWORD, Permanent=True)
    client.post("/login/", {"username": "ada", "password": PASSWORD})
    page = client.page(PAGE)
    assert "Next: add your email" in page.words
    assert "Email None yet" in page.words
    assert "Send code" not in page.words
    [link] = [each["href"] for each in page.all("a", class_="button button--primary")]
    assert link == "/account/profile/?edit=email#email"
    assert client.page(link.partition("#")[0]).field("email")
    client.post("/account/profile/", {"attribute": "email", "email": new_email()})
    assert "Next: verify your email" in client.page(PAGE).words


def test_an_outage_shows_no_check_up_and_everything_else(
    signed_in: CheckedClient, person: Person, cognito: FaultProxy
) -> None:
    cognito.fail("GetUser", fault_proxy.server_error())
    words = signed_in.page(PAGE).words
    assert "steps" not in words
    assert "Two-step verification" not in words
    assert f"Email {person.email} Verified" in words


@pytest.mark.parametrize("fault", [fault_proxy.server_error(), fault_proxy.aws_error("NotAuthorizedException")])
def test_where_cognito_does_not_say_which_passkeys_there_are_nothing_is_said_of_them(
    signed_in: CheckedClient, cognito: FaultProxy, fault: fault_proxy.Fault
) -> None:
    cognito.fail("ListWebAuthnCredentials", fault)
    words = signed_in.page(PAGE).words
    assert "Not set up" not in words
    assert "One thing left to do 1 of 2 steps" in words


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_it_takes_no_form(signed_in: CheckedClient, method: str) -> None:
    assert getattr(signed_in, method)("/account/").status_code == 405
