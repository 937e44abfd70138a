"""The pages of registering where this site makes the accounts: nothing is made or told before the mailbox is proved."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from accounts import activity_words, limits
from accounts.models import Activity, Session, UnprovenPassword, User
from accounts.views.complete_registration import WRONG_CODES
from tests import fault_proxy
from tests.accounts.registering import AGAIN, CLOSED_TO_THEIR_OWN, COMPLETE, Newcomer, mails
from tests.accounts.squatting import opens
from tests.background import finish
from tests.checked_client import CheckedClient, answer
from tests.conftest import UsePool, forget_counts
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, another, new_email
from tests.markup import Page
from tests.other_pools import another_pool

OWN = "Adas-own-horse-7"


@pytest.fixture
def by_admin(local_pool: LocalPool, use_pool: UsePool) -> LocalPool:
    """A pool in which people cannot register, before a site that makes their accounts."""
    return use_pool(another_pool(local_pool, **CLOSED_TO_THEIR_OWN), REGISTRATION="admin")


@pytest.fixture
def newcomer(by_admin: LocalPool) -> Newcomer:
    """Ada, who has an address and no account."""
    return Newcomer(by_admin, new_email(), CheckedClient())


def told(response: object) -> Page:
    """Return a form that was refused."""
    assert response.status_code == 200  # type: ignore[attr-defined]
    return Page.of(response.content)  # type: ignore[attr-defined]


def test_code_and_password_make_the_account_and_let_its_owner_in(newcomer: Newcomer, cognito: FaultProxy) -> None:
    assert newcomer.ask().url == COMPLETE
    assert newcomer.complete(password=OWN).url == "/account/"
    assert newcomer.is_in
    assert newcomer.halves == ("CONFIRMED", 1)
    assert newcomer.pool.attributes(newcomer.email)["email_verified"] == "true"
    user = User.objects.get(email=newcomer.email)
    assert (user.email_verified, user.cognito_status, user.has_usable_password()) == (True, "CONFIRMED", False)
    assert opens(newcomer.email, OWN)
    assert newcomer.pool.mails(newcomer.email) == []
    assert cognito.calls["SignUp"] == 0
    said = [activity_words.words(row) for row in Activity.objects.all()]
    assert said[-2:] == ["Verified email", "Created the account"]


def test_before_the_code_there_is_nothing_anywhere(newcomer: Newcomer, cognito: FaultProxy) -> None:
    newcomer.ask()
    newcomer.complete(another(newcomer.code()))
    assert newcomer.halves == ("", 0)
    assert not UnprovenPassword.objects.exists()
    assert {*cognito.calls} <= {"DescribeUserPool", "DescribeUserPoolClient", "GetUserPoolMfaConfig", "AdminGetUser"}


def test_the_first_page_asks_for_no_password_and_the_second_for_no_address(newcomer: Newcomer) -> None:
    assert newcomer.client.page("/register/").all("input", type="password") == []
    newcomer.ask()
    page = newcomer.client.page(COMPLETE)
    assert page.all("input", name="username") == []
    assert newcomer.email in page.words


def test_the_code_is_kept_nowhere(newcomer: Newcomer) -> None:
    newcomer.ask()
    stored = str([*Session.objects.values_list("session_data", flat=True)])
    assert newcomer.code() not in stored
    assert newcomer.email not in stored


@pytest.mark.parametrize("password", ["Sh-1", "alllowercase1-", "Password1!", "ada-Example-1"])
def test_a_weak_password_costs_no_code(newcomer: Newcomer, password: str) -> None:
    newcomer.ask()
    assert "password" in told(newcomer.complete(password=password)).error_of("password1")
    assert newcomer.halves == ("", 0)
    assert newcomer.complete().url == "/account/"


def test_two_passwords_that_differ_make_no_account(newcomer: Newcomer) -> None:
    newcomer.ask()
    assert told(newcomer.complete(again=OWN)).error_of("password2")
    assert newcomer.halves == ("", 0)


def test_after_five_wrong_codes_the_right_one_is_wrong_too(newcomer: Newcomer) -> None:
    newcomer.ask()
    right = newcomer.code()
    for _ in range(WRONG_CODES):
        assert told(newcomer.complete(another(right))).error_of("code")
    forget_counts()
    assert told(newcomer.complete(right)).error_of("code")
    assert newcomer.halves == ("", 0)


def test_guesses_are_counted_by_name_in_whatever_browser(newcomer: Newcomer) -> None:
    newcomer.ask()
    right = newcomer.code()
    statuses = [newcomer.complete(another(right)).status_code for _ in range(limits.GUESSES_BY_NAME.most)]
    assert statuses == [200] * limits.GUESSES_BY_NAME.most
    assert newcomer.complete(right).status_code == 429


def test_a_code_works_for_an_hour(newcomer: Newcomer) -> None:
    with time_machine.travel(timezone.now() - timedelta(hours=1, minutes=1)):
        newcomer.ask()
    assert newcomer.complete().url == "/register/?again=1"
    assert "The code has expired" in newcomer.client.page("/register/?again=1").words
    assert newcomer.halves == ("", 0)


def test_a_new_code_ends_the_older_one(newcomer: Newcomer) -> None:
    newcomer.ask()
    older = newcomer.code()
    with time_machine.travel(timezone.now() + timedelta(seconds=31)):
        assert newcomer.client.post(AGAIN).url == COMPLETE
        finish()
        assert len(mails(newcomer.email)) == 2
        assert told(newcomer.complete(older)).error_of("code")
        assert newcomer.complete().url == "/account/"


def test_another_code_is_not_sent_at_once(newcomer: Newcomer) -> None:
    newcomer.ask()
    assert newcomer.client.post(AGAIN).url == COMPLETE
    finish()
    assert len(mails(newcomer.email)) == 1


def test_only_so_many_codes_are_mailed_to_one_address(newcomer: Newcomer) -> None:
    most = limits.RESEND_BY_NAME.most
    statuses = [newcomer.ask().status_code for _ in range(most + 1)]
    assert statuses == [302] * most + [429]
    assert len(mails(newcomer.email)) == most


def test_a_browser_that_asked_for_nothing_has_nothing_to_complete(newcomer: Newcomer) -> None:
    newcomer.ask()
    newcomer.client = CheckedClient()
    assert newcomer.client.get(COMPLETE).url == "/register/?again=1"
    assert newcomer.complete().url == "/register/?again=1"
    newcomer.client.post(AGAIN, {"username": newcomer.email})
    finish()
    assert len(mails(newcomer.email)) == 1
    assert newcomer.halves == ("", 0)


def test_a_mistyped_address_can_be_corrected(newcomer: Newcomer) -> None:
    newcomer.ask()
    page = newcomer.client.page("/register/?correct=1")
    assert page.all("input", name="email")[0]["value"] == newcomer.email


def test_the_way_on_is_kept(newcomer: Newcomer) -> None:
    newcomer.client.post("/register/?next=/account/sessions/", {"email": newcomer.email})
    finish()
    assert newcomer.complete().url == "/account/sessions/"


NAMES = ["confirmed", "unconfirmed", "disabled", "invited", "reset_required"]


def taken(pool: LocalPool, state: str) -> str:
    """Return the address of an account in a state."""
    person = pool.invited() if state == "invited" else pool.person()
    if state == "unconfirmed":
        pool.admin("delete_user", person)
        pool.root.update_user_pool(UserPoolId=pool.id, AutoVerifiedAttributes=["email"])
        sign_up(pool, person.email, PASSWORD)
        pool.root.update_user_pool(UserPoolId=pool.id, AutoVerifiedAttributes=["email"], **CLOSED_TO_THEIR_OWN)
    if state == "disabled":
        pool.admin("disable_user", person)
    if state == "reset_required":
        pool.admin("reset_user_password", person)
    return person.email


def sign_up(pool: LocalPool, email: str, password: str, **attributes: str) -> None:
    """Register somebody past the site."""
    hashed = pool.config.secret_hash(email)
    pool.root.sign_up(
        ClientId=pool.config.client_id,
        Username=email,
        Password=password,
        UserAttributes=[{"Name": name, "Value": value} for name, value in {"email": email, **attributes}.items()],
        **({"SecretHash": hashed} if hashed else {}),
    )


@pytest.mark.parametrize("state", NAMES)
def test_whether_there_is_an_account_nobody_learns_from_the_pages(
    by_admin: LocalPool, cognito: FaultProxy, state: str
) -> None:
    seen = []
    for email in (new_email(), taken(by_admin, state)):
        visitor = Newcomer(by_admin, email, CheckedClient())
        with time_machine.travel(timezone.now(), tick=False):
            found = [answer(visitor.ask(), email), answer(visitor.client.get(COMPLETE), email)]
            cognito.forget()
            found += [answer(visitor.complete("000000"), email), answer(visitor.client.post(AGAIN), email)]
        assert cognito.calls.total() == 0
        seen.append(found)
    assert seen[0] == seen[1]


def test_cognito_is_asked_for_the_name_after_the_answer(
    newcomer: Newcomer, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CheckedClient, "sees_what_follows", False)
    newcomer.client.get("/register/")
    monkeypatch.setattr("accounts.after_answer.mails.do", lambda *_: True)
    cognito.forget()
    newcomer.ask()
    assert cognito.calls.total() == 0


def test_the_owner_of_an_account_is_told_by_mail_and_gets_no_code(by_admin: LocalPool) -> None:
    owner = Newcomer(by_admin, by_admin.person().email, CheckedClient())
    owner.ask()
    [message] = mails(owner.email)
    assert "You already have a Latchkey account" in message.subject


def test_a_registration_that_nobody_confirmed_makes_way_and_takes_nobody_along(by_admin: LocalPool) -> None:
    newcomer = Newcomer(by_admin, taken(by_admin, "unconfirmed"), CheckedClient())
    sub, issuer = by_admin.attributes(newcomer.email)["sub"], by_admin.config.issuer
    User.objects.create(username="left from before", issuer=issuer, sub=sub)
    User.objects.create(username="of this pool", issuer=issuer, sub="another")
    User.objects.create(username="of another pool", issuer="https://elsewhere.example", sub=sub)
    newcomer.ask()
    assert newcomer.complete().url == "/account/"
    assert by_admin.attributes(newcomer.email)["sub"] != sub
    left = User.objects.filter(username__contains=" ").values_list("username", flat=True)
    assert sorted(left) == ["of another pool", "of this pool"]


def test_while_cognito_is_away_the_code_is_sent_all_the_same(newcomer: Newcomer, cognito: FaultProxy) -> None:
    newcomer.client.get("/register/")
    cognito.fail("AdminGetUser", fault_proxy.server_error())
    assert newcomer.ask().url == COMPLETE
    cognito.forget()
    assert newcomer.complete().url == "/account/"


def test_a_stranger_with_the_address_of_somebody_else_gets_and_leaves_nothing(newcomer: Newcomer) -> None:
    eve = Newcomer(newcomer.pool, newcomer.email, CheckedClient())
    eve.ask()
    eve.complete("000000", "Eves-own-horse-6")
    newcomer.ask()
    assert newcomer.complete(password=OWN).url == "/account/"
    assert not opens(newcomer.email, "Eves-own-horse-6")
    assert told(eve.complete("000000", "Eves-own-horse-6")).error_of("code")


def test_a_browser_that_asked_for_nothing_leaves_nothing_behind(by_admin: LocalPool) -> None:
    CheckedClient().get(COMPLETE)
    CheckedClient().post(COMPLETE, {"code": "000000"})
    assert not Session.objects.exists()


def test_somebody_signed_in_completes_nothing(by_admin: LocalPool, newcomer: Newcomer) -> None:
    newcomer.ask()
    newcomer.complete()
    assert newcomer.client.get(COMPLETE).url == "/account/"


def test_where_people_register_themselves_the_page_leads_there(
    pool: LocalPool, newcomer: Newcomer, settings: Settings
) -> None:
    newcomer.ask()
    settings.COGNITO = {**settings.COGNITO, "REGISTRATION": "self"}
    assert newcomer.client.get(COMPLETE).url == "/register/?again=1"
    assert newcomer.complete().url == "/register/?again=1"


def test_by_user_name_one_mailbox_gets_only_so_many_mails(local_pool: LocalPool, use_pool: UsePool) -> None:
    pool = use_pool(
        another_pool(local_pool, UsernameAttributes=[], **CLOSED_TO_THEIR_OWN),
        REGISTRATION="admin",
        SIGN_IN_WITH="username",
    )
    email, most = new_email(), limits.ATTRIBUTE_CODES_BY_TARGET.most
    visitors = [Newcomer(pool, email, CheckedClient()) for _ in range(most + 1)]
    statuses = [
        visitor.ask(username=f"name-{number}-{email[:9]}").status_code for number, visitor in enumerate(visitors)
    ]
    assert statuses == [302] * most + [429]
    assert len(mails(email)) == most


def test_a_user_name_that_is_taken_is_told_once_the_mailbox_is_proved(local_pool: LocalPool, use_pool: UsePool) -> None:
    pool = use_pool(
        another_pool(local_pool, UsernameAttributes=[], **CLOSED_TO_THEIR_OWN),
        REGISTRATION="admin",
        SIGN_IN_WITH="username",
    )
    first = Newcomer(pool, new_email(), CheckedClient())
    second = Newcomer(pool, new_email(), CheckedClient())
    for visitor in (first, second):
        visitor.ask(username="ada")
    assert first.complete().url == "/account/"
    assert second.complete().url == "/login/"
    assert "There’s an account of this name already" in second.client.page("/login/").words
    assert not opens("ada", OWN)
    third = Newcomer(pool, new_email(), CheckedClient())
    assert third.ask(username="ada").url == COMPLETE
    assert mails(third.email) == []


def test_an_invitation_is_not_taken_over_by_its_user_name(local_pool: LocalPool, use_pool: UsePool) -> None:
    pool = use_pool(
        another_pool(local_pool, UsernameAttributes=[], **CLOSED_TO_THEIR_OWN),
        REGISTRATION="admin",
        SIGN_IN_WITH="username",
    )
    address = {"email": new_email(), "email_verified": "true"}
    attributes = [{"Name": name, "Value": value} for name, value in address.items()]
    pool.root.admin_create_user(UserPoolId=pool.id, Username="ada", UserAttributes=attributes, MessageAction="SUPPRESS")
    eve = Newcomer(pool, new_email("eve"), CheckedClient())
    code = "271828"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("accounts.views.awaiting_code.secrets.randbelow", lambda _most: int(code))
        eve.ask(username="ada")
    assert mails(eve.email) == []
    assert eve.complete(code).url == "/login/"
    assert pool.status("ada") == "FORCE_CHANGE_PASSWORD"
    assert not opens("ada", PASSWORD)
