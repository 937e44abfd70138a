"""Failed sign-ins are recorded, whoever was meant and whichever answer was wrong; what was typed never is."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from accounts import activity, users
from accounts.limits import Limit
from accounts.models import Activity, User
from tests import fault_proxy
from tests.accounts.test_local_superusers import NAME, made
from tests.accounts.ways_in import chosen
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, another, new_email
from tests.second_factors import AuthenticatorApp, with_mail

Kind, Outcome, Role = Activity.Kind, Activity.Outcome, Activity.Role
CHALLENGE = "/login/challenge/"
WRONG = "Canary-horse-1"


def refusals() -> list[Activity]:
    """Return the failed sign-ins that are kept, the oldest first."""
    return list(Activity.objects.filter(kind=Kind.SIGN_IN_REFUSED).order_by("pk"))


@pytest.fixture
def ada(signed_in: CheckedClient, person: Person) -> User:
    """Ada, who is known here."""
    return User.objects.get(sub=person.sub)


def fail(name: str, address: str = "192.0.2.7") -> None:
    """Type a wrong password for ``name`` in a browser of its own."""
    CheckedClient().post("/login/", {"username": name, "password": WRONG}, REMOTE_ADDR=address)


# Somebody known.


def test_a_wrong_password_is_recorded_as_of_nobody_who_was_proved(ada: User, person: Person) -> None:
    fail(person.email)
    (row,) = refusals()
    assert (row.user, row.by, row.role, row.outcome) == (ada, None, Role.UNKNOWN, Outcome.REFUSED)
    assert (row.ip_address, row.target) == ("192.0.2.7", "")
    assert len(row.request_id) == 32


def test_the_person_sees_it_with_whence_it_came(signed_in: CheckedClient, ada: User, person: Person) -> None:
    fail(person.email)
    words = signed_in.page("/account/activity/").words
    assert "Sign-in failed" in words
    assert "192.0.2.7" in words


@pytest.mark.parametrize(
    "code",
    [
        "NotAuthorizedException",
        "UserNotFoundException",
        "UserNotConfirmedException",
        "PasswordResetRequiredException",
        "TooManyFailedAttemptsException",
        "InvalidParameterException",
        "UserLambdaValidationException",
    ],
)
def test_whatever_cognito_has_against_it_it_is_a_failed_sign_in(
    ada: User, person: Person, cognito: FaultProxy, code: str
) -> None:
    cognito.fail("InitiateAuth", fault_proxy.aws_error(code))
    fail(person.email)
    assert [row.user for row in refusals()] == [ada]


def test_a_temporary_password_that_is_over_is_one_too(ada: User, person: Person, cognito: FaultProxy) -> None:
    words = "Temporary password has expired and must be reset by an administrator."
    cognito.fail("InitiateAuth", fault_proxy.aws_error("NotAuthorizedException", words))
    fail(person.email)
    assert [row.user for row in refusals()] == [ada]


def test_an_outage_is_none(ada: User, person: Person, cognito: FaultProxy) -> None:
    cognito.fail("InitiateAuth", fault_proxy.server_error())
    fail(person.email)
    assert refusals() == []


def test_beyond_the_bound_the_log_has_them_and_the_table_does_not(
    ada: User, person: Person, signed_in: CheckedClient, caplog: pytest.LogCaptureFixture
) -> None:
    request = signed_in.get("/account/").wsgi_request
    with caplog.at_level(logging.INFO, "accounts.activity"):
        for _ in range(activity.MOST_REFUSALS + 3):
            activity.sign_in_refused(request, person.email)
    assert len(refusals()) == activity.MOST_REFUSALS
    lines = [record for record in caplog.records if record.getMessage() == "sign_in_refused"]
    assert len(lines) == activity.MOST_REFUSALS + 3


# Wrong answers to challenges.


def test_a_wrong_code_is_one(halfway: CheckedClient, ada_who_is_halfway: User, app: AuthenticatorApp) -> None:
    halfway.post(CHALLENGE, {"code": app.wrong_code()})
    assert [row.user for row in refusals()] == [ada_who_is_halfway]


@pytest.fixture
def ada_who_is_halfway(pool: LocalPool, person: Person) -> User:
    """Ada, known here before, whose sign-in waits for a code."""
    return User.objects.create(issuer=pool.config.issuer, sub=person.sub, email=person.email, username=person.sub)


def test_a_code_that_was_used_already_is_one(
    pool: LocalPool, person: Person, app: AuthenticatorApp, ada_who_is_halfway: User
) -> None:
    code = app.code()
    for browser in (CheckedClient(), CheckedClient()):
        browser.post("/login/", {"username": person.email, "password": person.password})
        browser.post(CHALLENGE, {"code": code})
    assert [row.user for row in refusals()] == [ada_who_is_halfway]


@pytest.mark.parametrize(
    "code",
    ["CodeMismatchException", "ExpiredCodeException", "NotAuthorizedException", "TooManyFailedAttemptsException"],
)
def test_each_refusal_of_an_answer_is_one_and_only_one(
    halfway: CheckedClient, ada_who_is_halfway: User, cognito: FaultProxy, app: AuthenticatorApp, code: str
) -> None:
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error(code))
    halfway.post(CHALLENGE, {"code": app.code()})
    assert [row.user for row in refusals()] == [ada_who_is_halfway]


def test_a_wrong_mailed_code_beside_the_password_is_one(
    pool: LocalPool, person: Person, client: CheckedClient, ada_who_is_halfway: User
) -> None:
    with_mail(pool, person)
    client.post("/login/", {"username": person.email, "password": person.password})
    client.post(CHALLENGE, {"code": another(pool.code(person.email))})
    assert [row.user for row in refusals()] == [ada_who_is_halfway]


def test_a_wrong_code_in_place_of_the_password_is_one(
    pool: LocalPool, person: Person, client: CheckedClient, ada_who_is_halfway: User
) -> None:
    chosen(client, person, "EMAIL_OTP")
    client.post(CHALLENGE, {"code": another(pool.code(person.email))})
    assert [row.user for row in refusals()] == [ada_who_is_halfway]


def test_a_new_password_that_is_too_weak_is_none(client: CheckedClient, pool: LocalPool, cognito: FaultProxy) -> None:
    person = pool.invited()
    User.objects.create(issuer=pool.config.issuer, sub=person.sub, email=person.email)
    client.post("/login/", {"username": person.email, "password": person.password})
    cognito.fail("RespondToAuthChallenge", fault_proxy.aws_error("InvalidPasswordException"))
    answers = {"new_password1": "Another-horse-2", "new_password2": "Another-horse-2", "name": "Ada"}
    client.post(CHALLENGE, answers)
    assert refusals() == []


def test_an_answer_sent_twice_is_none(halfway: CheckedClient, app: AuthenticatorApp, person: Person) -> None:
    code = app.code()
    for _ in range(2):
        halfway.post(CHALLENGE, {"code": code})
    assert refusals() == []


# Somebody else.


def test_a_name_that_nobody_has_leaves_a_row_without_a_name(pool: LocalPool, caplog: pytest.LogCaptureFixture) -> None:
    name = new_email("secret-name")
    with caplog.at_level(logging.DEBUG):
        fail(name)
    (row,) = refusals()
    assert (row.user, row.user_sub, row.target, row.role) == (None, "", "", Role.UNKNOWN)
    assert row.ip_address == "192.0.2.7"
    kept = str([list(Activity.objects.values()), [record.__dict__ for record in caplog.records]])
    for typed in (name, "secret-name", WRONG):
        assert typed not in kept


def test_a_password_typed_as_the_name_is_kept_nowhere(pool: LocalPool, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "accounts"):
        fail("Canary-horse-2@example.com")
    assert len(refusals()) == 1
    assert "Canary" not in str([list(Activity.objects.values()), [record.__dict__ for record in caplog.records]])


def test_strangers_fill_no_table(pool: LocalPool, client: CheckedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity, "STRANGERS", Limit("strangers", 7, 86400))
    monkeypatch.setattr(activity, "STRANGERS_BY_ADDRESS", Limit("strangers-address", 3, 86400))
    request = client.get("/login/").wsgi_request

    def try_from(address: str) -> None:
        request.META["REMOTE_ADDR"] = address
        activity.sign_in_refused(request, new_email("nobody"))

    for _ in range(5):
        try_from("192.0.2.7")
    assert len(refusals()) == 3
    for last in range(20):
        try_from(f"198.51.100.{last}")
    assert len(refusals()) == 7
    # A network counts as one, whichever of its addresses is used.
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        for last in range(5):
            try_from(f"2001:db8::{last}")
        assert len(refusals()) == 10


def test_what_strangers_do_leaves_room_for_what_is_kept_of_people(
    ada: User, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "STRANGERS", Limit("strangers", 0, 86400))
    fail(new_email("nobody"))
    fail(person.email)
    assert [row.user for row in refusals()] == [ada]


def test_a_try_at_a_superuser_of_this_database_is_recorded_of_them(pool: LocalPool, settings: Settings) -> None:
    settings.LOCAL_SUPERUSERS = True
    settings.AUTHENTICATION_BACKENDS = ["accounts.backends.LocalSuperuserBackend", *settings.AUTHENTICATION_BACKENDS]
    root = made(NAME)
    fail(NAME)
    assert [row.user for row in refusals()] == [root]


def test_with_the_setting_off_that_name_is_nobodys(pool: LocalPool, settings: Settings) -> None:
    settings.LOCAL_SUPERUSERS = True
    made(NAME)
    settings.LOCAL_SUPERUSERS = False
    fail(NAME)
    assert [row.user for row in refusals()] == [None]


def test_a_name_that_two_people_have_is_recorded_of_both(browser_of: SignIn, ada: User, person: Person) -> None:
    twin = User.objects.create(issuer=ada.issuer, sub="twin", email=ada.email.upper(), username="twin")
    assert users.named(person.email).count() == 2
    fail(person.email)
    assert {row.user for row in refusals()} == {ada, twin}
