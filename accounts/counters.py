"""Where tries are counted: in Redis where the site's cache is one, else in the database, and nowhere that forgets.

Several counters are charged in one atomic step, all of them or none: who is refused by one uses up nothing of another.
A counter begins with the first charge and ends ``seconds`` later, whatever comes in between (a fixed window).
"""

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from django.core.cache import BaseCache, caches
from django.core.cache.backends.redis import RedisCache
from django.db import connection, transaction

from accounts.models import Count

logger = logging.getLogger(__name__)

RETRY = 5  # seconds that a process counts by itself after Redis has failed it, before it asks again
BUCKETS = 4  # hexadecimal digits of a key that a process tells apart while it counts by itself
REPEATS = 3  # tries to charge what nothing is in the way of any longer
PRUNE_EVERY = 60  # seconds between two looks of a process for counters that are over
PRUNE_BATCH = 200  # rows


@dataclass(frozen=True)
class Charge:
    """One more for the counter ``key``, which takes at most ``most`` in ``seconds``."""

    key: str
    most: int
    seconds: int


@dataclass(frozen=True)
class Standing:
    """What a counter stands at, and in how many seconds it is forgotten."""

    count: int
    seconds_left: int


@dataclass(frozen=True)
class Spent:
    """The name of a limit that is reached, and in how many seconds its counter is forgotten."""

    limit: str
    seconds_left: int


@dataclass(frozen=True)
class Outcome:
    """Whether the charges were made (all, or none), and what their counters stand at, by key."""

    charged: bool
    standings: Mapping[str, Standing]

    def spent(self, charges: Sequence[Charge]) -> Spent:
        """Return which of ``charges``, that were not made, is to be waited for: the longest if there are several."""
        spent = [charge for charge in charges if self.standings[charge.key].count >= charge.most]
        longest = max(spent or charges, key=lambda charge: self.standings[charge.key].seconds_left)
        return Spent(longest.key.split(":")[1], self.standings[longest.key].seconds_left)


class Store(Protocol):
    """What a place to count in can do."""

    def charge(self, charges: Sequence[Charge]) -> Outcome:
        """Count one for each of ``charges``, or nothing at all where one of them is at its most."""

    def refund(self, keys: Sequence[str]) -> None:
        """Take one back from each counter that has any."""

    def clear(self, keys: Sequence[str]) -> None:
        """Begin to count afresh."""


# A counter without an expiry, however it came to be, is given one: it would lock somebody out for good.
# https://redis.io/docs/latest/develop/programmability/eval-intro/
CHARGE = """
local counts, left, refused = {}, {}, 0
for i, key in ipairs(KEYS) do
  local most, seconds = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  counts[i] = tonumber(redis.call('GET', key) or '0')
  left[i] = redis.call('TTL', key)
  if left[i] == -1 then redis.call('EXPIRE', key, seconds) end
  if left[i] < 0 then left[i] = seconds end
  if counts[i] >= most then refused = 1 end
end
if refused == 0 then
  for i, key in ipairs(KEYS) do
    counts[i] = redis.call('INCR', key)
    if counts[i] == 1 then
      left[i] = tonumber(ARGV[2 * i])
      redis.call('EXPIRE', key, left[i])
    end
  end
end
return {refused, counts, left}
"""
REFUND = """
for _, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') > 0 then redis.call('DECR', key) end
end
"""


class RedisStore:
    """Counts in the Redis that is the site's cache, one script a call: nobody comes between count and expiry."""

    def __init__(self, cache: RedisCache) -> None:
        self._cache = cache

    def charge(self, charges: Sequence[Charge]) -> Outcome:
        """See :class:`Store`."""
        arguments = [number for charge in charges for number in (charge.most, charge.seconds)]
        refused, counts, left = self._run(CHARGE, [charge.key for charge in charges], arguments)
        found = zip(charges, counts, left, strict=True)
        return Outcome(not refused, {charge.key: Standing(count, seconds) for charge, count, seconds in found})

    def refund(self, keys: Sequence[str]) -> None:
        """See :class:`Store`."""
        self._run(REFUND, keys, [])

    def clear(self, keys: Sequence[str]) -> None:
        """See :class:`Store`."""
        self._cache.delete_many(keys)

    def _run(self, script: str, keys: Sequence[str], arguments: Sequence[int]) -> Any:
        run = registered(self._cache._cache, script)
        return run([self._cache.make_key(key) for key in keys], arguments)


