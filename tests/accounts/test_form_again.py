"""A form that was limited, met an outage or came too late is shown again, with what was typed and why."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse, HttpResponseBase
from django.test import RequestFactory
from pytest_django import Settings

from accounts import form_again, limits
from accounts.cognito.errors import Unreachable
from tests import fault_proxy
from tests.checked_client import CheckedClient, answer
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, Person, new_email
from tests.markup import Page

WRONG = "Wrong-horse-1"
NO_MATCH = "That email and password don’t match."
AGAIN = "This page was open for a while. Check it and send it again."
AWAY = "We can’t reach the service that holds accounts."
ORIGIN = {"Origin": "http://testserver"}
BACK = "private, no-cache"


def tries(name: str, count: int) -> list[Any]:
    """Return the answers to wrong passwords for `name`, typed in one browser."""
    browser = CheckedClient()
    return [browser.post("/login/", {"username": name, "password": WRONG}) for _ in range(count)]


def test_few_tries_are_announced_and_the_last_leaves_the_form(pool: LocalPool, person: Person) -> None:
    answers = tries(person.email, 6)
    assert [response.status_code for response in answers] == [200] * 5 + [429]
    pages = [Page.of(response.content) for response in answers]
    assert [page.error_of("password").removeprefix("Error: ") for page in pages] == [
        NO_MATCH,
        NO_MATCH,
        f"{NO_MATCH} 2 tries left, then a 5-minute wait.",
        f"{NO_MATCH} 1 try left, then a 5-minute wait.",
        f"{NO_MATCH} Wait 5 minutes, then try again.",
        "",
    ]
    limited = pages[-1]
    assert "Too many tries. Wait 5 minutes, then try again." in limited.words
    assert "Not sure of your password? Reset it" in limited.words
    assert limited.field("username")["value"] == person.email
    assert limited.field("password")["value"] == ""
    assert int(answers[-1]["Retry-After"]) > 0
    unknown = new_email("nobody")
    others = [answer(response, unknown) for response in tries(unknown, 6)]
    # The seconds go by while the test runs.
    for response in (*answers, *(found[1] for found in others)):
        response["Retry-After"] = ""
    assert [answer(response, person.email) for response in answers] == others


def test_a_browser_with_tries_of_its_own_is_not_told_of_strangers_last_ones(
    signed_in: CheckedClient, person: Person
) -> None:
    signed_in.post("/logout/")
    data = {"username": person.email, "password": WRONG}
    pages = [Page.of(signed_in.post("/login/", data).content) for _ in range(8)]
    told = [page.error_of("password").removeprefix(f"Error: {NO_MATCH}").strip() for page in pages]
    assert told == [""] * 7 + ["2 tries left, then a 5-minute wait."]


def test_an_address_that_tries_every_name_is_not_sent_to_another_way(pool: LocalPool, client: CheckedClient) -> None:
    for _ in range(limits.LOGIN_BY_ADDRESS.most):
        client.post("/login/", {"username": new_email(), "password": WRONG})
    page = Page.of(client.post("/login/", {"username": new_email(), "password": WRONG}).content)
    assert "Too many tries." in page.words
    assert "another way" not in page.words


FORMS: dict[str, dict[str, str]] = {
    "/login/": {"username": "ada@example.com", "password": WRONG},
    "/register/": {"email": "ada@example.com", "password1": PASSWORD},
    "/password/forgot/": {"username": "ada@example.com"},
    "/password/reset/": {"username": "ada@example.com", "code": "123456", "new_password1": PASSWORD},
    "/verify-code/": {"username": "ada@example.com", "code": "123456"},
}
OPERATIONS = {
    "/login/": "InitiateAuth",
    "/register/": "SignUp",
    "/password/forgot/": "ForgotPassword",
    "/password/reset/": "ConfirmForgotPassword",
    "/verify-code/": "ConfirmSignUp",
}


def filled(response: HttpResponse, path: str) -> Page:
    """Return the page that shows the form of `path` again; it holds what was typed, and no secret."""
    page = Page.of(response.content)
    name = "email" if path == "/register/" else "username"
    assert page.field(name)["value"] == "ada@example.com"
    for secret in ("password", "password1", "new_password1", "code"):
        assert FORMS[path].get(secret, "absent") not in page.html
    return page


@pytest.mark.parametrize("away", [OperationalError(), InterfaceError(), Unreachable("DescribeUserPool")])
def test_a_form_that_cannot_be_made_again_leaves_the_page_of_the_outage(away: Exception) -> None:
    request = RequestFactory().post("/login/")

    def show(_notice: form_again.Notice) -> HttpResponse:
        raise away

    form_again.offer(request, form_again.Again(show))
    assert form_again.with_notice(request, form_again.STALE) is None


def test_a_request_is_what_it_was_after_its_page_was_filled() -> None:
    request = RequestFactory().post("/login/")

    def view() -> HttpResponseBase:
        assert request.method == "GET"
        return HttpResponse()

    form_again.filled_page(request, form_again.STALE, view)
    assert request.method == "POST"


@pytest.mark.parametrize("path", FORMS)
def test_an_outage_is_told_on_the_form(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy, settings: Settings, path: str
) -> None:
    cognito.fail(OPERATIONS[path], fault_proxy.server_error())
    response = client.post(path, FORMS[path])
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    page = filled(response, path)
    digits = response["X-Request-ID"][:8].upper()
    assert AWAY in page.words
    assert f"({digits[:4]}-{digits[4:]})" in page.words
    # An outage of anything else may have come after the change.
    assert ("Nothing was changed." in page.words) is (path in ("/login/", "/password/forgot/"))


def test_an_outage_is_told_on_a_form_of_ones_own(signed_in: CheckedClient, person: Person, cognito: FaultProxy) -> None:
    cognito.fail("ChangePassword", fault_proxy.server_error())
    data = {"old_password": person.password, "new_password1": "Another-horse-2"}
    response = signed_in.post("/account/password/", data)
    assert response.status_code == 503
    assert AWAY in Page.of(response.content).words
    assert response["Cache-Control"] == "no-store"


def test_a_limit_is_told_on_a_form_of_ones_own(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    data = {"old_password": WRONG, "new_password1": "Another-horse-2"}
    answers = [signed_in.post("/account/password/", data) for _ in range(limits.PASSWORD_BY_USER.most + 1)]
    assert answers[-1].status_code == 429
    page = Page.of(answers[-1].content)
    assert "Too many tries. Wait an hour, then try again." in page.words
    assert page.field("old_password")["value"] == ""


def test_a_script_that_sends_the_form_is_answered_as_a_script(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy
) -> None:
    cognito.fail("InitiateAuth", fault_proxy.server_error())
    response = client.post("/login/", FORMS["/login/"], headers={"Sec-Fetch-Mode": "cors"})
    assert (response.status_code, response["Content-Type"]) == (503, "application/problem+json")


@pytest.mark.parametrize("path", ["/verify-code/", "/password/reset/"])
def test_codes_asked_for_too_often_are_told_on_the_page_of_the_code(
    pool: LocalPool, cognito: FaultProxy, path: str
) -> None:
    data = {"username": "ada@example.com"}
    for _ in range(limits.RESEND_BY_NAME.most):
        CheckedClient().post(f"{path}resend/", data)
    response = CheckedClient().post(f"{path}resend/", data)
    assert response.status_code == 429
    page = Page.of(response.content)
    assert "You’ve asked for several codes already. Wait an hour, then try again." in page.words
    assert page.field("username")["value"] == "ada@example.com"
    assert page.summary() == ""
    sent = {"/verify-code/": "ResendConfirmationCode", "/password/reset/": "ForgotPassword"}
    assert cognito.calls[sent[path]] == limits.RESEND_BY_NAME.most


def test_whoever_is_signed_in_and_asks_for_codes_too_often_gets_a_page(signed_in: CheckedClient) -> None:
    for _ in range(limits.RESEND_BY_NAME.most):
        CheckedClient().post("/verify-code/resend/", {"username": "ada@example.com"})
    response = signed_in.post("/verify-code/resend/", {"username": "ada@example.com"})
    assert response.status_code == 429
    assert Page.of(response.content).one("h1").text == "Too many tries"


def test_an_address_that_asks_for_everybody_is_told_of_tries(pool: LocalPool) -> None:
    for _ in range(limits.RESEND_BY_ADDRESS.most):
        CheckedClient().post("/verify-code/resend/", {"username": new_email()})
    response = CheckedClient().post("/verify-code/resend/", {"username": new_email()})
    assert response.status_code == 429
    assert "Too many tries. Wait" in Page.of(response.content).words


@pytest.mark.parametrize("path", FORMS)
def test_only_refused_pages_without_a_secret_may_come_back(client: CheckedClient, pool: LocalPool, path: str) -> None:
    comes_back = path in ("/login/", "/register/", "/password/forgot/")
    assert client.get(path)["Cache-Control"] == "no-store"
    refused = client.post(path, {})
    assert refused["Cache-Control"] == (BACK if comes_back else "no-store")
    # The cookie that comes with it would make it another page for the browser's cache.
    assert ("Vary" in refused) is not comes_back


def test_the_same_page_of_somebody_signed_in_never_comes_back(signed_in: CheckedClient) -> None:
    assert signed_in.post("/password/forgot/", {})["Cache-Control"] == "no-store"


def stale(browser: CheckedClient, path: str, data: dict[str, str], **headers: str) -> HttpResponse:
    """Return the answer to a form whose token is of another time."""
    page = browser.page("/login/") if not browser.cookies else None
    token = page.all("input", name="csrfmiddlewaretoken")[0]["value"] if page else "x" * 64
    wrong = token[:-1] + ("y" if token.endswith("x") else "x")
    response: HttpResponse = browser.post(path, {**data, "csrfmiddlewaretoken": wrong}, headers={**ORIGIN, **headers})
    return response


@pytest.fixture
def guarded(pool: LocalPool) -> CheckedClient:
    """A browser whose forms are checked for their token."""
    return CheckedClient(enforce_csrf_checks=True)


@pytest.mark.parametrize("path", FORMS)
def test_a_form_that_came_too_late_is_shown_again(guarded: CheckedClient, cognito: FaultProxy, path: str) -> None:
    response = stale(guarded, path, {**FORMS[path], "next": "/account/sessions/"})
    assert response.status_code == 403
    page = filled(response, path)
    assert AGAIN in page.words
    [notice] = [each for each in page.all("div", role="status") if "notice" in each["class"]]
    assert notice["class"] == "notice"
    assert "icons.svg#info" in page.html
    assert page.summary() == ""
    assert cognito.calls[OPERATIONS[path]] == 0
    token = page.all("input", name="csrfmiddlewaretoken")[0]["value"]
    again = guarded.post(path, {**FORMS[path], "csrfmiddlewaretoken": token}, headers=ORIGIN)
    assert cognito.calls[OPERATIONS[path]] == 1, again.status_code


def test_a_form_that_came_too_late_leads_on_where_somebody_has_signed_in_since(
    guarded: CheckedClient, person: Person
) -> None:
    token = guarded.page("/login/").all("input", name="csrfmiddlewaretoken")[0]["value"]
    data = {"username": person.email, "password": person.password, "next": "/account/sessions/"}
    guarded.post("/login/", {**data, "csrfmiddlewaretoken": token})
    response = guarded.post("/login/", {**data, "csrfmiddlewaretoken": token}, headers=ORIGIN)
    assert (response.status_code, response["Location"]) == (302, "/account/sessions/")


def test_no_other_site_fills_in_a_form(guarded: CheckedClient) -> None:
    data = {"username": "evil@example.com", "password": WRONG}
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}):
        response = stale(guarded, "/login/", data, **headers)
        assert response.status_code == 403
        assert "evil@example.com" not in response.content.decode()


def test_a_browser_that_keeps_no_cookies_is_told_so(guarded: CheckedClient) -> None:
    response = guarded.post("/login/", FORMS["/login/"], headers=ORIGIN)
    assert "when cookies are off" in Page.of(response.content).words


def test_a_form_of_ones_own_that_came_too_late_is_not_filled(guarded: CheckedClient, signed_in: CheckedClient) -> None:
    guarded.cookies = signed_in.cookies
    response = stale(guarded, "/account/profile/", {"name": "Canary"})
    assert response.status_code == 403
    assert "This page was open too long" in Page.of(response.content).words
    assert "Canary" not in response.content.decode()
