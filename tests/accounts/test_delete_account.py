"""Deleting one's own account: typed out, there first and here after, and gone for good."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core import mail
from django.db import connections

from accounts.cognito.sign_in_names import readable
from accounts.models import Activity, Session, User
from tests import fault_proxy
from tests.accounts.phones import by_phone, spelt_otherwise, with_number
from tests.checked_client import CheckedClient
from tests.conftest import SignIn, UsePool
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, Person
from tests.markup import Page

PAGE = "/account/delete/"


def test_the_address_typed_out_deletes_everything(signed_in: CheckedClient, pool: LocalPool, person: Person) -> None:
    assert signed_in.post(PAGE, {"confirm": person.email}).url == "/"
    told = f"Your account is deleted. We sent a last email to {person.email}."
    assert told in signed_in.page("/").words
    assert pool.status(person.email) == ""
    assert not User.objects.exists()
    assert [row.kind for row in Activity.objects.all()] == [Activity.Kind.ACCOUNT_DELETED]
    assert not Session.objects.exclude(user=None).exists()


def test_every_session_ends(signed_in: CheckedClient, browser_of: SignIn, person: Person) -> None:
    other = browser_of(person)
    signed_in.post(PAGE, {"confirm": person.email})
    assert signed_in.get("/account/").status_code == 302
    assert other.get("/account/").status_code == 302


def test_the_password_opens_nothing_any_more(signed_in: CheckedClient, person: Person) -> None:
    signed_in.post(PAGE, {"confirm": person.email})
    data = {"username": person.email, "password": person.password}
    assert CheckedClient().post("/login/", data).status_code == 200
    assert not User.objects.exists()


def test_upper_and_lower_case_and_spaces_around_do_not_matter(signed_in: CheckedClient, person: Person) -> None:
    assert signed_in.post(PAGE, {"confirm": f" {person.email.upper()} "}).url == "/"


@pytest.mark.parametrize("typed", ["", "yes", "delete", "ada@example.com", "on"])
def test_anything_else_typed_deletes_nothing(
    signed_in: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy, typed: str
) -> None:
    page = Page.of(signed_in.post(PAGE, {"confirm": typed}).content)
    assert page.error_of("confirm")
    assert cognito.calls["DeleteUser"] == 0
    assert pool.status(person.email) == "CONFIRMED"


def test_looking_at_the_page_deletes_nothing(signed_in: CheckedClient, person: Person, cognito: FaultProxy) -> None:
    page = signed_in.page(PAGE)
    assert person.email in page.words
    assert "No one can restore it." in page.words
    assert cognito.calls["DeleteUser"] == 0


def test_others_keep_their_accounts(
    signed_in: CheckedClient, browser_of: SignIn, pool: LocalPool, person: Person
) -> None:
    bob = browser_of(pool.person())
    signed_in.post(PAGE, {"confirm": person.email})
    assert bob.get("/account/").status_code == 200


def test_an_outage_keeps_the_account_here_too(
    signed_in: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    cognito.fail("DeleteUser", fault_proxy.closed_before(), times=1)
    assert signed_in.post(PAGE, {"confirm": person.email}).status_code == 503
    assert User.objects.count() == 1
    assert signed_in.post(PAGE, {"confirm": person.email}).url == "/"


def test_a_deletion_whose_answer_got_lost_is_finished(
    signed_in: CheckedClient, person: Person, cognito: FaultProxy
) -> None:
    cognito.fail("DeleteUser", fault_proxy.aws_error("UserNotFoundException"))
    assert signed_in.post(PAGE, {"confirm": person.email}).url == "/"
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_deletions_at_once_are_recorded_and_mailed_once(
    signed_in: CheckedClient, person: Person, cognito: FaultProxy
) -> None:
    other, gate = CheckedClient(), threading.Event()
    other.cookies["sessionid"] = signed_in.cookies["sessionid"].value
    cognito.fail("DeleteUser", fault_proxy.held(gate), times=1)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(in_a_thread_of_its_own, lambda: signed_in.post(PAGE, {"confirm": person.email}))
        while not cognito.calls["DeleteUser"]:
            assert not first.done()
        assert other.post(PAGE, {"confirm": person.email}).url == "/"
        gate.set()
        assert first.result().url == "/"
    assert [message.to for message in mail.outbox] == [[person.email]]
    assert Activity.objects.filter(kind=Activity.Kind.ACCOUNT_DELETED).count() == 1


def in_a_thread_of_its_own(act: Callable[[], Any]) -> Any:
    """Do `act`, and close the connection to the database that its thread has opened."""
    try:
        return act()
    finally:
        connections.close_all()


@pytest.mark.parametrize("spelling", [str, readable, spelt_otherwise])
def test_a_number_is_typed_as_the_profile_writes_it_or_in_any_usual_form(
    local_pool: LocalPool, use_pool: UsePool, client: CheckedClient, spelling: Callable[[str], str]
) -> None:
    number = with_number(by_phone(local_pool, use_pool))
    client.post("/login/", {"username": number, "password": PASSWORD})
    assert readable(number) in client.page(PAGE).words
    assert client.post(PAGE, {"confirm": spelling(number)}).url == "/"
    assert not User.objects.exists()


def test_somebody_who_takes_the_address_later_is_somebody_else(
    signed_in: CheckedClient, pool: LocalPool, person: Person, browser_of: SignIn
) -> None:
    signed_in.post(PAGE, {"confirm": person.email})
    successor = browser_of(pool.person(email=person.email))
    assert User.objects.get().sub != person.sub
    assert len(successor.page("/account/activity/").all("div", **{"class": "event__t"})) == 1
