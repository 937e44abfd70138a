"""One step of a sign-in, as the caller sent it."""

from __future__ import annotations

from dataclasses import dataclass

from devcloud.cognito.errors import invalid_parameter
from devcloud.cognito.records import Client, Pool, Request


@dataclass(frozen=True, slots=True)
class Attempt:
    """What InitiateAuth or RespondToAuthChallenge, or the Admin variant, was called with.

    ``answers`` are the AuthParameters or ChallengeResponses, ``request`` is the whole call.
    """

    user_pool: Pool
    app_client: Client
    answers: dict[str, str]
    request: Request

    @property
    def by_administrator(self) -> bool:
        """Say whether this is the variant that needs AWS credentials."""
        return "UserPoolId" in self.request

    def needed(self, name: str) -> str:
        """Return the answer called ``name``; raises InvalidParameterException when it is missing."""
        value = self.answers.get(name)
        if not value:
            raise invalid_parameter(f"Missing required parameter {name}")
        return value
