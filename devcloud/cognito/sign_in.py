"""InitiateAuth and AdminInitiateAuth: the first step of a sign-in, by the flow the caller chose.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from devcloud.cognito import choice, clients, custom_challenge, passwords, refresh_tokens, second_step, srp
from devcloud.cognito.attempt import Attempt
from devcloud.cognito.errors import invalid_parameter
from devcloud.cognito.records import Answer, Request, client


@dataclass(frozen=True, slots=True)
class _Flow:
    allowed_by: str
    begin: Callable[[Attempt], Answer]


def _password(attempt: Attempt) -> Answer:
    name, password = attempt.needed("USERNAME"), attempt.needed("PASSWORD")
    user = passwords.check(attempt.user_pool, attempt.app_client, name, password, attempt.request)
    return second_step.after_password(attempt, user)


def _refresh(attempt: Attempt) -> Answer:
    return refresh_tokens.refresh_token_auth(attempt.user_pool, attempt.app_client, attempt.answers)


_PUBLIC = {
    "USER_PASSWORD_AUTH": _Flow("ALLOW_USER_PASSWORD_AUTH", _password),
    "USER_SRP_AUTH": _Flow("ALLOW_USER_SRP_AUTH", srp.initiate),
    "USER_AUTH": _Flow("ALLOW_USER_AUTH", choice.initiate),
    "CUSTOM_AUTH": _Flow("ALLOW_CUSTOM_AUTH", custom_challenge.initiate),
}
_ADMIN = {
    "ADMIN_USER_PASSWORD_AUTH": _Flow("ALLOW_ADMIN_USER_PASSWORD_AUTH", _password),
    "ADMIN_NO_SRP_AUTH": _Flow("ALLOW_ADMIN_USER_PASSWORD_AUTH", _password),
    "USER_SRP_AUTH": _PUBLIC["USER_SRP_AUTH"],
    "USER_AUTH": _PUBLIC["USER_AUTH"],
    "CUSTOM_AUTH": _PUBLIC["CUSTOM_AUTH"],
}
_REFRESH = {"REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"}


def initiate_auth(request: Request) -> Answer:
    """Begin a sign-in: tokens at once, or a challenge and the session to answer it in.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html. Raises
    NotAuthorizedException, InvalidParameterException, UserNotConfirmedException, PasswordResetRequiredException.
    """
    return _begin(request, _PUBLIC)


def admin_initiate_auth(request: Request) -> Answer:
    """Begin a sign-in for a server that holds AWS credentials.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminInitiateAuth.html
    """
    return _begin(request, _ADMIN)


def _begin(request: Request, flows: dict[str, _Flow]) -> Answer:
    user_pool, app_client = client(request)
    attempt = Attempt(user_pool, app_client, request.get("AuthParameters") or {}, request)
    name = request.get("AuthFlow")
    if name in _REFRESH:
        return _refresh(attempt)
    flow = flows.get(str(name))
    if flow is None:
        raise invalid_parameter("Initiate Auth method not supported.")
    if flow.allowed_by not in clients.flows(app_client):
        raise invalid_parameter(f"{name} flow not enabled for this client")
    return flow.begin(attempt)
