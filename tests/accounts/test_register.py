"""Creating an account: what is refused before Cognito is asked, and what a stranger learns."""

from __future__ import annotations

import json

import pytest
from django.core import mail
from pytest_django import Settings

from accounts import limits
from accounts.models import User
from tests import fault_proxy
from tests.accounts.phones import by_phone
from tests.accounts.registering import CLOSED_TO_THEIR_OWN
from tests.background import finish
from tests.checked_client import CheckedClient, answer
from tests.conftest import UsePool
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, Person, new_email
from tests.markup import Page
from tests.other_pools import another_pool


def form(email: str = "", **changes: str) -> dict[str, str]:
    return {"email": email or new_email(), "password1": PASSWORD, "password2": PASSWORD, **changes}


def refusal(client: CheckedClient, data: dict[str, str]) -> Page:
    response = client.post("/register/", data)
    assert response.status_code == 200
    return Page.of(response.content)


def test_a_newcomer_gets_a_code_and_goes_on_to_type_it(client: CheckedClient, pool: LocalPool) -> None:
    email = new_email()
    response = client.post("/register/", form(email))
    assert (response.status_code, response.url) == (302, "/verify-code/")
    assert pool.status(email) == "UNCONFIRMED"
    assert pool.code(email)


def test_registering_alone_lets_nobody_in(client: CheckedClient, pool: LocalPool) -> None:
    client.post("/register/", form())
    assert client.get("/account/").status_code == 302
    assert not User.objects.exists()


def test_one_click_is_one_call(client: CheckedClient, pool: LocalPool, cognito: FaultProxy) -> None:
    client.get("/register/")
    cognito.forget()
    client.post("/register/", form())
    assert cognito.calls["SignUp"] == 1


@pytest.mark.parametrize("password", ["Sh-1", "alllowercase1-", "NOLOWER-1", "NoDigits-", "NoSymbol1", "Password1!"])
def test_a_weak_password_is_refused_at_its_field(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy, password: str
) -> None:
    page = refusal(client, form(password1=password, password2=password))
    assert "password" in page.error_of("password1")
    assert page.title.startswith("Error: ")
    assert cognito.calls["SignUp"] == 0


def test_two_different_passwords_are_refused_at_the_second(client: CheckedClient, pool: LocalPool) -> None:
    page = refusal(client, form(password2=f"{PASSWORD}x"))
    assert "The two passwords don’t match." in page.error_of("password2")


def test_a_password_is_asked_for_once(client: CheckedClient, pool: LocalPool) -> None:
    email = new_email()
    assert client.post("/register/", {"email": email, "password1": PASSWORD}).url == "/verify-code/"
    assert pool.status(email) == "UNCONFIRMED"


def test_a_refused_password_shows_which_rules_it_missed(client: CheckedClient, pool: LocalPool) -> None:
    page = refusal(client, form(password1="Harbor-pilot", password2="Harbor-pilot"))
    assert "Add a number to your password." in page.error_of("password1")
    rules = {item["data-rule"]: item["data-state"] for item in page.all("li") if item["data-rule"]}
    assert rules.pop("require_numbers") == "missed"
    assert len(rules) == 4
    assert set(rules.values()) == {"met"}


@pytest.mark.parametrize("email", ["ada", "ada@", "@example.com", "ada example.com", "ada@example", "a@b@example.com"])
def test_a_malformed_address_is_refused_at_its_field(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy, email: str
) -> None:
    assert "name@example.com" in refusal(client, form(email)).error_of("email")
    assert cognito.calls["SignUp"] == 0


def test_nothing_typed_is_told_field_by_field(client: CheckedClient, pool: LocalPool) -> None:
    page = refusal(client, {})
    assert page.error_of("email") == "Error: Enter your email."
    assert page.error_of("password1") == "Error: Choose a password."
    assert [link["href"] for link in page.all("a") if link["href"].startswith("#id_")] == [
        "#id_email",
        "#id_password1",
    ]


def test_after_a_refusal_the_address_stays_and_the_passwords_do_not(client: CheckedClient, pool: LocalPool) -> None:
    page = refusal(client, form("ada@example.com", password2="Another-horse-1"))
    assert page.field("email")["value"] == "ada@example.com"
    assert page.field("password1")["value"] == page.field("password2")["value"] == ""
    assert PASSWORD not in page.html


def test_a_taken_address_gets_the_same_answer(pool: LocalPool, person: Person) -> None:
    new = new_email()
    fresh, taken = (CheckedClient().post("/register/", form(email)) for email in (new, person.email))
    assert answer(fresh, new) == answer(taken, person.email)


def test_the_code_page_of_a_taken_address_is_the_same(pool: LocalPool, person: Person) -> None:
    pages = []
    for email in (new_email(), person.email):
        browser = CheckedClient()
        browser.post("/register/", form(email))
        pages.append(answer(browser.get("/verify-code/"), email))
        pages.append(answer(browser.post("/verify-code/", {"code": "000000"}), email))
    assert pages[:2] == pages[2:]


