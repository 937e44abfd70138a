"""Who somebody is, according to Cognito."""

import logging
from collections.abc import Collection
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from accounts import client_address, conf, holds, newcomers, users
from accounts.cognito.errors import NotAuthorized, TemporaryPasswordExpired, UserNotFound
from accounts.cognito.results import Challenge, Claims, Tokens
from accounts.models import LOCAL_ISSUER, CameBy, User
from accounts.sessions import revocation
from accounts.sessions.pending import PendingProof

logger = logging.getLogger(__name__)

# RFC 8176, section 2. Not every pool has its tokens say how somebody signed in; what is not said did not happen.
SEVERAL_FACTORS = "mfa"


class ChallengeRequired(Exception):
    """The credentials are right so far; ``challenge`` is what Cognito asks next."""

    def __init__(self, challenge: Challenge) -> None:
        super().__init__(challenge.name)
        self.challenge = challenge


class ShutOut(NotAuthorized):
    """Cognito took the credentials, and this site does not let the person in."""


def refuse(request: HttpRequest | None, refusal: NotAuthorized | UserNotFound) -> PermissionDenied:
    """Return what ends the chain of backends, after keeping ``refusal`` for :func:`refusal_of`.

    Django's authenticate() swallows PermissionDenied together with its cause, which the log needs.
    """
    if request is not None:
        request.sign_in_refusal = refusal  # type: ignore[attr-defined]
    return PermissionDenied()


def refusal_of(request: HttpRequest) -> NotAuthorized | UserNotFound:
    """Return why the last authenticate() with ``request`` found nobody."""
    refusal: NotAuthorized | UserNotFound = getattr(request, "sign_in_refusal", NotAuthorized())
    return refusal


def shut_out(request: HttpRequest | None, names: Collection[str]) -> bool:
    """Whether one of ``names`` is held, and was not proved in this very browser; one that was is held no longer."""
    if not holds.is_held(names):
        return False
    proof = PendingProof.find(request) if request else None
    if proof is None or proof.username.casefold() not in {name.casefold() for name in names}:
        logger.warning("held name refused")
        return True
    holds.lift(names)
    return False


def person(claims: Claims, request: HttpRequest | None, typed: str) -> User | None:
    """Return the user ``claims`` speak of; None for somebody shut out because their name is held."""
    try:
        return users.user_for(claims, typed)
    except users.Held as held:
        return None if shut_out(request, held.names) else users.user_for(claims, typed)


@sensitive_variables("password", "result")
def tokens_for(request: HttpRequest | None, username: str, password: str) -> Tokens:
    """Return the tokens Cognito gives for a name and a password.

    Raises PermissionDenied when it refuses them, ChallengeRequired when it asks for more, and the rest of what
    CognitoBackend.authenticate() names.
    """
    context = client_address.context(request) if request else None
    try:
        result = conf.authentication().with_password(username, password, context)
    except TemporaryPasswordExpired:
        raise
    except (NotAuthorized, UserNotFound) as refusal:
        raise refuse(request, refusal) from refusal
    if isinstance(result, Challenge):
        raise ChallengeRequired(result)
    return result


class GroupRightsBackend(ModelBackend):
    """Django's permissions, but from groups alone: who leaves a group leaves its rights."""

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return none: what stands in the table of personal permissions counts for nothing."""
        return set()


class LocalSuperuserBackend(GroupRightsBackend):
    """Lets in superusers who exist in this database only; in AUTHENTICATION_BACKENDS while LOCAL_SUPERUSERS is on."""

    @sensitive_variables("password")
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        """Return the local superuser with this name and password, None for anybody else.

        One password is hashed for every name, as Django does, or the time would tell which are superusers' names.
        https://docs.djangoproject.com/en/5.2/topics/auth/customizing/#writing-an-authentication-backend
        """
        if username is None or password is None:
            return None
        user = User.objects.filter(issuer=LOCAL_ISSUER, username=username, is_superuser=True).first()
        if user is None:
            User().set_password(password)
            return None
        if not user.check_password(password):
            return None
        user.came_by = CameBy.PASSWORD
        return user if self.user_can_authenticate(user) else None


class CognitoBackend(GroupRightsBackend):
    """Takes a user name and a password, or tokens won in another way; permissions come from groups.

    https://docs.djangoproject.com/en/5.2/topics/auth/customizing/#writing-an-authentication-backend
    """

    @sensitive_variables("password", "cognito_tokens", "nonce")
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        cognito_tokens: Tokens | None = None,
        typed: str = "",
        nonce: str | None = None,
        came_by: str = "",
        second_step: bool = False,
        **_: Any,
    ) -> User | None:
        """Return the user whose credentials these are, with the tokens as ``cognito_tokens``.

        ``typed`` is the name the person wrote, where tokens were won by it. ``nonce`` went along with the redirect that
        won the tokens; the user keeps ``came_by``: how they were won, and whether a ``second_step`` was passed, which
        the ID token may say as well.

        Raises PermissionDenied when they are refused, which ends the chain of backends, so that none hashes a password
        in vain; ChallengeRequired when Cognito wants more; NotConfirmed, PasswordResetRequired, TooManyAttempts,
        Unavailable or Misconfigured for the view to answer, and TokenError for tokens that must not be trusted.
        """
        if cognito_tokens is None:
            if username is None or password is None:
                return None
            cognito_tokens, came_by = tokens_for(request, username, password), CameBy.PASSWORD
        # If anything fails in here (the pool's keys are out of reach, the person is shut out), nobody keeps the tokens.
        with revocation.revoked_on_failure(cognito_tokens):
            claims = conf.verifier().verify_id_token(cognito_tokens.id_token, nonce=nonce)
            user = person(claims, request, username or typed)
            if user is None or not self.user_can_authenticate(user):
                raise refuse(request, ShutOut())
            if user.is_new:
                newcomers.join_default_group(user, claims.groups)
        user.cognito_tokens, user.came_by = cognito_tokens, came_by
        user.second_step = second_step or SEVERAL_FACTORS in claims.methods
        user.authenticated_at, user.locale = claims.authenticated_at, claims.locale
        return user
