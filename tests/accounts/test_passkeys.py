"""One's own passkeys: added, listed, deleted, offered once."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core import mail

from accounts.models import Activity, User
from tests import fault_proxy
from tests.accounts.conftest import UsePool
from tests.checked_client import CheckedClient
from tests.devcloud.conformance.authenticator import Authenticator
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.markup import Page
from tests.other_pools import another_client

PAGE = "/account/security/passkeys/"


def options(client: CheckedClient) -> dict[str, Any]:
    found: dict[str, Any] = client.post(f"{PAGE}options/").json()
    return found


def added(client: CheckedClient, credential: object) -> Page:
    text = credential if isinstance(credential, str) else json.dumps(credential)
    assert client.post(f"{PAGE}add/", {"credential": text}).url == PAGE
    return client.page(PAGE)


def deletion_links(page: Page) -> list[str]:
    return [link["href"] for link in page.all("a") if link["href"].endswith("/delete/") and "passkeys" in link["href"]]


@pytest.fixture
def key() -> Authenticator:
    """An authenticator on Ada's device."""
    return Authenticator()


@pytest.fixture
def with_passkey(signed_in: CheckedClient, key: Authenticator) -> CheckedClient:
    """Ada's browser, with a passkey added."""
    added(signed_in, key.register(options(signed_in)))
    return signed_in


def test_a_passkey_is_added_and_listed(signed_in: CheckedClient, key: Authenticator) -> None:
    page = added(signed_in, key.register(options(signed_in)))
    assert "Your passkey is added" in page.words
    assert len(deletion_links(page)) == 1
    assert "1 passkey" in signed_in.page("/account/security/").words


def test_the_person_is_told_by_mail(with_passkey: CheckedClient, person: Person) -> None:
    assert [message.to for message in mail.outbox] == [[person.email]]
    assert Activity.objects.filter(kind=Activity.Kind.PASSKEY_ADDED).count() == 1


def test_the_mail_calls_the_passkey_as_the_page_does(
    signed_in: CheckedClient, key: Authenticator, person: Person
) -> None:
    page = added(signed_in, key.register(options(signed_in)))
    found = re.search(r"“(.+)” was added to (\S+)\. Whoever has", str(mail.outbox[-1].body))
    assert found
    assert found[2] == person.email
    assert found[1] in page.words


def test_a_passkey_whose_name_cannot_be_asked_for_is_added_and_mailed_all_the_same(
    signed_in: CheckedClient, key: Authenticator, person: Person, cognito: FaultProxy
) -> None:
    made = json.dumps(key.register(options(signed_in)))
    cognito.fail("ListWebAuthnCredentials", fault_proxy.server_error())
    assert signed_in.post(f"{PAGE}add/", {"credential": made}).url == PAGE
    cognito.forget()
    assert len(deletion_links(signed_in.page(PAGE))) == 1
    assert f"A passkey was added to {person.email}." in str(mail.outbox[-1].body)


def test_the_person_is_told_of_a_deletion_too(with_passkey: CheckedClient, person: Person) -> None:
    mail.outbox.clear()
    with_passkey.post(deletion_links(with_passkey.page(PAGE))[0])
    assert [message.to for message in mail.outbox] == [[person.email]]
    assert mail.outbox[0].subject == "A passkey was removed from your Latchkey account"
    assert re.search(rf"“.+” was removed from {re.escape(person.email)}\.", str(mail.outbox[0].body))
    assert Activity.objects.filter(kind=Activity.Kind.PASSKEY_REMOVED).count() == 1


def test_options_name_the_passkeys_there_are(with_passkey: CheckedClient, key: Authenticator) -> None:
    given = options(with_passkey)
    assert given["rp"]["id"] == "localhost"
    assert len(given["excludeCredentials"]) == 1
    assert given["challenge"] != options(with_passkey)["challenge"]


@pytest.mark.parametrize("credential", ["", "nonsense", "[]", '{"id": 7}', "[" * 5000, "x" * 40_000])
def test_what_is_no_passkey_is_not_sent(signed_in: CheckedClient, cognito: FaultProxy, credential: str) -> None:
    assert "did not make a passkey" in added(signed_in, credential).words
    assert cognito.calls["CompleteWebAuthnRegistration"] == 0


def test_a_passkey_for_another_site_is_refused(signed_in: CheckedClient) -> None:
    foreign = Authenticator("https://evil.example", "evil.example")
    credential = json.dumps(foreign.register(options(signed_in)))
    assert signed_in.post(f"{PAGE}add/", {"credential": credential}).status_code == 503
    assert deletion_links(signed_in.page(PAGE)) == []


