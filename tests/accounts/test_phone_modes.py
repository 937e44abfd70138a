"""Numbers where the site makes the accounts, where people are invited, and where programs register them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts import administration, conf, users
from accounts.administration import ActRefused
from accounts.cognito.errors import Misconfigured
from accounts.context import Context
from accounts.models import User
from tests.accounts.phones import by_phone, new_number, spelt_otherwise, with_aliases, with_number
from tests.accounts.registering import AGAIN, COMPLETE
from tests.accounts.squatting import NEW, opens
from tests.background import finish
from tests.checked_client import CheckedClient, answer
from tests.conftest import UsePool
from tests.local_pool import PASSWORD, LocalPool, another, new_email
from tests.markup import Page
from tests.other_pools import another_pool

TEMPORARY = re.compile(r"temporary password is (\S+?)\.?$")


@pytest.fixture
def by_site(local_pool: LocalPool, use_pool: UsePool) -> LocalPool:
    """A pool in which the site makes the accounts. The proxy signs for Cognito alone, so it is left out."""
    return by_phone(local_pool, use_pool, REGISTRATION="admin", ENDPOINT_URL=local_pool.endpoint)


@pytest.fixture
def closed(local_pool: LocalPool, use_pool: UsePool) -> LocalPool:
    return by_phone(local_pool, use_pool, REGISTRATION="closed")


def ask(client: CheckedClient, number: str) -> Any:
    page = client.post("/register/", {"phone_number": number})
    finish()
    return page


def complete(client: CheckedClient, code: str) -> Any:
    return client.post(COMPLETE, {"code": code, "password1": PASSWORD, "password2": PASSWORD})


def test_the_phone_is_proved_before_the_site_makes_an_account(client: CheckedClient, by_site: LocalPool) -> None:
    number = new_number()
    assert ask(client, spelt_otherwise(number)).url == COMPLETE
    assert by_site.status(number) == ""
    page = client.page(COMPLETE)
    assert f"We sent a text message to {number}." in page.words
    assert "mail" not in page.words
    code = by_site.code(number)
    assert by_site.mails(number)[-1]["body"] == f"Your Latchkey code is {code}. Give it to nobody."
    assert complete(client, another(code)).status_code == 200
    assert by_site.status(number) == ""
    assert complete(client, code).url == "/account/"
    assert by_site.attributes(number)["phone_number_verified"] == "true"
    assert opens(number, PASSWORD)
    assert mail.outbox == []


def test_another_code_goes_to_the_phone(client: CheckedClient, by_site: LocalPool) -> None:
    number = new_number()
    ask(client, number)
    client.session.flush()
    assert client.post(AGAIN).url == COMPLETE


def test_only_the_owner_of_a_number_learns_that_it_has_an_account(by_site: LocalPool) -> None:
    taken, free = with_number(by_site), new_number()

    def seen(number: str) -> list[Any]:
        client = CheckedClient()
        answers = [ask(client, number), client.get(COMPLETE), complete(client, "000000")]
        return [answer(each, number, number[1:]) for each in answers]

    assert seen(taken) == seen(free)
    [told] = by_site.mails(taken)
    assert "Your number has a Latchkey account already." in told["body"]
    assert "/login/" in told["body"]


def test_an_invitation_by_text_message_is_completed_by_whoever_proves_the_phone(
    client: CheckedClient, by_site: LocalPool
) -> None:
    number = new_number()
    administration.invite(number, by=None, context=Context())
    ask(client, number)
    assert complete(client, by_site.code(number)).url == "/account/"


def test_a_message_that_cannot_be_sent_changes_no_page(
    client: CheckedClient, by_site: LocalPool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: Any) -> None:
        raise Misconfigured("Publish", "AuthorizationError")

    monkeypatch.setattr(conf.text_messages(), "send", refuse)
    number = new_number()
    assert ask(client, number).url == COMPLETE
    assert "text message not sent" in caplog.text
    assert number not in caplog.text


def test_somebody_is_invited_by_number_and_chooses_a_password(client: CheckedClient, closed: LocalPool) -> None:
    number = new_number()
    user = administration.invite(number, by=None, context=Context())
    assert (user.phone_number, user.phone_number_verified, users.own_name(user)) == (number, True, number)
    temporary = TEMPORARY.search(closed.mails(number)[-1]["body"])
    assert temporary
    data = {"username": spelt_otherwise(number), "password": temporary[1]}
    assert client.post("/login/", data).url == "/login/challenge/"
    assert client.post("/login/challenge/", {"new_password1": NEW, "new_password2": NEW}).url == "/account/"
    # The number counts as proved: without that nobody could reset the password.
    client.post("/logout/")
    assert client.post("/password/forgot/", {"username": number}).url == "/password/reset/"
    assert len(closed.mails(number)) == 2


def test_an_invitation_is_texted_again(closed: LocalPool) -> None:
    number = new_number()
    user = administration.invite(number, by=None, context=Context())
    first = closed.mails(number)[-1]["body"]
    administration.resend_invitation(user, by=None, context=Context())
    assert closed.mails(number)[-1]["body"] != first
    assert len(closed.mails(number)) == 2


@pytest.mark.parametrize("spelling", [str, spelt_otherwise])
def test_a_command_invites_by_number_and_finds_by_number(closed: LocalPool, spelling: Any) -> None:
    number = new_number()
    call_command("invite_user", spelling(number))
    assert [user.phone_number for user in administration.called(spelling(number))] == [number]
    with pytest.raises(CommandError, match="was invited already"):
        call_command("invite_user", spelling(number))


def test_the_administration_invites_and_finds_by_number(closed: LocalPool, settings: Settings) -> None:
    settings.COGNITO = {**settings.COGNITO, "SUPERUSER_GROUP": "superusers"}
    closed.root.create_group(UserPoolId=closed.id, GroupName="superusers")
    boss, number, unmet = with_number(closed), new_number(), with_number(closed)
    closed.root.admin_add_user_to_group(UserPoolId=closed.id, Username=boss, GroupName="superusers")
    desk = CheckedClient()
    assert opens(boss, PASSWORD, desk)
    page = desk.page("/admin/accounts/user/invite/")
    assert "They get a text message with a temporary password" in page.words
    assert "mail" not in page.words.casefold()
    refused = desk.post("/admin/accounts/user/invite/", {"phone_number": "020 7946 0042"}).content.decode()
    assert "Start with + and the country code, like" in refused
    desk.post("/admin/accounts/user/invite/", {"phone_number": spelt_otherwise(number), "send_mail": "on"})
    assert len(closed.mails(number)) == 1
    for known in (number, unmet):
        found = desk.page(f"/admin/accounts/user/?q={quote(spelt_otherwise(known))}")
        assert known in found.words.replace("Your account", "")
    assert number not in desk.page(f"/admin/accounts/user/?q={quote(new_number())}").words


def test_the_administration_says_which_number_was_texted(local_pool: LocalPool, use_pool: UsePool) -> None:
    named = another_pool(local_pool, **with_aliases("phone_number"))
    pool = use_pool(named, SIGN_IN_WITH="username_phone", STAFF_GROUP="", SUPERUSER_GROUP="superusers")
    pool.root.create_group(UserPoolId=pool.id, GroupName="superusers")
    with_number(pool, name="boss")
    pool.root.admin_add_user_to_group(UserPoolId=pool.id, Username="boss", GroupName="superusers")
    number, desk = with_number(pool, name="ada", email=new_email("ada"), email_verified="true"), CheckedClient()
    ada = users.keep(conf.directory().get("ada"))
    assert opens("boss", PASSWORD, desk)
    told = desk.post("/admin/accounts/user/act/reset_password/", {"key": str(ada.pk)}, follow=True)
    assert f"A code is on its way to {number}." in Page.of(told.content).words
    number = new_number()
    told = desk.post(
        "/admin/accounts/user/invite/",
        {"username": "grace", "phone_number": number, "email": new_email("grace"), "send_mail": "on"},
        follow=True,
    )
    assert f"Invitation sent to {number}." in Page.of(told.content).words
    grace = User.objects.get(username="grace")
    told = desk.post("/admin/accounts/user/act/resend_invitation/", {"key": str(grace.pk)}, follow=True)
    assert f"New invitation sent to {number}." in Page.of(told.content).words


@pytest.mark.parametrize("name", ["ada@example.com", "020 7946 0042"])
def test_a_command_invites_nobody_without_a_number(closed: LocalPool, name: str) -> None:
    with pytest.raises(CommandError, match="country code"):
        call_command("invite_user", name)


def test_with_user_names_an_invitation_takes_a_number_that_is_nobody_elses(
    local_pool: LocalPool, use_pool: UsePool
) -> None:
    made = another_pool(local_pool, **with_aliases("phone_number"))
    pool = use_pool(made, SIGN_IN_WITH="username_phone", STAFF_GROUP="", SUPERUSER_GROUP="")
    with pytest.raises(ActRefused, match="needs a phone number"):
        administration.invite("bob", by=None, context=Context())
    taken = with_number(pool, name="ada")
    with pytest.raises(ActRefused, match="another account"):
        administration.invite("bob", phone_number=taken, by=None, context=Context())
    number = new_number()
    call_command("invite_user", "bob", "--phone", spelt_otherwise(number))
    assert "bob" in pool.mails(number)[-1]["body"]


def test_nobody_registers_where_people_are_invited(client: CheckedClient, closed: LocalPool) -> None:
    assert client.post("/register/", {"phone_number": new_number()}).status_code == 403


@pytest.mark.parametrize("given", [{}, {"phone_number": "020 7946 0042"}, {"email": "ada@example.com"}])
def test_a_program_registers_nobody_without_a_number(
    client: CheckedClient, local_pool: LocalPool, use_pool: UsePool, given: dict[str, str]
) -> None:
    by_phone(local_pool, use_pool)
    refused = client.post("/api/accounts", {**given, "password": PASSWORD}, content_type="application/json")
    assert refused.status_code == 422
    assert "phone_number" in refused.json()["errors"]


def test_a_program_registers_somebody_by_number(
    client: CheckedClient, local_pool: LocalPool, use_pool: UsePool
) -> None:
    pool, number = by_phone(local_pool, use_pool), new_number()
    given = {"phone_number": spelt_otherwise(number), "password": PASSWORD}
    made = client.post("/api/accounts", given, content_type="application/json")
    assert made.status_code == 202
    again = {"registration": made.json()["registration"], "code": pool.code(number)}
    confirmed = client.post("/api/accounts/confirm", again, content_type="application/json")
    assert confirmed.json() == {"confirmed": True, "choose_password": False}
    assert opens(number, PASSWORD)
    assert User.objects.get().phone_number == number
