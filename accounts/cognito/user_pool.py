"""What anybody may ask of the pool: registering, confirming, recovering, renewing and revoking tokens."""

from collections.abc import Mapping

from accounts.cognito import answers
from accounts.cognito.client import Gateway
from accounts.cognito.errors import CognitoError, NotAuthorized, Unreachable, lacks_operation
from accounts.cognito.results import CodeDelivery, Registration, Tokens


class UserPool(Gateway):
    """The operations that need no AWS key and no signed-in person. Every call is made once.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/
    """

    def sign_up(self, username: str, password: str, attributes: Mapping[str, str]) -> Registration:
        """Create an account that has to be confirmed.

        Raises UsernameTaken, PasswordRejected, InputRejected, CodeNotDelivered (the account then exists), or another
        error of :mod:`accounts.cognito.errors`.
        """
        answer = self._call(
            "SignUp",
            ClientId=self._config.client_id,
            SecretHash=self._config.secret_hash(username),
            Username=username,
            Password=password,
            UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
        )
        return answers.registration(answer)

    def confirm_sign_up(self, username: str, code: str, session: str = "") -> str:
        """Confirm the account by the mailed code; return a session that signs the person in, or "".

        Only somebody who brings the ``session`` of the registration gets one. Where Cognito refuses that session, the
        code is sent once more without it: the person is confirmed, and signs in by hand. Raises WrongCode, ExpiredCode,
        NotAuthorized (nothing to confirm), TooManyAttempts, AliasTaken, UserNotFound.
        """
        try:
            answer = self._call(
                "ConfirmSignUp",
                ClientId=self._config.client_id,
                SecretHash=self._config.secret_hash(username),
                Username=username,
                ConfirmationCode=code,
                Session=session or None,
            )
        except NotAuthorized:
            if not session:
                raise
            return self.confirm_sign_up(username, code)
        return answer.get("Session") or ""

    def resend_confirmation_code(self, username: str) -> CodeDelivery:
        """Send a new confirmation code. Raises InputRejected for a confirmed account, TooManyAttempts, UserNotFound."""
        return self._send_code("ResendConfirmationCode", username)

    def forgot_password(self, username: str) -> CodeDelivery:
        """Send a code that allows a new password. Raises UserNotFound, InputRejected, NotAuthorized, TooManyAttempts.

        None of these may change what a stranger sees.
        """
        return self._send_code("ForgotPassword", username)

    def confirm_forgot_password(self, username: str, code: str, password: str) -> None:
        """Set a new password by the mailed code.

        Raises WrongCode, ExpiredCode, PasswordRejected, TooManyAttempts, UserNotFound, NotConfirmed.
        """
        self._call(
            "ConfirmForgotPassword",
            ClientId=self._config.client_id,
            SecretHash=self._config.secret_hash(username),
            Username=username,
            ConfirmationCode=code,
            Password=password,
        )

    def refresh(self, refresh_token: str, username: str) -> Tokens:
        """Return new tokens; ``username`` is the pool's own name for the person (the ``username`` claim).

        GetTokensFromRefreshToken works with rotation on or off. A server without it is asked the older way, which
        wants a hash over that very name. Raises NotAuthorized, UserNotFound or TokenReused when the token is dead.
        https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
        """
        try:
            answer = self._call(
                "GetTokensFromRefreshToken",
                ClientId=self._config.client_id,
                ClientSecret=self._config.client_secret or None,
                RefreshToken=refresh_token,
            )
        except CognitoError as error:
            if not lacks_operation(error):
                raise
            return self._refresh_token_auth(refresh_token, username)
        return answers.refreshed(answer, operation="GetTokensFromRefreshToken")

    def _refresh_token_auth(self, refresh_token: str, username: str) -> Tokens:
        secret_hash = self._config.secret_hash(username)
        answer = self._call(
            "InitiateAuth",
            ClientId=self._config.client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={
                "REFRESH_TOKEN": refresh_token,
                **({"SECRET_HASH": secret_hash} if secret_hash else {}),
            },
        )
        return answers.refreshed(answer, operation="InitiateAuth")

    def revoke_token(self, refresh_token: str) -> None:
        """Revoke ``refresh_token`` and the access tokens that came from it. Raises NotAuthorized, Unavailable."""
        self._call(
            "RevokeToken",
            Token=refresh_token,
            ClientId=self._config.client_id,
            ClientSecret=self._config.client_secret or None,
        )

    def _send_code(self, operation: str, username: str) -> CodeDelivery:
        answer = self._call(
            operation,
            ClientId=self._config.client_id,
            SecretHash=self._config.secret_hash(username),
            Username=username,
        )
        if not answer.get("CodeDeliveryDetails"):
            raise Unreachable(operation, "EmptyAnswer")
        return answers.delivery(answer["CodeDeliveryDetails"])
