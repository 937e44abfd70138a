"""What balancers ask."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection
from pytest_django import DjangoAssertNumQueries

from tests.checked_client import CheckedClient


@pytest.fixture
def _no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise DatabaseError("connection refused")

    monkeypatch.setattr(connection, "cursor", refuse)


def test_a_process_that_answers_is_alive(
    client: CheckedClient, db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert client.get("/livez").json() == {"status": "ok"}


def test_with_a_database_it_is_ready(client: CheckedClient, db: None) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"database": "ok", "cache": "ok"})


@pytest.mark.usefixtures("_no_database")
def test_without_a_database_it_is_alive_and_not_ready(client: CheckedClient) -> None:
    assert client.get("/livez").status_code == 200
    response = client.get("/readyz")
    assert (response.status_code, response.json()["database"]) == (503, "unavailable")


def test_without_a_cache_it_is_ready_and_says_so(
    client: CheckedClient, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise ConnectionError("connection refused")

    monkeypatch.setattr(type(cache._connections["default"]), "get", refuse)  # type: ignore[attr-defined]
    response = client.get("/readyz")
    assert (response.status_code, response.json()["cache"]) == (200, "unavailable")


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_they_take_no_form(client: CheckedClient, db: None, path: str) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_they_start_no_session(client: CheckedClient, db: None, path: str) -> None:
    client.get(path)
    assert client.session_cookie == ""


@pytest.mark.parametrize(("path", "status"), [("/livez", 200), ("/readyz", 200), ("/login/", 400), ("/livez/", 400)])
def test_only_they_answer_a_balancer_that_asks_by_address(
    client: CheckedClient, db: None, path: str, status: int
) -> None:
    assert client.get(path, headers={"host": "10.0.0.7:8000"}).status_code == status
