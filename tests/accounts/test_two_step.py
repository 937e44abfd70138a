"""Turning a method of two-step verification on or off: what is said before, what is so after, and what is refused."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core import mail
from pytest_django import Settings

from accounts import limits, two_step
from accounts.cognito.factors import Factor
from accounts.models import Activity, User
from tests import fault_proxy
from tests.accounts.test_disconnect_provider import in_a_thread_of_its_own
from tests.checked_client import CheckedClient
from tests.conftest import SignIn, UsePool
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.markup import Page
from tests.other_pools import APP_ONLY, another_pool
from tests.second_factors import ON, PREFERRED, with_app, with_text_message

OFF = {"Enabled": False, "PreferredMfa": False}
SECURITY = "/account/security/"
NUMBER = "+442079460321"
READ = "+44 20 7946 0321"
SENDER = "arn:aws:ses:eu-west-1:000000000000:identity/example.com"
BOTH_WAYS = [{"Name": name, "Priority": n} for n, name in enumerate(("verified_email", "verified_phone_number"), 1)]
SENDS_MAIL: dict[str, Any] = {
    "EmailConfiguration": {"EmailSendingAccount": "DEVELOPER", "SourceArn": SENDER},
    "AccountRecoverySetting": {"RecoveryMechanisms": BOTH_WAYS},
}
APP_AND_MAIL: dict[str, Any] = {
    **APP_ONLY,
    "EmailMfaConfiguration": {"Message": "Your code is {####}", "Subject": "Code"},
}


def page_of(method: str, switch: str) -> str:
    return f"{SECURITY}two-step/{method}/{switch}/"


def turned(client: CheckedClient, method: str, switch: str) -> Page:
    """Press the button of the confirmation page; return what is shown then."""
    assert client.post(page_of(method, switch)).url == SECURITY
    return client.page(SECURITY)


def methods_of(pool: LocalPool, person: Person) -> tuple[set[str], str]:
    user = pool.admin("get_user", person)
    return set(user.get("UserMFASettingList", ())), user.get("PreferredMfaSetting", "")


def test_email_codes_are_turned_on_and_asked_for(signed_in: CheckedClient, pool: LocalPool, person: Person) -> None:
    assert "Email codes turned on." in turned(signed_in, "email", "on").words
    assert methods_of(pool, person) == ({"EMAIL_OTP"}, "EMAIL_OTP")
    assert User.objects.get().second_factors == ["EMAIL_OTP"]
    other = CheckedClient()
    assert other.post("/login/", {"username": person.email, "password": person.password}).url == "/login/challenge/"
    assert other.post("/login/challenge/", {"code": pool.code(person.email)}).url == "/account/"


def test_what_email_codes_take_away_is_said_before(signed_in: CheckedClient, person: Person) -> None:
    page = signed_in.page(page_of("email", "on"))
    assert page.one("h1").text == "Turn on email codes"
    assert f"We’ll email a code to {person.email} each time you sign in with your password." in page.words
    lost = "You can’t reset a forgotten password by email any more. If you forget it, the people who run Latchkey have"
    assert lost in page.words
    assert [button.text for button in page.all("button", class_="button button--primary")] == ["Turn on email codes"]


def test_one_contact_has_to_help_where_there_is_one(signed_in: CheckedClient, settings: Settings) -> None:
    settings.SUPPORT_EMAIL = "help@example.com"
    words = signed_in.page(page_of("email", "on")).words
    assert "If you forget it, help@example.com has to help." in words


def test_looking_changes_nothing(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    signed_in.page(page_of("email", "on"))
    assert cognito.calls["SetUserMFAPreference"] == 0


def test_text_messages_go_to_the_number_and_leave_the_reset_by_email(
    signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    prove_number(pool, person)
    words = signed_in.page(page_of("sms", "on")).words
    assert f"We’ll text a code to {READ} each time you sign in with your password." in words
    assert "any more" not in words
    assert "Text message codes turned on." in turned(signed_in, "sms", "on").words


def prove_number(pool: LocalPool, person: Person) -> None:
    attributes = {"phone_number": NUMBER, "phone_number_verified": "true"}
    listed = [{"Name": name, "Value": value} for name, value in attributes.items()]
    pool.admin("update_user_attributes", person, UserAttributes=listed)


def test_a_second_method_is_not_said_to_be_asked_each_time(browser_of: SignIn, pool: LocalPool, person: Person) -> None:
    browser = browser_of(person)
    with_app(pool, person)
    words = browser.page(page_of("email", "on")).words
    assert f"You can then get a code at {person.email} when you sign in with your password." in words
    assert "each time" not in words


def test_with_two_methods_none_is_preferred_so_that_a_lost_one_locks_nobody_out(
    browser_of: SignIn, pool: LocalPool, person: Person
) -> None:
    browser = browser_of(person)
    with_app(pool, person)
    assert methods_of(pool, person)[1] == "SOFTWARE_TOKEN_MFA"
    turned(browser, "email", "on")
    assert methods_of(pool, person) == ({"SOFTWARE_TOKEN_MFA", "EMAIL_OTP"}, "")


def test_one_that_is_left_alone_is_preferred(browser_of: SignIn, pool: LocalPool, person: Person) -> None:
    browser = browser_of(person)
    with_app(pool, person, preferred=False)
    pool.admin("set_user_mfa_preference", person, EmailMfaSettings=ON)
    page = browser.page(page_of("totp", "off"))
    assert page.one("h1").text == "Remove your authenticator app"
    assert "Codes from the app stop working. Email codes are then your only second step." in page.words
    done = turned(browser, "totp", "off")
    assert "Authenticator app removed. Email is now your only second step." in done.words
    assert methods_of(pool, person) == ({"EMAIL_OTP"}, "EMAIL_OTP")


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (Factor.TOTP, "Your authenticator app is then your only second step. If you lose it, the people"),
        (Factor.SMS, "Text messages are then your only second step. If you lose your phone number, the people"),
    ],
)
def test_what_is_left_is_said_before(
    browser_of: SignIn, pool: LocalPool, person: Person, left: Factor, said: str
) -> None:
    browser = browser_of(person)
    if left is Factor.TOTP:
        with_app(pool, person)
    else:
        with_text_message(pool, person, NUMBER)
    pool.admin("set_user_mfa_preference", person, EmailMfaSettings=ON)
    assert said in browser.page(page_of("email", "off")).words


def test_the_last_one_off_is_said_to_leave_the_password_alone(
    signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    turned(signed_in, "email", "on")
    page = signed_in.page(page_of("email", "off"))
    assert page.one("h1").text == "Turn off two-step verification"
    assert "Your password alone will open your account." in page.words
    assert page.one("button", class_="button button--destroy").text == "Turn off"
    done = turned(signed_in, "email", "off")
    assert "Two-step verification is off. Your password alone opens your account." in done.words
    assert methods_of(pool, person) == (set(), "")
    assert User.objects.get().second_factors == []


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_do_not_undo_each_other(
    browser_of: SignIn, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    browser, other, gate = browser_of(person), CheckedClient(), threading.Event()
    with_app(pool, person)
    pool.admin("set_user_mfa_preference", person, EmailMfaSettings=ON)
    other.cookies["sessionid"] = browser.session_cookie
    cognito.fail("SetUserMFAPreference", fault_proxy.held(gate), times=1)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(in_a_thread_of_its_own, lambda: browser.post(page_of("totp", "off")))
        while not cognito.calls["SetUserMFAPreference"]:
            assert not first.done()
        told = turned(other, "email", "off").words
        gate.set()
        first.result()
    assert "Something else was just being changed in another tab. Nothing was changed here. Try again." in told
    assert methods_of(pool, person) == ({"EMAIL_OTP"}, "EMAIL_OTP")
    assert "Two-step verification is off." in turned(other, "email", "off").words


def test_a_method_that_went_meanwhile_does_not_come_back(
    browser_of: SignIn, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    browser = browser_of(person)
    with_app(pool, person)
    prove_number(pool, person)
    removed = fault_proxy.Fault(
        wait=lambda: pool.admin("set_user_mfa_preference", person, SoftwareTokenMfaSettings=OFF)
    )
    cognito.fail("GetUser", fault_proxy.Fault(), times=1)
    cognito.fail("GetUser", removed, times=1)
    turned(browser, "sms", "on")
    assert methods_of(pool, person) == ({"SMS_MFA"}, "SMS_MFA")


def test_three_methods_are_two_when_one_goes() -> None:
    assert two_step.outcome(Factor.SMS, {Factor.TOTP, Factor.EMAIL}, on=False) == "Text message codes turned off."


def test_the_app_has_a_page_of_its_own(signed_in: CheckedClient) -> None:
    assert signed_in.get(page_of("totp", "on")).url == f"{SECURITY}totp/"


@pytest.mark.parametrize(("method", "switch"), [("sms", "on"), ("sms", "off"), ("email", "off")])
def test_what_is_so_already_or_cannot_be_is_not_asked_of_cognito(
    signed_in: CheckedClient, cognito: FaultProxy, method: str, switch: str
) -> None:
    for method_ in (signed_in.get, signed_in.post):
        assert method_(page_of(method, switch)).url == SECURITY
    refused = "That method can’t be turned on for your account. Nothing was changed."
    assert (refused in signed_in.page(SECURITY).words) is (switch == "on")
    assert cognito.calls["SetUserMFAPreference"] == 0


@pytest.mark.parametrize("path", ["passkey/on", "EMAIL_OTP/on", "email/delete", "email/preferred", "%00/on"])
def test_what_no_page_offers_is_not_found(signed_in: CheckedClient, path: str) -> None:
    for method in (signed_in.get, signed_in.post):
        assert method(f"{SECURITY}two-step/{path}/").status_code == 404


@pytest.mark.parametrize(("switch", "said"), [("on", "turned on"), ("off", "turned off")])
def test_a_refusal_is_told_and_nothing_recorded(
    signed_in: CheckedClient, cognito: FaultProxy, pool: LocalPool, person: Person, switch: str, said: str
) -> None:
    if switch == "off":
        pool.admin("set_user_mfa_preference", person, EmailMfaSettings=PREFERRED)
    cognito.fail("SetUserMFAPreference", fault_proxy.aws_error("InvalidParameterException", "words of AWS"))
    page = turned(signed_in, "email", switch)
    assert f"That method can’t be {said} for your account. Nothing was changed." in page.words
    assert "words of AWS" not in page.html
    assert not Activity.objects.filter(factor="EMAIL_OTP").exists()


@pytest.fixture
def strict(local_pool: LocalPool) -> LocalPool:
    """A pool in which people may have an app or mailed codes, and that may come to require one."""
    return another_pool(local_pool, mfa={"MfaConfiguration": "OPTIONAL", **APP_AND_MAIL}, **SENDS_MAIL)


def test_a_pool_that_demands_a_second_step_keeps_the_last_one(
    strict: LocalPool, use_pool: UsePool, client: CheckedClient, cognito: FaultProxy
) -> None:
    person = strict.person()
    app = with_app(strict, person)
    strict.root.set_user_pool_mfa_config(UserPoolId=strict.id, MfaConfiguration="ON", **APP_AND_MAIL)
    use_pool(strict)
    client.post("/login/", {"username": person.email, "password": person.password})
    assert client.post("/login/challenge/", {"code": app.code()}).url == "/account/"
    for method in (client.get, client.post):
        assert method(page_of("totp", "off")).url == SECURITY
        said = "This site asks everyone for a second step. Turn on another method first."
        assert said in client.page(SECURITY).words
    assert cognito.calls["SetUserMFAPreference"] == 0
    turned(client, "email", "on")
    assert "Authenticator app removed. Email is now your only second step." in turned(client, "totp", "off").words


def test_the_other_one_that_went_meanwhile_makes_it_the_last(
    strict: LocalPool, use_pool: UsePool, client: CheckedClient, cognito: FaultProxy
) -> None:
    person = strict.person()
    app = with_app(strict, person)
    strict.admin("set_user_mfa_preference", person, EmailMfaSettings=ON)
    strict.root.set_user_pool_mfa_config(UserPoolId=strict.id, MfaConfiguration="ON", **APP_AND_MAIL)
    use_pool(strict)
    client.post("/login/", {"username": person.email, "password": person.password})
    assert client.post("/login/challenge/", {"code": app.code()}).url == "/account/"
    app_off = {"SoftwareTokenMfaSettings": OFF}
    removed = fault_proxy.Fault(wait=lambda: strict.admin("set_user_mfa_preference", person, **app_off))
    cognito.fail("GetUser", fault_proxy.Fault(), times=1)
    cognito.fail("GetUser", removed, times=1)
    assert "Turn on another method first." in turned(client, "email", "off").words
    assert methods_of(strict, person)[0] == {"EMAIL_OTP"}


def test_a_change_is_recorded_and_told_by_mail(signed_in: CheckedClient, person: Person) -> None:
    for switch, mailed in (("on", "Email was turned on for"), ("off", "The password alone now opens")):
        mail.outbox.clear()
        turned(signed_in, "email", switch)
        assert [message.to for message in mail.outbox] == [[person.email]]
        assert mailed in str(mail.outbox[0].body)
    rows = Activity.objects.filter(factor="EMAIL_OTP").order_by("pk")
    assert [row.kind for row in rows] == ["factor_on", "factor_off"]
    assert "Turned off two-step verification: email codes" in signed_in.page("/account/activity/").words


def test_methods_change_with_a_token_only(pool: LocalPool, person: Person, cognito: FaultProxy) -> None:
    browser = CheckedClient(enforce_csrf_checks=True)
    token = browser.page("/login/").all("input", name="csrfmiddlewaretoken")[0]["value"]
    data = {"username": person.email, "password": person.password, "csrfmiddlewaretoken": token}
    assert browser.post("/login/", data).status_code == 302
    assert browser.post(page_of("email", "on")).status_code == 403
    assert cognito.calls["SetUserMFAPreference"] == 0


def test_switching_is_limited(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    cognito.fail("SetUserMFAPreference", fault_proxy.aws_error("InvalidParameterException"))
    most = limits.FACTOR_BY_USER.most
    statuses = [signed_in.post(page_of("email", "on")).status_code for _ in range(most + 1)]
    assert statuses == [302] * most + [429]


def test_an_outage_is_told_as_one(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    cognito.fail("SetUserMFAPreference", fault_proxy.server_error())
    assert signed_in.post(page_of("email", "on")).status_code == 503


def test_a_sign_in_that_ended_elsewhere_ends_here_and_is_no_refusal(
    signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    pool.admin("user_global_sign_out", person)
    assert (
        signed_in.post(page_of("email", "on")).url
        == "/login/?ended=1&next=%2Faccount%2Fsecurity%2Ftwo-step%2Femail%2Fon%2F"
    )


def test_strangers_have_nothing_to_turn_on(client: CheckedClient, pool: LocalPool) -> None:
    response: Any = client.post(page_of("email", "on"))
    assert response.url.startswith("/login/")
