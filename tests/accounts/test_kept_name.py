"""The name somebody typed goes with them to whatever page asks for it next, and to nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import RequestFactory
from django.utils import timezone

from accounts import kept_name, limits
from accounts.models import Session
from accounts.sessions.engine import SessionStore
from tests.checked_client import CheckedClient
from tests.local_pool import PASSWORD, LocalPool, Person, new_email

WRONG = "Wrong-horse-1"
ADA = "ada@example.com"
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


@pytest.mark.usefixtures("app")
def test_whoever_leaves_a_later_step_begins_with_an_empty_form(client: CheckedClient, person: Person) -> None:
    """The link "Not you?" leads to the sign-in page."""
    client.post("/login/", {"username": person.email, "password": WRONG})
    assert client.page("/login/").field("username")["value"] == person.email
    assert client.post("/login/", {"username": person.email, "password": PASSWORD}).url == "/login/challenge/"
    assert client.page("/login/").field("username")["value"] == ""
    assert client.page("/password/forgot/").field("username")["value"] == person.email


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
    assert kept_name.waiting(request) == ADA


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
