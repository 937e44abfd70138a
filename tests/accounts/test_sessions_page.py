"""Where one is signed in: this device and the others, and ending them one by one or all at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Activity, Session
from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person

PAGE = "/account/sessions/"
OTHERS = f"{PAGE}end-others/"
EVERYWHERE = f"{PAGE}sign-out-everywhere/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"


def elsewhere(person: Person, address: str = "192.0.2.7") -> CheckedClient:
    browser = CheckedClient(headers={"User-Agent": FIREFOX}, REMOTE_ADDR=address)
    browser.post("/login/", {"username": person.email, "password": person.password})
    return browser


def ends(client: CheckedClient) -> list[str]:
    return [form["action"] for form in client.page(PAGE).all("form") if form["action"].endswith("/end/")]


def is_in(client: CheckedClient) -> bool:
    return bool(client.get("/account/").status_code == 200)


def test_this_device_comes_first_and_cannot_be_ended_there(signed_in: CheckedClient, person: Person) -> None:
    elsewhere(person)
    page = signed_in.page(PAGE)
    names = [" ".join(heading.text.split()) for heading in page.all("h3", class_="row__title")]
    assert [name.endswith("This device") for name in names] == [True, False]
    assert names[1] == "Firefox on Linux"
    assert "192.0.2.7" in page.words
    assert len(ends(signed_in)) == 1


def test_the_key_of_a_session_is_on_no_page(signed_in: CheckedClient, person: Person) -> None:
    other = elsewhere(person)
    html = signed_in.page(PAGE).html
    assert other.session_cookie not in html
    assert signed_in.session_cookie not in html


def test_one_session_is_ended_and_its_tokens_with_it(
    signed_in: CheckedClient, person: Person, cognito: FaultProxy
) -> None:
    other, third = elsewhere(person), elsewhere(person, "192.0.2.8")
    address = next(form for form in ends(signed_in) if str(public_id(other)) in form)
    assert signed_in.post(address).url == PAGE
    assert "Firefox on Linux is signed out." in signed_in.page(PAGE).words
    assert [is_in(browser) for browser in (signed_in, other, third)] == [True, False, True]
    assert cognito.calls["RevokeToken"] == 1


def public_id(client: CheckedClient) -> object:
    return Session.objects.get(session_key=client.session_cookie).public_id


def test_ended_twice_is_ended(signed_in: CheckedClient, person: Person) -> None:
    elsewhere(person)
    address = ends(signed_in)[0]
    assert [signed_in.post(address).status_code for _ in range(2)] == [302, 302]
    assert "signed out already" in signed_in.page(PAGE).words


def test_the_session_of_somebody_else_is_not_ended(
    signed_in: CheckedClient, browser_of: SignIn, pool: LocalPool
) -> None:
    bob = browser_of(pool.person())
    signed_in.post(f"{PAGE}{public_id(bob)}/end/")
    assert is_in(bob)
    assert not Activity.objects.filter(kind=Activity.Kind.SESSION_ENDED).exists()


def test_all_others_are_ended_at_once(
    signed_in: CheckedClient, person: Person, browser_of: SignIn, pool: LocalPool
) -> None:
    others, bob = [elsewhere(person), elsewhere(person)], browser_of(pool.person())
    assert signed_in.post(f"{PAGE}end-others/").url == PAGE
    assert "2 other devices are signed out." in signed_in.page(PAGE).words
    assert [is_in(browser) for browser in (*others, signed_in, bob)] == [False, False, True, True]


def test_signing_out_everywhere_asks_and_says_how_long_others_may_go_on(signed_in: CheckedClient) -> None:
    page = signed_in.page(EVERYWHERE)
    assert "up to 60 minutes" in page.words
    assert is_in(signed_in)


def test_signing_out_everywhere_ends_it_all(signed_in: CheckedClient, person: Person, cognito: FaultProxy) -> None:
    other = elsewhere(person)
    response = signed_in.post(EVERYWHERE)
    assert response.url == "/login/"
    assert "storage" in response["Clear-Site-Data"]
    assert not is_in(signed_in)
    assert not is_in(other)
    assert cognito.calls["GlobalSignOut"] == 1
    assert "You’re signed out on all devices." in signed_in.page("/login/").words


@pytest.mark.parametrize(
    "fault",
    [fault_proxy.server_error(), fault_proxy.closed_after(), fault_proxy.aws_error("NotAuthorizedException")],
    ids=["500", "closed", "refused"],
)
def test_the_sessions_here_end_whatever_cognito_says(
    signed_in: CheckedClient, person: Person, cognito: FaultProxy, fault: fault_proxy.Fault
) -> None:
    other = elsewhere(person)
    cognito.fail("GlobalSignOut", fault)
    assert signed_in.post(EVERYWHERE).url == "/login/"
    assert not is_in(other)
    assert not Session.objects.exclude(user=None).exists()


def test_a_session_that_is_over_is_not_listed(signed_in: CheckedClient, person: Person) -> None:
    other = elsewhere(person)
    Session.objects.filter(session_key=other.session_cookie).update(expire_date=timezone.now() - timedelta(seconds=1))
    assert ends(signed_in) == []


def test_one_session_does_not_end_by_get(signed_in: CheckedClient, person: Person) -> None:
    elsewhere(person)
    assert signed_in.get(ends(signed_in)[0]).status_code == 405


def test_the_page_before_signing_out_all_others_counts_them_and_ends_none(
    signed_in: CheckedClient, person: Person
) -> None:
    others = [elsewhere(person), elsewhere(person)]
    page = signed_in.page(OTHERS)
    assert "2 devices will be signed out. This one stays signed in." in page.words
    assert "Other apps may stay signed in for up to 60 minutes." in page.words
    assert {form["action"] for form in page.all("form")} >= {OTHERS, EVERYWHERE}
    assert all(is_in(browser) for browser in others)


def test_where_no_other_device_is_signed_in_nothing_is_promised_and_nothing_recorded(signed_in: CheckedClient) -> None:
    assert "No other device is signed in." in signed_in.page(OTHERS).words
    signed_in.post(OTHERS)
    assert "No other device is signed in." in signed_in.page(PAGE).words
    assert not Activity.objects.filter(kind=Activity.Kind.SESSION_ENDED).exists()


def test_with_one_device_the_way_out_everywhere_is_there(signed_in: CheckedClient, person: Person) -> None:
    def leads() -> set[str]:
        return {link["href"] for link in signed_in.page(PAGE).all("a")} & {OTHERS, EVERYWHERE}

    assert leads() == {EVERYWHERE}
    elsewhere(person)
    assert leads() == {OTHERS}


@pytest.mark.parametrize(
    ("seconds", "words"), [(24 * 3600, "24 hours."), (3600, "1 hour."), (900, "15 minutes."), (5400, "90 minutes.")]
)
def test_the_page_says_until_when_this_device_stays_in(
    signed_in: CheckedClient, settings: Settings, seconds: int, words: str
) -> None:
    settings.SESSION_IDLE_AGE = seconds
    shown = signed_in.page(PAGE)
    assert f"or until it hasn’t been used for {words}" in shown.words
    end = Session.objects.get(session_key=signed_in.session_cookie).created_at + timedelta(days=30)
    assert f"{end:%Y-%m-%dT%H:%M:%SZ}" in [moment["datetime"] for moment in shown.all("time")]


@pytest.mark.parametrize(("left", "has_clock"), [(timedelta(hours=25), False), (timedelta(hours=23), True)])
def test_the_last_day_of_a_session_is_told_to_the_minute(
    signed_in: CheckedClient, left: timedelta, has_clock: bool
) -> None:
    began = timezone.now() - timedelta(days=30) + left
    Session.objects.filter(session_key=signed_in.session_cookie).update(created_at=began)
    words = signed_in.page(PAGE).words
    told = words.partition("This device stays signed in until ")[2].partition(", or until")[0]
    assert told
    assert (":" in told) is has_clock


def test_a_phone_is_drawn_as_one(signed_in: CheckedClient, person: Person) -> None:
    iphone = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"
    )
    elsewhere(person)
    assert "icons.svg#phone" not in signed_in.page(PAGE).html
    CheckedClient(headers={"User-Agent": iphone}).post(
        "/login/", {"username": person.email, "password": person.password}
    )
    assert "icons.svg#phone" in signed_in.page(PAGE).html


def test_what_was_ended_is_recorded(signed_in: CheckedClient, person: Person) -> None:
    elsewhere(person)
    signed_in.post(ends(signed_in)[0])
    assert "Signed out Firefox on Linux" in signed_in.page("/account/activity/").words
