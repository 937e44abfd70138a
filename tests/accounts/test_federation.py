"""What follows from having come by a provider: buttons, a fresh proof there, no password here, the way out."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.conf import settings as site_settings
from django.utils import timezone
from pytest_django import Settings

from accounts import federation
from accounts.cognito.verifier import TokenVerifier
from accounts.models import CameBy, Session, User
from accounts.sessions.engine import AUTHENTICATED_AT
from tests import fault_proxy
from tests.accounts.federating import (
    BACK,
    ELSEWHERE,
    LABEL,
    LOGIN,
    SIGN_IN,
    Domain,
    come_by,
    query_of,
    way_out,
)
from tests.checked_client import CheckedClient
from tests.devcloud.conformance.fake_provider import Provider
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.markup import Page

BUTTON = f"Continue with {LABEL}"
DELETION = {"confirm": "ada@elsewhere.example"}
CONFIRM = "/account/confirm/"
TOO_LONG_AGO = timedelta(seconds=site_settings.FRESH_SIGN_IN_AGE + 1)
PASSWORD_PAGES = ["/account/password/", "/account/security/totp/", "/account/security/passkeys/"]
PASSWORD_ACTS = [
    *PASSWORD_PAGES[:2],
    "/account/security/two-step/email/on/",
    "/account/security/passkeys/add/",
    "/account/security/passkeys/options/",
    CONFIRM,
    f"{CONFIRM}options/",
]


@pytest.fixture
def ada(client: CheckedClient, domain: Domain) -> CheckedClient:
    """Ada's browser, in which she came by the provider."""
    assert come_by(client, domain).url == "/account/"
    return client


@pytest.fixture
def long_in(ada: CheckedClient) -> CheckedClient:
    """The same, a while ago."""
    Session.objects.update(created_at=timezone.now() - TOO_LONG_AGO)
    return ada


@pytest.fixture
def native(federated: LocalPool) -> tuple[CheckedClient, Person]:
    """Somebody with a password in the same pool, and their browser, in which they typed it."""
    person, browser = federated.person(), CheckedClient()
    assert browser.post("/login/", {"username": person.email, "password": person.password}).url == "/account/"
    return browser, person


@pytest.mark.parametrize("path", ["/login/", "/register/"])
def test_the_buttons_are_forms_of_their_own_and_keep_the_way(client: CheckedClient, domain: Domain, path: str) -> None:
    page = client.page(f"{path}?next=/account/sessions/")
    forms = {form["action"]: form for form in page.all("form") if form["action"].startswith("/login/with/")}
    assert list(forms) == [SIGN_IN, "/login/with/COGNITO/"]
    assert BUTTON in page.words
    assert f"Continue with {domain.base.removeprefix('http://')}" in page.words
    assert page.html.count('name="next" value="/account/sessions/"') >= 2


@pytest.mark.parametrize("path", ["/login/", "/register/"])
@pytest.mark.parametrize("missing", [{"DOMAIN": ""}, {"PROVIDERS": []}])
def test_there_are_no_buttons_without_domain_or_providers(
    client: CheckedClient, federated: LocalPool, settings: Settings, path: str, missing: dict[str, Any]
) -> None:
    settings.COGNITO = {**settings.COGNITO, **missing}
    assert "/login/with/" not in client.page(path).html
    assert client.post(SIGN_IN).status_code == 404


def test_there_are_no_buttons_to_register_where_nobody_may(
    client: CheckedClient, federated: LocalPool, settings: Settings
) -> None:
    settings.COGNITO = {**settings.COGNITO, "REGISTRATION": "closed"}
    assert BUTTON not in client.page("/register/").words
    assert BUTTON in client.page("/login/").words


@pytest.mark.parametrize("path", PASSWORD_PAGES)
def test_a_page_about_a_password_says_why_there_is_none(ada: CheckedClient, path: str) -> None:
    page = ada.page(path)
    assert f"You sign in with {LABEL}." in page.words
    assert not page.all("input", type="password")


@pytest.mark.parametrize("path", PASSWORD_ACTS)
def test_what_is_sent_to_it_all_the_same_is_refused(ada: CheckedClient, cognito: FaultProxy, path: str) -> None:
    calls = cognito.calls.copy()
    assert ada.post(path, {"password": "x", "code": "123456"}).status_code == 403
    assert cognito.calls == calls


def test_the_security_page_names_who_looks_after_it(ada: CheckedClient) -> None:
    page = ada.page("/account/security/")
    assert f"You sign in with {LABEL}" in page.words
    assert f"{LABEL} looks after your password and two-step verification." in page.words
    assert not page.all("a", href="/account/password/")
    assert "passkey" not in page.words
    assert "If you forget your password" not in page.words


def test_nobody_without_a_password_is_offered_a_passkey(ada: CheckedClient) -> None:
    assert "Add a passkey" not in ada.page("/account/").words


def test_nobody_without_a_password_is_told_how_well_the_account_is_protected(
    ada: CheckedClient, native: tuple[CheckedClient, Person]
) -> None:
    assert not ada.page("/account/").all("div", class_="checkup")
    assert native[0].page("/account/").all("div", class_="checkup")


def test_a_provider_that_is_offered_no_longer_has_the_pools_name(ada: CheckedClient, settings: Settings) -> None:
    Session.objects.update(created_at=timezone.now() - TOO_LONG_AGO)
    settings.COGNITO = {**settings.COGNITO, "PROVIDERS": []}
    assert f"You sign in with {ELSEWHERE}." in ada.page(PASSWORD_PAGES[0]).words
    page = ada.page(CONFIRM)
    assert "You don’t have a password here. Sign out, then sign in again." in page.words
    assert "/login/with/" not in page.html


