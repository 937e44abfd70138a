"""Around every view: an ended session leads to the sign-in page, and what a view lets through is a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import (
    DataError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    connection,
)
from django.http import HttpRequest, HttpResponse
from django.urls import path

from accounts import conf
from accounts.cognito import errors
from accounts.limits import LimitExceeded
from accounts.models import Activity, Session, User
from accounts.sessions import revocation
from accounts.sessions.engine import SessionStore
from accounts.urls import urlpatterns as site_patterns
from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool


def signed_out_meanwhile(request: HttpRequest) -> HttpResponse:
    """A slow page during which another tab signs out."""
    Session.objects.all().delete()
    request.session["colour"] = "blue"
    return HttpResponse("done", content_type="text/plain")


def noting(request: HttpRequest) -> HttpResponse:
    """A page that notes something in the session."""
    request.session["colour"] = "blue"
    return HttpResponse("done", content_type="text/plain")


def access_token_of(browser: CheckedClient) -> str:
    """Return the access token of a browser's session."""
    held = SessionStore(browser.session_cookie).read_tokens()
    assert held
    assert held.tokens
    return held.tokens.access_token


RAISED = {
    "limit": LimitExceeded(77),
    "throttled": errors.Throttled("GetUser", "TooManyRequestsException"),
    "unreachable": errors.Unreachable("GetUser"),
    "misconfigured": errors.Misconfigured("GetUser"),
    "unexpected": errors.WrongCode("GetUser"),
    "of somebody else": errors.UserNotFound("AdminDisableUser"),
    "by an administrator": errors.NotAuthorized("AdminDisableUser"),
    "token": errors.TokenError("GetUser"),
    "database": OperationalError("canary: password of the database"),
    "connection": InterfaceError("canary: connection already closed"),
}
MISTAKES = {
    "value": DataError("canary: value too long"),
    "row": IntegrityError("canary: duplicate key"),
    "statement": ProgrammingError("canary: no such column"),
    "feature": NotSupportedError("canary: not here"),
}


@login_not_required
def raising(request: HttpRequest, kind: str) -> HttpResponse:
    """A page that lets something through."""
    raise {**RAISED, **MISTAKES}[kind]


urlpatterns = [
    *site_patterns,
    path("slow/", signed_out_meanwhile),
    path("noting/", noting),
    path("raising/<str:kind>/", raising),
]
pytestmark = pytest.mark.urls("tests.accounts.test_middleware")


def test_a_page_that_outlived_its_session_leads_to_the_sign_in_page(signed_in: CheckedClient) -> None:
    response = signed_in.get("/slow/")
    assert response.url == "/login/?ended=1&next=%2Fslow%2F"
    # Another tab may have signed in since: its cookie is not this answer's to delete.
    assert "sessionid" not in response.cookies
    assert not Session.objects.exists()
    assert signed_in.get("/account/").url.startswith("/login/")


def test_a_session_deleted_between_two_pages_leads_to_the_sign_in_page(signed_in: CheckedClient) -> None:
    Session.objects.all().delete()
    response = signed_in.get("/account/activity/")
    assert response.url == "/login/?ended=1&next=%2Faccount%2Factivity%2F"
    assert "You were signed out." in signed_in.page(response.url).words


def test_a_registration_whose_session_was_deleted_goes_on_by_name(client: CheckedClient, pool: LocalPool) -> None:
    person = pool.person()
    client.post("/verify-code/resend/", {"username": person.email})
    Session.objects.all().delete()
    assert client.page("/verify-code/").one("input", id="id_username")


def test_a_page_that_is_only_asked_about_leads_on_as_the_page_does(client: CheckedClient, pool: LocalPool) -> None:
    assert client.head("/account/")["Location"] == client.get("/account/")["Location"] == "/login/?next=/account/"


