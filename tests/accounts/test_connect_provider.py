"""Connecting a provider: by whoever has just proved both, in one browser, and nobody else's."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.utils import timezone
from pytest_django import Settings

from accounts.cognito.verifier import TokenVerifier
from accounts.models import Activity, Session, User
from accounts.sessions.pending import PendingProviders
from tests.accounts.connecting import (
    BACK_WITH_IT,
    CONNECT,
    CONNECTIONS,
    LINK,
    SECURITY,
    Connecting,
    another_provider,
    linked,
    people_named,
    signed_in,
)
from tests.accounts.federating import BACK, ELSEWHERE, LABEL, LOGIN, Domain, come_by, query_of, way_out
from tests.checked_client import CheckedClient
from tests.devcloud.conformance.fake_provider import Provider
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, new_email
from tests.markup import Page

CONNECTED = f"{LABEL} connected. You can sign in with it."
IN_USE = f"This {LABEL} account belongs to another account here."
NOT_CONNECTED = f"We couldn’t connect {LABEL}. Nothing was changed. Try again."
TOO_LONG_AGO = timedelta(seconds=site_settings.FRESH_SIGN_IN_AGE + 1)


@pytest.fixture
def native(federated: LocalPool, domain: Domain) -> Connecting:
    """Somebody with a password here."""
    return signed_in(federated, domain)


def test_one_person_comes_in_by_password_and_by_provider(native: Connecting, client: CheckedClient) -> None:
    assert native.connect().url == SECURITY
    assert CONNECTED in native.words()
    assert people_named(native.pool, "Elsewhere") == []
    come_by(client, native.domain)
    assert [user.sub for user in User.objects.all()] == [native.person.sub]
    assert Session.objects.get(session_key=client.session_cookie).came_by == ELSEWHERE
    assert client.page("/account/password/").all("input", type="password")
    assert f"From {LABEL}" not in client.page("/account/profile/").words


def test_it_is_recorded_and_mailed(native: Connecting) -> None:
    native.connect()
    row = Activity.objects.filter(user=native.user).first()
    assert row
    assert (row.kind, row.target, row.role) == (Activity.Kind.PROVIDER_CONNECTED, LABEL, "person")
    assert f"Connected {LABEL}" in native.browser.page("/account/activity/").words


def test_the_owner_is_told_by_mail(native: Connecting, mailoutbox: list[Any]) -> None:
    native.connect()
    assert [mail.to for mail in mailoutbox] == [[native.person.email]]
    assert f"with {LABEL}." in mailoutbox[0].body
    assert mailoutbox[0].subject == f"{LABEL} was connected to your Latchkey account"


def test_the_page_asks_first_and_says_what_follows(native: Connecting, cognito: FaultProxy) -> None:
    page = native.browser.page(CONNECT)
    assert f"Whoever can open your account at {LABEL} can open this one as well." in page.words
    assert PendingProviders.key() not in native.browser.session
    assert cognito.calls[LINK] == 0


def test_what_goes_out_asks_for_a_proof(native: Connecting) -> None:
    asked = query_of(native.set_out())
    assert (asked["prompt"], asked["max_age"], asked["identity_provider"]) == ("login", "0", ELSEWHERE)
    assert "login_hint" not in asked
    assert asked["code_challenge_method"] == "S256"


def test_the_person_proves_who_they_are_first(native: Connecting) -> None:
    Session.objects.update(created_at=timezone.now() - TOO_LONG_AGO)
    assert native.browser.post(CONNECT).url.startswith("/account/confirm/?next=")
    assert PendingProviders.key() not in native.browser.session


def test_strangers_have_nothing_to_connect(client: CheckedClient, domain: Domain) -> None:
    assert client.get(CONNECT).url == f"/login/?next={CONNECT}"


@pytest.mark.parametrize("name", ["Nobody", "COGNITO", "elsewhere", "%00"])
def test_only_what_the_site_offers_can_be_connected(native: Connecting, name: str) -> None:
    for method in (native.browser.get, native.browser.post):
        assert method(f"{CONNECTIONS}{name}/connect/").status_code == 404


def test_a_tab_of_somebody_else_connects_nothing(native: Connecting, cognito: FaultProxy) -> None:
    """Should a session's tabs ever outlive a change of person."""
    back = native.domain.sign_in_elsewhere(native.set_out())
    bob = signed_in(native.pool, native.domain, new_email())
    session = bob.browser.session
    session[PendingProviders.key()] = native.browser.session[PendingProviders.key()]
    session.save()
    assert bob.browser.get(back).url == SECURITY
    assert NOT_CONNECTED in bob.words()
    assert (cognito.calls[LINK], cognito.calls["RevokeToken"]) == (0, 1)
    assert people_named(native.pool, "Elsewhere") == ["Elsewhere_ada"]


