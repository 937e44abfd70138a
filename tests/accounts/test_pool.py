"""What is known of the pool: an outage changes no page."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pytest_django import Settings

from accounts import conf, pool
from accounts.cognito.errors import Misconfigured, Unreachable
from accounts.cognito.results import PasswordPolicy, PoolDescription
from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.conftest import UsePool
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool

DESCRIBED = PoolDescription(password_policy=PasswordPolicy(minimum_length=15))


class FakeDirectory:
    """Describes the pool as `describe` says, and counts how often it was asked."""

    def __init__(self, describe: Callable[[], PoolDescription]) -> None:
        self._describe, self.asked = describe, 0

    def describe(self) -> PoolDescription:
        self.asked += 1
        return self._describe()


@pytest.fixture
def asks(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], PoolDescription]], FakeDirectory]:
    def use(describe: Callable[[], PoolDescription]) -> FakeDirectory:
        pool.reset(setting="COGNITO")
        directory = FakeDirectory(describe)
        monkeypatch.setattr(conf, "directory", lambda: directory)
        return directory

    return use


Asks = Callable[[Callable[[], PoolDescription]], FakeDirectory]


def refuse() -> PoolDescription:
    raise Misconfigured("DescribeUserPool", "AccessDeniedException")


def hang_up() -> PoolDescription:
    raise Unreachable("DescribeUserPool", "ReadTimeoutError")


def test_a_pool_that_may_not_be_asked_is_assumed_to_be_aws_default(asks: Asks) -> None:
    asks(refuse)
    assert pool.description() == pool.assumed()


def test_a_pool_with_the_choice_flow_is_assumed_to_offer_one(asks: Asks, settings: Settings) -> None:
    settings.COGNITO = {**settings.COGNITO, "AUTH_FLOW": "USER_AUTH"}
    asks(refuse)
    assert pool.description().choice


def test_a_refusal_is_not_repeated_at_once(asks: Asks) -> None:
    directory = asks(refuse)
    pool.description()
    pool.description()
    assert directory.asked == 1


def test_an_answer_is_trusted_for_a_while_and_then_asked_for_again(asks: Asks) -> None:
    directory = asks(lambda: DESCRIBED)
    pool.description()
    pool.description()
    assert directory.asked == 1
    pool.DescribedPool.expires = 0.0
    pool.description()
    assert directory.asked == 2


def test_an_outage_keeps_what_was_known(asks: Asks, monkeypatch: pytest.MonkeyPatch) -> None:
    asks(lambda: DESCRIBED)
    pool.description()
    pool.DescribedPool.expires = 0.0
    monkeypatch.setattr(conf, "directory", lambda: FakeDirectory(hang_up))
    assert pool.description() == DESCRIBED


def test_whoever_comes_while_the_first_one_asks_waits_for_the_answer(asks: Asks) -> None:
    def slow() -> PoolDescription:
        time.sleep(0.2)
        return DESCRIBED

    directory = asks(slow)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: pool.description(), range(4)))
    assert answers == [DESCRIBED] * 4
    assert directory.asked == 1


def test_whoever_comes_while_it_is_asked_again_does_not_wait(asks: Asks) -> None:
    asking, answered = threading.Event(), threading.Event()

    def slow() -> PoolDescription:
        if pool.DescribedPool.description is not None:
            asking.set()
            answered.wait(5)
        return DESCRIBED

    asks(slow)
    pool.description()
    pool.DescribedPool.expires = 0.0
    another = threading.Thread(target=pool.description)
    another.start()
    assert asking.wait(5)
    assert pool.description() == DESCRIBED
    assert another.is_alive()
    answered.set()
    another.join(5)


@pytest.mark.parametrize(
    ("way", "required"), [("email", "email"), ("phone", "phone_number"), ("username_phone", "phone_number")]
)
def test_a_pool_that_may_not_be_asked_wants_what_codes_go_to(
    asks: Asks, settings: Settings, way: str, required: str
) -> None:
    settings.COGNITO = {**settings.COGNITO, "SIGN_IN_WITH": way}
    asks(refuse)
    assert [each.name for each in pool.description().attributes if each.required] == [required]


@pytest.fixture
def role(local_pool: LocalPool, use_pool: UsePool, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    """The pool of a site whose AWS key is that of its container's role, and what tells it that key for a minute."""
    with FaultProxy(local_pool.endpoint) as server:
        server.sign_with(local_pool.env)
        use_pool(local_pool, ENDPOINT_URL=server.url)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{server.url}/role")
        monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0)
        ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 60))
        key = {"AccessKeyId": "AKIAEXAMPLE", "SecretAccessKey": "of-the-role", "Token": "", "Expiration": ends}
        server.fail("role", fault_proxy.answered(200, json.dumps(key).encode(), "application/json"))
        yield server


@pytest.mark.parametrize("path", ["/login/", "/register/", "/account/", "/account/security/"])
def test_an_outage_of_the_aws_keys_role_changes_no_page(role: FaultProxy, local_pool: LocalPool, path: str) -> None:
    person, browser = local_pool.person(), CheckedClient()
    if path.startswith("/account/"):
        browser.post("/login/", {"username": person.email, "password": person.password})
    assert browser.get(path).status_code == 200
    assert pool.DescribedPool.description is not None
    pool.DescribedPool.expires = 0.0
    role.fail("role", fault_proxy.server_error())
    assert browser.get(path).status_code == 200
    assert pool.expired() is False
    pool.DescribedPool.description, pool.DescribedPool.expires = None, 0.0
    assert browser.get(path).status_code == 200
