"""R60: passwords, codes, sessions, tokens and secrets go through every view of registering and signing in, and no log
record, page, header, cookie, database row, cache entry or error report shows one of them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.views.debug import ExceptionReporter
from pytest_django import Settings

from accounts import conf, sessions
from accounts.sessions import SessionStore
from config.logging import JsonFormatter, LineFormatter
from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, another, new_email

PASSWORD = "Canary-horse-1"
WRONG = "Canary-mistyped-2"


class Recorder(logging.Handler):
    """Keeps every record as the site would write it, both ways, with all its arguments."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += [JsonFormatter().format(record), LineFormatter().format(record), repr(record.args)]


@pytest.fixture
def log() -> Iterator[list[str]]:
    """Everything logged, at the levels the site sets, with the root logger at DEBUG."""
    recorder, root = Recorder(), logging.getLogger()
    level = root.level
    root.addHandler(recorder)
    root.setLevel(logging.DEBUG)
    yield recorder.lines
    root.setLevel(level)
    root.removeHandler(recorder)


def everything_stored() -> str:
    """Return all rows of all tables, the cache, and the mails."""
    rows = [list(model.objects.values()) for model in apps.get_models()]  # type: ignore[attr-defined]
    return f"{rows} {vars(cache._connections['default'])} {[vars(message) for message in mail.outbox]}"  # type: ignore[attr-defined]


class Journey:
    """Registers, confirms, signs in and out, with a mistake at each step, and keeps all that came back."""

    def __init__(self, pool: LocalPool) -> None:
        self.pool, self.client, self.email = pool, CheckedClient(), new_email("journey")
        self.answers: list[str] = []
        self.secrets = {PASSWORD, WRONG, pool.env["COGNITO_CLIENT_SECRET"], pool.env["AWS_SECRET_ACCESS_KEY"]}

    def post(self, path: str, **data: str) -> None:
        for response in (self.client.post(path, data), self.client.get(path)):
            self.answers += [response.content.decode(), repr(response.headers), str(response.cookies)]

    def register(self) -> None:
        self.post("/register/", email=self.email, password1=PASSWORD, password2=WRONG)
        self.post("/register/", email=self.email, password1=PASSWORD, password2=PASSWORD)
        code = self.pool.code(self.email)
        self.secrets |= {code, another(code)}
        self.post("/verify-code/", code=another(code))
        self.post("/verify-code/resend/")
        self.post("/verify-code/", code=code)

    def sign_in(self) -> None:
        self.client.post("/logout/")
        self.post("/login/", username=self.email, password=WRONG)
        self.post("/login/", username=self.email, password=PASSWORD)
        held = sessions.read_tokens(SessionStore(self.client.session_cookie))
        assert held
        assert held.tokens
        self.secrets |= {held.tokens.id_token, held.tokens.access_token, held.tokens.refresh_token}
        for path in ("/account/", "/account/activity/", "/account/sessions/"):
            self.answers.append(self.client.get(path).content.decode())
        # Only the last two thirds of a token are its own; the header is the same for all.
        self.secrets |= {token.split(".")[-1] for token in self.secrets if token.count(".") == 2}

    def found_in(self, text: str) -> set[str]:
        return {secret for secret in self.secrets if secret in text}


@pytest.fixture
def journey(pool: LocalPool, log: list[str]) -> Journey:
    """A journey that has been made."""
    journey = Journey(pool)
    journey.register()
    journey.sign_in()
    assert len(journey.secrets) > 8
    return journey


def test_r60_no_secret_is_logged(journey: Journey, log: list[str]) -> None:
    text = "\n".join(log)
    assert "signed_in" in text
    assert journey.found_in(text) == set()


def test_r60_no_secret_comes_back_to_the_browser(journey: Journey) -> None:
    assert journey.found_in("\n".join(journey.answers)) == set()


def test_r60_no_secret_is_stored_in_clear(journey: Journey) -> None:
    stored = everything_stored()
    assert journey.email in stored
    assert journey.found_in(stored) == set()


@pytest.mark.parametrize(
    "fault",
    [
        fault_proxy.server_error(),
        fault_proxy.html_success(),
        fault_proxy.closed_after(),
        fault_proxy.aws_error("NotAuthorizedException", "Unable to verify secret hash for client"),
        fault_proxy.aws_error("InvalidParameterException", "2 validation errors"),
        fault_proxy.aws_error("BrandNewException"),
    ],
    ids=["500", "page", "lost", "wrong secret", "rejected", "unknown"],
)
def test_r60_no_error_shows_a_secret(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy, log: list[str], fault: fault_proxy.Fault
) -> None:
    cognito.fail("*", fault)
    forms = {
        "/login/": {"username": "ada@example.com", "password": PASSWORD},
        "/register/": {"email": "ada@example.com", "password1": PASSWORD, "password2": PASSWORD},
        "/verify-code/": {"username": "ada@example.com", "code": "918273"},
        "/password/reset/": {
            "username": "ada@example.com",
            "code": "918273",
            "new_password1": PASSWORD,
            "new_password2": PASSWORD,
        },
    }
    shown = "".join(client.post(path, data).content.decode() for path, data in forms.items()) + "\n".join(log)
    assert not [secret for secret in (PASSWORD, "918273", pool.env["COGNITO_CLIENT_SECRET"]) if secret in shown]


@pytest.fixture
def _mistaken(monkeypatch: pytest.MonkeyPatch, pool: LocalPool) -> None:
    """A mistake of ours, deep in the call that carries the password or the code."""

    def mistaken(*_: Any, **__: Any) -> None:
        raise RuntimeError("a mistake of ours")

    for operation in ("initiate_auth", "sign_up", "confirm_sign_up"):
        monkeypatch.setattr(conf.user_pool()._client, operation, mistaken)


MISTAKES = [
    ("/login/", {"username": "ada@example.com", "password": PASSWORD}),
    ("/register/", {"email": "ada@example.com", "password1": PASSWORD, "password2": PASSWORD}),
    ("/verify-code/", {"username": "ada@example.com", "code": "918273"}),
]


@pytest.mark.usefixtures("_mistaken")
@pytest.mark.parametrize(("path", "data"), MISTAKES)
def test_r60_no_error_report_shows_a_secret(pool: LocalPool, log: list[str], path: str, data: dict[str, str]) -> None:
    response = CheckedClient(raise_request_exception=False).post(path, data)
    assert response.status_code == 500
    kind, error, trace = response.exc_info
    reporter = ExceptionReporter(response.wsgi_request, kind, error, trace, is_email=True)
    shown = reporter.get_traceback_text() + reporter.get_traceback_html() + "\n".join(log) + response.content.decode()
    assert "a mistake of ours" in shown
    assert [secret for secret in (PASSWORD, "918273", pool.env["COGNITO_CLIENT_SECRET"]) if secret in shown] == []


@pytest.mark.usefixtures("_mistaken")
@pytest.mark.parametrize(("path", "data"), MISTAKES)
def test_r60_djangos_debug_page_shows_no_secret(
    pool: LocalPool, settings: Settings, path: str, data: dict[str, str]
) -> None:
    settings.DEBUG = True
    response = Client(raise_request_exception=False).post(path, data)
    shown = response.content.decode()
    assert "a mistake of ours" in shown
    assert [secret for secret in (PASSWORD, "918273", pool.env["COGNITO_CLIENT_SECRET"]) if secret in shown] == []
