"""A browser that has signed somebody in before is not held by what strangers do to the name."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import Settings

from accounts import known_browser, limits
from accounts.models import User
from tests import fault_proxy
from tests.accounts.test_reset_password import form
from tests.checked_client import CheckedClient, answer
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person

COOKIE = "known"


def sign_in(client: CheckedClient, person: Person, password: str = "", **extra: Any) -> int:
    data = {"username": person.email, "password": password or person.password}
    return int(client.post("/login/", data, **extra).status_code)


class Strangers:
    """Do to a name what strangers can, from as many addresses as it takes, but for Cognito's own lock-out."""

    def __init__(self, cognito: FaultProxy) -> None:
        self.cognito = cognito

    def spend(self, person: Person, path: str = "/login/") -> None:
        if path == "/login/":
            self.cognito.fail("InitiateAuth", fault_proxy.aws_error("NotAuthorizedException"))
        data = {"username": person.email, "password": "Wrong-1a"}
        answers = [
            CheckedClient().post(path, data, REMOTE_ADDR=f"192.0.2.{number}").status_code for number in range(12)
        ]
        assert answers[-1] == 429
        self.cognito.heal()


@pytest.fixture
def strangers(cognito: FaultProxy) -> Strangers:
    """People who want to keep Ada out."""
    return Strangers(cognito)


@pytest.fixture
def known(browser_of: SignIn, person: Person) -> CheckedClient:
    """A browser that Ada has signed in and out with."""
    browser = browser_of(person)
    browser.post("/logout/")
    return browser


def test_strangers_do_not_hold_a_known_browser(strangers: Strangers, known: CheckedClient, person: Person) -> None:
    strangers.spend(person)
    assert sign_in(CheckedClient(), person) == 429
    assert sign_in(known, person) == 302


def test_nor_where_the_address_is_written_in_other_letters(
    strangers: Strangers, known: CheckedClient, person: Person
) -> None:
    strangers.spend(person)
    data = {"username": person.email.upper(), "password": person.password}
    assert known.post("/login/", data).status_code == 302


@pytest.mark.parametrize(("path", "to"), [("/login/code/", "/login/challenge/"), ("/password/forgot/", None)])
def test_a_known_browser_may_still_ask_for_codes(
    strangers: Strangers, known: CheckedClient, person: Person, path: str, to: str | None
) -> None:
    strangers.spend(person, path)
    response = known.post(path, {"username": person.email})
    assert (response.status_code, response.url) == (302, to or "/password/reset/")


def test_a_known_browser_has_no_more_than_its_own_budget(
    strangers: Strangers, known: CheckedClient, person: Person, cognito: FaultProxy
) -> None:
    strangers.spend(person)
    before, most = cognito.calls["InitiateAuth"], limits.LOGIN_BY_NAME.known
    assert [sign_in(known, person, "Wrong-1a") for _ in range(most + 1)] == [200] * most + [429]
    assert cognito.calls["InitiateAuth"] == before + most


def test_two_known_browsers_share_it(
    strangers: Strangers, known: CheckedClient, browser_of: SignIn, person: Person
) -> None:
    other, most = browser_of(person), limits.LOGIN_BY_NAME.known
    other.post("/logout/")
    strangers.spend(person)
    for _ in range(most):
        sign_in(known, person, "Wrong-1a")
    assert sign_in(other, person) == 429


def test_a_known_browser_helps_with_no_other_name(strangers: Strangers, known: CheckedClient, pool: LocalPool) -> None:
    other = pool.person()
    strangers.spend(other)
    assert sign_in(known, other) == 429


def test_several_people_are_known_in_one_browser(
    strangers: Strangers, known: CheckedClient, person: Person, pool: LocalPool
) -> None:
    other = pool.person()
    assert sign_in(known, other) == 302
    known.post("/logout/")
    for somebody in (person, other):
        strangers.spend(somebody)
        assert sign_in(known, somebody) == 302
        known.post("/logout/")


def damaged(value: str) -> str:
    return value[:-10] + ("A" if value[-10] != "A" else "B") + value[-9:]


@pytest.mark.parametrize("cookie", ["", "x", "gAAAAA", "é", "x" * 10_000, "damaged"])
def test_a_forged_cookie_does_not_help(strangers: Strangers, known: CheckedClient, person: Person, cookie: str) -> None:
    strangers.spend(person)
    stranger = CheckedClient()
    stranger.cookies[COOKIE] = damaged(known.cookies[COOKIE].value) if cookie == "damaged" else cookie
    assert sign_in(stranger, person) == 429


def test_what_the_site_encrypts_for_other_purposes_is_no_such_cookie(
    strangers: Strangers, known: CheckedClient, person: Person
) -> None:
    stranger = CheckedClient()
    stranger.get("/password/forgot/")
    stranger.post("/password/forgot/", {"username": person.email})
    strangers.spend(person)
    stranger.cookies[COOKIE] = str(next(iter(stranger.session.values())))
    assert sign_in(stranger, person) == 429


def test_an_old_cookie_does_not_help(strangers: Strangers, known: CheckedClient, person: Person) -> None:
    with time_machine.travel(timezone.now() + timedelta(seconds=known_browser.AGE + 1)):
        strangers.spend(person)
        assert sign_in(known, person) == 429


def test_signing_out_everywhere_forgets_every_browser(
    strangers: Strangers, known: CheckedClient, browser_of: SignIn, person: Person
) -> None:
    browser_of(person).post("/account/sessions/sign-out-everywhere/")
    strangers.spend(person)
    assert sign_in(known, person) == 429


