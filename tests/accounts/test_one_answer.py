"""Every door gives every name one answer: in words, status, headers, redirects, and never sooner than the floor.

Each case goes through a whole door in a browser of its own and returns all it saw; the reference is an account in good
order. Cognito answers differently for nearly all of these names (docs/adr/0021).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts import limits, way_in
from accounts import pool as site_pool
from accounts.views import base
from tests import fault_proxy
from tests.accounts.ways_in import ANOTHER_WAY, go
from tests.background import finish
from tests.checked_client import CheckedClient, answer
from tests.conftest import UsePool
from tests.devcloud.conformance.authenticator import Authenticator
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, new_email
from tests.other_pools import another_client, another_pool
from tests.second_factors import access_token, with_app, with_mail

WRONG = "Wrong-horse-1"
NEW = "Another-horse-2"
CHALLENGE = "/login/challenge/"
MADE_OF_CHANCE = re.compile(rb'"challenge": "[\w-]{43}"')

Seen = tuple[int, dict[str, str], bytes]


def confirmed(pool: LocalPool) -> str:
    return pool.person().email


def unknown(pool: LocalPool) -> str:
    return new_email("nobody")


def unconfirmed(pool: LocalPool) -> str:
    email, config = new_email(), pool.config
    pool.root.sign_up(
        ClientId=config.client_id,
        Username=email,
        Password=PASSWORD,
        UserAttributes=[{"Name": "email", "Value": email}],
        **({"SecretHash": config.secret_hash(email)} if config.client_secret else {}),
    )
    return email


def disabled(pool: LocalPool) -> str:
    person = pool.person()
    pool.admin("disable_user", person)
    return person.email


def invited(pool: LocalPool) -> str:
    return pool.invited().email


def reset_required(pool: LocalPool) -> str:
    person = pool.person()
    pool.admin("reset_user_password", person)
    return person.email


def two_steps(pool: LocalPool) -> str:
    person = pool.person()
    with_app(pool, person)
    return person.email


def coded(pool: LocalPool) -> str:
    person = pool.person()
    with_mail(pool, person)
    return person.email


def with_passkey(pool: LocalPool) -> str:
    person, key = pool.person(), Authenticator()
    token = access_token(pool, person)
    options = pool.root.start_web_authn_registration(AccessToken=token)["CredentialCreationOptions"]
    pool.root.complete_web_authn_registration(AccessToken=token, Credential=key.register(options))
    return person.email


def unverified(pool: LocalPool) -> str:
    return pool.person(email_verified="false").email


def browser() -> CheckedClient:
    """Return a browser at an address of its own: how much one address may do is not what is asked here."""
    return CheckedClient(REMOTE_ADDR=f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{secrets.randbelow(256)}")


NAMES = [unknown, unconfirmed, disabled, invited, reset_required, two_steps, coded, with_passkey, unverified]


def registering(client: CheckedClient, name: str) -> Iterator[Any]:
    yield client.post("/register/", {"email": name, "password1": PASSWORD, "password2": PASSWORD})
    yield client.get("/verify-code/")
    yield client.post("/verify-code/", {"code": "000000"})


def verifying(client: CheckedClient, name: str) -> Iterator[Any]:
    for _ in range(limits.GUESSES_BY_NAME.most + 1):
        yield client.post("/verify-code/", {"username": name, "code": "000000"})


def resending(client: CheckedClient, name: str) -> Iterator[Any]:
    for _ in range(limits.RESEND_BY_NAME.most + 1):
        yield browser().post("/verify-code/resend/", {"username": name})
    yield client.post("/verify-code/resend/", {"username": name})
    yield client.get("/verify-code/")


def signing_in(client: CheckedClient, name: str) -> Iterator[Any]:
    for _ in range(limits.LOGIN_BY_NAME.most + 1):
        yield client.post("/login/", {"username": name, "password": WRONG})


def choosing(client: CheckedClient, name: str, way: str) -> Iterator[Any]:
    yield go(client, name, way)
    yield client.get(CHALLENGE)
    yield client.get(ANOTHER_WAY)


def by_password(client: CheckedClient, name: str) -> Iterator[Any]:
    yield from choosing(client, name, "WEB_AUTHN")
    yield client.post(ANOTHER_WAY, {"answer": "PASSWORD"})
    yield client.get(CHALLENGE)
    yield client.post(CHALLENGE, {"password": WRONG})
    yield client.get("/login/")


def by_code(client: CheckedClient, name: str) -> Iterator[Any]:
    yield from choosing(client, name, "EMAIL_OTP")
    for _ in range(way_in.TRIES + 1):
        yield client.post(CHALLENGE, {"code": "00000000"})
        yield client.get(CHALLENGE)
    yield client.get("/login/")


def by_codes_till_the_end(client: CheckedClient, name: str) -> Iterator[Any]:
    for _ in range(limits.CHALLENGE_BY_NAME.most // way_in.TRIES + 1):
        yield from by_code(browser(), name)


def by_code_after_code(client: CheckedClient, name: str) -> Iterator[Any]:
    for _ in range(limits.SIGN_IN_CODES_BY_NAME.most + 1):
        limits.clear(name, limits.OPTIONS_BY_NAME)
        yield from choosing(browser(), name, "EMAIL_OTP")


def by_another_code(client: CheckedClient, name: str) -> Iterator[Any]:
    yield from choosing(client, name, "EMAIL_OTP")
    yield client.post("/login/challenge/resend/")
    with time_machine.travel(timezone.now().timestamp() + 31, tick=False):
        yield client.post("/login/challenge/resend/")
        yield client.get(CHALLENGE)
        yield client.post(ANOTHER_WAY, {"answer": "WEB_AUTHN"})
        yield client.get(CHALLENGE)


def by_passkey(client: CheckedClient, name: str) -> Iterator[Any]:
    yield from choosing(client, name, "WEB_AUTHN")
    yield client.get(CHALLENGE)
    yield client.post(CHALLENGE, {"credential": '{"id": "AA"}'})
    yield client.get("/login/")


def forgetting(client: CheckedClient, name: str) -> Iterator[Any]:
    yield client.post("/password/forgot/", {"username": name})
    yield client.get("/password/reset/")
    for _ in range(limits.FORGOT_BY_NAME.most):
        yield browser().post("/password/forgot/", {"username": name})


def resetting(client: CheckedClient, name: str) -> Iterator[Any]:
    client.post("/password/forgot/", {"username": name})
    for _ in range(limits.GUESSES_BY_NAME.most + 1):
        yield client.post("/password/reset/", {"code": "000000", "new_password1": NEW, "new_password2": NEW})


DOORS = [
    registering,
    verifying,
    resending,
    signing_in,
    by_password,
    by_code,
    by_codes_till_the_end,
    by_code_after_code,
    by_another_code,
    by_passkey,
    forgetting,
    resetting,
]


def masked(seen: Seen) -> Seen:
    """Return what was seen without the challenge of a passkey, which is another one for every page."""
    status, headers, body = seen
    return status, headers, MADE_OF_CHANCE.sub(b'"challenge": "made of chance"', body)


@pytest.fixture(autouse=True)
def _frozen() -> Iterator[None]:
    with time_machine.travel(timezone.now(), tick=False):
        yield


@pytest.mark.parametrize("door", DOORS)
def test_every_name_sees_the_same(pool: LocalPool, door: Callable[[CheckedClient, str], Iterator[Any]]) -> None:
    reference: list[Seen] = []
    for make in (confirmed, *NAMES):
        name = make(pool)
        found = [masked(answer(response, name)) for response in door(browser(), name)]
        finish()
        reference = reference or found
        for step, (wanted, got) in enumerate(zip(reference, found, strict=True)):
            assert got == wanted, f"{make.__name__}, step {step}"


@pytest.mark.parametrize("door", DOORS)
def test_every_answer_that_asked_cognito_waits_for_the_floor(
    pool: LocalPool, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch, door: Any
) -> None:
    site_pool.description()
    levelled: list[float] = []
    monkeypatch.setattr(base, "wait_for_floor", levelled.append)
    for make in (confirmed, unknown, disabled):
        name = make(pool)
        cognito.forget()
        for response in door(browser(), name):
            asked = sum(cognito.calls.values())
            signed_in = response.wsgi_request.user.is_authenticated
            assert signed_in or len(levelled) >= (asked > 0), response.request["PATH_INFO"]
            finish()
            levelled.clear()
            cognito.forget()


# What keeps somebody out whose name and password may be right is told where they typed them.
TOLD = {"CodeDeliveryFailureException": "send you a code", "UserLambdaValidationException": "can’t sign you in"}


@pytest.mark.parametrize("door", [by_password, by_code, by_passkey])
@pytest.mark.parametrize("operation", ["InitiateAuth", "RespondToAuthChallenge"])
@pytest.mark.parametrize(
    "code",
    [
        "NotAuthorizedException",
        "UserNotFoundException",
        "InvalidParameterException",
        "UserNotConfirmedException",
        "PasswordResetRequiredException",
        "LimitExceededException",
        "TooManyFailedAttemptsException",
        "ExpiredCodeException",
        "CodeMismatchException",
        *TOLD,
    ],
)
def test_whatever_cognito_has_against_a_name_the_doors_say_one_thing(
    pool: LocalPool, cognito: FaultProxy, door: Any, operation: str, code: str
) -> None:
    name = "ada@example.com"
    wanted = [masked(answer(response, name)) for response in door(browser(), name)]
    cognito.fail(operation, fault_proxy.aws_error(code, "words of AWS"))
    found = [masked(answer(response, name)) for response in door(browser(), name)]
    if door is by_password and operation == "InitiateAuth" and code in TOLD:
        assert TOLD[code].encode() in found.pop(-2)[2]
        wanted.pop(-2)
    assert found == wanted


def test_a_texted_code_is_offered_to_every_name(local_pool: LocalPool, use_pool: UsePool) -> None:
    pool = use_pool(
        another_pool(local_pool, Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}}),
        ENDPOINT_URL=local_pool.endpoint,
    )
    names = [pool.person(phone_number="+442079460222", phone_number_verified="true").email, new_email("nobody")]
    found = []
    for name in names:
        client = browser()
        answers = [*choosing(client, name, "SMS_OTP"), client.post(CHALLENGE, {"code": "000000"})]
        found.append([answer(response, name) for response in answers])
    assert b"Enter the code we texted you" in found[0][1][2]
    assert found[0] == found[1]


def test_where_the_pool_cannot_be_asked_what_it_is_like_passkeys_tell_no_more(
    local_pool: LocalPool, use_pool: UsePool
) -> None:
    pool = use_pool(another_client(local_pool), AUTH_FLOW="USER_AUTH")
    found = [
        [masked(answer(response, name)) for response in by_passkey(browser(), name)]
        for name in (with_passkey(pool), new_email("nobody"))
    ]
    assert found[0] == found[1]
