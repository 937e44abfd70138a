"""The one door: what a new session takes over, and what the log says of somebody it kept out."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages.storage import default_storage
from django.http import HttpRequest
from django.test import RequestFactory

from accounts import entrance
from accounts.models import Session, User
from accounts.sessions.engine import SessionStore
from accounts.sessions.pending import PendingAct, PendingRegistration
from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person


@pytest.fixture
def request_of_ada(signed_in: CheckedClient) -> HttpRequest:
    """A request of Ada's browser, in which she has begun things that wait."""
    request = RequestFactory().post("/login/")
    request.session = SessionStore(signed_in.session_cookie)
    request.user = User.objects.get()
    request._messages = default_storage(request)  # type: ignore[attr-defined]
    PendingAct(words="", path="/", page="/", ticket="x").park(request)
    PendingRegistration(username="somebody@example.com").park(request)
    request.session.save()
    return request


def begun(request: HttpRequest) -> list[bool]:
    """Return what waits in the session: an act, a registration."""
    return [step.find(request) is not None for step in (PendingAct, PendingRegistration)]


def test_somebody_who_proves_who_they_are_goes_on_with_what_they_had_begun(request_of_ada: HttpRequest) -> None:
    assert begun(request_of_ada) == [True, True]
    entrance.enter(request_of_ada, User.objects.get(), "")
    assert begun(request_of_ada) == [True, False]


def test_another_person_who_signs_in_does_not_go_on_with_it(
    request_of_ada: HttpRequest, pool: LocalPool, browser_of: SignIn
) -> None:
    person = pool.person()
    browser_of(person)
    other = User.objects.get(sub=person.sub)
    before = request_of_ada.session.session_key
    entrance.enter(request_of_ada, other, "")
    assert begun(request_of_ada) == [False, False]
    assert request_of_ada.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def reason(caplog: pytest.LogCaptureFixture) -> str:
    """Return what the log says of the one refusal there was."""
    (record,) = [record for record in caplog.records if record.message == "refused"]
    text: str = vars(record)["reason"]
    return text


def sign_in(client: CheckedClient, person: Person, **changes: str) -> Any:
    """Return the answer to the person's name and password."""
    return client.post("/login/", {"username": person.email, "password": person.password, **changes})


def test_a_refused_password_is_logged_with_what_aws_said(
    client: CheckedClient, person: Person, caplog: pytest.LogCaptureFixture
) -> None:
    assert sign_in(client, person, password="Wrong-horse-1").status_code == 200
    assert "NotAuthorized operation=InitiateAuth code=NotAuthorizedException aws_request_id=" in reason(caplog)


def test_a_refusal_of_another_operation_is_logged_as_that(
    client: CheckedClient, person: Person, pool: LocalPool, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.COGNITO = {**settings.COGNITO, "AUTH_FLOW": "ADMIN_USER_PASSWORD_AUTH"}
    assert sign_in(client, person, password="Wrong-horse-1").status_code == 200
    assert "operation=AdminInitiateAuth code=NotAuthorizedException" in reason(caplog)


def test_a_name_the_pool_says_it_does_not_know_is_logged_as_that(
    client: CheckedClient, person: Person, cognito: FaultProxy, caplog: pytest.LogCaptureFixture
) -> None:
    cognito.fail("InitiateAuth", fault_proxy.aws_error("UserNotFoundException"))
    assert sign_in(client, person).status_code == 200
    assert reason(caplog).startswith("UserNotFound operation=InitiateAuth code=UserNotFoundException")


def test_somebody_shut_out_here_is_logged_as_that(
    browser_of: SignIn, person: Person, client: CheckedClient, caplog: pytest.LogCaptureFixture
) -> None:
    browser_of(person)
    User.objects.update(is_active=False)
    assert sign_in(client, person).status_code == 200
    assert reason(caplog) == "ShutOut"
