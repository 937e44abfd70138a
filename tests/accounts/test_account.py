"""The overview: who is signed in, and until when."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import Session
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy
from tests.local_pool import Person


def moments(client: CheckedClient) -> list[str]:
    """Return the times the page shows, to the minute."""
    return [time["datetime"][:16] for time in client.page("/account/").all("time")]


def test_it_says_who_is_signed_in(signed_in: CheckedClient, person: Person) -> None:
    words = signed_in.page("/account/").words
    assert person.email in words
    assert "Ada Lovelace" in words


def test_it_says_until_when(signed_in: CheckedClient, settings: Settings) -> None:
    began = Session.objects.get(user__isnull=False).created_at
    ends = began + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    assert ends.isoformat()[:16] in moments(signed_in)


def test_use_does_not_put_the_end_off(signed_in: CheckedClient, settings: Settings) -> None:
    began = Session.objects.get(user__isnull=False).created_at
    ends = began + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    with time_machine.travel(timezone.now() + timedelta(minutes=30)):
        assert ends.isoformat()[:16] in moments(signed_in)


def test_it_asks_cognito_nothing(
    signed_in: CheckedClient, cognito: FaultProxy, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    # The pool's rules are asked for now and then, and kept.
    signed_in.get("/account/")
    cognito.forget()
    with django_assert_max_num_queries(4):
        assert signed_in.get("/account/").status_code == 200
    assert not cognito.calls


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_it_takes_no_form(signed_in: CheckedClient, method: str) -> None:
    assert getattr(signed_in, method)("/account/").status_code == 405
