"""The four flows a pool may allow for a password, each alone, and where the browser is for threat protection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from tests import fault_proxy
from tests.checked_client import CheckedClient, answer
from tests.conftest import UsePool
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.markup import Page
from tests.other_pools import another_client
from tests.second_factors import with_app, with_mail

CHALLENGE = "/login/challenge/"
FLOWS = {
    "USER_PASSWORD_AUTH": {"InitiateAuth": 1},
    "ADMIN_USER_PASSWORD_AUTH": {"AdminInitiateAuth": 1},
    "USER_SRP_AUTH": {"InitiateAuth": 1, "RespondToAuthChallenge": 1},
    "USER_AUTH": {"InitiateAuth": 1},
}
UseFlow = Callable[[str], LocalPool]


@pytest.fixture(scope="module")
def clients(local_pool: LocalPool) -> dict[str, LocalPool]:
    """The pool through app clients that allow one flow each, with the refresh that goes with any."""
    return {flow: another_client(local_pool, ExplicitAuthFlows=[f"ALLOW_{flow}"]) for flow in FLOWS}


@pytest.fixture
def use_flow(clients: dict[str, LocalPool], use_pool: UsePool) -> UseFlow:
    """Has the site use a client that allows one flow only, and that flow."""
    return lambda flow: use_pool(clients[flow], AUTH_FLOW=flow)


def sign_in(client: CheckedClient, person: Person, **extra: Any) -> Any:
    return client.post("/login/", {"username": person.email, "password": person.password}, **extra)


def calls(cognito: FaultProxy) -> dict[str, int]:
    return {name: count for name, count in cognito.calls.items() if "Auth" in name}


@pytest.mark.parametrize("flow", FLOWS)
def test_a_pool_that_allows_nothing_else_lets_the_person_in(
    client: CheckedClient, use_flow: UseFlow, cognito: FaultProxy, flow: str
) -> None:
    person = use_flow(flow).person()
    assert sign_in(client, person).url == "/account/"
    assert calls(cognito) == FLOWS[flow]
    assert person.email in client.page("/account/").words


@pytest.mark.parametrize("flow", FLOWS)
def test_a_wrong_password_and_an_unknown_name_are_one_answer(
    client: CheckedClient, use_flow: UseFlow, flow: str
) -> None:
    person = use_flow(flow).person()
    names = (person.email, "nobody@example.com")
    answers = [
        answer(CheckedClient().post("/login/", {"username": name, "password": "Wrong-horse-1"}), name) for name in names
    ]
    assert answers[0][0] == 200
    assert answers[0] == answers[1]


@pytest.mark.parametrize("flow", FLOWS)
def test_a_second_factor_is_asked_for_whatever_the_flow(client: CheckedClient, use_flow: UseFlow, flow: str) -> None:
    pool = use_flow(flow)
    person = pool.person()
    with_mail(pool, person)
    assert sign_in(client, person).url == CHALLENGE
    assert client.get("/account/").status_code == 302
    page = Page.of(client.post(CHALLENGE, {"code": "00000000"}).content)
    assert page.error_of("code")
    assert client.post(CHALLENGE, {"code": pool.code(person.email)}).url == "/account/"


@pytest.mark.parametrize("flow", FLOWS)
def test_a_first_password_is_replaced_whatever_the_flow(client: CheckedClient, use_flow: UseFlow, flow: str) -> None:
    person = use_flow(flow).invited()
    assert sign_in(client, person).url == CHALLENGE
    assert "Choose your own password" in client.page(CHALLENGE).words
    new = {"new_password1": "Another-horse-2", "new_password2": "Another-horse-2"}
    assert client.post(CHALLENGE, new).url == "/account/"


@pytest.mark.parametrize("flow", FLOWS)
def test_an_outage_is_one_whatever_the_flow(
    client: CheckedClient, use_flow: UseFlow, cognito: FaultProxy, flow: str
) -> None:
    person = use_flow(flow).person()
    for operation in FLOWS[flow]:
        cognito.fail(operation, fault_proxy.html_success())
    assert sign_in(client, person).status_code == 503
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize("flow", FLOWS)
def test_a_flow_the_client_does_not_allow_is_no_fault_of_the_person(
    client: CheckedClient, clients: dict[str, LocalPool], use_pool: UsePool, flow: str
) -> None:
    other = next(name for name in FLOWS if name != flow)
    pool = use_pool(clients[other], AUTH_FLOW=flow)
    assert sign_in(client, pool.person()).status_code == 503


def test_the_password_is_not_sent_by_srp(client: CheckedClient, use_flow: UseFlow, cognito: FaultProxy) -> None:
    person = use_flow("USER_SRP_AUTH").person()
    sign_in(client, person)
    assert person.password not in str(cognito.sent)
    assert {"InitiateAuth", "RespondToAuthChallenge"} <= {operation for operation, _ in cognito.sent}


def test_srp_answers_under_the_name_the_pool_gave(
    client: CheckedClient, use_flow: UseFlow, cognito: FaultProxy
) -> None:
    person = use_flow("USER_SRP_AUTH").person()
    sign_in(client, person)
    assert cognito.last("RespondToAuthChallenge")["ChallengeResponses"]["USERNAME"] == person.sub


def test_the_admin_flow_answers_under_the_name_the_pool_gave(
    client: CheckedClient, use_flow: UseFlow, cognito: FaultProxy
) -> None:
    pool = use_flow("ADMIN_USER_PASSWORD_AUTH")
    person = pool.person()
    app = with_app(pool, person)
    sign_in(client, person)
    assert client.post(CHALLENGE, {"code": app.code()}).url == "/account/"
    assert cognito.last("AdminRespondToAuthChallenge")["ChallengeResponses"]["USERNAME"] == person.sub


def test_the_admin_flow_says_where_the_browser_is(
    client: CheckedClient, use_flow: UseFlow, cognito: FaultProxy
) -> None:
    person = use_flow("ADMIN_USER_PASSWORD_AUTH").person()
    sign_in(client, person, REMOTE_ADDR="192.0.2.7", headers={"User-Agent": "Firefox/150"})
    assert cognito.last("AdminInitiateAuth")["ContextData"] == {
        "IpAddress": "192.0.2.7",
        "ServerName": "testserver",
        "ServerPath": "/login/",
        "HttpHeaders": [{"headerName": "User-Agent", "headerValue": "Firefox/150"}],
    }


@pytest.mark.parametrize(
    ("proxies", "forwarded", "told"),
    [
        (0, "198.51.100.1", "192.0.2.7"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        (2, "203.0.113.9, 198.51.100.1", "203.0.113.9"),
        (2, "10.0.0.1, 203.0.113.9, 198.51.100.1", "203.0.113.9"),
    ],
)
def test_only_trusted_proxies_say_where_the_browser_is(
    client: CheckedClient,
    use_flow: UseFlow,
    cognito: FaultProxy,
    settings: Settings,
    proxies: int,
    forwarded: str,
    told: str,
) -> None:
    person = use_flow("ADMIN_USER_PASSWORD_AUTH").person()
    settings.TRUSTED_PROXIES = proxies
    sign_in(client, person, REMOTE_ADDR="192.0.2.7", headers={"X-Forwarded-For": forwarded})
    assert cognito.last("AdminInitiateAuth")["ContextData"]["IpAddress"] == told


def test_every_later_step_says_where_the_browser_is(
    client: CheckedClient, use_flow: UseFlow, cognito: FaultProxy
) -> None:
    pool = use_flow("ADMIN_USER_PASSWORD_AUTH")
    person = pool.person()
    app = with_app(pool, person)
    sign_in(client, person)
    client.post(CHALLENGE, {"code": app.code()}, REMOTE_ADDR="192.0.2.8")
    sent = cognito.last("AdminRespondToAuthChallenge")["ContextData"]
    assert (sent["IpAddress"], sent["ServerPath"]) == ("192.0.2.8", CHALLENGE)


def test_choosing_a_way_in_says_where_the_browser_is(
    client: CheckedClient, local_pool: LocalPool, use_pool: UsePool, cognito: FaultProxy
) -> None:
    pool = use_pool(another_client(local_pool), AUTH_FLOW="ADMIN_USER_PASSWORD_AUTH")
    client.post("/login/code/", {"username": pool.person().email}, REMOTE_ADDR="192.0.2.9")
    assert cognito.last("AdminInitiateAuth")["ContextData"]["IpAddress"] == "192.0.2.9"


def test_the_public_flow_says_nothing_of_the_browser(
    client: CheckedClient, person: Person, cognito: FaultProxy
) -> None:
    sign_in(client, person)
    assert cognito.last("InitiateAuth").keys() == {"AuthFlow", "AuthParameters", "ClientId", "ClientMetadata"}


def test_without_an_aws_key_the_admin_flow_wakes_an_operator(
    client: CheckedClient, local_pool: LocalPool, use_pool: UsePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = use_pool(another_client(local_pool), AUTH_FLOW="ADMIN_USER_PASSWORD_AUTH")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    assert sign_in(client, pool.person()).status_code == 503


def test_a_preferred_password_is_asked_in_one_call(
    client: CheckedClient, use_flow: UseFlow, cognito: FaultProxy
) -> None:
    person = use_flow("USER_AUTH").person()
    sign_in(client, person)
    assert cognito.last("InitiateAuth")["AuthParameters"]["PREFERRED_CHALLENGE"] == "PASSWORD"
