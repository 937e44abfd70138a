"""The code that proves a new address or number."""

from __future__ import annotations

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts import limits
from accounts.models import Activity, User
from accounts.views.base import COOL_DOWN
from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, another, new_email
from tests.markup import Page

VERIFY = "/account/profile/verify/"
RESEND = "/account/profile/verify/resend/"
NUMBER = "+442079460777"


@pytest.fixture
def new() -> str:
    """The address Ada changes to."""
    return new_email("countess")


@pytest.fixture
def waiting(signed_in: CheckedClient, new: str) -> CheckedClient:
    """Ada's browser after she typed a new address."""
    data = {"email": new, "name": "Ada Lovelace", "phone_number": ""}
    assert signed_in.post("/account/profile/", data).url == VERIFY
    return signed_in


def refused(client: CheckedClient, code: str) -> Page:
    response = client.post(VERIFY, {"code": code})
    assert response.status_code == 200
    return Page.of(response.content)


def test_the_code_makes_the_new_address_count(
    waiting: CheckedClient, pool: LocalPool, person: Person, new: str
) -> None:
    assert waiting.post(VERIFY, {"code": pool.code(new)}).url == "/account/profile/"
    assert waiting.page("/account/profile/").field("email")["value"] == new
    assert User.objects.get().email == new
    assert CheckedClient().post("/login/", {"username": new, "password": person.password}).status_code == 302
    assert CheckedClient().post("/login/", {"username": person.email, "password": person.password}).status_code == 200


def test_the_old_address_is_told_and_the_new_one_once_it_is_proved(
    waiting: CheckedClient, pool: LocalPool, person: Person, new: str
) -> None:
    assert mail.outbox == []
    waiting.post(VERIFY, {"code": pool.code(new)})
    waiting.get("/account/")
    assert sorted(message.to for message in mail.outbox) == sorted([[person.email], [new]])


def test_a_wrong_code_changes_nothing(waiting: CheckedClient, pool: LocalPool, person: Person, new: str) -> None:
    assert refused(waiting, another(pool.code(new))).error_of("code")
    assert User.objects.get().email == person.email
    assert not Activity.objects.filter(kind=Activity.Kind.EMAIL_CHANGED).exists()


def test_a_code_works_once(waiting: CheckedClient, pool: LocalPool, new: str) -> None:
    code = pool.code(new)
    waiting.post(VERIFY, {"code": code})
    assert refused(waiting, code).error_of("code")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ExpiredCodeException", "That code didn’t work"),
        ("CodeMismatchException", "That code didn’t work"),
        ("InvalidParameterException", "That code didn’t work"),
        ("LimitExceededException", "That code didn’t work"),
        ("AliasExistsException", "Another account has confirmed this address"),
    ],
)
def test_a_refusal_stands_at_the_code(waiting: CheckedClient, cognito: FaultProxy, code: str, words: str) -> None:
    cognito.fail("VerifyUserAttribute", fault_proxy.aws_error(code))
    assert words in refused(waiting, "123456").error_of("code")


@pytest.mark.parametrize("code", ["", "x", "123", "12345678901"])
def test_what_cannot_be_a_code_is_not_sent(waiting: CheckedClient, cognito: FaultProxy, code: str) -> None:
    assert refused(waiting, code).error_of("code")
    assert cognito.calls["VerifyUserAttribute"] == 0


def test_what_is_proved_is_not_for_the_browser_to_say(waiting: CheckedClient, cognito: FaultProxy) -> None:
    waiting.post(VERIFY, {"code": "123456", "attribute": "phone_number", "AttributeName": "phone_number"})
    assert cognito.last("VerifyUserAttribute")["AttributeName"] == "email"


def test_guesses_end_before_cognito(waiting: CheckedClient, cognito: FaultProxy) -> None:
    cognito.fail("VerifyUserAttribute", fault_proxy.aws_error("CodeMismatchException"))
    most = limits.ATTRIBUTE_GUESSES_BY_USER.most
    statuses = [waiting.post(VERIFY, {"code": "123456"}).status_code for _ in range(most + 1)]
    assert statuses == [200] * most + [429]
    assert cognito.calls["VerifyUserAttribute"] == most


