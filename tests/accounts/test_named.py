"""Whom a typed name stands for: by the one field people sign in with, of this pool, found by an index."""

from __future__ import annotations

import pytest
from django.db import connection
from pytest_django import Settings

from accounts import conf, users
from accounts.models import Session, User
from accounts.sessions import revocation
from accounts.sessions.engine import SessionStore
from tests.accounts.test_refresh import is_signed_in
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.local_pool import LocalPool, Person, new_email

pytestmark = pytest.mark.django_db
NEW = "Another-horse-1"


def somebody(sub: str, **fields: str) -> User:
    """Make a person with a session, by default of this pool."""
    user = User.objects.create(**{"issuer": conf.config().issuer, "sub": sub, "username": sub, **fields})
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session.create()
    Session.objects.filter(session_key=session.session_key).update(user=user)
    return user


@pytest.fixture
def by_user_name(settings: Settings) -> None:
    settings.COGNITO = {**settings.COGNITO, "SIGN_IN_WITH": "username"}


def test_by_e_mail_the_address_counts_and_no_user_name() -> None:
    ada = somebody("1", email="Ada@Example.com")
    somebody("2", username="ada@example.com", email="bob@example.com")
    assert list(users.named("aDa@example.COM")) == [ada]


def test_by_user_name_the_user_name_counts_and_no_address(by_user_name: None) -> None:
    somebody("1", email="bob@example.com", username="ada")
    bob = somebody("2", username="Bob@example.com")
    assert list(users.named("bob@example.com")) == [bob]


@pytest.mark.parametrize("name", ["%", "a_a@example.com", "", "ada"])
def test_no_letter_stands_for_others(name: str) -> None:
    somebody("1", email="ada@example.com")
    assert not users.named(name).exists()


def test_letters_beyond_ascii_are_found_as_they_were_typed() -> None:
    ada = somebody("1", email="Änne@example.com")
    assert list(users.named("Änne@Example.com")) == [ada]


@pytest.mark.parametrize("mode", ["email", "username"])
def test_the_name_is_found_by_an_index(settings: Settings, mode: str) -> None:
    settings.COGNITO = {**settings.COGNITO, "SIGN_IN_WITH": mode}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # With a handful of rows, reading them all is cheaper.
            cursor.execute("SET LOCAL enable_seqscan = off")
    found = users.named("ada@example.com").explain()
    # The index that finds the beginning of a name finds a whole one as well.
    assert f"accounts_user_lower_{mode}" in found or f"accounts_user_{mode}_begins" in found


def test_people_of_another_pool_keep_their_sessions() -> None:
    here, there = somebody("1", email="ada@example.com"), somebody("2", email="ada@example.com", issuer="another")
    assert revocation.end_sessions_named("ada@example.com") == 1
    assert not here.sessions.exists()
    assert there.sessions.exists()


def reset(pool: LocalPool, browser: CheckedClient, address: str) -> None:
    """Choose a new password by a mailed code, in ``browser``."""
    sent = len(pool.mails(address))
    browser.post("/password/forgot/", {"username": address})
    data = {"code": pool.code(address, after=sent), "new_password1": NEW, "new_password2": NEW}
    assert browser.post("/password/reset/", data).url == "/login/"


@pytest.fixture
def moved(signed_in: CheckedClient, pool: LocalPool, person: Person) -> str:
    """Ada's address, which was changed in the pool while she is signed in."""
    address = new_email("moved")
    attributes = [{"Name": "email", "Value": address}, {"Name": "email_verified", "Value": "true"}]
    pool.admin("update_user_attributes", person, UserAttributes=attributes)
    return address


def test_a_reset_by_an_address_this_site_does_not_know_yet_ends_the_sessions_at_the_next_sign_in(
    signed_in: CheckedClient, client: CheckedClient, pool: LocalPool, moved: str
) -> None:
    reset(pool, client, moved)
    assert client.post("/login/", {"username": moved, "password": NEW}).url == "/account/"
    assert not is_signed_in(signed_in)
    assert is_signed_in(client)


def test_somebody_else_who_signs_in_after_a_reset_keeps_their_sessions(
    client: CheckedClient, pool: LocalPool, moved: str, browser_of: SignIn
) -> None:
    bob = pool.person()
    elsewhere = browser_of(bob)
    reset(pool, client, moved)
    client.post("/login/", {"username": bob.email, "password": bob.password})
    assert is_signed_in(client)
    assert is_signed_in(elsewhere)


def test_a_sign_in_without_a_reset_ends_nothing(signed_in: CheckedClient, browser_of: SignIn, person: Person) -> None:
    browser_of(person)
    assert is_signed_in(signed_in)
