"""The cookie as the wire shows it: late answers take nothing away, strangers who only look get nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import path, reverse

from accounts import limits
from accounts.models import Session
from accounts.urls import urlpatterns as site_patterns
from config import message_storage
from tests import fault_proxy
from tests.accounts.test_limits import takes_post
from tests.accounts.test_return_address import addresses
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.second_factors import AuthenticatorApp

during: list[Callable[[], object]] = []


def slow(request: HttpRequest) -> HttpResponse:
    """A page that takes its time: what `during` holds happens before its answer."""
    for act in during:
        act()
    request.session["colour"] = "blue"
    return HttpResponse("done", content_type="text/plain")


@login_not_required
def slow_for_anybody(request: HttpRequest) -> HttpResponse:
    """A page that looks at the session, and takes its time."""
    for act in during:
        act()
    return HttpResponse(str(request.user), content_type="text/plain")


urlpatterns = [*site_patterns, path("slow/", slow), path("slow-for-anybody/", slow_for_anybody)]
pytestmark = pytest.mark.urls("tests.accounts.test_session_cookie")


@pytest.fixture(autouse=True)
def _nothing_happens_meanwhile() -> None:
    during.clear()


def another_tab(browser: CheckedClient) -> CheckedClient:
    """Return a client that sends the cookies the browser has now, whatever it is given later."""
    tab = CheckedClient()
    for name, cookie in browser.cookies.items():
        tab.cookies[name] = cookie.value
    return tab


def says_nothing_of_the_session(response: Any) -> bool:
    """Whether an answer leaves the browser's session cookie alone."""
    return "sessionid" not in response.cookies


@pytest.mark.parametrize("address", ["/slow/", "/slow-for-anybody/"])
def test_an_answer_to_the_old_key_leaves_the_new_cookie_alone(
    signed_in: CheckedClient, person: Person, address: str
) -> None:
    tab = another_tab(signed_in)

    def prove() -> None:
        assert signed_in.post("/account/confirm/", {"password": person.password}).status_code == 302

    during.append(prove)
    assert says_nothing_of_the_session(tab.get(address))
    assert signed_in.get("/account/").status_code == 200


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("address", ["/account/", "/account/security/", "/login/", "/", "/login/challenge/"])
def test_a_request_that_comes_with_the_old_key_leaves_the_new_cookie_alone(
    signed_in: CheckedClient, person: Person, method: str, address: str
) -> None:
    tab = another_tab(signed_in)
    assert signed_in.post("/account/confirm/", {"password": person.password}).status_code == 302
    assert says_nothing_of_the_session(getattr(tab, method)(address))
    assert says_nothing_of_the_session(tab.get("/account/", headers={"Sec-Fetch-Mode": "cors"}))


