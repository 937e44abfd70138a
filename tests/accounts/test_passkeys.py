"""One's own passkeys: added, named, used, removed, offered once."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts.kept_passkeys import KeptPasskey
from accounts.models import Activity, User
from tests import fault_proxy
from tests.accounts.ways_in import CHALLENGE, go, json_of
from tests.checked_client import CheckedClient
from tests.conftest import UsePool
from tests.devcloud.conformance.authenticator import Authenticator
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.markup import Page
from tests.other_pools import another_client

PAGE, SECURITY = "/account/security/passkeys/", "/account/security/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
LINK = re.compile(rf"{PAGE}[^/]+/")


def options(client: CheckedClient) -> dict[str, Any]:
    found: dict[str, Any] = client.post(f"{PAGE}options/").json()
    return found


def sent(client: CheckedClient, credential: object) -> str:
    """Send what a browser made; return where that leads."""
    text = credential if isinstance(credential, str) else json.dumps(credential)
    url: str = client.post(f"{PAGE}add/", {"credential": text}).url
    return url


def added(client: CheckedClient, credential: object) -> Page:
    """Send what a browser made; return the page of security."""
    sent(client, credential)
    return client.page(SECURITY)


def refused(client: CheckedClient, credential: object) -> Page:
    assert sent(client, credential) == PAGE
    return client.page(PAGE)


def passkey_links(page: Page) -> list[str]:
    return [link["href"] for link in page.all("a") if LINK.fullmatch(link["href"])]


def signed_in_with(person: Person, key: Authenticator, **headers: str) -> CheckedClient:
    """Return another browser, in which the passkey has signed the person in."""
    client = CheckedClient(headers=headers)
    go(client, person.email, "WEB_AUTHN")
    credential = key.sign_in(json.dumps(json_of(client.page(CHALLENGE))))
    assert client.post(CHALLENGE, {"credential": credential}).url == "/account/"
    return client


@pytest.fixture
def key() -> Authenticator:
    """An authenticator on Ada's device."""
    return Authenticator()


@pytest.fixture
def with_passkey(signed_in: CheckedClient, key: Authenticator) -> CheckedClient:
    """Ada's browser, with a passkey added."""
    added(signed_in, key.register(options(signed_in)))
    return signed_in


def link_of(browser: CheckedClient) -> str:
    """Return the address of the one passkey there is."""
    (link,) = passkey_links(browser.page(SECURITY))
    return link


def test_a_passkey_is_added_and_listed(signed_in: CheckedClient, key: Authenticator) -> None:
    assert sent(signed_in, key.register(options(signed_in))) == SECURITY
    page = signed_in.page(SECURITY)
    assert "Passkey added. Use it next time you sign in." in page.words
    assert len(passkey_links(page)) == 1
    assert "Not used yet" in page.words


def test_whoever_added_one_on_the_way_elsewhere_goes_on(signed_in: CheckedClient, key: Authenticator) -> None:
    for given, led_to in (("/account/profile/", "/account/profile/"), ("https://evil.example/", SECURITY)):
        made = json.dumps(Authenticator().register(options(signed_in)))
        assert signed_in.post(f"{PAGE}add/", {"credential": made, "next": given}).url == led_to


def test_it_is_called_after_browser_and_system_and_else_by_a_number(
    signed_in: CheckedClient, key: Authenticator
) -> None:
    for agent in (FIREFOX, FIREFOX, ""):
        made = json.dumps(Authenticator().register(options(signed_in)))
        signed_in.post(f"{PAGE}add/", {"credential": made}, headers={"User-Agent": agent})
    assert [kept.label for kept in KeptPasskey.objects.order_by("pk")] == [
        "Firefox on Windows",
        "Passkey 2",
        "Passkey 3",
    ]
    assert "Firefox on Windows" in signed_in.page(SECURITY).words


