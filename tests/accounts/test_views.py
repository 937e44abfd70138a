"""The shape of the views: each page stands alone, and one module knows how a name gets to the sign-in page."""

from __future__ import annotations

from pathlib import Path

from django.http import HttpRequest

from accounts import entrance
from accounts.sessions.engine import SessionStore
from tests.test_architecture import imports_of, modules

ROOT = Path(entrance.__file__).parents[1]
# What several pages are made of, and no page itself.
BASES = {f"accounts.views.{name}" for name in ("base", "awaiting_code", "steps", "ways_in")}


def views() -> set[str]:
    """Return the modules of the views."""
    return {name for name in modules() if name.startswith("accounts.views.")}


def test_views_import_of_the_views_their_bases_alone() -> None:
    assert views() > BASES
    assert {(name, other) for name in views() for other in imports_of(name) & views() - BASES} == set()


def test_one_file_knows_where_a_name_waits_for_the_sign_in_page() -> None:
    places = [ROOT / "accounts", ROOT / "config", ROOT / "templates", ROOT / "tests"]
    files = [file for place in places for file in place.rglob("*.*") if file.suffix in {".py", ".html"}]
    found = [file.name for file in files if f'"{entrance.LOGIN_NAME}"' in file.read_text()]
    assert found == ["entrance.py"]


def request_with_session() -> HttpRequest:
    request = HttpRequest()
    request.session = SessionStore()
    return request


def test_a_name_is_filled_in_once() -> None:
    request = request_with_session()
    answer = entrance.to_login(request, "ada@example.com", "/account/profile/")
    assert answer["Location"] == "/login/?next=%2Faccount%2Fprofile%2F"
    assert [entrance.take_login_name(request) for _ in range(2)] == ["ada@example.com", ""]


def test_a_name_that_is_looked_at_goes_on_waiting() -> None:
    request = request_with_session()
    assert entrance.login_name(request, "bob") == "bob"
    entrance.to_login(request, "ada")
    assert [entrance.login_name(request, "bob") for _ in range(2)] == ["ada", "ada"]


def test_the_way_to_the_sign_in_page_leads_back_to_no_other_site() -> None:
    assert entrance.to_login(request_with_session(), "ada", "//evil.example/")["Location"] == "/login/"
