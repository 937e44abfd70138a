"""One's own account by the API: with the person's own token at Cognito, and what ends that token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.utils import timezone

from accounts import awaited, holds, limits
from accounts.administration import account as acts
from accounts.context import Context
from accounts.models import Activity, Session, User
from accounts.users import named
from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.conftest import SignIn, UsePool
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, new_email
from tests.other_pools import another_client, another_pool
from tests.second_factors import access_token

ME = "/api/me"
JSON = "application/json"
NEW = "Another-horse-2"


class Phone:
    """A program that holds the person's access token, and no cookie."""

    def __init__(self, pool: LocalPool, person: Person) -> None:
        self.token = access_token(pool, person)
        self.client = CheckedClient()

    def ask(self, method: str, data: object = None, **headers: str) -> Any:
        sent = {"data": data, "content_type": JSON} if data is not None else {}
        return getattr(self.client, method)(ME, headers={"Authorization": f"Bearer {self.token}", **headers}, **sent)

    def change(self, **attributes: Any) -> Any:
        return self.ask("patch", {"attributes": attributes})


PhoneOf = Callable[[Person], Phone]


@pytest.fixture
def phone_of(pool: LocalPool) -> PhoneOf:
    return lambda person: Phone(pool, person)


@pytest.fixture
def phone(phone_of: PhoneOf, person: Person) -> Phone:
    """Ada's telephone, on which she has signed in at Cognito itself."""
    return phone_of(person)


def later() -> Any:
    """Return a clock on which a sign-in is no longer fresh, and its token is good."""
    return time_machine.travel(timezone.now() + timedelta(seconds=settings.FRESH_SIGN_IN_AGE + 5))


