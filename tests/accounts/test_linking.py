"""What may be linked: profiles that nobody uses, as far as Cognito agrees, and no address that was not allowed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from accounts import conf, linking
from accounts.cognito.identities import MOST_LINKED
from accounts.models import Activity
from tests import fault_proxy
from tests.accounts.connecting import (
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
from tests.accounts.federating import ELSEWHERE, LABEL, Domain, come_by
from tests.checked_client import CheckedClient
from tests.devcloud.conformance.fake_provider import Provider
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, new_email

CONNECTED = f"{LABEL} connected. You can sign in with it."
IN_USE = f"This {LABEL} account belongs to another account here."
NOT_CONNECTED = f"We couldn’t connect {LABEL}. Nothing was changed. Try again."


@pytest.fixture
def native(federated: LocalPool, domain: Domain) -> Connecting:
    """Somebody with a password here."""
    return signed_in(federated, domain)


def test_an_account_that_somebody_uses_is_left_alone(native: Connecting, client: CheckedClient) -> None:
    come_by(client, native.domain, separate="on")
    native.connect()
    assert IN_USE in native.words()
    assert people_named(native.pool, "Elsewhere") == ["Elsewhere_ada"]
    assert linked(native.pool, native.person) == ""
    assert client.get("/account/").status_code == 200


def test_one_that_is_connected_with_another_account_is_left_alone(native: Connecting) -> None:
    native.connect()
    other = signed_in(native.pool, native.domain, new_email())
    other.connect()
    assert IN_USE in other.words()
    assert linked(native.pool, other.person) == ""
    assert "ada" in linked(native.pool, native.person)


def test_an_account_with_a_group_is_not_empty(native: Connecting) -> None:
    back = native.domain.sign_in_elsewhere(native.set_out())
    native.pool.root.admin_add_user_to_group(UserPoolId=native.pool.id, Username="Elsewhere_ada", GroupName="staff")
    native.browser.get(back)
    assert IN_USE in native.words()
    assert people_named(native.pool, "Elsewhere") == ["Elsewhere_ada"]


def test_an_account_from_before_yesterday_is_not_empty(native: Connecting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking, "NEW", timedelta(seconds=-60))
    native.connect()
    assert IN_USE in native.words()
    assert people_named(native.pool, "Elsewhere") == ["Elsewhere_ada"]


def test_an_account_that_something_else_is_linked_to_is_not_empty(native: Connecting) -> None:
    with another_provider(native.pool, "Another"):
        back = native.domain.sign_in_elsewhere(native.set_out())
        native.pool.root.admin_link_provider_for_user(
            UserPoolId=native.pool.id,
            DestinationUser={"ProviderName": ELSEWHERE, "ProviderAttributeValue": "ada"},
            SourceUser={
                "ProviderName": "Another",
                "ProviderAttributeName": "Cognito_Subject",
                "ProviderAttributeValue": "bob",
            },
        )
        native.browser.get(back)
    assert IN_USE in native.words()
    assert people_named(native.pool, "Elsewhere") == ["Elsewhere_ada"]


def test_a_way_that_was_not_finished_can_be_gone_again(native: Connecting) -> None:
    """Its profile is in the pool by then, and nobody's."""
    native.domain.sign_in_elsewhere(native.set_out())
    assert people_named(native.pool, "Elsewhere") == ["Elsewhere_ada"]
    native.connect()
    assert CONNECTED in native.words()


def test_there_are_five_at_most(native: Connecting, settings: Settings) -> None:
    for number in range(MOST_LINKED):
        native.pool.root.admin_link_provider_for_user(
            UserPoolId=native.pool.id,
            DestinationUser={
                "ProviderName": "Cognito",
                "ProviderAttributeValue": native.pool.root.admin_get_user(
                    UserPoolId=native.pool.id, Username=native.person.email
                )["Username"],
            },
            SourceUser={
                "ProviderName": ELSEWHERE,
                "ProviderAttributeName": "Cognito_Subject",
                "ProviderAttributeValue": f"ada-{number}",
            },
        )
    with another_provider(native.pool, "Another"):
        settings.COGNITO = {**settings.COGNITO, "PROVIDERS": [f"{ELSEWHERE}={LABEL}", "Another"]}
        assert native.browser.post(f"{CONNECTIONS}Another/connect/").url == SECURITY
        words = native.words()
    assert "You have connected as many as there can be." in words
    assert not [link for link in native.browser.page(SECURITY).all("a") if "/connect/" in link["href"]]


