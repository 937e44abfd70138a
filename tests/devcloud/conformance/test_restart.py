"""What a person has begun goes on after the local AWS was killed: it is saved before it is answered."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from devcloud.ports import free_port
from devcloud.settings import Settings
from devcloud.start import LocalAWS
from tests.devcloud.conformance.authenticator import Authenticator
from tests.devcloud.conformance.conftest import FLOWS
from tests.devcloud.conformance.user_pool import PASSWORD, AppClient, Outbox, new_email, refused

POOL: Any = {
    "UsernameAttributes": ["email"],
    "AutoVerifiedAttributes": ["email"],
    "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]}},
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAWS]:
    """A local AWS of its own, to be killed."""
    started = LocalAWS(Settings(directory=tmp_path_factory.mktemp("restart") / "devcloud", port=free_port()))
    started.serve()
    with started:
        yield started


def app_client(running: LocalAWS) -> AppClient:
    """Make a pool that rotates refresh tokens without grace and takes passkeys, and a client of it."""
    keys = {name.lower(): value for name, value in running.root_env.items() if "KEY" in name}
    where = {"region_name": running.settings.region, "endpoint_url": running.settings.endpoint}
    session: Any = boto3.Session()
    admin = session.client("cognito-idp", **where, **keys)
    pool_id = admin.create_user_pool(PoolName="restart", **POOL)["UserPool"]["Id"]
    admin.set_user_pool_mfa_config(UserPoolId=pool_id, WebAuthnConfiguration={"RelyingPartyId": "localhost"})
    made = admin.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="restart",
        ExplicitAuthFlows=FLOWS,
        RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
    )["UserPoolClient"]
    public = session.client("cognito-idp", config=Config(signature_version=UNSIGNED), **where)
    return AppClient(public, admin, pool_id, made["ClientId"], None)


def kill(running: LocalAWS) -> None:
    os.kill(running.pid, signal.SIGKILL)
    running.stop()
    running.serve()


def test_everything_begun_goes_on_after_a_kill(running: LocalAWS) -> None:
    app, outbox, email = app_client(running), Outbox(running.settings.outbox), new_email()
    person, challenged = app.person(), app.invited()
    tokens = app.tokens(person)
    replaced, refresh_token = tokens["RefreshToken"], app.refresh(tokens["RefreshToken"])["RefreshToken"]
    options = app.public.start_web_authn_registration(AccessToken=tokens["AccessToken"])["CredentialCreationOptions"]
    key = Authenticator()
    app.public.complete_web_authn_registration(AccessToken=tokens["AccessToken"], Credential=key.register(options))
    app.call("sign_up", email, Password=PASSWORD)
    session = app.password(challenged)["Session"]

    kill(running)

    app.call("confirm_sign_up", email, ConfirmationCode=outbox.code(email))
    assert app.respond("NEW_PASSWORD_REQUIRED", session, challenged.name, NEW_PASSWORD="Third-password-3")
    with refused("RefreshTokenReuseException"):
        app.refresh(replaced)
    assert app.refresh(refresh_token)
    challenge = app.initiate("USER_AUTH", person.name, PREFERRED_CHALLENGE="WEB_AUTHN")
    credential = key.sign_in(challenge["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    assert app.respond("WEB_AUTHN", challenge["Session"], person.name, CREDENTIAL=credential)["AuthenticationResult"]


def test_the_saved_state_is_for_its_owner_only(running: LocalAWS) -> None:
    state = Path(running.settings.state)
    assert {oct(path.stat().st_mode & 0o077) for path in (state, *state.glob("*.json"))} == {"0o0"}


def test_the_saved_state_shows_no_code(running: LocalAWS) -> None:
    app, outbox = app_client(running), Outbox(running.settings.outbox)
    person = app.person()
    app.call("forgot_password", person.name)
    saved = (running.settings.state / "cognito.json").read_text()
    assert person.name in saved
    assert f'"{outbox.code(person.name)}"' not in saved
