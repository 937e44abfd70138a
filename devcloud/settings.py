"""What one local AWS is started with, and where it keeps its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
DEFAULT_PORT = 4566
DEFAULT_REGION = "eu-west-1"
DEFAULT_ORIGIN = "http://localhost:8000"


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices a local AWS is started with; every path is derived from ``directory``.

    ``directory`` is readable by its owner only. ``port`` is a TCP port on the loopback interface. ``origin`` is the
    scheme, host and port of the site, which passkeys are bound to and which browsers may call from.
    ``provider_port`` is the port of the outside provider, where one runs. Without ``saves`` the state is written when
    the server ends, and not before each answer: that is for tests, which make thousands of people and keep none.
    """

    directory: Path
    port: int = DEFAULT_PORT
    origin: str = DEFAULT_ORIGIN
    region: str = DEFAULT_REGION
    provider_port: int | None = None
    saves: bool = True

    @property
    def endpoint(self) -> str:
        """Return the URL that AWS clients are pointed at (``AWS_ENDPOINT_URL``)."""
        return f"http://{HOST}:{self.port}"

    @property
    def issuer(self) -> str:
        """Return the URL that the outside provider is known by (OpenID Connect Discovery 1.0, section 2)."""
        return f"http://localhost:{self.provider_port}"

    @property
    def provider_env(self) -> Path:
        """Return the file with what the pool and the outside provider know of each other."""
        return self.directory / "provider.env"

    @property
    def provider_key(self) -> Path:
        """Return the file with the key that the outside provider signs with."""
        return self.directory / "provider.pem"

    @property
    def outbox(self) -> Path:
        """Return the file that every mail and text message is appended to, one JSON object a line."""
        return self.directory / "outbox.jsonl"

    @property
    def state(self) -> Path:
        """Return the directory that MiniStack keeps its state in (``STATE_DIR``)."""
        return self.directory / "state"

    @property
    def root_env(self) -> Path:
        """Return the file with the administrator key of this local AWS."""
        return self.directory / "root.env"

    @property
    def staff_env(self) -> Path:
        """Return the file with the e-mail address and password of the ready-made staff person."""
        return self.directory / "staff.env"

    @property
    def site_env(self) -> Path:
        """Return the file of the site's variables, beside the directory: ``var/devcloud.env`` for ``var/devcloud``."""
        return self.directory.with_name(f"{self.directory.name}.env")
