"""What holds for every page: closed unless opened by name, under the same headers, in words that can be translated."""

from __future__ import annotations

import ast
import re
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, reverse
from pytest_django import Settings

from accounts.urls import urlpatterns as site_patterns
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool
from tests.markup import Page

PUBLIC = {"home", "help", "privacy", "register", "verify_code", "login", "forgot_password", "reset_password"}
MACHINES = {"livez", "readyz", "openapi", "brand_css"}
# Pages that take only a form, or that lead on where nothing is pending.
ELSEWHERE = {
    "set_language": 302,
    "complete_registration": 302,
    "resend_registration_code": 405,
    "resend_code": 405,
    "resend_reset_code": 405,
    "logout": 405,
    "challenge": 302,
    "another_way": 302,
    "login_options": 301,
    "resend_sign_in_code": 405,
    "inbox": 404,
    "api_me": 401,
    "api_accounts": 405,
    "api_confirm_account": 405,
    "api_resend_code": 405,
}
TAKES_NO_COOKIE = {"api_accounts", "api_confirm_account", "api_resend_code"}
PERSONAL = [
    "account",
    "profile",
    "change_password",
    "security",
    "totp",
    "passkeys",
    "sessions",
    "sign_out_everywhere",
    "activity",
    "delete_account",
    "confirm_access",
]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@login_not_required
def failing(request: HttpRequest) -> HttpResponse:
    """A page with a mistake in it."""
    raise RuntimeError("a mistake of ours, with canary-detail")


urlpatterns = [*site_patterns, path("failing/", failing)]


def plain_names() -> set[str]:
    """Return the names of all addresses of the site that need no argument."""
    return {pattern.name for pattern in site_patterns if pattern.name and not pattern.pattern.converters}


def test_every_page_is_closed_unless_it_was_opened_by_name(client: CheckedClient, pool: LocalPool) -> None:
    answers = {name: client.get(reverse(name)) for name in sorted(plain_names())}
    closed = {name for name, response in answers.items() if response.status_code == 302 and "?next=" in response.url}
    opened = {name for name, response in answers.items() if response.status_code == 200}
    assert opened - {"login_code", "login_passkey"} == PUBLIC | MACHINES
    assert {name: answers[name].status_code for name in ELSEWHERE} == ELSEWHERE
    assert closed >= set(PERSONAL)


@pytest.mark.parametrize("name", PERSONAL)
def test_every_page_of_ones_own_opens(signed_in: CheckedClient, name: str) -> None:
    page = signed_in.page(reverse(name))
    assert [link["href"] for link in page.all("a") if "/help/" in link["href"]]


def test_no_two_pages_have_one_title(signed_in: CheckedClient, pool: LocalPool) -> None:
    titles = {name: signed_in.page(reverse(name)).title for name in PERSONAL}
    titles |= {name: CheckedClient().page(reverse(name)).title for name in PUBLIC}
    assert len(set(titles.values())) == len(titles), titles


@pytest.mark.parametrize("name", [*PERSONAL, "download_data"])
def test_personal_pages_are_not_kept(signed_in: CheckedClient, name: str) -> None:
    response = signed_in.get(reverse(name))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert "Cookie" in response["Vary"]


@pytest.mark.parametrize("path_", ["/", "/login/", "/account/", "/nothing-here/", "/livez", "/admin/"])
def test_every_answer_carries_the_policies(client: CheckedClient, pool: LocalPool, path_: str) -> None:
    response = client.get(path_)
    assert response["Content-Security-Policy"] == POLICY
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["X-Frame-Options"] == "DENY"


def test_files_carry_the_policy_too(client: CheckedClient, db: None) -> None:
    with closing(client.get("/static/css/site.css")) as response:
        assert b"".join(response.streaming_content)
        assert response["Content-Security-Policy"] == POLICY
        assert response["X-Content-Type-Options"] == "nosniff"


def test_no_page_tells_another_site_where_it_was(client: CheckedClient, pool: LocalPool) -> None:
    for name in PUBLIC:
        assert client.get(reverse(name))["Referrer-Policy"] == "same-origin"


def test_a_page_with_a_form_does_not_make_its_origin_null(signed_in: CheckedClient, pool: LocalPool) -> None:
    """Browsers send `Origin: null` with the forms of a `no-referrer` page, which the CSRF check refuses."""
    answers = [CheckedClient().get(reverse(name)) for name in PUBLIC] + [
        signed_in.get(reverse(name)) for name in PERSONAL
    ]
    with_form = [response for response in answers if b'<form method="post"' in response.content]
    assert len(with_form) > 10
    assert {response["Referrer-Policy"] for response in with_form} == {"same-origin"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "localhost.evil.example"},
        {"Host": "testserver@evil.example"},
        {"Host": "testserver:80:80"},
        {"Host": "a b"},
    ],
)
def test_another_host_name_is_refused(pool: LocalPool, headers: dict[str, str]) -> None:
    response = CheckedClient(headers=headers).get("/login/")
    assert response.status_code == 400
    assert "evil" not in response.content.decode()


