"""The outside provider of the local pool: an OpenID Connect server on loopback, as Google is one for a pool on AWS.

What it is called and what it and the pool know of each other is made at the first start, and kept beside the state of
the local AWS. ``devcloud.outside_provider`` is the server.
"""

from __future__ import annotations

import http.client
import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import TracebackType

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from devcloud import env_file
from devcloud.errors import CannotStart
from devcloud.ports import check_port
from devcloud.settings import HOST, Settings

NAME = "Example"
LABEL = "Example ID"
START_SECONDS = 60
STOP_SECONDS = 10


@dataclass(frozen=True, slots=True)
class OutsideProvider:
    """What a pool has to know of a provider: its name in the pool, what people read, and the pool's account there."""

    name: str
    label: str
    issuer: str
    client_id: str
    client_secret: str


def outside_provider(settings: Settings) -> OutsideProvider | None:
    """Return the provider that runs beside this local AWS; None where none does.

    Client id and secret are made when they are first asked for, and kept in ``settings.provider_env``.
    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-oidc-idp.html says what a pool is told
    of a provider.
    """
    if settings.provider_port is None:
        return None
    known = env_file.read(settings.provider_env)
    if not known:
        known = {
            "CLIENT_ID": f"user-pool-{secrets.token_hex(8)}",
            "CLIENT_SECRET": secrets.token_urlsafe(32),
            "SECRET_KEY": secrets.token_urlsafe(48),
        }
        settings.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        env_file.write(settings.provider_env, known)
    return OutsideProvider(NAME, LABEL, settings.issuer, known["CLIENT_ID"], known["CLIENT_SECRET"])


class OutsideProviderServer(AbstractContextManager["OutsideProviderServer"]):
    """The provider in a process of its own, which ends with ``stop()`` and with the process that started it."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings of the local AWS that it is a provider of, which name its port."""
        self.settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> OutsideProviderServer:
        """Start it, and return once it answers; raises CannotStart."""
        port = self.settings.provider_port
        if port is None:
            raise CannotStart("The settings name no port for the outside provider.")
        check_port(port, needed_by="the outside provider", variable="PROVIDER_PORT")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "devcloud.outside_provider"],
            cwd=Path(__file__).parent.parent,
            env=_environment(self.settings, port),
            stdin=subprocess.PIPE,  # never written to: that it ends tells the server that we are gone
            start_new_session=True,
        )
        deadline = time.monotonic() + START_SECONDS
        while not _answers(port):
            if self._process.poll() is not None:
                raise CannotStart("The outside provider ended before it was ready. What it said is above.")
            if time.monotonic() > deadline:
                self.stop()
                raise CannotStart(f"The outside provider was not ready after {START_SECONDS} seconds.")
            time.sleep(0.05)
        return self

    def stop(self) -> None:
        """Stop it, if it was started."""
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process.stdin is not None:
            process.stdin.close()

    def exit_status(self) -> int | None:
        """Return the exit status of the process, or None while it runs or before it was started."""
        return self._process.poll() if self._process else None

    def __enter__(self) -> OutsideProviderServer:
        """Start it."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it at the end of a ``with`` block."""
        self.stop()


def _environment(settings: Settings, port: int) -> dict[str, str]:
    """Return the environment of the process; nothing of the caller's Django or AWS is in it."""
    outside_provider(settings)
    _make_key(settings.provider_key)
    known = env_file.read(settings.provider_env)
    ours = ("AWS_", "COGNITO_", "DJANGO_", "PROVIDER_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    # The domain of a local pool is reached by either name of this machine.
    callbacks = [f"http://{name}:{settings.port}/oauth2/idpresponse" for name in ("localhost", HOST)]
    return inherited | {
        "PROVIDER_DIRECTORY": str(settings.directory.resolve()),
        "PROVIDER_ORIGIN": settings.issuer,
        "PROVIDER_PORT": str(port),
        "PROVIDER_REDIRECT_URIS": " ".join(callbacks),
        **{f"PROVIDER_{name}": value for name, value in known.items()},
    }


def _make_key(path: Path) -> None:
    """Make the key that ID tokens are signed with, unless there is one."""
    if path.exists():
        return
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("localhost", port, timeout=10)
    try:
        connection.request("GET", "/.well-known/openid-configuration")
        return connection.getresponse().status == HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()
