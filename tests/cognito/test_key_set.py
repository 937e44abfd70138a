"""The pool's public keys: fetched once, kept through an outage, never fetched at an attacker's pace."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from accounts.cognito.errors import UnknownKey, Unreachable
from accounts.cognito.key_set import KeySet
from tests import fault_proxy
from tests.fault_proxy import FaultProxy
from tests.signed_tokens import SigningPool

POOL = SigningPool()
JWKS = "jwks.json"


def publish(proxy: FaultProxy, pool: SigningPool) -> None:
    proxy.fail(JWKS, fault_proxy.answered(200, json.dumps(pool.jwks()).encode(), "application/json"))


@pytest.fixture
def endpoint() -> Iterator[FaultProxy]:
    # There is nothing behind it: the proxy itself answers for the pool.
    with FaultProxy("http://127.0.0.1:9") as proxy:
        publish(proxy, POOL)
        yield proxy


def key_set(endpoint: FaultProxy, *, timeout: float = 20, lifespan: float = 3600, cool_down: float = 10) -> KeySet:
    return KeySet(f"{endpoint.url}/pool/.well-known/{JWKS}", timeout=timeout, lifespan=lifespan, cool_down=cool_down)


def eventually(fact: object) -> bool:
    deadline = time.monotonic() + 30
    while not (found := fact()) and time.monotonic() < deadline:  # type: ignore[operator]
        time.sleep(0.01)
    return bool(found)


def fetching() -> list[threading.Thread]:
    """Return the threads that are fetching keys; one that a caller waited for would be over."""
    return [thread for thread in threading.enumerate() if thread.name == "key-set"]


def finish_fetching() -> None:
    for thread in fetching():
        thread.join(20)


def test_ten_thousand_checks_fetch_the_keys_once(endpoint: FaultProxy) -> None:
    keys = key_set(endpoint)
    assert all(keys.key("id-key") for _ in range(10_000))
    assert endpoint.calls[JWKS] == 1


def test_nothing_is_fetched_before_a_key_is_needed(endpoint: FaultProxy) -> None:
    key_set(endpoint)
    assert endpoint.calls[JWKS] == 0


def test_first_callers_share_one_fetch(endpoint: FaultProxy) -> None:
    keys = key_set(endpoint)
    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(keys.key, ["id-key"] * 16))
    assert endpoint.calls[JWKS] == 1


def test_a_key_the_pool_does_not_publish_is_unknown(endpoint: FaultProxy) -> None:
    keys = key_set(endpoint)
    assert keys.key("id-key")
    with pytest.raises(UnknownKey):
        keys.key("forged")


def test_forged_key_ids_cause_one_fetch_per_cool_down(endpoint: FaultProxy) -> None:
    keys = key_set(endpoint, cool_down=0)
    keys.key("id-key")
    keys.cool_down = 60
    for number in range(1000):
        with pytest.raises(UnknownKey):
            keys.key(f"forged-{number}")
    assert endpoint.calls[JWKS] == 2


def test_a_new_key_is_found_after_the_cool_down(endpoint: FaultProxy) -> None:
    keys = key_set(endpoint, cool_down=0)
    keys.key("id-key")
    publish(endpoint, SigningPool(id_key="new-key"))
    assert keys.key("new-key")


@pytest.mark.parametrize(
    "fault",
    [
        fault_proxy.closed_before(),
        fault_proxy.server_error(),
        fault_proxy.html_success(),
        fault_proxy.empty(),
        fault_proxy.answered(200, b'{"keys": []}'),
        fault_proxy.answered(200, b'{"keys": {}}'),
        fault_proxy.answered(200, b"[]"),
        fault_proxy.answered(200, b'{"keys": [{"kty": "RSA", "kid": "id-key", "n": "!", "e": "AQAB"}]}'),
        fault_proxy.answered(200, b" " * 300_000),
    ],
    ids=["closed", "500", "page", "nothing", "no keys", "odd keys", "list", "broken key", "huge"],
)
def test_a_known_key_survives_an_outage(endpoint: FaultProxy, fault: fault_proxy.Fault) -> None:
    keys = key_set(endpoint, lifespan=0, cool_down=0)
    known = keys.key("id-key")
    endpoint.fail(JWKS, fault)
    for _ in range(3):
        assert keys.key("id-key") is known
        finish_fetching()
    assert endpoint.calls[JWKS] == 4
    assert keys.key("id-key") is known
    finish_fetching()


GARBLED = fault_proxy.Answer(200, b"no gzip", headers=(("Content-Encoding", "gzip"),))


@pytest.mark.parametrize(
    "fault",
    [fault_proxy.truncated(), fault_proxy.Fault(rewrite=lambda _answer: GARBLED)],
    ids=["cut short", "garbled"],
)
def test_an_answer_that_breaks_off_is_an_outage_and_no_known_key_is_lost(
    endpoint: FaultProxy, fault: fault_proxy.Fault
) -> None:
    with FaultProxy(endpoint.url) as line:
        line.fail(JWKS, fault, times=1)
        keys = key_set(line, cool_down=0)
        with pytest.raises(Unreachable):
            keys.key("id-key")
        known = keys.key("id-key")
        line.fail(JWKS, fault)
        with pytest.raises(UnknownKey):
            keys.key("another")
        assert keys.key("id-key") is known


def test_a_process_that_can_have_no_more_threads_keeps_its_keys_and_finds_new_ones_later(
    endpoint: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    keys = key_set(endpoint, lifespan=0, cool_down=0)
    known = keys.key("id-key")
    publish(endpoint, SigningPool(id_key="new-key"))
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", full)
        assert keys.key("id-key") is known
    assert keys.key("new-key")


def test_no_caller_waits_while_the_keys_are_fetched_again(endpoint: FaultProxy) -> None:
    keys = key_set(endpoint, lifespan=0, timeout=20)
    keys.key("id-key")
    release = threading.Event()
    endpoint.fail(JWKS, fault_proxy.held(release), times=1)
    try:
        assert all(keys.key("id-key") for _ in range(100))
        assert fetching()
        assert eventually(lambda: endpoint.calls[JWKS] == 2)
        # Whoever had waited would have had the second answer, which is still to come.
        assert len(endpoint.answered) == 1
    finally:
        release.set()
        finish_fetching()


def test_an_unknown_key_does_not_wait_for_a_running_fetch(endpoint: FaultProxy) -> None:
    keys = key_set(endpoint, lifespan=0, timeout=20)
    keys.key("id-key")
    release = threading.Event()
    endpoint.fail(JWKS, fault_proxy.held(release), times=1)
    try:
        keys.key("id-key")
        assert eventually(lambda: endpoint.calls[JWKS] == 2)
        with pytest.raises(UnknownKey):
            keys.key("forged")
        assert fetching()
    finally:
        release.set()
        finish_fetching()


def test_without_any_keys_an_outage_is_an_outage(endpoint: FaultProxy) -> None:
    endpoint.fail(JWKS, fault_proxy.server_error())
    with pytest.raises(Unreachable):
        key_set(endpoint).key("id-key")


def test_the_keys_come_back_by_themselves(endpoint: FaultProxy) -> None:
    endpoint.fail(JWKS, fault_proxy.server_error(), times=1)
    keys = key_set(endpoint, cool_down=0)
    with pytest.raises(Unreachable):
        keys.key("id-key")
    assert keys.key("id-key")


def test_a_redirect_is_not_followed(endpoint: FaultProxy) -> None:
    elsewhere = fault_proxy.Answer(302, b"", headers=(("Location", f"{endpoint.url}/elsewhere"),))
    endpoint.fail(JWKS, fault_proxy.Fault(forward=False, rewrite=lambda _answer: elsewhere))
    with pytest.raises(Unreachable):
        key_set(endpoint).key("id-key")
    assert endpoint.calls["elsewhere"] == 0


def test_keys_of_another_kind_are_left_out(endpoint: FaultProxy) -> None:
    odd = [{"kty": "oct", "kid": "shared", "k": "c2VjcmV0"}, {"kty": "RSA", "kid": 7}, "text", *POOL.jwks()["keys"]]
    endpoint.fail(JWKS, fault_proxy.answered(200, json.dumps({"keys": odd}).encode()))
    keys = key_set(endpoint)
    assert keys.key("id-key")
    with pytest.raises(UnknownKey):
        keys.key("shared")