def test_a_forwarded_host_name_is_not_looked_at(pool: LocalPool) -> None:
    response = CheckedClient(headers={"X-Forwarded-Host": "evil.example"}).get("/account/")
    assert "evil" not in response.url + response.content.decode()


@pytest.mark.parametrize("name", sorted(PUBLIC - {"home", "help", "privacy"}))
def test_a_form_without_its_token_gets_a_page_with_a_way_on(pool: LocalPool, name: str) -> None:
    response = CheckedClient(enforce_csrf_checks=True).post(reverse(name), {})
    assert response.status_code == 403
    assert "Load the page again" in Page.of(response.content).words


@pytest.mark.parametrize("name", sorted(plain_names()))
def test_no_change_without_its_token(
    signed_in: CheckedClient, name: str, cognito: FaultProxy, settings: Settings
) -> None:
    settings.COGNITO = {**settings.COGNITO, "IDENTITY_POOL_ID": "eu-west-1:x", "FILES_BUCKET": "files"}
    guarded = Client(enforce_csrf_checks=True)
    guarded.cookies = signed_in.cookies
    calls = cognito.calls.copy()
    # What takes no cookie needs no token, and takes no form; a language changes nothing for the account.
    allowed = {400} if name in TAKES_NO_COOKIE else {302} if name == "set_language" else {403, 405}
    assert guarded.post(reverse(name)).status_code in allowed
    assert cognito.calls == calls


def test_a_page_that_is_not_there_says_so(client: CheckedClient, pool: LocalPool) -> None:
    response = client.get("/nothing-here/")
    assert response.status_code == 404
    assert Page.of(response.content).all("a", href="/")


@pytest.mark.urls("tests.accounts.test_pages")
def test_a_mistake_of_ours_says_so_without_details(client: CheckedClient, pool: LocalPool) -> None:
    client.raise_request_exception = False
    response = client.get("/failing/")
    assert response.status_code == 500
    assert "canary-detail" not in response.content.decode()
    assert Page.of(response.content).one("h1").text


def test_a_request_has_an_id_of_our_making(client: CheckedClient, pool: LocalPool) -> None:
    forged = "forged-id"
    first, second = (client.get("/", headers={"X-Request-ID": forged})["X-Request-ID"] for _ in range(2))
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert len({forged, first, second}) == 3


def test_password_managers_find_the_form(signed_in: CheckedClient) -> None:
    assert signed_in.get("/.well-known/change-password").url == "/account/password/"


FORBIDDEN = re.compile(r"\b(please|sorry|oops|valid|invalid|forbidden)\b", re.IGNORECASE)
TRANSLATING = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}


def words_of_the_code() -> dict[str, str]:
    """Return every sentence in the code that is shown to people, by where it stands."""
    found = {}
    for file in sorted((site_settings.BASE_DIR / "accounts").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATING:
                texts = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
                found[f"{file.name}:{node.lineno}"] = " ".join(map(str, texts))
    return found


def words_of_the_templates() -> dict[str, str]:
    """Return every template's text."""
    return {str(file): file.read_text() for file in Path(site_settings.BASE_DIR / "templates").rglob("*.html")}


def test_no_sentence_begs_or_blames() -> None:
    sentences = {**words_of_the_code(), **words_of_the_templates()}
    assert len(sentences) > 100
    assert {place: text for place, text in sentences.items() if FORBIDDEN.search(text)} == {}


def test_every_button_names_its_act(signed_in: CheckedClient) -> None:
    pages = [signed_in.page(reverse(name)) for name in PERSONAL] + [CheckedClient().page(reverse(n)) for n in PUBLIC]
    words = {button.text.strip() for page in pages for button in page.all("button")}
    assert len(words) > 8
    assert not words & {"Submit", "OK", "Send", "Go", ""}


@pytest.mark.parametrize(("days", "words"), [(30, "They are kept for 30 days."), (1, "They are kept for 1 day.")])
def test_the_privacy_page_says_how_long_activity_is_kept(
    client: CheckedClient, pool: LocalPool, settings: Settings, days: int, words: str
) -> None:
    settings.ACTIVITY_DAYS = days
    assert words in client.page("/privacy/").words
