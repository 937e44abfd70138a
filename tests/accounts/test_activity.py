"""Recent activity: one's own, newest first, and a log line that names the flow and never the person's words."""

from __future__ import annotations

import logging

import pytest

from accounts.cognito.factors import Factor
from accounts.models import Activity, User
from accounts.views.activity import PER_PAGE
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.local_pool import LocalPool, Person, new_email

PAGE = "/account/activity/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"


def test_a_sign_in_is_listed_with_browser_and_address(client: CheckedClient, person: Person) -> None:
    data = {"username": person.email, "password": person.password}
    client.post("/login/", data, headers={"User-Agent": FIREFOX}, REMOTE_ADDR="192.0.2.7")
    words = client.page(PAGE).one("table").text
    assert "Signed in" in words
    assert "Firefox on Linux" in words
    assert "192.0.2.7" in words


def test_what_others_do_is_not_listed(signed_in: CheckedClient, browser_of: SignIn, pool: LocalPool) -> None:
    bob = browser_of(pool.person())
    bob.post("/logout/")
    assert len(signed_in.page(PAGE).all("th", scope="row")) == 1


def test_a_long_list_comes_in_pages_newest_first(signed_in: CheckedClient) -> None:
    user = User.objects.get()
    Activity.objects.bulk_create(
        Activity(user=user, kind=Activity.Kind.PROFILE_CHANGED, ip_address=f"192.0.2.{n}") for n in range(PER_PAGE)
    )
    first, second = signed_in.page(PAGE), signed_in.page(f"{PAGE}?page=2")
    assert len(first.all("th", scope="row")) == PER_PAGE
    assert "Signed in" not in first.one("table").text
    assert "Signed in" in second.one("table").text
    assert first.all("a", href="?page=2")


@pytest.mark.parametrize("number", ["0", "-1", "x", "999"])
def test_a_page_that_is_not_there_is_another_page(signed_in: CheckedClient, number: str) -> None:
    assert signed_in.page(f"{PAGE}?page={number}").all("th", scope="row")


def test_a_row_once_written_stays(signed_in: CheckedClient, person: Person) -> None:
    row = Activity.objects.get()
    signed_in.post("/logout/")
    assert Activity.objects.filter(pk=row.pk, kind=Activity.Kind.FIRST_SIGN_IN, at=row.at).exists()


@pytest.mark.parametrize(
    ("path", "flow", "data"),
    [
        ("/login/", "login", {"password": "Canary-horse-1"}),
        ("/verify-code/", "verify_code", {"code": "135790"}),
        (
            "/password/reset/",
            "reset_password",
            {"code": "135790", "new_password1": "Canary-1a", "new_password2": "Canary-1a"},
        ),
    ],
)
def test_a_refusal_is_logged_by_its_flow_and_not_by_name(
    client: CheckedClient,
    pool: LocalPool,
    caplog: pytest.LogCaptureFixture,
    path: str,
    flow: str,
    data: dict[str, str],
) -> None:
    name = new_email("nobody")
    with caplog.at_level(logging.INFO, "accounts"):
        client.post(path, {"username": name, **data})
    logged = [record.__dict__ for record in caplog.records if record.getMessage() == "refused"]
    assert [entry["what"] for entry in logged] == [flow]
    assert "Canary" not in str(logged)
    assert name not in str(logged)
    assert "135790" not in str(logged)


def test_a_refused_answer_is_logged_too(
    client: CheckedClient, person: Person, caplog: pytest.LogCaptureFixture
) -> None:
    client.post("/login/options/", {"username": person.email})
    client.post("/login/challenge/", {"answer": "PASSWORD"})
    with caplog.at_level(logging.INFO, "accounts"):
        client.post("/login/challenge/", {"password": "Canary-horse-2"})
    logged = [record.__dict__ for record in caplog.records if record.getMessage() == "refused"]
    assert [entry["what"] for entry in logged] == ["challenge"]
    assert "Canary" not in str(logged)


def test_a_stranger_sees_no_activity(client: CheckedClient, pool: LocalPool) -> None:
    assert client.get(PAGE).url.startswith("/login/")


def test_a_row_of_a_kind_that_is_written_no_more_has_words(signed_in: CheckedClient) -> None:
    Activity.objects.create(user=User.objects.get(), kind="factor_changed", factor=Factor.TOTP)
    assert "Changed a second step for signing in: Authenticator app" in signed_in.page(PAGE).words