@pytest.mark.parametrize("kind", [kind for kind in RAISED if kind != "limit"])
def test_an_outage_is_a_page_with_a_number_to_tell(client: CheckedClient, pool: LocalPool, kind: str) -> None:
    response = client.get(f"/raising/{kind}/")
    assert response.status_code == 503
    digits = response["X-Request-ID"][:8].upper()
    assert f"{digits[:4]}-{digits[4:]}" in response.content.decode()
    assert "canary" not in response.content.decode()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("throttled", "Cognito unavailable"),
        ("unreachable", "Cognito unavailable"),
        ("misconfigured", "Cognito misconfigured"),
        ("unexpected", "unexpected refusal"),
        ("of somebody else", "unexpected refusal"),
        ("by an administrator", "unexpected refusal"),
        ("token", "Cognito misconfigured"),
        ("database", "database unavailable"),
    ],
)
def test_an_outage_is_logged(
    client: CheckedClient, pool: LocalPool, kind: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    client.get(f"/raising/{kind}/")
    # Django logs every answer from 500 on, without a reason.
    lines = [record for record in caplog.records if record.name == "accounts.middleware"]
    reason = "OperationalError" if kind == "database" else str(RAISED[kind])
    assert [(line.message, vars(line)["error"]) for line in lines] == [(words, reason)]
    assert "canary" not in str([vars(record) for record in caplog.records if record.name.startswith("accounts")])


@pytest.mark.parametrize("kind", ["of somebody else", "by an administrator", "unexpected"])
def test_a_refusal_that_is_not_of_ones_own_token_signs_nobody_out(signed_in: CheckedClient, kind: str) -> None:
    assert signed_in.get(f"/raising/{kind}/").status_code == 503
    assert signed_in.get("/account/").status_code == 200


@pytest.mark.parametrize("operation", ["global_sign_out", "delete_user"])
def test_a_refusal_of_ones_own_token_signs_out(signed_in: CheckedClient, operation: str) -> None:
    getattr(conf.user_account(), operation)(access_token_of(signed_in))
    assert signed_in.get("/account/data/").url == "/login/?ended=1&next=%2Faccount%2Fdata%2F"
    assert not Session.objects.exists()


@pytest.mark.parametrize("end", [revocation.end_sessions, User.delete])
def test_a_refusal_that_follows_from_what_was_done_here_is_not_recorded_as_cognitos_doing(
    signed_in: CheckedClient, monkeypatch: pytest.MonkeyPatch, end: Callable[[User], object]
) -> None:
    account = conf.user_account()
    ask = account.get_user

    def as_another_tab_ends_it(token: str) -> Any:
        end(User.objects.get())
        account.delete_user(token)
        return ask(token)

    monkeypatch.setattr(account, "get_user", as_another_tab_ends_it)
    assert signed_in.get("/account/profile/").url.startswith("/login/?ended=1")
    assert not Activity.objects.filter(kind=Activity.Kind.ENDED_ELSEWHERE).exists()


def test_somebody_deleted_here_while_a_page_asks_cognito_is_out_and_no_outage_is_told(
    signed_in: CheckedClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    User.objects.update(cognito_seen_at=None)
    account = conf.user_account()
    ask = account.get_user

    def as_the_row_is_deleted(token: str) -> Any:
        User.objects.all().delete()
        return ask(token)

    monkeypatch.setattr(account, "get_user", as_the_row_is_deleted)
    assert signed_in.get("/account/profile/").url.startswith("/login/?ended=1")
    assert "database unavailable" not in caplog.messages


@pytest.mark.parametrize(("error", "status"), [(OperationalError(), 503), (DataError(), 500)])
def test_a_session_that_the_database_does_not_take_at_the_end_is_an_outage_or_a_mistake(
    signed_in: CheckedClient, error: Exception, status: int
) -> None:
    def away(execute: Callable[..., Any], sql: str, *given: Any) -> Any:
        if sql.startswith('UPDATE "accounts_session"'):
            raise error
        return execute(sql, *given)

    signed_in.raise_request_exception = False
    with connection.execute_wrapper(away):
        assert signed_in.get("/noting/").status_code == status


def test_a_limit_says_when_to_come_back(client: CheckedClient, pool: LocalPool) -> None:
    response = client.get("/raising/limit/")
    assert (response.status_code, response["Retry-After"]) == (429, "77")


def test_a_mistake_that_is_none_of_these_stays_one(client: CheckedClient, pool: LocalPool) -> None:
    with pytest.raises(KeyError):
        client.get("/raising/nothing/")


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_value_the_database_does_not_take_is_no_outage(client: CheckedClient, pool: LocalPool, kind: str) -> None:
    client.raise_request_exception = False
    assert client.get(f"/raising/{kind}/").status_code == 500


@pytest.mark.parametrize("code", ["PasswordResetRequiredException", "UserNotConfirmedException"])
@pytest.mark.parametrize("page", ["/account/profile/", "/account/security/", "/account/data/"])
def test_a_person_whom_cognito_keeps_out_is_signed_out(
    signed_in: CheckedClient, cognito: FaultProxy, code: str, page: str
) -> None:
    cognito.fail("GetUser", fault_proxy.aws_error(code))
    assert signed_in.get(page).url == f"/login/?ended=1&next={page.replace('/', '%2F')}"
    assert not Session.objects.exists()
