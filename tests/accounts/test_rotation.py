"""Refresh token rotation: a new token is kept before anything can fail, and believed only once it is verified."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, OperationalError, connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts import after_answer, conf, users
from accounts.cognito import errors
from accounts.cognito.results import Tokens
from accounts.cognito.verifier import TokenVerifier
from accounts.models import Activity, Session, User
from accounts.sessions import refresh, revocation
from accounts.sessions.engine import SessionStore, StoredTokens
from tests import fault_proxy
from tests.accounts.test_refresh import REFRESH, expire, is_signed_in, tokens_of
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.signed_tokens import PublishedKeys, SigningPool

KEYS = "jwks.json"


def forget_keys() -> None:
    """Be a process that has not fetched the key set yet."""
    conf._verifier.cache_clear()


def held_by(browser: CheckedClient) -> StoredTokens:
    """Return what the row of a browser's session holds."""
    held = SessionStore(browser.session_cookie).read_tokens()
    assert held
    return held


@pytest.fixture
def keyless(signed_in: CheckedClient, cognito: FaultProxy) -> CheckedClient:
    """Ada's browser, whose tokens were renewed in a fresh process that cannot fetch the key set."""
    expire(60)
    forget_keys()
    cognito.fail(KEYS, fault_proxy.server_error())
    return signed_in


def test_a_new_refresh_token_is_kept_when_the_key_set_cannot_be_fetched(
    keyless: CheckedClient, cognito: FaultProxy
) -> None:
    before = tokens_of(keyless)
    assert is_signed_in(keyless)
    after = held_by(keyless)
    assert cognito.calls[REFRESH] == 1
    assert after.tokens
    assert after.tokens.refresh_token != before.refresh_token


def test_what_is_not_verified_is_not_used(keyless: CheckedClient) -> None:
    before = tokens_of(keyless)
    assert is_signed_in(keyless)
    after = held_by(keyless)
    assert after.tokens
    assert after.unverified
    assert (after.tokens.access_token, after.tokens.id_token) == (before.access_token, before.id_token)
    assert after.unverified.access_token != before.access_token
    assert after.expire_at
    assert after.expire_at - timezone.now() < timedelta(minutes=1)


def test_neither_column_holds_a_token_in_clear(keyless: CheckedClient) -> None:
    assert is_signed_in(keyless)
    row = Session.objects.get(session_key=keyless.session_cookie)
    after = held_by(keyless)
    assert after.unverified
    for token in (after.unverified.access_token, after.unverified.id_token, after.unverified.refresh_token):
        assert token not in row.tokens + row.unverified_tokens + row.session_data


def test_the_reuse_of_a_spent_token_does_not_come_to_pass(keyless: CheckedClient, cognito: FaultProxy) -> None:
    assert is_signed_in(keyless)
    # Past the grace period for the old refresh token, and past the cool-down of the key set.
    with time_machine.travel(timezone.now() + timedelta(seconds=45), tick=True):
        cognito.heal()
        forget_keys()
        assert is_signed_in(keyless)
    assert held_by(keyless).unverified is None
    assert tokens_of(keyless).refresh_token


def test_a_later_request_verifies_and_does_not_ask_again(keyless: CheckedClient, cognito: FaultProxy) -> None:
    assert [is_signed_in(keyless) for _ in range(3)] == [True, True, True]
    assert cognito.calls[REFRESH] == 1
    kept = held_by(keyless).unverified
    assert kept
    cognito.heal()
    forget_keys()
    assert is_signed_in(keyless)
    assert cognito.calls[REFRESH] == 1
    after = held_by(keyless)
    assert after.tokens
    assert (after.tokens.access_token, after.unverified) == (kept.access_token, None)
    assert after.expire_at
    assert timedelta(minutes=50) < after.expire_at - timezone.now() <= timedelta(minutes=60)


def test_the_session_goes_on_as_in_an_outage_and_ends_as_one(keyless: CheckedClient) -> None:
    expire(-60)
    assert is_signed_in(keyless)
    expire(-refresh.GRACE.total_seconds() - 1)
    assert keyless.get("/account/").status_code == 503
    assert Session.objects.filter(session_key=keyless.session_cookie).exists()


