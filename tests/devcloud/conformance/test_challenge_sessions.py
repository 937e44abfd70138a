"""Challenge sessions: https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html."""

from __future__ import annotations

import pytest

from tests.devcloud.conformance.conftest import FLOWS, Clock, MakePool
from tests.devcloud.conformance.user_pool import OTHER_PASSWORD, AppClient, refused

CHALLENGES = [
    ("NEW_PASSWORD_REQUIRED", "NEW_PASSWORD"),
    ("SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA_CODE"),
    ("SMS_MFA", "SMS_MFA_CODE"),
    ("EMAIL_OTP", "EMAIL_OTP_CODE"),
    ("SMS_OTP", "SMS_OTP_CODE"),
    ("SELECT_MFA_TYPE", "ANSWER"),
    ("MFA_SETUP", "IGNORED"),
    ("SELECT_CHALLENGE", "ANSWER"),
    ("PASSWORD", "PASSWORD"),
    ("WEB_AUTHN", "CREDENTIAL"),
]


@pytest.mark.parametrize(("challenge", "field"), CHALLENGES)
def test_a_made_up_session_answers_no_challenge(app: AppClient, challenge: str, field: str) -> None:
    """API_RespondToAuthChallenge, NotAuthorizedException."""
    person = app.person()
    with refused("NotAuthorizedException", "Invalid session"):
        app.respond(challenge, "made-up-session-string", person.name, **{field: OTHER_PASSWORD})


@pytest.mark.parametrize(("challenge", "field"), CHALLENGES[1:])
def test_a_session_answers_only_its_own_challenge(app: AppClient, challenge: str, field: str) -> None:
    """API_RespondToAuthChallenge."""
    person = app.invited()
    session = app.password(person)["Session"]
    with refused("NotAuthorizedException", "Invalid session"):
        app.respond(challenge, session, person.name, **{field: OTHER_PASSWORD})


def test_a_session_is_used_once(app: AppClient) -> None:
    """authentication.html."""
    person = app.invited()
    session = app.password(person)["Session"]
    app.respond("NEW_PASSWORD_REQUIRED", session, person.name, NEW_PASSWORD=OTHER_PASSWORD)
    with refused("NotAuthorizedException", "can only be used once"):
        app.respond("NEW_PASSWORD_REQUIRED", session, person.name, NEW_PASSWORD="Third-password-3")


@pytest.mark.parametrize("minutes", [3, 15])
def test_a_session_lives_as_long_as_the_client_says(make_pool: MakePool, later: Clock, minutes: int) -> None:
    """API_CreateUserPoolClient, AuthSessionValidity."""
    app = make_pool(client={"AuthSessionValidity": minutes})
    person = app.invited()
    session = app.password(person)["Session"]
    with later(minutes * 60 + 1), refused("NotAuthorizedException", "session is expired"):
        app.respond("NEW_PASSWORD_REQUIRED", session, person.name, NEW_PASSWORD=OTHER_PASSWORD)
    with later(minutes * 60 - 5):
        app.respond("NEW_PASSWORD_REQUIRED", session, person.name, NEW_PASSWORD=OTHER_PASSWORD)


def test_a_session_belongs_to_its_client(app: AppClient) -> None:
    """API_RespondToAuthChallenge."""
    created = app.admin.create_user_pool_client(
        UserPoolId=app.pool_id, ClientName="other", GenerateSecret=True, ExplicitAuthFlows=FLOWS
    )["UserPoolClient"]
    other = AppClient(app.public, app.admin, app.pool_id, created["ClientId"], created["ClientSecret"])
    person = app.invited()
    session = app.password(person)["Session"]
    with refused("NotAuthorizedException", "Invalid session"):
        other.respond("NEW_PASSWORD_REQUIRED", session, person.name, NEW_PASSWORD=OTHER_PASSWORD)


def test_a_disabled_person_does_not_get_to_the_end(app: AppClient) -> None:
    """how-to-manage-user-accounts.html."""
    person = app.invited()
    session = app.password(person)["Session"]
    app.on(person, "disable_user")
    with refused("NotAuthorizedException", "User is disabled."):
        app.respond("NEW_PASSWORD_REQUIRED", session, person.name, NEW_PASSWORD=OTHER_PASSWORD)


def test_a_wrong_secret_hash_answers_nothing(app: AppClient) -> None:
    """API_RespondToAuthChallenge: SECRET_HASH in every challenge response."""
    person = app.invited()
    session = app.password(person)["Session"]
    with refused("NotAuthorizedException", "Unable to verify secret hash"):
        app.respond(
            "NEW_PASSWORD_REQUIRED", session, person.name, NEW_PASSWORD=OTHER_PASSWORD, SECRET_HASH=app.hash("other")
        )


def test_an_administrator_answers_with_the_username_itself(app: AppClient) -> None:
    """API_AdminRespondToAuthChallenge: "the USERNAME attribute can't be an alias"."""
    person = app.invited()
    session = app.password(person)["Session"]

    def answer(name: str) -> object:
        answers = {"USERNAME": name, "SECRET_HASH": app.hash(name), "NEW_PASSWORD": OTHER_PASSWORD}
        done: object = app.admin.admin_respond_to_auth_challenge(
            UserPoolId=app.pool_id,
            ClientId=app.id,
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=session,
            ChallengeResponses=answers,
        )
        return done

    with refused("NotAuthorizedException"):
        answer(person.name)
    assert answer(person.sub)


def test_an_unknown_challenge_is_refused(app: AppClient) -> None:
    """API_RespondToAuthChallenge, InvalidParameterException."""
    person = app.person()
    with refused("InvalidParameterException"):
        app.respond("DEVICE_SRP_AUTH", "made-up-session-string", person.name)
