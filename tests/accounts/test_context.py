"""Acts on an account without a request, and by somebody else: what is recorded, and what its owner gets to see."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.core import mail
from django.test import RequestFactory

from accounts import activity, administration, after_answer
from accounts.context import Context
from accounts.models import Activity, User
from accounts.request_id import request_id
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.local_pool import LocalPool, Person

pytestmark = pytest.mark.django_db

Kind = Activity.Kind
ADDRESS = "203.0.113.9"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"
DESK = Context(ADDRESS, BROWSER, "of-the-desk")


@pytest.fixture
def ada() -> User:
    return User.objects.create(issuer="https://issuer.example", sub="ada", username="ada", email="ada@example.com")


@pytest.fixture
def root() -> User:
    return User.objects.create(issuer="https://issuer.example", sub="root", username="root")


def logged(caplog: pytest.LogCaptureFixture, kind: Kind) -> dict[str, Any]:
    """Return the one line of the log about ``kind``, with all it carries."""
    (line,) = (record.__dict__ for record in caplog.records if record.getMessage() == kind.value)
    return line


def sent() -> str:
    """Return the one mail that went out."""
    after_answer.flush(5)
    (message,) = mail.outbox
    return str(message.body)


def test_a_context_is_what_its_request_says() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7", HTTP_USER_AGENT="Firefox/150")
    request.COOKIES["tz"] = "Europe/Paris"
    token = request_id.set("0123456789abcdef")
    try:
        assert Context.of(request) == Context("192.0.2.7", "Firefox/150", "0123456789abcdef", "Europe/Paris")
    finally:
        request_id.reset(token)


def test_without_a_request_an_act_is_recorded_logged_and_mailed(ada: User, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "accounts"):
        activity.record(Kind.PASSKEY_REMOVED, ada, context=Context())
    row = Activity.objects.get(user=ada)
    assert (row.kind, row.ip_address, row.user_agent) == (Kind.PASSKEY_REMOVED, None, "")
    assert (logged(caplog, Kind.PASSKEY_REMOVED)["user"], logged(caplog, Kind.PASSKEY_REMOVED)["by"]) == (ada.pk, "")
    assert "Unknown browser" not in sent()


def test_an_act_of_the_person_shows_whence(ada: User) -> None:
    activity.record(Kind.PASSKEY_REMOVED, ada, context=DESK)
    activity.record(Kind.PROFILE_CHANGED, ada, by=ada, context=DESK)
    rows = Activity.objects.filter(user=ada)
    assert {(row.ip_address, row.user_agent) for row in rows} == {(DESK.ip_address, DESK.user_agent)}
    body = sent()
    assert "Device: Firefox on Linux\n" in body
    assert f"Network address: {ADDRESS}\n" in body


def test_an_act_of_somebody_else_shows_its_owner_nothing_of_them(
    ada: User, root: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "accounts"):
        activity.record(Kind.PASSKEY_REMOVED, ada, by=root, context=DESK)
    row = Activity.objects.get(user=ada)
    assert (row.by, row.ip_address, row.user_agent) == (root, DESK.ip_address, DESK.user_agent)
    assert activity.whence(row) == Context()
    assert ADDRESS not in str((activity.entry(row), activity.data(ada)))
    body = sent()
    assert "Removed a passkey.\n\nThis was done by support on" in body
    assert ADDRESS not in body
    assert "Firefox" not in body
    line = logged(caplog, Kind.PASSKEY_REMOVED)
    assert (line["user"], line["by"], line["ip"]) == (ada.pk, root.pk, ADDRESS)
    assert line["request_id"] == "of-the-desk"


def test_an_administrators_address_never_shows_in_the_persons_own_list(
    browser_of: SignIn,
    person: Person,
    pool: LocalPool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    browser_of(person)
    browser_of(pool.person(groups=(pool.env["COGNITO_SUPERUSER_GROUP"],)))
    user, root = User.objects.get(sub=person.sub), User.objects.get(is_superuser=True)
    with caplog.at_level(logging.INFO, "accounts"):
        for act in (administration.disable, administration.enable):
            act(user, by=root, context=DESK)
    # The desk's address did come with the request: the log has it.
    assert logged(caplog, Kind.SHUT_OUT)["ip"] == ADDRESS
    assert logged(caplog, Kind.SHUT_OUT)["by"] == User.objects.exclude(pk=user.pk).get().pk
    browser: CheckedClient = browser_of(person)
    pages = [browser.get(path).content.decode() for path in ("/account/activity/", "/account/", "/account/data/")]
    # The overview tells of sign-ins only.
    assert ["Switched off the account" in shown or Kind.SHUT_OUT.value in shown for shown in pages] == [
        True,
        False,
        True,
    ]
    for shown in pages:
        assert ADDRESS not in shown
        assert "Firefox" not in shown
