"""The shape of the views: each page stands alone, and a name gets from one to the other."""

from __future__ import annotations

from django.http import HttpRequest

from accounts import entrance, kept_name
from accounts.sessions.engine import SessionStore
from tests.test_architecture import imports_of, modules

# What several pages are made of, and no page itself.
BASES = {f"accounts.views.{name}" for name in ("base", "awaiting_code", "steps", "ways_in")}


def views() -> set[str]:
    """Return the modules of the views."""
    return {name for name in modules() if name.startswith("accounts.views.")}


def test_views_import_of_the_views_their_bases_alone() -> None:
    assert views() > BASES
    assert {(name, other) for name in views() for other in imports_of(name) & views() - BASES} == set()


def request_with_session() -> HttpRequest:
    request = HttpRequest()
    request.session = SessionStore()
    return request


def test_a_name_that_is_looked_at_goes_on_waiting() -> None:
    request = request_with_session()
    answer = entrance.to_login(request, "ada@example.com", "/account/profile/")
    assert answer["Location"] == "/login/?next=%2Faccount%2Fprofile%2F"
    assert [kept_name.known(request) for _ in range(2)] == ["ada@example.com"] * 2


def test_the_way_to_the_sign_in_page_leads_back_to_no_other_site() -> None:
    assert entrance.to_login(request_with_session(), "ada", "//evil.example/")["Location"] == "/login/"