def test_nobody_is_signed_in_by_it(native: Connecting) -> None:
    back = native.domain.sign_in_elsewhere(native.set_out())
    tabs = native.browser.session[PendingProviders.key()]
    Session.objects.all().delete()
    native.browser.cookies.clear()
    native.browser.post("/login/with/COGNITO/")
    session = native.browser.session
    session[PendingProviders.key()] = tabs
    session.save()
    assert native.browser.get(back).url == BACK_WITH_IT
    page = native.browser.page("/login/")
    assert f"You’re not signed in any more. Sign in, then connect {LABEL} again." in page.words
    assert people_named(native.pool, "Elsewhere") == ["Elsewhere_ada"]


def test_another_browsers_answer_connects_nothing(native: Connecting, cognito: FaultProxy) -> None:
    """R50: the attacker's code and state in the victim's browser."""
    attacker = signed_in(native.pool, native.domain, new_email())
    planted = attacker.domain.sign_in_elsewhere(attacker.set_out())
    native.set_out()
    assert native.browser.get(planted).status_code == 400
    assert (cognito.calls[LINK], cognito.calls["/oauth2/token"]) == (0, 0)


def test_a_way_to_sign_in_connects_nothing(native: Connecting, client: CheckedClient, cognito: FaultProxy) -> None:
    """A tab in which somebody set out to sign in comes back when they are signed in otherwise."""
    back = native.domain.sign_in_elsewhere(way_out(client.post(f"/login/with/{ELSEWHERE}/")))
    client.post("/login/", {"username": native.person.email, "password": native.person.password})
    client.get(back)
    assert cognito.calls[LINK] == 0
    assert people_named(native.pool, "Elsewhere") == ["Elsewhere_ada"]


def test_a_proof_from_before_the_question_is_none(native: Connecting, monkeypatch: pytest.MonkeyPatch) -> None:
    decode = TokenVerifier._verify

    def earlier(self: TokenVerifier, token: str, *, token_use: str) -> dict[str, Any]:
        return {**decode(self, token, token_use=token_use), "auth_time": int(time.time() - 120)}

    url = native.set_out()
    monkeypatch.setattr(TokenVerifier, "_verify", earlier)
    native.browser.get(native.domain.sign_in_elsewhere(url))
    assert NOT_CONNECTED in native.words()
    assert people_named(native.pool, "Elsewhere") == ["Elsewhere_ada"]


def test_a_token_with_another_nonce_is_refused(native: Connecting, caplog: pytest.LogCaptureFixture) -> None:
    """R45."""
    url = native.set_out()
    with caplog.at_level(logging.WARNING):
        native.browser.get(native.domain.sign_in_elsewhere(url.replace(query_of(url)["nonce"], "another")))
    assert NOT_CONNECTED in native.words()
    assert linked(native.pool, native.person) == ""
    assert query_of(url)["nonce"] not in caplog.text


@pytest.mark.parametrize("error", ["access_denied", "server_error"])
def test_an_error_is_told_in_our_words_where_they_set_out(native: Connecting, error: str) -> None:
    """R46."""
    state = query_of(native.set_out())["state"]
    answer = native.browser.get(BACK, {"state": state, "error": error, "error_description": "Call +1 555 0100"})
    assert answer.url == SECURITY
    words = native.words()
    assert "555" not in words
    assert (f"Sign-in with {LABEL} was canceled." if error == "access_denied" else NOT_CONNECTED) in words