@lru_cache(maxsize=256)
def registered(client: Any, script: str) -> Any:
    """Return ``script`` as something to call; making a client of Redis takes longer than calling it.

    ``client`` is that of a cache, of which Django makes one a thread.
    """
    return client.get_client(write=True).register_script(script)


class DatabaseStore:
    """Counts in rows of the database, one statement a call, on SQLite and PostgreSQL alike.

    https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT, https://www.sqlite.org/lang_upsert.html
    """

    # Rows are taken in the order of their keys: two calls that share several never wait for each other in a circle.
    # The WHERE keeps out most of those who are refused, so that they leave no rows of names they made up.
    _CHARGE = """
        INSERT INTO accounts_count (key, count, expires_at)
        SELECT * FROM (VALUES {values}) AS charges
        WHERE NOT EXISTS (SELECT 1 FROM accounts_count WHERE expires_at > {now} AND ({spent}))
        ON CONFLICT (key) DO UPDATE SET
            count = CASE WHEN accounts_count.expires_at > {now} THEN accounts_count.count + 1 ELSE 1 END,
            expires_at = CASE WHEN accounts_count.expires_at > {now} THEN accounts_count.expires_at
                              ELSE excluded.expires_at END
        RETURNING key, count, expires_at
    """
    _REFUND = """
        INSERT INTO accounts_count (key, count, expires_at) VALUES {values}
        ON CONFLICT (key) DO UPDATE SET
            count = CASE WHEN accounts_count.count > 0 THEN accounts_count.count - 1 ELSE 0 END
    """

    def charge(self, charges: Sequence[Charge]) -> Outcome:
        """See :class:`Store`."""
        prune_now_and_then()
        # What was in the way may be given back before it is looked at: then there is room, and nobody is to be refused.
        for _ in range(REPEATS):
            outcome = self._charge(charges, int(time.time()))
            if outcome.charged or any(outcome.standings[charge.key].count >= charge.most for charge in charges):
                break
        return outcome

    def _charge(self, charges: Sequence[Charge], now: int) -> Outcome:
        ordered = sorted(charges, key=lambda charge: charge.key)
        statement = self._CHARGE.format(
            values=", ".join(["(%s, 1, %s)"] * len(ordered)),
            spent=" OR ".join(["(key = %s AND count >= %s)"] * len(ordered)),
            now=now,
        )
        values = [value for charge in ordered for value in (charge.key, now + charge.seconds)]
        spent = [value for charge in ordered for value in (charge.key, charge.most)]
        with connection.cursor() as cursor:
            cursor.execute(statement, [*values, *spent])
            rows = cursor.fetchall()
        standings = standings_of(rows, now)
        if not standings:
            return Outcome(False, self._standings(charges, now))
        # Charges of the same moment did not see each other's rows in the statement, so the counts are compared again.
        if any(standings[charge.key].count > charge.most for charge in charges):
            self.refund([charge.key for charge in charges])
            return Outcome(False, {key: Standing(it.count - 1, it.seconds_left) for key, it in standings.items()})
        return Outcome(True, standings)

    def _standings(self, charges: Sequence[Charge], now: int) -> Mapping[str, Standing]:
        rows = Count.objects.filter(key__in=[charge.key for charge in charges], expires_at__gt=now)
        found = standings_of(rows.values_list("key", "count", "expires_at"), now)
        return {charge.key: Standing(0, 1) for charge in charges} | found

    def refund(self, keys: Sequence[str]) -> None:
        """See :class:`Store`."""
        values = ", ".join(["(%s, 0, 0)"] * len(keys))
        with connection.cursor() as cursor:
            cursor.execute(self._REFUND.format(values=values), sorted(keys))

    def clear(self, keys: Sequence[str]) -> None:
        """See :class:`Store`."""
        Count.objects.filter(key__in=keys).delete()


def standings_of(rows: Any, now: int) -> dict[str, Standing]:
    """Return the standings in ``rows`` of key, count and moment of expiry, at the moment ``now`` (epoch)."""
    return {key: Standing(count, max(1, expires_at - now)) for key, count, expires_at in rows}


