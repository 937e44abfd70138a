"""The description of the API is true: whatever fits it, and what nearly does, gets an answer that it names."""

from __future__ import annotations

from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.urls import urlpatterns
from accounts.views.openapi import document
from tests.checked_client import CheckedClient
from tests.conftest import forget_counts
from tests.local_pool import LocalPool
from tests.second_factors import access_token

TRIES = 25  # of each operation, in each mode
TRUE = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPERATIONS = [(path, method) for path, described in document()["paths"].items() for method in described]


def test_every_address_of_the_api_is_described() -> None:
    ours = {f"/{pattern.pattern}" for pattern in urlpatterns if str(pattern.pattern).startswith("api/")}
    assert ours - {"/api/openapi.json"} == document()["paths"].keys()


def test_the_description_is_for_everybody(client: CheckedClient, pool: LocalPool) -> None:
    assert client.get("/api/openapi.json").json() == document()


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_answers_are_those_that_are_described(pool: LocalPool, path: str, method: str, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", WSGIHandler())
    person = pool.person()
    headers = {"Authorization": f"Bearer {access_token(pool, person)}"} if path == "/api/me" else {}
    seen: set[int] = set()

    @hypothesis.given(case=schema[path][method.upper()].as_strategy(generation_mode=mode))
    @hypothesis.settings(max_examples=TRIES, deadline=None, database=None, derandomize=True)
    def tried(case: Any) -> None:
        forget_counts()
        response = case.call(headers=headers)
        seen.add(response.status_code)
        case.validate_response(response, checks=TRUE)

    tried()
    assert seen
