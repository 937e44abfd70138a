"""What administrators do: https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html."""

from __future__ import annotations

import pytest

from tests.devcloud.conformance.conftest import MakePool
from tests.devcloud.conformance.user_pool import PASSWORD, AppClient, Outbox, Person, new_email, pairs, refused


class TestChanging:
    """API_AdminUpdateUserAttributes, API_AdminConfirmSignUp."""

    def change(self, app: AppClient, person: Person, **attributes: str) -> None:
        app.on(person, "update_user_attributes", UserAttributes=pairs(attributes))

    def test_a_new_address_is_unverified_unless_said_otherwise(self, app: AppClient) -> None:
        one, two, new = app.person(), app.person(), new_email()
        self.change(app, one, email=new_email())
        self.change(app, two, email=new, email_verified="true")
        by_sub = app.admin.admin_get_user(UserPoolId=app.pool_id, Username=one.sub)
        assert {"Name": "email_verified", "Value": "false"} in by_sub["UserAttributes"]
        assert app.attributes(Person(new, PASSWORD, two.sub))["email_verified"] == "true"

    def test_an_address_that_is_taken_is_refused(self, app: AppClient, person: Person) -> None:
        with refused("AliasExistsException"):
            self.change(app, person, email=app.person().name.upper())

    def test_nobody_changes_the_sub(self, app: AppClient, person: Person) -> None:
        with refused("InvalidParameterException"):
            self.change(app, person, sub="another")

    def test_confirming_verifies_no_address(self, app: AppClient, outbox: Outbox) -> None:
        person = Person(new_email(), PASSWORD, "")
        app.call("sign_up", person.name, Password=PASSWORD)
        app.on(person, "confirm_sign_up")
        assert app.attributes(person)["email_verified"] == "false"
        assert app.tokens(person)
        with refused("NotAuthorizedException", "Current status is CONFIRMED"):
            app.on(person, "confirm_sign_up")

    def test_an_empty_value_removes_an_attribute(self, app: AppClient) -> None:
        person = app.person(name="Ada")
        self.change(app, person, name="")
        assert "name" not in app.attributes(person)

    @pytest.mark.parametrize("attributes", [{"custom:shoe": "42"}, {"phone_number": "555"}])
    def test_what_the_pool_does_not_take_is_refused(
        self, app: AppClient, person: Person, attributes: dict[str, str]
    ) -> None:
        with refused("InvalidParameterException"):
            self.change(app, person, **attributes)


@pytest.fixture(scope="module")
def careful(make_pool: MakePool) -> AppClient:
    """A client of a pool that verifies an address before it changes."""
    return make_pool(UserAttributeUpdateSettings={"AttributesRequireVerificationBeforeUpdate": ["email"]})


class TestChangingWhatIsVerifiedFirst:
    """API_AdminUpdateUserAttributes, UserAttributes, in a pool that verifies an address before it changes."""

    def change(self, app: AppClient, person: Person, **attributes: str) -> None:
        app.on(person, "update_user_attributes", UserAttributes=pairs(attributes))

    @pytest.mark.parametrize("flag", [{}, {"email_verified": "false"}])
    def test_the_old_address_stays_until_the_code_is_typed(
        self, careful: AppClient, outbox: Outbox, flag: dict[str, str]
    ) -> None:
        person, new = careful.person(), new_email()
        self.change(careful, person, email=new, **flag)
        values = careful.attributes(person)
        assert (values["email"], values["email_verified"]) == (person.name, "true")
        token = careful.tokens(person)["AccessToken"]
        careful.public.verify_user_attribute(AccessToken=token, AttributeName="email", Code=outbox.code(new))
        assert careful.attributes(Person(new, PASSWORD, person.sub))["email"] == new

    def test_said_to_be_verified_it_changes_at_once(self, careful: AppClient, outbox: Outbox) -> None:
        person, new = careful.person(), new_email()
        self.change(careful, person, email=new, email_verified="true")
        assert careful.attributes(Person(new, PASSWORD, person.sub))["email_verified"] == "true"
        assert not outbox.messages(new)

    def test_it_ends_an_older_change_that_waits(self, careful: AppClient, outbox: Outbox) -> None:
        person, first, second = careful.person(), new_email(), new_email()
        token = careful.tokens(person)["AccessToken"]
        self.change(careful, person, email=first)
        self.change(careful, person, email=second, email_verified="true")
        careful.public.verify_user_attribute(AccessToken=token, AttributeName="email", Code=outbox.code(first))
        assert careful.attributes(Person(second, PASSWORD, person.sub))["email"] == second

    def test_an_address_that_is_taken_is_refused_at_once(self, careful: AppClient, outbox: Outbox) -> None:
        taken = careful.person().name
        with refused("AliasExistsException"):
            self.change(careful, careful.person(), email=taken)
        assert not outbox.messages(taken)
