"""What protects an account is changed by somebody who has just proved who they are."""

from __future__ import annotations

import json

import pytest
import time_machine
from django.utils import timezone

from accounts import limits
from accounts.models import Session
from accounts.views.base import COOL_DOWN
from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.markup import Page
from tests.second_factors import with_app

CONFIRM, RESEND = "/account/confirm/", "/login/challenge/resend/"
PAGES = ["/account/security/totp/"]
ACTS = {
    "/account/security/passkeys/options/": "/account/security/passkeys/",
    "/account/security/passkeys/add/": "/account/security/passkeys/",
    "/account/security/totp/": "/account/security/totp/",
}


def quoted(path: str) -> str:
    return f"{CONFIRM}?next={path.replace('/', '%2F')}"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_changes_protection_asks_first(long_signed_in: CheckedClient, page: str) -> None:
    assert long_signed_in.get(page).url == quoted(page)


def test_whoever_gives_up_a_page_goes_to_the_overview(long_signed_in: CheckedClient) -> None:
    asked = long_signed_in.get("/account/security/totp/").url
    [back] = [link for link in long_signed_in.page(asked).all("a") if link.text.strip() == "Cancel and go back"]
    assert back["href"] == "/account/"


@pytest.mark.parametrize("act", ACTS)
def test_an_act_that_changes_protection_asks_first(
    long_signed_in: CheckedClient, cognito: FaultProxy, act: str
) -> None:
    before = sum(cognito.calls.values())
    assert long_signed_in.post(act, {"confirm": "x"}).url == quoted(ACTS[act])
    assert sum(cognito.calls.values()) == before


def test_a_new_name_does_not_ask(long_signed_in: CheckedClient, person: Person) -> None:
    data = {"attribute": "name", "name": "Countess"}
    assert long_signed_in.post("/account/profile/", data).url == "/account/profile/"


def test_the_password_leads_back_to_the_page_with_another_session(
    long_signed_in: CheckedClient, person: Person
) -> None:
    stolen = long_signed_in.session_cookie
    page = long_signed_in.page(quoted("/account/security/totp/"))
    assert page.one("input", autocomplete="username")["value"] == person.email
    data = {"password": person.password, "next": page.all("input", name="next")[0]["value"]}
    assert long_signed_in.post(CONFIRM, data).url == "/account/security/totp/"
    assert long_signed_in.get("/account/security/totp/").status_code == 200
    assert not Session.objects.filter(session_key=stolen).exists()


def test_the_tokens_before_are_revoked(long_signed_in: CheckedClient, person: Person, cognito: FaultProxy) -> None:
    long_signed_in.post(CONFIRM, {"password": person.password})
    assert cognito.calls["RevokeToken"] == 1


def test_a_wrong_password_leads_nowhere_and_ends_nothing(long_signed_in: CheckedClient) -> None:
    page = Page.of(long_signed_in.post(CONFIRM, {"password": "Wrong-horse-1"}).content)
    assert "That’s not your current password." in page.error_of("password")
    assert "value" not in page.field("password")
    assert long_signed_in.get("/account/security/totp/").status_code == 302
    assert long_signed_in.get("/account/").status_code == 200


