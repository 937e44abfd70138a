"""What ends somebody's access: AdminDisableUser, AdminUserGlobalSignOut and AdminDeleteUser.

https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html
"""

from __future__ import annotations

import pytest

from tests.devcloud.conformance.user_pool import OTHER_PASSWORD, PASSWORD, AppClient, Person, new_email, refused


class TestDisabling:
    """API_AdminDisableUser, API_AdminEnableUser."""

    def test_no_token_works_any_longer(self, app: AppClient, person: Person) -> None:
        tokens = app.tokens(person)
        app.on(person, "disable_user")
        with refused("NotAuthorizedException"):
            app.public.get_user(AccessToken=tokens["AccessToken"])
        with refused("NotAuthorizedException"):
            app.refresh(tokens["RefreshToken"])

    def test_the_right_password_opens_nothing(self, app: AppClient, person: Person) -> None:
        app.on(person, "disable_user")
        with refused("NotAuthorizedException"):
            app.password(person)

    def test_a_sign_in_under_way_ends(self, app: AppClient) -> None:
        person = app.invited()
        session = app.password(person)["Session"]
        app.on(person, "disable_user")
        with refused("NotAuthorizedException"):
            app.respond("NEW_PASSWORD_REQUIRED", session, person.name, NEW_PASSWORD=OTHER_PASSWORD)

    def test_enabling_brings_no_token_back(self, app: AppClient, person: Person) -> None:
        tokens = app.tokens(person)
        app.on(person, "disable_user")
        app.on(person, "enable_user")
        with refused("NotAuthorizedException"):
            app.public.get_user(AccessToken=tokens["AccessToken"])
        with refused("NotAuthorizedException"):
            app.refresh(tokens["RefreshToken"])
        assert app.tokens(person)

    def test_twice_is_once(self, app: AppClient, person: Person) -> None:
        for operation in ("disable_user", "disable_user", "enable_user", "enable_user"):
            app.on(person, operation)
        assert app.on(person, "get_user")["Enabled"] is True

    def test_the_status_stays(self, app: AppClient) -> None:
        person = app.invited()
        app.on(person, "disable_user")
        found = app.on(person, "get_user")
        assert (found["Enabled"], found["UserStatus"]) == (False, "FORCE_CHANGE_PASSWORD")


class TestSigningOut:
    """API_AdminUserGlobalSignOut."""

    def test_every_session_ends(self, app: AppClient, person: Person) -> None:
        for tokens in [app.tokens(person), app.tokens(person)]:
            app.on(person, "user_global_sign_out")
            with refused("NotAuthorizedException", "revoked"):
                app.public.get_user(AccessToken=tokens["AccessToken"])
            with refused("NotAuthorizedException"):
                app.refresh(tokens["RefreshToken"])

    def test_the_person_signs_in_again(self, app: AppClient, person: Person) -> None:
        app.on(person, "user_global_sign_out")
        tokens = app.tokens(person)
        assert app.public.get_user(AccessToken=tokens["AccessToken"])["Username"] == person.sub
        assert app.refresh(tokens["RefreshToken"])["AccessToken"]


class TestDeleting:
    """API_AdminDeleteUser."""

    def test_no_token_works_any_longer(self, app: AppClient, person: Person) -> None:
        tokens = app.tokens(person)
        app.on(person, "delete_user")
        with refused("UserNotFoundException"):
            app.public.get_user(AccessToken=tokens["AccessToken"])
        with refused("NotAuthorizedException"):
            app.refresh(tokens["RefreshToken"])

    def test_the_name_is_free_for_somebody_else(self, app: AppClient, person: Person) -> None:
        tokens = app.tokens(person)
        app.on(person, "delete_user")
        another = app.person(person.name)
        assert another.sub != person.sub
        with refused("NotAuthorizedException"):
            app.refresh(tokens["RefreshToken"])


@pytest.mark.parametrize(
    "operation",
    [
        "confirm_sign_up",
        "delete_software_token",
        "delete_user",
        "disable_user",
        "enable_user",
        "get_user",
        "get_user_auth_factors",
        "reset_user_password",
        "user_global_sign_out",
    ],
)
def test_an_unknown_person_is_not_found(app: AppClient, operation: str) -> None:
    """UserNotFoundException is among the errors of each, whatever the app client hides."""
    with refused("UserNotFoundException"):
        app.on(Person(new_email(), PASSWORD, ""), operation)
