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
    assert told() == [([person.email], "Your Latchkey account has another e-mail address now")]
    body = str(mail.outbox[0].body)
    assert "/password/forgot/" not in body
    assert "change your password there at once" in body
    assert "/account/security/" in body


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
    assert told() == [([person.email], "Your Latchkey account: Changed the telephone number")]


def test_a_deleted_account_is_told(signed_in: CheckedClient, person: Person) -> None:
    signed_in.post("/account/delete/", {"confirm": person.email})
    assert told() == [([person.email], "Your Latchkey account is deleted")]
    assert "/password/forgot/" not in str(mail.outbox[0].body)


def test_an_account_that_is_not_deleted_is_not_told_so(signed_in: CheckedClient, person: Person) -> None:
    signed_in.post("/account/delete/", {"confirm": "no"})
    assert told() == []


def test_a_reset_is_told_once(signed_in: CheckedClient, person: Person, pool: LocalPool) -> None:
    reset_password(signed_in, person, pool)
    assert told() == [([person.email], "Your Latchkey account: Chose a new password by a mailed code")]


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
    assert told() == [
        ([person.email], "Your Latchkey account: Signed in with a browser that was not used for it before")
    ]


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
    assert "http://localhost:8000/password/forgot/" in str(mail.outbox[0].body)
    reset_password(signed_in, person, pool)
    assert signed_in.get("/account/").status_code == 302
