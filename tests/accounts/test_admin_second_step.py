"""An administration that asks for a second step opens to sessions that began with one, and to no others."""

from __future__ import annotations

import json

import pytest
from pytest_django import Settings

from accounts import challenges, checks, conf
from accounts.cognito.config import CognitoConfig
from accounts.cognito.results import Challenge
from accounts.cognito.verifier import TokenVerifier
from accounts.models import Session
from accounts.sessions.pending import PendingChallenge
from tests.accounts.test_local_superusers import NAME, made
from tests.accounts.test_refresh import expire
from tests.accounts.ways_in import NUMBER, chosen, json_of, with_passkey
from tests.checked_client import CheckedClient
from tests.conftest import SignIn, UsePool
from tests.devcloud.conformance.authenticator import Authenticator
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.markup import Page
from tests.other_pools import another_pool
from tests.second_factors import with_app, with_mail, with_text_message
from tests.signed_tokens import PublishedKeys, SigningPool

ADMIN = "/admin/"
CHALLENGE = "/login/challenge/"


@pytest.fixture(autouse=True)
def required(settings: Settings) -> Settings:
    settings.ADMIN_REQUIRES_MFA = True
    return settings


def begin(client: CheckedClient, person: Person) -> None:
    """Type the password, after which a second step is asked for."""
    assert client.post("/login/", {"username": person.email, "password": person.password}).url == CHALLENGE


def opens(client: CheckedClient) -> bool:
    """Whether the administration opens to somebody who is signed in and staff."""
    assert client.get("/account/").status_code == 200
    return bool(client.get(ADMIN).status_code == 200)


# Without one.


def test_a_password_alone_opens_no_page_of_it(browser_of: SignIn, staff: Person) -> None:
    browser = browser_of(staff)
    for path in (ADMIN, "/admin/accounts/user/", "/admin/jsi18n/", "/admin/nowhere/"):
        assert browser.get(path).status_code == 403
        assert browser.post(path).status_code == 403


def test_the_page_says_what_is_missing_and_leads_to_it(browser_of: SignIn, staff: Person) -> None:
    page = Page.of(browser_of(staff).get(ADMIN).content)
    assert "A second step is missing" in page.words
    assert "set it up under Security" in [link.text for link in page.all("a", href="/account/security/")]
    assert page.one("a", href="/account/confirm/?next=%2Fadmin%2F")
    assert page.all("form", action="/logout/")


def test_a_script_is_told_which_refusal_it_is(browser_of: SignIn, staff: Person) -> None:
    response = browser_of(staff).get(ADMIN, headers={"Sec-Fetch-Mode": "cors"})
    assert (response.status_code, response.json()["error"]) == (403, "second_step_required")


def test_others_are_told_that_it_is_not_for_them_and_nothing_of_steps(signed_in: CheckedClient) -> None:
    page = Page.of(signed_in.get(ADMIN).content)
    assert "You don’t have access to this page" in page.words


def test_the_rest_of_the_site_opens_as_ever(browser_of: SignIn, staff: Person) -> None:
    assert browser_of(staff).get("/account/").status_code == 200


def test_a_session_from_before_has_to_begin_anew(browser_of: SignIn, staff: Person, settings: Settings) -> None:
    settings.ADMIN_REQUIRES_MFA = False
    browser = browser_of(staff)
    assert opens(browser)
    settings.ADMIN_REQUIRES_MFA = True
    assert not opens(browser)


def test_a_password_that_had_to_be_changed_is_one_step(client: CheckedClient, pool: LocalPool) -> None:
    person = pool.invited()
    pool.admin("add_user_to_group", person, GroupName=pool.env["COGNITO_STAFF_GROUP"])
    begin(client, person)
    answers = {"new_password1": "Another-horse-2", "new_password2": "Another-horse-2", "name": "Ada"}
    client.post(CHALLENGE, answers)
    assert not opens(client)


def test_a_mailed_code_in_place_of_the_password_is_one_step(
    client: CheckedClient, pool: LocalPool, staff: Person
) -> None:
    chosen(client, staff, "EMAIL_OTP")
    client.post(CHALLENGE, {"code": pool.code(staff.email)})
    assert not opens(client)


