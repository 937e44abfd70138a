"""Second steps: which are on, which is asked first, and what turning one on or off does."""

from __future__ import annotations

import pytest
from django.core import mail

from accounts import limits
from accounts.models import Activity, User
from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.markup import Page
from tests.second_factors import ON, with_app

PAGE = "/account/security/"


def switched(client: CheckedClient, factor: str, action: str) -> Page:
    assert client.post("/account/security/mfa/", {"factor": factor, "action": action}).url == PAGE
    return client.page(PAGE)


def factors_of(pool: LocalPool, person: Person) -> tuple[set[str], str]:
    user = pool.admin("get_user", person)
    return set(user.get("UserMFASettingList", ())), user.get("PreferredMfaSetting", "")


def row(page: Page, label: str) -> str:
    """Return the words of the row about one factor."""
    return next(" ".join(element.text.split()) for element in page.all("li") if element.text.strip().startswith(label))


def test_everything_that_protects_the_account_is_linked(signed_in: CheckedClient) -> None:
    links = {link["href"] for link in signed_in.page(PAGE).all("a")}
    ways = {"/account/password/", "/account/security/totp/", "/account/security/passkeys/", "/account/sessions/"}
    assert ways <= links


def test_the_factors_of_the_pool_are_shown_as_off(signed_in: CheckedClient, person: Person) -> None:
    page = signed_in.page(PAGE)
    assert "off" in row(page, "Authenticator app")
    assert "off" in row(page, "E-mail")
    assert person.email in row(page, "E-mail")


def test_mailed_codes_can_be_turned_on_and_are_asked_for(
    signed_in: CheckedClient, client: CheckedClient, pool: LocalPool, person: Person
) -> None:
    page = switched(signed_in, "email", "on")
    assert "on asked first" in row(page, "E-mail")
    assert factors_of(pool, person) == ({"EMAIL_OTP"}, "EMAIL_OTP")
    other = CheckedClient()
    assert other.post("/login/", {"username": person.email, "password": person.password}).url == "/login/challenge/"
    assert other.post("/login/challenge/", {"code": pool.code(person.email)}).url == "/account/"


def test_what_is_on_is_kept_of_the_person_and_what_is_off_is_not(signed_in: CheckedClient) -> None:
    switched(signed_in, "email", "on")
    assert User.objects.get().second_factors == ["EMAIL_OTP"]
    switched(signed_in, "email", "off")
    assert User.objects.get().second_factors == []


