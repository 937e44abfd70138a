"""Forgotten passwords: https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html."""

from __future__ import annotations

from typing import Any

from tests.devcloud.conformance.conftest import Clock, MakePool
from tests.devcloud.conformance.user_pool import (
    OTHER_PASSWORD,
    PASSWORD,
    AppClient,
    Outbox,
    Person,
    another,
    new_email,
    refused,
)


def reset(app: AppClient, name: str, code: str, password: str = OTHER_PASSWORD) -> Any:
    return app.call("confirm_forgot_password", name, ConfirmationCode=code, Password=password)


def test_the_mailed_code_sets_a_new_password(app: AppClient, person: Person, outbox: Outbox) -> None:
    """API_ForgotPassword, API_ConfirmForgotPassword."""
    details = app.call("forgot_password", person.name)["CodeDeliveryDetails"]
    assert details == {"Destination": "a***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    reset(app, person.name, outbox.code(person.name))
    with refused("NotAuthorizedException"):
        app.password(person)
    assert app.initiate("USER_PASSWORD_AUTH", person.name, PASSWORD=OTHER_PASSWORD)["AuthenticationResult"]


def test_a_code_resets_once(app: AppClient, person: Person, outbox: Outbox) -> None:
    """API_ConfirmForgotPassword, ExpiredCodeException."""
    app.call("forgot_password", person.name)
    reset(app, person.name, outbox.code(person.name))
    with refused("ExpiredCodeException"):
        reset(app, person.name, outbox.code(person.name), PASSWORD)


def test_a_wrong_code_is_refused_and_the_password_stays(app: AppClient, person: Person, outbox: Outbox) -> None:
    """API_ConfirmForgotPassword, CodeMismatchException."""
    app.call("forgot_password", person.name)
    with refused("CodeMismatchException"):
        reset(app, person.name, another(outbox.code(person.name)))
    assert app.tokens(person)


def test_a_code_nobody_asked_for_is_expired(app: AppClient, person: Person) -> None:
    """API_ConfirmForgotPassword, ExpiredCodeException."""
    with refused("ExpiredCodeException"):
        reset(app, person.name, "654321")


def test_after_five_wrong_codes_the_right_one_is_refused(app: AppClient, person: Person, outbox: Outbox) -> None:
    """API_ConfirmForgotPassword, TooManyFailedAttemptsException."""
    app.call("forgot_password", person.name)
    code = outbox.code(person.name)
    for _ in range(5):
        with refused("CodeMismatchException"):
            reset(app, person.name, another(code))
    with refused("TooManyFailedAttemptsException"):
        reset(app, person.name, code)


def test_a_code_expires_after_an_hour(app: AppClient, person: Person, outbox: Outbox, later: Clock) -> None:
    """quotas.html: forgot-password code, 1 hour."""
    app.call("forgot_password", person.name)
    with later(60 * 60 + 1), refused("ExpiredCodeException"):
        reset(app, person.name, outbox.code(person.name))


def test_a_refused_password_leaves_the_code_standing(app: AppClient, person: Person, outbox: Outbox) -> None:
    """API_ConfirmForgotPassword, InvalidPasswordException."""
    app.call("forgot_password", person.name)
    with refused("InvalidPasswordException"):
        reset(app, person.name, outbox.code(person.name), "weak")
    reset(app, person.name, outbox.code(person.name))


def test_a_second_code_ends_the_first(app: AppClient, person: Person, outbox: Outbox) -> None:
    """API_ForgotPassword."""
    app.call("forgot_password", person.name)
    first = outbox.code(person.name)
    app.call("forgot_password", person.name)
    while outbox.code(person.name) == first:
        app.call("forgot_password", person.name)
    with refused("CodeMismatchException"):
        reset(app, person.name, first)


def test_too_many_requests_in_an_hour_are_refused(app: AppClient, person: Person) -> None:
    """quotas.html: ForgotPassword and ConfirmForgotPassword, 5 to 20 per user and hour."""
    for _ in range(20):
        app.call("forgot_password", person.name)
    with refused("LimitExceededException"):
        app.call("forgot_password", person.name)


def test_an_unknown_person_gets_the_answer_of_a_known_one(app: AppClient, person: Person) -> None:
    """cognito-user-pool-managing-errors.html."""
    nobody = app.call("forgot_password", new_email())
    somebody = app.call("forgot_password", person.name)
    assert nobody["CodeDeliveryDetails"] == somebody["CodeDeliveryDetails"]
    with refused("CodeMismatchException"):
        reset(app, new_email(), "654321")


def test_an_unverified_address_gets_no_code(app: AppClient, outbox: Outbox) -> None:
    """API_ForgotPassword, InvalidParameterException."""
    person = app.person(email_verified="false")
    with refused("InvalidParameterException", "no registered/verified email"):
        app.call("forgot_password", person.name)
    assert outbox.messages(person.name) == []


def test_a_temporary_password_cannot_be_forgotten(app: AppClient) -> None:
    """API_ForgotPassword, NotAuthorizedException."""
    with refused("NotAuthorizedException", "cannot be reset in the current state"):
        app.call("forgot_password", app.invited().name)


def test_a_disabled_person_resets_nothing(app: AppClient, person: Person, outbox: Outbox) -> None:
    """cognito-user-pool-managing-errors.html."""
    app.call("forgot_password", person.name)
    app.on(person, "disable_user")
    with refused("CodeMismatchException"):
        reset(app, person.name, outbox.code(person.name))
    with refused("NotAuthorizedException"):
        app.call("forgot_password", person.name)


def test_the_address_of_the_second_factor_recovers_nothing(make_pool: MakePool) -> None:
    """user-pool-settings-mfa.html: e-mail is a second factor or recovers the password, not both."""
    app = make_pool(
        mfa={"MfaConfiguration": "OPTIONAL", "EmailMfaConfiguration": {"Message": "{####}", "Subject": "Code"}}
    )
    person = app.person()
    app.on(person, "set_user_mfa_preference", EmailMfaSettings={"Enabled": True})
    with refused("InvalidParameterException"):
        app.call("forgot_password", person.name)


def test_an_administrator_makes_somebody_choose_a_new_password(app: AppClient, person: Person, outbox: Outbox) -> None:
    """API_AdminResetUserPassword: the password is invalidated, so any one gets PasswordResetRequiredException."""
    app.on(person, "reset_user_password")
    with refused("PasswordResetRequiredException"):
        app.password(person)
    with refused("PasswordResetRequiredException"):
        app.initiate("USER_PASSWORD_AUTH", person.name, PASSWORD=OTHER_PASSWORD)
    reset(app, person.name, outbox.code(person.name))
    assert app.initiate("USER_PASSWORD_AUTH", person.name, PASSWORD=OTHER_PASSWORD)["AuthenticationResult"]


def test_an_administrator_cannot_reset_what_nobody_can_receive(app: AppClient) -> None:
    """API_AdminResetUserPassword, InvalidParameterException and NotAuthorizedException."""
    with refused("InvalidParameterException"):
        app.on(app.person(email_verified="false"), "reset_user_password")
    with refused("NotAuthorizedException"):
        app.on(app.invited(), "reset_user_password")
