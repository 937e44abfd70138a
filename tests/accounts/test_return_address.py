"""Where people go after signing in: a path of this site, whatever was sent (a hostile or odd `next`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote, urlencode, urljoin, urlsplit

import pytest
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from hypothesis import example, given
from hypothesis import strategies as st
from pytest_django import Settings

from accounts import return_address
from accounts.models import Session
from tests.checked_client import CheckedClient
from tests.local_pool import LocalPool, Person
from tests.markup import Page
from tests.second_factors import AuthenticatorApp

ORIGIN = "https://latchkey.example"
ACCOUNT = "/account/"

HOSTILE = [
    "foo",
    "?x=1",
    "#a",
    "end_session",
    "account",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\/evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "\t//evil.example/",
    " //evil.example/",
    " /account/security/",
    "/\n/evil.example/",
    "/account/\x00",
    "\x00/account/",
    "/account/\x7f",
    "/account/\x85",
    "/account/\u2028",
    "/a/../..//evil.example/",
    "/./account/profile/",
    "/%2e%2e/account/profile/",
    "http:///evil.example/",
    "https:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "http://localhost/account/profile/",
    "http://localhost:9999/account/profile/",
    "http://testserver:9999/account/profile/",
    "https://testserver/account/profile/",
    "http://evil.example/",
    "http://testserver@evil.example/",
    "/" + "x" * 2000,
    "/" + "\N{SNOWMAN}" * 300,
]


@pytest.mark.parametrize("url", [*HOSTILE, "/account/\ud800"])
def test_what_is_no_path_of_this_site_leads_to_the_account_page(url: str) -> None:
    assert return_address.own_path(url) == ""
    assert return_address.redirect_to(url).url == ACCOUNT
    assert return_address.login_url(url) == "/login/"


@pytest.mark.parametrize("url", ["foo", "?x=1", "#a", "end_session", "//evil.example/", "/account/\x00"])
def test_a_right_password_is_not_lost_over_where_to_go(client: CheckedClient, person: Person, url: str) -> None:
    response = client.post("/login/", {"username": person.email, "password": person.password, "next": url})
    assert (response.status_code, response.url) == (302, ACCOUNT)
    assert client.get(ACCOUNT).status_code == 200


def test_no_page_takes_somebody_signed_in_elsewhere(signed_in: CheckedClient) -> None:
    for url in HOSTILE:
        for page in ("login", "login_code", "login_passkey", "register", "verify_code"):
            assert signed_in.get(reverse(page), {"next": url}).url == ACCOUNT, (page, url)
        kept = Page.of(signed_in.get("/account/confirm/", {"next": url}).content).one("input", name="next")
        assert "value" not in kept, url


def test_a_refused_form_does_not_hold_a_hostile_address(client: CheckedClient, person: Person) -> None:
    response = client.post("/login/", {"username": person.email, "password": "wrong", "next": "//evil.example/\x00"})
    assert response.status_code == 200
    assert b"evil.example" not in response.content


@pytest.mark.parametrize("url", ["foo", "//evil.example/", "/account/\x00"])
def test_proving_who_one_is_goes_nowhere_else_either(signed_in: CheckedClient, person: Person, url: str) -> None:
    response = signed_in.post("/account/confirm/", {"password": person.password, "next": url})
    assert (response.status_code, response.url) == (302, ACCOUNT)
    assert signed_in.get(ACCOUNT).status_code == 200


@pytest.mark.parametrize("url", ["foo", "//evil.example/", "/account/\x00"])
def test_a_second_step_goes_nowhere_else_either(
    client: CheckedClient, person: Person, app: AuthenticatorApp, url: str
) -> None:
    data = {"username": person.email, "password": person.password, "next": url}
    assert client.post("/login/", data).url == "/login/challenge/"
    assert client.post("/login/challenge/", {"code": app.code()}).url == ACCOUNT


@pytest.mark.parametrize("url", ["foo", "//evil.example/", "http://testserver:9999/admin/", "/admin/login/?next=foo"])
def test_the_admins_sign_in_goes_nowhere_else_either(client: CheckedClient, db: None, url: str) -> None:
    assert client.get("/admin/login/", {"next": url}).url == "/login/?next=%2Fadmin%2F"


@pytest.mark.parametrize(
    "url",
    [
        "/",
        "/account/activity/?page=2",
        "/account/sessions/#this",
        "/nothing-here/",
        "/files/%C3%A4?a=b%26c&next=//evil.example/",
        "/@evil.example",
    ],
)
def test_a_path_of_this_site_is_taken_to_the_letter(client: CheckedClient, person: Person, url: str) -> None:
    page = client.page(f"/login/?{urlencode({'next': url})}")
    kept = page.one("input", name="next")["value"]
    response = client.post("/login/", {"username": person.email, "password": person.password, "next": kept})
    assert response.url == url


ADDRESSES = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="/\\.:@%?#&=;\t\n\r \x00\u3000abehlp2fF5c", max_size=30),
    st.text(max_size=40).map(lambda text: f"/{text}"),
    st.from_regex(r"(/|//|/\\|https?:|)[a-z./\\%?#@:]{0,20}", fullmatch=True),
)


@given(ADDRESSES)
@example("/" + "\N{SNOWMAN}" * 250)
@example("/[")
@example("/a:b")
def test_whatever_is_sent_stays_on_this_site(url: str) -> None:
    taken = return_address.own_path(url)
    answer = return_address.redirect_to(url).headers["Location"]
    assert answer == (taken or ACCOUNT)
    assert re.fullmatch(r"/(?![/\\])[!-~]*", answer)
    assert len(answer) <= return_address.LONGEST
    reached = urlsplit(urljoin(f"{ORIGIN}/login/", answer))
    assert f"{reached.scheme}://{reached.netloc}" == ORIGIN
    # Taken twice, as on its way through two forms, it is the same.
    assert return_address.own_path(answer) == (taken or ACCOUNT)


@given(st.lists(st.text(min_size=1, max_size=8).filter(lambda text: text not in {".", ".."}), max_size=4), st.text())
def test_the_address_of_every_page_comes_back_as_it_was(parts: list[str], query: str) -> None:
    """What a page is asked for by is printable ASCII: `HttpRequest.get_full_path` says so."""
    safe = [part for part in parts if part.isprintable()]
    try:
        path = "/x/" + "".join(f"{quote(part, safe='')}/" for part in safe) + f"?{urlencode({'q': query})}"
    except UnicodeEncodeError:
        return
    if len(path) <= return_address.LONGEST:
        assert return_address.own_path(path) == path


def nested(path: str, levels: int) -> str:
    """Return the address of a page on the way in that leads to itself again and again."""
    return f"{path}?next=" * levels + "/account/profile/"


@pytest.mark.parametrize(
    "path",
    ["/login/", "/login", "/login/options/", "/login/passkey/", "/admin/login/", "/account/confirm/", "/%6cogin/"],
)
def test_no_address_leads_round_in_a_circle(staff: Person, client: CheckedClient, path: str) -> None:
    data = {"username": staff.email, "password": staff.password, "next": nested(path, 30)}
    assert client.post("/login/", data).url == ACCOUNT


@pytest.mark.parametrize(
    ("referer", "page"),
    [
        ("http://testserver/account/profile/?edit=name#name", "/account/profile/?edit=name"),
        ("http://testserver/login/challenge/", ""),
        ("http://testserver//evil.example/", ""),
        ("http://testserver:9999/account/", "/account/delete/"),
        ("https://evil.example/account/", "/account/delete/"),
        ("http://[", "/account/delete/"),
        ("", "/account/delete/"),
    ],
)
def test_the_page_of_a_form_is_a_page_of_this_site(referer: str, page: str) -> None:
    request = RequestFactory().post("/account/delete/", headers={"Referer": referer} if referer else {})
    assert return_address.form_page(request) == page


def test_the_page_of_a_form_is_known_by_the_address_that_people_have_of_the_site(settings: Settings) -> None:
    """A proxy in front may call the site something else than they do."""
    settings.SITE_URL = ORIGIN
    request = RequestFactory().post("/account/delete/", headers={"Referer": f"{ORIGIN}/account/profile/"})
    assert return_address.form_page(request) == "/account/profile/"


def addresses(patterns: Sequence[URLPattern | URLResolver]) -> list[str]:
    """Return the name of every address of the site that needs no argument, the admin's own ones left out."""
    found = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver) and pattern.app_name != "admin":
            found += addresses(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and pattern.name and not pattern.pattern.converters:
            found.append(pattern.name)
    return found


def test_there_are_addresses_to_look_at() -> None:
    assert {"login", "account", "admin_logout"} <= set(addresses(get_resolver().url_patterns))


def test_signing_in_never_ends_at_an_address_that_takes_only_a_form(signed_in: CheckedClient) -> None:
    surprises = {}
    for name in addresses(get_resolver().url_patterns):
        response = signed_in.get("/login/", {"next": reverse(name)}, follow=True)
        if response.status_code not in {200, 404} or len(response.redirect_chain) > 2:
            surprises[name] = response.status_code, response.redirect_chain
    assert surprises == {}


def test_an_address_with_an_argument_that_takes_only_a_form_is_not_come_back_to(signed_in: CheckedClient) -> None:
    own = Session.objects.get().public_id
    assert signed_in.get("/login/", {"next": reverse("end_session", args=[own])}).url == ACCOUNT


def test_every_name_that_is_not_come_back_to_is_an_address_of_the_site(pool: LocalPool) -> None:
    known = {*addresses(get_resolver().url_patterns), "end_session", "federated_login"}
    assert known >= return_address.NOT_COME_BACK_TO