def test_the_owner_of_a_taken_address_keeps_the_password(pool: LocalPool, person: Person) -> None:
    thief = CheckedClient()
    thief.post("/register/", form(person.email, password1="Stolen-horse-1", password2="Stolen-horse-1"))
    response = CheckedClient().post("/login/", {"username": person.email, "password": person.password})
    assert response.status_code == 302


def test_the_owner_of_a_taken_address_is_told_by_mail(pool: LocalPool, person: Person) -> None:
    CheckedClient().post("/register/", form(person.email))
    finish()
    assert [message.to for message in mail.outbox] == [[person.email]]
    assert "You already have a Latchkey account" in mail.outbox[0].subject


def test_a_newcomer_gets_no_mail_but_the_code(pool: LocalPool) -> None:
    CheckedClient().post("/register/", form(new_email()))
    finish()
    assert mail.outbox == []


def test_a_mail_server_that_is_down_changes_nothing(pool: LocalPool, person: Person, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 9
    assert CheckedClient().post("/register/", form(person.email)).status_code == 302
    finish()


@pytest.mark.parametrize("fault", ["LimitExceededException", "InternalErrorException"])
def test_that_the_owner_of_a_taken_address_cannot_be_told_changes_nothing(
    pool: LocalPool, person: Person, cognito: FaultProxy, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    cognito.fail("ResendConfirmationCode", fault_proxy.aws_error(fault))
    assert CheckedClient().post("/register/", form(person.email)).url == "/verify-code/"
    finish()
    assert "owner of a taken name not told" in caplog.messages
    assert mail.outbox == []


def test_a_pool_that_confirms_by_itself_sends_nobody_to_type_a_code(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy
) -> None:
    made = {"UserSub": "s" * 36, "UserConfirmed": True}
    cognito.fail("SignUp", fault_proxy.answered(200, json.dumps(made).encode()))
    email = new_email()
    response = client.post("/register/", form(email), query_params={"next": "/account/security/"})
    assert response.url == "/login/?next=%2Faccount%2Fsecurity%2F"
    page = client.page(response.url)
    assert "Your account is ready" in page.words
    assert page.field("username")["value"] == email


@pytest.mark.parametrize(
    "password",
    ["  Two-spaces-1  ", "inner space-A1", "Ümläüt-Straße-1", "percent%20Sign-1", "Grin\N{GRINNING FACE}ning-1a"],
)
def test_the_password_reaches_cognito_to_the_letter(client: CheckedClient, pool: LocalPool, password: str) -> None:
    email = new_email()
    client.post("/register/", form(email, password1=password, password2=password))
    client.post("/verify-code/", {"code": pool.code(email)})
    client.post("/logout/")
    assert client.post("/login/", {"username": email, "password": password.strip() + "x"}).status_code == 200
    assert client.post("/login/", {"username": email, "password": password}).status_code == 302


def test_a_password_too_long_for_cognito_is_told_so(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy
) -> None:
    long = "Aa1-" + "x" * 253
    assert "256" in refusal(client, form(password1=long, password2=long)).error_of("password1")
    assert cognito.calls["SignUp"] == 0


def test_password_managers_find_their_fields(client: CheckedClient, pool: LocalPool) -> None:
    page = client.page("/register/")
    fields = {name: page.field(name) for name in ("email", "password1")}
    assert {name: (field["type"], field["autocomplete"]) for name, field in fields.items()} == {
        "email": ("email", "username"),
        "password1": ("password", "new-password"),
    }
    assert not any("maxlength" in field for name, field in fields.items() if name != "email")


def test_the_rules_stand_at_the_field_before_typing(client: CheckedClient, pool: LocalPool) -> None:
    page = client.page("/register/")
    assert "id_password1_helptext" in page.field("password1")["aria-describedby"].split()
    assert "8 or more characters" in page.words
    assert not [item for item in page.all("li") if item["data-state"]]


def test_only_what_the_pool_requires_is_asked(client: CheckedClient, pool: LocalPool) -> None:
    page = client.page("/register/")
    names = {field["name"] for field in page.all("input") if field["type"] != "hidden"}
    assert names == {"email", "password1"}


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ("InvalidPasswordException", "password1"),
        ("PasswordHistoryPolicyViolationException", "password1"),
    ],
)
def test_what_cognito_refuses_lands_at_its_field(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy, code: str, field: str
) -> None:
    cognito.fail("SignUp", fault_proxy.aws_error(code, "canary words of AWS"))
    page = refusal(client, form())
    assert page.error_of(field)
    assert "canary" not in page.html


@pytest.mark.parametrize("code", ["InvalidParameterException", "UserLambdaValidationException"])
def test_what_cognito_does_not_take_is_not_blamed_on_the_password(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy, code: str
) -> None:
    cognito.fail("SignUp", fault_proxy.aws_error(code, "canary words of AWS"))
    page = refusal(client, form())
    assert page.error_of("password1") == ""
    assert page.summary()
    assert "canary" not in page.html


