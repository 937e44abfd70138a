"""What the tests stand on: a local AWS for each process, people in it, a browser's client, and no other network."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache as cache_results
from typing import Any

import hypothesis
import pytest
from botocore.loaders import create_loader
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from pytest_django import Settings

from accounts.cognito import client as cognito_client
from accounts.cognito.config import CognitoConfig, Connection
from accounts.counters import FallingBackStore, ProcessStore
from accounts.models import Count
from devcloud.settings import HOST
from devcloud.start import LocalAWS
from tests.background import finish
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.network import stay_on_loopback

SignIn = Callable[[Person], CheckedClient]
UsePool = Callable[..., LocalPool]

# Playwright's loop runs in the thread that also asks the database for facts.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# The same examples in each run, however slow the machine is: what a test finds is found in every run or in none.
hypothesis.settings.register_profile("every run", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("every run")


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        stay_on_loopback(monkeypatch)
        yield


@pytest.fixture(autouse=True)
def _fresh_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    # Counts in the database go with each test's transaction; those of a process would stay.
    monkeypatch.setattr(FallingBackStore, "process", ProcessStore())
    monkeypatch.setattr(FallingBackStore, "resting_until", 0.0)


@pytest.fixture(autouse=True)
def _nothing_left_for_the_next_test() -> Iterator[None]:
    yield
    finish()


def forget_counts() -> None:
    """Let everything be tried again, wherever tries are counted."""
    cache.clear()
    Count.objects.all().delete()


@pytest.fixture(autouse=True, scope="session")
def _one_client_for_each_connection() -> Iterator[None]:
    # boto3 needs a quarter of a second for a client, and every test changes the settings and changes them back. Most of
    # it is reading the files that describe AWS.
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("botocore.session.create_loader", cache_results(create_loader))
        make_client = cognito_client.make_client

        @cache_results
        def made(_key_id: str | None, service: cognito_client.Service, connection: Connection, signed: bool) -> Any:
            return make_client(service, connection, signed=signed)

        def client(service: cognito_client.Service, connection: Connection, *, signed: bool = False) -> Any:
            # A client finds its AWS key when it is made: one that was made without must not be kept for later.
            return made(os.environ.get("AWS_ACCESS_KEY_ID"), service, connection, signed)

        monkeypatch.setattr(cognito_client, "make_client", client)
        # Nor does one that was made without look again while another test has a key.
        monkeypatch.setattr(cognito_client, "LOOK_AGAIN", float("inf"))
        yield


@pytest.fixture(autouse=True, scope="session")
def _patient() -> Iterator[None]:
    # A machine that has other work too is no outage. What a person waits for at most is said where it is tested.
    with pytest.MonkeyPatch.context() as monkeypatch:
        as_set = CognitoConfig.from_settings

        def patient(values: Mapping[str, Any]) -> CognitoConfig:
            return replace(as_set(values), connect_timeout=20.0, read_timeout=30.0)

        monkeypatch.setattr(CognitoConfig, "from_settings", patient)
        yield


@pytest.fixture(scope="session")
def site_door() -> Iterator[socket.socket]:
    """What browsers reach the site at. It listens minutes before the site does, so that nobody else takes its port."""
    with socket.create_server((HOST, 0)) as door:
        yield door


@pytest.fixture(scope="session")
def site_port(site_door: socket.socket) -> int:
    """The port that browsers reach the site at. Passkeys are bound to it, so the local AWS has to know."""
    port: int = site_door.getsockname()[1]
    return port


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory, site_port: int) -> Iterator[LocalAWS]:
    """A local AWS with the template deployed, one for each test process."""
    directory = tmp_path_factory.mktemp("aws") / "devcloud"
    with LocalAWS.start(directory, origin=f"http://localhost:{site_port}", saves=False) as running:
        yield running


@pytest.fixture(scope="session")
def local_pool(local_aws: LocalAWS) -> LocalPool:
    """The pool in the local AWS; the site does not know of it yet."""
    return LocalPool(local_aws)


@pytest.fixture(scope="session")
def _proxy(local_aws: LocalAWS) -> Iterator[FaultProxy]:
    with FaultProxy(local_aws.settings.endpoint) as proxy:
        yield proxy


@pytest.fixture
def cognito(_proxy: FaultProxy, local_aws: LocalAWS, local_pool: LocalPool) -> Iterator[FaultProxy]:
    """Cognito's endpoint as the site sees it: counts the calls, and breaks on demand."""
    # A deployment that lost the site's key makes another one, and a test of that may have come before.
    local_pool.env = local_aws.env
    _proxy.sign_with(local_aws.env)
    _proxy.forget()
    yield _proxy
    _proxy.forget()


@pytest.fixture
def use_pool(cognito: FaultProxy, settings: Settings, monkeypatch: pytest.MonkeyPatch, db: None) -> UsePool:
    """Has the site sign people in with the given pool, with these changes of its `COGNITO` setting."""

    def use(pool: LocalPool, **changes: Any) -> LocalPool:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, pool.env[name])
        cognito.sign_with(pool.env)
        settings.COGNITO = pool.cognito_setting(**{"ENDPOINT_URL": cognito.url, **changes})
        return pool

    return use


@pytest.fixture
def pool(local_pool: LocalPool, use_pool: UsePool) -> LocalPool:
    """The pool the site signs people in with."""
    return use_pool(local_pool)


@pytest.fixture
def person(pool: LocalPool) -> Person:
    """Ada, who has confirmed her address and knows her password."""
    return pool.person(name="Ada Lovelace")


@pytest.fixture
def staff(pool: LocalPool) -> Person:
    """Somebody in the staff group."""
    return pool.person(groups=(pool.env["COGNITO_STAFF_GROUP"],))


@pytest.fixture
def client() -> CheckedClient:
    """A browser nobody is signed in with."""
    return CheckedClient()


@pytest.fixture
def browser_of(pool: LocalPool) -> SignIn:
    """Signs somebody in, in a browser of their own."""

    def sign_in(person: Person) -> CheckedClient:
        client = CheckedClient()
        response = client.post("/login/", {"username": person.email, "password": person.password})
        assert response.status_code == 302, response.content.decode()
        return client

    return sign_in


@pytest.fixture
def signed_in(browser_of: SignIn, person: Person) -> CheckedClient:
    """Ada's browser, signed in."""
    return browser_of(person)


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Have requests leave the connection open, on which the test's transaction is."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
