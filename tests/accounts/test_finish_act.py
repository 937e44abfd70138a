"""What somebody was about to do when they had to prove who they are is done right after, once, and for them alone."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Session, User
from accounts.sessions.pending import PendingAct
from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, new_email
from tests.second_factors import with_app

CONFIRM, DELETE, FINISH = "/account/confirm/", "/account/delete/", "/account/confirm/finish/"


def begin(client: CheckedClient, person: Person) -> str:
    """Ask for the account to be deleted; return where the proof leads."""
    asked: str = client.post(DELETE, {"confirm": person.email}).url
    assert urlsplit(asked).path == CONFIRM
    return parse_qs(urlsplit(asked).query)["next"][0]


def prove(client: CheckedClient, person: Person, way_on: str) -> str:
    url: str = client.post(CONFIRM, {"password": person.password, "next": way_on}).url
    return url


def test_what_was_begun_is_done_by_the_proof(long_signed_in: CheckedClient, pool: LocalPool, person: Person) -> None:
    way_on = begin(long_signed_in, person)
    assert pool.status(person.email) == "CONFIRMED"
    assert prove(long_signed_in, person, way_on) == way_on
    assert long_signed_in.get(way_on).url == "/"
    assert "Your account is deleted." in long_signed_in.page("/").words
    assert pool.status(person.email) == ""


def test_the_page_that_asks_says_what_for_and_leads_back(long_signed_in: CheckedClient, person: Person) -> None:
    way_on = begin(long_signed_in, person)
    page = long_signed_in.page(f"{CONFIRM}?next={way_on.replace('?', '%3F').replace('=', '%3D')}")
    assert "You’re about to delete your account. Confirm it’s you, and we’ll do the rest." in page.words
    assert page.one("a", href=DELETE).text.strip() == "Cancel and go back"


def test_a_proof_for_something_else_does_not_do_it(
    long_signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    begin(long_signed_in, person)
    assert prove(long_signed_in, person, "/account/security/") == "/account/security/"
    assert "delete" not in long_signed_in.page(f"{CONFIRM}?next=/account/security/").words
    long_signed_in.get("/account/security/")
    assert pool.status(person.email) == "CONFIRMED"


@pytest.mark.parametrize("ticket", ["", "?act=", "?act=guessed"])
def test_nobody_is_led_to_it_without_the_ticket(
    long_signed_in: CheckedClient, pool: LocalPool, person: Person, ticket: str
) -> None:
    prove(long_signed_in, person, begin(long_signed_in, person))
    assert long_signed_in.get(f"{FINISH}{ticket}").url == "/account/"
    assert "Nothing was changed. It took too long" in long_signed_in.page("/account/").words
    assert pool.status(person.email) == "CONFIRMED"


def test_without_a_proof_it_asks_again(long_signed_in: CheckedClient, pool: LocalPool, person: Person) -> None:
    assert urlsplit(long_signed_in.get(begin(long_signed_in, person)).url).path == CONFIRM
    assert pool.status(person.email) == "CONFIRMED"


def test_after_a_quarter_of_an_hour_it_is_forgotten(
    long_signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    way_on = begin(long_signed_in, person)
    prove(long_signed_in, person, way_on)
    with time_machine.travel(timezone.now().timestamp() + PendingAct.AGE + 1):
        assert long_signed_in.get(way_on).url == "/account/"
    assert pool.status(person.email) == "CONFIRMED"


def test_it_is_not_done_for_somebody_else_in_the_same_browser(
    long_signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    way_on, bob = begin(long_signed_in, person), pool.person()
    long_signed_in.post("/logout/")
    assert long_signed_in.post("/login/", {"username": bob.email, "password": bob.password}).status_code == 302
    assert long_signed_in.get(way_on).url == "/account/"
    assert {pool.status(bob.email), pool.status(person.email)} == {"CONFIRMED"}


def test_it_waits_for_the_second_step(long_signed_in: CheckedClient, pool: LocalPool, person: Person) -> None:
    app, way_on = with_app(pool, person), begin(long_signed_in, person)
    assert prove(long_signed_in, person, way_on) == "/login/challenge/"
    assert urlsplit(long_signed_in.get(way_on).url).path == CONFIRM
    way_on = begin(long_signed_in, person)
    prove(long_signed_in, person, way_on)
    assert long_signed_in.post("/login/challenge/", {"code": app.code()}).url == way_on
    assert long_signed_in.get(way_on).url == "/"
    assert pool.status(person.email) == ""


def test_an_outage_leaves_it_to_be_tried_again(
    long_signed_in: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    way_on = begin(long_signed_in, person)
    prove(long_signed_in, person, way_on)
    cognito.fail("DeleteUser", fault_proxy.server_error())
    assert long_signed_in.get(way_on).status_code == 503
    assert User.objects.exists()
    cognito.heal()
    assert long_signed_in.get(way_on).url == "/"
    assert pool.status(person.email) == ""


def test_an_act_that_another_one_has_pushed_out_is_not_only_said_to_have_taken_too_long(
    long_signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    first = begin(long_signed_in, person)
    assert urlsplit(long_signed_in.post("/account/security/two-step/email/on/").url).path == CONFIRM
    prove(long_signed_in, person, first)
    assert long_signed_in.get(first).url == "/account/"
    said = "Nothing was changed. It took too long, or something else was begun in another tab. Start again."
    assert said in long_signed_in.page("/account/").words
    assert pool.status(person.email) == "CONFIRMED"


def test_what_is_not_right_is_said_before_anything_is_proved(long_signed_in: CheckedClient) -> None:
    response = long_signed_in.post(DELETE, {"confirm": "yes"})
    assert response.status_code == 200
    assert "That isn’t the email of this account." in response.content.decode()


def test_nothing_of_it_can_be_read_in_the_database(long_signed_in: CheckedClient, person: Person) -> None:
    ticket = begin(long_signed_in, person).partition("=")[2]
    stored = str(Session.objects.values_list().get())
    assert ticket not in stored
    assert person.email not in stored


def test_a_stranger_finishes_nothing(
    client: CheckedClient, long_signed_in: CheckedClient, browser_of: SignIn, person: Person, pool: LocalPool
) -> None:
    way_on = begin(long_signed_in, person)
    assert client.get(way_on).url.startswith("/login/")
    assert browser_of(person).get(way_on).url == "/account/"
    assert pool.status(person.email) == "CONFIRMED"


@pytest.mark.parametrize(
    ("attribute", "value", "read", "said"),
    [
        ("email", "", "", "You’re about to change your email."),
        ("phone_number", "+442079460999", "+44 20 7946 0999", "You’re about to change your phone number."),
    ],
)
def test_a_new_address_is_on_its_way_right_after_the_proof(
    long_signed_in: CheckedClient,
    pool: LocalPool,
    person: Person,
    cognito: FaultProxy,
    attribute: str,
    value: str,
    read: str,
    said: str,
) -> None:
    value = value or new_email("countess")
    asked = long_signed_in.post("/account/profile/", {"attribute": attribute, attribute: value}).url
    assert cognito.calls["UpdateUserAttributes"] == 0
    assert said in long_signed_in.page(asked).words
    way_on = parse_qs(urlsplit(asked).query)["next"][0]
    prove(long_signed_in, person, way_on)
    assert long_signed_in.get(way_on).url == f"/account/profile/#{attribute}"
    assert f"Confirm {read or value}" in long_signed_in.page("/account/profile/").words
    data = {"code": pool.code(value), "attribute": attribute}
    assert long_signed_in.post("/account/profile/verify/", data).status_code == 302
    now = pool.attributes(value if attribute == "email" else person.email)
    assert now[attribute] == value