def test_tokens_whose_life_ended_unverified_are_renewed(keyless: CheckedClient, cognito: FaultProxy) -> None:
    assert is_signed_in(keyless)
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=True):
        assert held_by(keyless).unverified is None
    kept = Session.objects.get(session_key=keyless.session_cookie)
    kept.unverified_tokens = conf.token_cipher().encrypt(
        {"id_token": "a", "access_token": "b", "refresh_token": "c", "expires_in": 3600, "good_until": 0}
    )
    kept.save(update_fields=["unverified_tokens"])
    cognito.heal()
    forget_keys()
    assert is_signed_in(keyless)
    assert cognito.calls[REFRESH] == 2


def test_signing_out_revokes_the_newest_refresh_token(keyless: CheckedClient, cognito: FaultProxy) -> None:
    assert is_signed_in(keyless)
    newest = held_by(keyless).unverified
    assert newest
    keyless.post("/logout/")
    assert cognito.last("RevokeToken")["Token"] == newest.refresh_token


Signing = Callable[..., SigningPool]


@pytest.fixture
def answering(signed_in: CheckedClient, monkeypatch: pytest.MonkeyPatch) -> Signing:
    """Has Cognito answer refreshes with really signed tokens that say what the test wants."""

    def answer(**claims: Any) -> SigningPool:
        signing = SigningPool(issuer=conf.config().issuer, client_id=conf.config().client_id)
        result = signing.authentication_result(**claims)
        given = Tokens(result["IdToken"], result["AccessToken"], "refresh-of-another", 3600)
        monkeypatch.setattr(conf.user_pool(), "refresh", lambda *_: given)
        return signing

    return answer


def published(monkeypatch: pytest.MonkeyPatch, signing: SigningPool) -> None:
    """Have the site verify with the keys of ``signing``."""
    monkeypatch.setattr(conf, "verifier", cache(lambda: TokenVerifier(conf.config(), PublishedKeys(signing))))


def test_another_persons_tokens_are_never_used_before_it_shows_whose_they_are(
    signed_in: CheckedClient, answering: Signing, monkeypatch: pytest.MonkeyPatch, cognito: FaultProxy
) -> None:
    before = tokens_of(signed_in)
    signing = answering(sub="somebody-else")
    expire(60)
    forget_keys()
    cognito.fail(KEYS, fault_proxy.server_error())
    assert is_signed_in(signed_in)
    assert tokens_of(signed_in).access_token == before.access_token
    signed_in.get("/account/security/")
    assert cognito.last("GetUser")["AccessToken"] == before.access_token
    published(monkeypatch, signing)
    assert not is_signed_in(signed_in)
    assert not Session.objects.filter(session_key=signed_in.session_cookie).exists()
    assert cognito.last("RevokeToken")["Token"] == "refresh-of-another"


@pytest.mark.parametrize("claims", [{"aud": "another-client"}, {"token_use": "access"}])
def test_tokens_that_will_never_be_genuine_are_dropped_and_their_refresh_token_is_tried(
    signed_in: CheckedClient, answering: Signing, monkeypatch: pytest.MonkeyPatch, claims: dict[str, str]
) -> None:
    before = tokens_of(signed_in)
    signing = SigningPool(issuer=conf.config().issuer, client_id=conf.config().client_id)
    bad = Tokens(signing.id_token(**claims), signing.access_token(), "newest", 3600)
    asked: list[str] = []

    def answer(refresh_token: str, _username: str) -> Tokens:
        asked.append(refresh_token)
        return bad

    monkeypatch.setattr(conf.user_pool(), "refresh", answer)
    published(monkeypatch, signing)
    expire(60)
    assert is_signed_in(signed_in)
    after = held_by(signed_in)
    assert after.unverified is None
    assert after.tokens
    assert after.tokens.access_token == before.access_token
    assert is_signed_in(signed_in)
    assert asked == [before.refresh_token, "newest"]


