"""The session engine: tokens in a column of their own, no lost update, no resurrection."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as site_settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.cognito.results import Tokens
from accounts.models import Session, User
from accounts.sessions import revocation
from accounts.sessions.engine import KEY_LENGTH, LEASE, SessionStore

pytestmark = pytest.mark.django_db

TOKENS = Tokens("id-canary", "access-canary", "refresh-canary", 3600)
NEWER = Tokens("id-2", "access-2", "refresh-2", 3600)


@pytest.fixture
def user() -> User:
    return User.objects.create(issuer="https://issuer.example", sub="sub-1", username="ada")


@pytest.fixture
def stored(user: User) -> SessionStore:
    """A session of somebody signed in, as it lies in the database."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session["colour"] = "blue"
    session.keep_tokens(TOKENS)
    session.save()
    return again(session)


def again(session: SessionStore) -> SessionStore:
    """Return the session as another request reads it."""
    return SessionStore(session.session_key)


def tokens_of(session: SessionStore) -> Tokens | None:
    held = session.read_tokens()
    return held.tokens if held else None


def version_of(session: SessionStore) -> int:
    held = session.read_tokens()
    assert held
    return held.version


def test_a_stored_session_comes_back(stored: SessionStore) -> None:
    assert (stored["colour"], tokens_of(stored)) == ("blue", TOKENS)


def test_the_row_knows_whose_it_is(stored: SessionStore, user: User) -> None:
    assert Session.objects.get().user == user


def test_the_row_shows_no_token(stored: SessionStore) -> None:
    row = Session.objects.values().get()
    assert row["tokens"]
    assert "canary" not in str(row) + str(again(stored).load())


def test_reading_a_session_reads_no_tokens(
    stored: SessionStore, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1) as queries:
        again(stored).load()
    assert '"accounts_session"."tokens"' not in queries[0]["sql"].replace("tokens_expire_at", "")


def test_reading_the_one_row_of_a_session_has_nothing_sorted(
    stored: SessionStore, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1) as queries:
        again(stored).load()
    assert "ORDER BY" not in queries[0]["sql"]


def test_a_slow_request_does_not_write_old_tokens_back(stored: SessionStore) -> None:
    slow = again(stored)
    slow["colour"] = "green"
    assert again(stored).replace_tokens(version_of(stored), NEWER)
    slow.save()
    assert (again(stored)["colour"], tokens_of(stored)) == ("green", NEWER)


def test_an_older_version_cannot_be_replaced(stored: SessionStore) -> None:
    version = version_of(stored)
    assert stored.replace_tokens(version, NEWER)
    assert not stored.replace_tokens(version, TOKENS)
    assert tokens_of(stored) == NEWER


def test_a_session_that_ended_is_not_resurrected(stored: SessionStore) -> None:
    late = again(stored)
    late["colour"] = "green"
    again(stored).flush()
    with pytest.raises(UpdateError):
        late.save()
    assert not Session.objects.exists()


def test_a_session_that_ended_is_not_resurrected_under_another_key(stored: SessionStore) -> None:
    late = again(stored)
    assert late["colour"] == "blue"
    again(stored).flush()
    late.cycle_key()
    with pytest.raises(UpdateError):
        late.save()
    assert not Session.objects.exists()


def test_what_nobody_was_signed_in_by_goes_on_under_another_key() -> None:
    session = SessionStore()
    session["colour"] = "blue"
    session.save()
    late = again(session)
    assert late["colour"] == "blue"
    again(session).flush()
    late.cycle_key()
    late.save()
    assert again(late)["colour"] == "blue"


def test_tokens_of_a_session_that_ended_are_not_written(stored: SessionStore) -> None:
    version = version_of(stored)
    again(stored).flush()
    assert not stored.replace_tokens(version, NEWER)
    assert not Session.objects.exists()


def test_only_one_request_gets_the_lease(stored: SessionStore) -> None:
    assert [again(stored).take_lease() for _ in range(3)] == [True, False, False]


def test_a_released_lease_can_be_taken(stored: SessionStore) -> None:
    assert stored.take_lease()
    stored.release_lease()
    assert stored.take_lease()


def test_a_lease_whose_holder_died_can_be_taken(stored: SessionStore) -> None:
    assert stored.take_lease()
    with time_machine.travel(timezone.now() + LEASE + timedelta(seconds=1)):
        assert stored.take_lease()


def test_new_tokens_end_the_lease(stored: SessionStore) -> None:
    assert stored.take_lease()
    assert stored.replace_tokens(version_of(stored), NEWER)
    assert stored.take_lease()


def test_a_new_key_keeps_the_tokens(stored: SessionStore) -> None:
    old = stored.session_key
    stored.cycle_key()
    stored.save()
    assert stored.session_key != old
    assert tokens_of(again(stored)) == TOKENS
    assert not Session.objects.filter(session_key=old).exists()


def test_a_key_has_at_least_128_random_bits(stored: SessionStore) -> None:
    assert stored.session_key
    assert len(stored.session_key) == 32
    assert stored.session_key.isalnum()


def test_a_made_up_key_is_an_empty_session() -> None:
    assert SessionStore("madeupmadeupmadeupmadeupmadeup12").load() == {}


