"""A new password by the mailed code: nobody learns who exists, and a second factor is not skipped."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine
from django.core import mail
from django.http import HttpRequest
from django.utils import timezone

from accounts import conf, holds, known_browser, limits
from accounts.models import Session
from accounts.sessions.pending import PendingReset
from accounts.views.base import COOL_DOWN
from tests import fault_proxy
from tests.accounts.squatting import EVES, register
from tests.accounts.test_forgot_password import KINDS, confirmed
from tests.background import finish
from tests.checked_client import CheckedClient, answer
from tests.conftest import SignIn
from tests.fault_proxy import Fault, FaultProxy
from tests.local_pool import PASSWORD, LocalPool, Person, another, new_email
from tests.markup import Page
from tests.second_factors import with_app

NEW = "Another-horse-2"
RESET = "/password/reset/"
REFUSED = "That code didn’t work"


def form(code: str, password: str = NEW, **more: str) -> dict[str, str]:
    return {"code": code, "new_password1": password, "new_password2": password, **more}


@pytest.fixture
def code(client: CheckedClient, pool: LocalPool, person: Person) -> str:
    """The code Ada's browser has asked for."""
    client.post("/password/forgot/", {"username": person.email})
    return pool.code(person.email)


def refused(client: CheckedClient, data: dict[str, str]) -> Page:
    response = client.post(RESET, data)
    assert response.status_code == 200
    return Page.of(response.content)


def test_the_code_and_a_new_password_lead_to_the_sign_in_page(client: CheckedClient, person: Person, code: str) -> None:
    assert client.post(RESET, form(code)).url == "/login/"
    page = client.page("/login/")
    assert "Password changed." in page.words
    assert page.one("input", id="id_username")["value"] == person.email
    assert CheckedClient().post("/login/", {"username": person.email, "password": NEW}).status_code == 302


def test_the_old_password_no_longer_works(client: CheckedClient, person: Person, code: str) -> None:
    client.post(RESET, form(code))
    old = {"username": person.email, "password": person.password}
    assert CheckedClient().post("/login/", old).status_code == 200


def test_nobody_is_signed_in_by_it(client: CheckedClient, code: str) -> None:
    client.post(RESET, form(code))
    assert client.get("/account/").status_code == 302
    assert not Session.objects.exclude(user=None).exists()


def test_the_second_factor_is_asked_all_the_same(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    app = with_app(pool, person)
    client.post("/password/forgot/", {"username": person.email})
    client.post(RESET, form(pool.code(person.email)))
    assert client.post("/login/", {"username": person.email, "password": NEW}).url == "/login/challenge/"
    assert client.get("/account/").status_code == 302
    assert client.post("/login/challenge/", {"code": app.code()}).url == "/account/"


def test_other_sessions_end(client: CheckedClient, browser_of: SignIn, person: Person, code: str) -> None:
    elsewhere = browser_of(person)
    client.post(RESET, form(code))
    assert elsewhere.get("/account/").status_code == 302


def test_the_person_is_told_by_mail(client: CheckedClient, person: Person, code: str) -> None:
    client.post(RESET, form(code))
    assert [message.to for message in mail.outbox] == [[person.email]]
    assert NEW not in str(mail.outbox[0].message())
    assert code not in str(mail.outbox[0].message())


def test_sessions_of_others_go_on(client: CheckedClient, browser_of: SignIn, pool: LocalPool, code: str) -> None:
    bob = browser_of(pool.person())
    client.post(RESET, form(code))
    assert bob.get("/account/").status_code == 200


def test_the_own_session_ends_too(signed_in: CheckedClient, pool: LocalPool, person: Person) -> None:
    signed_in.post("/password/forgot/", {"username": person.email})
    assert signed_in.post(RESET, form(pool.code(person.email))).url == "/login/"
    assert "Password changed." in signed_in.page("/login/").words
    assert not Session.objects.exclude(user=None).exists()


def test_a_wrong_code_changes_nothing(client: CheckedClient, person: Person, code: str) -> None:
    page = refused(client, form(another(code)))
    assert REFUSED in page.error_of("code")
    old = {"username": person.email, "password": person.password}
    assert CheckedClient().post("/login/", old).status_code == 302


def test_after_a_refusal_neither_code_nor_password_is_sent_back(client: CheckedClient, code: str) -> None:
    page = refused(client, form(another(code)))
    assert another(code) not in page.html
    assert NEW not in page.html


def test_a_code_works_once(client: CheckedClient, pool: LocalPool, person: Person, code: str) -> None:
    client.post(RESET, form(code))
    page = refused(CheckedClient(), form(code, "Third-horse-3", username=person.email))
    assert "If you’ve already changed your password, sign in with it" in page.error_of("code")


def test_a_newer_code_replaces_the_older(client: CheckedClient, pool: LocalPool, person: Person, code: str) -> None:
    with time_machine.travel(timezone.now().timestamp() + COOL_DOWN + 1):
        client.post("/password/reset/resend/")
        assert pool.code(person.email, after=1) != code
        assert refused(client, form(code)).error_of("code")


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_code_gets_one_answer_for_every_kind_of_account(
    pool: LocalPool, kind: Callable[[LocalPool], str]
) -> None:
    answers = []
    for make in (confirmed, kind):
        name = make(pool)
        client = CheckedClient()
        client.post("/password/forgot/", {"username": name})
        answers.append(answer(client.post(RESET, form("135790")), name))
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    "code",
    [
        "CodeMismatchException",
        "ExpiredCodeException",
        "UserNotFoundException",
        "UserNotConfirmedException",
        "NotAuthorizedException",
    ],
)
def test_whatever_is_wrong_the_answer_is_one(pool: LocalPool, cognito: FaultProxy, code: str) -> None:
    data = form("135790", username="ada@example.com")
    first = answer(CheckedClient().post(RESET, data))
    cognito.fail("ConfirmForgotPassword", fault_proxy.aws_error(code, "words of AWS"))
    assert answer(CheckedClient().post(RESET, data)) == first


