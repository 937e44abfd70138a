"""What a browser remembers of its last sign-in, and that it decides nothing."""

from __future__ import annotations

import json

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from accounts import last_used
from accounts.models import CameBy
from tests.accounts.ways_in import CHALLENGE, chosen, json_of, with_passkey
from tests.checked_client import CheckedClient
from tests.devcloud.conformance.authenticator import Authenticator
from tests.local_pool import LocalPool, Person
from tests.second_factors import with_app


def badges(client: CheckedClient) -> list[str]:
    buttons = client.page("/login/").all("button", class_="button--way")
    return [button.text.strip() for button in buttons if "Last used" in button.text]


def test_a_way_in_has_the_badge_after_it_was_used(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    assert badges(client) == []
    chosen(client, person, "EMAIL_OTP")
    client.post(CHALLENGE, {"code": pool.code(person.email)})
    client.post("/logout/")
    assert client.cookies["way_in"].value == "email"
    assert badges(client) == ["Email me a code Last used"]


def test_a_passkey_is_known_where_it_was_used(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    key = Authenticator()
    with_passkey(pool, person, key)
    credential = key.sign_in(json.dumps(json_of(chosen(client, person, "WEB_AUTHN"))))
    response = client.post(CHALLENGE, {"credential": credential})
    request = RequestFactory().get("/")
    request.COOKIES = {name: morsel.value for name, morsel in response.cookies.items()}
    assert last_used.way_in(request) == "passkey"
    assert last_used.passkey_here(request, json.loads(credential)["id"])
    assert not last_used.passkey_here(request, "another")
    assert json.loads(credential)["id"] not in str(response.cookies)


def test_the_password_and_the_kind_of_code_are_remembered(
    client: CheckedClient, pool: LocalPool, person: Person
) -> None:
    app = with_app(pool, person)
    client.post("/login/", {"username": person.email, "password": person.password})
    assert "way_in" not in client.cookies
    client.post(CHALLENGE, {"code": app.code()})
    assert (client.cookies["way_in"].value, client.cookies["second_step"].value) == ("password", "totp")


def test_a_refused_sign_in_is_not_remembered(client: CheckedClient, person: Person) -> None:
    client.post("/login/", {"username": person.email, "password": "Wrong-horse-1"})
    assert "way_in" not in client.cookies


def test_the_cookies_are_out_of_reach_of_scripts_and_live_for_half_a_year(settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = True
    response = HttpResponse()
    last_used.remember(response, CameBy.PASSWORD, "SMS_MFA")
    last_used.remember_passkey(response, "id")
    assert set(response.cookies) == {"way_in", "second_step", "passkey_here"}
    for cookie in response.cookies.values():
        assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")
        assert cookie["max-age"] == 180 * 24 * 60 * 60


@pytest.mark.parametrize(
    ("came_by", "answered", "way"),
    [
        ("Google", "", "Google"),
        (CameBy.REGISTRATION, "", ""),
        (CameBy.CHOICE, "WEB_AUTHN", "passkey"),
        (CameBy.CHOICE, "SMS_OTP", "text"),
        (CameBy.CHOICE, "EMAIL_OTP", "email"),
    ],
)
def test_what_is_remembered_of_a_way_in(came_by: str, answered: str, way: str) -> None:
    assert last_used.way_of(came_by, answered) == way


@pytest.mark.parametrize("written", ["", "<script>", "SOFTWARE_TOKEN_MFA", "passkey"])
def test_what_somebody_writes_into_the_cookies_does_nothing(
    client: CheckedClient, pool: LocalPool, written: str
) -> None:
    client.cookies["way_in"] = client.cookies["second_step"] = written
    page = client.page("/login/")
    assert "<script>" not in page.html.replace("<script type", "")
    request = RequestFactory().get("/")
    request.COOKIES = {"second_step": written}
    assert last_used.second_step(request) is None
