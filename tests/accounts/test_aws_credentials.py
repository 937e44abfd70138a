"""The AWS credentials of a session: asked for seldom, kept in secret, renewed, and gone with the person."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import pytest
from django.http import HttpRequest
from django.utils import timezone

from accounts import conf, files
from accounts.cognito.errors import Misconfigured, NotAuthorized, Unreachable
from accounts.cognito.identity_pool import IdentityPool
from accounts.cognito.results import AwsCredentials
from accounts.models import Session
from accounts.sessions.engine import SessionStore
from tests.accounts.people_with_files import browser_in, identity
from tests.checked_client import CheckedClient
from tests.local_pool import LocalPool, Person


@pytest.fixture
def ada(files_pool: LocalPool) -> Person:
    """Somebody who may have files."""
    return files_pool.person(name="Ada")


@pytest.fixture
def mine(ada: Person, files_pool: LocalPool) -> CheckedClient:
    """Ada's browser, signed in where there are files."""
    return browser_in(files_pool, ada)


def test_credentials_are_asked_for_once_a_session(mine: CheckedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = counted(monkeypatch)
    for _ in range(3):
        mine.get("/files/")
    assert len(asked) == 1


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows with each exchange."""
    asked: list[str] = []
    exchange = IdentityPool.credentials

    def watched(gateway: IdentityPool, id_token: str) -> AwsCredentials:
        asked.append(id_token)
        return exchange(gateway, id_token)

    monkeypatch.setattr(IdentityPool, "credentials", watched)
    return asked


@pytest.mark.parametrize(
    "change",
    [{"expires_at": 0.0}, {"session_token": "x"}, {"access_key_id": "ASIAAAAAAAAAAAAAAAAA"}],
    ids=["ended", "refused", "unknown"],
)
def test_credentials_that_work_no_longer_are_renewed(
    mine: CheckedClient, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    mine.get("/files/")
    store = SessionStore(mine.session_cookie)
    store.keep_aws_credentials(dataclasses.replace(identity(mine), **change))
    asked = counted(monkeypatch)
    assert mine.get("/files/").status_code == 200
    assert len(asked) == 1
    assert identity(mine).expires_at > time.time() + files.MARGIN


def test_somebody_signed_out_at_cognito_gets_no_new_credentials_but_the_way_to_sign_in(
    mine: CheckedClient, ada: Person, files_pool: LocalPool
) -> None:
    files_pool.admin("user_global_sign_out", ada)
    assert mine.get("/files/?in=a/").url == "/login/?ended=1&next=%2Ffiles%2F%3Fin%3Da%2F"
    assert mine.get("/account/").url.startswith("/login/")


def test_an_identity_pool_for_another_client_signs_nobody_out(
    mine: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_for_us(_gateway: IdentityPool, _token: str) -> AwsCredentials:
        raise NotAuthorized("GetId", "NotAuthorizedException")

    monkeypatch.setattr(IdentityPool, "credentials", not_for_us)
    assert mine.get("/files/").status_code == 503
    assert mine.get("/account/").status_code == 200


def test_an_outage_of_cognito_with_a_token_that_has_run_out_signs_nobody_out(mine: CheckedClient) -> None:
    request = HttpRequest()
    request.session = SessionStore(mine.session_cookie)
    Session.objects.update(tokens_expire_at=timezone.now())
    with pytest.raises(Unreachable):
        files.exchanged(request)


def test_credentials_lie_encrypted_and_go_with_a_new_sign_in(mine: CheckedClient, ada: Person) -> None:
    mine.get("/files/")
    held, row = identity(mine), Session.objects.get(session_key=mine.session_cookie)
    for secret in (held.access_key_id, held.secret_key, held.session_token):
        assert secret not in row.aws_credentials + row.session_data + repr(held)
    store = SessionStore(mine.session_cookie)
    stored = store.read_tokens()
    assert stored
    assert stored.tokens
    store.keep_tokens(stored.tokens)
    store.save()
    assert SessionStore(mine.session_cookie).aws_credentials() is None


def test_a_call_outside_of_anybodys_credentials_is_signed_by_nobody(files_pool: LocalPool) -> None:
    with pytest.raises(Misconfigured, match="NoCredentialsError"):
        conf.bucket()._call("ListObjectsV2", Bucket=files.own_bucket())