@pytest.mark.parametrize(
    ("code", "field", "words"),
    [
        ("InvalidPasswordException", "new_password1", "doesn’t meet the rules"),
        ("PasswordHistoryPolicyViolationException", "new_password1", "You’ve used this password before"),
        ("TooManyFailedAttemptsException", "code", REFUSED),
        ("LimitExceededException", "code", REFUSED),
    ],
)
def test_a_refusal_stands_at_its_field(
    client: CheckedClient, cognito: FaultProxy, code: str, field: str, words: str, person: Person
) -> None:
    cognito.fail("ConfirmForgotPassword", fault_proxy.aws_error(code))
    page = refused(client, form("135790", username=person.email))
    assert words in page.error_of(field)
    assert page.one("input", id="id_username")["value"] == person.email


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"code": ""}, "code"),
        ({"code": "12x456"}, "code"),
        ({"new_password1": ""}, "new_password1"),
        ({"new_password1": "short"}, "new_password1"),
        ({"new_password2": "Another-horse-3"}, "new_password2"),
        ({"new_password1": "y" * 257}, "new_password1"),
    ],
)
def test_what_is_wrong_with_the_form_is_told_without_a_call(
    client: CheckedClient, person: Person, cognito: FaultProxy, data: dict[str, str], field: str
) -> None:
    assert refused(client, {**form("135790", username=person.email), **data}).error_of(field)
    assert cognito.calls["ConfirmForgotPassword"] == 0


def test_the_page_shows_for_whom_and_tells_password_managers(client: CheckedClient, person: Person, code: str) -> None:
    page = client.page(RESET)
    assert person.email in page.one("main").text
    assert page.one("input", autocomplete="username")["value"] == person.email
    assert "one hour" in page.words
    assert not [field for field in page.all("input", name="username", type="email") if "hidden" not in field["class"]]


def test_a_name_sent_along_does_not_replace_the_pending_one(
    client: CheckedClient, pool: LocalPool, code: str, cognito: FaultProxy, person: Person
) -> None:
    victim = pool.person()
    client.post(RESET, form(code, username=victim.email))
    assert cognito.last("ConfirmForgotPassword")["Username"] == person.email


def test_another_browser_types_the_name(pool: LocalPool, person: Person, code: str) -> None:
    assert CheckedClient().post(RESET, form(code, username=person.email)).url == "/login/"


