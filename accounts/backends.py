"""Who somebody is, according to Cognito."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from accounts import client_address, conf, revocation, users
from accounts.cognito.errors import NotAuthorized, TemporaryPasswordExpired, UserNotFound
from accounts.cognito.results import Challenge, Tokens
from accounts.models import LOCAL_ISSUER, User

# How somebody came in who gave their user name and password and was asked nothing more.
PASSWORD = "password"  # noqa: S105 -- the name of a way in


class ChallengeRequired(Exception):
    """The credentials are right so far; ``challenge`` is what Cognito asks next."""

    def __init__(self, challenge: Challenge) -> None:
        super().__init__(challenge.name)
        self.challenge = challenge


class LocalSuperuserBackend(ModelBackend):
    """Lets in superusers who exist in this database only; in AUTHENTICATION_BACKENDS while LOCAL_SUPERUSERS is on."""

    @sensitive_variables("password")
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        """Return the local superuser with this name and password. No password is hashed for anybody else's name."""
        user = User.objects.filter(issuer=LOCAL_ISSUER, username=username or "", is_superuser=True).first()
        if user is None or not password or not user.check_password(password):
            return None
        return user if self.user_can_authenticate(user) else None


class CognitoBackend(ModelBackend):
    """Takes a user name and a password, or tokens won in another way; permissions are Django's own.

    https://docs.djangoproject.com/en/5.2/topics/auth/customizing/#writing-an-authentication-backend
    """

    @sensitive_variables("password", "cognito_tokens", "result", "nonce")
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        cognito_tokens: Tokens | None = None,
        nonce: str | None = None,
        came_by: str = "",
        **_: Any,
    ) -> User | None:
        """Return the user whose credentials these are, with the tokens as ``cognito_tokens``.

        ``nonce`` went along with the redirect that won the tokens; the user keeps ``came_by``: how they were won.
        Raises PermissionDenied when they are refused, which ends the chain of backends, so that none hashes a password
        in vain; ChallengeRequired when Cognito wants more; NotConfirmed, PasswordResetRequired, TooManyAttempts,
        Unavailable or Misconfigured for the view to answer, and TokenError for tokens that must not be trusted.
        """
        if cognito_tokens is None:
            if username is None or password is None:
                return None
            try:
                result = conf.authentication().with_password(
                    username, password, client_address.context(request) if request else None
                )
            except TemporaryPasswordExpired:
                raise
            except (NotAuthorized, UserNotFound) as refusal:
                raise PermissionDenied from refusal
            if isinstance(result, Challenge):
                raise ChallengeRequired(result)
            cognito_tokens, came_by = result, PASSWORD
        claims = conf.verifier().verify_id_token(cognito_tokens.id_token, nonce=nonce)
        with revocation.revoked_on_failure(cognito_tokens):
            user = users.user_for(claims)
        if not self.user_can_authenticate(user):
            # Nobody will keep these, and whoever is shut out here shall not have them anywhere.
            revocation.revoke([cognito_tokens.refresh_token])
            raise PermissionDenied
        user.cognito_tokens, user.came_by = cognito_tokens, came_by
        return user
