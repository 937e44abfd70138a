"""Everything secret that passes between the site and Cognito, and where it is looked for afterwards."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core import mail
from django.core.cache import caches
from django.db import connection
from django.db.models import Model

from config.logging import JsonFormatter, LineFormatter

# The members of requests to Cognito and of its answers that hold a secret, and what kind of one.
KINDS = {
    **dict.fromkeys(("AccessToken", "IdToken", "RefreshToken", "REFRESH_TOKEN", "Token"), "token"),
    **dict.fromkeys(("Session", "PASSWORD_CLAIM_SECRET_BLOCK", "SECRET_BLOCK"), "session"),
    **dict.fromkeys(("Password", "PASSWORD", "NEW_PASSWORD", "ProposedPassword", "PreviousPassword"), "password"),
    "TemporaryPassword": "password",
    **dict.fromkeys(("ConfirmationCode", "Code", "UserCode"), "code"),
    **dict.fromkeys(("SMS_MFA_CODE", "EMAIL_OTP_CODE", "SMS_OTP_CODE", "SOFTWARE_TOKEN_MFA_CODE"), "code"),
    **dict.fromkeys(("SecretHash", "SECRET_HASH", "ClientSecret"), "hash"),
    **dict.fromkeys(("signature", "PASSWORD_CLAIM_SIGNATURE"), "signature"),
    "SecretCode": "key",
}
CUSTOM_ANSWER = "Canary-the-answer-to-a-question"
SHORTEST = 6


@dataclass
class Canaries:
    """What must not be found, with its kind: password, code, token, session, key, hash, signature, cookie, setting."""

    kinds: dict[str, str] = field(default_factory=dict)

    def add(self, kind: str, *values: str) -> None:
        """Look for `values`, and for what of a token is its own alone: the header is the same for all."""
        for value in values:
            if len(value) >= SHORTEST:
                self.kinds[value] = kind
            if kind == "token" and value.count(".") == 2:
                self.kinds[value.rpartition(".")[2]] = kind

    def harvest(self, message: object) -> None:
        """Look for every secret in a request to Cognito, or in its answer."""
        if isinstance(message, dict):
            for name, value in message.items():
                if name == "TokenValidityUnits":
                    continue
                if isinstance(value, str) and name in KINDS:
                    self.add(KINDS[name], value)
                self.harvest(value)
        elif isinstance(message, list):
            for value in message:
                self.harvest(value)
        elif isinstance(message, str) and message.startswith("{"):
            self.harvest(json.loads(message))

    def of(self, kind: str) -> set[str]:
        """Return the secrets of one kind."""
        return {value for value, its_kind in self.kinds.items() if its_kind == kind}

    def found_in(self, text: str, *, allowed: tuple[str, ...] = ()) -> set[tuple[str, str]]:
        """Return each secret that stands in `text`, but for those of the `allowed` kinds."""
        return {
            (kind, value)
            for value, kind in self.kinds.items()
            if kind not in allowed and value in text and (not value.isdigit() or stands_alone(value, text))
        }


def stands_alone(code: str, text: str) -> bool:
    """Whether `code` is there as a number, not as digits of a time or an id."""
    return re.search(rf"(?<![\w.-]){code}(?!\w)", text) is not None


class Recorder(logging.Handler):
    """Keeps every record as the site would write it, both ways, with all that was given along."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        given = {name: repr(value) for name, value in vars(record).items() if name != "exc_info"}
        self.lines += [JsonFormatter().format(record), LineFormatter().format(record), repr(given)]


def recorded_log() -> Iterator[list[str]]:
    """Yield the lines of everything logged from now on, at the levels the site sets, with the root logger at DEBUG."""
    recorder, root = Recorder(), logging.getLogger()
    level = root.level
    root.addHandler(recorder)
    root.setLevel(logging.DEBUG)
    yield recorder.lines
    root.setLevel(level)
    root.removeHandler(recorder)


def everything_stored() -> str:
    """Return all columns of all rows of all tables; on SQLite the bytes of the file as well."""
    rows = "".join(repr(list(model._base_manager.values())) for model in models())
    if connection.vendor != "sqlite":
        return rows
    connection.ensure_connection()
    file: bytes = connection.connection.serialize()
    return rows + file.decode("latin-1")


def models() -> Iterator[type[Model]]:
    """Yield the model of every table."""
    yield from apps.get_models(include_auto_created=True)


def everything_cached() -> str:
    """Return what every cache holds: of one in this process the pickled entries, of Redis the keys and values."""
    return "".join(map(contents, caches.all(initialized_only=True)))


def contents(cache: Any) -> str:
    """Return the entries of one cache, as they lie there."""
    if hasattr(cache, "_cache") and isinstance(cache._cache, dict):
        return repr(dict(cache._cache))
    if not hasattr(cache, "_cache"):
        return ""  # a table of the database, or nothing
    client = cache._cache.get_client()
    return repr([(key, client.get(key)) for key in client.scan_iter()])


def everything_mailed() -> str:
    """Return the mails of the site itself, headers and all."""
    return "".join(f"{message.message().as_string()} {vars(message)}" for message in mail.outbox)
