"""Sessions, renewal, limits and sign-out hold across processes."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
import requests

from tests import fault_proxy
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.processes.conftest import ROOT, Browser, Cluster, at_once, run_sql

REFRESH = "GetTokensFromRefreshToken"


@pytest.fixture
def person(local_pool: LocalPool, cognito: FaultProxy) -> Person:
    """Somebody who has never signed in here."""
    return local_pool.person()


def account(browser: Browser, url: str) -> int:
    """Return the status of the account page."""
    return requests.get(f"{url}/account/", cookies=browser.cookies, timeout=20, allow_redirects=False).status_code


def expire(cluster: Cluster, seconds: int) -> None:
    cluster.sql("UPDATE accounts_session SET tokens_expire_at = now() + %s::interval", f"{seconds} seconds")


def test_a_session_of_one_process_is_good_at_the_other(cluster: Cluster, person: Person) -> None:
    browser, response = cluster.sign_in(person, process=0)
    assert response.status_code == 302
    assert [account(browser, url) for url in cluster.urls] == [200, 200]


def test_signing_out_at_one_process_ends_the_session_at_the_other(cluster: Cluster, person: Person) -> None:
    browser, _ = cluster.sign_in(person, process=0)
    one, other = cluster.urls
    assert browser.submit(f"{one}/account/", {}, to=f"{other}/logout/").status_code == 302
    assert [account(browser, url) for url in cluster.urls] == [302, 302]


@pytest.mark.parametrize("seconds", [60, -60], ids=["before expiry", "after expiry"])
def test_fifty_tabs_renew_once(cluster: Cluster, person: Person, cognito: FaultProxy, seconds: int) -> None:
    browser, _ = cluster.sign_in(person)
    expire(cluster, seconds)
    cognito.fail(REFRESH, fault_proxy.delayed(0.4))
    statuses = at_once(50, lambda number: account(browser, cluster.urls[number % 2]))
    assert statuses == [200] * 50
    assert cognito.calls[REFRESH] == 1


def test_tabs_that_find_cognito_away_stay_signed_in(cluster: Cluster, person: Person, cognito: FaultProxy) -> None:
    browser, _ = cluster.sign_in(person)
    expire(cluster, 60)
    cognito.fail(REFRESH, fault_proxy.server_error())
    assert set(at_once(20, lambda number: account(browser, cluster.urls[number % 2]))) == {200}
    cognito.heal()
    assert account(browser, cluster.urls[1]) == 200


def test_both_processes_refused_at_once_sign_out_cleanly(cluster: Cluster, person: Person, cognito: FaultProxy) -> None:
    browser, _ = cluster.sign_in(person)
    expire(cluster, -60)
    cognito.fail(REFRESH, fault_proxy.aws_error("NotAuthorizedException"))
    assert set(at_once(20, lambda number: account(browser, cluster.urls[number % 2]))) == {302}
    assert cognito.calls[REFRESH] == 1


def test_first_sign_ins_at_once_make_one_person(cluster: Cluster, person: Person) -> None:
    # As many as the limit for one name lets through at a time.
    statuses = at_once(5, lambda number: cluster.sign_in(person, process=number % 2)[1].status_code)
    assert statuses == [302] * 5
    assert cluster.sql("SELECT count(*) FROM accounts_user WHERE sub = %s", person.sub) == [(1,)]
    sessions = "SELECT count(*) FROM accounts_session s JOIN accounts_user u ON u.id = s.user_id WHERE u.sub = %s"
    assert cluster.sql(sessions, person.sub) == [(5,)]


TWENTY = """
import threading
import django
django.setup()
from django.db import connections
from accounts import users
from accounts.cognito.results import Claims
claims = Claims("https://issuer.example", "sub-of-twenty", "ada", "ada@example.com", True, "Ada", ("editors",))
barrier, found = threading.Barrier(20), []
def sign_in():
    barrier.wait()
    found.append(users.user_for(claims).pk)
    connections.close_all()
threads = [threading.Thread(target=sign_in) for _ in range(20)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(len(found), len(set(found)))
"""


def test_twenty_first_sign_ins_at_once_find_one_row(cluster: Cluster) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TWENTY],
        cwd=ROOT,
        env=cluster.env,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == ["20", "1"], done.stderr
    assert cluster.sql("SELECT count(*) FROM accounts_user WHERE sub = 'sub-of-twenty'") == [(1,)]


def test_both_processes_count_together(cluster: Cluster, person: Person, cognito: FaultProxy) -> None:
    def guess(number: int) -> int:
        return cluster.sign_in(person, process=number % 2, password="Wrong-horse-1")[1].status_code

    statuses = at_once(12, guess)
    assert sorted(statuses) == [200] * 5 + [429] * 7
    assert cognito.calls["InitiateAuth"] == 5


def test_a_late_request_does_not_bring_a_session_back(cluster: Cluster, person: Person, cognito: FaultProxy) -> None:
    browser, _ = cluster.sign_in(person)
    one, other = cluster.urls
    expire(cluster, -60)
    cognito.fail(REFRESH, fault_proxy.delayed(0.8))

    def act(number: int) -> int:
        if number == 0:
            return account(browser, one)
        time.sleep(0.3)
        cluster.sql("DELETE FROM accounts_session WHERE session_key = %s", browser.cookies["sessionid"])
        return account(browser, other)

    statuses = at_once(2, act)
    assert 500 not in statuses
    assert statuses[1] == 302
    assert [account(browser, url) for url in cluster.urls] == [302, 302]


def test_without_its_database_the_site_says_so_and_comes_back(cluster: Cluster, person: Person) -> None:
    browser, _ = cluster.sign_in(person)
    url, server = cluster.urls[0], cluster.env["DATABASE_URL"].rpartition("/")
    name = server[2]
    administration = f"{server[0]}/postgres"
    run_sql(administration, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    run_sql(administration, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", name)
    try:
        assert requests.get(f"{url}/livez", timeout=20).status_code == 200
        assert requests.get(f"{url}/readyz", timeout=20).status_code == 503
        assert account(browser, url) == 503
        assert cluster.sign_in(person)[1].status_code == 503
    finally:
        run_sql(administration, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    assert account(browser, url) == 200
