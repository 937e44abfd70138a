"""Signing in at Cognito: InitiateAuth and RespondToAuthChallenge, with or without an AWS key."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from accounts.cognito.answers import outcome
from accounts.cognito.client import Gateway
from accounts.cognito.errors import Refused, Unreachable
from accounts.cognito.results import Challenge, ClientContext, Outcome
from accounts.cognito.srp import SrpExchange


class Authentication(Gateway):
    """Exchanges what a person proves for tokens, by the flow the configuration names.

    For ADMIN_USER_PASSWORD_AUTH the client must be a signed one: the operations then are AdminInitiateAuth and
    AdminRespondToAuthChallenge, which also tell Cognito where the request came from.
    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
    """

    def with_password(self, username: str, password: str, context: ClientContext | None = None) -> Outcome:
        """Return the tokens, or the challenge that comes first, for a user name and password.

        Raises NotAuthorized, UserNotFound, NotConfirmed, PasswordResetRequired or another error of
        :mod:`accounts.cognito.errors`.
        """
        flow = self._config.auth_flow
        if flow == "USER_SRP_AUTH":
            return self._with_srp(username, password, context)
        parameters = {"USERNAME": username, "PASSWORD": password}
        if flow == "USER_AUTH":
            parameters["PREFERRED_CHALLENGE"] = "PASSWORD"
        return self._initiate(flow, parameters, context)

    def with_choice(self, username: str, context: ClientContext | None = None, preferred: str = "") -> Outcome:
        """Ask how ``username`` may sign in; the answer is a challenge. Needs a pool with choice-based sign-in.

        ``preferred`` names the way the person chose; where it is not theirs, Cognito answers with another challenge.
        https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flows-selection-sdk.html
        """
        parameters = {"USERNAME": username, **({"PREFERRED_CHALLENGE": preferred} if preferred else {})}
        return self._initiate("USER_AUTH", parameters, context)

    def with_session(self, username: str, session: str, context: ClientContext | None = None) -> Outcome:
        """Sign in whoever has just confirmed a registration, by the session ConfirmSignUp handed out."""
        return self._initiate("USER_AUTH", {"USERNAME": username}, context, session=session)

    def answer(
        self, challenge: Challenge, responses: Mapping[str, str], context: ClientContext | None = None
    ) -> Outcome:
        """Send ``responses`` (without name and hash) to ``challenge`` and return what comes next.

        Raises WrongCode, ExpiredCode, NotAuthorized for a spent session, PasswordRejected, or another error.
        """
        given = {"USERNAME": challenge.username, **responses}
        return self._sign_in_call(
            "RespondToAuthChallenge",
            challenge.username,
            context,
            ChallengeName=challenge.name,
            Session=challenge.session or None,
            ChallengeResponses=self._hashed(given),
        )

    def connect(self) -> None:
        """Open a connection, which the first sign-in will find open. Raises Unavailable, Misconfigured.

        It asks who an invented token belongs to: that takes no AWS key, and Cognito refuses it without further ado.
        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetUser.html
        """
        with suppress(Refused):
            self._call("GetUser", AccessToken="nobody")

    def _initiate(
        self, flow: str, parameters: dict[str, str], context: ClientContext | None, session: str | None = None
    ) -> Outcome:
        return self._sign_in_call(
            "InitiateAuth",
            parameters["USERNAME"],
            context,
            AuthFlow=flow,
            AuthParameters=self._hashed(parameters),
            Session=session,
        )

    def _with_srp(self, username: str, password: str, context: ClientContext | None) -> Outcome:
        exchange = SrpExchange(self._config.user_pool_id)
        first = self._initiate("USER_SRP_AUTH", {"USERNAME": username, "SRP_A": exchange.srp_a}, context)
        if not isinstance(first, Challenge) or first.name != "PASSWORD_VERIFIER":
            return first
        try:
            responses = exchange.responses(first.parameters, password)
        except (KeyError, ValueError) as error:
            raise Unreachable("InitiateAuth", "BadSRPParameters") from error
        return self.answer(first, responses, context)

    def _hashed(self, parameters: dict[str, str]) -> dict[str, str]:
        secret_hash = self._config.secret_hash(parameters["USERNAME"])
        return {**parameters, "SECRET_HASH": secret_hash} if secret_hash else parameters

    def _sign_in_call(self, operation: str, username: str, context: ClientContext | None, **parameters: Any) -> Outcome:
        if self._config.auth_flow == "ADMIN_USER_PASSWORD_AUTH":
            operation = f"Admin{operation}"
            parameters |= {
                "UserPoolId": self._config.user_pool_id,
                "ContextData": context.as_context_data() if context else None,
            }
        answer = self._call(operation, ClientId=self._config.client_id, **parameters)
        return outcome(answer, username, operation=operation)
