"""What administrators do: https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.devcloud.conformance.conftest import Clock, MakePool
from tests.devcloud.conformance.user_pool import (
    PASSWORD,
    AppClient,
    Outbox,
    Person,
    new_email,
    pairs,
    refused,
)

DAY = 24 * 60 * 60


def invite(app: AppClient, email: str, **parameters: Any) -> Any:
    user = app.admin.admin_create_user(UserPoolId=app.pool_id, Username=email, **parameters)["User"]
    app.made.append(user["Username"])
    return user


def temporary_password(outbox: Outbox, email: str) -> str:
    found = re.search(r"temporary password is (\S+)\.$", outbox.messages(email)[-1]["body"])
    assert found
    return found[1]


class TestInviting:
    """API_AdminCreateUser."""

    def test_the_invitation_brings_a_password_that_works(self, app: AppClient, outbox: Outbox) -> None:
        email = new_email()
        user = invite(app, email, UserAttributes=pairs({"email": email}))
        assert user["UserStatus"] == "FORCE_CHANGE_PASSWORD"
        assert {"Name": "email_verified", "Value": "false"} in user["Attributes"]
        assert outbox.messages(email)[0]["kind"] == "invitation"
        answer = app.initiate("USER_PASSWORD_AUTH", email, PASSWORD=temporary_password(outbox, email))
        assert answer["ChallengeName"] == "NEW_PASSWORD_REQUIRED"

    def test_inviting_again_replaces_the_password_and_renews_it(
        self, app: AppClient, outbox: Outbox, later: Clock
    ) -> None:
        email = new_email()
        invite(app, email)
        first = temporary_password(outbox, email)
        invite(app, email, MessageAction="RESEND")
        with refused("NotAuthorizedException"):
            app.initiate("USER_PASSWORD_AUTH", email, PASSWORD=first)
        with later(6 * DAY):
            assert app.initiate("USER_PASSWORD_AUTH", email, PASSWORD=temporary_password(outbox, email))["Session"]

    def test_nobody_is_invited_twice(self, app: AppClient) -> None:
        email = new_email()
        invite(app, email, MessageAction="SUPPRESS")
        with refused("UsernameExistsException"):
            invite(app, email.upper(), MessageAction="SUPPRESS")

    def test_inviting_an_unknown_person_again_is_refused(self, app: AppClient) -> None:
        with refused("UserNotFoundException"):
            invite(app, new_email(), MessageAction="RESEND")

    def test_a_person_with_a_password_of_their_own_is_not_invited_again(self, app: AppClient, person: Person) -> None:
        """API_AdminCreateUser, MessageAction and UnsupportedUserStateException."""
        with refused("UnsupportedUserStateException"):
            invite(app, person.name, MessageAction="RESEND")
        assert app.tokens(person)

    @pytest.mark.parametrize("attributes", [{"custom:shoe": "42"}, {"phone_number": "555"}])
    def test_an_attribute_the_pool_does_not_have_is_refused(self, app: AppClient, attributes: dict[str, str]) -> None:
        with refused("InvalidParameterException"):
            invite(app, new_email(), UserAttributes=pairs(attributes))


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


@pytest.fixture(scope="module")
def three(make_pool: MakePool) -> AppClient:
    """A client of a pool with three people in it."""
    made = make_pool()
    made.person("Ada@example.com", name="Ada Lovelace")
    made.person("grace@example.com", name="Grace Hopper")
    made.on(made.invited("alan@example.com", name="Alan Turing"), "disable_user")
    return made


class TestListing:
    """API_ListUsers."""

    def names(self, three: AppClient, condition: str) -> set[str]:
        users = three.admin.list_users(UserPoolId=three.pool_id, Filter=condition)["Users"]
        return {item["Value"].split()[0] for user in users for item in user["Attributes"] if item["Name"] == "name"}

    @pytest.mark.parametrize(
        ("condition", "found"),
        [
            ('email = "ada@example.com"', {"Ada"}),
            ('email ^= "a"', {"Ada", "Alan"}),
            ('"name" ^= "grace"', {"Grace"}),
            ('cognito:user_status = "CONFIRMED"', {"Ada", "Grace"}),
            ('cognito:user_status = "confirmed"', set()),
            ('status = "Disabled"', {"Alan"}),
            ('email = "no\\"body"', set()),
        ],
    )
    def test_a_filter_picks_people(self, three: AppClient, condition: str, found: set[str]) -> None:
        assert self.names(three, condition) == found

    @pytest.mark.parametrize("condition", ["nonsense", 'email != "x"', 'locale = "en"', 'email = "x" extra'])
    def test_a_filter_that_cannot_be_read_is_refused(self, three: AppClient, condition: str) -> None:
        with refused("InvalidParameterException"):
            self.names(three, condition)

    def test_only_the_attributes_asked_for_are_shown(self, three: AppClient) -> None:
        users = three.admin.list_users(UserPoolId=three.pool_id, AttributesToGet=["name"])["Users"]
        assert {item["Name"] for user in users for item in user["Attributes"]} == {"name"}

    def test_pages_follow_one_another(self, three: AppClient) -> None:
        first = three.admin.list_users(UserPoolId=three.pool_id, Limit=2)
        second = three.admin.list_users(UserPoolId=three.pool_id, PaginationToken=first["PaginationToken"])
        seen = [user["Username"] for page in (first, second) for user in page["Users"]]
        assert (len(seen), len(set(seen)), "PaginationToken" in second) == (3, 3, False)
