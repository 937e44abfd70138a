"""What the doctor reads of the template's pool on the local AWS, and the same with something changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import fields, replace
from typing import Any, TypeAlias

import boto3
import pytest
from botocore.config import Config
from pytest_django import Settings

from accounts.cognito.config import Connection
from accounts.cognito.inspection import Inspection
from accounts.doctor import rules  # noqa: F401 -- importing registers them
from accounts.doctor.examination import examine
from accounts.doctor.registry import RULES, Finding
from accounts.doctor.site import Site
from accounts.doctor.snapshot import Snapshot, take
from devcloud.start import LocalAWS
from tests.doctor.stubbed_aws import AWS
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool

# What the local AWS does not offer, and what it would say of an AWS account that is in order.
IN_ORDER: dict[str, Any] = {"sms_sandbox": False, "web_acl": "", "sign_in_quota": 120.0, "live_sessions": 0}

Changed: TypeAlias = Callable[..., Snapshot]
Client: TypeAlias = Callable[..., Any]


def clients_with(key: Mapping[str, str]) -> Client:
    """Return what makes clients of AWS services with an AWS key, as the Inspection wants it."""
    session = boto3.Session(
        aws_access_key_id=key["AWS_ACCESS_KEY_ID"], aws_secret_access_key=key["AWS_SECRET_ACCESS_KEY"]
    )

    def client(service: Any, connection: Connection) -> Any:
        config = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=10)
        return session.client(
            service, region_name=connection.region, endpoint_url=connection.endpoint_url, config=config
        )

    return client


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory, site_port: int) -> Iterator[LocalAWS]:
    """A local AWS that no other test has changed anything in."""
    directory = tmp_path_factory.mktemp("examined") / "devcloud"
    with LocalAWS.start(directory, origin=f"http://localhost:{site_port}", saves=False) as running:
        yield running


@pytest.fixture(scope="session")
def local_pool(local_aws: LocalAWS) -> LocalPool:
    """The template's pool as it was deployed."""
    return LocalPool(local_aws)


@pytest.fixture(scope="session")
def _proxy(local_aws: LocalAWS) -> Iterator[FaultProxy]:
    with FaultProxy(local_aws.settings.endpoint) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def site_user(local_pool: LocalPool) -> str:
    """The ARN of whose key the site has."""
    sts = clients_with(local_pool.env)("sts", local_pool.config.connection)
    return str(sts.get_caller_identity()["Arn"])


@pytest.fixture(scope="session")
def clean(local_aws: LocalAWS, local_pool: LocalPool, site_user: str) -> Snapshot:
    """What an operator's key reads of the template's pool."""
    config = local_pool.config
    site = Site(
        config=config,
        url=local_aws.settings.origin,
        session_seconds=30 * 24 * 60 * 60,
        challenge_seconds=15 * 60,
        refresh_margin=120,
    )
    names = {entry.name for entry in fields(Snapshot)} - IN_ORDER.keys()
    taken = take(Inspection(clients_with(local_aws.root_env), config), site, names, principal=site_user)
    return replace(taken, **IN_ORDER)


@pytest.fixture
def changed(clean: Snapshot) -> Changed:
    """Returns the clean snapshot with some fields of its values changed; `config` is the site's."""

    def change(config: Mapping[str, Any] | None = None, **changes: Any) -> Snapshot:
        site = replace(clean.site, config=replace(clean.site.config, **(config or {})))
        snapshot = replace(clean, site=site)
        for name, value in changes.items():
            before = getattr(snapshot, name)
            snapshot = replace(snapshot, **{name: replace(before, **value) if isinstance(value, dict) else value})
        return snapshot

    return change


@pytest.fixture
def aws() -> Iterator[AWS]:
    """AWS, asked as Amazon's own."""
    with ExitStack() as stack:
        yield AWS(stack)


def found(snapshot: Snapshot, rule_id: str) -> Finding | None:
    """Return what one rule finds."""
    report = examine(snapshot, [RULES[rule_id]])
    assert not report.not_judged, report.not_judged
    return report.findings.get(rule_id)


@pytest.fixture
def operator(
    local_aws: LocalAWS,
    local_pool: LocalPool,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    db: None,
) -> LocalPool:
    """The site before the template's pool, and the administrator's AWS key in the environment of the command."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, local_aws.root_env[name])
    settings.COGNITO = local_pool.cognito_setting()
    settings.SITE_URL = local_aws.settings.origin
    return local_pool
