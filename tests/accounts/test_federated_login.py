"""Signing in with another provider: out with three secrets, back with a code, and nothing that was not asked for."""

from __future__ import annotations

import base64
import hashlib
import logging
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Group
from pytest_django import Settings

from accounts import conf, holds
from accounts.models import Activity, Session, User
from accounts.sessions.pending import PendingProviders
from tests import fault_proxy
from tests.accounts.federating import (
    BACK,
    ELSEWHERE,
    LABEL,
    SIGN_IN,
    Domain,
    come_by,
    pool_with_domain,
    query_of,
    request_with,
    way_out,
)
from tests.checked_client import CheckedClient
from tests.conftest import UsePool
from tests.devcloud.conformance.fake_provider import Provider
from tests.devcloud.conformance.hosted import CALLBACK
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool
from tests.markup import Page

TOKEN = "/oauth2/token"
FAILED = f"We couldn’t sign you in with {LABEL}. Try again, or use another way."
UNFINISHED = "This sign-in can’t be finished"


def is_in(browser: CheckedClient) -> bool:
    return bool(browser.get("/account/").status_code == 200)


def test_somebody_comes_in_and_the_session_knows_how(client: CheckedClient, domain: Domain) -> None:
    response = come_by(client, domain, next="/account/sessions/")
    assert (response.status_code, response.url) == (302, "/account/sessions/")
    assert is_in(client)
    assert Session.objects.get(session_key=client.session_cookie).came_by == ELSEWHERE
    user = User.objects.get()
    assert (user.username, user.email, user.email_verified) == ("Elsewhere_ada", "ada@elsewhere.example", False)
    assert user.cognito_status == "EXTERNAL_PROVIDER"


def test_somebody_comes_in_by_the_page_of_the_domain(
    client: CheckedClient, domain: Domain, federated: LocalPool
) -> None:
    person = federated.person()
    back = domain.sign_in_here(way_out(client.post("/login/with/COGNITO/")), person)
    assert client.get(back).url == "/account/"
    assert User.objects.get().sub == person.sub
    assert Session.objects.get(session_key=client.session_cookie).came_by == "COGNITO"


def test_a_public_client_needs_no_secret(
    client: CheckedClient, local_pool: LocalPool, use_pool: UsePool, provider: Provider, cognito: FaultProxy
) -> None:
    pool = use_pool(
        pool_with_domain(local_pool, provider, GenerateSecret=False), DOMAIN=cognito.url, PROVIDERS=[ELSEWHERE]
    )
    assert pool.env["COGNITO_CLIENT_SECRET"] == ""
    assert come_by(client, Domain(cognito.url)).url == "/account/"


def test_what_goes_out_is_new_each_time_and_the_verifier_stays(client: CheckedClient, domain: Domain) -> None:
    first, second = (query_of(way_out(client.post(SIGN_IN))) for _ in range(2))
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]
        assert len(first[name]) >= 43
    assert first["code_challenge_method"] == "S256"
    assert first["identity_provider"] == ELSEWHERE
    assert set(first["scope"].split()) == {"openid", "email", "profile", "aws.cognito.signin.user.admin"}
    found = PendingProviders.find(request_with(client.session))
    assert found
    verifier = found.tabs[first["state"]]["verifier"]
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    assert digest == first["code_challenge"]
    assert verifier not in str(Session.objects.values_list("session_data").get())


