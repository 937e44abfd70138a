"""The code that proves a new address or number, typed in its row of the profile."""

from __future__ import annotations

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts import limits
from accounts.models import Activity, AwaitedCode, User
from accounts.views.base import COOL_DOWN
from tests import fault_proxy
from tests.accounts.profiles import CANCEL, NUMBER, PROFILE, READ, RESEND, VERIFY, change, fact
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, another, new_email
from tests.markup import Page


@pytest.fixture
def new() -> str:
    """The address Ada changes to."""
    return new_email("countess")


@pytest.fixture
def waiting(signed_in: CheckedClient, new: str) -> CheckedClient:
    """Ada's browser after she typed a new address."""
    data = {"attribute": "email", "email": new}
    assert signed_in.post(PROFILE, data).url == f"{PROFILE}#email"
    return signed_in


def confirm(client: CheckedClient, code: str, attribute: str = "email") -> Page:
    """Type a code, and return the page that follows."""
    response = client.post(VERIFY, {"attribute": attribute, "code": code})
    return client.page(response.url) if response.status_code == 302 else Page.of(response.content)


def later(seconds: float = COOL_DOWN + 1) -> time_machine.travel:
    return time_machine.travel(timezone.now().timestamp() + seconds)


def test_the_code_makes_the_new_address_count(
    waiting: CheckedClient, pool: LocalPool, person: Person, new: str
) -> None:
    page = confirm(waiting, pool.code(new))
    assert f"Email changed to {new}. Sign in with it from now on." in page.words
    assert fact(page, "email") == f"Email {new} Verified Change email"
    assert User.objects.get().email == new
    assert CheckedClient().post("/login/", {"username": new, "password": person.password}).status_code == 302
    assert CheckedClient().post("/login/", {"username": person.email, "password": person.password}).status_code == 200


def test_the_change_is_recorded_without_the_address(waiting: CheckedClient, pool: LocalPool, new: str) -> None:
    confirm(waiting, pool.code(new))
    assert Activity.objects.get(kind=Activity.Kind.EMAIL_CHANGED).detail == "a•••@e•••"
    words = waiting.page("/account/activity/").words
    assert "Changed email from a•••@e•••" in words
    assert "Asked to change email to c•••@e•••" in words


def test_the_old_address_is_told_and_the_new_one_once_it_is_proved(
    waiting: CheckedClient, pool: LocalPool, person: Person, new: str
) -> None:
    assert mail.outbox == []
    confirm(waiting, pool.code(new))
    waiting.get("/account/")
    assert sorted(message.to for message in mail.outbox) == sorted([[person.email], [new]])


def test_a_wrong_code_changes_nothing(waiting: CheckedClient, pool: LocalPool, person: Person, new: str) -> None:
    page = confirm(waiting, another(pool.code(new)))
    assert "That’s not the right code. Check it and try again." in page.error_of("email_code")
    assert "#id_email_code" in [link["href"] for link in page.all("a")]
    assert f"Confirm {new}" in fact(page, "email")
    assert User.objects.get().email == person.email
    assert not Activity.objects.filter(kind=Activity.Kind.EMAIL_CHANGED).exists()


def test_a_wrong_code_for_one_value_is_told_beside_that_one(waiting: CheckedClient, pool: LocalPool, new: str) -> None:
    change(waiting, phone_number=NUMBER)
    page = confirm(waiting, another(pool.code(NUMBER)), "phone_number")
    told = [row for row in ("email", "phone_number") if "That’s not the right code." in fact(page, row)]
    assert told == ["phone_number"]
    assert f"Confirm {new}" in fact(page, "email")


