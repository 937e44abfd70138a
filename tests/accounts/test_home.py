"""The home page says what can be done here, and only that."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from accounts.models import User
from tests.checked_client import CheckedClient
from tests.conftest import UsePool
from tests.local_pool import LocalPool
from tests.other_pools import another_pool


def with_ways(local_pool: LocalPool, *ways: str) -> LocalPool:
    """Return a pool in which people may begin with these ways."""
    return another_pool(local_pool, Policies={"SignInPolicy": {"AllowedFirstAuthFactors": list(ways)}})


def test_a_stranger_reads_what_the_site_is_for(client: CheckedClient, pool: LocalPool, settings: Settings) -> None:
    settings.SITE_NAME = "Alder"
    page = client.page("/")
    assert page.one("h1").text == "Your Alder account"
    assert page.title == "Welcome \N{EN DASH} Alder"
    assert [link.text for link in page.all("a", class_="button button--primary")] == ["Sign in"]
    assert page.all("a", class_="button", href="/register/")
    assert "Use a password, a passkey or a code we email you. You can have more than one." in page.words


@pytest.mark.parametrize(
    ("ways", "sentence"),
    [
        (("PASSWORD", "SMS_OTP"), "Use a password or a code we text you. You can have more than one."),
        (("PASSWORD",), ""),
    ],
)
def test_only_ways_that_there_are_are_named(
    client: CheckedClient, local_pool: LocalPool, use_pool: UsePool, ways: tuple[str, ...], sentence: str
) -> None:
    use_pool(with_ways(local_pool, *ways), ENDPOINT_URL=local_pool.endpoint)
    page = client.page("/")
    assert ("Sign in your way" in page.words) is bool(sentence)
    assert sentence in page.words
    assert "passkey" not in page.words.lower()


def test_where_nobody_can_register_nobody_is_led_there(
    client: CheckedClient, pool: LocalPool, settings: Settings
) -> None:
    settings.COGNITO = {**settings.COGNITO, "REGISTRATION": "closed"}
    assert client.page("/").all("a", href="/register/") == []


def test_the_example_of_an_account_is_for_the_eye_alone(client: CheckedClient, pool: LocalPool) -> None:
    assert client.page("/").one("div", class_="example")["aria-hidden"] == "true"


@pytest.mark.parametrize(("name", "greeting"), [("Ada Lovelace", "Welcome back, Ada"), ("", "Welcome back")])
def test_whoever_is_signed_in_is_greeted_and_led_to_their_account(
    signed_in: CheckedClient, name: str, greeting: str
) -> None:
    User.objects.update(name=name)
    page = signed_in.page("/")
    assert page.one("h1").text == greeting
    assert f"You’re signed in as {User.objects.get().email}." in page.words
    assert [link["href"] for link in page.all("a", class_="button button--primary")] == ["/account/"]
    # An example would be taken for their own.
    assert page.all("div", class_="example") == page.all("section") == []
