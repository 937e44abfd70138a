"""Changing the password: the old one is needed, the other sessions end, the person is told."""

from __future__ import annotations

import socket

import pytest
from django.core import mail
from django.http import HttpRequest
from pytest_django import Settings

from accounts import known_browser, limits
from accounts.models import Activity, Session, User
from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.markup import Page
from tests.second_factors import with_mail

PAGE = "/account/password/"
NEW = "Another-horse-2"


def form(person: Person, **changes: str) -> dict[str, str]:
    return {"old_password": person.password, "new_password1": NEW, "new_password2": NEW, **changes}


def refused(client: CheckedClient, data: dict[str, str]) -> Page:
    response = client.post(PAGE, data)
    assert response.status_code == 200
    return Page.of(response.content)


def works(person: Person, password: str) -> bool:
    response = CheckedClient().post("/login/", {"username": person.email, "password": password})
    return bool(response.status_code == 302)


def test_the_new_password_works_and_the_old_does_not(signed_in: CheckedClient, person: Person) -> None:
    assert signed_in.post(PAGE, form(person)).url == "/account/security/"
    words = signed_in.page("/account/security/").words
    assert "Password changed. You were signed out on all other devices." in words
    assert "Password Changed " in words
    assert works(person, NEW)
    assert not works(person, person.password)


def test_the_other_sessions_end_as_was_said_before(
    signed_in: CheckedClient, browser_of: SignIn, person: Person, cognito: FaultProxy
) -> None:
    others = [browser_of(person), browser_of(person)]
    assert "You’ll be signed out on all other devices." in signed_in.page(PAGE).words
    signed_in.post(PAGE, form(person))
    assert [browser.get("/account/").status_code for browser in others] == [302, 302]
    assert cognito.calls["RevokeToken"] == 2


def test_this_session_goes_on_under_another_key(signed_in: CheckedClient, person: Person) -> None:
    before = signed_in.session_cookie
    signed_in.post(PAGE, form(person))
    assert signed_in.session_cookie != before
    assert not Session.objects.filter(session_key=before).exists()
    assert signed_in.get("/account/profile/").status_code == 200


def test_the_person_is_told_by_mail_and_in_the_activity(signed_in: CheckedClient, person: Person) -> None:
    signed_in.post(PAGE, form(person))
    assert [message.to for message in mail.outbox] == [[person.email]]
    assert Activity.objects.filter(kind=Activity.Kind.PASSWORD_CHANGED).count() == 1


def test_a_wrong_old_password_changes_nothing(signed_in: CheckedClient, browser_of: SignIn, person: Person) -> None:
    other = browser_of(person)
    page = refused(signed_in, form(person, old_password="Wrong-horse-1"))
    assert page.error_of("old_password") == "Error: That’s not your current password."
    assert NEW not in page.html
    assert works(person, person.password)
    assert other.get("/account/").status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"old_password": ""}, "old_password"),
        ({"new_password1": ""}, "new_password1"),
        ({"new_password1": "short", "new_password2": "short"}, "new_password1"),
        ({"new_password2": "Another-horse-3"}, "new_password2"),
        ({"new_password1": "P@ssw0rd", "new_password2": "P@ssw0rd"}, "new_password1"),
        ({"new_password1": "Ada Lovelace-1", "new_password2": "Ada Lovelace-1"}, "new_password1"),
        ({"new_password1": "y" * 257}, "new_password1"),
    ],
)
def test_what_is_wrong_with_the_form_is_told_without_a_call(
    signed_in: CheckedClient, person: Person, cognito: FaultProxy, changes: dict[str, str], field: str
) -> None:
    assert refused(signed_in, form(person, **changes)).error_of(field)
    assert cognito.calls["ChangePassword"] == 0


@pytest.mark.parametrize(
    ("code", "field", "words"),
    [
        ("InvalidPasswordException", "new_password1", "doesn’t meet the rules"),
        ("PasswordHistoryPolicyViolationException", "new_password1", "You’ve used this password before"),
        ("NotAuthorizedException", "old_password", "not your current password"),
    ],
)
def test_a_refusal_stands_at_its_field(
    signed_in: CheckedClient, person: Person, cognito: FaultProxy, code: str, field: str, words: str
) -> None:
    cognito.fail("ChangePassword", fault_proxy.aws_error(code))
    assert words in refused(signed_in, form(person)).error_of(field)


