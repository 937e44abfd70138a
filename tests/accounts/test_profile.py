"""One's own attributes: the pool's schema decides, each is saved by itself, and a new address counts once proved."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts import awaited
from accounts.models import Activity, AwaitedCode, Session, User
from tests import fault_proxy
from tests.accounts.profiles import NUMBER, PROFILE, READ, VERIFY, change, fact, shown
from tests.checked_client import CheckedClient
from tests.conftest import SignIn, UsePool
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, new_email
from tests.other_pools import another_pool, text
from tests.second_factors import with_mail, with_text_message

Kind = Activity.Kind


def test_each_attribute_is_a_row_that_says_how_it_stands(signed_in: CheckedClient, person: Person) -> None:
    page = signed_in.page(PROFILE)
    assert "Each detail is saved separately." in page.words
    assert shown(page) == {
        "name": "Name Ada Lovelace Change name",
        "email": f"Email {person.email} Verified Change email",
        "phone_number": "Phone number None yet Change phone number",
        "locale": "Language English Change language",
    }
    assert not page.all("input", type="text")


@pytest.mark.parametrize(
    ("attribute", "autocomplete", "button"),
    [
        ("email", "email", "Save and send code"),
        ("name", "name", "Save"),
        ("phone_number", "tel", "Save and send code"),
    ],
)
def test_one_row_at_a_time_becomes_a_form(
    signed_in: CheckedClient, attribute: str, autocomplete: str, button: str
) -> None:
    link = next(a for a in signed_in.page(PROFILE).all("a") if a["href"].startswith(f"?edit={attribute}"))
    assert link["href"].endswith(f"#{attribute}")
    page = signed_in.page(f"{PROFILE}?edit={attribute}")
    assert page.field(attribute)["autocomplete"] == autocomplete
    assert [each.text for each in page.all("button", class_="button button--primary")] == [button]
    assert [each["name"] for each in page.all("input") if each["type"] != "hidden"] == [attribute]


@pytest.mark.parametrize("edited", ["sub", "email_verified", "custom:role", "x"])
def test_nothing_else_becomes_a_form(signed_in: CheckedClient, edited: str) -> None:
    assert not [each for each in signed_in.page(f"{PROFILE}?edit={edited}").all("input") if each["type"] != "hidden"]
    assert signed_in.post(PROFILE, {"attribute": edited, edited: "true"}).status_code == 400


def test_a_new_name_is_kept_here_and_there(signed_in: CheckedClient, pool: LocalPool, person: Person) -> None:
    assert "Name changed to Countess of Lovelace." in change(signed_in, name="Countess of Lovelace").words
    assert pool.attributes(person.email)["name"] == "Countess of Lovelace"
    assert User.objects.get().name == "Countess of Lovelace"
    assert Activity.objects.get(kind=Kind.PROFILE_CHANGED).detail == "name"
    assert "Changed name" in signed_in.page("/account/activity/").words


def test_what_did_not_change_is_not_sent_and_nothing_is_said(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    page = change(signed_in, name="Ada Lovelace")
    assert not page.all("div", role="status")
    assert cognito.calls["UpdateUserAttributes"] == 0


def test_one_request_changes_one_attribute(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    data = {"attribute": "name", "name": "Countess", "phone_number": NUMBER, "email_verified": "true"}
    signed_in.post(PROFILE, data)
    assert cognito.last("UpdateUserAttributes")["UserAttributes"] == [{"Name": "name", "Value": "Countess"}]


def test_a_form_that_names_no_attribute_changes_nothing(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    assert signed_in.post(PROFILE, {"name": "Countess"}).status_code == 400
    assert cognito.calls["UpdateUserAttributes"] == 0


def test_an_emptied_attribute_is_removed(signed_in: CheckedClient, pool: LocalPool, person: Person) -> None:
    page = change(signed_in, name="")
    assert "Name removed." in page.words
    assert fact(page, "name") == "Name None yet Change name"
    assert "name" not in pool.attributes(person.email)


def test_what_is_typed_is_not_markup(signed_in: CheckedClient) -> None:
    page = change(signed_in, name="<b>Ada</b>")
    assert "Name changed to <b>Ada</b>." in page.words
    assert not page.all("b")


def test_a_number_can_be_removed(client: CheckedClient, pool: LocalPool) -> None:
    person = pool.person(phone_number=NUMBER, phone_number_verified="true")
    client.post("/login/", {"username": person.email, "password": person.password})
    assert client.page(f"{PROFILE}?edit=phone_number").one("button", form="remove-phone_number")
    assert "Phone number removed." in change(client, phone_number="").words
    assert "phone_number" not in pool.attributes(person.email)


def test_what_somebody_signs_in_with_cannot_be_removed(
    local_pool: LocalPool, use_pool: UsePool, client: CheckedClient
) -> None:
    pool = use_pool(another_pool(local_pool))
    person = pool.person()
    client.post("/login/", {"username": person.email, "password": person.password})
    assert not client.page(f"{PROFILE}?edit=email").all("button", form="remove-email")
    assert change(client, email="").error_of("email")
    assert pool.attributes(person.email)["email"] == person.email


@pytest.mark.parametrize(
    ("step", "attribute", "why"),
    [
        ("text", "phone_number", "Turn off text messages under Security first."),
        ("mail", "email", ""),
    ],
)
def test_what_the_second_step_goes_to_cannot_be_removed(
    signed_in: CheckedClient, pool: LocalPool, person: Person, step: str, attribute: str, why: str
) -> None:
    if step == "text":
        with_text_message(pool, person, NUMBER)
    else:
        with_mail(pool, person)
    page = signed_in.page(f"{PROFILE}?edit={attribute}")
    assert not page.all("button", form=f"remove-{attribute}")
    assert why in page.words
    assert change(signed_in, **{attribute: ""}).error_of(attribute)
    assert attribute in pool.attributes(person.email)


@pytest.mark.parametrize(
    ("attribute", "value", "error"),
    [
        ("email", "", "Enter your email."),
        ("email", "ada", "Enter an email like name@example.com."),
        ("phone_number", "020 7946 0000", "Start with + and the country code, like +44 20 7946 0042."),
        ("phone_number", "+44 call me", "Start with + and the country code, like +44 20 7946 0042."),
        ("name", "x" * 2049, "This is too long."),
    ],
)
def test_what_is_wrong_is_told_at_its_field(
    signed_in: CheckedClient, cognito: FaultProxy, attribute: str, value: str, error: str
) -> None:
    page = change(signed_in, **{attribute: value})
    assert error in page.error_of(attribute)
    assert error in page.summary()
    assert page.field(attribute)["value"] == value
    assert cognito.calls["UpdateUserAttributes"] == 0


@pytest.mark.parametrize("number", ["+44 20 7946-0999", "0044 (20) 79460999", "+44 (0)20 7946.0999"])
def test_a_number_is_taken_in_any_usual_form(signed_in: CheckedClient, cognito: FaultProxy, number: str) -> None:
    change(signed_in, phone_number=number)
    assert cognito.last("UpdateUserAttributes")["UserAttributes"] == [
        {"Name": "phone_number", "Value": "+442079460999"}
    ]


def test_the_old_address_stays_until_the_new_one_is_proved(
    signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    new = new_email("countess")
    page = change(signed_in, email=new)
    assert f"{person.email} Verified Confirm {new} We emailed a code to this address." in fact(page, "email")
    assert f"Until you enter it, you’ll keep signing in with {person.email}." in page.words
    assert pool.attributes(person.email)["email"] == User.objects.get().email == person.email
    assert CheckedClient().post("/login/", {"username": person.email, "password": person.password}).status_code == 302
    assert CheckedClient().post("/login/", {"username": new, "password": person.password}).status_code == 200


def test_what_was_asked_for_is_recorded_without_the_address(signed_in: CheckedClient, pool: LocalPool) -> None:
    change(signed_in, email=new_email("countess"))
    assert Activity.objects.get(kind=Kind.EMAIL_ASKED).detail == "c•••@e•••"
    assert "Asked to change email to c•••@e•••" in signed_in.page("/account/activity/").words


def test_the_box_of_a_number_speaks_of_a_text_message(signed_in: CheckedClient, pool: LocalPool) -> None:
    row = fact(change(signed_in, phone_number=NUMBER), "phone_number")
    assert f"None yet Confirm {READ} We sent a code by text message. The number is saved once you enter it." in row
    assert not Activity.objects.filter(kind=Kind.EMAIL_ASKED)


def test_both_boxes_stay_through_signing_out_and_in_another_browser(
    signed_in: CheckedClient, pool: LocalPool, person: Person, browser_of: SignIn
) -> None:
    new = new_email("countess")
    change(signed_in, email=new)
    change(signed_in, phone_number=NUMBER)
    signed_in.post("/logout/")
    other = browser_of(person)
    page = other.page(PROFILE)
    assert (f"Confirm {new}" in fact(page, "email"), f"Confirm {READ}" in fact(page, "phone_number")) == (True, True)
    assert other.post(VERIFY, {"attribute": "phone_number", "code": pool.code(NUMBER)}).url == PROFILE
    page = other.page(PROFILE)
    assert fact(page, "phone_number") == f"Phone number {READ} Verified Change phone number"
    assert f"Confirm {new}" in fact(page, "email")
    assert other.post(VERIFY, {"attribute": "email", "code": pool.code(new)}).url == PROFILE
    assert fact(other.page(PROFILE), "email") == f"Email {new} Verified Change email"
    kept = pool.attributes(new)
    assert (kept["phone_number"], kept["phone_number_verified"]) == (NUMBER, "true")


def test_a_box_is_the_persons_own(signed_in: CheckedClient, pool: LocalPool, browser_of: SignIn) -> None:
    change(signed_in, email=new_email("countess"))
    assert "Confirm" not in fact(browser_of(pool.person()).page(PROFILE), "email")


def test_a_box_closes_after_a_day(signed_in: CheckedClient, pool: LocalPool) -> None:
    change(signed_in, email=new_email("countess"))
    AwaitedCode.objects.update(at=timezone.now() - awaited.AGE)
    assert "Confirm" not in fact(signed_in.page(PROFILE), "email")


def test_what_waits_cannot_be_read_in_the_database(signed_in: CheckedClient, pool: LocalPool) -> None:
    new = new_email("countess")
    change(signed_in, email=new)
    assert new not in str(list(AwaitedCode.objects.values()))


def test_a_row_that_cannot_be_read_is_none(signed_in: CheckedClient, pool: LocalPool) -> None:
    change(signed_in, email=new_email("countess"))
    AwaitedCode.objects.update(record="from another key")
    assert "Confirm" not in fact(signed_in.page(PROFILE), "email")


def test_what_waits_is_in_the_data_and_goes_with_the_account(
    signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    new = new_email("countess")
    change(signed_in, email=new)
    assert signed_in.get("/account/data/").json()["awaiting_code"] == {"email": new}
    signed_in.post("/account/delete/", {"confirm": person.email})
    assert not AwaitedCode.objects.exists()


def test_a_code_that_is_on_its_way_is_waited_for_after_an_outage(
    signed_in: CheckedClient, pool: LocalPool, cognito: FaultProxy
) -> None:
    new = new_email("countess")
    cognito.fail("GetUser", fault_proxy.delayed(0), times=1)
    cognito.fail("GetUser", fault_proxy.closed_before())
    assert signed_in.post(PROFILE, {"attribute": "email", "email": new}).url == f"{PROFILE}#email"
    cognito.heal()
    assert f"Confirm {new}" in fact(signed_in.page(PROFILE), "email")
    assert signed_in.post(VERIFY, {"code": pool.code(new)}).url == PROFILE


def test_a_code_that_was_taken_is_not_waited_for_after_an_outage(
    signed_in: CheckedClient, pool: LocalPool, cognito: FaultProxy
) -> None:
    new = new_email("countess")
    change(signed_in, email=new)
    code = pool.code(new)
    cognito.fail("GetUser", fault_proxy.delayed(0), times=1)
    cognito.fail("GetUser", fault_proxy.closed_before())
    assert signed_in.post(VERIFY, {"code": code}).url == PROFILE
    cognito.heal()
    assert not AwaitedCode.objects.exists()


def test_a_session_that_ends_while_an_address_is_changed_leaves_the_box(
    signed_in: CheckedClient, monkeypatch: pytest.MonkeyPatch, browser_of: SignIn, person: Person
) -> None:
    begin, new = awaited.begin, new_email("countess")

    def ending(*arguments: Any) -> None:
        begin(*arguments)
        Session.objects.all().delete()

    monkeypatch.setattr(awaited, "begin", ending)
    signed_in.post(PROFILE, {"attribute": "email", "email": new})
    assert f"Confirm {new}" in fact(browser_of(person).page(PROFILE), "email")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("InvalidParameterException", "This wasn’t accepted. Check it and try again."),
        ("NotAuthorizedException", "This wasn’t accepted. Check it and try again."),
        ("AliasExistsException", "Another account uses this name. Choose a different one."),
    ],
)
def test_a_refusal_stands_at_the_field_and_what_was_typed_stays(
    signed_in: CheckedClient, cognito: FaultProxy, code: str, error: str
) -> None:
    cognito.fail("UpdateUserAttributes", fault_proxy.aws_error(code, "words of AWS"))
    page = change(signed_in, name="Countess")
    assert error in page.error_of("name")
    assert page.field("name")["value"] == "Countess"


@pytest.mark.parametrize(
    ("code", "notice"),
    [
        ("CodeDeliveryFailureException", f"We couldn’t send a code to {READ}. Check it, or use another way."),
        (
            "LimitExceededException",
            "You’ve changed this several times already. Wait an hour, then try again.",
        ),
    ],
)
def test_what_has_nothing_to_do_with_the_field_is_a_notice(
    signed_in: CheckedClient, cognito: FaultProxy, code: str, notice: str
) -> None:
    cognito.fail("UpdateUserAttributes", fault_proxy.aws_error(code, "words of AWS"))
    page = change(signed_in, phone_number=NUMBER)
    assert notice in page.one("div", role="alert").text
    assert page.field("phone_number")["value"] == NUMBER
    assert not AwaitedCode.objects.exists()


@pytest.mark.parametrize("code", ["NotAuthorizedException", "UserNotFoundException"])
@pytest.mark.parametrize("page", [PROFILE, "/account/security/", "/account/data/", "/account/security/passkeys/"])
def test_somebody_signed_out_elsewhere_signs_in_again(
    signed_in: CheckedClient, cognito: FaultProxy, code: str, page: str
) -> None:
    for operation in ("GetUser", "ListWebAuthnCredentials"):
        cognito.fail(operation, fault_proxy.aws_error(code, "Access Token has been revoked"))
    assert signed_in.get(page).url == f"/login/?ended=1&next={page.replace('/', '%2F')}"
    assert "You were signed out." in signed_in.page("/login/?ended=1").words


@pytest.mark.parametrize("page", [PROFILE, "/account/security/", "/account/data/", "/account/security/totp/"])
def test_an_outage_ends_nothing(signed_in: CheckedClient, cognito: FaultProxy, page: str) -> None:
    for operation in ("GetUser", "AssociateSoftwareToken"):
        cognito.fail(operation, fault_proxy.html_success())
    assert signed_in.get(page).status_code == 503
    assert signed_in.get("/account/").status_code == 200


def test_the_pools_own_attributes_are_facts(
    local_pool: LocalPool, use_pool: UsePool, browser_of: SignIn, client: CheckedClient
) -> None:
    schema = [text("shoe_size", StringAttributeConstraints={"MaxLength": "3"}), text("badge", Mutable=False)]
    pool = use_pool(another_pool(local_pool, Schema=schema), ENDPOINT_URL=local_pool.endpoint)
    badge: Any = {"custom:badge": "B-7"}
    person = pool.person(**badge)
    client.post("/login/", {"username": person.email, "password": person.password})
    page = client.page(PROFILE)
    assert fact(page, "custom:shoe_size") == "Shoe size None yet Change shoe size"
    assert fact(page, "custom:badge") == "Badge B-7"
    assert change(client, **{"custom:shoe_size": "3939"}).error_of("custom:shoe_size")
    assert "Shoe size changed to 39." in change(client, **{"custom:shoe_size": "39"}).words
    assert client.post(PROFILE, {"attribute": "custom:badge", "custom:badge": "forged"}).status_code == 400
    kept = pool.attributes(person.email)
    assert (kept["custom:shoe_size"], kept["custom:badge"]) == ("39", "B-7")
    assert "Changed shoe size" in client.page("/account/activity/").words