def test_a_wrong_code_opens_nothing(client: CheckedClient, pool: LocalPool, staff: Person) -> None:
    app = with_app(pool, staff)
    begin(client, staff)
    client.post(CHALLENGE, {"code": app.wrong_code()})
    assert client.get(ADMIN).status_code == 302


def test_a_question_left_unanswered_counts_for_nothing(client: CheckedClient, pool: LocalPool, staff: Person) -> None:
    other = pool.person()
    with_app(pool, other)
    begin(client, other)
    client.post("/login/", {"username": staff.email, "password": staff.password})
    assert not opens(client)


def test_a_new_session_begins_without_the_step_of_the_earlier_one(
    client: CheckedClient, pool: LocalPool, staff: Person
) -> None:
    app = with_app(pool, staff)
    begin(client, staff)
    client.post(CHALLENGE, {"code": app.code()})
    assert opens(client)
    pool.admin("set_user_mfa_preference", staff, SoftwareTokenMfaSettings={"Enabled": False, "PreferredMfa": False})
    client.post("/account/confirm/", {"password": staff.password, "next": ADMIN})
    assert not opens(client)


# With one.


def test_an_authenticator_app_opens_it(client: CheckedClient, pool: LocalPool, staff: Person) -> None:
    app = with_app(pool, staff)
    begin(client, staff)
    client.post(CHALLENGE, {"code": app.code()})
    assert opens(client)


def test_a_mailed_code_beside_the_password_opens_it(client: CheckedClient, pool: LocalPool, staff: Person) -> None:
    with_mail(pool, staff)
    begin(client, staff)
    client.post(CHALLENGE, {"code": pool.code(staff.email)})
    assert opens(client)


def test_a_text_message_beside_the_password_opens_it(client: CheckedClient, pool: LocalPool, staff: Person) -> None:
    with_text_message(pool, staff, NUMBER)
    before = len(pool.mails(NUMBER))
    begin(client, staff)
    client.post(CHALLENGE, {"code": pool.code(NUMBER, after=before)})
    assert opens(client)


def test_a_passkey_that_stands_for_both_steps_opens_it(client: CheckedClient, pool: LocalPool, staff: Person) -> None:
    key = Authenticator()
    with_passkey(pool, staff, key)
    page = chosen(client, staff, "WEB_AUTHN")
    client.post(CHALLENGE, {"credential": key.sign_in(json.dumps(json_of(page)))})
    assert opens(client)


def test_a_passkey_that_is_one_step_does_not(client: CheckedClient, local_pool: LocalPool, use_pool: UsePool) -> None:
    mfa = {
        "MfaConfiguration": "OPTIONAL",
        "SoftwareTokenMfaConfiguration": {"Enabled": True},
        "WebAuthnConfiguration": {"RelyingPartyId": "localhost", "UserVerification": "required"},
    }
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    pool = use_pool(another_pool(local_pool, mfa=mfa, Policies=policies), ENDPOINT_URL=local_pool.endpoint)
    pool.root.create_group(UserPoolId=pool.id, GroupName=pool.env["COGNITO_STAFF_GROUP"])
    person = pool.person(groups=(pool.env["COGNITO_STAFF_GROUP"],))
    key = Authenticator()
    with_passkey(pool, person, key)
    page = chosen(client, person, "WEB_AUTHN")
    client.post(CHALLENGE, {"credential": key.sign_in(json.dumps(json_of(page)))})
    assert not opens(client)


def test_signing_in_again_with_a_second_step_opens_it(browser_of: SignIn, pool: LocalPool, staff: Person) -> None:
    browser = browser_of(staff)
    assert not opens(browser)
    app = with_app(pool, staff)
    assert browser.post("/account/confirm/", {"password": staff.password, "next": ADMIN}).url == CHALLENGE
    assert browser.post(CHALLENGE, {"code": app.code()}).url == ADMIN
    assert opens(browser)


def test_a_refresh_keeps_it(client: CheckedClient, pool: LocalPool, staff: Person, cognito: FaultProxy) -> None:
    app = with_app(pool, staff)
    begin(client, staff)
    client.post(CHALLENGE, {"code": app.code()})
    expire(60)
    assert opens(client)


def test_a_step_passed_before_another_question_is_not_forgotten(client: CheckedClient) -> None:
    asked = Challenge("CUSTOM_CHALLENGE", "ada", "session")
    pending = PendingChallenge.of(asked, typed="ada", next_url="", came_by="password", second_step=True)
    assert pending.second_step
    assert not challenges.proves_second_step(pending)


