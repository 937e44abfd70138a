"""Signing in with a mailed or texted code in place of the password, for every name alike."""

from __future__ import annotations

import pytest

from accounts import limits
from accounts.models import Activity
from tests import fault_proxy
from tests.accounts.ways_in import ANOTHER_WAY, CHALLENGE, CODE, NUMBER, chosen, go, refused
from tests.checked_client import CheckedClient
from tests.conftest import SignIn, UsePool
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, another, new_email
from tests.markup import Page
from tests.other_pools import another_client, another_pool


def test_the_sign_in_page_has_a_button_for_each_way_the_pool_allows(client: CheckedClient, pool: LocalPool) -> None:
    page = client.page("/login/")
    assert [button.text for button in page.all("button", class_="button--way")] == [
        "Sign in with a passkey",
        "Email me a code",
    ]
    assert page.field("password")


def test_a_client_without_the_flow_offers_the_password_alone(
    client: CheckedClient, local_pool: LocalPool, use_pool: UsePool
) -> None:
    use_pool(
        another_client(local_pool, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]), ENDPOINT_URL=local_pool.endpoint
    )
    assert not client.page("/login/").all("button", class_="button--way")
    assert client.get(f"{CODE}?next=/files/").url == "/login/?next=%2Ffiles%2F"


def test_the_old_address_of_all_ways_leads_to_the_sign_in_page_for_good(client: CheckedClient, pool: LocalPool) -> None:
    response = client.get("/login/options/?next=/files/")
    assert (response.status_code, response.url) == (301, "/login/?next=%2Ffiles%2F")


def test_a_mailed_code_signs_in(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    chosen(client, person, "EMAIL_OTP", next="/account/activity/")
    assert client.post(CHALLENGE, {"code": pool.code(person.email)}).url == "/account/activity/"


def test_a_wrong_mailed_code_does_not(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    chosen(client, person, "EMAIL_OTP")
    assert refused(client, code=another(pool.code(person.email))).error_of("code")
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize("known", [True, False])
def test_a_wrong_code_is_called_that_whether_or_not_there_is_a_right_one(
    client: CheckedClient, person: Person, known: bool
) -> None:
    go(client, person.email if known else new_email("nobody"), "EMAIL_OTP")
    assert refused(client, code="00000000").error_of("code") == (
        "Error: That’s not the right code. Check it and try again."
    )


def test_a_texted_code_signs_in(client: CheckedClient, local_pool: LocalPool, use_pool: UsePool) -> None:
    pool = use_pool(
        another_pool(local_pool, Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}}),
        ENDPOINT_URL=local_pool.endpoint,
    )
    person = pool.person(phone_number=NUMBER, phone_number_verified="true")
    page = chosen(client, person, "SMS_OTP")
    assert "texted you" in page.one("h1").text
    code = pool.code(NUMBER)
    assert refused(client, code=another(code)).error_of("code")
    assert client.post(CHALLENGE, {"code": code}).url == "/account/"


@pytest.mark.parametrize("name", ["", "ada", "x" * 130 + "@example.com"])
def test_what_cannot_be_a_name_is_not_sent(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy, name: str
) -> None:
    assert Page.of(client.post(CODE, {"username": name}).content).error_of("username")
    assert cognito.calls["InitiateAuth"] == 0


def test_asking_for_one_name_ends_before_cognito(client: CheckedClient, person: Person, cognito: FaultProxy) -> None:
    most = limits.OPTIONS_BY_NAME.most
    statuses = [client.post(CODE, {"username": person.email}).status_code for _ in range(most + 1)]
    assert statuses == [302] * most + [429]
    assert cognito.calls["InitiateAuth"] == most


def test_where_the_person_was_going_is_a_page_of_this_site(
    client: CheckedClient, pool: LocalPool, person: Person
) -> None:
    chosen(client, person, "EMAIL_OTP", next="//evil.example/")
    assert client.post(CHALLENGE, {"code": pool.code(person.email)}).url == "/account/"


