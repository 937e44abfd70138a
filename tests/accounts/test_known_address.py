"""A newcomer of a provider whose address an account here has: nobody is linked, they are asked to sign in first."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from accounts.models import Activity, Session, User
from tests import fault_proxy
from tests.accounts.connecting import SECURITY, Connecting, people_named, signed_in
from tests.accounts.federating import LABEL, SIGN_IN, Domain, come_by, way_out
from tests.checked_client import CheckedClient
from tests.devcloud.conformance.fake_provider import Provider
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool
from tests.markup import Page

KNOWN = f"An account here has the email address that {LABEL} gave us."
REVOKE = "RevokeToken"


@pytest.fixture
def native(federated: LocalPool, domain: Domain) -> Connecting:
    """Somebody with a password here, and the address that the provider says of whoever comes."""
    return signed_in(federated, domain)


def is_in(browser: CheckedClient) -> bool:
    return bool(browser.get("/account/").status_code == 200)


def test_they_are_told_to_sign_in_and_connect(native: Connecting, client: CheckedClient, cognito: FaultProxy) -> None:
    response = come_by(client, native.domain, next="/account/sessions/")
    page = Page.of(response.content)
    assert response.status_code == 200
    assert KNOWN in page.words
    assert page.all("a", href=f"/login/?next={SECURITY}")
    assert not is_in(client)
    assert [user.sub for user in User.objects.all()] == [native.person.sub]
    assert cognito.calls[REVOKE] == 1
    assert not Activity.objects.exclude(user=native.user).exists()


def test_they_sign_in_and_land_where_they_can_connect(native: Connecting, client: CheckedClient) -> None:
    come_by(client, native.domain)
    page = client.page(f"/login/?next={SECURITY}")
    assert page.field("username")["value"] == native.person.email
    data = {"username": native.person.email, "password": native.person.password, "next": SECURITY}
    assert client.post("/login/", data).url == SECURITY
    again = Connecting(native.pool, native.person, client, native.domain)
    again.connect()
    assert f"{LABEL} connected." in again.words()
    assert people_named(native.pool, "Elsewhere") == []


def test_whoever_wants_a_separate_account_has_one(native: Connecting, client: CheckedClient) -> None:
    page = Page.of(come_by(client, native.domain, next="/account/sessions/").content)
    fields = {field["name"]: field["value"] for field in page.all("input", type="hidden")}
    fields.pop("csrfmiddlewaretoken")
    assert fields == {"separate": "on", "next": "/account/sessions/"}
    assert page.all("form", action=SIGN_IN)
    assert come_by(client, native.domain, **fields).url == "/account/sessions/"
    assert User.objects.count() == 2
    browser = CheckedClient()
    assert come_by(browser, native.domain).url == "/account/"


def test_loading_it_again_says_the_same(native: Connecting, client: CheckedClient, cognito: FaultProxy) -> None:
    back = native.domain.sign_in_elsewhere(way_out(client.post(SIGN_IN)))
    for _ in range(2):
        assert KNOWN in Page.of(client.get(back).content).words
    assert cognito.calls["/oauth2/token"] == 1
    client.post("/login/", {"username": native.person.email, "password": native.person.password})
    assert client.get(back).url == "/account/"


def test_a_provider_that_is_offered_no_longer_is_not_named(
    native: Connecting, client: CheckedClient, settings: Settings
) -> None:
    back = native.domain.sign_in_elsewhere(way_out(client.post(SIGN_IN)))
    settings.COGNITO = {**settings.COGNITO, "PROVIDERS": ["COGNITO"]}
    assert client.get(back).status_code == 400


@pytest.mark.parametrize(
    "changes", [{"cognito_status": "GONE"}, {"cognito_status": "UNCONFIRMED"}, {"issuer": "other"}]
)
def test_an_account_that_is_nobodys_does_not_count(
    native: Connecting, client: CheckedClient, changes: dict[str, str]
) -> None:
    User.objects.update(**changes)
    assert come_by(client, native.domain).url == "/account/"


@pytest.mark.parametrize("email", ["somebody-else@elsewhere.example", ""])
def test_another_address_or_none_is_no_hint(
    native: Connecting, client: CheckedClient, provider: Provider, email: str
) -> None:
    provider.changes |= {"email": email}
    assert come_by(client, native.domain).url == "/account/"


def test_upper_and_lower_case_are_one_address(native: Connecting, client: CheckedClient, provider: Provider) -> None:
    provider.changes |= {"email": "ADA@elsewhere.example"}
    assert KNOWN in Page.of(come_by(client, native.domain).content).words


def test_people_of_the_pool_are_not_asked(native: Connecting, client: CheckedClient) -> None:
    """By the page of the domain they are themselves."""
    User.objects.create(issuer=native.user.issuer, sub="another", username="x", email=native.person.email)
    back = native.domain.sign_in_here(way_out(client.post("/login/with/COGNITO/")), native.person)
    assert client.get(back).url == "/account/"


def test_an_outage_while_revoking_changes_nothing(
    native: Connecting, client: CheckedClient, cognito: FaultProxy
) -> None:
    cognito.fail(REVOKE, fault_proxy.closed_before())
    assert KNOWN in Page.of(come_by(client, native.domain).content).words


def test_no_token_is_kept(native: Connecting, client: CheckedClient) -> None:
    come_by(client, native.domain)
    assert Session.objects.get(session_key=client.session_cookie).tokens == ""