def test_an_idle_session_is_over(stored: SessionStore, settings: Settings) -> None:
    with time_machine.travel(timezone.now() + timedelta(seconds=site_settings.SESSION_IDLE_AGE + 5)):
        assert again(stored).load() == {}


def test_use_puts_the_idle_end_off(stored: SessionStore) -> None:
    idle = timedelta(seconds=site_settings.SESSION_IDLE_AGE)
    start = timezone.now()
    for half in (1, 2, 3):
        with time_machine.travel(start + half * idle * 0.75):
            session = again(stored)
            assert session["colour"] == "blue"
            session.touch()


def test_no_use_puts_the_absolute_end_off(stored: SessionStore, settings: Settings) -> None:
    settings.SESSION_IDLE_AGE, settings.SESSION_COOKIE_AGE = 3600, 7200
    start = timezone.now()
    for minutes in range(0, 119, 20):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            session = again(stored)
            assert session["colour"] == "blue"
            session.touch()
            session["seen"] = minutes
            session.save()
    with time_machine.travel(start + timedelta(minutes=121)):
        assert again(stored).load() == {}


def test_a_busy_session_is_not_written_at_every_request(
    stored: SessionStore, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert stored["colour"] == "blue"
    with django_assert_num_queries(0):
        stored.touch()


def test_a_short_idle_time_does_not_end_a_session_in_use(stored: SessionStore, settings: Settings) -> None:
    settings.SESSION_IDLE_AGE = 240
    stored.save()
    start = timezone.now()
    for minutes in range(10):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            session = again(stored)
            assert session["colour"] == "blue"
            session.touch()


def test_a_session_that_gets_another_key_while_it_is_ended_is_ended(
    stored: SessionStore, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete = QuerySet.delete

    def as_a_page_gives_another_key(rows: QuerySet[Session]) -> tuple[int, dict[str, int]]:
        monkeypatch.setattr(QuerySet, "delete", delete)
        again(stored).cycle_key()
        return delete(rows)

    monkeypatch.setattr(QuerySet, "delete", as_a_page_gives_another_key)
    assert revocation.end_sessions(user) == 1
    assert not Session.objects.exists()


def test_all_sessions_of_a_person_can_be_ended_but_this(stored: SessionStore, user: User) -> None:
    for _ in range(2):
        other = SessionStore()
        other[SESSION_KEY] = str(user.pk)
        other.save()
    assert revocation.end_sessions(user, but=stored) == 2
    assert again(stored)["colour"] == "blue"


def test_the_sessions_of_another_person_stay(stored: SessionStore) -> None:
    stranger = User.objects.create(issuer="https://issuer.example", sub="sub-2", username="bob")
    assert revocation.end_sessions(stranger) == 0
    assert again(stored)["colour"] == "blue"


def test_a_damaged_row_holds_no_tokens(stored: SessionStore) -> None:
    assert tokens_of(stored) == TOKENS
    Session.objects.update(tokens="damaged")
    assert tokens_of(stored) is None


def test_an_anonymous_session_stores_nothing_of_tokens() -> None:
    session = SessionStore()
    session["colour"] = "blue"
    session.save()
    row = Session.objects.get()
    assert (row.user, row.tokens, row.tokens_expire_at) == (None, "", None)


@pytest.mark.parametrize(
    "key", ["\x00abcdefghijklmnopqrstuvwxyz12345", "a" * 31, "a" * 33, "A" * 32, "a" * 31 + "\n", "\u0661" * 32, ""]
)
def test_a_key_of_impossible_shape_is_an_empty_session_without_asking_the_database(
    key: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        session = SessionStore(key)
        assert (session.load(), session.session_key) == ({}, None)


def test_every_key_we_make_is_of_possible_shape(stored: SessionStore) -> None:
    keys = [stored.session_key]
    stored.cycle_key()
    assert all(SessionStore(key).session_key == key for key in (*keys, stored.session_key))


def after_the_end() -> time_machine.travel:
    """Return the clock as it stands when every session of now is over."""
    return time_machine.travel(timezone.now() + timedelta(seconds=site_settings.SESSION_IDLE_AGE + 5), tick=False)


def test_a_request_that_outlasts_its_session_does_not_prolong_it(stored: SessionStore) -> None:
    late = again(stored)
    assert late["colour"] == "blue"
    with after_the_end():
        late.touch()
        with pytest.raises(UpdateError):
            late.save()
    assert Session.objects.get().last_seen_at < timezone.now()


@pytest.mark.django_db(transaction=True)
def test_a_session_of_somebody_deleted_meanwhile_is_refused_and_not_tried_with_other_keys(user: User) -> None:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    User.objects.all().delete()
    with pytest.raises(IntegrityError):
        session.save()


def test_a_key_that_is_taken_makes_room_for_another(stored: SessionStore, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [str(stored.session_key), "n" * KEY_LENGTH]
    monkeypatch.setattr("accounts.sessions.engine.get_random_string", lambda *_: keys.pop(0))
    session = SessionStore()
    session.create()
    assert session.session_key == "n" * KEY_LENGTH
    assert again(stored)["colour"] == "blue"
