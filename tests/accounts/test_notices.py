"""Mails about an account: to whom they go, and that the remedy they name works."""

from __future__ import annotations

import pytest
from django.core import mail
from pytest_django import Settings

from accounts import activity
from accounts.context import Context
from accounts.models import Activity, User
from tests.accounts.test_activity_kinds import change_address, change_number, reset_password
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.local_pool import LocalPool, Person, new_email


def told() -> list[tuple[list[str], str]]:
    """Return to whom which subject went."""
    return [(message.to, str(message.subject)) for message in mail.outbox]


def test_the_old_address_hears_of_a_new_one_and_of_no_reset(
    signed_in: CheckedClient, person: Person, pool: LocalPool
) -> None:
    change_address(signed_in, person, pool)
    signed_in.get("/account/")
    (old,) = (message for message in mail.outbox if message.to == [person.email])
    assert old.subject == "The email of your Latchkey account was changed"
    body = str(old.body)
    # A remedy that needs this mailbox would do nothing.
    assert "/password/forgot/" not in body
    assert "/account/" not in body
    assert "contact the people who run Latchkey right away. We can’t undo it from this mailbox, but they can." in body


def test_the_old_address_learns_no_more_of_the_new_one_than_whose_it_may_be(
    signed_in: CheckedClient, person: Person, pool: LocalPool
) -> None:
    change_address(signed_in, person, pool)
    signed_in.get("/account/")
    new = User.objects.get().email
    (old,) = (message for message in mail.outbox if message.to == [person.email])
    assert f"to {new[0]}•••@{new.partition('@')[2]}." in str(old.body)
    assert new not in old.message().as_string()


def test_the_new_address_hears_that_it_signs_in(signed_in: CheckedClient, person: Person, pool: LocalPool) -> None:
    change_address(signed_in, person, pool)
    signed_in.get("/account/")
    new = User.objects.get().email
    (mailed,) = (message for message in mail.outbox if message.to == [new])
    assert mailed.subject == "This is now the email of your Latchkey account"
    assert f"You can now sign in to Latchkey with {new}. Notices about your account come here." in str(mailed.body)


def test_where_a_pool_takes_a_new_address_at_once_the_old_one_hears_of_it(
    signed_in: CheckedClient, person: Person, pool: LocalPool
) -> None:
    user = User.objects.get()
    request = signed_in.get("/account/").wsgi_request
    mail.outbox.clear()
    before = {"email": person.email, "email_verified": "true", "name": "Ada"}
    after = {"email": new_email("countess"), "email_verified": "false", "name": "Ada"}
    activity.profile_changed(request, user, before, after)
    signed_in.get("/account/")
    assert [to for to, _ in told()] == [[person.email]]
    assert [row.kind for row in Activity.objects.all()][:1] == [Activity.Kind.EMAIL_CHANGED]


def test_a_new_number_is_told(signed_in: CheckedClient, person: Person, pool: LocalPool) -> None:
    change_number(signed_in, person, pool)
    assert told() == [([person.email], "The phone number of your Latchkey account was changed")]


def test_a_deleted_account_is_told(signed_in: CheckedClient, person: Person) -> None:
    signed_in.post("/account/delete/", {"confirm": person.email})
    assert told() == [([person.email], "Your Latchkey account was deleted")]
    assert "/password/forgot/" not in str(mail.outbox[0].body)


def test_an_account_that_is_not_deleted_is_not_told_so(signed_in: CheckedClient, person: Person) -> None:
    signed_in.post("/account/delete/", {"confirm": "no"})
    assert told() == []


def test_a_reset_is_told_once(signed_in: CheckedClient, person: Person, pool: LocalPool) -> None:
    reset_password(signed_in, person, pool)
    assert told() == [([person.email], "Your Latchkey password was reset")]


def test_by_user_name_a_reset_goes_to_the_address_that_is_known(
    signed_in: CheckedClient, person: Person, settings: Settings
) -> None:
    settings.COGNITO = {**settings.COGNITO, "SIGN_IN_WITH": "username"}
    request = signed_in.get("/account/").wsgi_request
    activity.password_reset(request, User.objects.get().username)
    signed_in.get("/account/")
    assert [to for to, _ in told()] == [[person.email]]


def test_the_very_first_sign_in_is_nothing_to_be_told_of(signed_in: CheckedClient) -> None:
    assert told() == []


def test_a_sign_in_in_a_browser_that_was_not_used_before_is_told(
    signed_in: CheckedClient, browser_of: SignIn, person: Person
) -> None:
    browser_of(person)
    assert told() == [([person.email], "New sign-in to your Latchkey account")]
    assert "How: Password\n" in str(mail.outbox[0].body)


def test_a_sign_in_in_the_same_browser_is_not_told(signed_in: CheckedClient, person: Person) -> None:
    signed_in.post("/logout/")
    signed_in.post("/login/", {"username": person.email, "password": person.password})
    assert signed_in.get("/account/").status_code == 200
    assert told() == []


def test_proving_again_is_not_told(signed_in: CheckedClient, person: Person) -> None:
    signed_in.post("/account/confirm/", {"password": person.password})
    assert told() == []


def test_somebody_elses_browser_is_a_new_one(
    signed_in: CheckedClient, browser_of: SignIn, pool: LocalPool, person: Person
) -> None:
    bob = pool.person()
    browser_of(bob)
    mail.outbox.clear()
    signed_in.post("/logout/")
    signed_in.post("/login/", {"username": bob.email, "password": bob.password})
    assert [to for to, _ in told()] == [[bob.email]]


@pytest.mark.parametrize("kind", sorted(activity.NOTIFIED))
def test_every_kind_that_protects_an_account_is_told(signed_in: CheckedClient, person: Person, kind: str) -> None:
    request = signed_in.get("/account/").wsgi_request
    activity.record(Activity.Kind(kind), User.objects.get(), context=Context.of(request))
    signed_in.get("/account/")
    assert [to for to, _ in told()] == [[person.email]]


def test_the_remedy_of_a_notice_signs_everybody_else_out(
    signed_in: CheckedClient, browser_of: SignIn, person: Person, pool: LocalPool
) -> None:
    browser_of(person)
    assert "http://localhost:8000/account/sessions/" in str(mail.outbox[0].body)
    reset_password(signed_in, person, pool)
    assert signed_in.get("/account/").status_code == 302
    assert "http://localhost:8000/password/forgot/" in str(mail.outbox[-1].body)
