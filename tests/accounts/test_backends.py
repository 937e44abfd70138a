"""Who somebody is: tokens are verified, refusals end the chain, and nothing hashes a password."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.test import RequestFactory
from pytest_django import Settings

from accounts import after_answer, conf
from accounts.backends import ChallengeRequired, CognitoBackend
from accounts.cognito import errors
from accounts.cognito.results import Challenge, Tokens
from accounts.cognito.verifier import TokenVerifier
from accounts.models import User
from tests.signed_tokens import PublishedKeys, SigningPool

pytestmark = pytest.mark.django_db

POOL = SigningPool()
PASSWORD = "canary-Password-1"


class FakeAuthentication:
    """Answers every password with what it is given: tokens, a question, or a refusal."""

    def __init__(self, answer: Tokens | Challenge | Exception) -> None:
        self.answer = answer
        self.calls: list[tuple[Any, ...]] = []

    def with_password(self, *given: Any) -> Tokens | Challenge:
        self.calls.append(given)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


Answering = Callable[[Tokens | Challenge | Exception], FakeAuthentication]


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Answering:
    """Has Cognito answer a password in a certain way, and the signing pool vouch for tokens."""
    monkeypatch.setattr(conf, "verifier", cache(lambda: TokenVerifier(conf.config(), PublishedKeys(POOL))))

    def answer(value: Tokens | Challenge | Exception) -> FakeAuthentication:
        fake = FakeAuthentication(value)
        monkeypatch.setattr(conf, "authentication", lambda: fake)
        return fake

    return answer


def tokens(**claims: Any) -> Tokens:
    return Tokens(POOL.id_token(**claims), POOL.access_token(), "refresh", 3600)


def sign_in() -> Any:
    return authenticate(RequestFactory().get("/"), username="ada@example.com", password=PASSWORD)


def test_a_password_that_cognito_takes_brings_the_user_and_the_tokens(answering: Answering) -> None:
    given = tokens()
    fake = answering(given)
    user = sign_in()
    assert (user.email, user.cognito_tokens) == ("ada@example.com", given)
    assert len(fake.calls) == 1


def test_tokens_alone_are_a_way_in(answering: Answering) -> None:
    user = authenticate(RequestFactory().get("/"), cognito_tokens=tokens(sub="sub-2"))
    assert isinstance(user, User)
    assert user.sub == "sub-2"


@pytest.mark.parametrize("error", [errors.NotAuthorized("InitiateAuth"), errors.UserNotFound("InitiateAuth")])
def test_a_refusal_is_nobody(answering: Answering, error: Exception) -> None:
    answering(error)
    assert sign_in() is None
    assert User.objects.count() == 0


class OpenBackend:
    """Stands behind ours and lets everybody in."""

    def authenticate(self, request: Any, **credentials: Any) -> User:
        return User(username=f"{request.path} {sorted(credentials)}")


OPEN = "tests.accounts.test_backends.OpenBackend"


def test_a_refusal_ends_the_chain(answering: Answering, settings: Settings) -> None:
    answering(errors.NotAuthorized("InitiateAuth"))
    settings.AUTHENTICATION_BACKENDS = [OPEN]
    assert sign_in()
    settings.AUTHENTICATION_BACKENDS = ["accounts.backends.CognitoBackend", OPEN]
    assert sign_in() is None


@pytest.mark.parametrize(
    "error",
    [
        errors.NotConfirmed("InitiateAuth"),
        errors.PasswordResetRequired("InitiateAuth"),
        errors.TemporaryPasswordExpired("InitiateAuth"),
        errors.Throttled("InitiateAuth"),
        errors.Unreachable("InitiateAuth"),
        errors.Misconfigured("InitiateAuth"),
        errors.TooManyAttempts("InitiateAuth"),
    ],
)
def test_what_the_view_must_explain_reaches_the_view(answering: Answering, error: Exception) -> None:
    answering(error)
    with pytest.raises(type(error)):
        sign_in()


def test_a_question_reaches_the_view(answering: Answering) -> None:
    challenge = Challenge(name="SMS_MFA", username="ada", session="session-canary")
    answering(challenge)
    with pytest.raises(ChallengeRequired) as caught:
        sign_in()
    assert caught.value.challenge == challenge
    assert "session-canary" not in str(caught.value)


@pytest.mark.parametrize(
    "claims", [{"aud": "another-client"}, {"token_use": "access"}, {"iss": "https://evil.example/pool"}]
)
def test_tokens_that_are_not_ours_are_not_believed(answering: Answering, claims: dict[str, Any]) -> None:
    answering(tokens(**claims))
    with pytest.raises(errors.TokenError):
        sign_in()
    assert User.objects.count() == 0


def test_somebody_shut_out_here_stays_out(answering: Answering) -> None:
    answering(tokens())
    sign_in()
    User.objects.update(is_active=False)
    assert sign_in() is None


def test_a_session_of_somebody_shut_out_is_nobodys(answering: Answering) -> None:
    answering(tokens())
    user = sign_in()
    assert CognitoBackend().get_user(user.pk) == user
    User.objects.update(is_active=False)
    assert CognitoBackend().get_user(user.pk) is None


@pytest.mark.parametrize("credentials", [{}, {"username": "ada"}, {"password": "x"}, {"email": "x", "password": "x"}])
def test_credentials_of_another_kind_are_not_sent(answering: Answering, credentials: dict[str, str]) -> None:
    fake = answering(tokens())
    assert authenticate(RequestFactory().get("/"), **credentials) is None
    assert fake.calls == []


def test_no_password_is_hashed(answering: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_user_model(), "set_password", lambda *_: pytest.fail("a password was hashed"))
    answering(errors.NotAuthorized("InitiateAuth"))
    assert sign_in() is None


def test_a_failed_sign_in_shows_no_password_to_listeners(answering: Answering) -> None:
    heard: list[Any] = []

    def listen(credentials: dict[str, Any], **_: Any) -> None:
        heard.append(credentials)

    answering(errors.NotAuthorized("InitiateAuth"))
    user_login_failed.connect(listen)
    try:
        sign_in()
    finally:
        user_login_failed.disconnect(listen)
    assert len(heard) == 1
    assert PASSWORD not in str(heard)


def test_permissions_are_djangos_own(answering: Answering) -> None:
    answering(tokens())
    user = sign_in()
    group = Group.objects.create(name="desk")
    group.permissions.add(Permission.objects.get(codename="view_user"))
    user.groups.add(group)
    assert CognitoBackend().has_perm(user, "accounts.view_user")
    assert not CognitoBackend().has_perm(user, "accounts.delete_user")


def test_a_personal_permission_counts_for_nothing(answering: Answering) -> None:
    answering(tokens())
    user = sign_in()
    user.user_permissions.add(Permission.objects.get(codename="view_user"))
    assert CognitoBackend().get_all_permissions(user) == set()


@pytest.mark.parametrize("error", [errors.Unreachable("JWKS"), errors.TokenError("verify"), OperationalError()])
def test_tokens_that_nobody_keeps_are_revoked(
    answering: Answering, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    answering(tokens())
    revoked: list[str] = []
    monkeypatch.setattr(conf, "user_pool", lambda: SimpleNamespace(revoke_token=revoked.append))
    monkeypatch.setattr(conf.verifier(), "verify_id_token", Mock(side_effect=error))
    with pytest.raises(type(error)):
        sign_in()
    after_answer.flush()
    assert revoked == ["refresh"]


def test_the_refusal_itself_says_permission_denied(answering: Answering) -> None:
    answering(errors.NotAuthorized("InitiateAuth"))
    with pytest.raises(PermissionDenied):
        CognitoBackend().authenticate(None, username="ada", password=PASSWORD)


def test_tokens_of_a_redirect_bring_the_nonce_that_was_sent(answering: Answering) -> None:
    answering(tokens())
    user = authenticate(RequestFactory().get("/"), cognito_tokens=tokens(nonce="nonce-1"), nonce="nonce-1")
    assert isinstance(user, User)


@pytest.mark.parametrize("brought", [None, "another"])
def test_tokens_of_a_redirect_without_the_nonce_that_was_sent_are_refused(
    answering: Answering, brought: str | None
) -> None:
    answering(tokens())
    with pytest.raises(errors.TokenError):
        authenticate(RequestFactory().get("/"), cognito_tokens=tokens(nonce=brought), nonce="nonce-1")
    assert User.objects.count() == 0


def test_a_password_says_that_it_was_one(answering: Answering) -> None:
    answering(tokens())
    assert sign_in().came_by == "password"


@pytest.mark.parametrize("came_by", ["", "choice"])
def test_whoever_hands_over_tokens_says_how_the_person_came_in(answering: Answering, came_by: str) -> None:
    answering(tokens())
    user = authenticate(RequestFactory().get("/"), cognito_tokens=tokens(), came_by=came_by)
    assert isinstance(user, User)
    assert user.came_by == came_by