def test_a_refused_renewal_leaves_the_cookie_alone(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    """It may have been refused because another tab has proved who it is, which ends the earlier tokens."""
    Session.objects.update(tokens_expire_at="2020-01-01T00:00Z")
    cognito.fail("GetTokensFromRefreshToken", fault_proxy.aws_error("NotAuthorizedException"))
    response = signed_in.get("/account/")
    assert response.url == "/login/?ended=1&next=%2Faccount%2F"
    assert says_nothing_of_the_session(response)
    assert not Session.objects.exists()


def test_a_late_answer_to_a_second_step_leaves_the_new_cookie_alone(
    halfway: CheckedClient, app: AuthenticatorApp
) -> None:
    late = another_tab(halfway)
    assert halfway.post("/login/challenge/", {"code": app.code()}).status_code == 302
    response = late.post("/login/challenge/", {"code": "000000"})
    assert response.url == "/login/?again=1"
    assert says_nothing_of_the_session(response)
    assert "took too long" in late.page(response.url).words
    assert halfway.get("/account/").status_code == 200


def test_signing_out_takes_the_key_away(signed_in: CheckedClient) -> None:
    before = signed_in.session_cookie
    response = signed_in.post("/logout/")
    assert response.cookies["sessionid"].value not in {"", before}


def writes(queries: CaptureQueriesContext) -> list[str]:
    """Return the statements among the captured ones that change something."""
    return [query["sql"] for query in queries if not query["sql"].startswith("SELECT")]


@pytest.mark.parametrize("name", sorted(addresses(site_patterns)))
@pytest.mark.parametrize("cookie", ["", "a" * 32, '"\\000abcdefghijkl"', "\x00"], ids=["none", "made up", "nul", "raw"])
def test_a_stranger_who_only_looks_is_given_nothing_and_nothing_is_written(
    pool: LocalPool, name: str, cookie: str
) -> None:
    stranger = CheckedClient()
    if cookie:
        stranger.cookies["sessionid"] = cookie
    with CaptureQueriesContext(connection) as queries:
        answers = [stranger.get(f"/{ADDRESSES[name]}") for _ in range(2)]
    assert [response.status_code < 500 for response in answers] == [True, True]
    assert all(says_nothing_of_the_session(response) for response in answers)
    assert writes(queries) == []
    assert not Session.objects.exists()


ADDRESSES = {pattern.name: str(pattern.pattern) for pattern in site_patterns}


def test_a_step_that_is_over_says_so_without_a_session(pool: LocalPool) -> None:
    stranger = CheckedClient()
    response = stranger.get("/login/challenge/")
    assert response.url == "/login/?again=1"
    assert "took too long" in stranger.page(response.url).words


def test_a_session_that_only_looks_for_a_step_is_not_written(pool: LocalPool) -> None:
    browser = CheckedClient()
    browser.post("/verify-code/resend/", {"username": "ada@example.com"})
    before = Session.objects.values().get()
    for _ in range(5):
        assert says_nothing_of_the_session(browser.get("/login/challenge/"))
    assert Session.objects.values().get() == before


def test_messages_that_nobody_looks_at_do_not_pile_up(pool: LocalPool) -> None:
    stranger = CheckedClient()
    for number in range(30):
        stranger.post("/verify-code/resend/", {"username": f"nobody-{number}@example.com"} if number % 2 else {})
    said = [notice.text for notice in stranger.page("/verify-code/").all("div") if "notice" in notice["class"].split()]
    assert 1 < len(said) == len(set(said)) <= message_storage.MOST


@pytest.mark.parametrize("agent", ["evil\x00agent", "two\nlines", "\x7f\x1b[31m"])
def test_a_browser_that_calls_itself_what_no_column_takes_is_signed_in(
    person: Person, agent: str, client: CheckedClient
) -> None:
    data = {"username": person.email, "password": person.password}
    assert client.post("/login/", data, headers={"User-Agent": agent}).url == "/account/"
    assert Session.objects.get().user_agent.isprintable()


@pytest.mark.parametrize("address", ["fe80::1%eth0", "fe80::1%\x00", "::1%a'b"])
def test_an_address_with_a_zone_is_kept_without_it(person: Person, address: str, client: CheckedClient) -> None:
    data = {"username": person.email, "password": person.password}
    assert client.post("/login/", data, REMOTE_ADDR=address).url == "/account/"
    assert Session.objects.get().ip_address == address.partition("%")[0]


@pytest.mark.parametrize("page", ["\x00", "1\x00", "-1", "9" * 5000, "\u0661", "\u00b2", "1' OR 1=1"])
def test_a_page_number_that_is_none_is_the_first_or_the_last(signed_in: CheckedClient, page: str) -> None:
    assert signed_in.get("/account/activity/", {"page": page}).status_code == 200


@pytest.mark.parametrize("address", ["/\x00", "/account/\x00/", "/account/security/passkeys/%00/delete/"])
def test_an_address_with_a_nul_is_a_page(signed_in: CheckedClient, address: str) -> None:
    assert signed_in.get(address).status_code in {200, 302, 404}


@pytest.mark.parametrize("page", ["/login/", "/register/", "/password/forgot/", "/verify-code/"])
def test_no_script_reads_the_cookies(pool: LocalPool, page: str) -> None:
    browser = CheckedClient()
    browser.post("/verify-code/resend/", {"username": "ada@example.com"})
    cookies = [*browser.cookies.values(), *browser.get(page).cookies.values()]
    assert {cookie.key for cookie in cookies} == {"sessionid", "csrftoken"}
    assert [cookie.key for cookie in cookies if not cookie["httponly"]] == []
    assert {cookie["samesite"] for cookie in cookies} == {"Lax"}


def strangers_forms() -> list[str]:
    """Return the addresses that take forms of people who are not signed in."""
    return sorted(
        reverse(pattern.name, kwargs=dict.fromkeys(pattern.pattern.converters, "x"))
        for pattern in site_patterns
        if not getattr(pattern.callback, "login_required", True) and takes_post(pattern.callback)
    )


def test_a_stranger_writes_no_session_by_an_empty_form_that_nothing_limits(pool: LocalPool) -> None:
    paths = strangers_forms()
    assert {"/verify-code/resend/", "/password/reset/resend/", "/logout/", "/login/"} < set(paths)
    for address in paths:
        for _ in range(limits.RESEND_BY_ADDRESS.most + 5):
            CheckedClient().post(address, {}, REMOTE_ADDR="192.0.2.1")
    assert Session.objects.count() <= limits.RESEND_BY_ADDRESS.most


def test_signing_out_without_a_session_begins_none(client: CheckedClient, pool: LocalPool) -> None:
    response = client.post("/logout/")
    assert response.url == "/login/"
    assert "sessionid" not in response.cookies
    assert not Session.objects.exists()
