"""Registering where this site makes the accounts (COGNITO_REGISTRATION=admin)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.core import mail

from accounts.models import User
from tests.background import finish
from tests.checked_client import CheckedClient
from tests.local_pool import PASSWORD, LocalPool

COMPLETE = "/register/complete/"
AGAIN = "/register/complete/resend/"
CLOSED_TO_THEIR_OWN = {"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True}}


@dataclass
class Newcomer:
    """Somebody at the form, in a browser of their own, who reads the mail to `email`."""

    pool: LocalPool
    email: str
    client: CheckedClient

    def ask(self, **data: str) -> Any:
        """Send the form that asks for a code."""
        answer = self.client.post("/register/", {"email": self.email, **data})
        finish()
        return answer

    def code(self) -> str:
        """Return the code in the newest mail."""
        found = re.search(r"^Enter (\d{6}) on the page", str(mails(self.email)[-1].body), re.MULTILINE)
        assert found
        return found[1]

    def complete(self, code: str = "", password: str = PASSWORD, again: str = "") -> Any:
        """Send the form with the code and the password."""
        data = {"code": code or self.code(), "password1": password, "password2": again or password}
        return self.client.post(COMPLETE, data)

    @property
    def is_in(self) -> bool:
        """Whether the browser is signed in."""
        return bool(self.client.get("/account/").status_code == 200)

    @property
    def halves(self) -> tuple[str, int]:
        """What there is: the status of the account at Cognito, and how many rows of them here."""
        return self.pool.status(self.email), User.objects.filter(email=self.email).count()


def mails(to: str) -> list[mail.EmailMessage]:
    """Return what the site has mailed to an address."""
    return [message for message in mail.outbox if message.to == [to]]
