"""The pool that the conformance tests call: one on a local AWS, or a real one named by environment variables.

With LIVE_COGNITO_USER_POOL_ID, LIVE_COGNITO_CLIENT_ID and LIVE_COGNITO_CLIENT_SECRET the tests use that pool, the
Region of its id, and the AWS credentials boto3 finds. Those that read messages, make pools or move the clock are
skipped then, and everybody the others make is deleted at the end. The pool takes e-mail addresses in any case as
usernames. The client hides who exists, rotates refresh tokens and allows ALLOW_USER_PASSWORD_AUTH, ALLOW_USER_SRP_AUTH,
ALLOW_USER_AUTH and ALLOW_ADMIN_USER_PASSWORD_AUTH. `infra/cognito.yaml` makes such a pool and client.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from devcloud.ports import free_port
from devcloud.settings import Settings
from devcloud.start import LocalAWS
from tests.devcloud.conformance.user_pool import AppClient, Outbox, Person
from tests.network import stay_on_loopback

LIVE_POOL = os.environ.get("LIVE_COGNITO_USER_POOL_ID", "")
FLOWS = [
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_USER_AUTH",
]
SENDER = "arn:aws:ses:eu-west-1:000000000000:identity/example.com"
SMS_ROLE = "arn:aws:iam::000000000000:role/text-messages"
ONCE: Any = {"total_max_attempts": 1}

MakePool: TypeAlias = Callable[..., AppClient]
Clock: TypeAlias = Callable[[float], Any]


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        if not LIVE_POOL:
            stay_on_loopback(monkeypatch)
        yield


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAWS]:
    """A local AWS without the site's template, whose clock can be moved."""
    if LIVE_POOL:
        pytest.skip("needs the local AWS")
    base = tmp_path_factory.mktemp("conformance")
    offset = base / "clock"
    offset.write_text("0")
    running = LocalAWS(Settings(directory=base / "devcloud", port=free_port(), saves=False))
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent / "clock"))
        monkeypatch.setenv("CONFORMANCE_CLOCK", str(offset))
        running.serve()
    with running:
        yield running


@pytest.fixture
def outbox(server: LocalAWS) -> Outbox:
    """The messages that the local AWS has sent."""
    return Outbox(server.settings.outbox)


@pytest.fixture
def later(server: LocalAWS) -> Clock:
    """Moves the clock of the local AWS ahead by some seconds for the length of a `with` block."""

    @contextmanager
    def moved(seconds: float) -> Iterator[None]:
        set_clock(server, str(seconds))
        try:
            yield
        finally:
            set_clock(server, "0")

    return moved


@pytest.fixture
def slowly(server: LocalAWS) -> Iterator[None]:
    """Has the local AWS find a second gone by each time it looks at its clock."""
    set_clock(server, "0+")
    yield
    set_clock(server, "0")


def set_clock(server: LocalAWS, offset: str) -> None:
    """Move the clock of the local AWS, see `clock/`; it reads the file all the time and must never find it empty."""
    clock = server.settings.directory.parent / "clock"
    clock.with_suffix(".new").write_text(offset)
    clock.with_suffix(".new").replace(clock)


@pytest.fixture(scope="session")
def make_pool(server: LocalAWS) -> MakePool:
    """Makes a pool on the local AWS, by default like the site's, and a client of it.

    `client` are properties of the app client that differ, the rest properties of the pool.
    """
    root = server.root_env
    where = {"region_name": server.settings.region, "endpoint_url": server.settings.endpoint}
    keys = {name.lower(): root[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    session: Any = boto3.Session()
    admin = session.client("cognito-idp", config=Config(retries=ONCE), **where, **keys)
    public = session.client("cognito-idp", config=Config(retries=ONCE, signature_version=UNSIGNED), **where)

    def make(*, client: dict[str, Any] | None = None, mfa: dict[str, Any] | None = None, **pool: Any) -> AppClient:
        defaults = {
            "UsernameAttributes": ["email"],
            "UsernameConfiguration": {"CaseSensitive": False},
            "AutoVerifiedAttributes": ["email"],
            "EmailConfiguration": {"EmailSendingAccount": "DEVELOPER", "SourceArn": SENDER},
            "SmsConfiguration": {"SnsCallerArn": SMS_ROLE},
        }
        made = admin.create_user_pool(PoolName="conformance", **(defaults | pool))["UserPool"]
        if mfa:
            admin.set_user_pool_mfa_config(UserPoolId=made["Id"], **mfa)
        settings = {
            "GenerateSecret": True,
            "ExplicitAuthFlows": FLOWS,
            "PreventUserExistenceErrors": "ENABLED",
            **(client or {}),
        }
        created = admin.create_user_pool_client(UserPoolId=made["Id"], ClientName="conformance", **settings)
        known = created["UserPoolClient"]
        return AppClient(public, admin, made["Id"], known["ClientId"], known.get("ClientSecret"))

    return make


@pytest.fixture(scope="session")
def app(request: pytest.FixtureRequest) -> Iterator[AppClient]:
    """The app client that most tests use: of the live pool, which is left as it was, or of one on the local AWS."""
    if not LIVE_POOL:
        yield request.getfixturevalue("make_pool")()
        return
    session: Any = boto3.Session(region_name=LIVE_POOL.partition("_")[0])
    live = AppClient(
        session.client("cognito-idp", config=Config(retries=ONCE, signature_version=UNSIGNED)),
        session.client("cognito-idp"),
        LIVE_POOL,
        os.environ["LIVE_COGNITO_CLIENT_ID"],
        os.environ["LIVE_COGNITO_CLIENT_SECRET"],
    )
    yield live
    for name in live.made:
        with suppress(live.admin.exceptions.UserNotFoundException):
            live.admin.admin_delete_user(UserPoolId=LIVE_POOL, Username=name)


@pytest.fixture
def person(app: AppClient) -> Person:
    """Somebody with a permanent password and a verified address."""
    return app.person()
