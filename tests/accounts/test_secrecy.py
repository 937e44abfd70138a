"""No password, code, session, token, key or setting that passes through any journey of the site is logged, shown,
mailed or kept in clear, and no debug page or report of a mistake tells one.
"""

from __future__ import annotations

import dataclasses
import importlib
import logging
import pkgutil
import re
from collections.abc import Callable, Iterator
from functools import cache as cache_results
from types import ModuleType
from typing import Any

import pytest
from botocore.client import BaseClient
from django.core import mail
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, reverse
from django.views.debug import get_exception_reporter_class
from pytest_django import Settings

import accounts
from accounts.challenges import SUPPORTED
from accounts.cognito.results import Tokens
from accounts.models import User
from accounts.sessions.engine import StoredTokens
from accounts.urls import urlpatterns as pages
from tests.accounts.canaries import everything_cached, everything_mailed, everything_stored, recorded_log
from tests.accounts.journeys import JOURNEYS, Journey
from tests.conftest import UsePool, forget_counts
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person

# The one place where each is meant to be seen.
SHOWN_ON_PURPOSE = {"totp": ("key",), "challenge": ("key",), "inbox": ("code",), "download_file": ("signed address",)}


@pytest.fixture
def log() -> Iterator[list[str]]:
    """Everything logged."""
    yield from recorded_log()


@pytest.fixture(autouse=True)
def _short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.sessions.double_submit.LONGEST_WAIT", 0.1)


@pytest.fixture
def journey(pool: LocalPool, cognito: FaultProxy, settings: Settings, use_pool: UsePool) -> Journey:
    """Somebody about to set out."""
    return Journey(pool, cognito, settings, use_pool)


@cache_results
def forms() -> tuple[URLPattern, ...]:
    """Return the pages that answer to POST: their class says so, or they do when asked for what they cannot do."""
    return tuple(
        page
        for page in pages
        if hasattr(getattr(page.callback, "view_class", None), "post")
        or "POST" in page.callback(RequestFactory().put("/")).get("Allow", "")
    )


def test_every_page_is_on_a_journey() -> None:
    assert {page.name for page in pages} - {page for route in JOURNEYS.values() for page in route.pages} == set()


def test_every_question_is_on_a_journey() -> None:
    assert {question for route in JOURNEYS.values() for question in route.questions} == set(SUPPORTED)


@pytest.mark.parametrize("name", JOURNEYS)
def test_no_secret_of_a_journey_is_anywhere_in_clear(journey: Journey, log: list[str], name: str) -> None:
    route = JOURNEYS[name]
    route.make(journey)
    journey.collect()
    with_form = {str(page.name) for page in forms()} & {*route.pages}
    assert with_form - journey.seen("POST") == set()
    assert {*route.pages} - with_form - journey.seen("GET") == set()
    assert {*route.questions} - journey.questions == set()
    assert found(journey, log) == {}


def found(journey: Journey, log: list[str]) -> dict[str, set[tuple[str, str]]]:
    """Return what stands in clear, by where: nothing at all is right."""
    canaries = journey.canaries
    assert {"password", "setting"} <= set(canaries.kinds.values())
    pools_mail = journey.pool.outbox.read_text() if journey.pool.outbox.exists() else ""
    places: list[tuple[str, str, tuple[str, ...]]] = [
        ("log", "\n".join(log), ()),
        # The cookie is the key of its row: that is how Django finds it.
        ("database", everything_stored(), ("cookie",)),
        ("cache", everything_cached(), ()),
        # What the site sends itself is where its own codes are for, and no others.
        ("mail", everything_mailed(), ("code the site mails",)),
        # What Cognito sends is where codes are for.
        ("mail of the pool", pools_mail, ("code",)),
    ]
    for answer in journey.shown:
        places.append((f"{answer.method} {answer.page}", answer.text, SHOWN_ON_PURPOSE.get(answer.page, ())))
        places.append((f"cookies of {answer.page}", answer.cookies, ("cookie",)))
    return {place: seen for place, text, but in places if (seen := canaries.found_in(text, allowed=but))}


def test_a_secret_would_be_found_wherever_it_stood(journey: Journey, log: list[str]) -> None:
    canary = "Canary-in-clear-9"
    journey.canaries.add("password", canary)
    journey.collect()
    assert found(journey, log) == {}
    journey.sign_in(journey.person())
    logging.getLogger("accounts").warning("told", extra={"deep": {"inside": canary}})
    User.objects.update(name=canary)
    cache.set("canary", [canary])
    mail.send_mail("subject", f"body {canary}", "a@example.com", ["b@example.com"])
    journey.client.get("/account/sessions/")
    assert {"log", "database", "cache", "mail", "GET sessions"} <= found(journey, log).keys()