def test_a_code_works_once(waiting: CheckedClient, pool: LocalPool, new: str, cognito: FaultProxy) -> None:
    code = pool.code(new)
    confirm(waiting, code)
    assert not confirm(waiting, code).all("div", role="status")
    assert cognito.calls["VerifyUserAttribute"] == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ExpiredCodeException", "That code has expired. Ask for a new one."),
        ("InvalidParameterException", "That’s not the right code. Check it and try again."),
        ("LimitExceededException", "That’s not the right code. Check it and try again."),
        ("AliasExistsException", "Another account uses this email. Choose a different one."),
    ],
)
def test_a_refusal_stands_at_the_code(waiting: CheckedClient, cognito: FaultProxy, code: str, words: str) -> None:
    cognito.fail("VerifyUserAttribute", fault_proxy.aws_error(code))
    assert words in confirm(waiting, "123456").error_of("email_code")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("", "Enter the code."),
        ("x", "Use digits only. The code has no letters."),
        ("123", "That’s three digits. The code has six."),
        ("12345678901", "The code has six."),
    ],
)
def test_what_cannot_be_a_code_is_not_sent(waiting: CheckedClient, cognito: FaultProxy, code: str, words: str) -> None:
    assert words in confirm(waiting, code).error_of("email_code")
    assert cognito.calls["VerifyUserAttribute"] == 0


def test_nothing_is_proved_that_does_not_wait(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    page = confirm(signed_in, "123456", "phone_number")
    assert "That code has expired. Ask for a new one." in page.words
    assert cognito.calls["VerifyUserAttribute"] == 0


def test_what_is_no_such_attribute_counts_as_unsaid(waiting: CheckedClient, cognito: FaultProxy) -> None:
    confirm(waiting, "123456", "custom:role")
    assert cognito.last("VerifyUserAttribute")["AttributeName"] == "email"


def test_a_code_survives_five_wrong_ones(
    waiting: CheckedClient, pool: LocalPool, new: str, cognito: FaultProxy
) -> None:
    code, most = pool.code(new), limits.ATTRIBUTE_GUESSES_BY_CODE.most
    for _ in range(most):
        confirm(waiting, another(code))
    response = waiting.post(VERIFY, {"attribute": "email", "code": code})
    assert (response.status_code, response["Retry-After"]) == (429, "1200")
    page = Page.of(response.content)
    assert "Too many tries. Wait 20 minutes, then ask for a new code." in page.one("div", role="alert").text
    assert f"Confirm {new}" in fact(page, "email")
    assert cognito.calls["VerifyUserAttribute"] == most
    # Not after a while, either: only another code helps.
    with later(21 * 60):
        assert waiting.post(VERIFY, {"attribute": "email", "code": code}).status_code == 429
        waiting.post(RESEND, {"attribute": "email"})
        assert "Email changed" in confirm(waiting, pool.code(new, after=1)).words


def asked_for_again(page: Page) -> str:
    """Return the address that Back and reload ask for, "" where they would send the form again."""
    return page.one("body")["data-page"] if page.all("script", src="/static/js/post_to_get.js") else ""


def test_after_too_many_codes_back_and_reload_show_the_profile(
    waiting: CheckedClient, pool: LocalPool, new: str
) -> None:
    code = pool.code(new)
    for _ in range(limits.ATTRIBUTE_GUESSES_BY_CODE.most):
        assert asked_for_again(confirm(waiting, another(code))) == PROFILE
    response = waiting.post(VERIFY, {"attribute": "email", "code": code})
    assert (response.status_code, asked_for_again(Page.of(response.content))) == (429, PROFILE)


def test_after_too_many_new_codes_back_and_reload_show_the_profile(signed_in: CheckedClient) -> None:
    for _ in range(limits.ATTRIBUTE_CODES_BY_USER.most):
        change(signed_in, email=new_email("other"))
    with later():
        response = signed_in.post(RESEND, {"attribute": "email"})
    assert (response.status_code, asked_for_again(Page.of(response.content))) == (429, PROFILE)


def test_a_page_that_answers_no_form_stays_where_it_is(client: CheckedClient, pool: LocalPool) -> None:
    assert asked_for_again(client.page("/verify-code/")) == ""


def test_guesses_of_a_person_end_before_cognitos(waiting: CheckedClient, cognito: FaultProxy) -> None:
    cognito.fail("VerifyUserAttribute", fault_proxy.aws_error("CodeMismatchException"))
    most, half = limits.ATTRIBUTE_GUESSES_BY_USER.most, limits.ATTRIBUTE_GUESSES_BY_CODE.most
    guess = {"attribute": "email", "code": "123456"}
    statuses = [waiting.post(VERIFY, guess).status_code for _ in range(half)]
    with later():
        waiting.post(RESEND, {"attribute": "email"})
        statuses += [waiting.post(VERIFY, guess).status_code for _ in range(most - half + 1)]
    assert statuses == [200] * most + [429]
    assert cognito.calls["VerifyUserAttribute"] == most


def test_an_outage_is_no_guess(waiting: CheckedClient, pool: LocalPool, new: str, cognito: FaultProxy) -> None:
    cognito.fail("VerifyUserAttribute", fault_proxy.closed_before())
    for _ in range(limits.ATTRIBUTE_GUESSES_BY_CODE.most):
        assert waiting.post(VERIFY, {"attribute": "email", "code": "123456"}).status_code == 503
    cognito.heal()
    assert "Email changed" in confirm(waiting, pool.code(new)).words


def test_another_code_has_to_wait_and_then_says_where_it_went(
    waiting: CheckedClient, pool: LocalPool, new: str, cognito: FaultProxy
) -> None:
    waiting.post(RESEND)
    page = waiting.page(PROFILE)
    assert "You can ask for a new code in" in page.words
    assert int(page.one("button", data_waiting="Send a new code in {clock}")["data-wait"]) > 0
    assert cognito.calls["GetUserAttributeVerificationCode"] == 0
    with later():
        waiting.post(RESEND)
        assert f"New code sent to {new}. Only the newest one works." in waiting.page(PROFILE).words
        assert "Email changed" in confirm(waiting, pool.code(new, after=1)).words


def test_another_code_does_not_keep_the_box_open_for_longer(waiting: CheckedClient, cognito: FaultProxy) -> None:
    opened = AwaitedCode.objects.get().at
    with later():
        waiting.post(RESEND, {"attribute": "email"})
    assert cognito.calls["GetUserAttributeVerificationCode"] == 1
    assert AwaitedCode.objects.get().at == opened


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("LimitExceededException", "You’ve asked for several codes already. Wait an hour, then try again."),
        ("CodeDeliveryFailureException", "We couldn’t send a code to {new}. Check it, or use another way."),
        ("InvalidParameterException", "We couldn’t send a code to {new}. Check it, or use another way."),
    ],
)
def test_a_code_that_cannot_be_sent_is_told(
    waiting: CheckedClient, cognito: FaultProxy, new: str, code: str, words: str
) -> None:
    cognito.fail("GetUserAttributeVerificationCode", fault_proxy.aws_error(code))
    with later():
        waiting.post(RESEND)
        assert words.format(new=new) in waiting.page(PROFILE).words


