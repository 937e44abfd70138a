"""A step of a sign-in sent twice, as a double click without a script does: both go on, and nobody else."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.core.cache import cache
from django.db import connections
from django.test import RequestFactory

from accounts import limits
from accounts.models import Count, Session
from accounts.sessions import double_submit
from accounts.sessions.pending import PendingChallenge
from accounts.waiting import Places
from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.second_factors import ON, AuthenticatorApp, with_app

CHALLENGE = "/login/challenge/"


@pytest.fixture(autouse=True)
def _short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    # Long enough for the first of two sendings to end; the real one is for slow networks.
    monkeypatch.setattr("accounts.sessions.double_submit.LONGEST_WAIT", 0.5)


def test_the_last_step_sent_twice_ends_signed_in(halfway: CheckedClient, app: AuthenticatorApp) -> None:
    again = CheckedClient()
    again.cookies["sessionid"] = halfway.session_cookie
    data = {"code": app.code()}
    assert halfway.post(CHALLENGE, data).status_code == 302
    assert again.post(CHALLENGE, data).url == "/account/"
    assert again.get("/account/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_last_step_sent_twice_at_once_ends_signed_in(
    halfway: CheckedClient, app: AuthenticatorApp, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first one ends for certain, and may take its time.
    monkeypatch.setattr(double_submit, "LONGEST_WAIT", 30)
    both = threading.Barrier(2)
    cognito.fail("RespondToAuthChallenge", fault_proxy.Fault(wait=both.wait))
    data, cookie = {"code": app.code()}, halfway.session_cookie

    def send(_: int) -> tuple[str, int]:
        try:
            browser = CheckedClient()
            browser.cookies["sessionid"] = cookie
            return browser.post(CHALLENGE, data).url, browser.get("/account/").status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(send, range(2))) == [("/account/sessions/", 200)] * 2
    assert Session.objects.exclude(user=None).count() == 1


@pytest.mark.parametrize("stranger", ["another code", "another cookie", "later"])
def test_only_the_same_form_of_the_same_browser_joins(
    halfway: CheckedClient, app: AuthenticatorApp, stranger: str
) -> None:
    thief = CheckedClient()
    thief.cookies["sessionid"] = "a" * 32 if stranger == "another cookie" else halfway.session_cookie
    code = app.code()
    halfway.post(CHALLENGE, {"code": code})
    with time_machine.travel(time.time() + (30 if stranger == "later" else 0)):
        thief.post(CHALLENGE, {"code": app.wrong_code() if stranger == "another code" else code})
        assert thief.get("/account/").status_code == 302


def test_forms_that_differ_in_one_of_several_values_are_not_the_same() -> None:
    bodies = [{"box": ["a", "z"]}, {"box": ["a", "b", "z"]}, {"box": ["z"]}, {"box": "a&box=z"}, {"box=a&box": "z"}]
    assert len({double_submit.fingerprint(RequestFactory().post(CHALLENGE, body)) for body in bodies}) == len(bodies)


def test_a_step_on_the_way_sent_twice_leads_to_the_next(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    with_app(pool, person, preferred=False)
    pool.admin("set_user_mfa_preference", person, EmailMfaSettings=ON)
    client.post("/login/", {"username": person.email, "password": person.password})
    again = CheckedClient()
    again.cookies["sessionid"] = client.session_cookie
    data = {"answer": "EMAIL_OTP"}
    assert client.post("/login/another-way/", data).url == again.post("/login/another-way/", data).url == CHALLENGE
    assert len(pool.mails(person.email)) == 1
    assert again.post(CHALLENGE, {"code": pool.code(person.email)}).url == "/account/"


def test_a_choice_sent_twice_at_once_is_made_once(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    with_app(pool, person, preferred=False)
    pool.admin("set_user_mfa_preference", person, EmailMfaSettings=ON)
    client.post("/login/", {"username": person.email, "password": person.password})
    key, before = PendingChallenge.key(), client.session[PendingChallenge.key()]
    data = {"answer": "EMAIL_OTP"}
    client.post("/login/another-way/", data)
    # What the second request read before the first had ended.
    session = client.session
    session[key] = before
    session.save()
    assert client.post("/login/another-way/", data).url == CHALLENGE
    assert len(pool.mails(person.email)) == 1


def test_a_spent_question_sent_once_is_answered_at_once(
    halfway: CheckedClient, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[str] = []
    monkeypatch.setattr("accounts.sessions.double_submit.wait_for", waits.append)
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error("NotAuthorizedException"))
    assert halfway.post(CHALLENGE, {"code": "123456"}).status_code == 302
    assert waits == []


def test_who_has_no_step_pending_writes_nothing_and_waits_for_nothing(
    client: CheckedClient, pool: LocalPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class ReadOnly:
        get = cache.get

        def __getattr__(self, name: str) -> object:
            pytest.fail(f"a stranger wrote into the cache: {name}")

    monkeypatch.setattr("accounts.sessions.double_submit.cache", ReadOnly())
    monkeypatch.setattr(
        "accounts.sessions.double_submit.time.sleep", lambda _: pytest.fail("a stranger was waited for")
    )
    for _ in range(limits.REPEAT_BY_ADDRESS.most + 1):
        assert client.post(CHALLENGE, {"code": "123456"}).url == "/login/?again=1"
    assert Count.objects.count() == 0


def test_who_sends_again_what_is_being_answered_is_counted_by_address(
    pool: LocalPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(double_submit, "LONGEST_WAIT", 0)
    request, most = RequestFactory().post(CHALLENGE, {"code": "123456"}), limits.REPEAT_BY_ADDRESS.most
    with double_submit.sending(double_submit.fingerprint(request)):
        answers = [CheckedClient().post(CHALLENGE, {"code": "123456"}).status_code for _ in range(most + 1)]
    assert answers == [302] * most + [429]


def test_who_finds_no_place_to_wait_in_is_told_at_once(pool: LocalPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Places, "taken", 10**6)
    request = RequestFactory().post(CHALLENGE, {"code": "123456"})
    with double_submit.sending(double_submit.fingerprint(request)):
        assert CheckedClient().post(CHALLENGE, {"code": "123456"}).status_code == 503


def test_a_step_that_was_answered_is_waited_for_no_longer() -> None:
    with double_submit.sending("mark"):
        assert double_submit.is_known("mark")
    assert not double_submit.is_known("mark")


def test_without_the_cache_a_sign_in_goes_on(
    halfway: CheckedClient, app: AuthenticatorApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def __getattr__(self, name: str) -> object:
            raise ConnectionError("the cache is away")

    monkeypatch.setattr("accounts.sessions.double_submit.cache", Broken())
    assert halfway.post(CHALLENGE, {"code": app.code()}).status_code == 302
    assert halfway.get("/account/").status_code == 200