def error_of(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["error"]


def test_somebody_who_was_never_here_gets_a_row_by_what_cognito_says(
    phone: Phone, person: Person, cognito: FaultProxy
) -> None:
    told = phone.ask("get").json()
    assert (told["sub"], told["email"], told["email_verified"]) == (person.sub, person.email, True)
    assert (told["name"], told["groups"]) == ("Ada Lovelace", [])
    assert told["attributes"] == {"email": person.email, "name": "Ada Lovelace", "phone_number": "", "locale": ""}
    user = User.objects.get()
    assert (user.sub, user.email, user.name, user.has_usable_password()) == (
        person.sub, person.email, "Ada Lovelace", False,
    )  # fmt: skip
    phone.ask("get")
    assert [row.kind for row in Activity.objects.all()] == [Activity.Kind.FIRST_SIGN_IN]
    assert cognito.calls["GetUser"] == 3
    assert not Session.objects.exists()


def test_the_pages_and_the_api_know_one_person(phone: Phone, person: Person, browser_of: SignIn) -> None:
    browser_of(person)
    assert phone.ask("get").status_code == 200
    assert User.objects.count() == 1


def test_rights_of_somebody_new_follow_from_groups(phone_of: PhoneOf, staff: Person) -> None:
    assert phone_of(staff).ask("get").json()["groups"] == ["staff"]
    assert User.objects.get().is_staff


def test_a_newcomer_joins_the_default_group(use_pool: UsePool, pool: LocalPool, person: Person) -> None:
    group = f"newcomers-{person.sub}"
    use_pool(pool, DEFAULT_GROUP=group)
    pool.root.create_group(UserPoolId=pool.id, GroupName=group)
    Phone(pool, person).ask("get")
    assert User.objects.get().cognito_groups == [group]


def test_nobody_comes_in_by_a_name_that_is_held(phone: Phone, person: Person) -> None:
    with holds.held(person.email.upper()):
        assert error_of(phone.ask("get")) == (403, "password_unproven")
    assert not User.objects.exists()
    holds.lift([person.email])
    assert phone.ask("get").status_code == 200
    with holds.held(person.email):
        assert phone.ask("get").status_code == 200, "whoever was here stays"


def test_a_row_made_before_the_first_sign_in_is_held_too(phone: Phone, person: Person, pool: LocalPool) -> None:
    User.objects.create(issuer=pool.config.issuer, sub=person.sub, email=person.email)
    with holds.held(person.email):
        assert error_of(phone.ask("get")) == (403, "password_unproven")


def test_cognito_is_asked_about_a_newcomer_a_few_times_only(phone: Phone, person: Person, cognito: FaultProxy) -> None:
    with holds.held(person.email):
        answers = [phone.ask("get").status_code for _ in range(limits.FIRST_TIME_BY_SUB.most + 2)]
    assert answers[-3:] == [403, 429, 429]
    assert cognito.calls["GetUser"] == limits.FIRST_TIME_BY_SUB.most


def test_a_token_that_cognito_takes_no_longer_is_refused(phone: Phone, pool: LocalPool, person: Person) -> None:
    pool.admin("user_global_sign_out", person)
    response = phone.ask("get")
    assert error_of(response) == (401, "invalid_token")
    assert 'error="invalid_token"' in response["WWW-Authenticate"]
    assert not User.objects.exists()


def test_somebody_deleted_at_cognito_is_refused(phone: Phone, pool: LocalPool, person: Person) -> None:
    phone.ask("get")
    pool.admin("delete_user", person)
    assert error_of(phone.ask("get")) == (401, "invalid_token")


def test_an_outage_loses_nobody(phone: Phone, cognito: FaultProxy) -> None:
    cognito.fail("GetUser", fault_proxy.server_error())
    assert error_of(phone.ask("get")) == (503, "service_unavailable")
    cognito.heal()
    assert phone.ask("get").status_code == 200


def test_another_client_is_let_in_where_the_settings_name_it(
    pool: LocalPool, person: Person, use_pool: UsePool, cognito: FaultProxy
) -> None:
    mobile = another_client(pool)
    phone = Phone(mobile, person)
    assert error_of(phone.ask("get")) == (401, "invalid_token")
    use_pool(pool, API_CLIENT_IDS=[mobile.env["COGNITO_CLIENT_ID"]])
    assert phone.ask("get").status_code == 200


@pytest.mark.parametrize("method", ["post", "put"])
def test_other_methods_are_not_taken(phone: Phone, method: str) -> None:
    response = phone.ask(method)
    assert error_of(response) == (405, "method_not_allowed")
    assert response["Allow"] == "GET, PATCH, DELETE"


def test_a_new_name_is_kept_here_and_there(phone: Phone, pool: LocalPool, person: Person) -> None:
    told = phone.change(name="Countess").json()
    assert (told["name"], told["awaiting_code"]) == ("Countess", [])
    assert pool.attributes(person.email)["name"] == User.objects.get().name == "Countess"
    assert Activity.objects.filter(kind=Activity.Kind.PROFILE_CHANGED).count() == 1


@pytest.mark.parametrize("value", [None, ""])
def test_an_attribute_can_be_removed(phone: Phone, pool: LocalPool, person: Person, value: str | None) -> None:
    assert phone.change(name=value).json()["name"] == ""
    assert "name" not in pool.attributes(person.email)


def test_what_somebody_signs_in_with_cannot_be_removed(local_pool: LocalPool, use_pool: UsePool) -> None:
    pool = use_pool(another_pool(local_pool))
    person = pool.person()
    response = Phone(pool, person).change(email=None)
    assert (error_of(response), [*response.json()["errors"]]) == ((422, "not_accepted"), ["email"])
    assert pool.attributes(person.email)["email"] == person.email


def test_what_is_the_same_is_not_written(phone: Phone, cognito: FaultProxy) -> None:
    assert phone.change(name="Ada Lovelace").status_code == 200
    assert cognito.calls["UpdateUserAttributes"] == 0


@pytest.mark.parametrize("name", ["sub", "email_verified", "custom:role", "cognito:groups", ""])
def test_what_nobody_may_write_is_refused(phone: Phone, cognito: FaultProxy, name: str) -> None:
    response = phone.change(**{name: "true", "name": "Countess"})
    assert error_of(response) == (422, "not_accepted")
    assert response.json()["errors"] == {name: ["This can’t be changed here."]}
    assert cognito.calls["UpdateUserAttributes"] == 0


@pytest.mark.parametrize("attributes", [{"phone_number": "12"}, {"email": "nowhere"}, {"name": "n" * 3000}])
def test_a_value_of_a_wrong_shape_is_refused_in_words(phone: Phone, attributes: dict[str, str]) -> None:
    response = phone.change(**attributes)
    assert error_of(response) == (422, "not_accepted")
    assert response.json()["errors"].keys() == attributes.keys()


@pytest.mark.parametrize("data", [{}, {"attributes": None}, {"attributes": {"name": 7}}, {"attributes": [1]}])
def test_a_body_of_another_shape_is_refused(phone: Phone, data: object) -> None:
    assert error_of(phone.ask("patch", data)) == (422, "not_accepted")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 60_000])