@pytest.mark.parametrize("path", [RESEND, CANCEL])
def test_what_changes_something_takes_a_form(waiting: CheckedClient, path: str) -> None:
    assert waiting.get(path).status_code == 405


@pytest.mark.parametrize(
    ("query", "row"), [("", "email"), ("?attribute=phone_number", "phone_number"), ("?attribute=x", "email")]
)
def test_the_page_that_was_here_once_leads_to_the_row(signed_in: CheckedClient, query: str, row: str) -> None:
    assert signed_in.get(f"{VERIFY}{query}").url == f"{PROFILE}#{row}"
    assert not signed_in.page(PROFILE).all("div", role="status")


@pytest.mark.parametrize(
    ("email", "number", "row"),
    [("ada@example.com", NUMBER, "email"), ("", NUMBER, "phone_number"), ("", "", "email")],
)
def test_the_row_is_that_of_the_number_where_there_is_no_address(
    signed_in: CheckedClient, person: Person, email: str, number: str, row: str
) -> None:
    User.objects.filter(sub=person.sub).update(email=email, phone_number=number)
    assert signed_in.get(VERIFY).url == f"{PROFILE}#{row}"


def test_a_change_can_be_given_up(waiting: CheckedClient, pool: LocalPool, person: Person, new: str) -> None:
    assert waiting.post(CANCEL, {"attribute": "email"}).url == PROFILE
    page = waiting.page(PROFILE)
    assert f"Email not changed. It’s still {person.email}." in page.words
    assert fact(page, "email") == f"Email {person.email} Verified Change email"
    assert new not in page.words


