"""USER_SRP_AUTH, with pycognito's independent implementation as the other side.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
"""

from __future__ import annotations

from typing import Any

import pytest
from pycognito.aws_srp import AWSSRP

from tests.devcloud.conformance.conftest import Clock
from tests.devcloud.conformance.user_pool import OTHER_PASSWORD, PASSWORD, AppClient, Outbox, Person, new_email, refused


def by_srp(app: AppClient, name: str, password: str) -> Any:
    """Prove the password and return the answer."""
    srp = AWSSRP(name, password, app.pool_id, app.id, client=app.public, client_secret=app.secret)
    parameters = srp.get_auth_params()
    challenge = app.initiate("USER_SRP_AUTH", name, SRP_A=parameters["SRP_A"])
    responses = srp.process_challenge(challenge["ChallengeParameters"], parameters)
    return app.public.respond_to_auth_challenge(
        ClientId=app.id, ChallengeName="PASSWORD_VERIFIER", ChallengeResponses=responses
    )


def test_the_right_password_gives_tokens(app: AppClient, person: Person) -> None:
    """PASSWORD_VERIFIER."""
    assert by_srp(app, person.name, PASSWORD)["AuthenticationResult"]["RefreshToken"]


def test_a_wrong_password_is_refused(app: AppClient, person: Person) -> None:
    """PASSWORD_VERIFIER, NotAuthorizedException."""
    with refused("NotAuthorizedException", "Incorrect username or password."):
        by_srp(app, person.name, OTHER_PASSWORD)


def test_an_unknown_person_is_refused_like_a_wrong_password(app: AppClient) -> None:
    """cognito-user-pool-managing-errors.html."""
    with refused("NotAuthorizedException", "Incorrect username or password."):
        by_srp(app, new_email(), PASSWORD)


def test_a_person_without_a_password_has_not_the_empty_one(app: AppClient, outbox: Outbox) -> None:
    """API_SignUp: Password is optional for sign-in by code or passkey."""
    email = new_email()
    app.call("sign_up", email)
    app.call("confirm_sign_up", email, ConfirmationCode=outbox.code(email))
    with refused("NotAuthorizedException", "Incorrect username or password."):
        by_srp(app, email, "")


def test_the_case_of_the_name_does_not_matter(app: AppClient, person: Person) -> None:
    """user-pool-case-sensitivity.html."""
    assert by_srp(app, person.name.upper(), PASSWORD)["AuthenticationResult"]


def test_a_temporary_password_leads_to_a_new_one(app: AppClient) -> None:
    """NEW_PASSWORD_REQUIRED."""
    person = app.invited()
    challenge = by_srp(app, person.name, PASSWORD)
    assert app.respond("NEW_PASSWORD_REQUIRED", challenge["Session"], person.name, NEW_PASSWORD=OTHER_PASSWORD)


@pytest.mark.parametrize("password", [PASSWORD, OTHER_PASSWORD])
def test_any_password_learns_that_a_person_is_not_confirmed(app: AppClient, outbox: Outbox, password: str) -> None:
    """API_RespondToAuthChallenge, UserNotConfirmedException."""
    email = new_email()
    app.call("sign_up", email, Password=PASSWORD)
    with refused("UserNotConfirmedException"):
        by_srp(app, email, password)


def test_wrong_proofs_lock_the_person_out(app: AppClient, person: Person, later: Clock) -> None:
    """authentication.html, "Lockout behavior"."""
    for _ in range(5):
        with refused("NotAuthorizedException", "Incorrect username or password."):
            by_srp(app, person.name, OTHER_PASSWORD)
    with refused("NotAuthorizedException", "Password attempts exceeded"):
        by_srp(app, person.name, PASSWORD)
    with later(1.1):
        assert by_srp(app, person.name, PASSWORD)["AuthenticationResult"]


def test_a_proof_is_taken_once(app: AppClient, person: Person) -> None:
    """PASSWORD_VERIFIER."""
    srp = AWSSRP(person.name, PASSWORD, app.pool_id, app.id, client=app.public, client_secret=app.secret)
    parameters = srp.get_auth_params()
    challenge = app.initiate("USER_SRP_AUTH", person.name, SRP_A=parameters["SRP_A"])
    responses = srp.process_challenge(challenge["ChallengeParameters"], parameters)
    call = {"ClientId": app.id, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": responses}
    assert app.public.respond_to_auth_challenge(**call)["AuthenticationResult"]
    with refused("NotAuthorizedException"):
        app.public.respond_to_auth_challenge(**call)


def test_a_value_that_is_no_number_is_refused(app: AppClient, person: Person) -> None:
    """API_InitiateAuth, InvalidParameterException."""
    with refused("InvalidParameterException"):
        app.initiate("USER_SRP_AUTH", person.name, SRP_A="not-hexadecimal")


def test_a_zero_value_proves_nothing(app: AppClient, person: Person) -> None:
    """RFC 5054, section 2.5.4: with A zero modulo N anybody could compute the key."""
    srp = AWSSRP(person.name, "", app.pool_id, app.id, client=app.public, client_secret=app.secret)
    challenge = app.initiate("USER_SRP_AUTH", person.name, SRP_A="0")
    responses = srp.process_challenge(challenge["ChallengeParameters"], srp.get_auth_params())
    with refused("NotAuthorizedException", "Incorrect username or password."):
        app.public.respond_to_auth_challenge(
            ClientId=app.id, ChallengeName="PASSWORD_VERIFIER", ChallengeResponses=responses
        )
