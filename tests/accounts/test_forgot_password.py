"""Asking for a reset code: one answer, whoever there is, and one call for one click."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts import limits
from tests import fault_proxy
from tests.accounts.conftest import MovedClock
from tests.accounts.phones import BY_PHONE, TEXTING, new_number
from tests.checked_client import CheckedClient, answer
from tests.conftest import UsePool
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, Person, new_email
from tests.markup import Page
from tests.other_pools import another_pool
from tests.second_factors import with_mail


def forgotten(client: CheckedClient, name: str) -> int:
    return int(client.post("/password/forgot/", {"username": name}).status_code)


def unknown(pool: LocalPool) -> str:
    return new_email("nobody")


def confirmed(pool: LocalPool) -> str:
    return pool.person().email


def invited(pool: LocalPool) -> str:
    return pool.invited().email


def disabled(pool: LocalPool) -> str:
    person = pool.person()
    pool.admin("disable_user", person)
    return person.email


def unverified(pool: LocalPool) -> str:
    return pool.person(email_verified="false").email


def coded(pool: LocalPool) -> str:
    person = pool.person()
    with_mail(pool, person)
    return person.email


def unconfirmed(pool: LocalPool) -> str:
    email = new_email()
    CheckedClient().post("/register/", {"email": email, "password1": PASSWORD, "password2": PASSWORD})
    return email


KINDS: list[Callable[[LocalPool], str]] = [unknown, invited, disabled, unverified, coded, unconfirmed]


def test_a_code_is_mailed_and_its_page_comes_next(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    response = client.post("/password/forgot/", {"username": person.email})
    assert (response.status_code, response.url) == (302, "/password/reset/")
    assert pool.code(person.email)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_account_gets_the_answer_of_a_good_one(pool: LocalPool, kind: Callable[[LocalPool], str]) -> None:
    answers, pages = [], []
    for name in (confirmed(pool), kind(pool)):
        client = CheckedClient()
        answers.append(answer(client.post("/password/forgot/", {"username": name}), name))
        pages.append(answer(client.get("/password/reset/"), name))
    assert answers[0] == answers[1]
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    "code",
    [
        "UserNotFoundException",
        "InvalidParameterException",
        "NotAuthorizedException",
        "UserNotConfirmedException",
        "CodeDeliveryFailureException",
        "LimitExceededException",
    ],
)
def test_whatever_cognito_has_against_it_the_answer_is_one(pool: LocalPool, cognito: FaultProxy, code: str) -> None:
    name = "ada@example.com"
    good = answer(CheckedClient().post("/password/forgot/", {"username": name}))
    cognito.fail("ForgotPassword", fault_proxy.aws_error(code, "words of AWS"))
    assert answer(CheckedClient().post("/password/forgot/", {"username": name})) == good


def test_no_masked_address_is_shown(client: CheckedClient, person: Person) -> None:
    forgotten(client, person.email)
    assert "***" not in client.page("/password/reset/").words


def test_the_answer_takes_as_long_for_nobody_as_for_somebody(
    person: Person, cognito: FaultProxy, clock: MovedClock
) -> None:
    for name, delay in (("nobody@example.com", 0.0), (person.email, 0.15)):
        cognito.fail("ForgotPassword", clock.delayed(delay), times=1)
        started = clock.now
        forgotten(CheckedClient(), name)
        assert clock.now - started == pytest.approx(clock.floor)


@pytest.mark.parametrize("name", ["", "ada", "ada@", "x" * 130 + "@example.com", "ada\x00@example.com"])
def test_what_cannot_be_a_name_is_not_sent(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy, name: str
) -> None:
    page = Page.of(client.post("/password/forgot/", {"username": name}).content)
    assert page.error_of("username")
    assert cognito.calls["ForgotPassword"] == 0


def test_one_click_is_one_call_and_the_sixth_is_refused(
    client: CheckedClient, person: Person, cognito: FaultProxy
) -> None:
    most = limits.FORGOT_BY_NAME.most
    assert [forgotten(CheckedClient(), person.email) for _ in range(most + 1)] == [302] * most + [429]
    assert cognito.calls["ForgotPassword"] == most


def test_an_outage_is_told_and_nothing_is_pending(client: CheckedClient, person: Person, cognito: FaultProxy) -> None:
    cognito.fail("ForgotPassword", fault_proxy.server_error())
    assert forgotten(client, person.email) == 503
    assert cognito.calls["ForgotPassword"] == 1
    assert client.page("/password/reset/").one("input", id="id_username")


def test_somebody_signed_in_may_have_forgotten_it_too(signed_in: CheckedClient, person: Person) -> None:
    link = signed_in.page("/account/password/").one("a", href="/password/forgot/")
    page = signed_in.page(link["href"])
    assert page.field("username")["value"] == person.email
    assert forgotten(signed_in, person.email) == 302
    assert signed_in.page("/password/reset/").field("code")


def test_the_code_comes_without_a_link_to_a_host_the_request_names(
    client: CheckedClient, pool: LocalPool, person: Person
) -> None:
    client.post("/password/forgot/", {"username": person.email}, headers={"X-Forwarded-Host": "evil.example"})
    pool.code(person.email)
    assert "evil" not in str(pool.mails(person.email))


def test_a_pool_of_addresses_that_recovers_by_phone_first_says_that_codes_are_texted(
    local_pool: LocalPool, use_pool: UsePool
) -> None:
    recovers = BY_PHONE["AccountRecoverySetting"]
    pool = use_pool(another_pool(local_pool, AccountRecoverySetting=recovers, **TEXTING))
    number = new_number()
    person = pool.person(phone_number=number, phone_number_verified="true")
    client = CheckedClient()
    client.post("/password/forgot/", {"username": person.email})
    assert pool.code(number)
    words = client.page("/password/reset/").words
    assert "we sent a code to its phone number or email" in words
    assert "A code comes by text message or by email" in words
