"""Signing in with a password.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
"""

from __future__ import annotations

import pytest

from tests.devcloud.conformance.conftest import Clock, MakePool
from tests.devcloud.conformance.user_pool import (
    OTHER_PASSWORD,
    PASSWORD,
    AppClient,
    Person,
    new_email,
    refused,
)


def admin_password(app: AppClient, name: str, password: str) -> object:
    answer: object = app.admin.admin_initiate_auth(
        UserPoolId=app.pool_id,
        ClientId=app.id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": password, "SECRET_HASH": app.hash(name)},
    )
    return answer


def test_the_right_password_gives_three_tokens(app: AppClient, person: Person) -> None:
    """API_InitiateAuth."""
    tokens = app.tokens(person)
    assert {"AccessToken", "IdToken", "RefreshToken"} <= set(tokens)
    assert (tokens["TokenType"], tokens["ExpiresIn"]) == ("Bearer", 3600)


@pytest.mark.parametrize("password", [OTHER_PASSWORD, PASSWORD.lower(), PASSWORD + " ", "é"])
def test_a_wrong_password_is_refused(app: AppClient, person: Person, password: str) -> None:
    """API_InitiateAuth, NotAuthorizedException."""
    with refused("NotAuthorizedException", "Incorrect username or password."):
        app.initiate("USER_PASSWORD_AUTH", person.name, PASSWORD=password)


def test_an_unknown_person_is_refused_like_a_wrong_password(app: AppClient) -> None:
    """cognito-user-pool-managing-errors.html."""
    with refused("NotAuthorizedException", "Incorrect username or password."):
        app.initiate("USER_PASSWORD_AUTH", new_email(), PASSWORD=PASSWORD)


def test_a_disabled_person_is_refused_until_enabled(app: AppClient, person: Person) -> None:
    """how-to-manage-user-accounts.html."""
    app.on(person, "disable_user")
    with refused("NotAuthorizedException", "User is disabled."):
        app.password(person)
    app.on(person, "enable_user")
    assert app.tokens(person)


@pytest.mark.parametrize("password", [PASSWORD, OTHER_PASSWORD])
def test_any_password_learns_that_a_person_is_not_confirmed(app: AppClient, outbox: object, password: str) -> None:
    """API_InitiateAuth, UserNotConfirmedException, "regardless of the password": aws-amplify/amplify-flutter#3407."""
    email = new_email()
    app.call("sign_up", email, Password=PASSWORD)
    with refused("UserNotConfirmedException"):
        app.initiate("USER_PASSWORD_AUTH", email, PASSWORD=password)


def test_a_wrong_secret_hash_is_refused(app: AppClient, person: Person) -> None:
    """signing-up-users-in-your-app.html, "Computing secret hash values"."""
    with refused("NotAuthorizedException", "Unable to verify secret hash"):
        app.initiate("USER_PASSWORD_AUTH", person.name, PASSWORD=PASSWORD, SECRET_HASH=app.hash("somebody"))


@pytest.mark.parametrize("missing", ["USERNAME", "PASSWORD"])
def test_a_missing_parameter_is_named(make_pool: MakePool, missing: str) -> None:
    """API_InitiateAuth, InvalidParameterException."""
    app = make_pool(client={"GenerateSecret": False})
    parameters = {"USERNAME": new_email(), "PASSWORD": PASSWORD}
    del parameters[missing]
    with refused("InvalidParameterException", missing):
        app.public.initiate_auth(ClientId=app.id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)


@pytest.mark.parametrize("flow", ["USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_AUTH"])
def test_a_flow_the_client_does_not_allow_is_refused(make_pool: MakePool, flow: str) -> None:
    """API_CreateUserPoolClient, ExplicitAuthFlows."""
    app = make_pool(client={"ExplicitAuthFlows": ["ALLOW_CUSTOM_AUTH"]})
    person = app.person()
    with refused("InvalidParameterException", "not enabled"):
        app.initiate(flow, person.name, PASSWORD=PASSWORD, SRP_A="ab12")


def test_a_client_that_names_no_flows_has_no_password_flow(make_pool: MakePool) -> None:
    """API_CreateUserPoolClient: the default is ALLOW_REFRESH_TOKEN_AUTH, ALLOW_USER_SRP_AUTH, ALLOW_CUSTOM_AUTH."""
    app = make_pool(client={"ExplicitAuthFlows": []})
    with refused("InvalidParameterException", "not enabled"):
        app.password(app.person())


