"""Everything that is kept about a person, as one file, and nothing that opens the account."""

from __future__ import annotations

import json
from typing import Any

from accounts.models import Activity
from accounts.sessions.engine import SessionStore
from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.second_factors import with_mail

DATA = "/account/data/"


def downloaded(client: CheckedClient) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(client.get(DATA).content)
    return found


def test_the_file_holds_account_devices_and_activity(pool: LocalPool, browser_of: SignIn, person: Person) -> None:
    browser = browser_of(person)
    browser_of(person)
    with_mail(pool, person)
    data = downloaded(browser)
    assert data["account"]["attributes"].items() >= {"email": person.email, "name": "Ada Lovelace"}.items()
    assert data["account"]["factors"] == ["EMAIL_OTP"]
    assert len(data["sessions"]) == 2
    assert [entry["what"] for entry in data["activity"]][-2:] == ["signed_in", "first_sign_in"]
    assert data["site"]["joined"] <= data["site"]["last_sign_in"]


def test_it_is_a_file_nobody_else_keeps(signed_in: CheckedClient) -> None:
    response = signed_in.get(DATA)
    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"].startswith("attachment; filename=")
    assert "no-store" in response["Cache-Control"]


def test_nothing_in_it_opens_the_account(signed_in: CheckedClient) -> None:
    held = SessionStore(signed_in.session_cookie).read_tokens()
    assert held
    assert held.tokens
    text = signed_in.get(DATA).content.decode()
    secrets = (held.tokens.access_token, held.tokens.refresh_token, held.tokens.id_token, signed_in.session_cookie)
    assert [secret for secret in secrets if secret in text] == []


def test_nothing_of_others_is_in_it(signed_in: CheckedClient, browser_of: SignIn, pool: LocalPool) -> None:
    bob = pool.person()
    browser_of(bob)
    data = downloaded(signed_in)
    assert bob.email not in str(data)
    assert len(data["sessions"]) == 1


def test_downloading_is_recorded(signed_in: CheckedClient) -> None:
    downloaded(signed_in)
    assert Activity.objects.filter(kind=Activity.Kind.DATA_DOWNLOADED).count() == 1


def test_an_outage_hands_out_no_half_file(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    cognito.fail("GetUser", fault_proxy.empty())
    assert signed_in.get(DATA).status_code == 503
    assert not Activity.objects.filter(kind=Activity.Kind.DATA_DOWNLOADED).exists()


def test_a_stranger_gets_nothing(client: CheckedClient, pool: LocalPool) -> None:
    assert client.get(DATA).url.startswith("/login/")


def test_data_is_not_for_posting(signed_in: CheckedClient) -> None:
    assert signed_in.post(DATA).status_code == 405