def test_a_code_is_worth_nothing_without_the_verifier(
    client: CheckedClient, domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = domain.sign_in_elsewhere(way_out(client.post(SIGN_IN)))
    redeem = conf.hosted_ui().redeem
    monkeypatch.setattr(conf.hosted_ui(), "redeem", lambda code, _verifier: redeem(code, "x" * 64))
    assert client.get(back).url == "/login/"
    assert not User.objects.exists()


def test_ten_tabs_come_back_in_any_order(client: CheckedClient, domain: Domain) -> None:
    """R43."""
    pages = ["/account/", "/account/sessions/", "/account/activity/", "/account/profile/", "/account/security/"] * 2
    ways = [domain.sign_in_elsewhere(way_out(client.post(SIGN_IN, {"next": page}))) for page in pages]
    for way, page in reversed(list(zip(ways, pages, strict=True))):
        assert client.get(way).url == page
    assert is_in(client)
    assert User.objects.count() == 1


def test_the_eleventh_pushes_out_the_oldest(client: CheckedClient, domain: Domain, cognito: FaultProxy) -> None:
    """R43."""
    ways = [domain.sign_in_elsewhere(way_out(client.post(SIGN_IN))) for _ in range(11)]
    assert client.get(ways[0]).status_code == 400
    assert cognito.calls[TOKEN] == 0
    assert client.get(ways[1]).url == "/account/"


def test_one_that_took_too_long_is_refused(
    client: CheckedClient, domain: Domain, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = domain.sign_in_elsewhere(way_out(client.post(SIGN_IN)))
    monkeypatch.setattr(PendingProviders, "AGE", -1)
    assert client.get(back).status_code == 400
    assert cognito.calls[TOKEN] == 0


@pytest.mark.parametrize("state", ["", "made-up", "x" * 4000, "\0", "{}", "🐈"])
def test_a_state_nobody_went_out_with_does_nothing(
    client: CheckedClient, domain: Domain, cognito: FaultProxy, state: str
) -> None:
    """R43."""
    client.post(SIGN_IN)
    response = client.get(f"{BACK}?{urlencode({'state': state, 'code': 'a-code'})}")
    assert response.status_code == 400
    assert UNFINISHED in Page.of(response.content).words
    assert cognito.calls[TOKEN] == 0


def test_another_browsers_answer_signs_nobody_in(client: CheckedClient, domain: Domain, cognito: FaultProxy) -> None:
    """R50: the attacker's code and state in the victim's browser."""
    attacker = CheckedClient()
    planted = domain.sign_in_elsewhere(way_out(attacker.post(SIGN_IN)))
    client.post(SIGN_IN)
    assert client.get(planted).status_code == 400
    assert cognito.calls[TOKEN] == 0
    assert not is_in(client)


def test_a_stranger_who_comes_back_a_thousand_times_makes_no_session(client: CheckedClient, domain: Domain) -> None:
    for answer in ("state=x&code=y", "error=access_denied", "", "state=x&error=server_error"):
        CheckedClient().get(f"{BACK}?{answer}")
    assert Session.objects.count() == 0


def test_a_stranger_can_set_out_so_often_and_no_more(domain: Domain) -> None:
    answers = [CheckedClient().post(SIGN_IN).status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]
    assert Session.objects.count() == 30


def test_loading_it_again_leads_to_where_it_led(client: CheckedClient, domain: Domain, cognito: FaultProxy) -> None:
    """F24."""
    back = domain.sign_in_elsewhere(way_out(client.post(SIGN_IN, {"next": "/account/sessions/"})))
    assert [client.get(back).url for _ in range(3)] == ["/account/sessions/"] * 3
    assert cognito.calls[TOKEN] == 1


def test_loading_it_again_without_being_in_says_so(client: CheckedClient, domain: Domain, cognito: FaultProxy) -> None:
    """F24, R43."""
    back = domain.sign_in_elsewhere(way_out(client.post(SIGN_IN)))
    client.get(back)
    client.post("/logout/")
    response = client.get(back)
    assert response.status_code == 400
    assert Page.of(response.content).all("a", href="/login/")
    assert cognito.calls[TOKEN] == 1


@pytest.mark.parametrize("error", ["access_denied", "invalid_request", "server_error", "<script>alert(1)</script>"])
@pytest.mark.parametrize("words", ["<script>alert(1)</script>", "x" * 100_000, "Call +1 555 0100 now"])
def test_an_error_is_told_in_our_words_alone(client: CheckedClient, domain: Domain, error: str, words: str) -> None:
    """R46."""
    state = query_of(way_out(client.post(SIGN_IN)))["state"]
    response = client.get(BACK, {"state": state, "error": error, "error_description": words})
    assert response.url == "/login/"
    page = client.page("/login/")
    assert "555" not in page.words
    assert "alert(1)" not in page.html
    canceled = f"Sign-in with {LABEL} was canceled."
    assert (canceled if error == "access_denied" else FAILED) in page.words


def test_an_error_without_a_state_leaves_people_signed_in(client: CheckedClient, domain: Domain) -> None:
    """R46."""
    come_by(client, domain)
    response = client.get(BACK, {"error": "access_denied", "error_description": "Signed out"})
    assert response.status_code == 400
    assert "Signed out" not in response.content.decode()
    assert is_in(client)


@pytest.mark.parametrize("change", ["&error=access_denied", "&code=another", "&iss=https://evil.example", "&iss="])
def test_an_answer_that_says_two_things_is_refused(
    client: CheckedClient, domain: Domain, cognito: FaultProxy, change: str
) -> None:
    """R47, R48."""
    back = domain.sign_in_elsewhere(way_out(client.post(SIGN_IN)))
    assert client.get(back + change).status_code == 400
    assert cognito.calls[TOKEN] == 0
    assert not is_in(client)


def test_our_own_issuer_may_be_named(client: CheckedClient, domain: Domain) -> None:
    """R48, RFC 9207."""
    back = domain.sign_in_elsewhere(way_out(client.post(SIGN_IN)))
    assert client.get(f"{back}&{urlencode({'iss': conf.config().issuer})}").url == "/account/"


@pytest.mark.parametrize("method", ["post", "head", "put"])
def test_only_get_comes_back(client: CheckedClient, domain: Domain, cognito: FaultProxy, method: str) -> None:
    """R47."""
    back = domain.sign_in_elsewhere(way_out(client.post(SIGN_IN)))
    assert getattr(client, method)(back).status_code == 405
    assert cognito.calls[TOKEN] == 0


@pytest.mark.parametrize("nonce", ["another", ""])
def test_a_token_with_another_nonce_is_refused(
    client: CheckedClient, domain: Domain, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, nonce: str
) -> None:
    """R45: validly signed, and won elsewhere."""
    url = way_out(client.post(SIGN_IN))
    sent = query_of(url)["nonce"]
    back = domain.sign_in_elsewhere(url.replace(sent, nonce))
    with caplog.at_level(logging.WARNING):
        assert client.get(back).url == "/login/"
    assert not User.objects.exists()
    assert FAILED in client.page("/login/").words
    assert sent not in caplog.text
    assert "nonce" in " ".join(str(vars(record)) for record in caplog.records)


def test_the_way_back_does_not_follow_the_host(domain: Domain, settings: Settings) -> None:
    """R49."""
    settings.ALLOWED_HOSTS = ["localhost", "evil.example", "testserver"]
    browser = CheckedClient(headers={"Host": "evil.example"})
    url = way_out(browser.post(SIGN_IN))
    assert query_of(url)["redirect_uri"] == CALLBACK
    assert "evil" not in url


@pytest.mark.parametrize(
    "fault",
    [fault_proxy.closed_before(), fault_proxy.bad_gateway(), fault_proxy.html_success(), fault_proxy.empty()],
    ids=["closed", "502", "html", "empty"],
)
def test_an_outage_is_no_refusal_and_can_be_tried_again(
    client: CheckedClient, domain: Domain, cognito: FaultProxy, fault: fault_proxy.Fault
) -> None:
    """F24, F1."""
    back = domain.sign_in_elsewhere(way_out(client.post(SIGN_IN)))
    cognito.fail(TOKEN, fault, times=1)
    assert client.get(back).status_code == 503
    assert cognito.calls[TOKEN] == 1
    assert client.get(back).url == "/account/"


def test_a_redirect_of_the_token_endpoint_is_not_followed(
    client: CheckedClient, domain: Domain, cognito: FaultProxy
) -> None:
    """R49."""
    back = domain.sign_in_elsewhere(way_out(client.post(SIGN_IN)))
    moved = fault_proxy.Answer(307, b"", "text/html", (("Location", f"{cognito.url}/oauth2/elsewhere"),))
    cognito.fail(TOKEN, fault_proxy.Fault(forward=False, rewrite=lambda _answer: moved))
    assert client.get(back).status_code == 503
    assert cognito.calls["elsewhere"] == 0


def test_somebody_signed_in_stays_who_they_are(
    client: CheckedClient, domain: Domain, federated: LocalPool, provider: Provider
) -> None:
    """R50, R43: a tab left open, in which somebody else has signed in at the provider."""
    bob = domain.sign_in_elsewhere(way_out(client.post(SIGN_IN)))
    person = federated.person()
    client.post("/login/", {"username": person.email, "password": person.password})
    assert client.get(bob).url == "/account/"
    assert "You’re signed in as somebody else." in client.page("/account/").words
    assert [user.sub for user in User.objects.all()] == [person.sub]


def test_people_are_not_linked_by_an_address(client: CheckedClient, domain: Domain, federated: LocalPool) -> None:
    """R52: two users, and the one has nothing of the other."""
    person = federated.person(email="ada@elsewhere.example", groups=("staff",))
    browser = CheckedClient()
    browser.post("/login/", {"username": person.email, "password": person.password})
    come_by(client, domain, separate="on")
    assert User.objects.filter(email="ada@elsewhere.example").count() == 2
    assert not User.objects.get(username="Elsewhere_ada").is_staff


def test_a_held_name_neither_keeps_them_out_nor_is_let_go(client: CheckedClient, domain: Domain) -> None:
    with holds.held("ada@elsewhere.example"):
        pass
    assert holds.is_held(["ada@elsewhere.example"])
    assert come_by(client, domain).url == "/account/"
    assert holds.is_held(["ada@elsewhere.example"])


def test_the_providers_group_grants_nothing(client: CheckedClient, domain: Domain, settings: Settings) -> None:
    group = f"{conf.config().user_pool_id}_{ELSEWHERE}"
    settings.COGNITO = {**settings.COGNITO, "STAFF_GROUP": group, "SUPERUSER_GROUP": group}
    come_by(client, domain)
    user = User.objects.get()
    assert group in user.cognito_groups
    assert (user.is_staff, user.is_superuser, Group.objects.count()) == (False, False, 0)


def test_newcomers_join_the_default_group(client: CheckedClient, domain: Domain, settings: Settings) -> None:
    settings.COGNITO = {**settings.COGNITO, "DEFAULT_GROUP": "members"}
    come_by(client, domain)
    assert "members" in User.objects.get().cognito_groups


def test_who_is_disabled_here_does_not_come_in(client: CheckedClient, domain: Domain) -> None:
    come_by(client, domain)
    User.objects.update(is_active=False)
    browser = CheckedClient()
    assert come_by(browser, domain).url == "/login/"
    assert FAILED in browser.page("/login/").words


def test_the_first_try_after_linking_is_made_again_once(
    client: CheckedClient, domain: Domain, cognito: FaultProxy
) -> None:
    query = query_of(way_out(client.post(SIGN_IN, {"next": "/account/sessions/"})))
    linked = {"error": "invalid_request", "error_description": "Already found an entry for username Elsewhere_ada"}
    again = client.get(BACK, {"state": query["state"], **linked})
    assert again.status_code == 302
    second = query_of(again.url)
    assert second["state"] != query["state"]
    assert client.get(BACK, {"state": second["state"], **linked}).url == "/login/?next=%2Faccount%2Fsessions%2F"
    third = query_of(way_out(client.post(SIGN_IN, {"next": "/account/sessions/"})))
    url = client.get(BACK, {"state": third["state"], **linked}).url
    assert client.get(domain.sign_in_elsewhere(url)).url == "/account/sessions/"


@pytest.mark.parametrize("name", ["Nobody", "COGNITO/", "elsewhere", "..%2F", "%00"])
def test_a_provider_that_is_not_offered_is_not_found(client: CheckedClient, domain: Domain, name: str) -> None:
    assert client.post(f"/login/with/{name}/").status_code == 404
    assert Session.objects.count() == 0


@pytest.mark.parametrize("next_url", ["//evil.example/", "https://evil.example/", "/\\evil.example", "/login/"])
def test_nobody_is_led_to_another_site(client: CheckedClient, domain: Domain, next_url: str) -> None:
    """R51."""
    assert come_by(client, domain, next=next_url).url == "/account/"


def test_the_sign_in_is_recorded(client: CheckedClient, domain: Domain) -> None:
    come_by(client, domain)
    assert [row.kind for row in Activity.objects.of_person(User.objects.get())] == [Activity.Kind.FIRST_SIGN_IN]
