"""The pages for when something does not work: their words, and a way on, for whoever asks."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.test import RequestFactory
from pytest_django import Settings

from accounts import error_responses
from accounts.request_id import request_id
from accounts.sessions.engine import SessionStore
from tests.accounts.test_error_responses import handler400, handler403, handler404, handler500, urlpatterns
from tests.checked_client import CheckedClient
from tests.local_pool import Person
from tests.markup import Page

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
pytestmark = [pytest.mark.urls("tests.accounts.test_error_pages"), pytest.mark.django_db]

SAYS = {
    "suspicious": ("This request didn’t come through", "Something was missing or changed on the way."),
    "denied": ("You don’t have access to this page", "If you think you should have"),
    "missing": ("Page not found", "If you followed a link, the page may have moved."),
    "limit": ("Too many tries", "Nothing was changed. Wait 80 seconds, then try again."),
    "mistake": ("Something went wrong on our side", "It isn’t your fault, and we’ve noted it."),
    "busy": ("Too many people at once", "Nothing was tried, counted or changed."),
    "away": ("We can’t reach your account right now", "Nothing was changed, and your account is safe."),
}


def shown(client: CheckedClient, address: str) -> Page:
    """Return the page at `address`, whatever its status."""
    client.raise_request_exception = False
    return Page.of(client.get(address).content)


@pytest.mark.parametrize("kind", SAYS)
def test_a_stranger_reads_what_is_so_and_may_sign_in(kind: str) -> None:
    page = shown(CheckedClient(), f"/page/raising/{kind}/")
    heading, sentence = SAYS[kind]
    assert page.one("h1").text == heading
    assert sentence in page.words
    assert bool(page.all("a", href="/login/")) is (kind != "mistake"), "a mistake may be anywhere, so nobody is asked"
    assert page.all("nav") == []


@pytest.mark.parametrize("kind", SAYS)
def test_whoever_is_signed_in_keeps_their_places_and_the_way_out(signed_in: CheckedClient, kind: str) -> None:
    page = shown(signed_in, f"/page/raising/{kind}/")
    assert page.one("h1").text == SAYS[kind][0]
    if kind != "mistake":
        assert page.all("form", action="/logout/")
        assert page.all("nav")
        assert "aria-current" not in page.html
        assert page.all("a", href="/account/", class_="button button--primary") or kind in ("limit", "busy", "away")


def test_no_access_says_who_is_signed_in_and_whom_to_ask(signed_in: CheckedClient, settings: Settings) -> None:
    settings.SUPPORT_EMAIL = "help@example.com"
    page = shown(signed_in, "/page/raising/denied/")
    assert "You’re signed in as" in page.words
    assert "If another of your accounts has access, sign out and use that one." in page.words
    assert page.all("a", href="mailto:help@example.com")


def test_an_address_that_does_not_exist_keeps_the_places_too(signed_in: CheckedClient) -> None:
    page = shown(signed_in, "/nothing/")
    assert page.one("h1").text == "Page not found"
    assert page.all("form", action="/logout/")


def test_a_mistake_leaves_whoever_is_signed_in_the_way_out(person: Person) -> None:
    client = CheckedClient(enforce_csrf_checks=True, raise_request_exception=False)
    token = client.page("/login/").all("input", name="csrfmiddlewaretoken")[0]["value"]
    client.post("/login/", {"username": person.email, "password": person.password, "csrfmiddlewaretoken": token})
    page = shown(client, "/page/raising/mistake/")
    assert page.one("form")["action"] == "/logout/"
    token = page.one("input", name="csrfmiddlewaretoken")["value"]
    client.post("/logout/", {"csrfmiddlewaretoken": token})
    assert client.get("/account/").url.startswith("/login/")


def test_a_stranger_to_a_mistake_is_offered_no_way_out() -> None:
    client = CheckedClient(raise_request_exception=False)
    client.get("/login/")
    assert shown(client, "/page/raising/mistake/").all("form") == []


@pytest.mark.parametrize("kind", ["mistake", "away"])
def test_the_reference_is_what_finds_the_request_in_the_log(kind: str, settings: Settings) -> None:
    settings.SUPPORT_EMAIL = "help@example.com"
    visitor = CheckedClient(raise_request_exception=False)
    response = visitor.get(f"/page/raising/{kind}/")
    digits = response["X-Request-ID"][:8].upper()
    page = Page.of(response.content)
    assert f"contact help@example.com and quote {digits[:4]}-{digits[4:]}." in page.words


def test_without_a_contact_the_page_names_the_people_of_the_site(settings: Settings) -> None:
    settings.SUPPORT_EMAIL, settings.SUPPORT_URL, settings.SITE_NAME = "", "", "Alder"
    assert "contact the people who run Alder and quote" in shown(CheckedClient(), "/page/raising/mistake/").words


def test_outside_of_a_request_there_is_no_reference() -> None:
    token = request_id.set("")
    try:
        assert "quote" not in Page.of(error_responses.without_session("500.html")).words
    finally:
        request_id.reset(token)


def test_a_form_that_met_an_outage_is_not_told_that_nothing_was_changed() -> None:
    answer = error_responses.service_unavailable(RequestFactory().post("/page/closed/"))
    assert "Nothing was changed" not in Page.of(answer.content).words
    assert "Your account is safe." in Page.of(answer.content).words


def test_a_page_without_a_session_that_can_be_read_stands(
    signed_in: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: SessionStore) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(SessionStore, "load", away)
    for address in ("/nothing/", "/account/"):
        page = shown(signed_in, address)
        assert page.one("h1").text in ("Page not found", "We can’t reach your account right now")
        assert page.all("nav") == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "Wait 5 seconds,"),
        (61, "Wait 65 seconds,"),
        (115, "Wait 115 seconds,"),
        (116, "Wait 2 minutes,"),
        (121, "Wait 3 minutes,"),
    ],
)
def test_a_wait_below_two_minutes_is_said_in_seconds(seconds: int, words: str) -> None:
    response = error_responses.too_many_requests(RequestFactory().get("/"), seconds)
    assert words in Page.of(response.content).words
    assert response["Retry-After"] == str(seconds)


def test_what_is_made_once_for_strangers_is_nobody_elses(signed_in: CheckedClient) -> None:
    stranger = CheckedClient()
    assert "Sign in" in shown(stranger, "/page/raising/limit/").words
    assert signed_in.get("/account/").wsgi_request.user.email in shown(signed_in, "/page/raising/limit/").words
    assert signed_in.get("/account/").wsgi_request.user.email not in shown(stranger, "/page/raising/limit/").words