def test_a_name_sent_along_is_not_the_one_that_is_proved(
    long_signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    mallory = pool.person()
    data = {"username": mallory.email, "password": "Mallorys-horse-1"}
    pool.admin("set_user_password", mallory, Password="Mallorys-horse-1", Permanent=True)
    assert long_signed_in.post(CONFIRM, data).status_code == 200
    assert person.email in long_signed_in.page("/account/").words


def test_the_way_on_stays_on_this_site(long_signed_in: CheckedClient, person: Person) -> None:
    data = {"password": person.password, "next": "https://evil.example/"}
    assert long_signed_in.post(CONFIRM, data).url == "/account/"


def test_a_second_factor_is_part_of_the_proof(long_signed_in: CheckedClient, pool: LocalPool, person: Person) -> None:
    app = with_app(pool, person)
    data = {"password": person.password, "next": "/account/security/totp/"}
    assert long_signed_in.post(CONFIRM, data).url == "/login/challenge/"
    assert long_signed_in.get("/account/security/totp/").url == quoted("/account/security/totp/")
    assert long_signed_in.post("/login/challenge/", {"code": app.code()}).url == "/account/security/totp/"
    assert long_signed_in.get("/account/security/totp/").status_code == 200


def test_a_mailed_code_is_a_proof_too(long_signed_in: CheckedClient, pool: LocalPool, person: Person) -> None:
    assert (
        long_signed_in.post("/account/confirm/options/", {"next": "/account/security/totp/"}).url == "/login/challenge/"
    )
    long_signed_in.post("/login/another-way/", {"answer": "EMAIL_OTP"})
    answered = long_signed_in.post("/login/challenge/", {"code": pool.code(person.email)})
    assert answered.url == "/account/security/totp/"
    assert long_signed_in.get("/account/security/totp/").status_code == 200


def test_a_code_is_one_button_and_one_page(long_signed_in: CheckedClient, pool: LocalPool, person: Person) -> None:
    page = long_signed_in.page(quoted("/account/security/totp/"))
    assert [each.text.strip() for each in page.all("button", name="answer")] == ["Email me a code"]
    data = {"answer": "EMAIL_OTP", "next": "/account/security/totp/"}
    assert long_signed_in.post("/account/confirm/options/", data).url == "/login/challenge/"
    assert "Eight-digit code" in long_signed_in.page("/login/challenge/").words
    answered = long_signed_in.post("/login/challenge/", {"code": pool.code(person.email)})
    assert answered.url == "/account/security/totp/"


def test_another_code_can_be_had_for_the_proof_and_the_newest_alone_works(
    long_signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    long_signed_in.post("/account/confirm/options/", {"answer": "EMAIL_OTP", "next": "/account/security/totp/"})
    first = pool.code(person.email)
    with time_machine.travel(timezone.now().timestamp() + COOL_DOWN + 1):
        assert long_signed_in.post(RESEND).url == "/login/challenge/"
        assert "Only the newest one works." in long_signed_in.page("/login/challenge/").words
        newest = pool.code(person.email, after=1)
        assert long_signed_in.post("/login/challenge/", {"code": first}).status_code == 200
        assert long_signed_in.post("/login/challenge/", {"code": newest}).url == "/account/security/totp/"


def test_where_cognito_sends_no_other_code_for_the_proof_it_begins_again(
    long_signed_in: CheckedClient, pool: LocalPool, cognito: FaultProxy
) -> None:
    long_signed_in.post("/account/confirm/options/", {"answer": "EMAIL_OTP", "next": "/account/security/totp/"})
    asked = {"ChallengeName": "SELECT_CHALLENGE", "Session": "s" * 32, "AvailableChallenges": ["PASSWORD"]}
    cognito.fail("InitiateAuth", fault_proxy.answered(200, json.dumps(asked).encode()), times=1)
    with time_machine.travel(timezone.now().timestamp() + COOL_DOWN + 1):
        assert long_signed_in.post(RESEND).url == "/login/?next=%2Faccount%2Fsecurity%2Ftotp%2F"
        assert long_signed_in.get("/login/challenge/").url == "/account/"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("LimitExceededException", "That was tried too often. Wait an hour, then try again."),
        ("CodeDeliveryFailureException", "We couldn’t send you a code. Use another way."),
        ("PasswordResetRequiredException", "Your password has to be reset. Sign out, then choose a new one."),
        ("UserNotConfirmedException", "Your account has changed meanwhile. Sign out, then sign in again."),
        ("InvalidParameterException", "That way doesn’t work right now. Use another way."),
        ("NotAuthorizedException", "That way doesn’t work right now. Use another way."),
    ],
)
def test_a_refused_proof_says_why_and_leaves_the_others_on_the_same_way(
    long_signed_in: CheckedClient, person: Person, cognito: FaultProxy, code: str, said: str
) -> None:
    cognito.fail("InitiateAuth", fault_proxy.aws_error(code), times=1)
    data = {"answer": "EMAIL_OTP", "next": "/account/security/totp/"}
    assert long_signed_in.post("/account/confirm/options/", data).url == quoted("/account/security/totp/")
    page = long_signed_in.page(quoted("/account/security/totp/"))
    assert said in page.words
    data = {"password": person.password, "next": page.all("input", name="next")[0]["value"]}
    assert long_signed_in.post(CONFIRM, data).url == "/account/security/totp/"


def test_whoever_has_two_steps_is_not_offered_one_of_them(
    long_signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    with_app(pool, person)
    assert not long_signed_in.page(CONFIRM).all("button", name="answer")


def test_an_address_that_is_not_proved_is_offered_no_code(
    long_signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    pool.admin("update_user_attributes", person, UserAttributes=[{"Name": "email_verified", "Value": "false"}])
    assert not long_signed_in.page(CONFIRM).all("button", name="answer")


def test_guesses_end_before_cognito(long_signed_in: CheckedClient, cognito: FaultProxy) -> None:
    # In a browser that has signed her in before.
    before, most = cognito.calls["InitiateAuth"], limits.LOGIN_BY_NAME.most + limits.LOGIN_BY_NAME.known
    statuses = [long_signed_in.post(CONFIRM, {"password": "Wrong-1a"}).status_code for _ in range(most + 1)]
    assert statuses == [200] * most + [429]
    assert cognito.calls["InitiateAuth"] == before + most


def test_an_outage_ends_nothing(long_signed_in: CheckedClient, person: Person, cognito: FaultProxy) -> None:
    cognito.fail("InitiateAuth", fault_proxy.server_error())
    assert long_signed_in.post(CONFIRM, {"password": person.password}).status_code == 503
    assert long_signed_in.get("/account/").status_code == 200


def test_a_stranger_proves_nothing(client: CheckedClient, pool: LocalPool) -> None:
    assert client.get(CONFIRM).url.startswith("/login/")
    assert client.post("/account/confirm/options/").url.startswith("/login/")
