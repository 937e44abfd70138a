"""A worker warms up once, beside its first request, and serves pages whatever comes of that."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest
from django.core.signals import request_started
from pytest_django import Settings

from accounts import conf, warm_up
from accounts.cognito.results import Tokens
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person

# Django looks after its database connections at the start of each request.
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    yield
    request_started.disconnect(warm_up.start)


def begin_requests(count: int) -> None:
    """Tell the process of `count` requests, and wait until nothing warms up any more."""
    for _ in range(count):
        request_started.send(sender=None)
    for thread in threading.enumerate():
        if thread.name == "warm-up":
            thread.join(10)


def test_nothing_happens_before_the_first_request(monkeypatch: pytest.MonkeyPatch) -> None:
    warmed: list[str] = []
    monkeypatch.setattr(conf, "warm", lambda: warmed.append("warm"))
    warm_up.at_first_request()
    assert warmed == []


def test_many_requests_warm_a_process_once(monkeypatch: pytest.MonkeyPatch) -> None:
    warmed: list[str] = []
    monkeypatch.setattr(conf, "warm", lambda: warmed.append("warm"))
    warm_up.at_first_request()
    begin_requests(3)
    assert warmed == ["warm"]


def test_nothing_that_is_warmed_is_missing(pool: LocalPool, caplog: pytest.LogCaptureFixture) -> None:
    warm_up.at_first_request()
    with caplog.at_level(logging.WARNING, "accounts.warm_up"):
        begin_requests(1)
    assert [str(getattr(record, "error", "")) for record in caplog.records if record.name == "accounts.warm_up"] == []


def test_an_outage_is_logged_and_stops_nothing(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.COGNITO = {**settings.COGNITO, "ENDPOINT_URL": "http://127.0.0.1:9"}
    warm_up.at_first_request()
    with caplog.at_level(logging.WARNING, "accounts.warm_up"):
        begin_requests(1)
    assert [record.message for record in caplog.records if record.name == "accounts.warm_up"] == ["not warmed up"]


def test_a_missing_setting_is_logged_and_stops_nothing(
    pool: LocalPool, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.TOKEN_KEYS = []
    warm_up.at_first_request()
    with caplog.at_level(logging.WARNING, "accounts.warm_up"):
        begin_requests(1)
    assert "TOKEN_KEYS is empty" in str([getattr(record, "error", "") for record in caplog.records])


def test_the_first_sign_in_of_a_warm_worker_finds_keys_and_connection(
    pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    conf.warm()
    cognito.forget()
    tokens = conf.authentication().with_password(person.email, person.password)
    assert isinstance(tokens, Tokens)
    conf.verifier().verify_id_token(tokens.id_token)
    assert (dict(cognito.calls), cognito.connections) == ({"InitiateAuth": 1}, 0)
