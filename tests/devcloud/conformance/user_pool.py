"""A user pool and one of its app clients, called as an application would call them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

PASSWORD = "Correct-horse-1"
OTHER_PASSWORD = "Battery-staple-2"


@contextmanager
def refused(code: str, saying: str = "") -> Iterator[None]:
    """Expect the call inside to be refused with the AWS exception `code`, its message containing `saying`."""
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert (error["Code"], saying in error["Message"]) == (code, True), error


def new_email() -> str:
    """Return an address that nobody has."""
    return f"ada-{secrets.token_hex(6)}@example.com"


def another(code: str) -> str:
    """Return a code as long as `code` and different from it."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"


def claims(token: str) -> dict[str, Any]:
    """Return what a token says, unchecked."""
    body: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return body


class Outbox:
    """The messages that the local AWS has sent."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def messages(self, to: str) -> list[dict[str, str]]:
        """Return the messages to one address, oldest first."""
        if not self._path.exists():
            return []
        sent = [json.loads(line) for line in self._path.read_text().splitlines()]
        return [message for message in sent if message["to"] == to]

    def code(self, to: str) -> str:
        """Return the code in the newest message to `to`."""
        found = re.search(r"\b(\d{8}|\d{6})\b", self.messages(to)[-1]["body"])
        assert found
        return found[1]


@dataclass(frozen=True)
class Person:
    """Somebody in the pool: the name they sign in with, their password and their `sub`."""

    name: str
    password: str
    sub: str


@dataclass(frozen=True)
class AppClient:
    """One app client of a pool; `public` sends unsigned calls, `admin` signed ones, `made` lists whom it made."""

    public: Any
    admin: Any
    pool_id: str
    id: str
    secret: str | None
    made: list[str] = field(default_factory=list)

    def hash(self, name: str) -> str:
        """Return the SECRET_HASH for `name`."""
        digest = hmac.new((self.secret or "").encode(), (name + self.id).encode(), hashlib.sha256).digest()
        return base64.b64encode(digest).decode()

    def call(self, operation: str, name: str, **parameters: Any) -> Any:
        """Call one of the operations that take Username and SecretHash at the top level."""
        hashed = {"SecretHash": self.hash(name)} if self.secret else {}
        answer = getattr(self.public, operation)(ClientId=self.id, Username=name, **hashed, **parameters)
        if operation == "sign_up":
            self.made.append(answer["UserSub"])
        return answer

    def initiate(self, flow: str, name: str, *, session: str = "", **parameters: str) -> Any:
        """Begin a sign-in."""
        hashed = {"SECRET_HASH": self.hash(name)} if self.secret else {}
        extra = {"Session": session} if session else {}
        return self.public.initiate_auth(
            ClientId=self.id, AuthFlow=flow, AuthParameters={"USERNAME": name, **hashed, **parameters}, **extra
        )

    def respond(self, challenge: str, session: str, name: str, **answers: str) -> Any:
        """Answer a challenge."""
        hashed = {"SECRET_HASH": self.hash(name)} if self.secret else {}
        return self.public.respond_to_auth_challenge(
            ClientId=self.id,
            ChallengeName=challenge,
            Session=session,
            ChallengeResponses={"USERNAME": name, **hashed, **answers},
        )

    def password(self, person: Person) -> Any:
        """Answer what a right password leads to."""
        return self.initiate("USER_PASSWORD_AUTH", person.name, PASSWORD=person.password)

    def tokens(self, person: Person) -> Any:
        """Sign a person in by password alone and return the AuthenticationResult."""
        return self.password(person)["AuthenticationResult"]

    def refresh(self, refresh_token: str, secret: str | None = None) -> Any:
        """Call GetTokensFromRefreshToken and return the AuthenticationResult."""
        given = secret or self.secret
        parameters = {"ClientSecret": given} if given else {}
        answer = self.public.get_tokens_from_refresh_token(RefreshToken=refresh_token, ClientId=self.id, **parameters)
        return answer["AuthenticationResult"]

    def invited(self, name: str = "", /, **attributes: str) -> Person:
        """Create a person with a temporary password, and a verified address where the name is one."""
        name = name or new_email()
        values = {"email": name, "email_verified": "true"} if "@" in name else {}
        user = self.admin.admin_create_user(
            UserPoolId=self.pool_id,
            Username=name,
            TemporaryPassword=PASSWORD,
            MessageAction="SUPPRESS",
            UserAttributes=pairs(values | attributes),
        )["User"]
        self.made.append(user["Username"])
        return Person(name, PASSWORD, attributes_of(user["Attributes"])["sub"])

    def person(self, name: str = "", /, **attributes: str) -> Person:
        """Create a person whose password is permanent."""
        person = self.invited(name, **attributes)
        self.on(person, "set_user_password", Password=PASSWORD, Permanent=True)
        return person

    def on(self, person: Person, operation: str, **parameters: Any) -> Any:
        """Call the Admin operation `operation` on a person."""
        return getattr(self.admin, f"admin_{operation}")(UserPoolId=self.pool_id, Username=person.name, **parameters)

    def attributes(self, person: Person) -> dict[str, str]:
        """Return a person's attributes as an administrator sees them."""
        return attributes_of(self.on(person, "get_user")["UserAttributes"])


def pairs(attributes: dict[str, str]) -> list[dict[str, str]]:
    """Return attributes as AWS lists them."""
    return [{"Name": name, "Value": value} for name, value in attributes.items()]


def attributes_of(listed: list[dict[str, str]]) -> dict[str, str]:
    """Return AWS's list of attributes by name."""
    return {item["Name"]: item.get("Value", "") for item in listed}