def test_giving_up_one_change_leaves_the_other(waiting: CheckedClient, pool: LocalPool, new: str) -> None:
    change(waiting, phone_number=NUMBER)
    waiting.post(CANCEL, {"attribute": "phone_number"})
    page = waiting.page(PROFILE)
    assert "Phone number not changed." in page.words
    assert (READ in page.words, f"Confirm {new}" in page.words) == (False, True)


def test_what_waits_survives_proving_who_one_is(
    waiting: CheckedClient, pool: LocalPool, person: Person, new: str
) -> None:
    waiting.post("/account/confirm/", {"password": person.password})
    assert new in waiting.page(PROFILE).words
    assert "Email changed" in confirm(waiting, pool.code(new)).words


def test_a_number_is_proved_by_a_text_message(signed_in: CheckedClient, pool: LocalPool, person: Person) -> None:
    sent = len(pool.mails(NUMBER))
    change(signed_in, phone_number=NUMBER)
    code = pool.code(NUMBER, after=sent)
    assert confirm(signed_in, another(code), "phone_number").error_of("phone_number_code")
    page = confirm(signed_in, code, "phone_number")
    assert "Phone number saved." in page.words
    assert fact(page, "phone_number") == f"Phone number {READ} Verified Change phone number"
    assert pool.attributes(person.email)["phone_number_verified"] == "true"
    assert "Changed phone number" in signed_in.page("/account/activity/").words
    assert not Activity.objects.filter(kind=Activity.Kind.EMAIL_CHANGED).exists()


def test_a_number_nobody_proved_says_so_and_can_be_proved(client: CheckedClient, pool: LocalPool) -> None:
    person = pool.person(phone_number=NUMBER)
    client.post("/login/", {"username": person.email, "password": person.password})
    assert (
        fact(client.page(PROFILE), "phone_number")
        == f"Phone number {READ} Not verified Send code (phone number) Change phone number"
    )
    sent = len(pool.mails(NUMBER))
    assert client.post(RESEND, {"attribute": "phone_number"}).url == f"{PROFILE}#phone_number"
    row = fact(client.page(PROFILE), "phone_number")
    assert f"Confirm {READ} We sent a code. Enter it to verify this number." in row
    assert "Cancel this change" not in row
    assert "Phone number verified." in confirm(client, pool.code(NUMBER, after=sent), "phone_number").words
    assert "Turn on Text message" in client.page("/account/security/").words


def test_an_address_nobody_proved_says_so_and_can_be_proved(client: CheckedClient, pool: LocalPool) -> None:
    person = pool.person(email_verified="false")
    client.post("/login/", {"username": person.email, "password": person.password})
    assert "Not verified" in client.page("/account/").words
    assert "Not verified Send code" in fact(client.page(PROFILE), "email")
    client.post(RESEND)
    assert "We sent a code. Enter it to verify this address." in fact(client.page(PROFILE), "email")
    page = confirm(client, pool.code(person.email))
    assert "Email verified." in page.words
    assert fact(page, "email") == f"Email {person.email} Verified Change email"


def test_a_box_that_only_proves_can_be_closed(client: CheckedClient, pool: LocalPool) -> None:
    person = pool.person(email_verified="false")
    client.post("/login/", {"username": person.email, "password": person.password})
    client.post(RESEND)
    client.post(CANCEL, {"attribute": "email"})
    page = client.page(PROFILE)
    assert "Not verified Send code" in fact(page, "email")
    assert "not changed" not in page.words


@pytest.mark.parametrize("attribute", ["name", "sub", "custom:role"])
def test_no_code_is_asked_for_another_attribute(waiting: CheckedClient, cognito: FaultProxy, attribute: str) -> None:
    with later():
        waiting.post(RESEND, {"attribute": attribute})
    assert cognito.last("GetUserAttributeVerificationCode")["AttributeName"] == "email"


def test_no_code_is_sent_for_what_is_proved(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    assert signed_in.post(RESEND, {"attribute": "email"}).url == f"{PROFILE}#email"
    assert signed_in.post(RESEND, {"attribute": "phone_number"}).url == f"{PROFILE}#phone_number"
    assert cognito.calls["GetUserAttributeVerificationCode"] == 0