def test_a_new_password_forgets_every_browser_but_the_one_it_was_changed_in(
    strangers: Strangers, known: CheckedClient, signed_in: CheckedClient, person: Person
) -> None:
    data = {"old_password": person.password, "new_password1": "Another-horse-2", "new_password2": "Another-horse-2"}
    assert signed_in.post("/account/password/", data).status_code == 302
    signed_in.post("/logout/")
    strangers.spend(person)
    assert sign_in(known, person, "Another-horse-2") == 429
    assert sign_in(signed_in, person, "Another-horse-2") == 302


def test_a_reset_forgets_every_browser_and_what_was_tried_before(
    strangers: Strangers, known: CheckedClient, person: Person, pool: LocalPool
) -> None:
    strangers.spend(person, "/password/forgot/")
    strangers.spend(person)
    code = pool.code(person.email)
    assert CheckedClient().post("/password/reset/", form(code, username=person.email)).url == "/login/"
    again = CheckedClient().post("/password/forgot/", {"username": person.email})
    assert again.url == "/password/reset/"
    strangers.spend(person)
    assert sign_in(known, person, form(code)["new_password1"]) == 429


def test_somebody_shut_out_here_is_known_nowhere(strangers: Strangers, known: CheckedClient, person: Person) -> None:
    User.objects.update(is_active=False)
    strangers.spend(person)
    assert sign_in(known, person) == 429


def test_the_page_says_nothing_of_it(known: CheckedClient, person: Person, pool: LocalPool) -> None:
    wrong = {"username": person.email, "password": "Wrong-1a"}
    known.get("/login/")  # says that she is signed out
    assert answer(known.post("/login/", wrong))[2] == answer(CheckedClient().post("/login/", wrong))[2]


def test_the_cookie_names_nobody_and_is_kept_from_scripts(known: CheckedClient, person: Person) -> None:
    cookie = known.cookies[COOKIE]
    assert person.email not in cookie.value
    assert person.sub not in cookie.value
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "")
    assert timedelta(seconds=int(cookie["max-age"])) == timedelta(days=180)


def test_over_https_the_cookie_is_bound_to_the_host(settings: Settings, db: None) -> None:
    settings.KNOWN_BROWSER_COOKIE_NAME, settings.SESSION_COOKIE_SECURE = "__Host-known", True
    response = HttpResponse()
    known_browser.remember(RequestFactory().get("/"), response, User(pk=1, username="ada"))
    cookie = response.cookies["__Host-known"]
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")


def test_a_browser_remembers_so_many_people_and_no_more(db: None) -> None:
    request = RequestFactory().get("/")
    for number in range(known_browser.MOST_PEOPLE + 3):
        response = HttpResponse()
        known_browser.remember(request, response, User(pk=number, username=f"user{number}"))
        request.COOKIES[COOKIE] = response.cookies[settings.KNOWN_BROWSER_COOKIE_NAME].value
    assert len(known_browser.entries(request)) == known_browser.MOST_PEOPLE
    assert known_browser.of(request, "user0") is None
    assert known_browser.of(request, f"user{number}") == number
    assert len(request.COOKIES[COOKIE]) < known_browser.LONGEST


def test_codes_for_signing_in_end_before_cognitos_budget_for_who_knows_the_password_too(
    person: Person, pool: LocalPool, cognito: FaultProxy
) -> None:
    challenge = {
        "ChallengeName": "SMS_MFA",
        "Session": "x" * 40,
        "ChallengeParameters": {"USER_ID_FOR_SRP": person.sub, "CODE_DELIVERY_DESTINATION": "+***1"},
    }
    cognito.fail("InitiateAuth", fault_proxy.answered(200, json.dumps(challenge).encode()))
    most = limits.SIGN_IN_CODES_BY_NAME.most
    assert [sign_in(CheckedClient(), person) for _ in range(most + 2)] == [302] * most + [429] * 2
    assert cognito.calls["InitiateAuth"] == most


def test_budgets_of_strangers_and_known_browsers_together_stay_below_cognitos() -> None:
    def together(*found: limits.Limit) -> int:
        return sum(limit.most + limit.known for limit in found)

    # https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html, per person and hour
    assert together(limits.FORGOT_BY_NAME, limits.RESET_BY_NAME) < 20
    assert together(limits.SIGN_IN_CODES_BY_NAME) < 20
    assert together(limits.VERIFY_BY_NAME) < 15
    assert together(limits.RESEND_BY_NAME) < 5
    assert together(limits.ATTRIBUTE_CODES_BY_USER) < 5
    assert together(limits.ATTRIBUTE_GUESSES_BY_USER) < 15


def test_a_browser_that_was_told_today_is_not_told_again(
    known: CheckedClient, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = known.cookies[COOKIE].value
    sign_in(known, person)
    assert known.cookies[COOKIE].value == told
    known.post("/logout/")
    monkeypatch.setattr(known_browser, "RENEWED_AFTER", 0)
    sign_in(known, person)
    assert known.cookies[COOKIE].value != told


def test_a_browser_that_was_forgotten_is_told_at_once(known: CheckedClient, person: Person) -> None:
    told = known.cookies[COOKIE].value
    known_browser.forget(User.objects.get(sub=person.sub))
    sign_in(known, person)
    assert known.cookies[COOKIE].value != told


def test_a_browser_is_told_of_a_new_address_at_once(known: CheckedClient, pool: LocalPool, person: Person) -> None:
    told = known.cookies[COOKIE].value
    address = f"new-{person.email}"
    verified = {"Name": "email_verified", "Value": "true"}
    pool.admin("update_user_attributes", person, UserAttributes=[{"Name": "email", "Value": address}, verified])
    known.post("/login/", {"username": address, "password": person.password})
    assert known.cookies[COOKIE].value != told
