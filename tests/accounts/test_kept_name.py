"""The name somebody typed goes with them to whatever page asks for it next, and to nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import Settings

from accounts import kept_name, limits
from accounts.models import Session
from accounts.sessions.engine import SessionStore
from tests.accounts.ways_in import CHALLENGE, go
from tests.checked_client import CheckedClient
from tests.local_pool import PASSWORD, LocalPool, Person, new_email

WRONG = "Wrong-horse-1"
ADA = "ada@example.com"
NOT_YOU = "/login/?other=1&next=%2Faccount%2Fsessions%2F"
# Each page that asks for a name, and its field.
ASKING = {
    "/login/": "username",
    "/password/forgot/": "username",
    "/password/reset/": "username",
    "/verify-code/": "username",
    "/register/": "email",
}


@pytest.fixture
def refused(client: CheckedClient, pool: LocalPool) -> CheckedClient:
    """A browser in which a sign-in was refused."""
    client.post("/login/", {"username": ADA, "password": WRONG, "next": "/account/sessions/"})
    return client


@pytest.mark.parametrize(("path", "field"), ASKING.items())
def test_after_a_refused_sign_in_each_page_has_the_name(refused: CheckedClient, path: str, field: str) -> None:
    assert refused.page(path).field(field)["value"] == ADA
    assert refused.page(path).field(field)["value"] == ADA
    assert CheckedClient().page(path).field(field)["value"] == ""


def test_after_an_hour_it_is_forgotten(refused: CheckedClient) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert refused.page("/login/").field("username")["value"] == ""


def test_it_stands_nowhere_in_clear(refused: CheckedClient) -> None:
    assert ADA not in str(Session.objects.get().get_decoded())
    assert WRONG not in str(refused.session.items())


def test_signing_in_forgets_it(refused: CheckedClient, person: Person) -> None:
    refused.post("/login/", {"username": person.email, "password": person.password})
    refused.post("/logout/")
    assert refused.page("/login/").field("username")["value"] == ""


@pytest.fixture
def asked(client: CheckedClient, pool: LocalPool) -> CheckedClient:
    """A browser in which a code was asked for, and which has to tell it."""
    assert go(client, ADA, "EMAIL_OTP", next="/account/sessions/").url == CHALLENGE
    return client


@pytest.mark.parametrize(("path", "field"), ASKING.items())
def test_whoever_leaves_a_later_step_finds_the_name(asked: CheckedClient, path: str, field: str) -> None:
    assert asked.page(path).field(field)["value"] == ADA
    assert CheckedClient().page(path).field(field)["value"] == ""


@pytest.mark.parametrize(("path", "field"), ASKING.items())
def test_after_not_you_the_pages_are_empty(asked: CheckedClient, path: str, field: str) -> None:
    link = next(link for link in asked.page(CHALLENGE).all("a") if link.text == "Not you?")
    assert link["href"] == NOT_YOU
    page = asked.page(NOT_YOU)
    assert page.field("username")["value"] == ""
    assert page.one("form", action="/login/?next=%2Faccount%2Fsessions%2F")
    assert asked.page(path).field(field)["value"] == ""


def test_not_you_takes_no_step_away_and_keeps_the_next_name(asked: CheckedClient) -> None:
    asked.page(NOT_YOU)
    assert ADA in asked.page(CHALLENGE).words
    asked.post("/login/", {"username": "bob@example.com", "password": WRONG})
    assert asked.page("/login/").field("username")["value"] == "bob@example.com"


def test_not_you_makes_no_session_for_a_stranger(client: CheckedClient, pool: LocalPool) -> None:
    assert client.page(NOT_YOU).field("username")["value"] == ""
    assert not Session.objects.exists()


def test_a_name_typed_again_after_the_step_of_another_is_the_one_that_is_kept(
    refused: CheckedClient,
) -> None:
    go(refused, "bob@example.com", "EMAIL_OTP")
    assert refused.page("/login/").field("username")["value"] == "bob@example.com"
    refused.post("/login/", {"username": ADA, "password": WRONG})
    assert refused.page("/login/").field("username")["value"] == ADA


def test_a_step_that_took_too_long_is_begun_again_with_its_name_on_the_way(asked: CheckedClient) -> None:
    begun = timezone.now()
    with time_machine.travel(begun + timedelta(minutes=16)):
        answer = asked.get(CHALLENGE)
        assert answer.url == "/login/?again=1&next=%2Faccount%2Fsessions%2F"
        page = asked.page(answer.url)
        assert "That took too long. Start again." in page.words
        assert page.field("username")["value"] == ADA
        assert page.one("form", action="/login/?next=%2Faccount%2Fsessions%2F")
    with time_machine.travel(begun + timedelta(minutes=61)):
        assert asked.get(CHALLENGE).url == "/login/?again=1"
        assert asked.page("/login/?again=1").field("username")["value"] == ""


@pytest.mark.parametrize(("sign_in_with", "name"), [("username", "ada.lovelace"), ("phone", "+442079460123")])
def test_user_names_and_numbers_are_filled_in_as_well(
    client: CheckedClient, pool: LocalPool, settings: Settings, sign_in_with: str, name: str
) -> None:
    settings.COGNITO = {**settings.COGNITO, "SIGN_IN_WITH": sign_in_with}
    assert go(client, name, "EMAIL_OTP").url == CHALLENGE
    assert client.page("/login/").field("username")["value"] == name
    assert client.page(NOT_YOU).field("username")["value"] == ""


@pytest.mark.parametrize(("path", "field"), [("/register/", "email"), ("/password/forgot/", "username")])
def test_what_a_page_did_not_take_is_there_when_it_is_opened_again(
    client: CheckedClient, pool: LocalPool, path: str, field: str
) -> None:
    assert client.post(path, {field: "ada@example", "password1": "short"}).status_code == 200
    assert client.page(path).field(field)["value"] == "ada@example"
    assert client.page("/login/").field("username")["value"] == "ada@example"
    assert "short" not in client.get(path).content.decode()


def test_a_name_that_was_taken_goes_along_too(client: CheckedClient, pool: LocalPool) -> None:
    client.post("/login/", {"username": ADA, "password": WRONG})
    client.post("/password/forgot/", {"username": "bob@example.com"})
    assert client.page("/login/").field("username")["value"] == "bob@example.com"
    client.post("/register/", {"email": "eve@example.com", "password1": PASSWORD})
    assert client.page("/login/").field("username")["value"] == "eve@example.com"


def test_a_name_that_is_too_long_for_one_is_not_kept(client: CheckedClient, pool: LocalPool) -> None:
    client.post("/login/", {"username": "a" * 129, "password": WRONG})
    assert not Session.objects.exists()


@pytest.mark.parametrize(("length", "kept"), [(2000, True), (2100, False)])
def test_of_a_new_account_no_more_is_kept_than_people_type(db: None, length: int, kept: bool) -> None:
    request = RequestFactory().post("/register/")
    request.session = SessionStore()
    kept_name.keep_typed(request, ADA, {"email": ADA, "name": "a" * length})
    assert ("name" in kept_name.details(request)) is kept
    assert kept_name.known(request) == ADA


def test_one_address_makes_only_so_many_sessions_with_it(pool: LocalPool) -> None:
    for _ in range(limits.KEEPING_BY_ADDRESS.most + 1):
        page = CheckedClient().post("/login/", {"username": ADA, "password": ""})
        assert page.status_code == 200
    assert Session.objects.count() == limits.KEEPING_BY_ADDRESS.most


def test_a_mistyped_password_of_a_newcomer_is_no_part_of_it(client: CheckedClient, pool: LocalPool) -> None:
    client.post("/register/", {"email": new_email(), "password1": "Never-kept-1", "password2": "Other-one-2"})
    assert "Never-kept-1" not in client.get("/register/").content.decode()
    assert Session.objects.count() == 1
    assert client.post("/login/", {"username": ADA, "password": PASSWORD}).status_code == 200


def test_what_is_typed_besides_is_kept_with_a_name_that_was_known(db: None) -> None:
    request = RequestFactory().post("/register/")
    request.session = SessionStore()
    kept_name.keep_typed(request, ADA)
    kept_name.keep_typed(request, ADA, {"email": ADA, "name": "Ada Lovelace"})
    assert kept_name.details(request)["name"] == "Ada Lovelace"
