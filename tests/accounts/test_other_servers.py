"""The same code before other pools and other servers: with and without a client secret, by address and by user name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from django.utils import timezone
from moto import mock_aws
from pytest_django import Settings

from accounts import conf
from accounts.models import Session, User
from tests.checked_client import CheckedClient
from tests.conftest import UsePool
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, new_email
from tests.other_pools import another_client, another_pool

BY_NAME: dict[str, Any] = {"UsernameAttributes": [], "AutoVerifiedAttributes": ["email"], "AliasAttributes": []}


def journey(client: CheckedClient, pool: LocalPool, **names: str) -> None:
    """Register, confirm, sign in, be renewed, and sign out."""
    form = {"email": names["email"], "password1": PASSWORD, "password2": PASSWORD}
    name = names.get("username", names["email"])
    assert client.post("/register/", {**form, **names}).url == "/verify-code/"
    assert client.post("/verify-code/", {"code": pool.code(names["email"])}).status_code == 302
    client.post("/logout/")
    assert client.post("/login/", {"username": name, "password": f"{PASSWORD}x"}).status_code == 200
    assert client.post("/login/", {"username": name, "password": PASSWORD}).url == "/account/"
    Session.objects.update(tokens_expire_at=timezone.now() - timedelta(minutes=1))
    assert names["email"] in client.page("/account/").words
    assert client.post("/logout/").url == "/login/"


def test_a_public_client_by_address(client: CheckedClient, pool: LocalPool, use_pool: UsePool) -> None:
    journey(client, use_pool(another_client(pool, GenerateSecret=False)), email=new_email())


@pytest.mark.parametrize("secret", [True, False], ids=["with secret", "without secret"])
def test_a_pool_of_user_names(
    client: CheckedClient, pool: LocalPool, use_pool: UsePool, cognito: FaultProxy, secret: bool
) -> None:
    other = another_pool(pool, client={"GenerateSecret": secret}, **BY_NAME)
    use_pool(other, SIGN_IN_WITH="username")
    journey(client, other, email=new_email(), username="countess")
    assert User.objects.get().username == "countess"
    assert cognito.calls["GetTokensFromRefreshToken"] == 1


def test_a_pool_of_user_names_asks_for_one(client: CheckedClient, pool: LocalPool, settings: Settings) -> None:
    settings.COGNITO = {**settings.COGNITO, "SIGN_IN_WITH": "username"}
    fields = {name: client.page("/register/").field(name) for name in ("username", "email")}
    assert {name: (field["type"], field["autocomplete"]) for name, field in fields.items()} == {
        "username": ("text", "username"),
        "email": ("email", "email"),
    }
    assert client.page("/login/").field("username")["type"] == "text"


@pytest.fixture
def moto(settings: Settings, monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[Any]:
    """A pool of moto's, in this process: another server, which knows less and forgives more."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "made-up")
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    with mock_aws():
        idp = boto3.client("cognito-idp", region_name="eu-west-1")
        pool_id = idp.create_user_pool(PoolName="other")["UserPool"]["Id"]
        client_id = idp.create_user_pool_client(UserPoolId=pool_id, ClientName="site")["UserPoolClient"]["ClientId"]
        names = {"ENDPOINT_URL": "", "USER_POOL_ID": pool_id, "CLIENT_ID": client_id, "SIGN_IN_WITH": "username"}
        settings.COGNITO = {**settings.COGNITO, **names}
        yield idp
        conf.reset(setting="COGNITO")


def test_another_server_signs_people_in(client: CheckedClient, moto: Any) -> None:
    pool_id = conf.config().user_pool_id
    email = {"Name": "email", "Value": "ada@example.com"}
    moto.admin_create_user(UserPoolId=pool_id, Username="ada", UserAttributes=[email])
    moto.admin_set_user_password(UserPoolId=pool_id, Username="ada", Password=PASSWORD, Permanent=True)
    assert client.post("/login/", {"username": "ada", "password": "Wrong-horse-1"}).status_code == 200
    assert client.post("/login/", {"username": "ada", "password": PASSWORD}).url == "/account/"
    assert "Your account ada@example.com" in client.page("/account/").words
