"""What is connected with one's own account, as the page of security shows it, and what can be done about it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from accounts.pool import DescribedPool
from tests import fault_proxy
from tests.accounts.connecting import CONNECT, CONNECTIONS, DISCONNECT, SECURITY, Connecting, signed_in
from tests.accounts.federating import LABEL, Domain, come_by
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool
from tests.markup import Page


@pytest.fixture
def native(federated: LocalPool, domain: Domain) -> Connecting:
    """Somebody with a password here."""
    return signed_in(federated, domain)


def links(browser: CheckedClient) -> list[str]:
    """Return where the page's links to connect and disconnect lead."""
    return [link["href"] for link in browser.page(SECURITY).all("a") if link["href"].endswith("connect/")]


def test_every_provider_can_be_connected_but_the_page_of_the_domain(native: Connecting) -> None:
    assert links(native.browser) == [CONNECT]
    words = native.words()
    assert f"Connected accounts {LABEL} Not connected Connect {LABEL}" in words
    assert native.domain.base.removeprefix("http://") not in words


def test_one_that_is_connected_can_be_disconnected(native: Connecting) -> None:
    native.connect()
    assert links(native.browser) == [DISCONNECT]
    assert re.search(rf"{LABEL} Connected \w+ \d+, 20\d\d Disconnect {LABEL}", native.words())


def test_whose_account_began_with_a_provider_has_no_other_way(client: CheckedClient, domain: Domain) -> None:
    come_by(client, domain)
    words = client.page(SECURITY).words
    assert "Your account began with it" in words
    assert "Your only way to sign in" in words
    assert f"{LABEL} looks after your password and two-step verification." in words
    assert links(client) == []


def test_the_address_it_had_before_leads_there(signed_in: CheckedClient, client: CheckedClient) -> None:
    assert signed_in.get(CONNECTIONS).url == SECURITY
    assert client.get(CONNECTIONS).url == f"/login/?next={CONNECTIONS}"


@pytest.mark.parametrize("missing", [{"DOMAIN": ""}, {"PROVIDERS": []}, {"PROVIDERS": ["COGNITO"]}])
def test_without_domain_or_providers_only_what_is_connected_is_shown(
    native: Connecting, settings: Settings, missing: dict[str, Any]
) -> None:
    native.connect()
    settings.COGNITO = {**settings.COGNITO, **missing}
    words = native.words()
    assert re.search(r"Connected accounts Elsewhere( Inc)? Connected", words)
    assert "onnect Elsewhere" not in words
    assert links(native.browser) == []
    assert [native.browser.post(path).status_code for path in (CONNECT, DISCONNECT)] == [404, 404]


def test_without_an_aws_key_nothing_can_be_changed(
    native: Connecting, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    native.connect()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    settings.COGNITO = {**settings.COGNITO}
    words = native.words()
    assert f"Connected accounts {LABEL} Connected" in words
    assert links(native.browser) == []
    assert [native.browser.post(path).status_code for path in (CONNECT, DISCONNECT)] == [404, 404]


def test_a_key_that_worked_once_counts_through_an_outage(native: Connecting, cognito: FaultProxy) -> None:
    native.words()
    DescribedPool.expires = 0.0
    cognito.fail("DescribeUserPool", fault_proxy.closed_before())
    assert links(native.browser) == [CONNECT]


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_page_itself_changes_nothing(native: Connecting, method: str) -> None:
    assert getattr(native.browser, method)(CONNECTIONS).status_code == 405


def test_ones_own_file_has_what_is_connected(native: Connecting) -> None:
    native.connect()
    data = json.loads(native.browser.get("/account/data/").content)
    assert [entry["provider"] for entry in data["account"]["connected_accounts"]] == ["Elsewhere"]
    assert data["activity"][1]["provider"] == LABEL


def test_staff_see_what_is_connected(native: Connecting) -> None:
    group = native.pool.env["COGNITO_SUPERUSER_GROUP"]
    native.pool.root.create_group(UserPoolId=native.pool.id, GroupName=group)
    desk, path = CheckedClient(), f"/admin/accounts/user/{native.user.pk}/change/"
    boss = native.pool.person(groups=(group,))
    desk.post("/login/", {"username": boss.email, "password": boss.password})
    assert "Connected accounts None" in Page.of(desk.get(path).content).words
    native.connect()
    assert f"Connected accounts {LABEL}" in Page.of(desk.get(path).content).words


def test_a_deleted_account_leaves_nothing_connected(native: Connecting, client: CheckedClient) -> None:
    native.connect()
    native.browser.post("/account/delete/", {"confirm": native.person.email})
    assert User.objects.count() == 0
    come_by(client, native.domain)
    assert User.objects.get().username == "Elsewhere_ada"