def test_an_outage_blames_nobody(client: CheckedClient, person: Person, pool: LocalPool, cognito: FaultProxy) -> None:
    cognito.fail("InitiateAuth", fault_proxy.html_success(), times=1)
    assert go(client, person.email, "EMAIL_OTP").status_code == 503
    assert go(client, person.email, "EMAIL_OTP").url == CHALLENGE
    assert client.post(CHALLENGE, {"code": pool.code(person.email)}).url == "/account/"


def test_codes_for_one_name_end_before_cognitos_budget(pool: LocalPool, person: Person, cognito: FaultProxy) -> None:
    most = limits.SIGN_IN_CODES_BY_NAME.most
    for name in (person.email, new_email("nobody")):
        cognito.forget()
        statuses = []
        for _ in range(most + 1):
            limits.clear(name, limits.OPTIONS_BY_NAME)
            statuses.append(go(CheckedClient(), name, "EMAIL_OTP").status_code)
        assert statuses == [302] * most + [429]
        assert cognito.calls["InitiateAuth"] == most


def test_a_new_sign_in_session_begins_with_the_choice(client: CheckedClient, pool: LocalPool) -> None:
    go(client, "ada@example.com", "EMAIL_OTP")
    planted = client.session_cookie
    go(client, "ada@example.com", "EMAIL_OTP")
    assert client.session_cookie != planted


def test_a_wrong_code_is_told_to_its_person(
    client: CheckedClient, pool: LocalPool, person: Person, browser_of: SignIn
) -> None:
    browser_of(person)
    chosen(client, person, "EMAIL_OTP")
    refused(client, code=another(pool.code(person.email)))
    assert Activity.objects.filter(user__email=person.email, kind=Activity.Kind.SIGN_IN_REFUSED).count() == 1


def test_three_wrong_codes_begin_again(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    chosen(client, person, "EMAIL_OTP", next="/account/activity/")
    wrong = another(pool.code(person.email))
    for _ in range(2):
        assert refused(client, code=wrong).error_of("code")
    assert client.post(CHALLENGE, {"code": wrong}).url == "/login/?next=%2Faccount%2Factivity%2F"
    assert "Those codes didn’t work" in client.page("/login/").words
    assert client.post(CHALLENGE, {"code": pool.code(person.email)}).url == "/login/?again=1"
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize(
    ("typed", "kept"), [("/account/activity/", "/account/activity/"), ("https://evil.example", "")]
)
def test_whoever_presses_the_button_before_typing_a_name_is_asked_for_it_and_not_corrected(
    client: CheckedClient, pool: LocalPool, typed: str, kept: str
) -> None:
    response = client.post(CODE, {"username": " ", "from": "login", "next": typed})
    page = client.page(response.url)
    assert not page.title.startswith("Error")
    assert page.one("input", name="next")["value"] == kept


def test_the_page_itself_corrects_whoever_sends_it_empty(client: CheckedClient, pool: LocalPool) -> None:
    page = Page.of(client.post(CODE, {"username": "", "next": ""}).content)
    assert "Enter your email." in page.summary()


def test_the_page_says_where_the_code_goes(client: CheckedClient, local_pool: LocalPool, use_pool: UsePool) -> None:
    ways = ["PASSWORD", "EMAIL_OTP", "SMS_OTP"]
    use_pool(
        another_pool(local_pool, Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ways}}),
        ENDPOINT_URL=local_pool.endpoint,
    )
    assert "We’ll send a code to the email of your account." in client.page(CODE).words
    assert "We’ll send a code to the phone number of your account." in client.page(f"{CODE}?by=text").words


def test_the_page_of_a_code_says_how_long_it_works_and_shows_no_address_that_was_not_typed(
    client: CheckedClient, pool: LocalPool, person: Person
) -> None:
    page = chosen(client, person, "EMAIL_OTP")
    assert f"If {person.email} has an account, we sent a code there. It works for 15 minutes." in page.words
    assert "•••" not in page.words
    assert page.one("a", href=ANOTHER_WAY).text == "Use another way"