# What a report or a debug page is made of, with something secret in each part.
HEADERS = {
    "HTTP_REFERER": "http://localhost:8000/login/?code=Canary-referer-1",
    "HTTP_AUTHORIZATION": "Bearer Canary-bearer-1",
    "EMAIL_URL": "smtp://latchkey:Canary-mail-1@smtp.example.com:587",
    "CACHE_URL": "redis://:Canary-cache-1@redis.example.com:6379/0",
    "DATABASE_URL": "postgres://latchkey:Canary-database-1@db.example.com/latchkey",
    "AWS_SESSION_TOKEN": "Canary-aws-1",
}
CONFIGURED = {
    "EMAIL_URL": HEADERS["EMAIL_URL"],
    "EMAIL_HOST_PASSWORD": "Canary-mail-2",
    "SECRET_KEY_FALLBACKS": ["Canary-secret-key-2"],
    "TOKEN_KEYS": ["Canary-token-key-1"],
}
FIELDS = (
    "username", "email", "password", "password1", "password2", "old_password", "new_password1", "new_password2", "code",
    "answer", "credential", "confirm", "next",
)  # fmt: skip
TYPED = {name: f"canary-typed-{name}@example.com" for name in FIELDS}


class Mistaken:
    """A middleware with a mistake in it, for the forms that do not come as far as the call to Cognito."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.get_response(request)
        raise RuntimeError("a mistake of ours")


def address(page: URLPattern) -> str:
    """Return the address of a page, with something in place of its parameters."""
    made_up = {
        "passkey_id": "x",
        "method": "email",
        "switch": "on",
        "provider": "x",
        "public_id": "00000000-0000-4000-8000-000000000000",
    }
    names = page.pattern.converters
    return reverse(str(page.name), kwargs={name: made_up[name] for name in names})


def make_a_mistake(where: str, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Make one where passwords and codes are in the variables all around, or where the form is still at hand."""

    def mistaken(*_: Any, **__: Any) -> None:
        raise RuntimeError("a mistake of ours")

    if where == "after the view":
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.Mistaken"]
    else:
        monkeypatch.setattr(BaseClient, "_make_api_call", mistaken)


def told_by_a_mistake(client: Client, page: URLPattern, typed: dict[str, str]) -> tuple[Any, str]:
    """Return the answer to a form, and what the report of the mistake in it says, both ways."""
    response: Any = client.post(f"{address(page)}?code=Canary-query-1", typed, **HEADERS)  # type: ignore[arg-type]
    if response.status_code != 500:
        return response, ""
    kind, error, trace = response.exc_info
    reporter_class: Any = get_exception_reporter_class(response.wsgi_request)
    reporter = reporter_class(response.wsgi_request, kind, error, trace, is_email=True)
    return response, reporter.get_traceback_text() + reporter.get_traceback_html()


@pytest.mark.parametrize("where", ["in a call to Cognito", "after the view"])
@pytest.mark.parametrize("debug", [False, True], ids=["production", "debug"])
def test_no_report_of_a_mistake_shows_a_secret(
    journey: Journey,
    log: list[str],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    person: Person,
    debug: bool,
    where: str,
) -> None:
    for name, value in CONFIGURED.items():
        setattr(settings, name, value)
    client = mistaken_browser(person, settings)
    typed = {**TYPED, "username": person.email, "email": person.email}
    settings.DEBUG = debug
    journey.collect()
    make_a_mistake(where, monkeypatch, settings)
    secrets = {value for name, value in TYPED.items() if name not in {"username", "email"}}
    secrets |= journey.canaries.kinds.keys() | {client.cookies["csrftoken"].value}
    mistakes = 0
    for page in forms():
        for browser in (client, Client(raise_request_exception=False)):
            forget_counts()
            response, report = told_by_a_mistake(browser, page, typed)
            shown = response.content.decode() + report
            mistakes += bool(report)
            assert {secret for secret in secrets if secret in shown} == set(), page.name
            assert re.findall(r"Canary-[\w-]+", shown) == [], page.name
    # After the view every form meets the mistake; a made-up one often does not come as far as Cognito.
    assert mistakes >= (len(forms()) if where == "after the view" else 8)
    assert {secret for secret in secrets if secret in "\n".join(log)} == set()


def mistaken_browser(person: Person, settings: Settings) -> Client:
    """Return a browser with a session and a token against forgery, from before the mistake."""
    client = Client(raise_request_exception=False)
    user = User.objects.create(issuer=settings.COGNITO["ISSUER"], sub=person.sub, email=person.email)
    client.force_login(user, "accounts.backends.CognitoBackend")
    client.cookies["csrftoken"] = "Csrf-canary-of-thirty-two-letters"
    return client


def values_of(package: ModuleType) -> Iterator[type]:
    """Yield every dataclass that a module of `package` makes."""
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".migrations" not in info.name:
            module = importlib.import_module(info.name)
            made = [value for value in vars(module).values() if isinstance(value, type)]
            yield from (value for value in made if dataclasses.is_dataclass(value) and value.__module__ == info.name)


SECRET = re.compile(r"token$|^tokens?$|session$|secret|password$|^parameters$|^values$|^details$|^attributes$|^code$")


def test_no_value_shows_a_secret_when_it_is_printed() -> None:
    shown = {
        f"{value.__name__}.{entry.name}"
        for value in values_of(accounts)
        for entry in dataclasses.fields(value)
        if entry.repr and SECRET.search(entry.name)
    }
    # Rules of a pool, whether an app client has a secret, the code of an error; and a value that hides what it holds.
    harmless = {"PoolDescription.attributes", "AppClientSettings.has_secret", "AppClientSettings.secret_matches"}
    assert shown == {*harmless, "Unread.code", "StoredTokens.tokens"}
    assert "canary" not in repr(StoredTokens(Tokens("canary", "canary", "canary", 1), 1, None))
