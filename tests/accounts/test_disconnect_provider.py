"""Disconnecting a provider: by whoever has just proved who they are, and never the last way in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.db import connections
from django.utils import timezone
from pytest_django import Settings

from accounts import conf
from accounts.models import Activity, Session, User
from tests import fault_proxy
from tests.accounts.connecting import (
    CONNECTIONS,
    DISCONNECT,
    SECURITY,
    UNLINK,
    Connecting,
    another_provider,
    linked,
    people_named,
    signed_in,
)
from tests.accounts.federating import ELSEWHERE, LABEL, Domain, come_by, way_out
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool

DISCONNECTED = f"{LABEL} disconnected."
ALLOWED = {"takes_address": "on"}
TOO_LONG_AGO = timedelta(seconds=site_settings.FRESH_SIGN_IN_AGE + 1)


@pytest.fixture
def connected(federated: LocalPool, domain: Domain) -> Connecting:
    """Somebody with a password here, and a provider connected."""
    made = signed_in(federated, domain)
    made.connect()
    made.browser.page(SECURITY)
    return made


def test_it_is_asked_first(connected: Connecting, cognito: FaultProxy) -> None:
    page = connected.browser.page(DISCONNECT)
    assert f"You can no longer sign in to this account with {LABEL}." in page.words
    assert cognito.calls[UNLINK] == 0


def test_whoever_comes_by_it_then_is_somebody_new(connected: Connecting, client: CheckedClient) -> None:
    assert connected.browser.post(DISCONNECT).url == SECURITY
    assert DISCONNECTED in connected.words()
    assert linked(connected.pool, connected.person) == ""
    come_by(client, connected.domain, separate="on")
    assert User.objects.count() == 2
    assert people_named(connected.pool, "Elsewhere") == ["Elsewhere_ada"]


def test_it_can_be_connected_again(connected: Connecting) -> None:
    connected.browser.post(DISCONNECT)
    connected.browser.page(SECURITY)
    connected.connect()
    assert f"{LABEL} connected." in connected.words()


def test_it_is_recorded_and_mailed(connected: Connecting, mailoutbox: list[Any]) -> None:
    connected.browser.post(DISCONNECT)
    row = Activity.objects.filter(user=connected.user).first()
    assert row
    assert (row.kind, row.target) == (Activity.Kind.PROVIDER_DISCONNECTED, LABEL)
    assert f"with {LABEL}." in mailoutbox[-1].body
    assert mailoutbox[-1].subject == f"{LABEL} was disconnected from your Latchkey account"


def test_who_came_by_it_is_signed_out_elsewhere(connected: Connecting, client: CheckedClient) -> None:
    come_by(client, connected.domain)
    other = CheckedClient()
    other.post("/login/", {"username": connected.person.email, "password": connected.person.password})
    connected.browser.post(DISCONNECT)
    assert client.get("/account/").status_code == 302
    assert [browser.get("/account/").status_code for browser in (other, connected.browser)] == [200, 200]


def test_the_device_that_does_it_stays_signed_in(connected: Connecting, client: CheckedClient) -> None:
    come_by(client, connected.domain)
    assert client.post(DISCONNECT).url == SECURITY
    assert DISCONNECTED in client.page(SECURITY).words


def test_the_person_proves_who_they_are_first(connected: Connecting, cognito: FaultProxy) -> None:
    Session.objects.update(created_at=timezone.now() - TOO_LONG_AGO)
    assert connected.browser.post(DISCONNECT).url.startswith("/account/confirm/?next=")
    assert cognito.calls[UNLINK] == 0


def test_strangers_have_nothing_to_disconnect(client: CheckedClient, domain: Domain) -> None:
    assert client.get(DISCONNECT).url == f"/login/?next={DISCONNECT}"


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_an_account_began_with_stays(
    client: CheckedClient, domain: Domain, cognito: FaultProxy, method: str
) -> None:
    come_by(client, domain)
    assert getattr(client, method)(DISCONNECT).url == SECURITY
    assert f"{LABEL} can’t be disconnected: it’s your way in." in client.page(SECURITY).words
    assert cognito.calls[UNLINK] == 0


@pytest.mark.parametrize("still_offered", [True, False])
def test_the_last_way_that_is_offered_stays(
    federated: LocalPool, domain: Domain, settings: Settings, client: CheckedClient, still_offered: bool
) -> None:
    """Somebody whose account began with a provider that the site no longer offers."""
    both = [f"{ELSEWHERE}={LABEL}", "Another"]
    settings.COGNITO = {**settings.COGNITO, "PROVIDERS": both}
    come_by(client, domain)
    with another_provider(federated, "Another"):
        client.get(domain.sign_in_elsewhere(way_out(client.post(f"{CONNECTIONS}Another/connect/", ALLOWED))))
        settings.COGNITO = {**settings.COGNITO, "PROVIDERS": both if still_offered else both[1:]}
        client.post(f"{CONNECTIONS}Another/disconnect/")
        words = client.page(SECURITY).words
    assert ("Another disconnected." in words) is still_offered
    assert ("Another can’t be disconnected: it’s your way in." in words) is not still_offered
    assert ("Your only way to sign in" in words) is True


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_take_both_ways_that_are_left(
    federated: LocalPool, domain: Domain, settings: Settings, client: CheckedClient, cognito: FaultProxy
) -> None:
    left = ["Another", "Third"]
    settings.COGNITO = {**settings.COGNITO, "PROVIDERS": [f"{ELSEWHERE}={LABEL}", *left]}
    come_by(client, domain)
    other, gate = CheckedClient(), threading.Event()
    with another_provider(federated, "Another"), another_provider(federated, "Third"):
        for name in left:
            client.get(domain.sign_in_elsewhere(way_out(client.post(f"{CONNECTIONS}{name}/connect/", ALLOWED))))
        settings.COGNITO = {**settings.COGNITO, "PROVIDERS": left}
        other.cookies["sessionid"] = client.session_cookie
        cognito.fail(UNLINK, fault_proxy.held(gate), times=1)
        with ThreadPoolExecutor(1) as threads:
            first = threads.submit(in_a_thread_of_its_own, lambda: client.post(f"{CONNECTIONS}Another/disconnect/"))
            while not cognito.calls[UNLINK]:
                assert not first.done()
            other.post(f"{CONNECTIONS}Third/disconnect/")
            other_words = other.page(SECURITY).words
            gate.set()
            first.result()
        other.post(f"{CONNECTIONS}Third/disconnect/")
        afterwards = client.page(SECURITY).words
    assert cognito.calls[UNLINK] == 1
    assert "We couldn’t disconnect Third. Nothing was changed." in other_words
    assert "Third can’t be disconnected: it’s your way in." in afterwards


def in_a_thread_of_its_own(act: Callable[[], Any]) -> None:
    """Do `act`, and close the connection to the database that its thread has opened."""
    try:
        act()
    finally:
        connections.close_all()


def test_what_went_meanwhile_is_not_taken_by_an_earlier_look(connected: Connecting, cognito: FaultProxy) -> None:
    """Another tab has disconnected it between the two looks of this one."""
    [identity] = conf.directory().get(connected.user.username).identities
    cognito.fail("GetUser", fault_proxy.Fault(), times=1)
    cognito.fail("GetUser", fault_proxy.Fault(wait=lambda: conf.directory().unlink(identity)), times=1)
    connected.browser.post(DISCONNECT)
    assert f"{LABEL} isn’t connected." in connected.words()
    assert not Activity.objects.filter(kind=Activity.Kind.PROVIDER_DISCONNECTED).exists()


def test_after_an_outage_it_can_be_disconnected_at_once(connected: Connecting, cognito: FaultProxy) -> None:
    cognito.fail(UNLINK, fault_proxy.closed_before(), times=1)
    assert connected.browser.post(DISCONNECT).status_code == 503
    connected.browser.post(DISCONNECT)
    assert DISCONNECTED in connected.words()


def test_one_that_is_offered_no_longer_can_be_disconnected(connected: Connecting, settings: Settings) -> None:
    settings.COGNITO = {**settings.COGNITO, "PROVIDERS": ["Another"]}
    assert connected.browser.post(DISCONNECT).url == SECURITY
    assert f"{ELSEWHERE} disconnected." in connected.words()


def test_disconnecting_again_says_that_it_is_so(connected: Connecting) -> None:
    connected.browser.post(DISCONNECT)
    connected.browser.page(SECURITY)
    for method in (connected.browser.get, connected.browser.post):
        assert method(DISCONNECT).url == SECURITY
    assert f"{LABEL} isn’t connected." in connected.words()


@pytest.mark.parametrize("name", ["Nobody", "COGNITO", "elsewhere", "%00"])
def test_what_is_neither_offered_nor_connected_is_not_found(connected: Connecting, name: str) -> None:
    for method in (connected.browser.get, connected.browser.post):
        assert method(f"{CONNECTIONS}{name}/disconnect/").status_code == 404


@pytest.mark.parametrize("operation", ["GetUser", UNLINK])
def test_an_outage_changes_nothing(connected: Connecting, cognito: FaultProxy, operation: str) -> None:
    cognito.fail(operation, fault_proxy.closed_before())
    assert connected.browser.post(DISCONNECT).status_code == 503
    cognito.heal()
    assert not Activity.objects.filter(kind=Activity.Kind.PROVIDER_DISCONNECTED).exists()
    assert "ada" in linked(connected.pool, connected.person)


def test_a_refusal_is_told(connected: Connecting, cognito: FaultProxy) -> None:
    cognito.fail(UNLINK, fault_proxy.aws_error("InvalidParameterException", "call +1 555 0100"))
    connected.browser.post(DISCONNECT)
    words = connected.words()
    assert f"We couldn’t disconnect {LABEL}. Nothing was changed." in words
    assert "555" not in words


def test_an_answer_that_was_lost_is_no_failure_the_second_time(connected: Connecting, cognito: FaultProxy) -> None:
    cognito.fail(UNLINK, fault_proxy.closed_after(), times=1)
    assert connected.browser.post(DISCONNECT).status_code == 503
    connected.browser.post(DISCONNECT)
    assert f"{LABEL} isn’t connected." in connected.words()


def test_a_key_without_the_right_changes_nothing(connected: Connecting, cognito: FaultProxy) -> None:
    cognito.fail(UNLINK, fault_proxy.aws_error("AccessDeniedException"))
    assert connected.browser.post(DISCONNECT).status_code == 503
    assert "ada" in linked(connected.pool, connected.person)
