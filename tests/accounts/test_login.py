"""Signing in: one answer to every wrong name or password, and one call for a right one."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, Settings

from accounts import conf
from accounts import pool as site_pool
from accounts.cognito.config import CognitoConfig
from accounts.models import Session, User
from tests import fault_proxy
from tests.accounts.conftest import MovedClock
from tests.checked_client import CheckedClient, answer
from tests.conftest import forget_counts
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, Person, new_email
from tests.markup import Page

WRONG = "Wrong-horse-1"


def sign_in(client: CheckedClient, person: Person, **changes: str) -> Any:
    return client.post("/login/", {"username": person.email, "password": person.password, **changes})


def refusal(client: CheckedClient, username: str, password: str = WRONG) -> Page:
    response = client.post("/login/", {"username": username, "password": password})
    assert response.status_code == 200
    return Page.of(response.content)


def test_the_right_password_leads_in(client: CheckedClient, person: Person) -> None:
    response = client.post("/login/", {"username": person.email, "password": person.password})
    assert (response.status_code, response.url) == (302, "/account/")
    page = client.page("/account/")
    assert person.email in page.words
    assert User.objects.get().sub == person.sub


def test_a_sign_in_is_one_call(client: CheckedClient, person: Person, cognito: FaultProxy) -> None:
    sign_in(client, person)
    assert {name: count for name, count in cognito.calls.items() if name != "jwks.json"} == {"InitiateAuth": 1}


def test_a_returning_person_costs_few_statements(
    client: CheckedClient, person: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    sign_in(CheckedClient(), person)
    with django_assert_max_num_queries(20) as queries:
        sign_in(client, person)
    statements = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    counting = [statement for statement in statements if "accounts_count" in statement]
    assert len(statements) - len(counting) <= 5, statements
    # One to charge, one to give back; none where Redis counts.
    assert len(counting) <= 2, counting


def test_the_letter_case_of_an_address_does_not_matter(client: CheckedClient, person: Person) -> None:
    assert client.post("/login/", {"username": person.email.upper(), "password": person.password}).status_code == 302
    assert User.objects.count() == 1


@pytest.mark.parametrize("missing", ["username", "password"])
def test_nothing_typed_is_told_at_its_field(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy, missing: str
) -> None:
    data = {"username": "ada@example.com", "password": PASSWORD} | {missing: ""}
    page = Page.of(client.post("/login/", data).content)
    assert page.error_of(missing).startswith("Error: Enter your")
    assert cognito.calls["InitiateAuth"] == 0


def test_unknown_wrong_disabled_and_locked_are_one_answer(pool: LocalPool, person: Person) -> None:
    disabled, locked = pool.person(), pool.person()
    pool.admin("disable_user", disabled)
    for _ in range(5):
        CheckedClient().post("/login/", {"username": locked.email, "password": "Wrong-horse-1"})
    forget_counts()
    names = [person.email, new_email("nobody"), disabled.email, locked.email]
    answers = [
        answer(CheckedClient().post("/login/", {"username": name, "password": "Wrong-horse-1"}), name) for name in names
    ]
    assert answers[0][0] == 200
    assert answers[0] == answers[1] == answers[2] == answers[3]


def test_a_disabled_person_with_the_right_password_gets_the_same_answer(pool: LocalPool, person: Person) -> None:
    wrong = answer(CheckedClient().post("/login/", {"username": person.email, "password": "Wrong-1a"}), person.email)
    pool.admin("disable_user", person)
    right = CheckedClient().post("/login/", {"username": person.email, "password": person.password})
    assert answer(right, person.email) == wrong


def test_somebody_shut_out_here_gets_the_same_answer(client: CheckedClient, person: Person) -> None:
    sign_in(client, person)
    User.objects.update(is_active=False)
    wrong = answer(CheckedClient().post("/login/", {"username": person.email, "password": "Wrong-1a"}), person.email)
    right = CheckedClient().post("/login/", {"username": person.email, "password": person.password})
    assert answer(right, person.email) == wrong


def test_the_tokens_of_somebody_shut_out_here_are_revoked(
    client: CheckedClient, person: Person, cognito: FaultProxy
) -> None:
    sign_in(client, person)
    User.objects.update(is_active=False)
    sign_in(CheckedClient(), person)
    assert cognito.calls["RevokeToken"] == 1


def test_a_refusal_takes_as_long_for_nobody_as_for_somebody(
    person: Person, cognito: FaultProxy, clock: MovedClock
) -> None:
    for name, delay in (("nobody@example.com", 0.0), (person.email, 0.15)):
        cognito.fail("InitiateAuth", clock.delayed(delay), times=1)
        started = clock.now
        refusal(CheckedClient(), name)
        assert clock.now - started == pytest.approx(clock.floor)


def test_the_database_is_not_asked_about_a_name_before_cognito_answers(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy
) -> None:
    client.get("/login/")
    cognito.fail("InitiateAuth", fault_proxy.closed_before())
    with CaptureQueriesContext(connection) as queries:
        client.post("/login/", {"username": "nobody@example.com", "password": "Wrong-horse-1"})
    assert [query["sql"] for query in queries if "accounts_count" not in query["sql"]] == []


def test_after_a_refusal_the_name_stays_and_the_password_does_not(client: CheckedClient, person: Person) -> None:
    page = refusal(client, person.email, "Canary-horse-1")
    assert page.field("username")["value"] == person.email
    assert "Canary" not in page.html


def test_a_refusal_is_titled_and_summed_up(client: CheckedClient, person: Person) -> None:
    page = refusal(client, person.email)
    assert page.title.startswith("Error: ")
    assert "There is a problem" in page.summary()
    assert "That email and password don’t match." in page.summary()


def test_a_refusal_signs_nobody_in(client: CheckedClient, person: Person) -> None:
    refusal(client, person.email)
    assert client.get("/account/").url == "/login/?next=/account/"
    assert not Session.objects.exclude(user=None).exists()


def test_a_password_is_not_trimmed(client: CheckedClient, person: Person) -> None:
    assert refusal(client, person.email, f" {person.password} ").summary()


def test_a_password_too_long_is_not_sent(client: CheckedClient, pool: LocalPool, cognito: FaultProxy) -> None:
    assert "256" in refusal(client, "ada@example.com", "x" * 257).error_of("password")
    assert cognito.calls["InitiateAuth"] == 0


@pytest.mark.parametrize("name", ["ada\x00@example.com", "a" * 140 + "@example.com"])
def test_a_name_cognito_cannot_have_is_not_sent(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy, name: str
) -> None:
    assert refusal(client, name).error_of("username")
    assert cognito.calls["InitiateAuth"] == 0


@pytest.mark.parametrize("password", [PASSWORD, "Wrong-horse-1"])
def test_an_unconfirmed_newcomer_finds_the_way_to_the_code(
    client: CheckedClient, pool: LocalPool, password: str
) -> None:
    email = new_email()
    CheckedClient().post("/register/", {"email": email, "password1": PASSWORD, "password2": PASSWORD})
    page = refusal(client, email, password)
    assert "That email and password don’t match." in page.summary()
    assert "Confirm your email" in [link.text for link in page.all("a", href="/verify-code/")]


@pytest.mark.parametrize("password", [PASSWORD, "Wrong-horse-1"])
def test_somebody_who_must_choose_a_new_password_finds_the_way(
    client: CheckedClient, pool: LocalPool, person: Person, password: str
) -> None:
    pool.admin("reset_user_password", person)
    page = refusal(client, person.email, password)
    assert "That email and password don’t match." in page.summary()
    assert page.all("a", href="/password/forgot/")


@pytest.mark.parametrize(
    "code",
    ["UserNotConfirmedException", "PasswordResetRequiredException", "LimitExceededException", "UserNotFoundException"],
)
def test_whatever_cognito_has_against_a_name_is_one_sentence(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy, code: str
) -> None:
    wrong = answer(client.post("/login/", {"username": "ada@example.com", "password": "Wrong-horse-1"}))
    cognito.fail("InitiateAuth", fault_proxy.aws_error(code, "words of AWS"))
    assert answer(CheckedClient().post("/login/", {"username": "ada@example.com", "password": PASSWORD})) == wrong


def test_an_expired_first_password_says_who_can_help(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy
) -> None:
    message = "Temporary password has expired and must be reset by an administrator."
    cognito.fail("InitiateAuth", fault_proxy.aws_error("NotAuthorizedException", message))
    assert "invited you" in refusal(client, "ada@example.com").summary()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("UserLambdaValidationException", "We can’t sign you in. The help page says who to ask."),
        ("CodeDeliveryFailureException", "We couldn’t send you a code. Try again in a few minutes."),
    ],
)
def test_what_keeps_somebody_out_is_told_alike_for_every_name_and_no_sooner_than_a_wrong_password(
    pool: LocalPool, person: Person, cognito: FaultProxy, clock: MovedClock, code: str, words: str
) -> None:
    cognito.fail("InitiateAuth", fault_proxy.aws_error(code, "words of AWS"))
    answers = []
    for name, password in ((person.email, person.password), (person.email, "Wrong-1a"), ("nobody@example.com", "x")):
        began = clock.now
        response = CheckedClient().post("/login/", {"username": name, "password": password})
        assert response.status_code == 200
        assert words in Page.of(response.content).summary()
        assert clock.now - began == pytest.approx(clock.floor)
        answers.append(answer(response, name))
    assert answers[0] == answers[1] == answers[2]


OUTAGES = {
    "closed": fault_proxy.closed_before(),
    "500": fault_proxy.server_error(),
    "502 page": fault_proxy.bad_gateway(),
    "200 page": fault_proxy.html_success(),
    "nothing": fault_proxy.empty(),
    "truncated": fault_proxy.truncated(),
    "done but not answered": fault_proxy.closed_after(),
    "throttled": fault_proxy.aws_error("TooManyRequestsException"),
    "blocked": fault_proxy.aws_error("ForbiddenException", status=403),
    "wrong secret": fault_proxy.aws_error("NotAuthorizedException", "Unable to verify secret hash for client x"),
    "no such pool": fault_proxy.aws_error("ResourceNotFoundException"),
    "trigger broke": fault_proxy.aws_error("UnexpectedLambdaException"),
}


@pytest.mark.parametrize("fault", OUTAGES.values(), ids=OUTAGES.keys())
def test_an_outage_blames_nobody_and_lets_nobody_in(
    client: CheckedClient, person: Person, cognito: FaultProxy, fault: fault_proxy.Fault
) -> None:
    cognito.fail("InitiateAuth", fault)
    response = client.post("/login/", {"username": person.email, "password": person.password})
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    digits = response["X-Request-ID"][:8].upper()
    assert f"{digits[:4]}-{digits[4:]}" in response.content.decode()
    assert cognito.calls["InitiateAuth"] == 1
    assert client.get("/account/").status_code == 302
    cognito.heal()
    assert client.post("/login/", {"username": person.email, "password": person.password}).status_code == 302


def test_a_cognito_that_hangs_is_given_up_in_five_seconds(
    client: CheckedClient, person: Person, cognito: FaultProxy, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CognitoConfig.__dataclass_fields__["read_timeout"].default == 5
    hasty = replace(conf.config(), read_timeout=0.5)
    monkeypatch.setattr(CognitoConfig, "from_settings", lambda _values: hasty)
    settings.COGNITO = {**settings.COGNITO}
    release = threading.Event()
    site_pool.description()
    cognito.forget()
    cognito.fail("InitiateAuth", fault_proxy.held(release, 60))
    try:
        assert client.post("/login/", {"username": person.email, "password": person.password}).status_code == 503
        # Cognito has said nothing yet: it is the time-out that ended the wait.
        assert cognito.answered == []
    finally:
        release.set()
    assert cognito.calls["InitiateAuth"] == 1


@pytest.mark.parametrize(
    "bad",
    [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "///evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/%09/evil.example",
        "/\t/evil.example",
        "http://testserver@evil.example/",
        "/\r\nSet-Cookie: x=1",
        "http://localhost:8001.evil.example/",
    ],
)
def test_where_to_go_next_is_a_page_of_this_site(client: CheckedClient, person: Person, bad: str) -> None:
    response = client.post("/login/", {"username": person.email, "password": person.password, "next": bad})
    assert response.status_code == 302
    assert urlsplit(urljoin("http://testserver/login/", response.url)).netloc == "testserver"
    # Browsers drop these characters, which would make two slashes of what stands around them.
    assert not set(response.url) & {"\t", "\r", "\n", "\\"}


def test_an_address_of_eight_kilobytes_is_not_followed(client: CheckedClient, person: Person) -> None:
    assert sign_in(client, person, next="/" + "x" * 8192).url == "/account/"


def test_a_page_of_this_site_is_come_back_to(client: CheckedClient, person: Person) -> None:
    response = client.get("/account/sessions/?x=1")
    assert response.url == "/login/?next=/account/sessions/%3Fx%3D1"
    hidden = client.page(response.url).one("input", name="next")["value"]
    assert hidden == "/account/sessions/?x=1"
    answered = client.post("/login/", {"username": person.email, "password": person.password, "next": hidden})
    assert answered.url == "/account/sessions/?x=1"


def test_somebody_signed_in_is_sent_on(signed_in: CheckedClient) -> None:
    assert signed_in.get("/login/?next=/account/activity/").url == "/account/activity/"
    assert signed_in.get("/login/?next=//evil.example").url == "/account/"


def test_a_double_click_signs_in_without_an_error(client: CheckedClient, person: Person) -> None:
    data = {"username": person.email, "password": person.password}
    assert [client.post("/login/", data).status_code for _ in range(2)] == [302, 302]


def test_password_managers_find_their_fields(client: CheckedClient, pool: LocalPool) -> None:
    page = client.page("/login/")
    name, password = page.field("username"), page.field("password")
    assert (name["type"], name["autocomplete"], name["autocapitalize"], name["spellcheck"]) == (
        "email",
        "username",
        "none",
        "false",
    )
    assert (password["type"], password["autocomplete"]) == ("password", "current-password")
    assert "maxlength" not in password


def test_a_session_that_ended_is_explained(client: CheckedClient, pool: LocalPool) -> None:
    assert "You were signed out." in client.page("/login/?ended=1&next=/account/").words


def test_tokens_of_a_sign_in_that_could_not_be_stored_do_not_let_anybody_in(
    client: CheckedClient, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OperationalError("database is gone")

    with monkeypatch.context() as patch:
        patch.setattr("accounts.users.user_for", broken)
        client.raise_request_exception = False
        assert client.post("/login/", {"username": person.email, "password": person.password}).status_code in {500, 503}
    assert client.get("/account/").status_code == 302


def test_a_form_left_open_in_another_tab_recovers_in_one_click(pool: LocalPool, person: Person) -> None:
    browser = CheckedClient(enforce_csrf_checks=True)
    page = browser.page("/login/")
    data = {
        "username": person.email,
        "password": person.password,
        "csrfmiddlewaretoken": page.all("input", name="csrfmiddlewaretoken")[0]["value"],
    }
    assert browser.post("/login/", data).status_code == 302
    refused = browser.post("/login/", data)
    assert refused.status_code == 403
    again = Page.of(refused.content).all("a", class_="button button--primary")[0]["href"]
    assert browser.get(again or "/login/").url == "/account/"