def test_a_code_that_could_not_be_sent_leads_to_the_code_page(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy
) -> None:
    cognito.fail("SignUp", fault_proxy.aws_error("CodeDeliveryFailureException"))
    assert client.post("/register/", form()).url == "/verify-code/"


def test_done_but_not_answered_goes_on_at_the_second_try(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy
) -> None:
    email = new_email()
    cognito.fail("SignUp", fault_proxy.closed_after(), times=1)
    assert client.post("/register/", form(email)).status_code == 503
    assert pool.status(email) == "UNCONFIRMED"
    assert client.post("/register/", form(email)).url == "/verify-code/"
    assert client.post("/verify-code/", {"code": pool.code(email, after=1)}).url == "/password/reset/"
    assert pool.status(email) == "CONFIRMED"


def test_a_name_can_be_registered_only_so_often(client: CheckedClient, pool: LocalPool, cognito: FaultProxy) -> None:
    email = new_email()
    most = limits.RESEND_BY_NAME.most
    answers = [client.post("/register/", form(email)).status_code for _ in range(most + 1)]
    assert answers == [302] * most + [429]
    assert cognito.calls["SignUp"] == most


def test_where_people_come_by_invitation_nobody_registers(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy, settings: Settings
) -> None:
    settings.COGNITO = {**settings.COGNITO, "REGISTRATION": "closed"}
    page = client.page("/register/?next=/files/")
    assert "Latchkey accounts are by invitation" in page.words
    assert page.all("input") == []
    assert page.one("a", class_="button button--primary")["href"] == "/login/?next=%2Ffiles%2F"
    assert client.head("/register/").status_code == 200
    refused = client.post("/register/", form())
    assert refused.status_code == 403
    assert "accounts are by invitation" in Page.of(refused.content).words
    assert cognito.calls.total() == 0
    assert mail.outbox == []


def test_an_invitation_by_text_message_has_no_link(
    client: CheckedClient, local_pool: LocalPool, use_pool: UsePool
) -> None:
    by_phone(local_pool, use_pool, REGISTRATION="closed")
    assert "use the password in your invitation." in client.page("/register/").words


@pytest.fixture
def closed_pool(pool: LocalPool, use_pool: UsePool) -> LocalPool:
    """A pool that an operator has closed, which the site was not told."""
    return use_pool(another_pool(pool, **CLOSED_TO_THEIR_OWN))


def test_a_pool_that_takes_nobody_says_so_before_anything_is_typed(
    client: CheckedClient, closed_pool: LocalPool, cognito: FaultProxy
) -> None:
    page = client.page("/register/?next=/files/")
    assert "New accounts can’t be created right now" in page.words
    assert page.all("input") == []
    assert page.one("a", class_="button button--primary")["href"] == "/login/?next=%2Ffiles%2F"
    assert client.post("/register/", form()).status_code == 403
    assert cognito.calls["SignUp"] == 0


def test_a_pool_that_cannot_be_asked_and_takes_nobody_says_so_once_the_form_is_sent(
    client: CheckedClient, closed_pool: LocalPool, cognito: FaultProxy, caplog: pytest.LogCaptureFixture
) -> None:
    cognito.fail("DescribeUserPool", fault_proxy.aws_error("AccessDeniedException"))
    assert "Create your account" in client.page("/register/").words
    refused = client.post("/register/", form())
    assert refused.status_code == 403
    assert "New accounts can’t be created right now" in Page.of(refused.content).words
    assert "RegistrationClosed" in str([vars(record).get("reason") for record in caplog.records])


@pytest.mark.parametrize(("registration", "links"), [("self", 1), ("admin", 1), ("closed", 0)])
@pytest.mark.parametrize("path", ["/", "/login/"])
def test_pages_lead_to_the_form_where_there_is_one(
    client: CheckedClient, pool: LocalPool, settings: Settings, registration: str, links: int, path: str
) -> None:
    settings.COGNITO = {**settings.COGNITO, "REGISTRATION": registration}
    assert len([link for link in client.page(path).all("a") if link["href"] == "/register/"]) == links


@pytest.mark.parametrize("registration", ["admin", "closed"])
def test_nobody_is_led_to_the_code_of_a_registration_that_cannot_be(
    client: CheckedClient, pool: LocalPool, settings: Settings, registration: str
) -> None:
    settings.COGNITO = {**settings.COGNITO, "REGISTRATION": registration}
    for path in ("/login/", "/help/", "/register/"):
        assert [link for link in client.page(path).all("a") if link["href"] == "/verify-code/"] == []


def test_somebody_signed_in_does_not_register(signed_in: CheckedClient) -> None:
    assert signed_in.get("/register/").url == "/account/"


def test_a_form_without_its_token_offers_a_reload(pool: LocalPool) -> None:
    response = CheckedClient(enforce_csrf_checks=True).post("/register/", form())
    assert response.status_code == 403
    assert "Load the page again" in Page.of(response.content).words