def test_a_body_that_is_no_json_object_is_refused(phone: Phone, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {phone.token}"}
    assert error_of(phone.client.patch(ME, body, content_type=JSON, headers=headers)) == (400, "bad_request")
    form = phone.client.patch(ME, b'{"attributes": {}}', content_type="text/plain", headers=headers)
    assert error_of(form) == (400, "bad_request")


def test_a_refusal_of_cognito_is_told_in_our_words(phone: Phone, cognito: FaultProxy) -> None:
    cognito.fail("UpdateUserAttributes", fault_proxy.aws_error("InvalidParameterException", "canary of AWS"))
    response = phone.change(name="Countess")
    assert error_of(response) == (422, "not_accepted")
    assert "canary" not in response.content.decode()


def test_changes_are_counted_with_those_of_the_page(phone: Phone) -> None:
    for number in range(limits.PROFILE_BY_USER.most):
        phone.change(name=f"Ada {number}")
    response = phone.change(name="Countess")
    assert error_of(response) == (429, "too_many_requests")
    assert int(response["Retry-After"]) > 0


def test_a_new_address_waits_for_its_code(phone: Phone, pool: LocalPool, person: Person) -> None:
    new = new_email("new")
    assert phone.change(email=new).json()["awaiting_code"] == ["email"]
    assert awaited.of(User.objects.get())["email"].value == new
    assert pool.code(new)
    assert pool.attributes(person.email)["email"] == person.email


def test_what_waits_is_told_though_something_else_was_refused(phone: Phone, cognito: FaultProxy) -> None:
    assert phone.ask("get").json()["awaiting_code"] == []
    cognito.fail("UpdateUserAttributes", fault_proxy.Fault(), times=1)
    cognito.fail("UpdateUserAttributes", fault_proxy.aws_error("CodeDeliveryFailureException"), times=1)
    assert error_of(phone.change(email=new_email("new"), phone_number="+442079460888")) == (422, "not_accepted")
    assert phone.ask("get").json()["awaiting_code"] == ["email"]
    assert Activity.objects.filter(kind=Activity.Kind.EMAIL_ASKED).exists()


def test_a_taken_address_gets_the_same_answer_and_its_owner_a_mail(
    phone: Phone, pool: LocalPool, person: Person
) -> None:
    other = pool.person()
    free, taken = phone.change(email=new_email("free")).json(), phone.change(email=other.email).json()
    assert free == taken
    assert [message.to for message in mail.outbox] == [[other.email]]


def test_a_new_address_takes_a_fresh_sign_in(phone: Phone, cognito: FaultProxy) -> None:
    with later():
        response = phone.change(email=new_email())
        assert phone.change(name="Countess").status_code == 200
    assert error_of(response) == (401, "insufficient_user_authentication")
    assert 'error="insufficient_user_authentication", max_age="600"' in response["WWW-Authenticate"]
    assert cognito.calls["UpdateUserAttributes"] == 1


def test_deleting_takes_a_fresh_sign_in(phone: Phone, pool: LocalPool, person: Person) -> None:
    with later():
        assert error_of(phone.ask("delete")) == (401, "insufficient_user_authentication")
    assert pool.status(person.email) == "CONFIRMED"


def test_an_account_is_deleted_there_and_here(
    phone: Phone, pool: LocalPool, person: Person, browser_of: SignIn
) -> None:
    browser = browser_of(person)
    assert phone.ask("delete").status_code == 204
    assert pool.status(person.email) == ""
    assert not User.objects.exists()
    assert [row.kind for row in Activity.objects.all()] == [Activity.Kind.ACCOUNT_DELETED]
    assert browser.get("/account/").status_code == 302
    assert error_of(phone.ask("get")) == (401, "invalid_token")


def test_an_outage_deletes_nothing_here(phone: Phone, cognito: FaultProxy) -> None:
    cognito.fail("DeleteUser", fault_proxy.server_error())
    assert error_of(phone.ask("delete")) == (503, "service_unavailable")
    assert User.objects.exists()


def sign_out_everywhere(browser: CheckedClient, person: Person) -> None:
    browser.post("/account/sessions/sign-out-everywhere/")


def end_others(browser: CheckedClient, person: Person) -> None:
    browser.post("/account/sessions/end-others/")


def change_password(browser: CheckedClient, person: Person) -> None:
    data = {"old_password": person.password, "new_password1": NEW, "new_password2": NEW}
    assert browser.post("/account/password/", data).status_code == 302


def by_administrator(browser: CheckedClient, person: Person) -> None:
    acts.sign_out(named(person.email).get(), by=None, context=Context())


def disable(browser: CheckedClient, person: Person) -> None:
    acts.disable(named(person.email).get(), by=None, context=Context())
    acts.enable(named(person.email).get(), by=None, context=Context())


@pytest.mark.parametrize("end", [sign_out_everywhere, end_others, change_password, by_administrator, disable])
def test_what_ends_every_other_session_ends_the_token(
    signed_in: CheckedClient, phone: Phone, person: Person, cognito: FaultProxy, end: Callable[..., None]
) -> None:
    assert phone.ask("get").status_code == 200
    end(signed_in, person)
    asked = cognito.calls["GetUser"]
    assert error_of(phone.ask("get")) == (401, "invalid_token")
    assert cognito.calls["GetUser"] == asked, "refused here, whatever Cognito would say"


def test_a_password_chosen_by_a_mailed_code_ends_the_token(
    phone: Phone, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    phone.ask("get")
    browser = CheckedClient()
    browser.post("/password/forgot/", {"username": person.email})
    code = pool.code(person.email)
    browser.post("/password/reset/", {"code": code, "new_password1": NEW, "new_password2": NEW})
    asked = cognito.calls["GetUser"]
    assert error_of(phone.ask("get")) == (401, "invalid_token")
    assert cognito.calls["GetUser"] == asked


def test_signing_in_again_makes_tokens_that_are_good(
    signed_in: CheckedClient, phone_of: PhoneOf, person: Person
) -> None:
    sign_out_everywhere(signed_in, person)
    User.objects.update(tokens_valid_from=timezone.now() - timedelta(seconds=2))
    assert phone_of(person).ask("get").status_code == 200


def test_no_answer_of_the_api_is_kept(phone: Phone) -> None:
    response = phone.ask("get")
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies
