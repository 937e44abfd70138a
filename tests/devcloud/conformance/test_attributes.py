"""Attributes: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html."""

from __future__ import annotations

from typing import Any

import pytest

from tests.devcloud.conformance.conftest import Clock, MakePool
from tests.devcloud.conformance.user_pool import (
    AppClient,
    Outbox,
    Person,
    another,
    attributes_of,
    claims,
    new_email,
    pairs,
    refused,
)

SCHEMA = [
    {"Name": "role", "AttributeDataType": "String", "Mutable": True},
    {"Name": "badge", "AttributeDataType": "String", "Mutable": False},
]
WRITABLE = ["email", "name", "custom:badge", "phone_number"]


@pytest.fixture(scope="module")
def strict(make_pool: MakePool) -> AppClient:
    """A client that may write some attributes, of a pool that verifies an address before it changes."""
    return make_pool(
        Schema=SCHEMA,
        UserAttributeUpdateSettings={"AttributesRequireVerificationBeforeUpdate": ["email"]},
        client={"WriteAttributes": WRITABLE, "ReadAttributes": ["email", "email_verified", "name"]},
    )


def update(app: AppClient, token: str, **attributes: str) -> Any:
    return app.public.update_user_attributes(AccessToken=token, UserAttributes=pairs(attributes))


def own(app: AppClient, token: str) -> dict[str, str]:
    return attributes_of(app.public.get_user(AccessToken=token)["UserAttributes"])


def test_people_change_what_the_client_may_write(app: AppClient, person: Person) -> None:
    """API_UpdateUserAttributes."""
    token = app.tokens(person)["AccessToken"]
    assert update(app, token, name="Ada")["CodeDeliveryDetailsList"] == []
    assert own(app, token)["name"] == "Ada"


@pytest.mark.parametrize("name", ["custom:role", "sub", "email_verified", "phone_number_verified", "nickname"])
def test_people_do_not_change_what_it_may_not(strict: AppClient, name: str) -> None:
    """ "Attribute permissions and scopes"."""
    token = strict.tokens(strict.person())["AccessToken"]
    with refused("NotAuthorizedException", "unauthorized attribute"):
        update(strict, token, **{name: "true"})


def test_an_attribute_outside_the_schema_is_refused(app: AppClient, person: Person) -> None:
    """API_UpdateUserAttributes, InvalidParameterException."""
    with refused("InvalidParameterException", "Attributes did not conform to the schema"):
        update(app, app.tokens(person)["AccessToken"], **{"custom:shoe": "42"})


def test_an_immutable_attribute_stays(strict: AppClient) -> None:
    """ "Mutable"."""
    token = strict.tokens(strict.person(**{"custom:badge": "one"}))["AccessToken"]
    with refused("InvalidParameterException", "cannot be updated"):
        update(strict, token, **{"custom:badge": "two"})


@pytest.mark.parametrize(("name", "value"), [("email", "no-address"), ("phone_number", "555"), ("name", "x" * 2049)])
def test_a_value_of_the_wrong_form_is_refused(strict: AppClient, name: str, value: str) -> None:
    """ "Standard attributes"."""
    with refused("InvalidParameterException"):
        update(strict, strict.tokens(strict.person())["AccessToken"], **{name: value})


def test_the_client_reads_only_what_it_may(strict: AppClient) -> None:
    """ "Attribute permissions and scopes"."""
    tokens = strict.tokens(strict.person(**{"custom:role": "chief"}, name="Ada"))
    assert set(own(strict, tokens["AccessToken"])) == {"sub", "email", "email_verified", "name"}
    assert "custom:role" not in claims(tokens["IdToken"])
    assert claims(tokens["IdToken"])["name"] == "Ada"


def test_an_attribute_is_deleted(app: AppClient) -> None:
    """API_DeleteUserAttributes."""
    token = app.tokens(app.person(name="Ada"))["AccessToken"]
    app.public.delete_user_attributes(AccessToken=token, UserAttributeNames=["name"])
    assert "name" not in own(app, token)
    with refused("NotAuthorizedException"):
        app.public.delete_user_attributes(AccessToken=token, UserAttributeNames=["sub"])


class TestANewAddress:
    """https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-email-phone-verification.html."""

    def test_the_old_one_stays_until_the_code_is_typed(self, strict: AppClient, outbox: Outbox) -> None:
        person, new = strict.person(), new_email()
        token = strict.tokens(person)["AccessToken"]
        assert update(strict, token, email=new)["CodeDeliveryDetailsList"][0]["Destination"] == "a***@e***"
        before = own(strict, token)
        strict.public.verify_user_attribute(AccessToken=token, AttributeName="email", Code=outbox.code(new))
        after = own(strict, token)
        assert (before["email"], before["email_verified"]) == (person.name, "true")
        assert (after["email"], after["email_verified"]) == (new, "true")
        assert outbox.messages(person.name) == []

    def test_signing_in_uses_the_old_one_until_then(self, strict: AppClient, outbox: Outbox) -> None:
        person, new = strict.person(), new_email()
        token = strict.tokens(person)["AccessToken"]
        update(strict, token, email=new)
        with refused("NotAuthorizedException"):
            strict.initiate("USER_PASSWORD_AUTH", new, PASSWORD=person.password)
        strict.public.verify_user_attribute(AccessToken=token, AttributeName="email", Code=outbox.code(new))
        assert strict.initiate("USER_PASSWORD_AUTH", new, PASSWORD=person.password)["AuthenticationResult"]
        with refused("NotAuthorizedException"):
            strict.password(person)

    def test_elsewhere_it_changes_at_once_and_is_unverified(
        self, app: AppClient, person: Person, outbox: Outbox
    ) -> None:
        new = new_email()
        token = app.tokens(person)["AccessToken"]
        assert update(app, token, email=new)["CodeDeliveryDetailsList"]
        assert own(app, token)["email_verified"] == "false"
        assert outbox.messages(new)[0]["kind"] == "attribute code"

    def test_one_that_is_taken_is_refused(self, strict: AppClient) -> None:
        taken = strict.person().name
        token = strict.tokens(strict.person())["AccessToken"]
        with refused("AliasExistsException"):
            update(strict, token, email=taken.upper())

    def test_one_that_is_taken_meanwhile_is_refused(self, strict: AppClient, outbox: Outbox) -> None:
        new = new_email()
        token = strict.tokens(strict.person())["AccessToken"]
        update(strict, token, email=new)
        strict.person(new)
        with refused("AliasExistsException"):
            strict.public.verify_user_attribute(AccessToken=token, AttributeName="email", Code=outbox.code(new))

    def test_the_same_one_sends_nothing(self, strict: AppClient, outbox: Outbox) -> None:
        person = strict.person()
        token = strict.tokens(person)["AccessToken"]
        assert update(strict, token, email=person.name)["CodeDeliveryDetailsList"] == []
        assert outbox.messages(person.name) == []


class TestProvingAnAddress:
    """API_GetUserAttributeVerificationCode, API_VerifyUserAttribute."""

    def ask(self, app: AppClient, token: str) -> Any:
        return app.public.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")

    def prove(self, app: AppClient, token: str, code: str) -> Any:
        return app.public.verify_user_attribute(AccessToken=token, AttributeName="email", Code=code)

    def test_the_code_verifies_it(self, app: AppClient, outbox: Outbox) -> None:
        person = app.person(email_verified="false")
        tokens = app.tokens(person)
        assert claims(tokens["IdToken"])["email_verified"] is False
        self.ask(app, tokens["AccessToken"])
        self.prove(app, tokens["AccessToken"], outbox.code(person.name))
        assert claims(app.tokens(person)["IdToken"])["email_verified"] is True

    def test_a_wrong_code_does_not(self, app: AppClient, outbox: Outbox) -> None:
        person = app.person(email_verified="false")
        token = app.tokens(person)["AccessToken"]
        self.ask(app, token)
        with refused("CodeMismatchException"):
            self.prove(app, token, another(outbox.code(person.name)))
        assert own(app, token)["email_verified"] == "false"

    def test_after_five_wrong_codes_the_right_one_is_refused(self, app: AppClient, outbox: Outbox) -> None:
        person = app.person(email_verified="false")
        token = app.tokens(person)["AccessToken"]
        self.ask(app, token)
        for _ in range(5):
            with refused("CodeMismatchException"):
                self.prove(app, token, another(outbox.code(person.name)))
        with refused("LimitExceededException"):
            self.prove(app, token, outbox.code(person.name))

    def test_a_code_expires_after_a_day(self, make_pool: MakePool, outbox: Outbox, later: Clock) -> None:
        app = make_pool(client={"AccessTokenValidity": 1, "TokenValidityUnits": {"AccessToken": "days"}})
        person = app.person(email_verified="false")
        self.ask(app, app.tokens(person)["AccessToken"])
        with later(24 * 60 * 60 + 60):
            token = app.tokens(person)["AccessToken"]
            with refused("ExpiredCodeException"):
                self.prove(app, token, outbox.code(person.name))

    def test_a_code_nobody_asked_for_is_expired(self, app: AppClient, person: Person) -> None:
        with refused("ExpiredCodeException"):
            self.prove(app, app.tokens(person)["AccessToken"], "123456")

    def test_the_sixth_request_in_an_hour_is_refused(self, app: AppClient, person: Person) -> None:
        token = app.tokens(person)["AccessToken"]
        for _ in range(5):
            self.ask(app, token)
        with refused("LimitExceededException"):
            self.ask(app, token)

    def test_an_attribute_without_a_value_cannot_be_proved(self, app: AppClient, person: Person) -> None:
        with refused("InvalidParameterException"):
            app.public.get_user_attribute_verification_code(
                AccessToken=app.tokens(person)["AccessToken"], AttributeName="phone_number"
            )