def test_another_code_has_to_wait_and_then_says_where_it_went(
    waiting: CheckedClient, pool: LocalPool, new: str, cognito: FaultProxy
) -> None:
    waiting.post(RESEND)
    assert "You can ask for a new code in" in waiting.page(VERIFY).words
    assert cognito.calls["GetUserAttributeVerificationCode"] == 0
    with time_machine.travel(timezone.now().timestamp() + COOL_DOWN + 1):
        waiting.post(RESEND)
        assert "A new code is on its way to" in waiting.page(VERIFY).words
        assert waiting.post(VERIFY, {"code": pool.code(new, after=1)}).status_code == 302


@pytest.mark.parametrize(
    "code", ["LimitExceededException", "CodeDeliveryFailureException", "InvalidParameterException"]
)
def test_a_code_that_cannot_be_sent_is_told(waiting: CheckedClient, cognito: FaultProxy, code: str) -> None:
    cognito.fail("GetUserAttributeVerificationCode", fault_proxy.aws_error(code))
    with time_machine.travel(timezone.now().timestamp() + COOL_DOWN + 1):
        waiting.post(RESEND)
        assert "No code could be sent" in waiting.page(VERIFY).words


def test_another_code_is_asked_for_by_post_only(waiting: CheckedClient) -> None:
    assert waiting.get(RESEND).status_code == 405


def test_what_waits_survives_proving_who_one_is(
    waiting: CheckedClient, pool: LocalPool, person: Person, new: str
) -> None:
    waiting.post("/account/confirm/", {"password": person.password})
    assert new in waiting.page("/account/profile/").words
    assert waiting.post(VERIFY, {"code": pool.code(new)}).status_code == 302


def test_a_number_is_proved_by_a_text_message(signed_in: CheckedClient, pool: LocalPool, person: Person) -> None:
    data = {"email": person.email, "name": "Ada Lovelace", "phone_number": NUMBER}
    assert signed_in.post("/account/profile/", data).url == VERIFY
    code = pool.code(NUMBER)
    assert refused(signed_in, another(code)).error_of("code")
    assert signed_in.post(VERIFY, {"code": code}).status_code == 302
    assert pool.attributes(person.email)["phone_number_verified"] == "true"
    assert not Activity.objects.filter(kind=Activity.Kind.EMAIL_CHANGED).exists()


def test_a_number_nobody_confirmed_says_so_and_can_be_proved(client: CheckedClient, pool: LocalPool) -> None:
    person = pool.person(phone_number=NUMBER)
    client.post("/login/", {"username": person.email, "password": person.password})
    page = client.page("/account/profile/")
    assert "no sign-in codes can be sent there" in page.words
    sent = len(pool.mails(NUMBER))
    assert client.post(RESEND, {"attribute": page.one("input", name="attribute")["value"]}).url == VERIFY
    assert client.post(VERIFY, {"code": pool.code(NUMBER, after=sent)}).status_code == 302
    assert "is not confirmed" not in client.page("/account/profile/").words
    assert "Turn on Text message" in client.page("/account/security/").words


@pytest.mark.parametrize("attribute", ["name", "sub", "custom:role"])
def test_no_code_is_asked_for_another_attribute(signed_in: CheckedClient, cognito: FaultProxy, attribute: str) -> None:
    signed_in.post(RESEND, {"attribute": attribute})
    assert cognito.last("GetUserAttributeVerificationCode")["AttributeName"] == "email"


def test_an_address_nobody_confirmed_says_so_and_can_be_proved(client: CheckedClient, pool: LocalPool) -> None:
    person = pool.person(email_verified="false")
    client.post("/login/", {"username": person.email, "password": person.password})
    assert "Not verified" in client.page("/account/").words
    assert "is not confirmed" in client.page("/account/profile/").words
    client.post(RESEND)
    assert client.post(VERIFY, {"code": pool.code(person.email)}).url == "/account/profile/"
    assert "is not confirmed" not in client.page("/account/profile/").words