def test_guesses_end_before_cognito(person: Person, cognito: FaultProxy) -> None:
    cognito.fail("ConfirmForgotPassword", fault_proxy.aws_error("CodeMismatchException"))
    most = limits.GUESSES_BY_NAME.most
    data = form("135790", username=person.email)
    statuses = [CheckedClient().post(RESET, data).status_code for _ in range(most + 1)]
    assert statuses == [200] * most + [429]
    assert cognito.calls["ConfirmForgotPassword"] == most


def test_another_code_has_to_wait(client: CheckedClient, code: str, cognito: FaultProxy) -> None:
    assert client.post("/password/reset/resend/").url == RESET
    assert "You can ask for a new code in" in client.page(RESET).words
    assert cognito.calls["ForgotPassword"] == 1


def test_another_code_for_nobody_is_not_sent(client: CheckedClient, pool: LocalPool, cognito: FaultProxy) -> None:
    page = Page.of(client.post("/password/reset/resend/").content)
    assert page.error_of("username") == "Error: Enter your email."
    assert page.summary() == "There is a problem Enter your email."
    assert page.one("body")["data-page"] == RESET
    assert cognito.calls["ForgotPassword"] == 0


def test_another_code_is_asked_for_by_post_only(client: CheckedClient) -> None:
    assert client.get("/password/reset/resend/").status_code == 405


