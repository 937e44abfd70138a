"""The one exception an operation refuses with, and the refusals that several operations share."""

from __future__ import annotations


class CognitoError(Exception):
    """A refusal as Amazon Cognito words it: ``code`` is the exception name on the wire, ``message`` its text.

    The names are those of https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html
    and of each operation's own list.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def not_authorized(message: str) -> CognitoError:
    """Return a NotAuthorizedException that says ``message``."""
    return CognitoError("NotAuthorizedException", message)


def invalid_parameter(message: str) -> CognitoError:
    """Return an InvalidParameterException that says ``message``."""
    return CognitoError("InvalidParameterException", message)


def wrong_password() -> CognitoError:
    """Return the refusal of a wrong password, which a hidden unknown user draws too."""
    return not_authorized("Incorrect username or password.")


def code_mismatch() -> CognitoError:
    """Return the refusal of a wrong code."""
    return CognitoError("CodeMismatchException", "Invalid verification code provided, please try again.")


def code_expired() -> CognitoError:
    """Return the refusal of a code that was never sent, was used, or is too old."""
    return CognitoError("ExpiredCodeException", "Invalid code provided, please request a code again.")


def limit_exceeded() -> CognitoError:
    """Return the refusal of a call that the person has made too often in the last hour."""
    return CognitoError("LimitExceededException", "Attempt limit exceeded, please try after some time.")