@pytest.mark.parametrize("operation", ["GetUser", "DeleteUser", LINK])
def test_an_outage_changes_nothing_and_can_be_tried_again(
    native: Connecting, cognito: FaultProxy, operation: str
) -> None:
    back = native.domain.sign_in_elsewhere(native.set_out())
    cognito.fail(operation, fault_proxy.closed_before())
    assert native.browser.get(back).status_code == 503
    cognito.heal()
    assert not Activity.objects.filter(kind=Activity.Kind.PROVIDER_CONNECTED).exists()
    native.connect()
    assert CONNECTED in native.words()


def test_a_link_whose_answer_was_lost_is_there(native: Connecting, cognito: FaultProxy) -> None:
    cognito.fail(LINK, fault_proxy.closed_after(), times=1)
    assert native.connect().status_code == 503
    assert f"Disconnect {LABEL}" in native.words()
    assert native.browser.post(CONNECT).url == SECURITY


def test_what_is_so_at_cognito_decides(
    native: Connecting, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """https://github.com/boto/boto3/issues/4163: refused, and linked all the same."""
    directory = conf.directory()
    link = directory.link

    def twice(*arguments: Any, **named: Any) -> None:
        link(*arguments, **named)
        link(*arguments, **named)

    monkeypatch.setattr(directory, "link", twice)
    native.connect()
    assert CONNECTED in native.words()


@pytest.mark.parametrize("code", ["InvalidParameterException", "AliasExistsException"])
def test_a_refusal_is_told(native: Connecting, cognito: FaultProxy, code: str) -> None:
    cognito.fail(LINK, fault_proxy.aws_error(code, "call +1 555 0100"))
    native.connect()
    words = native.words()
    assert NOT_CONNECTED in words
    assert "555" not in words
    assert not Activity.objects.filter(kind=Activity.Kind.PROVIDER_CONNECTED).exists()


def test_a_dead_token_of_theirs_does_not_end_the_session(native: Connecting) -> None:
    back = native.domain.sign_in_elsewhere(native.set_out())
    redeem = conf.hosted_ui().redeem

    def signed_out(code: str, verifier: str) -> Any:
        tokens = redeem(code, verifier)
        native.pool.root.admin_user_global_sign_out(UserPoolId=native.pool.id, Username="Elsewhere_ada")
        return tokens

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(conf.hosted_ui(), "redeem", signed_out)
        assert native.browser.get(back).url == SECURITY
    assert NOT_CONNECTED in native.words()


def test_another_address_has_to_be_allowed(federated: LocalPool, domain: Domain) -> None:
    """Cognito writes it into the account at the next sign-in by the provider."""
    native = signed_in(federated, domain, new_email())
    native.connect()
    assert f"{LABEL} has another email address than this account. Nothing was changed." in native.words()
    assert people_named(federated, "Elsewhere") == ["Elsewhere_ada"]
    native.connect(takes_address="on")
    assert CONNECTED in native.words()
    assert people_named(federated, "Elsewhere") == []


def test_the_page_says_what_another_address_means(native: Connecting, settings: Settings) -> None:
    signing_in = "You then sign in here with the new address, and no longer with the old one."
    assert signing_in in native.browser.page(CONNECT).words
    settings.COGNITO = {**settings.COGNITO, "SIGN_IN_WITH": "username"}
    assert signing_in not in native.browser.page(CONNECT).words


def test_upper_and_lower_case_are_one_address(native: Connecting, provider: Provider) -> None:
    provider.changes |= {"email": "Ada@Elsewhere.example"}
    native.connect()
    assert CONNECTED in native.words()
