"""Puts the site before another pool, or another view of the same one."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Session
from accounts.views import base
from tests.checked_client import CheckedClient
from tests.fault_proxy import Fault, FaultProxy
from tests.local_pool import LocalPool, Person
from tests.second_factors import AuthenticatorApp, with_app

UsePool = Callable[..., LocalPool]


@pytest.fixture
def use_pool(cognito: FaultProxy, settings: Settings, monkeypatch: pytest.MonkeyPatch, db: None) -> UsePool:
    """Has the site sign people in with the given pool, with these changes of its `COGNITO` setting."""

    def use(pool: LocalPool, **changes: str) -> LocalPool:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, pool.env[name])
        cognito.sign_with(pool.env)
        settings.COGNITO = pool.cognito_setting(**{"ENDPOINT_URL": cognito.url, **changes})
        return pool

    return use


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