def test_a_database_that_fails_while_rights_are_updated_loses_no_token(
    signed_in: CheckedClient, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tokens_of(signed_in)
    expire(60)

    def fail(*_: Any) -> None:
        raise DatabaseError

    with monkeypatch.context() as patched:
        patched.setattr(users, "update", fail)
        assert signed_in.get("/account/").status_code == 503
    assert tokens_of(signed_in).refresh_token != before.refresh_token
    SessionStore(signed_in.session_cookie).release_lease()
    assert is_signed_in(signed_in)
    assert cognito.calls[REFRESH] == 1


def test_who_gets_the_lease_after_another_has_finished_asks_nothing(
    signed_in: CheckedClient, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    expire(60)
    take_lease = SessionStore.take_lease

    def late(session: SessionStore) -> bool:
        # The other request ends between our look at the row and our taking of the lease.
        expire(3600)
        return take_lease(session)

    monkeypatch.setattr(SessionStore, "take_lease", late)
    assert is_signed_in(signed_in)
    assert cognito.calls[REFRESH] == 0
    assert Session.objects.get(session_key=signed_in.session_cookie).refresh_lease is None


def test_a_session_that_ends_during_its_refresh_leaves_no_token_behind(
    signed_in: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    expire(60)
    refresh_at_cognito = conf.user_pool().refresh
    won: list[Tokens] = []

    def meanwhile(*given: Any) -> Tokens:
        won.append(refresh_at_cognito(*given))
        Session.objects.all().delete()
        return won[0]

    monkeypatch.setattr(conf.user_pool(), "refresh", meanwhile)
    assert not is_signed_in(signed_in)
    assert cognito.last("RevokeToken")["Token"] == won[0].refresh_token


def test_a_refusal_that_follows_from_signing_out_here_is_not_recorded_as_cognitos_doing(
    signed_in: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    renew = conf.user_pool().refresh

    def as_another_tab_signs_out(*given: Any) -> Tokens:
        revocation.end_sessions(User.objects.get())
        after_answer.flush(5)
        return renew(*given)

    monkeypatch.setattr(conf.user_pool(), "refresh", as_another_tab_signs_out)
    expire(60)
    assert signed_in.get("/account/").url.startswith("/login/?ended=1")
    assert not Activity.objects.filter(kind=Activity.Kind.ENDED_ELSEWHERE).exists()


@pytest.mark.parametrize(("owner", "step"), [(SessionStore, "keep_unverified"), (users, "update")])
def test_a_token_that_came_after_whoever_ended_the_session_had_read_its_row_is_revoked(
    signed_in: CheckedClient, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch, owner: object, step: str
) -> None:
    expire(60)
    refresh_at_cognito, done = conf.user_pool().refresh, getattr(owner, step)
    won: list[Tokens] = []

    def renew(*given: Any) -> Tokens:
        won.append(refresh_at_cognito(*given))
        return won[0]

    def do_as_the_row_is_deleted(*given: Any) -> Any:
        answer = done(*given)
        Session.objects.all().delete()
        return answer

    monkeypatch.setattr(conf.user_pool(), "refresh", renew)
    monkeypatch.setattr(owner, step, do_as_the_row_is_deleted)
    assert not is_signed_in(signed_in)
    assert cognito.last("RevokeToken")["Token"] == won[0].refresh_token


def test_a_refresh_writes_the_person_before_the_session_as_all_acts_on_people_do(
    signed_in: CheckedClient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    User.objects.update(cognito_seen_at=None)
    expire(60)
    with django_assert_max_num_queries(20) as queries:
        assert is_signed_in(signed_in)
    written = [query["sql"] for query in queries if query["sql"].startswith("UPDATE")]
    assert [statement.split('"')[1] for statement in written][-2:] == ["accounts_user", "accounts_session"]


@pytest.mark.parametrize("error", [DatabaseError(), errors.Unreachable("x"), RuntimeError()])
def test_tokens_of_a_sign_in_that_fails_after_cognito_are_revoked(
    client: CheckedClient, person: Person, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr("accounts.entrance.store_sign_in", fail)
    client.raise_request_exception = False
    data = {"username": person.email, "password": person.password}
    assert client.post("/login/", data).status_code in {500, 503}
    assert cognito.calls["RevokeToken"] == 1


def test_a_sign_in_that_cannot_be_stored_is_an_outage_is_revoked_and_was_none(
    client: CheckedClient, person: Person, cognito: FaultProxy
) -> None:
    def away(execute: Callable[..., Any], sql: str, *given: Any) -> Any:
        if sql.startswith('INSERT INTO "accounts_session"'):
            raise OperationalError
        return execute(sql, *given)

    with connection.execute_wrapper(away):
        answer = client.post("/login/", {"username": person.email, "password": person.password})
    assert answer.status_code == 503
    assert cognito.calls["RevokeToken"] == 1
    assert not Activity.objects.exists()


def test_nothing_is_revoked_where_nothing_failed(person: Person, cognito: FaultProxy, settings: Settings) -> None:
    with revocation.revoked_on_failure(Tokens("", "", "refresh", 1)):
        pass
    assert cognito.calls["RevokeToken"] == 0
