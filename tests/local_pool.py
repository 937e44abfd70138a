"""A user pool on the local AWS, with its administrator's key: makes people, reads their mail, changes their fate."""

from __future__ import annotations

import json
import re
import secrets
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3

from accounts.cognito.config import CognitoConfig
from devcloud.start import LocalAWS

PASSWORD = "Correct-horse-1"
CODE = re.compile(r"\b(\d{6}|\d{8})\b")


@dataclass(frozen=True)
class Person:
    """Somebody with an account in the pool."""

    email: str
    password: str
    sub: str


def new_email(name: str = "ada") -> str:
    """Return an address nobody has had before: the local AWS lives longer than one test."""
    return f"{name}-{secrets.token_hex(6)}@example.com"


class LocalPool:
    """The pool that the template made in a running local AWS."""

    def __init__(self, local_aws: LocalAWS) -> None:
        self.env = local_aws.env
        self.outbox = local_aws.settings.outbox
        self.endpoint = local_aws.settings.endpoint
        self.id = self.env["COGNITO_USER_POOL_ID"]
        self.root_env = local_aws.root_env

    @cached_property
    def root(self) -> Any:
        """A boto3 client with the administrator's key."""
        return boto3.Session().client(
            "cognito-idp",
            region_name=self.env["AWS_REGION"],
            endpoint_url=self.endpoint,
            aws_access_key_id=self.root_env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.root_env["AWS_SECRET_ACCESS_KEY"],
        )

    def cognito_setting(self, **changes: Any) -> dict[str, Any]:
        """Return what `settings.COGNITO` holds for this pool."""
        return {
            "REGION": self.env["AWS_REGION"],
            "ENDPOINT_URL": self.endpoint,
            "USER_POOL_ID": self.id,
            "CLIENT_ID": self.env["COGNITO_CLIENT_ID"],
            "CLIENT_SECRET": self.env["COGNITO_CLIENT_SECRET"],
            "ISSUER": self.env["COGNITO_ISSUER"],
            "JWKS_URL": "",
            "SIGN_IN_WITH": "email",
            "AUTH_FLOW": "USER_PASSWORD_AUTH",
            "REGISTRATION": "self",
            "DOMAIN": "",
            "PROVIDERS": [],
            "DEFAULT_GROUP": "",
            "STAFF_GROUP": self.env["COGNITO_STAFF_GROUP"],
            "SUPERUSER_GROUP": self.env["COGNITO_SUPERUSER_GROUP"],
            "API_CLIENT_IDS": [],
            "IDENTITY_POOL_ID": "",
            "FILES_BUCKET": "",
            **changes,
        }

    @property
    def config(self) -> CognitoConfig:
        """The gateways' view of this pool."""
        return CognitoConfig.from_settings(self.cognito_setting())

    def person(self, *, groups: tuple[str, ...] = (), email: str = "", **attributes: str) -> Person:
        """Make somebody with a confirmed account, a confirmed address and a known password."""
        person = self.invited(email=email, **attributes)
        self.root.admin_set_user_password(
            UserPoolId=self.id, Username=person.email, Password=person.password, Permanent=True
        )
        for group in groups:
            self.root.admin_add_user_to_group(UserPoolId=self.id, Username=person.email, GroupName=group)
        return person

    def invited(self, *, email: str = "", **attributes: str) -> Person:
        """Make somebody who has a temporary password and must choose another."""
        email = email or new_email()
        values = {"email": email, "email_verified": "true", **attributes}
        user = self.root.admin_create_user(
            UserPoolId=self.id,
            Username=email,
            TemporaryPassword=PASSWORD,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": name, "Value": value} for name, value in values.items()],
        )["User"]
        sub = next(entry["Value"] for entry in user["Attributes"] if entry["Name"] == "sub")
        return Person(email, PASSWORD, sub)

    def admin(self, operation: str, person: Person, **parameters: Any) -> Any:
        """Call the `Admin…` operation called `operation` (`disable_user`) on `person`."""
        return getattr(self.root, f"admin_{operation}")(UserPoolId=self.id, Username=person.email, **parameters)

    def status(self, email: str) -> str:
        """Return the status of an account, "" for one that does not exist."""
        try:
            return str(self.root.admin_get_user(UserPoolId=self.id, Username=email)["UserStatus"])
        except self.root.exceptions.UserNotFoundException:
            return ""

    def attributes(self, email: str) -> dict[str, str]:
        """Return the attributes of an account."""
        user = self.root.admin_get_user(UserPoolId=self.id, Username=email)
        return {entry["Name"]: entry["Value"] for entry in user["UserAttributes"]}

    def mails(self, to: str) -> list[dict[str, str]]:
        """Return the messages sent to an address or number, oldest first."""
        if not self.outbox.exists():
            return []
        messages = [json.loads(line) for line in self.outbox.read_text().splitlines()]
        return [message for message in messages if message["to"].casefold() == to.casefold()]

    def code(self, to: str, *, after: int = 0) -> str:
        """Return the code in the newest message to `to`, waiting for one beyond the first `after` messages."""
        deadline = time.monotonic() + 30
        while len(found := self.mails(to)) <= after:
            assert time.monotonic() < deadline, f"no message to {to}"
            time.sleep(0.02)
        code = CODE.search(found[-1]["body"])
        assert code, found[-1]["subject"]
        return code.group(1)


def another(code: str) -> str:
    """Return a code that is not `code`."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"
