"""Setting up an authenticator app: the key in three forms, shown until its first code is right."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import segno
from django.core import mail
from pytest_django import Settings

from accounts import limits
from accounts.authenticator import qr_code, totp_uri
from accounts.models import Activity, User
from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.conftest import SignIn, UsePool
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.markup import Page
from tests.other_pools import another_pool
from tests.second_factors import AuthenticatorApp, with_mail

PAGE, SECURITY = "/account/security/totp/", "/account/security/"


def key_on(page: Page) -> str:
    return page.one("code", id="totp-key").text


def refused(client: CheckedClient, code: str) -> Page:
    response = client.post(PAGE, {"code": code})
    assert response.status_code == 200
    return Page.of(response.content)


def test_the_first_code_turns_the_app_on(signed_in: CheckedClient, person: Person) -> None:
    app = AuthenticatorApp(key_on(signed_in.page(PAGE)))
    assert signed_in.post(PAGE, {"code": app.first_code()}).url == "/account/security/"
    words = signed_in.page("/account/security/").words
    assert "Authenticator app turned on. We’ll ask for a code after your password." in words
    assert "Add a backup method in case you lose your phone." in words
    other = CheckedClient()
    assert other.post("/login/", {"username": person.email, "password": person.password}).url == "/login/challenge/"
    assert other.post("/login/challenge/", {"code": app.code()}).url == "/account/"


def test_the_app_stands_in_what_is_kept_of_the_person(signed_in: CheckedClient) -> None:
    app = AuthenticatorApp(key_on(signed_in.page(PAGE)))
    signed_in.post(PAGE, {"code": app.first_code()})
    assert User.objects.get().second_factors == ["SOFTWARE_TOKEN_MFA"]


def test_a_wrong_code_shows_the_same_key_and_speaks_of_the_clock(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    page = signed_in.page(PAGE)
    key = key_on(page)
    assert "clock" not in page.words
    page = refused(signed_in, AuthenticatorApp(key).wrong_code())
    assert "clock" in page.error_of("code")
    assert key_on(page) == key
    assert cognito.calls["AssociateSoftwareToken"] == 1
    assert signed_in.post(PAGE, {"code": AuthenticatorApp(key).first_code()}).status_code == 302


def test_a_wrong_code_turns_nothing_on(signed_in: CheckedClient, person: Person) -> None:
    refused(signed_in, AuthenticatorApp(key_on(signed_in.page(PAGE))).wrong_code())
    other = CheckedClient()
    assert other.post("/login/", {"username": person.email, "password": person.password}).url == "/account/"
    assert not Activity.objects.filter(kind=Activity.Kind.FACTOR_ADDED).exists()


@pytest.mark.parametrize(
    "fault",
    [
        fault_proxy.answered(200, b'{"Status": "ERROR"}'),
        fault_proxy.aws_error("EnableSoftwareTokenMFAException"),
        fault_proxy.aws_error("CodeMismatchException"),
        fault_proxy.aws_error("InvalidParameterException"),
        fault_proxy.aws_error("SoftwareTokenMFANotFoundException"),
    ],
    ids=["good answer", "not enabled", "mismatch", "parameter", "not found"],
)
def test_however_cognito_says_no_it_is_the_code(
    signed_in: CheckedClient, cognito: FaultProxy, fault: fault_proxy.Fault
) -> None:
    signed_in.page(PAGE)
    cognito.fail("VerifySoftwareToken", fault)
    assert refused(signed_in, "123456").error_of("code")
    assert cognito.calls["SetUserMFAPreference"] == 0


@pytest.mark.parametrize("code", ["", "12345x", "123"])
def test_what_cannot_be_a_code_is_not_sent(signed_in: CheckedClient, cognito: FaultProxy, code: str) -> None:
    signed_in.page(PAGE)
    assert refused(signed_in, code).error_of("code")
    assert cognito.calls["VerifySoftwareToken"] == 0


def test_the_key_is_text_in_groups_of_four(signed_in: CheckedClient) -> None:
    assert re.fullmatch(r"([A-Z2-7]{4} )+[A-Z2-7]{1,4}", key_on(signed_in.page(PAGE)))


def test_the_link_holds_issuer_account_and_key(signed_in: CheckedClient, person: Person) -> None:
    page = signed_in.page(PAGE)
    link = urlsplit(next(link["href"] for link in page.all("a") if link["href"].startswith("otpauth:")))
    assert (link.scheme, link.netloc, unquote(link.path)) == ("otpauth", "totp", f"/Latchkey:{person.email}")
    assert parse_qs(link.query) == {"secret": [key_on(page).replace(" ", "")], "issuer": ["Latchkey"]}


def test_the_app_calls_the_account_after_the_site(signed_in: CheckedClient, settings: Settings) -> None:
    settings.SITE_NAME = "Acme: accounts"
    page = signed_in.page(PAGE)
    assert "Add Acme: accounts to your app" in page.words
    link = urlsplit(next(link["href"] for link in page.all("a") if link["href"].startswith("otpauth:")))
    # A colon parts the issuer from the account.
    assert parse_qs(link.query)["issuer"] == ["Acme  accounts"]
    assert unquote(link.path).count(":") == 1


def test_what_is_odd_in_a_name_is_encoded() -> None:
    assert totp_uri("JBSW", "a+b&c=d ?#@x.org").startswith("otpauth://totp/Latchkey%3Aa%2Bb%26c%3Dd%20%3F%23%40x.org?")


def test_the_picture_is_svg_without_style_and_with_a_quiet_zone() -> None:
    svg = qr_code("otpauth://totp/x?secret=JBSW")
    assert "style" not in svg
    assert 'fill="#fff"' in svg
    width = int(re.findall(r'viewBox="0 0 (\d+) ', svg)[0])
    assert width == segno.make("otpauth://totp/x?secret=JBSW", micro=False, error="m").symbol_size(border=4)[0]


def test_the_key_is_neither_cached_nor_told_twice(signed_in: CheckedClient) -> None:
    response = signed_in.get(PAGE)
    page = Page.of(response.content)
    key = key_on(page)
    assert "no-store" in response["Cache-Control"]
    assert key.replace(" ", "") not in page.title + page.one("div", class_="qr-box")["aria-label"]
    signed_in.post(PAGE, {"code": AuthenticatorApp(key).first_code()})
    assert key_on(signed_in.page(PAGE)) != key


def test_two_people_get_two_keys(signed_in: CheckedClient, pool: LocalPool, client: CheckedClient) -> None:
    bob = pool.person()
    client.post("/login/", {"username": bob.email, "password": bob.password})
    assert key_on(signed_in.page(PAGE)) != key_on(client.page(PAGE))


def test_another_factor_stays_on(signed_in: CheckedClient, pool: LocalPool, person: Person) -> None:
    with_mail(pool, person)
    app = AuthenticatorApp(key_on(signed_in.page(PAGE)))
    signed_in.post(PAGE, {"code": app.first_code()})
    user = pool.admin("get_user", person)
    assert set(user["UserMFASettingList"]) == {"SOFTWARE_TOKEN_MFA", "EMAIL_OTP"}
    # With two, Cognito asks which one.
    assert "PreferredMfaSetting" not in user
    assert "Add a backup method" not in signed_in.page("/account/security/").words


def test_the_person_is_told_by_mail_and_not_the_key(signed_in: CheckedClient, person: Person) -> None:
    key = key_on(signed_in.page(PAGE))
    signed_in.post(PAGE, {"code": AuthenticatorApp(key).first_code()})
    assert [message.to for message in mail.outbox] == [[person.email]]
    assert key.replace(" ", "") not in str(mail.outbox[0].message())


def test_guesses_end_before_cognito(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    signed_in.page(PAGE)
    cognito.fail("VerifySoftwareToken", fault_proxy.aws_error("EnableSoftwareTokenMFAException"))
    most = limits.FACTOR_BY_USER.most
    statuses = [signed_in.post(PAGE, {"code": "123456"}).status_code for _ in range(most + 1)]
    assert statuses == [200] * most + [429]
    assert cognito.calls["VerifySoftwareToken"] == most


@pytest.mark.parametrize("operation", ["AssociateSoftwareToken", "VerifySoftwareToken"])
def test_another_region_says_later(signed_in: CheckedClient, cognito: FaultProxy, operation: str) -> None:
    cognito.fail(operation, fault_proxy.aws_error("OperationNotEnabledException"))
    assert signed_in.post(PAGE, {"code": "123456"}).status_code == 503
    assert signed_in.get("/account/").status_code == 200


@pytest.mark.parametrize("operation", ["GetUser", "SetUserMFAPreference"])
def test_an_outage_after_the_code_was_taken_asks_for_no_other_code(
    signed_in: CheckedClient, cognito: FaultProxy, operation: str
) -> None:
    app = AuthenticatorApp(key_on(signed_in.page(PAGE)))
    cognito.fail(operation, fault_proxy.closed_before(), times=1)
    assert signed_in.post(PAGE, {"code": app.first_code()}).status_code == 503
    assert signed_in.post(PAGE, {"code": app.first_code()}).status_code == 302
    assert cognito.calls["VerifySoftwareToken"] == 1
    assert Activity.objects.filter(kind=Activity.Kind.FACTOR_ADDED).count() == 1


def test_the_form_that_turned_it_on_leads_to_where_it_is_on(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    sent = {"code": AuthenticatorApp(key_on(signed_in.page(PAGE))).first_code()}
    for _ in range(2):
        assert signed_in.post(PAGE, sent).url == SECURITY
    assert signed_in.page(SECURITY).words.count("Authenticator app turned on.") == 1
    assert cognito.calls["AssociateSoftwareToken"] == 1
    assert Activity.objects.filter(kind=Activity.Kind.FACTOR_ADDED).count() == 1


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_pool_without_apps_says_so(
    local_pool: LocalPool, use_pool: UsePool, browser_of: SignIn, cognito: FaultProxy, method: str
) -> None:
    pool = use_pool(another_pool(local_pool))
    browser = browser_of(pool.person())
    assert getattr(browser, method)(PAGE, {"code": "123456"}).url == SECURITY
    said = "That method can’t be turned on for your account. Nothing was changed."
    assert said in browser.page(SECURITY).words
    assert cognito.calls["AssociateSoftwareToken"] == 0


def test_a_refusal_after_the_code_was_taken_does_not_blame_the_code(
    signed_in: CheckedClient, cognito: FaultProxy
) -> None:
    cognito.fail("SetUserMFAPreference", fault_proxy.aws_error("InvalidParameterException"), times=1)
    key = key_on(signed_in.page(PAGE))
    assert signed_in.post(PAGE, {"code": AuthenticatorApp(key).first_code()}).url == SECURITY
    said = "That method can’t be turned on for your account. Nothing was changed."
    assert said in signed_in.page(SECURITY).words
    assert not Activity.objects.filter(kind=Activity.Kind.FACTOR_ADDED).exists()
    app = AuthenticatorApp(key_on(signed_in.page(PAGE)))
    signed_in.post(PAGE, {"code": app.first_code()})
    assert "Authenticator app turned on." in signed_in.page(SECURITY).words
