"""How often somebody may try to sign in, counted before Cognito is asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from pytest_django import Settings

from accounts import limits
from tests import fault_proxy
from tests.checked_client import CheckedClient, answer
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, new_email


def refused(client: CheckedClient, username: str) -> None:
    """Type a wrong password."""
    assert client.post("/login/", {"username": username, "password": "Wrong-horse-1"}).status_code == 200


def test_guessing_one_name_ends_before_cognito(client: CheckedClient, person: Person, cognito: FaultProxy) -> None:
    answers = [client.post("/login/", {"username": person.email, "password": "Wrong-1a"}).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]
    assert cognito.calls["InitiateAuth"] == 5


def test_the_right_password_is_refused_alike_then(client: CheckedClient, person: Person, cognito: FaultProxy) -> None:
    for _ in range(5):
        refused(client, person.email)
    wrong = client.post("/login/", {"username": person.email, "password": "Wrong-1a"})
    right = client.post("/login/", {"username": person.email, "password": person.password})
    assert answer(right)[0] == 429
    assert answer(right)[2] == answer(wrong)[2]
    assert int(right["Retry-After"]) > 0
    assert cognito.calls["InitiateAuth"] == 5


def test_a_change_of_address_does_not_help(person: Person, cognito: FaultProxy) -> None:
    data = {"username": person.email, "password": "Wrong-1a"}
    answers = [CheckedClient().post("/login/", data, REMOTE_ADDR=f"192.0.2.{n}").status_code for n in range(6)]
    assert answers == [200] * 5 + [429]


def test_one_address_cannot_try_every_name(pool: LocalPool, cognito: FaultProxy) -> None:
    cognito.fail("InitiateAuth", fault_proxy.aws_error("NotAuthorizedException"))
    most = limits.LOGIN_BY_ADDRESS.most
    data = [{"username": new_email(), "password": "Wrong-1a"} for _ in range(most + 1)]
    answers = [CheckedClient().post("/login/", entry).status_code for entry in data]
    assert answers == [200] * most + [429]
    assert cognito.calls["InitiateAuth"] == most


def test_a_forged_header_buys_no_more_tries(pool: LocalPool, person: Person, cognito: FaultProxy) -> None:
    cognito.fail("InitiateAuth", fault_proxy.aws_error("NotAuthorizedException"))
    most = limits.LOGIN_BY_ADDRESS.most
    answers = [
        CheckedClient(headers={"X-Forwarded-For": f"198.51.100.{n % 250}"})
        .post("/login/", {"username": new_email(), "password": "Wrong-1a"})
        .status_code
        for n in range(most + 1)
    ]
    assert answers[-1] == 429


def test_good_sign_ins_use_nothing_up(person: Person) -> None:
    for _ in range(8):
        assert (
            CheckedClient().post("/login/", {"username": person.email, "password": person.password}).status_code == 302
        )


@pytest.mark.django_db(transaction=True)
def test_fifty_guesses_at_once_reach_cognito_five_times(pool: LocalPool, person: Person, cognito: FaultProxy) -> None:
    def guess(_: int) -> int:
        try:
            data = {"username": person.email, "password": "Wrong-1a"}
            return int(CheckedClient().post("/login/", data).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(guess, range(50)))
    assert sorted(answers) == [200] * 5 + [429] * 45
    assert cognito.calls["InitiateAuth"] == 5


def test_a_stale_form_offers_a_reload_and_works_after_it(pool: LocalPool, person: Person) -> None:
    browser = CheckedClient(enforce_csrf_checks=True)
    stale = browser.page("/login/").all("input", name="csrfmiddlewaretoken")[0]["value"]
    data = {"username": person.email, "password": person.password}
    assert (
        browser.post(
            "/login/", {**data, "csrfmiddlewaretoken": stale[:-1] + ("y" if stale.endswith("x") else "x")}
        ).status_code
        == 403
    )
    fresh = browser.page("/login/").all("input", name="csrfmiddlewaretoken")[0]["value"]
    assert browser.post("/login/", {**data, "csrfmiddlewaretoken": fresh}).status_code == 302


def test_without_the_cache_people_sign_in_and_guesses_are_counted(
    client: CheckedClient, pool: LocalPool, person: Person, settings: Settings
) -> None:
    gone = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:9/0"}
    settings.CACHES = {"default": gone}
    assert CheckedClient().post("/login/", {"username": person.email, "password": person.password}).status_code == 302
    guessed = {"username": pool.person().email, "password": "Wrong-1a"}
    assert [client.post("/login/", guessed).status_code for _ in range(6)] == [200] * 5 + [429]
