"""One's own attributes: the pool's schema decides, and a new address counts once it is proved."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts import limits
from accounts.models import Activity, Session, User
from accounts.sessions.engine import SessionStore
from accounts.sessions.pending import PendingEmail
from accounts.views import base
from accounts.views.base import COOL_DOWN
from tests import fault_proxy
from tests.accounts.conftest import UsePool
from tests.checked_client import CheckedClient, answer
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, new_email
from tests.markup import Page
from tests.other_pools import another_pool, text

PROFILE = "/account/profile/"
VERIFY = "/account/profile/verify/"
RESEND = "/account/profile/verify/resend/"
NUMBER = "+442079460888"
WRONG_CODES = 6  # one more than a code of Cognito's survives


def values(page: Page) -> dict[str, str]:
    return {field["name"]: field["value"] for field in page.all("input") if field["type"] in ("text", "email", "tel")}


def saved(client: CheckedClient, **changes: str) -> Page:
    response = client.post(PROFILE, {**values(client.page(PROFILE)), **changes})
    return Page.of(response.content) if response.status_code == 200 else client.page(response.url)


def test_the_fields_are_those_the_client_may_write(signed_in: CheckedClient, person: Person) -> None:
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
def test_a_number_is_taken_in_any_usual_form(signed_in: CheckedClient, cognito: FaultProxy, number: str) -> None:
    saved(signed_in, phone_number=number)
    assert cognito.last("UpdateUserAttributes")["UserAttributes"] == [
        {"Name": "phone_number", "Value": "+442079460999"}
    ]


@pytest.mark.parametrize("smuggled", ["email_verified", "sub", "custom:role", "cognito:groups"])
def test_an_attribute_without_a_field_is_not_sent(signed_in: CheckedClient, cognito: FaultProxy, smuggled: str) -> None:
    saved(signed_in, name="Countess", **{smuggled: "true"})
    assert smuggled not in str(cognito.last("UpdateUserAttributes"))


def test_the_old_address_stays_until_the_new_one_is_proved(
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


def changed_to(client: CheckedClient, email: str) -> list[tuple[int, dict[str, str], bytes]]:
    """Return what a person sees who changes to `email`, from the form to a wrong code and another one asked for."""
    data = {**values(client.page(PROFILE)), "email": email, "name": "Countess"}
    return [
        answer(client.post(PROFILE, data), email),
        answer(client.get(VERIFY), email),
        answer(client.post(VERIFY, {"code": "135790"}), email),
        *(answer(client.post(VERIFY, {"code": "135790"}), email) for _ in range(WRONG_CODES)),
        answer(client.post(RESEND, {"attribute": "email"}), email),
        answer(client.get(VERIFY), email),
        answer(client.get(PROFILE), email),
    ]


def test_whether_another_account_has_an_address_is_not_told(pool: LocalPool, browser_of: SignIn) -> None:
    seen = []
    with time_machine.travel(timezone.now(), tick=False):
        for new in (new_email("free"), pool.person().email):
            person = pool.person()
            pages = changed_to(browser_of(person), new)
            masked = [(status, headers, body.replace(person.email.encode(), b"own")) for status, headers, body in pages]
            seen.append(masked)
            assert pool.attributes(person.email)["email"] == person.email
    assert seen[0] == seen[1]


def test_one_person_has_only_so_many_codes_sent(signed_in: CheckedClient, pool: LocalPool) -> None:
    data = values(signed_in.page(PROFILE))
    most = limits.ATTRIBUTE_CODES_BY_USER.most
    addresses = [new_email("other") for _ in range(most)] + [pool.person().email]
    statuses = [signed_in.post(PROFILE, {**data, "email": email}).status_code for email in addresses]
    assert statuses == [302] * most + [429]
    assert mail.outbox == []


@pytest.mark.parametrize("taken", [False, True])
def test_all_people_together_send_a_stranger_only_so_many_mails(
    pool: LocalPool, browser_of: SignIn, taken: bool
) -> None:
    target = pool.person().email if taken else new_email("stranger")
    most = limits.ATTRIBUTE_CODES_BY_TARGET.most
    statuses = []
    for _ in range(most + 1):
        client = browser_of(pool.person())
        data = {**values(client.page(PROFILE)), "email": target}
        statuses.append(client.post(PROFILE, data).status_code)
    assert statuses == [302] * most + [429]
    assert len(pool.mails(target)) + len(mail.outbox) == most


def test_another_code_counts_against_where_it_goes(pool: LocalPool, browser_of: SignIn, cognito: FaultProxy) -> None:
    target, clients = new_email("stranger"), [browser_of(pool.person()) for _ in range(3)]
    statuses = []
    for turn, client in enumerate(clients):
        statuses.append(client.post(PROFILE, {**values(client.page(PROFILE)), "email": target}).status_code)
        with time_machine.travel(timezone.now().timestamp() + (turn + 1) * (COOL_DOWN + 1)):
            statuses.append(client.post(RESEND, {"attribute": "email"}).status_code)
    # The third person's change was refused, so another code is one for the own address.
    assert statuses == [302] * limits.ATTRIBUTE_CODES_BY_TARGET.most + [429, 302]


def test_another_code_counts_among_those_of_the_person_wherever_they_went(
    signed_in: CheckedClient, pool: LocalPool, cognito: FaultProxy
) -> None:
    data = values(signed_in.page(PROFILE))
    for _ in range(limits.ATTRIBUTE_CODES_BY_USER.most):
        assert signed_in.post(PROFILE, {**data, "email": new_email("other")}).status_code == 302
    with time_machine.travel(timezone.now().timestamp() + COOL_DOWN + 1):
        assert signed_in.post(RESEND, {"attribute": "email"}).status_code == 429
    assert cognito.calls["GetUserAttributeVerificationCode"] == 0


def test_nothing_is_sent_where_one_of_two_is_too_many(
    signed_in: CheckedClient, pool: LocalPool, cognito: FaultProxy
) -> None:
    data = values(signed_in.page(PROFILE))
    for _ in range(limits.ATTRIBUTE_CODES_BY_USER.most - 1):
        signed_in.post(PROFILE, {**data, "email": new_email("other")})
    sent = cognito.calls["UpdateUserAttributes"]
    both = {**data, "email": new_email("other"), "phone_number": NUMBER}
    assert signed_in.post(PROFILE, both).status_code == 429
    assert cognito.calls["UpdateUserAttributes"] == sent


def test_a_change_of_address_waits_for_the_floor_and_another_does_not(
    signed_in: CheckedClient, pool: LocalPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    levelled: list[float] = []
    monkeypatch.setattr(base, "wait_for_floor", levelled.append)
    saved(signed_in, name="Countess")
    assert levelled == []
    for email in (new_email("free"), pool.person().email):
        saved(signed_in, email=email)
        assert len(levelled) == 1
        signed_in.post(VERIFY, {"code": "135790"})
        assert len(levelled) == 2
        with time_machine.travel(timezone.now().timestamp() + COOL_DOWN + 1):
            signed_in.post(RESEND)
        assert len(levelled) == 3
        levelled.clear()


def test_only_the_mailbox_of_a_taken_address_is_told(signed_in: CheckedClient, pool: LocalPool, person: Person) -> None:
    bob = pool.person()
    assert "Type the code" in saved(signed_in, email=bob.email).one("h1").text
    assert [message.to for message in mail.outbox] == [[bob.email]]
    assert "belongs to an account already" in str(mail.outbox[0].body)
    assert pool.mails(bob.email) == []


def test_no_code_is_asked_of_cognito_for_a_taken_address(
    signed_in: CheckedClient, pool: LocalPool, cognito: FaultProxy
) -> None:
    saved(signed_in, email=pool.person().email)
    with time_machine.travel(timezone.now().timestamp() + COOL_DOWN + 1):
        signed_in.post(RESEND, {"attribute": "email"})
        assert "A new code is on its way to" in signed_in.page(VERIFY).words
        signed_in.post(VERIFY, {"code": "135790"})
    assert cognito.calls["GetUserAttributeVerificationCode"] == cognito.calls["VerifyUserAttribute"] == 0


def test_what_else_was_typed_beside_a_taken_address_is_saved(
    signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    saved(signed_in, email=pool.person().email, name="Countess")
    assert pool.attributes(person.email)["name"] == "Countess"


def test_an_address_and_a_number_saved_together_are_both_proved(
    signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    new = new_email("countess")
    assert new in saved(signed_in, email=new, phone_number=NUMBER).words
    assert signed_in.post(VERIFY, {"code": pool.code(new)}).url == VERIFY
    main = signed_in.page(VERIFY).one("main").text
    assert (NUMBER in main, new in main) == (True, False)
    assert signed_in.post(VERIFY, {"code": pool.code(NUMBER)}).url == PROFILE
    kept = pool.attributes(new)
    assert (kept["phone_number"], kept["phone_number_verified"]) == (NUMBER, "true")


def test_a_number_whose_page_was_left_can_be_proved_later(
    signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    saved(signed_in, email=new_email("countess"), phone_number=NUMBER)
    page = signed_in.page(PROFILE)
    assert NUMBER in page.words
    link = next(a["href"] for a in page.all("a") if a["href"].endswith("?attribute=phone_number"))
    assert NUMBER in signed_in.page(link).words
    assert signed_in.post(link, {"code": pool.code(NUMBER)}).status_code == 302
    assert pool.attributes(person.email)["phone_number_verified"] == "true"
    # The address still waits.
    assert "Confirm your new address" in signed_in.page(PROFILE).words


def test_the_page_of_a_number_speaks_of_a_text_message(signed_in: CheckedClient, pool: LocalPool) -> None:
    page = saved(signed_in, phone_number=NUMBER)
    assert "Confirm phone number" in page.words
    assert "unwanted mail" not in page.words
    assert "unwanted mail" in saved(signed_in, email=new_email("countess")).words


def test_another_code_for_the_number_leads_to_the_page_of_the_number(signed_in: CheckedClient, pool: LocalPool) -> None:
    saved(signed_in, email=new_email("countess"), phone_number=NUMBER)
    with time_machine.travel(timezone.now().timestamp() + COOL_DOWN + 1):
        assert signed_in.post(RESEND, {"attribute": "phone_number"}).url == f"{VERIFY}?attribute=phone_number"
        assert signed_in.post(RESEND, {"attribute": "email"}).url == VERIFY


def test_a_refused_number_does_not_lose_the_address(
    signed_in: CheckedClient, pool: LocalPool, cognito: FaultProxy
) -> None:
    new = new_email("countess")
    data = {**values(signed_in.page(PROFILE)), "phone_number": NUMBER}
    cognito.fail("UpdateUserAttributes", fault_proxy.aws_error("CodeDeliveryFailureException"), times=1)
    assert "No code could be sent" in Page.of(signed_in.post(PROFILE, data).content).summary()
    assert signed_in.post(PROFILE, {**data, "email": new}).url == VERIFY
    assert signed_in.post(VERIFY, {"code": pool.code(new)}).status_code == 302


def test_a_code_that_is_on_its_way_is_waited_for_after_an_outage(
    signed_in: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    pool.admin("update_user_attributes", person, UserAttributes=[{"Name": "name", "Value": "Ada"}])
    new = new_email("countess")
    data = {**values(signed_in.page(PROFILE)), "email": new, "name": ""}
    cognito.fail("DeleteUserAttributes", fault_proxy.closed_before(), times=1)
    assert signed_in.post(PROFILE, data).status_code == 503
    assert new in signed_in.page(VERIFY).words
    assert signed_in.post(VERIFY, {"code": pool.code(new)}).url == PROFILE


def test_a_code_that_was_taken_is_not_waited_for_after_an_outage(
    signed_in: CheckedClient, pool: LocalPool, cognito: FaultProxy
) -> None:
    new = new_email("countess")
    assert saved(signed_in, email=new)
    code = pool.code(new)
    cognito.fail("GetUser", fault_proxy.delayed(0), times=1)
    cognito.fail("GetUser", fault_proxy.closed_before())
    assert signed_in.post(VERIFY, {"code": code}).status_code == 503
    cognito.heal()
    assert PendingEmail.key() not in SessionStore(signed_in.session_cookie)


def test_a_session_that_ends_while_an_address_is_changed_leads_to_the_sign_in_page(
    signed_in: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = {**values(signed_in.page(PROFILE)), "email": new_email("countess")}
    monkeypatch.setattr(PendingEmail, "park", lambda *_: Session.objects.all().delete())
    assert signed_in.post(PROFILE, data).url == "/login/?ended=1&next=%2Faccount%2Fprofile%2F"


def test_a_taken_value_of_a_field_that_is_not_there_is_told_of_the_form(
    signed_in: CheckedClient, cognito: FaultProxy
) -> None:
    cognito.fail("UpdateUserAttributes", fault_proxy.aws_error("AliasExistsException"))
    assert "Another account uses this name" in saved(signed_in, name="Countess").summary()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("InvalidParameterException", "not accepted"),
        ("NotAuthorizedException", "not accepted"),
        ("CodeDeliveryFailureException", "No code could be sent"),
        ("LimitExceededException", "Wait an hour"),
    ],
)
def test_a_refusal_is_told_and_what_was_typed_stays(
    signed_in: CheckedClient, cognito: FaultProxy, code: str, words: str
) -> None:
    cognito.fail("UpdateUserAttributes", fault_proxy.aws_error(code, "words of AWS"))
    page = saved(signed_in, name="Countess")
    assert words in page.summary()
    assert page.field("name")["value"] == "Countess"


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