class ProcessStore:
    """Counts in this process, for the time that Redis does not answer; every process then has the whole budget.

    Keys are told apart by a few digits of their hash, so that there is a bound to what is kept and nothing has to be
    forgotten to make room: no stranger can wipe a count, and now and then two people share one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counters: dict[str, tuple[int, float]] = {}

    def charge(self, charges: Sequence[Charge]) -> Outcome:
        """See :class:`Store`."""
        now = time.time()
        with self._lock:
            found = {charge.key: self._counter(charge, now) for charge in charges}
            charged = all(found[charge.key][0] < charge.most for charge in charges)
            if charged:
                found = {key: (count + 1, ends) for key, (count, ends) in found.items()}
                self._counters |= {bucket(key): counter for key, counter in found.items()}
        return Outcome(charged, {key: Standing(count, max(1, int(ends - now))) for key, (count, ends) in found.items()})

    def _counter(self, charge: Charge, now: float) -> tuple[int, float]:
        count, ends = self._counters.get(bucket(charge.key), (0, 0.0))
        return (count, ends) if ends > now else (0, now + charge.seconds)

    def refund(self, keys: Sequence[str]) -> None:
        """See :class:`Store`."""
        with self._lock:
            for name in map(bucket, keys):
                count, ends = self._counters.get(name, (0, 0.0))
                if count:
                    self._counters[name] = (count - 1, ends)

    def clear(self, keys: Sequence[str]) -> None:
        """See :class:`Store`."""
        with self._lock:
            for key in keys:
                self._counters.pop(bucket(key), None)


def bucket(key: str) -> str:
    """Return the name of ``key``'s limit and the first digits of its hash."""
    name, _, digest = key.rpartition(":")
    return f"{name}:{digest[:BUCKETS]}"


class FallingBackStore:
    """Counts in Redis, and in this process while Redis fails, so that tries stay limited and people still get in."""

    process = ProcessStore()
    # Until when Redis is left alone (monotonic).
    resting_until = 0.0

    def __init__(self, cache: RedisCache) -> None:
        self._redis = RedisStore(cache)

    def _either(self, act: str, argument: Sequence[Any]) -> Any:
        if time.monotonic() >= FallingBackStore.resting_until:
            try:
                return getattr(self._redis, act)(argument)
            except Exception as error:  # noqa: BLE001 -- whatever the client of Redis raises
                FallingBackStore.resting_until = time.monotonic() + RETRY
                logger.error("cache unavailable", extra={"error": type(error).__name__})
        return getattr(self.process, act)(argument)

    def charge(self, charges: Sequence[Charge]) -> Outcome:
        """See :class:`Store`."""
        outcome: Outcome = self._either("charge", charges)
        return outcome

    def refund(self, keys: Sequence[str]) -> None:
        """See :class:`Store`."""
        self._either("refund", keys)

    def clear(self, keys: Sequence[str]) -> None:
        """See :class:`Store`."""
        self._either("clear", keys)


def store() -> Store:
    """Return where tries are counted: Redis where the default cache is one, else the database.

    No other cache of Django's both counts in one step and keeps what it counted.
    """
    cache: BaseCache = caches["default"]
    return FallingBackStore(cache) if isinstance(cache, RedisCache) else DatabaseStore()


class Pruning:
    """When this process last looked for counters that are over (monotonic)."""

    lock = threading.Lock()
    due = time.monotonic() + PRUNE_EVERY


def prune_now_and_then() -> None:
    """Delete some counters that are over, at most once in PRUNE_EVERY seconds in each process."""
    if time.monotonic() < Pruning.due or not Pruning.lock.acquire(blocking=False):
        return
    try:
        Pruning.due = time.monotonic() + PRUNE_EVERY
        prune(PRUNE_BATCH)
    finally:
        Pruning.lock.release()


def prune(batch: int) -> int:
    """Delete at most ``batch`` counters that are over; return how many rows went.

    One that is charged at this moment is left for the next time: whoever charges it may wait for another of the batch.
    https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-DEADLOCKS
    """
    over = Count.objects.filter(expires_at__lte=int(time.time())).order_by("expires_at")
    with transaction.atomic():
        held = over.select_for_update(skip_locked=True).values_list("key", flat=True)
        return Count.objects.filter(key__in=list(held[:batch])).delete()[0]
