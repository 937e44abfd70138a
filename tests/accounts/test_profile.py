"""One's own attributes: the pool's schema decides, and a new address counts once it is proved (A1, A2)."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Activity, User
from tests import fault_proxy
from tests.accounts.conftest import UsePool
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, new_email
from tests.markup import Page
from tests.other_pools import another_pool, text

PROFILE = "/account/profile/"


def values(page: Page) -> dict[str, str]:
    return {field["name"]: field["value"] for field in page.all("input") if field["type"] in ("text", "email", "tel")}


def saved(client: CheckedClient, **changes: str) -> Page:
    response = client.post(PROFILE, {**values(client.page(PROFILE)), **changes})
    return Page.of(response.content) if response.status_code == 200 else client.page(response.url)


def test_a1_the_fields_are_those_the_client_may_write(signed_in: CheckedClient, person: Person) -> None:
    page = signed_in.page(PROFILE)
    assert values(page) == {"email": person.email, "name": "Ada Lovelace", "phone_number": ""}
    tokens = {name: page.field(name)["autocomplete"] for name in ("email", "name", "phone_number")}
    assert tokens == {"email": "email", "name": "name", "phone_number": "tel"}


def test_a_new_name_is_kept_here_and_there(signed_in: CheckedClient, pool: LocalPool, person: Person) -> None:
    assert "Saved." in saved(signed_in, name="Countess of Lovelace").words
    assert pool.attributes(person.email)["name"] == "Countess of Lovelace"
    assert User.objects.get().name == "Countess of Lovelace"
    assert Activity.objects.filter(kind=Activity.Kind.PROFILE_CHANGED).count() == 1


def test_what_did_not_change_is_not_sent(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    assert "Nothing was changed." in saved(signed_in).words
    assert cognito.calls["UpdateUserAttributes"] == 0
    saved(signed_in, name="Countess")
    assert cognito.last("UpdateUserAttributes")["UserAttributes"] == [{"Name": "name", "Value": "Countess"}]


def test_an_emptied_attribute_is_removed(signed_in: CheckedClient, pool: LocalPool, person: Person) -> None:
    saved(signed_in, name="")
    assert "name" not in pool.attributes(person.email)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": ""}, "email"),
        ({"email": "ada"}, "email"),
        ({"phone_number": "020 7946 0000"}, "phone_number"),
        ({"phone_number": "+44 call me"}, "phone_number"),
        ({"name": "x" * 2049}, "name"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(
    signed_in: CheckedClient, cognito: FaultProxy, changes: dict[str, str], field: str
) -> None:
    page = saved(signed_in, **changes)
    assert page.error_of(field)
    assert page.field(field)["value"] == changes[field]
    assert cognito.calls["UpdateUserAttributes"] == 0


@pytest.mark.parametrize("number", ["+44 20 7946-0999", "0044 (20) 79460999", "+442079460999"])
def test_s12_a_number_is_taken_in_any_usual_form(signed_in: CheckedClient, cognito: FaultProxy, number: str) -> None:
    saved(signed_in, phone_number=number)
    assert cognito.last("UpdateUserAttributes")["UserAttributes"] == [
        {"Name": "phone_number", "Value": "+442079460999"}
    ]


@pytest.mark.parametrize("smuggled", ["email_verified", "sub", "custom:role", "cognito:groups"])
def test_r20_an_attribute_without_a_field_is_not_sent(
    signed_in: CheckedClient, cognito: FaultProxy, smuggled: str
) -> None:
    saved(signed_in, name="Countess", **{smuggled: "true"})
    assert smuggled not in str(cognito.last("UpdateUserAttributes"))


def test_a2_the_old_address_stays_until_the_new_one_is_proved(
    signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    new = new_email("countess")
    assert "Type the code" in saved(signed_in, email=new).one("h1").text
    assert pool.attributes(person.email)["email"] == person.email
    assert User.objects.get().email == person.email
    page = signed_in.page(PROFILE)
    assert new in page.words
    assert page.field("email")["value"] == person.email
    assert CheckedClient().post("/login/", {"username": person.email, "password": person.password}).status_code == 302
    assert CheckedClient().post("/login/", {"username": new, "password": person.password}).status_code == 200


def test_an_address_that_somebody_else_has_is_refused(
    signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    bob = pool.person()
    page = saved(signed_in, email=bob.email)
    assert "Another account uses this address" in page.error_of("email")
    assert pool.mails(bob.email) == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("InvalidParameterException", "not accepted"),
        ("NotAuthorizedException", "not accepted"),
        ("CodeDeliveryFailureException", "No code could be sent"),
        ("LimitExceededException", "Wait an hour"),
    ],
)
def test_f27_a_refusal_is_told_and_what_was_typed_stays(
    signed_in: CheckedClient, cognito: FaultProxy, code: str, words: str
) -> None:
    cognito.fail("UpdateUserAttributes", fault_proxy.aws_error(code, "words of AWS"))
    page = saved(signed_in, name="Countess")
    assert words in page.summary()
    assert page.field("name")["value"] == "Countess"


@pytest.mark.parametrize("code", ["NotAuthorizedException", "UserNotFoundException"])
@pytest.mark.parametrize("page", [PROFILE, "/account/security/", "/account/data/", "/account/security/passkeys/"])
def test_f25_somebody_signed_out_elsewhere_signs_in_again(
    signed_in: CheckedClient, cognito: FaultProxy, code: str, page: str
) -> None:
    for operation in ("GetUser", "ListWebAuthnCredentials"):
        cognito.fail(operation, fault_proxy.aws_error(code, "Access Token has been revoked"))
    assert signed_in.get(page).url == f"/login/?ended=1&next={page.replace('/', '%2F')}"
    assert "your session ended" in signed_in.page("/login/?ended=1").words


@pytest.mark.parametrize("page", [PROFILE, "/account/security/", "/account/data/", "/account/security/totp/"])
def test_f2_an_outage_ends_nothing(signed_in: CheckedClient, cognito: FaultProxy, page: str) -> None:
    for operation in ("GetUser", "AssociateSoftwareToken"):
        cognito.fail(operation, fault_proxy.html_success())
    assert signed_in.get(page).status_code == 503
    assert signed_in.get("/account/").status_code == 200


def test_the_pools_own_attributes_have_fields(
    local_pool: LocalPool, use_pool: UsePool, browser_of: SignIn, client: CheckedClient
) -> None:
    schema = [text("shoe_size", StringAttributeConstraints={"MaxLength": "3"}), text("badge", Mutable=False)]
    pool = use_pool(another_pool(local_pool, Schema=schema), ENDPOINT_URL=local_pool.endpoint)
    badge: Any = {"custom:badge": "B-7"}
    person = pool.person(**badge)
    client.post("/login/", {"username": person.email, "password": person.password})
    page = client.page(PROFILE)
    assert next(label.text for label in page.all("label") if label["for"] == "id_custom:shoe_size") == "Shoe size"
    assert "disabled" in page.field("custom:badge")
    assert saved(client, **{"custom:shoe_size": "3939"}).error_of("custom:shoe_size")
    assert "Saved." in saved(client, **{"custom:shoe_size": "39", "custom:badge": "forged"}).words
    kept = pool.attributes(person.email)
    assert (kept["custom:shoe_size"], kept["custom:badge"]) == ("39", "B-7")