def test_somebody_whose_password_staff_reset_gets_on(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    pool.admin("reset_user_password", person)
    sent = len(pool.mails(person.email))
    assert client.post("/password/forgot/", {"username": person.email}).url == RESET
    assert client.post(RESET, form(pool.code(person.email, after=sent))).url == "/login/"
    assert CheckedClient().post("/login/", {"username": person.email, "password": NEW}).url == "/account/"


def test_the_form_sent_twice_says_to_sign_in(client: CheckedClient, code: str, cognito: FaultProxy) -> None:
    assert [client.post(RESET, form(code)).url for _ in range(2)] == ["/login/", "/login/"]
    assert "Sign in with the new one" in client.page("/login/").words
    assert cognito.calls["ConfirmForgotPassword"] == 1


def test_another_form_after_a_reset_is_a_fresh_try(
    client: CheckedClient, pool: LocalPool, person: Person, code: str
) -> None:
    client.post(RESET, form(code))
    assert REFUSED in refused(client, form(code, "Third-horse-3")).error_of("code")
    assert REFUSED in refused(client, form(another(code))).error_of("code")
    with time_machine.travel(timezone.now().timestamp() + COOL_DOWN + 1):
        CheckedClient().post("/password/forgot/", {"username": person.email})
        assert client.post(RESET, form(pool.code(person.email, after=1), "Third-horse-3")).url == "/login/"
        third = {"username": person.email, "password": "Third-horse-3"}
        assert CheckedClient().post("/login/", third).status_code == 302


def test_of_the_form_that_was_sent_neither_code_nor_password_is_kept(client: CheckedClient, code: str) -> None:
    client.post(RESET, form(code))
    kept = str(conf.token_cipher().decrypt(client.session[PendingReset.key()]))
    assert NEW not in kept
    assert code not in kept


def test_a_reset_for_another_name_revokes_the_token_of_who_was_signed_in(
    signed_in: CheckedClient, pool: LocalPool, cognito: FaultProxy
) -> None:
    bob = pool.person()
    signed_in.post("/password/forgot/", {"username": bob.email})
    assert signed_in.post(RESET, form(pool.code(bob.email))).url == "/login/"
    finish()
    assert cognito.calls["RevokeToken"] == 1
    assert not Session.objects.exclude(user=None).exists()


def test_a_change_whose_answer_got_lost_leads_on(
    client: CheckedClient, person: Person, code: str, cognito: FaultProxy
) -> None:
    cognito.fail("ConfirmForgotPassword", fault_proxy.closed_after(), times=1)
    assert client.post(RESET, form(code)).status_code == 503
    assert "sign in with it" in refused(client, form(code)).error_of("code")
    assert CheckedClient().post("/login/", {"username": person.email, "password": NEW}).status_code == 302


@pytest.mark.parametrize("fault", [fault_proxy.closed_after(), fault_proxy.trigger_failed_after()])
def test_a_reset_that_may_be_done_ends_the_other_sessions_at_the_next_sign_in(
    client: CheckedClient, browser_of: SignIn, person: Person, code: str, cognito: FaultProxy, fault: Fault
) -> None:
    thief = browser_of(person)
    cognito.fail("ConfirmForgotPassword", fault, times=1)
    client.post(RESET, form(code))
    refused(client, form(code))
    assert thief.get("/account/").status_code == 200
    assert client.post("/login/", {"username": person.email, "password": NEW}).url == "/account/"
    assert thief.get("/account/").status_code == 302
    assert client.get("/account/").status_code == 200
    # The browser that signed in is known from then on, and no earlier one.
    assert knows(client, person)
    assert not knows(thief, person)


def knows(client: CheckedClient, person: Person) -> bool:
    """Whether that browser is known as one of the person's."""
    request = HttpRequest()
    request.COOKIES = {name: morsel.value for name, morsel in client.cookies.items()}
    return not known_browser.is_revoked(request, person.email)


def test_a_reset_that_may_be_done_ends_them_at_once_for_somebody_signed_in(
    signed_in: CheckedClient, browser_of: SignIn, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    thief = browser_of(person)
    signed_in.post("/password/forgot/", {"username": person.email})
    cognito.fail("ConfirmForgotPassword", fault_proxy.closed_after(), times=1)
    assert signed_in.post(RESET, form(pool.code(person.email))).status_code == 503
    assert thief.get("/account/").status_code == 302
    assert signed_in.get("/account/").status_code == 200


def test_a_stranger_ends_nobodys_session_in_an_outage(browser_of: SignIn, person: Person, cognito: FaultProxy) -> None:
    elsewhere = browser_of(person)
    cognito.fail("ConfirmForgotPassword", fault_proxy.closed_before())
    stranger = CheckedClient()
    assert stranger.post(RESET, form("123456", username=person.email)).status_code == 503
    assert elsewhere.get("/account/").status_code == 200
    assert Session.objects.count() == 1


def test_a_trigger_that_fails_after_the_code_is_told_as_that(
    client: CheckedClient, person: Person, code: str, cognito: FaultProxy
) -> None:
    cognito.fail("ConfirmForgotPassword", fault_proxy.trigger_failed_after(), times=1)
    with holds.held(person.email):  # by another browser, a while ago
        pass
    assert "Your code was right, but something went wrong after it." in refused(client, form(code)).summary()
    assert client.post("/login/", {"username": person.email, "password": NEW}).status_code == 302


def test_another_region_keeps_what_was_begun(client: CheckedClient, code: str, cognito: FaultProxy) -> None:
    cognito.fail("ConfirmForgotPassword", fault_proxy.aws_error("OperationNotEnabledException"), times=1)
    assert client.post(RESET, form(code)).status_code == 503
    assert client.post(RESET, form(code)).url == "/login/"


def strangers_spend_the_codes(name: str) -> None:
    for _ in range(limits.FORGOT_BY_NAME.most):
        CheckedClient().post("/password/forgot/", {"username": name})


def test_no_second_code_is_claimed_where_strangers_have_spent_the_names(pool: LocalPool) -> None:
    email = new_email()
    register(email, EVES)
    ada = register(email, PASSWORD)
    strangers_spend_the_codes(email)
    assert ada.post("/verify-code/", {"code": pool.code(email, after=1)}).url == RESET
    words = ada.page(RESET).words
    assert "somebody else may have chosen its password" in words
    assert "We sent you a second code" not in words
    assert "Ask for a new code to do so." in words


def test_a_code_asked_for_later_is_told_whoever_has_to_reset(
    client: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    app = with_app(pool, person)
    cognito.fail("ForgotPassword", fault_proxy.server_error(), times=1)
    client.post("/login/", {"username": person.email, "password": person.password})
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error("PasswordResetRequiredException"), times=1)
    assert client.post("/login/challenge/", {"code": app.code()}).url == RESET
    assert "Ask for a new code to do so." in client.page(RESET).words
    client.post("/password/reset/resend/")
    words = client.page(RESET).words
    assert "We sent a code to a***@e***" in words
    assert "Ask for a new code to do so." not in words
