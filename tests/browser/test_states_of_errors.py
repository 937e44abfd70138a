"""The pages for what does not work, to strangers and to whoever is signed in, wide and narrow, light and dark."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from pytest_django import Settings

from accounts.sessions.engine import SessionStore
from tests.accounts.test_error_responses import RAISED, handler400, handler403, handler404, handler500, urlpatterns
from tests.browser.conftest import Visit, Visitor
from tests.conftest import SignIn
from tests.local_pool import Person

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

SAYS = {
    "suspicious": "This request didn’t come through",
    "denied": "You don’t have access to this page",
    "missing": "Page not found",
    "limit": "Too many tries",
    "mistake": "Something went wrong on our side",
    "busy": "Too many people at once",
    "away": "We can’t reach your account right now",
}


@pytest.fixture
def visitor(visit: Visit, settings: Settings) -> Visitor:
    """Somebody before a site on which everything that can go wrong has an address."""
    settings.SUPPORT_EMAIL = "help@example.com"
    return visit()


def look_at_all(visitor: Visitor) -> None:
    """Look at each error page."""
    assert SAYS.keys() == RAISED.keys()
    for kind, (_, status, _) in RAISED.items():
        visitor.go(f"/page/raising/{kind}/")
        visitor.examine(kind, SAYS[kind], status=status)
    visitor.go("/nowhere/")
    visitor.examine("nowhere", "If you typed the address, check it.", status=404)
    visitor.go("/logout/")
    visitor.examine("only forms", "There’s nothing to see here", status=405)
    visitor.go("/login/callback/")
    visitor.examine("cannot be finished", "It was finished already, took too long", status=400)


@pytest.mark.urls("tests.browser.test_states_of_errors")
def test_to_strangers(visitor: Visitor) -> None:
    look_at_all(visitor)


@pytest.mark.urls("tests.browser.test_states_of_errors")
def test_to_whoever_is_signed_in(visitor: Visitor, person: Person, browser_of: SignIn) -> None:
    visitor.be(browser_of(person))
    look_at_all(visitor)
    visitor.go("/account/password/")
    visitor.page.context.clear_cookies(name="csrftoken")
    visitor.press("Change password")
    visitor.examine("open too long", "This page was open too long", status=403)
    visitor.go("/account/password/")
    visitor.send("Change password", old_password="x" * 70_000)
    visitor.examine("too large", "This is too large", status=413)


def test_without_a_database(
    visitor: Visitor, person: Person, browser_of: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: SessionStore) -> None:
        raise OperationalError("away")

    visitor.be(browser_of(person))
    monkeypatch.setattr(SessionStore, "load", away)
    visitor.go("/account/")
    visitor.examine("no session can be read", SAYS["away"], status=503)