def test_a_passkey_made_for_an_earlier_challenge_is_refused(signed_in: CheckedClient, key: Authenticator) -> None:
    stale = key.register(options(signed_in))
    options(signed_in)
    page = added(signed_in, stale)
    assert "could not be added" in page.words
    assert deletion_links(page) == []


def test_a_passkey_is_not_added_twice(signed_in: CheckedClient, key: Authenticator) -> None:
    made = key.register(options(signed_in))
    added(signed_in, made)
    page = added(signed_in, made)
    assert "could not be added" in page.words
    assert len(deletion_links(page)) == 1


@pytest.mark.parametrize(
    "code",
    [
        "WebAuthnChallengeNotFoundException",
        "WebAuthnCredentialNotSupportedException",
        "WebAuthnClientMismatchException",
        "InvalidParameterException",
        "NotAuthorizedException",
    ],
)
def test_a_refusal_is_told_and_nothing_recorded(
    signed_in: CheckedClient, cognito: FaultProxy, key: Authenticator, code: str
) -> None:
    made = key.register(options(signed_in))
    cognito.fail("CompleteWebAuthnRegistration", fault_proxy.aws_error(code, "words of AWS"))
    page = added(signed_in, made)
    assert "could not be added" in page.words
    assert "words of AWS" not in page.html
    assert not Activity.objects.filter(kind=Activity.Kind.PASSKEY_ADDED).exists()


@pytest.mark.parametrize("code", ["WebAuthnOriginNotAllowedException", "WebAuthnRelyingPartyMismatchException"])
def test_a_mistake_in_the_set_up_wakes_an_operator(
    signed_in: CheckedClient, cognito: FaultProxy, key: Authenticator, code: str
) -> None:
    made = json.dumps(key.register(options(signed_in)))
    cognito.fail("CompleteWebAuthnRegistration", fault_proxy.aws_error(code))
    assert signed_in.post(f"{PAGE}add/", {"credential": made}).status_code == 503


def test_with_twenty_there_is_no_button_for_another(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    entries = [{"CredentialId": f"key-{n}", "FriendlyCredentialName": f"Key {n}", "CreatedAt": n} for n in range(20)]
    answer = json.dumps({"Credentials": entries}).encode()
    cognito.fail("ListWebAuthnCredentials", fault_proxy.answered(200, answer))
    page = signed_in.page(PAGE)
    assert "as many passkeys as there can be" in page.words
    assert not page.all("button", type="button")


def test_without_javascript_the_page_says_what_is_needed(signed_in: CheckedClient) -> None:
    page = signed_in.page(PAGE)
    assert "needs JavaScript" in page.words
    assert "hidden" in page.one("button", type="button")


def test_a_passkey_is_deleted_after_a_question(with_passkey: CheckedClient, person: Person) -> None:
    link = deletion_links(with_passkey.page(PAGE))[0]
    assert "Delete this passkey?" in with_passkey.page(link).words
    assert with_passkey.post(link).url == PAGE
    page = with_passkey.page(PAGE)
    assert "The passkey is deleted here" in page.words
    assert deletion_links(page) == []


@pytest.mark.parametrize("passkey_id", ["nothing", "..%2F..", "<b>"])
def test_a_passkey_that_is_not_there_is_not_found(
    with_passkey: CheckedClient, cognito: FaultProxy, passkey_id: str
) -> None:
    assert with_passkey.post(f"{PAGE}{passkey_id}/delete/").status_code == 404
    assert cognito.calls["DeleteWebAuthnCredential"] == 0


def test_a_passkey_of_somebody_else_is_not_found(
    with_passkey: CheckedClient, pool: LocalPool, client: CheckedClient, cognito: FaultProxy
) -> None:
    mallory = pool.person()
    client.post("/login/", {"username": mallory.email, "password": mallory.password})
    assert client.post(deletion_links(with_passkey.page(PAGE))[0]).status_code == 404
    assert cognito.calls["DeleteWebAuthnCredential"] == 0


@pytest.mark.parametrize("path", ["options/", "add/"])
def test_nothing_is_changed_by_get(signed_in: CheckedClient, path: str) -> None:
    assert signed_in.get(f"{PAGE}{path}").status_code == 405


def test_where_passkeys_cannot_be_used_none_is_offered(
    client: CheckedClient, local_pool: LocalPool, use_pool: UsePool
) -> None:
    properties = {"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]}
    pool = use_pool(another_client(local_pool, **properties), ENDPOINT_URL=local_pool.endpoint)
    person = pool.person()
    data = {"username": person.email, "password": person.password, "scripts": "on"}
    assert client.post("/login/", data).url == "/account/"
    assert User.objects.get().passkey_offered_at is None