def test_too_many_tries_are_told_to_wait(signed_in: CheckedClient, person: Person, cognito: FaultProxy) -> None:
    cognito.fail("ChangePassword", fault_proxy.aws_error("LimitExceededException"))
    assert "Wait an hour" in refused(signed_in, form(person)).summary()


def test_a_token_that_died_is_not_blamed_on_the_password(
    signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    pool.admin("user_global_sign_out", person)
    assert signed_in.post(PAGE, form(person)).url == "/login/?ended=1&next=%2Faccount%2Fpassword%2F"
    assert signed_in.get("/account/").status_code == 302


def test_guesses_end_before_cognito(signed_in: CheckedClient, person: Person, cognito: FaultProxy) -> None:
    most = limits.PASSWORD_BY_USER.most
    data = form(person, old_password="Wrong-horse-1")
    cognito.fail("ChangePassword", fault_proxy.aws_error("NotAuthorizedException"))
    statuses = [signed_in.post(PAGE, data).status_code for _ in range(most + 1)]
    assert statuses == [200] * most + [429]
    assert cognito.calls["ChangePassword"] == most


def test_password_managers_find_name_and_fields(signed_in: CheckedClient, person: Person) -> None:
    page = signed_in.page(PAGE)
    assert page.one("input", autocomplete="username")["value"] == person.email
    tokens = [page.field(name)["autocomplete"] for name in ("old_password", "new_password1")]
    assert tokens == ["current-password", "new-password"]


def test_who_forgot_it_can_reset_it_with_the_address_filled_in(signed_in: CheckedClient, person: Person) -> None:
    page = signed_in.page(PAGE)
    assert page.one("a", href="/password/forgot/").text == "Reset it by email"
    assert signed_in.page("/password/forgot/").field("username")["value"] == person.email
    assert signed_in.get("/account/").status_code == 200


def test_nobody_is_sent_to_a_reset_that_cannot_be(signed_in: CheckedClient, pool: LocalPool, person: Person) -> None:
    with_mail(pool, person)
    signed_in.page("/account/security/")
    assert not signed_in.page(PAGE).all("a", href="/password/forgot/")


def test_an_outage_changes_nothing(signed_in: CheckedClient, person: Person, cognito: FaultProxy) -> None:
    cognito.fail("ChangePassword", fault_proxy.closed_before())
    assert signed_in.post(PAGE, form(person)).status_code == 503
    assert works(person, person.password)


def test_a_change_whose_answer_got_lost_leaves_nobody_in_who_knew_the_old_password(
    signed_in: CheckedClient, browser_of: SignIn, person: Person, cognito: FaultProxy
) -> None:
    thief = browser_of(person)
    cognito.fail("ChangePassword", fault_proxy.closed_after(), times=1)
    assert signed_in.post(PAGE, form(person)).status_code == 503
    assert works(person, NEW)
    assert thief.get("/account/").status_code == 302
    assert not known_browser.knows(request_of(thief), User.objects.get())
    assert signed_in.get("/account/").status_code == 200


def request_of(client: CheckedClient) -> HttpRequest:
    """Return a request of that browser."""
    request = HttpRequest()
    request.COOKIES = {name: morsel.value for name, morsel in client.cookies.items()}
    return request


def test_a_change_that_never_went_out_signs_nobody_out(
    signed_in: CheckedClient, browser_of: SignIn, person: Person, settings: Settings
) -> None:
    elsewhere = browser_of(person)
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{nobody_listens.getsockname()[1]}"
        settings.COGNITO = {**settings.COGNITO, "ENDPOINT_URL": endpoint}
        assert signed_in.post(PAGE, form(person)).status_code == 503
    assert elsewhere.get("/account/").status_code == 200
    assert Session.objects.exclude(user=None).count() == 2