def test_the_label_is_in_the_mail_and_in_the_activity(signed_in: CheckedClient, person: Person) -> None:
    made = json.dumps(Authenticator().register(options(signed_in)))
    signed_in.post(f"{PAGE}add/", {"credential": made}, headers={"User-Agent": FIREFOX})
    assert [message.to for message in mail.outbox] == [[person.email]]
    assert f"“Firefox on Windows” was added to {person.email}." in str(mail.outbox[-1].body)
    assert Activity.objects.get(kind=Activity.Kind.PASSKEY_ADDED).detail == "Firefox on Windows"
    assert "Added passkey “Firefox on Windows”" in signed_in.page("/account/activity/").words


def test_a_sign_in_with_it_is_its_last_use(with_passkey: CheckedClient, person: Person, key: Authenticator) -> None:
    before = timezone.now()
    signed_in_with(person, key, **{"User-Agent": FIREFOX})
    kept = KeptPasskey.objects.get()
    assert kept.used_at
    assert before < kept.used_at < timezone.now()
    KeptPasskey.objects.update(used_at=datetime(2025, 3, 4, 9, tzinfo=UTC))
    with_passkey.cookies["tz"] = "UTC"
    assert "Last used Mar 4, 2025, with Firefox on Windows." in with_passkey.page(link_of(with_passkey)).words


def test_a_refused_passkey_is_not_said_to_be_used(
    with_passkey: CheckedClient, person: Person, key: Authenticator
) -> None:
    stranger = CheckedClient()
    go(stranger, person.email, "WEB_AUTHN")
    stranger.post(CHALLENGE, {"credential": key.impostor().sign_in(json.dumps(json_of(stranger.page(CHALLENGE))))})
    assert stranger.get("/account/").status_code == 302
    assert KeptPasskey.objects.get().used_at is None


def test_one_that_was_added_elsewhere_is_kept_once_it_is_used(
    signed_in: CheckedClient, pool: LocalPool, person: Person, key: Authenticator
) -> None:
    added(signed_in, key.register(options(signed_in)))
    KeptPasskey.objects.all().delete()
    page = signed_in.page(SECURITY)
    assert "Passkey 1" in page.words
    assert "Not used yet" not in page.words
    signed_in_with(person, key)
    page = signed_in.page(SECURITY)
    assert "Passkey 1" in page.words
    assert "Used " in page.words


def test_a_passkey_can_be_called_something_else(with_passkey: CheckedClient) -> None:
    link = link_of(with_passkey)
    page = with_passkey.page(link)
    assert "So you can tell your passkeys apart." in page.words
    assert with_passkey.post(link, {"name": "  Work \u202e\x07 laptop "}).url == SECURITY
    page = with_passkey.page(SECURITY)
    assert "Passkey renamed to Work laptop." in page.words
    assert KeptPasskey.objects.get().label == "Work laptop"
    assert "Renamed passkey “Work laptop”" in with_passkey.page("/account/activity/").words
    assert mail.outbox[1:] == []


def test_the_same_name_again_is_no_news(with_passkey: CheckedClient) -> None:
    with_passkey.page(SECURITY)
    with_passkey.post(link_of(with_passkey), {"name": KeptPasskey.objects.get().label})
    assert "renamed" not in with_passkey.page(SECURITY).words
    assert not Activity.objects.filter(kind=Activity.Kind.PASSKEY_RENAMED).exists()


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "x" * 61])
def test_a_name_is_some_letters_long_and_no_longer_than_a_line(with_passkey: CheckedClient, name: str) -> None:
    before = KeptPasskey.objects.get().label
    response = with_passkey.post(link_of(with_passkey), {"name": name})
    assert response.status_code == 200
    assert Page.of(response.content).error_of("name")
    assert KeptPasskey.objects.get().label == before


def test_a_name_is_text_wherever_it_is_shown(with_passkey: CheckedClient) -> None:
    link, name = link_of(with_passkey), "<b>x</b>{0}%s"
    with_passkey.post(link, {"name": name})
    for path in (SECURITY, link, f"{link}delete/", "/account/", "/account/activity/"):
        page = with_passkey.page(path)
        assert name in page.words
        assert "<b>x" not in page.html