def test_an_administrator_signs_somebody_in(app: AppClient, person: Person) -> None:
    """API_AdminInitiateAuth."""
    assert admin_password(app, person.name, PASSWORD)
    with refused("NotAuthorizedException", "Incorrect username or password."):
        admin_password(app, person.name, OTHER_PASSWORD)


def test_the_admin_flow_is_not_for_the_public(app: AppClient, person: Person) -> None:
    """API_InitiateAuth: ADMIN_USER_PASSWORD_AUTH is not valid."""
    with refused("InvalidParameterException"):
        app.initiate("ADMIN_USER_PASSWORD_AUTH", person.name, PASSWORD=PASSWORD)


class TestTemporaryPasswords:
    """https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-create-user-accounts.html."""

    def test_one_leads_to_a_new_password(self, app: AppClient) -> None:
        person = app.invited()
        challenge = app.password(person)
        assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
        name = challenge["ChallengeParameters"]["USER_ID_FOR_SRP"]
        answer = app.respond("NEW_PASSWORD_REQUIRED", challenge["Session"], name, NEW_PASSWORD=OTHER_PASSWORD)
        assert answer["AuthenticationResult"]["AccessToken"]
        with refused("NotAuthorizedException"):
            app.password(person)

    def test_one_runs_out_after_the_days_of_the_policy(self, app: AppClient, later: Clock) -> None:
        person = app.invited()
        with later(7 * 24 * 60 * 60 + 60), refused("NotAuthorizedException", "Temporary password has expired"):
            app.password(person)

    def test_a_newer_one_runs_out_later(self, app: AppClient, later: Clock) -> None:
        person = app.invited()
        with later(7 * 24 * 60 * 60 - 60):
            app.on(person, "set_user_password", Password=PASSWORD, Permanent=False)
        with later(8 * 24 * 60 * 60):
            assert app.password(person)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"

    def test_a_weak_new_password_is_refused_and_can_be_typed_again(self, app: AppClient) -> None:
        person = app.invited()
        session = app.password(person)["Session"]
        with refused("InvalidPasswordException"):
            app.respond("NEW_PASSWORD_REQUIRED", session, person.name, NEW_PASSWORD="weak")
        assert app.respond("NEW_PASSWORD_REQUIRED", session, person.name, NEW_PASSWORD=OTHER_PASSWORD)

    def test_a_made_up_session_sets_nobodys_password(self, app: AppClient, person: Person) -> None:
        with refused("NotAuthorizedException", "Invalid session"):
            app.respond("NEW_PASSWORD_REQUIRED", "made-up-session-string", person.name, NEW_PASSWORD=OTHER_PASSWORD)
        assert app.tokens(person)

    def test_somebody_elses_session_sets_nobodys_password(self, app: AppClient, person: Person) -> None:
        session = app.password(app.invited())["Session"]
        with refused("NotAuthorizedException", "Invalid session"):
            app.respond("NEW_PASSWORD_REQUIRED", session, person.name, NEW_PASSWORD=OTHER_PASSWORD)
        assert app.tokens(person)

    def test_missing_required_attributes_are_asked_for(self, make_pool: MakePool) -> None:
        app = make_pool(Schema=[{"Name": "name", "AttributeDataType": "String", "Required": True, "Mutable": True}])
        person = app.invited()
        challenge = app.password(person)
        assert challenge["ChallengeParameters"]["requiredAttributes"] == '["userAttributes.name"]'
        answers = {"NEW_PASSWORD": OTHER_PASSWORD}
        with refused("InvalidParameterException", "name"):
            app.respond("NEW_PASSWORD_REQUIRED", challenge["Session"], person.name, **answers)
        app.respond(
            "NEW_PASSWORD_REQUIRED", challenge["Session"], person.name, **answers, **{"userAttributes.name": "Ada"}
        )
        assert app.attributes(person)["name"] == "Ada"

    def test_an_attribute_that_has_a_value_stays(self, app: AppClient) -> None:
        person = app.invited()
        session = app.password(person)["Session"]
        answers = {"NEW_PASSWORD": OTHER_PASSWORD, "userAttributes.email": new_email()}
        with refused("NotAuthorizedException", "Cannot modify an already provided email"):
            app.respond("NEW_PASSWORD_REQUIRED", session, person.name, **answers)

    def test_an_attribute_only_cognito_sets_is_refused(self, app: AppClient) -> None:
        person = app.invited(email_verified="false")
        session = app.password(person)["Session"]
        answers = {"NEW_PASSWORD": OTHER_PASSWORD, "userAttributes.email_verified": "true"}
        with refused("NotAuthorizedException"):
            app.respond("NEW_PASSWORD_REQUIRED", session, person.name, **answers)


