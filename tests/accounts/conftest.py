"""Puts the site before another pool, or another view of the same one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Protocol

import pytest
from django.conf import settings
from django.utils import timezone
from pytest_django import Settings

from accounts import conf
from accounts.models import Session, User
from accounts.views import base
from tests.accounts.federating import ELSEWHERE, LABEL, Domain, pool_with_domain
from tests.checked_client import CheckedClient
from tests.conftest import SignIn, UsePool
from tests.devcloud.conformance.fake_provider import Provider
from tests.fault_proxy import Fault, FaultProxy
from tests.local_pool import LocalPool, Person
from tests.other_pools import another_pool
from tests.people_server import PeopleServer
from tests.second_factors import AuthenticatorApp, with_app

NAMES_OF_FILES = (("COGNITO_", "IDENTITY_POOL_ID"), ("", "FILES_BUCKET"))
UseServer = Callable[[int], PeopleServer]


class Meanwhile(Protocol):
    """Has something done, once, between an answer of Cognito to the directory or to the groups and its use."""

    def __call__(self, method: str, act: Callable[[], object], *, of: str = "") -> None:
        """Have `act` done after the first answer to `method`, or the first one about `of`."""


@pytest.fixture
def files_pool(local_pool: LocalPool, use_pool: UsePool) -> LocalPool:
    """The pool of a site where people have files. S3 is called directly: the proxy would sign with the site's key."""
    named = {name: local_pool.env[f"{prefix}{name}"] for prefix, name in NAMES_OF_FILES}
    return use_pool(local_pool, ENDPOINT_URL=local_pool.endpoint, **named)


@pytest.fixture
def many(settings: Settings, monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[UseServer]:
    """Puts the site before a pool with so many people, which lists them and does nothing else."""
    with ExitStack() as servers:

        def use(size: int) -> PeopleServer:
            server = servers.enter_context(PeopleServer(size))
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
            monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-nobody")
            settings.COGNITO = {**settings.COGNITO, "ENDPOINT_URL": server.url}
            return server

        yield use


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Has something done while somebody else waits for Cognito."""

    def between(method: str, act: Callable[[], object], *, of: str = "") -> None:
        gateway = type(conf.directory() if hasattr(conf.directory(), method) else conf.groups())
        ask, acts = getattr(gateway, method), [act]

        def asked(self: object, *args: object, **named: object) -> object:
            answer = ask(self, *args, **named)
            if acts and (not of or of in args):
                acts.pop()()
            return answer

        monkeypatch.setattr(gateway, method, asked)

    return between


@pytest.fixture
def own_pool(local_pool: LocalPool, use_pool: UsePool) -> LocalPool:
    """A pool of the test's own, in which nobody is yet, with groups; the administrator's key is the site's there."""
    fresh = use_pool(another_pool(local_pool))
    for name in ("staff", "superusers", "editors"):
        fresh.root.create_group(UserPoolId=fresh.id, GroupName=name)
    return fresh


class MovedClock:
    """A clock for the floor of refusals, which goes on when somebody sleeps by it or Cognito takes its time."""

    floor = 0.3

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        """Return the moment, in seconds."""
        return self.now

    def time(self) -> float:
        """Return the moment as the calendar has it."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Let the time go by."""
        self.now += seconds

    def delayed(self, seconds: float) -> Fault:
        """Have Cognito take so long, by this clock."""
        return Fault(wait=lambda: self.sleep(seconds))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> MovedClock:
    """The clock that refusals are held back by; a refusal comes no sooner than its `floor`."""
    moved = MovedClock()
    settings.REFUSAL_FLOOR = moved.floor
    monkeypatch.setattr(base, "time", moved)
    return moved


@pytest.fixture
def long_signed_in(signed_in: CheckedClient) -> CheckedClient:
    """Ada's browser, in which she signed in longer ago than what protects an account may be changed after."""
    Session.objects.update(created_at=timezone.now() - timedelta(seconds=settings.FRESH_SIGN_IN_AGE + 1))
    return signed_in


@pytest.fixture
def app(pool: LocalPool, person: Person) -> AuthenticatorApp:
    """Ada's authenticator app, which the pool asks for."""
    return with_app(pool, person)


@pytest.fixture
def halfway(client: CheckedClient, person: Person, app: AuthenticatorApp) -> CheckedClient:
    """Ada's browser after the password and before the code."""
    data = {"username": person.email, "password": person.password, "next": "/account/sessions/"}
    assert client.post("/login/", data).url == "/login/challenge/"
    return client


@pytest.fixture
def superuser(pool: LocalPool) -> Person:
    return pool.person(groups=(pool.env["COGNITO_SUPERUSER_GROUP"],))


@pytest.fixture
def desk(browser_of: SignIn, superuser: Person) -> CheckedClient:
    """The browser of somebody who may do everything."""
    return browser_of(superuser)


@pytest.fixture
def ada() -> User:
    """Somebody who is neither staff nor the one at the desk."""
    return User.objects.create(issuer="x", sub="sub-of-ada", username="ada", email="ada@example.com", name="Ada King")


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider elsewhere, which signs in whoever comes as Ada."""
    made = Provider()
    made.changes = {"email": "ada@elsewhere.example", "name": "Ada Lovelace"}
    made.thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    made.thread.join()


@pytest.fixture
def federated(local_pool: LocalPool, use_pool: UsePool, provider: Provider, cognito: FaultProxy) -> LocalPool:
    """The pool that signs people in, with a domain and a provider elsewhere, both of which the site offers."""
    pool = pool_with_domain(local_pool, provider)
    for name in ("staff", "members"):
        pool.root.create_group(UserPoolId=pool.id, GroupName=name)
    return use_pool(pool, DOMAIN=cognito.url, PROVIDERS=[f"{ELSEWHERE}={LABEL}", "COGNITO"])


@pytest.fixture
def domain(federated: LocalPool, cognito: FaultProxy) -> Domain:
    """The pages of that pool's domain."""
    return Domain(cognito.url)