def test_ones_own_file_has_the_passkeys(with_passkey: CheckedClient) -> None:
    with_passkey.post(link_of(with_passkey), {"name": "Work laptop"})
    (entry,) = json.loads(with_passkey.get("/account/data/").content)["passkeys"]
    assert (entry["name"], entry["last_used"]) == ("Work laptop", None)
    assert entry["added"]


def test_nothing_is_kept_of_the_passkeys_of_people_who_leave(with_passkey: CheckedClient, person: Person) -> None:
    with_passkey.post(link_of(with_passkey), {"name": "Canary"})
    with_passkey.post("/account/delete/", {"confirm": person.email})
    assert not User.objects.exists()
    assert not KeptPasskey.objects.exists()
    assert "Canary" not in str(list(Activity.objects.values()))


def test_options_name_the_passkeys_there_are(with_passkey: CheckedClient, key: Authenticator) -> None:
    given = options(with_passkey)
    assert given["rp"]["id"] == "localhost"
    assert len(given["excludeCredentials"]) == 1
    assert given["challenge"] != options(with_passkey)["challenge"]


@pytest.mark.parametrize("credential", ["", "nonsense", "[]", '{"id": 7}', "[" * 5000, "x" * 40_000])
def test_what_is_no_passkey_is_not_sent(signed_in: CheckedClient, cognito: FaultProxy, credential: str) -> None:
    assert "didn’t make a passkey" in refused(signed_in, credential).words
    assert cognito.calls["CompleteWebAuthnRegistration"] == 0


def test_a_passkey_for_another_site_is_refused(signed_in: CheckedClient) -> None:
    foreign = Authenticator("https://evil.example", "evil.example")
    credential = json.dumps(foreign.register(options(signed_in)))
    assert signed_in.post(f"{PAGE}add/", {"credential": credential}).status_code == 503
    assert passkey_links(signed_in.page(SECURITY)) == []


def test_a_passkey_made_for_an_earlier_challenge_is_refused(signed_in: CheckedClient, key: Authenticator) -> None:
    stale = key.register(options(signed_in))
    options(signed_in)
    assert "couldn’t be added" in refused(signed_in, stale).words
    assert passkey_links(signed_in.page(SECURITY)) == []


def test_a_passkey_is_not_added_twice(signed_in: CheckedClient, key: Authenticator) -> None:
    made = key.register(options(signed_in))
    added(signed_in, made)
    assert "couldn’t be added" in refused(signed_in, made).words
    assert len(passkey_links(signed_in.page(SECURITY))) == 1


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
    page = refused(signed_in, made)
    assert "couldn’t be added" in page.words
    assert "words of AWS" not in page.html
    assert not Activity.objects.filter(kind=Activity.Kind.PASSKEY_ADDED).exists()
    assert not KeptPasskey.objects.exists()


def test_the_twenty_first_is_refused_in_words(
    signed_in: CheckedClient, cognito: FaultProxy, key: Authenticator
) -> None:
    made = key.register(options(signed_in))
    cognito.fail(
        "CompleteWebAuthnRegistration", fault_proxy.aws_error("LimitExceededException", "Too many WebAuthn keys")
    )
    assert "You have 20 passkeys, the most there can be. Remove one first." in refused(signed_in, made).words


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
    assert "You have 20 passkeys, the most there can be." in page.words
    assert not page.all("button", type="button")


def test_without_javascript_the_page_says_what_is_needed(signed_in: CheckedClient) -> None:
    page = signed_in.page(PAGE)
    assert "Passkeys need JavaScript, which is off in this browser." in page.words
    assert "hidden" in page.one("button", type="button")