class TestChangingThePassword:
    """https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ChangePassword.html."""

    def test_the_old_one_no_longer_works(self, app: AppClient, person: Person) -> None:
        token = app.tokens(person)["AccessToken"]
        app.public.change_password(AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword=OTHER_PASSWORD)
        with refused("NotAuthorizedException"):
            app.password(person)

    def test_a_wrong_previous_password_is_refused(self, app: AppClient, person: Person) -> None:
        token = app.tokens(person)["AccessToken"]
        with refused("NotAuthorizedException", "Incorrect username or password."):
            app.public.change_password(AccessToken=token, PreviousPassword="wrong", ProposedPassword=OTHER_PASSWORD)

    def test_a_weak_one_is_refused(self, app: AppClient, person: Person) -> None:
        token = app.tokens(person)["AccessToken"]
        with refused("InvalidPasswordException"):
            app.public.change_password(AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword="weak")

    def test_the_sixth_attempt_in_an_hour_is_refused(self, app: AppClient, person: Person) -> None:
        token = app.tokens(person)["AccessToken"]
        for _ in range(5):
            with refused("NotAuthorizedException"):
                app.public.change_password(AccessToken=token, PreviousPassword="wrong", ProposedPassword=OTHER_PASSWORD)
        with refused("LimitExceededException"):
            app.public.change_password(AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword=OTHER_PASSWORD)


class TestFormerPasswords:
    """https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_PasswordPolicyType.html."""

    def test_the_latest_ones_are_refused(self, make_pool: MakePool) -> None:
        app = make_pool(Policies={"PasswordPolicy": {"MinimumLength": 8, "PasswordHistorySize": 2}})
        person = app.person()
        token = app.tokens(person)["AccessToken"]

        def change(old: str, new: str) -> None:
            app.public.change_password(AccessToken=token, PreviousPassword=old, ProposedPassword=new)

        change(PASSWORD, OTHER_PASSWORD)
        for former in (PASSWORD, OTHER_PASSWORD):
            with refused("PasswordHistoryPolicyViolationException"):
                change(OTHER_PASSWORD, former)
        change(OTHER_PASSWORD, "Third-password-3")
        change("Third-password-3", PASSWORD)

    def test_a_pool_without_a_history_forgets_them(self, app: AppClient, person: Person) -> None:
        token = app.tokens(person)["AccessToken"]
        app.public.change_password(AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword=PASSWORD)


class TestLockout:
    """https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html, "Lockout behavior"."""

    def wrong(self, app: AppClient, person: Person, times: int = 1) -> None:
        for _ in range(times):
            with refused("NotAuthorizedException", "Incorrect username or password."):
                app.initiate("USER_PASSWORD_AUTH", person.name, PASSWORD=OTHER_PASSWORD)

    def test_four_misses_lock_nobody_out(self, app: AppClient, person: Person) -> None:
        self.wrong(app, person, 4)
        assert app.tokens(person)

    def test_the_fifth_miss_locks_even_the_right_password_out(self, app: AppClient, person: Person) -> None:
        self.wrong(app, person, 5)
        with refused("NotAuthorizedException", "Password attempts exceeded"):
            app.password(person)
        with refused("NotAuthorizedException", "Password attempts exceeded"):
            admin_password(app, person.name, PASSWORD)

    def test_the_pause_doubles_with_each_miss(self, app: AppClient, person: Person, later: Clock) -> None:
        self.wrong(app, person, 5)
        ended, pause = 0, 1
        while pause < 64:
            # So long at the end that a slow machine does not sit it out.
            ended, pause = ended + pause + 1, 2 * pause
            with later(ended):
                self.wrong(app, person)
        with later(ended + pause / 2), refused("NotAuthorizedException", "Password attempts exceeded"):
            app.password(person)
        with later(ended + pause + 1):
            assert app.tokens(person)

    def test_signing_in_forgets_the_misses(self, app: AppClient, person: Person, later: Clock) -> None:
        self.wrong(app, person, 5)
        with later(1.1):
            app.tokens(person)
            self.wrong(app, person, 4)
            assert app.tokens(person)

    def test_attempts_during_the_pause_do_not_prolong_it(self, app: AppClient, person: Person, later: Clock) -> None:
        self.wrong(app, person, 5)
        for _ in range(3):
            with refused("NotAuthorizedException", "Password attempts exceeded"):
                app.initiate("USER_PASSWORD_AUTH", person.name, PASSWORD=OTHER_PASSWORD)
        with later(1.1):
            assert app.tokens(person)
