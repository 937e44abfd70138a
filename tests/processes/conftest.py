"""Two gunicorn processes that share PostgreSQL and Redis and nothing else; skipped, with the reason, without those."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
import requests

from devcloud.ports import free_port
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.settings import WORKER

POSTGRESQL = os.environ.get("TEST_POSTGRESQL_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
REDIS_DATABASES = 16
ROOT = Path(__file__).resolve().parents[2]
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Browser(requests.Session):
    """A browser that can be sent to either process."""

    def submit(self, page: str, form: dict[str, str], *, to: str = "") -> requests.Response:
        """Fill in the form of the page at `page`, and send it, by default to where it came from."""
        found = CSRF.search(self.get(page, timeout=20).text)
        assert found, page
        data = {**form, "csrfmiddlewaretoken": found.group(1)}
        return self.post(to or page, data=data, timeout=20, allow_redirects=False)


class Cluster:
    """The site in two processes."""

    def __init__(self, env: dict[str, str], log: Path) -> None:
        self.env, self.log = env, log
        self.ports = [free_port(), free_port()]
        self.urls = [f"http://localhost:{port}" for port in self.ports]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start both, wait until they answer, and stop them at the end."""
        servers = [self._start(port) for port in self.ports]
        try:
            for server, url in zip(servers, self.urls, strict=True):
                self._wait(server, url)
            yield
        finally:
            for server in servers:
                server.terminate()
            for server in servers:
                server.wait(15)

    def _start(self, port: int) -> subprocess.Popen[bytes]:
        options = ["--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "16", "--log-level", "error"]
        command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "config.wsgi", *options]
        with self.log.open("ab") as log:
            return subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=log, stderr=log)

    def _wait(self, server: subprocess.Popen[bytes], url: str) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert server.poll() is None, self.log.read_text()
            try:
                if requests.get(f"{url}/readyz", timeout=5).ok:
                    return
            except requests.RequestException:
                time.sleep(0.05)
        raise AssertionError(f"{url} did not answer")

    def sql(self, statement: str, *parameters: str) -> list[Any]:
        """Run a statement on the site's database and return its rows."""
        return run_sql(self.env["DATABASE_URL"], statement, *parameters)

    def sign_in(self, person: Person, process: int = 0, password: str = "") -> tuple[Browser, requests.Response]:
        """Sign somebody in at one of the processes."""
        browser = Browser()
        form = {"username": person.email, "password": password or person.password, "next": ""}
        return browser, browser.submit(f"{self.urls[process]}/login/", form)


def run_sql(database: str, statement: str, *parameters: str) -> list[Any]:
    """Run a statement on a database and return its rows."""
    with psycopg.connect(database, autocommit=True) as connection:
        cursor = connection.execute(statement.encode(), parameters)
        return cursor.fetchall() if cursor.description else []


def at_once(number: int, act: Any) -> list[Any]:
    """Return what `act(0)` ... `act(number - 1)` give, all begun at the same time."""
    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(act, range(number)))


@pytest.fixture(scope="session")
def database() -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    name = f"latchkey_{secrets.token_hex(6)}"
    try:
        server = psycopg.connect(POSTGRESQL, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        pytest.skip(f"PostgreSQL does not answer ({str(error).splitlines()[0]}); TEST_POSTGRESQL_URL says where it is")
    with server:
        server.execute(f"CREATE DATABASE {name}".encode())
        yield re.sub(r"/\w+$", f"/{name}", POSTGRESQL)
        server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(scope="session")
def shared_cache() -> str:
    """The address of an empty Redis database."""
    # One for each test process: this empties it, and what the site counts in it is for one site.
    server, _, number = REDIS.rpartition("/")
    address = f"{server}/{(int(number) - WORKER) % REDIS_DATABASES}"
    try:
        with redis.Redis.from_url(address, socket_connect_timeout=3) as client:
            client.flushdb()
    except redis.ConnectionError as error:
        pytest.skip(f"Redis does not answer ({error}); TEST_REDIS_URL says where it is")
    return address


@pytest.fixture(scope="session")
def cluster(
    local_pool: LocalPool,
    _proxy: FaultProxy,
    database: str,
    shared_cache: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Cluster]:
    """The site in two processes, before the local AWS."""
    env = {
        **os.environ,
        **local_pool.env,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "off",
        "SITE_URL": "http://localhost",
        "ALLOWED_HOSTS": "localhost",
        "DATABASE_URL": database,
        "CACHE_URL": shared_cache,
        "AWS_ENDPOINT_URL": _proxy.url,
        "COGNITO_JWKS_URL": "",
        "DEVCLOUD_OUTBOX": "",
    }
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0", "--skip-checks"], cwd=ROOT, env=env, check=True)
    cluster = Cluster(env, tmp_path_factory.mktemp("processes") / "gunicorn.log")
    with cluster.running():
        yield cluster