def test_a_passkey_is_removed_after_a_question(with_passkey: CheckedClient, person: Person) -> None:
    mail.outbox.clear()
    link = link_of(with_passkey)
    label = KeptPasskey.objects.get().label
    words = with_passkey.page(f"{link}delete/").words
    assert "You can’t sign in with it any more. Your password keeps working. Delete it on your device as well" in words
    assert with_passkey.post(f"{link}delete/").url == SECURITY
    page = with_passkey.page(SECURITY)
    assert f"Passkey {label} removed." in page.words
    assert passkey_links(page) == []
    assert not KeptPasskey.objects.exists()
    assert mail.outbox[0].subject == "A passkey was removed from your Latchkey account"
    assert f"“{label}” was removed from {person.email}." in str(mail.outbox[0].body)
    assert Activity.objects.get(kind=Activity.Kind.PASSKEY_REMOVED).detail == label


def test_the_other_ones_are_said_to_stay(with_passkey: CheckedClient) -> None:
    link = link_of(with_passkey)
    added(with_passkey, Authenticator().register(options(with_passkey)))
    assert "Your other passkey keeps working." in with_passkey.page(f"{link}delete/").words
    added(with_passkey, Authenticator().register(options(with_passkey)))
    assert "Your 2 other passkeys keep working." in with_passkey.page(f"{link}delete/").words


def test_the_browser_is_asked_once_to_forget_what_was_removed(with_passkey: CheckedClient) -> None:
    link = link_of(with_passkey)
    with_passkey.post(f"{link}delete/")
    page = with_passkey.page(SECURITY)
    (asked,) = [element for element in page.all("div") if "data-removed-passkey" in element]
    assert link == f"{PAGE}{asked['data-removed-passkey']}/"
    assert asked["data-relying-party"] == "localhost"
    assert "data-removed-passkey" not in with_passkey.page(SECURITY).html


def test_what_is_kept_goes_with_a_passkey_that_is_removed_elsewhere(
    with_passkey: CheckedClient, cognito: FaultProxy
) -> None:
    cognito.fail("ListWebAuthnCredentials", fault_proxy.answered(200, b'{"Credentials": []}'))
    with_passkey.page(SECURITY)
    assert not KeptPasskey.objects.exists()


@pytest.mark.parametrize("fault", [fault_proxy.empty(), fault_proxy.answered(200, b"{}")], ids=["nothing", "no list"])
def test_an_empty_answer_takes_no_passkey_away(
    with_passkey: CheckedClient, cognito: FaultProxy, fault: fault_proxy.Fault
) -> None:
    cognito.fail("ListWebAuthnCredentials", fault)
    assert with_passkey.get(SECURITY).status_code == 503
    assert with_passkey.get("/account/").status_code == 200
    assert KeptPasskey.objects.get().label


def test_removing_it_twice_leads_to_where_it_is_gone_and_is_told_once(with_passkey: CheckedClient) -> None:
    link = link_of(with_passkey)
    for _ in range(2):
        assert with_passkey.post(f"{link}delete/").url == SECURITY
    assert with_passkey.page(SECURITY).words.count("removed.") == 1
    assert Activity.objects.filter(kind=Activity.Kind.PASSKEY_REMOVED).count() == 1


@pytest.mark.parametrize("passkey_id", ["nothing", "..%2F..", "<b>"])
def test_a_passkey_that_is_not_there_is_not_found(
    with_passkey: CheckedClient, cognito: FaultProxy, passkey_id: str
) -> None:
    assert with_passkey.post(f"{PAGE}{passkey_id}/", {"name": "Mine"}).status_code == 404
    assert with_passkey.get(f"{PAGE}{passkey_id}/delete/").status_code == 404
    assert cognito.calls["DeleteWebAuthnCredential"] == 0


def test_a_passkey_of_somebody_else_is_not_found(
    with_passkey: CheckedClient, pool: LocalPool, client: CheckedClient, cognito: FaultProxy
) -> None:
    mallory, link = pool.person(), link_of(with_passkey)
    client.post("/login/", {"username": mallory.email, "password": mallory.password})
    assert client.post(f"{link}delete/").url == SECURITY
    assert client.get(f"{link}delete/").status_code == 404
    assert client.post(link, {"name": "Mallory’s"}).status_code == 404
    assert client.get(link).status_code == 404
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
