"""What the local AWS has answered is on disk: ``kill -9`` loses none of it.

MiniStack writes its state when it shuts down cleanly, and only then. Here the answer to a changing call waits until
the change is written. Once that takes longer than ``LONGEST_WAIT`` (thousands of people in the pool), answers go out at
once and the state follows within a few such times, so that a large pool stays usable.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, ASGISendEvent, HTTPScope, Scope
from ministack.core import persistence
from ministack.services import cloudformation, cognito, iam, s3, secretsmanager, sts

LONGEST_WAIT = 0.1  # seconds of work: a busy machine does not count
SPACING = 10

_COGNITO_TARGET = b"AWSCognitoIdentityProviderService."
_READ_ONLY = re.compile(
    rb"^AWSCognitoIdentityProviderService\."
    rb"(Admin)?(Describe|List|Get(User(Pool.*|AuthFactors)?|Group|Device|SigningCertificate|CSVHeader|UICustomization)$)"
)

logger = logging.getLogger("devcloud.saving")

State = Mapping[str, Any]


def cognito_state() -> State:
    """Return what MiniStack's ``cognito.get_state`` returns, without its deep copies, which cost most of a save."""
    return {
        "user_pools": cognito._user_pools,
        "pool_domain_map": cognito._pool_domain_map,
        "identity_pools": cognito._identity_pools,
        "identity_tags": cognito._identity_tags,
        "authorization_codes": cognito._authorization_codes,
        "refresh_tokens": cognito._refresh_tokens,
        "revoked_tokens": list(cognito._revoked_tokens),
        "auth_codes": cognito._auth_codes,
        "challenge_sessions": cognito._challenge_sessions,
    }


STORES: Mapping[str, Callable[[], State]] = {
    "cognito": cognito_state,
    "iam": iam.get_state,
    "sts": sts.get_state,
    "s3": s3.get_state,
    "cloudformation": cloudformation.get_state,
    "secretsmanager": secretsmanager.get_state,
}


class StateFiles:
    """The files under ``directory`` that MiniStack restores its services from, one for each of ``STORES``."""

    def __init__(self, directory: Path) -> None:
        """Keep the files in ``directory``, which exists."""
        self._directory = directory
        self._written: dict[str, str] = {}

    def write(self, services: frozenset[str]) -> None:
        """Write the files of ``services`` whose state changed, each complete or as it was. Raises OSError."""
        for service in services:
            text = _serialized(service)
            if text != self._written.get(service):
                temporary = self._directory / f"{service}.json.new"
                temporary.write_text(text)
                temporary.replace(self._directory / f"{service}.json")
                self._written[service] = text


def _serialized(service: str) -> str:
    while True:
        try:
            envelope = {
                "__ministack_format__": persistence._state_format_version(service),
                "payload": STORES[service](),
            }
            return json.dumps(envelope, default=persistence._json_default)
        except RuntimeError:
            # Another thread added a key to a dictionary while it was read.
            logger.debug("State of %s changed while it was written; reading it again", service)


class SavedBeforeAnswered:
    """An ASGI application that holds the answer to a changing call until ``files`` has the change."""

    def __init__(self, app: ASGI3Application, files: StateFiles) -> None:
        """Serve with ``app`` and save with ``files``."""
        self._app = app
        self._files = files
        self._changed: frozenset[str] = frozenset()
        self._seconds = 0.0
        self._later: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Serve one connection, as the ASGI specification says."""
        changed = _changed_services(scope) if scope["type"] == "http" else frozenset()
        if not changed:
            await self._app(scope, receive, send)
            return

        async def send_once_saved(event: ASGISendEvent) -> None:
            if event["type"] == "http.response.start":
                await self._save(changed)
            await send(event)

        await self._app(scope, receive, send_once_saved)

    async def _save(self, services: frozenset[str]) -> None:
        self._changed |= services
        # Calls whose answers are ready at the same time share one save.
        await asyncio.sleep(0)
        if self._seconds <= LONGEST_WAIT:
            self._write()
        elif self._later is None:
            self._later = asyncio.create_task(self._write_later())

    def _write(self) -> None:
        services, self._changed = self._changed, frozenset()
        start = time.thread_time()
        try:
            self._files.write(services)
        except OSError:
            logger.exception("The state of the local AWS could not be saved")
        if services:
            self._seconds = time.thread_time() - start

    async def _write_later(self) -> None:
        await asyncio.sleep(SPACING * self._seconds)
        self._later = None
        self._write()


def _changed_services(scope: HTTPScope) -> frozenset[str]:
    """Return the services whose state this request may change."""
    target = dict(scope["headers"]).get(b"x-amz-target", b"")
    if _READ_ONLY.match(target):
        return frozenset()
    if target.startswith(_COGNITO_TARGET):
        return frozenset({"cognito"})
    if scope["method"] in {"GET", "HEAD"}:
        # The hosted pages hand out authorization codes in answer to a GET; nothing else changes by one.
        return frozenset({"cognito"}) if scope["path"].startswith(("/oauth2/", "/login", "/logout")) else frozenset()
    return frozenset(STORES)