def test_people_with_a_password_have_all_of_it(native: tuple[CheckedClient, Person]) -> None:
    browser, _person = native
    assert browser.page("/account/password/").all("input", type="password")
    assert "If you forget your password" in browser.page("/account/security/").words
    assert "/login/with/" not in browser.page(CONFIRM).html


def test_a_fresh_proof_is_made_at_the_provider(long_in: CheckedClient, domain: Domain) -> None:
    asked_first = long_in.post("/account/delete/", DELETION).url
    assert asked_first.startswith(CONFIRM)
    page = long_in.page(asked_first)
    assert f"Continue with {LABEL}" in page.words
    assert not page.all("input", type="password")
    way_on = query_of(asked_first)["next"]
    url = way_out(long_in.post(SIGN_IN, {"next": way_on}))
    asked = query_of(url)
    assert (asked["prompt"], asked["max_age"], asked["login_hint"]) == ("login", "0", "ada@elsewhere.example")
    assert long_in.get(domain.sign_in_elsewhere(url)).url == way_on
    assert long_in.get(way_on).url == "/"
    assert "Your account is deleted." in long_in.page("/").words


def test_signing_in_asks_for_no_more_than_that(client: CheckedClient, domain: Domain) -> None:
    assert {"prompt", "max_age", "login_hint"} & query_of(way_out(client.post(SIGN_IN))).keys() == set()


def test_somebody_else_proves_nothing(long_in: CheckedClient, domain: Domain, provider: Provider) -> None:
    url = way_out(long_in.post(SIGN_IN, {"next": "/account/delete/"}))
    provider.changes |= {"sub": "bob", "email": "bob@elsewhere.example"}
    assert long_in.get(domain.sign_in_elsewhere(url)).url == f"{CONFIRM}?next=%2Faccount%2Fdelete%2F"
    assert f"{LABEL} didn’t confirm that it’s you." in long_in.page(CONFIRM).words
    assert [user.username for user in User.objects.all()] == ["Elsewhere_ada"]
    assert long_in.post("/account/delete/", DELETION).url.startswith(CONFIRM)


def earlier(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Have ID tokens say that the person proved who they are so long ago, as the domain's do when it remembers them."""
    decode = TokenVerifier._verify

    def changed(self: TokenVerifier, token: str, *, token_use: str) -> dict[str, Any]:
        return {**decode(self, token, token_use=token_use), "auth_time": int(time.time() - seconds)}

    monkeypatch.setattr(TokenVerifier, "_verify", changed)


def test_a_proof_from_before_the_question_is_none(
    long_in: CheckedClient, domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier(monkeypatch, 120)
    url = way_out(long_in.post(SIGN_IN, {"next": "/account/delete/"}))
    assert long_in.get(domain.sign_in_elsewhere(url)).url == f"{CONFIRM}?next=%2Faccount%2Fdelete%2F"


def test_a_session_that_began_without_a_proof_is_not_fresh(
    client: CheckedClient, domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier(monkeypatch, site_settings.FRESH_SIGN_IN_AGE + 60)
    come_by(client, domain)
    assert client.post("/account/delete/", DELETION).url.startswith(CONFIRM)


def test_one_that_began_with_a_recent_proof_is(
    client: CheckedClient, domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier(monkeypatch, 120)
    come_by(client, domain)
    assert AUTHENTICATED_AT in client.session
    assert client.post("/account/delete/", DELETION).url == "/"


def test_others_who_are_in_are_not_sent_to_the_provider(native: tuple[CheckedClient, Person]) -> None:
    browser, _person = native
    assert browser.post(SIGN_IN, {"next": "/account/sessions/"}).url == "/account/sessions/"


@pytest.mark.parametrize("path", ["/logout/", "/account/sessions/sign-out-everywhere/"])
def test_signing_out_goes_by_way_of_the_domain(ada: CheckedClient, federated: LocalPool, path: str) -> None:
    response = ada.post(path)
    url = way_out(response)
    assert query_of(url) == {"client_id": federated.env["COGNITO_CLIENT_ID"], "logout_uri": LOGIN}
    assert response["Clear-Site-Data"]
    assert not Session.objects.filter(user__isnull=False).exists()
    assert ada.get("/account/").status_code == 302
    assert "You’re signed out" in ada.page("/login/").words


def test_the_domain_leads_back(ada: CheckedClient) -> None:
    url = way_out(ada.post("/logout/"))
    assert requests.get(url, allow_redirects=False, timeout=10).headers["Location"] == LOGIN


def test_signing_out_works_while_cognito_is_away(ada: CheckedClient, cognito: FaultProxy) -> None:
    cognito.fail("*", fault_proxy.closed_before())
    assert ada.post("/logout/").status_code == 200
    assert not Session.objects.filter(user__isnull=False).exists()


def test_those_who_typed_a_password_here_are_signed_out_here(native: tuple[CheckedClient, Person]) -> None:
    browser, _person = native
    assert browser.post("/logout/").url == "/login/"


def test_strangers_are_not_sent_to_the_domain(client: CheckedClient, domain: Domain) -> None:
    assert client.post("/logout/").url == "/login/"


@pytest.mark.parametrize("came_by", ["", *CameBy])
def test_our_own_ways_in_are_no_providers(domain: Domain, came_by: str) -> None:
    assert not federation.through_domain(came_by)


def test_a_callback_that_nobody_asked_for_offers_those_who_are_in_their_account(ada: CheckedClient) -> None:
    response = ada.get(BACK)
    assert response.status_code == 400
    assert Page.of(response.content).all("a", href="/account/")
