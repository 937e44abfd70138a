"""Where tries are counted: all counters of a try or none, none for good, none a stranger can wipe."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis
import time_machine
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCacheClient
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts import counters
from accounts.counters import Charge, DatabaseStore, FallingBackStore, ProcessStore, RedisStore, Store, registered
from accounts.models import Count

REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
ADA, BOB, OFFICE = "limit:name:aaaa0", "limit:name:bbbb0", "limit:address:cccc0"


def charge(key: str = ADA, most: int = 3, seconds: int = 300) -> Charge:
    return Charge(key, most, seconds)


def made(store: Store, number: int, *charges: Charge) -> int:
    """Return how many of `number` tries are let through."""
    return sum(store.charge(charges or [charge()]).charged for _ in range(number))


@pytest.fixture
def redis_cache(settings: Settings) -> Any:
    """A cache in Redis with keys of its own."""
    try:
        redis.Redis.from_url(REDIS, socket_connect_timeout=3).ping()
    except redis.ConnectionError as error:
        pytest.skip(f"Redis does not answer ({error}); TEST_REDIS_URL says where it is")
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": REDIS, "KEY_PREFIX": secrets.token_hex(6)}}
    return caches["default"]


@pytest.fixture(params=["redis", pytest.param("database", marks=pytest.mark.django_db(transaction=True)), "process"])
def store(request: pytest.FixtureRequest) -> Store:
    """Each of the places to count in."""
    makers: dict[str, Callable[[], Store]] = {
        "redis": lambda: RedisStore(request.getfixturevalue("redis_cache")),
        "database": DatabaseStore,
        "process": ProcessStore,
    }
    return makers[request.param]()


def test_only_so_many_are_let_through(store: Store) -> None:
    assert made(store, 10) == 3


def test_another_key_has_a_counter_of_its_own(store: Store) -> None:
    assert made(store, 10) == made(store, 10, charge(BOB)) == 3


def test_who_is_refused_by_one_counter_uses_up_nothing_of_another(store: Store) -> None:
    assert made(store, 10, charge(OFFICE, most=2), charge(ADA)) == 2
    assert made(store, 10, charge(ADA)) == 1


def test_what_is_given_back_can_be_used_again(store: Store) -> None:
    assert made(store, 3) == 3
    store.refund([ADA, BOB])
    assert made(store, 3) == 1


def test_no_more_is_given_back_than_was_taken(store: Store) -> None:
    for _ in range(5):
        store.refund([ADA])
    assert made(store, 1) == 1
    for _ in range(5):
        store.refund([ADA])
    assert made(store, 10) == 3


def test_a_cleared_counter_begins_afresh(store: Store) -> None:
    assert made(store, 10) == 3
    store.clear([ADA])
    assert made(store, 10) == 3


@pytest.mark.parametrize("other", [{"most": 10, "seconds": 3000}, {"most": 1, "seconds": 30}], ids=["left", "sooner"])
def test_a_refusal_says_which_limit_and_for_how_long(store: Store, other: dict[str, int]) -> None:
    charges = [charge(OFFICE, **other), charge(ADA, most=1, seconds=300)]
    assert store.charge(charges).charged
    spent = store.charge(charges).spent(charges)
    assert spent.limit == "name"
    assert 298 <= spent.seconds_left <= 300


def test_fifty_at_once_are_counted_one_by_one(store: Store) -> None:
    def one(_: int) -> int:
        try:
            return made(store, 1, charge(OFFICE, most=100), charge(ADA))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        # One may be refused for another that was refused itself, and none is let through for it.
        let_in = sum(threads.map(one, range(50)))
    assert let_in + made(store, 10) == 3


@pytest.mark.parametrize("name", ["database", "process"])
@pytest.mark.django_db
def test_the_window_ends_whatever_came_in_between(name: str) -> None:
    store = DatabaseStore() if name == "database" else ProcessStore()
    with time_machine.travel(1_700_000_000, tick=False) as clock:
        assert made(store, 3) == 3
        clock.shift(299)
        assert made(store, 3) == 0
        clock.shift(1)
        assert made(store, 10) == 3


def test_the_window_ends_in_redis(redis_cache: Any) -> None:
    store, client = RedisStore(redis_cache), redis_cache._cache.get_client()
    store.charge([charge()])
    client.expire(redis_cache.make_key(ADA), 100)
    store.charge([charge()])
    assert client.ttl(redis_cache.make_key(ADA)) <= 100


def test_scripts_go_to_the_redis_that_is_written_to() -> None:
    client = RedisCacheClient(["redis://primary", "redis://replica"])
    connections = registered(client, counters.CHARGE).registered_client.connection_pool
    assert connections.connection_kwargs["host"] == "primary"


@pytest.mark.parametrize("count", [1, 3])
def test_a_counter_without_an_end_is_given_one(redis_cache: Any, count: int) -> None:
    client, key = redis_cache._cache.get_client(), redis_cache.make_key(ADA)
    client.set(key, count)
    RedisStore(redis_cache).charge([charge()])
    assert 0 < client.ttl(key) <= 300


def test_a_refund_leaves_no_counter_without_an_end(redis_cache: Any) -> None:
    client, key = redis_cache._cache.get_client(), redis_cache.make_key(ADA)
    RedisStore(redis_cache).refund([ADA])
    assert client.get(key) is None
    RedisStore(redis_cache).charge([charge()])
    RedisStore(redis_cache).refund([ADA])
    assert 0 < client.ttl(key) <= 300


@pytest.mark.django_db
def test_a_charge_is_one_statement_and_leaves_no_row_of_who_is_refused() -> None:
    made(DatabaseStore(), 3, charge(OFFICE))
    with CaptureQueriesContext(connection) as queries:
        assert DatabaseStore().charge([charge(BOB)]).charged
    assert len(queries) == 1
    assert made(DatabaseStore(), 1, charge(OFFICE), charge(ADA)) == 0
    assert not Count.objects.filter(key=ADA).exists()


@pytest.mark.django_db
def test_counters_that_are_over_are_pruned_in_batches_and_others_never() -> None:
    with time_machine.travel(1_700_000_000, tick=False) as clock:
        for number in range(5):
            made(DatabaseStore(), 1, charge(f"limit:name:{number}"))
        clock.shift(200)
        made(DatabaseStore(), 1, charge(ADA))
        assert counters.prune(3) == 0
        clock.shift(150)
        assert [counters.prune(3), counters.prune(3), counters.prune(3)] == [3, 2, 0]
    assert Count.objects.get().key == ADA


@pytest.mark.django_db
def test_the_site_prunes_by_itself_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    Count.objects.create(key="limit:name:old", count=1, expires_at=1)
    made(DatabaseStore(), 1)
    assert Count.objects.filter(key="limit:name:old").exists()
    monkeypatch.setattr(counters.Pruning, "due", 0.0)
    made(DatabaseStore(), 2)
    assert Count.objects.get().key == ADA


@pytest.mark.django_db
def test_nobody_waits_while_another_thread_prunes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters.Pruning, "due", 0.0)
    with counters.Pruning.lock:
        assert made(DatabaseStore(), 1) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_pruning_waits_for_nobody_who_charges_and_so_in_no_circle() -> None:
    Count.objects.bulk_create([Count(key=key, count=1, expires_at=1) for key in (ADA, BOB)])
    charged, pruned = threading.Event(), threading.Event()

    def charge_slowly() -> bool:
        try:
            with transaction.atomic():
                DatabaseStore().charge([charge(BOB)])
                charged.set()
                return pruned.wait(5)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        waited = threads.submit(charge_slowly)
        assert charged.wait(20)
        assert counters.prune(10) == 1
        pruned.set()
        assert waited.result()
    assert Count.objects.get().key == BOB


@pytest.mark.parametrize("backend", ["locmem.LocMemCache", "dummy.DummyCache", "db.DatabaseCache"])
def test_a_cache_that_forgets_or_cannot_count_is_not_counted_in(settings: Settings, backend: str) -> None:
    settings.CACHES = {"default": {"BACKEND": f"django.core.cache.backends.{backend}", "LOCATION": "counts"}}
    assert isinstance(counters.store(), DatabaseStore)


class Gone:
    """A Redis that has gone, and counts who asks for it."""

    asked = 0

    def charge(self, _: Any) -> Any:
        Gone.asked += 1
        raise ConnectionError("connection refused")

    refund = clear = charge


@pytest.fixture
def falling_back(monkeypatch: pytest.MonkeyPatch) -> FallingBackStore:
    """A store whose Redis has gone."""
    store = FallingBackStore(Gone())  # type: ignore[arg-type]
    monkeypatch.setattr(store, "_redis", Gone())
    monkeypatch.setattr(Gone, "asked", 0)
    return store


def test_limits_hold_while_redis_is_down(falling_back: FallingBackStore, caplog: pytest.LogCaptureFixture) -> None:
    assert made(falling_back, 10) == 3
    falling_back.refund([ADA])
    assert made(falling_back, 10) == 1
    falling_back.clear([ADA])
    assert made(falling_back, 10) == 3
    assert "cache unavailable" in caplog.text


def test_redis_is_asked_again_only_after_a_while(falling_back: FallingBackStore) -> None:
    with time_machine.travel(1_700_000_000, tick=False):
        made(falling_back, 10)
    assert Gone.asked == 1
    FallingBackStore.resting_until = 0.0
    made(falling_back, 1)
    assert Gone.asked == 2


def test_a_process_that_counts_by_itself_keeps_no_more_than_so_much() -> None:
    store = ProcessStore()
    assert made(store, 10) == 3
    for number in range(70_000):
        store.charge([charge(f"limit:name:{number:08x}"[:-8] + f"{number:08x}"[::-1])])
    assert len(store._counters) <= 16**counters.BUCKETS
    assert made(store, 10) == 0


@pytest.mark.django_db(transaction=True)
def test_what_is_given_back_before_it_was_looked_at_is_there_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    store, looked = DatabaseStore(), DatabaseStore._standings

    def given_back_meanwhile(store: DatabaseStore, charges: Any, now: int) -> Any:
        store.refund([ADA])
        return looked(store, charges, now)

    made(store, 3)
    monkeypatch.setattr(DatabaseStore, "_standings", given_back_meanwhile)
    assert made(store, 1) == 1