# What can be known.


@pytest.mark.parametrize(
    ("name", "came_by", "flow", "proves"),
    [
        ("SOFTWARE_TOKEN_MFA", "password", "USER_AUTH", True),
        ("SMS_MFA", "password", "USER_AUTH", True),
        ("MFA_SETUP", "password", "USER_SRP_AUTH", True),
        ("EMAIL_OTP", "password", "USER_PASSWORD_AUTH", True),
        ("EMAIL_OTP", "password", "USER_AUTH", False),
        ("EMAIL_OTP", "choice", "USER_PASSWORD_AUTH", False),
        ("SMS_OTP", "password", "USER_AUTH", False),
        ("SMS_OTP", "choice", "USER_PASSWORD_AUTH", False),
        ("NEW_PASSWORD_REQUIRED", "password", "USER_PASSWORD_AUTH", False),
        ("CUSTOM_CHALLENGE", "password", "USER_PASSWORD_AUTH", False),
        ("SELECT_MFA_TYPE", "password", "USER_PASSWORD_AUTH", False),
        ("PASSWORD", "choice", "USER_AUTH", False),
        ("WEB_AUTHN", "choice", "USER_AUTH", False),
        ("SOMETHING_NEW", "password", "USER_PASSWORD_AUTH", False),
    ],
)
def test_an_answer_is_a_second_step_only_where_nothing_else_can_be_meant(
    pool: LocalPool, settings: Settings, name: str, came_by: str, flow: str, proves: bool
) -> None:
    settings.COGNITO = {**settings.COGNITO, "AUTH_FLOW": flow}
    pending = PendingChallenge.of(Challenge(name, "ada"), typed="ada", next_url="", came_by=came_by)
    assert challenges.proves_second_step(pending) is proves


@pytest.mark.parametrize(("verification", "proves"), [("required", True), ("preferred", False), ("", False)])
def test_a_passkey_is_both_steps_only_where_cognito_asked_who_holds_it(
    pool: LocalPool, verification: str, proves: bool
) -> None:
    options = {"CREDENTIAL_REQUEST_OPTIONS": json.dumps({"userVerification": verification})}
    asked = Challenge("WEB_AUTHN", "ada", parameters=options)
    pending = PendingChallenge.of(asked, typed="ada", next_url="", came_by="choice")
    assert challenges.proves_second_step(pending) is proves


@pytest.mark.parametrize(
    ("claim", "methods"),
    [
        (["pwd", "mfa"], ("pwd", "mfa")),
        (["pwd"], ("pwd",)),
        ("mfa", ()),
        ({"mfa": True}, ()),
        ([["mfa"]], ()),
        (None, ()),
    ],
)
def test_what_a_token_says_of_how_somebody_signed_in_is_a_list_of_words(
    claim: object, methods: tuple[str, ...]
) -> None:
    signing = SigningPool()
    config = CognitoConfig(region="", user_pool_id="", client_id=signing.client_id, issuer=signing.issuer, jwks_url="")
    verifier = TokenVerifier(config, PublishedKeys(signing))
    assert verifier.verify_id_token(signing.id_token(amr=claim)).methods == methods


# The emergency.


def test_superusers_of_this_database_are_let_in_and_the_check_says_so(
    client: CheckedClient, pool: LocalPool, settings: Settings
) -> None:
    settings.LOCAL_SUPERUSERS = True
    settings.AUTHENTICATION_BACKENDS = ["accounts.backends.LocalSuperuserBackend", *settings.AUTHENTICATION_BACKENDS]
    made(NAME)
    assert client.post("/login/", {"username": NAME, "password": "Break-the-glass-1"}).status_code == 302
    assert client.get(ADMIN).status_code == 200
    assert not Session.objects.get(session_key=client.session_cookie).second_step
    assert checks.W013 in checks.check_deployment(None)
    settings.ADMIN_REQUIRES_MFA = False
    assert checks.W013 not in checks.check_deployment(None)


def test_nobody_of_the_pool_is_taken_for_one(browser_of: SignIn, staff: Person, settings: Settings) -> None:
    settings.LOCAL_SUPERUSERS = True
    assert conf.config().issuer != "local"
    assert not opens(browser_of(staff))