def test_the_first_try_after_linking_is_made_again_for_the_same_person(native: Connecting) -> None:
    state = query_of(native.set_out())["state"]
    linked_now = {"error": "invalid_request", "error_description": "Already found an entry for username x"}
    url = native.browser.get(BACK, {"state": state, **linked_now}).url
    assert query_of(url)["prompt"] == "login"
    native.browser.get(native.domain.sign_in_elsewhere(url))
    assert CONNECTED in native.words()


def test_connecting_again_says_that_it_is_so(native: Connecting) -> None:
    native.connect()
    native.browser.page(SECURITY)
    assert native.browser.post(CONNECT).url == SECURITY
    assert f"{LABEL} is connected already." in native.words()
    assert linked(native.pool, native.person).count("userId") == 1


def test_connecting_in_two_tabs_is_done_in_the_first_and_said_in_the_second(
    native: Connecting, cognito: FaultProxy
) -> None:
    first, second = native.set_out(), native.set_out()
    native.browser.get(native.domain.sign_in_elsewhere(first))
    native.browser.page(SECURITY)
    assert cognito.calls["RevokeToken"] == 0
    native.browser.get(native.domain.sign_in_elsewhere(second))
    told = native.browser.page(SECURITY).one("div", class_="notice notice--success")
    assert told.text.strip() == f"{LABEL} is connected already."
    assert cognito.calls["RevokeToken"] == 1
    assert linked(native.pool, native.person).count("userId") == 1


def test_an_answer_from_before_the_other_tab_was_done_is_too_late(native: Connecting) -> None:
    first, second = (native.domain.sign_in_elsewhere(native.set_out()) for _ in range(2))
    native.browser.get(first)
    assert native.browser.get(second).url == SECURITY
    page = native.browser.page(SECURITY)
    assert CONNECTED in page.words
    assert NOT_CONNECTED in page.words
    assert linked(native.pool, native.person).count("userId") == 1


def test_loading_the_answer_again_leads_to_where_it_led(native: Connecting, cognito: FaultProxy) -> None:
    back = native.domain.sign_in_elsewhere(native.set_out())
    assert [native.browser.get(back).url for _ in range(3)] == [SECURITY] * 3
    assert cognito.calls[LINK] == 1


def test_signing_out_afterwards_goes_by_way_of_the_domain(native: Connecting) -> None:
    native.connect()
    assert query_of(way_out(native.browser.post("/logout/")))["logout_uri"] == LOGIN


def test_confirming_who_one_is_does_not_forget_that(native: Connecting) -> None:
    native.connect()
    native.browser.post("/account/confirm/", {"password": native.person.password})
    assert query_of(way_out(native.browser.post("/account/sessions/sign-out-everywhere/")))["logout_uri"] == LOGIN


def test_it_can_be_tried_so_often_and_no_more(native: Connecting) -> None:
    answers = [native.browser.post(CONNECT).status_code for _ in range(21)]
    assert answers == [200] * 20 + [429]


def test_somebody_without_a_password_connects_a_second_provider(
    federated: LocalPool, domain: Domain, settings: Settings, client: CheckedClient
) -> None:
    settings.COGNITO = {**settings.COGNITO, "PROVIDERS": [f"{ELSEWHERE}={LABEL}", "Another=Another Inc"]}
    come_by(client, domain)
    user = User.objects.get()
    with another_provider(federated, "Another", sub="countess"):
        url = way_out(client.post(f"{CONNECTIONS}Another/connect/", {"takes_address": "on"}))
        client.get(domain.sign_in_elsewhere(url))
        assert "Another Inc connected. You can sign in with it." in client.page(SECURITY).words
        browser = CheckedClient()
        back = domain.sign_in_elsewhere(way_out(browser.post("/login/with/Another/")))
        assert browser.get(back).url == "/account/"
    assert list(User.objects.all()) == [user]
    assert people_named(federated, "Another") == []


def test_the_page_of_a_callback_names_the_provider_by_its_label(native: Connecting, provider: Provider) -> None:
    provider.changes |= {"sub": "bob"}
    native.connect()
    page = Page.of(native.browser.get(SECURITY).content)
    assert ELSEWHERE not in page.words.replace(LABEL, "")