def test_looking_at_them_keeps_what_was_changed_elsewhere(
    signed_in: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    with_app(pool, person)
    before = cognito.calls["GetUser"]
    signed_in.page(PAGE)
    assert User.objects.get().second_factors == ["SOFTWARE_TOKEN_MFA"]
    assert cognito.calls["GetUser"] == before + 1


def test_what_mailed_codes_take_away_is_told_before_and_after(signed_in: CheckedClient) -> None:
    assert "can no longer be reset by e-mail" in row(signed_in.page(PAGE), "E-mail")
    assert "cannot be reset by e-mail" in row(switched(signed_in, "email", "on"), "E-mail")


def test_turned_off_nothing_is_asked(signed_in: CheckedClient, pool: LocalPool, person: Person) -> None:
    switched(signed_in, "email", "on")
    assert "off" in row(switched(signed_in, "email", "off"), "E-mail")
    assert factors_of(pool, person) == (set(), "")
    other = CheckedClient()
    assert other.post("/login/", {"username": person.email, "password": person.password}).url == "/account/"


def test_one_of_two_factors_can_be_asked_first(pool: LocalPool, browser_of: SignIn, person: Person) -> None:
    browser = browser_of(person)
    with_app(pool, person, preferred=False)
    pool.admin("set_user_mfa_preference", person, EmailMfaSettings=ON)
    assert "asked first" in row(switched(browser, "totp", "preferred"), "Authenticator app")
    assert factors_of(pool, person) == ({"SOFTWARE_TOKEN_MFA", "EMAIL_OTP"}, "SOFTWARE_TOKEN_MFA")
    assert "asked first" not in row(switched(browser, "email", "preferred"), "Authenticator app")
    assert factors_of(pool, person) == ({"SOFTWARE_TOKEN_MFA", "EMAIL_OTP"}, "EMAIL_OTP")


def test_a_lost_factor_leaves_the_other_one_on(pool: LocalPool, browser_of: SignIn, person: Person) -> None:
    browser = browser_of(person)
    with_app(pool, person)
    pool.admin("set_user_mfa_preference", person, EmailMfaSettings=ON)
    switched(browser, "totp", "off")
    assert factors_of(pool, person)[0] == {"EMAIL_OTP"}


@pytest.mark.parametrize("factor", ["totp", "sms"])
def test_a_factor_that_is_not_set_up_cannot_be_turned_on(
    signed_in: CheckedClient, pool: LocalPool, person: Person, factor: str
) -> None:
    assert "Set the step up first" in switched(signed_in, factor, "on").words
    assert factors_of(pool, person) == (set(), "")
    assert not Activity.objects.filter(kind=Activity.Kind.FACTOR_ON).exists()


@pytest.mark.parametrize(("factor", "action"), [("", "on"), ("totp", ""), ("passkey", "on"), ("email", "delete")])
def test_what_no_button_says_is_not_sent(
    signed_in: CheckedClient, cognito: FaultProxy, factor: str, action: str
) -> None:
    assert "Choose one of the buttons" in switched(signed_in, factor, action).words
    assert cognito.calls["SetUserMFAPreference"] == 0


def test_a_number_nobody_proved_leads_to_the_profile(signed_in: CheckedClient) -> None:
    assert "Confirm it in your profile first" in row(signed_in.page(PAGE), "Text message")


def test_a_change_is_recorded_and_told_by_mail(signed_in: CheckedClient, person: Person) -> None:
    acts = (
        ("on", "turned on", "E-mail was turned on for"),
        ("preferred", "asked first from now on", "E-mail is now asked for first when"),
        ("off", "turned off", "The password alone now opens"),
    )
    for action, told, mailed in acts:
        mail.outbox.clear()
        assert f"E-mail: {told}." in switched(signed_in, "email", action).words
        assert [message.to for message in mail.outbox] == [[person.email]]
        assert mailed in str(mail.outbox[0].body)
    rows = Activity.objects.filter(factor="EMAIL_OTP").order_by("pk")
    assert [row.kind for row in rows] == ["factor_on", "factor_preferred", "factor_off"]
    assert "Turned off two-step verification: email codes" in signed_in.page("/account/activity/").words


def test_factors_change_by_post_only(signed_in: CheckedClient) -> None:
    assert signed_in.get("/account/security/mfa/").status_code == 405


def test_factors_change_with_a_token_only(pool: LocalPool, person: Person, cognito: FaultProxy) -> None:
    browser = CheckedClient(enforce_csrf_checks=True)
    token = browser.page("/login/").all("input", name="csrfmiddlewaretoken")[0]["value"]
    data = {"username": person.email, "password": person.password, "csrfmiddlewaretoken": token}
    assert browser.post("/login/", data).status_code == 302
    assert browser.post("/account/security/mfa/", {"factor": "email", "action": "on"}).status_code == 403
    assert cognito.calls["SetUserMFAPreference"] == 0


def test_switching_is_limited(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    cognito.fail("SetUserMFAPreference", fault_proxy.aws_error("InvalidParameterException"))
    data = {"factor": "email", "action": "on"}
    most = limits.FACTOR_BY_USER.most
    statuses = [signed_in.post("/account/security/mfa/", data).status_code for _ in range(most + 1)]
    assert statuses == [302] * most + [429]


def test_an_outage_is_told_as_one(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    cognito.fail("SetUserMFAPreference", fault_proxy.server_error())
    assert signed_in.post("/account/security/mfa/", {"factor": "email", "action": "on"}).status_code == 503
