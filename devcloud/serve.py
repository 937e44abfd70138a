"""Prepares the directory and the environment of the local AWS, and becomes its server process."""

from __future__ import annotations

import fcntl
import importlib.metadata
import importlib.util
import json
import os
import secrets
import string
import sys
import time

from devcloud import env_file
from devcloud.errors import CannotStart
from devcloud.ports import check_port
from devcloud.settings import HOST, Settings

MINISTACK_VERSION = "1.5.33"
LOCK_SECONDS = 5
SERVICES = ("cognito-idp", "cognito-identity", "iam", "sts", "s3", "ses", "sns", "cloudformation", "secretsmanager")


def serve(settings: Settings, *, with_parent: bool) -> None:
    """Replace this process by the server; it stops with its standard input if ``with_parent``. Raises CannotStart."""
    check_packages()
    check_port(settings.port, needed_by="the local AWS", variable="DEVCLOUD_PORT")
    prepare_directory(settings)
    hold_directory(settings)
    check_state(settings)
    write_address(settings)
    arguments = ["--port", str(settings.port), "--dir", str(settings.directory)]
    arguments += ["--origin", settings.origin, "--region", settings.region]
    arguments += [] if settings.saves else ["--no-saving"]
    arguments += ["--with-parent"] if with_parent else []
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-m", "devcloud.engine", *arguments], environment(settings))  # noqa: S606


def check_packages() -> None:
    """Raise CannotStart unless MiniStack is the one release this package is written for, and can sign tokens."""
    version = importlib.metadata.version("ministack")
    if version != MINISTACK_VERSION:
        raise CannotStart(
            f"MiniStack {version} is installed; the local AWS is written for {MINISTACK_VERSION}. "
            "Install what is pinned: pip install --require-hashes -r requirements-local.txt"
        )
    if importlib.util.find_spec("cryptography") is None:
        raise CannotStart(
            "The package cryptography is not installed; without it tokens would carry no signature. "
            "Install what is pinned: pip install --require-hashes -r requirements-local.txt"
        )


def prepare_directory(settings: Settings) -> None:
    """Make the directory, for its owner only, with the administrator's key in it."""
    os.umask(0o077)
    for directory in (settings.directory, settings.state, settings.directory / "tmp"):
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o700)
    if not settings.root_env.exists():
        key = "AKIA" + "".join(secrets.choice(string.ascii_uppercase + "234567") for _ in range(16))
        secret = secrets.token_urlsafe(30)
        env_file.write(settings.root_env, {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret})


def hold_directory(settings: Settings) -> None:
    """Keep the directory to this process, and to what it becomes, until it ends.

    Two would each write over what the other has saved. One that is just ending is waited for. Raises CannotStart.
    """
    lock = os.open(settings.directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    os.set_inheritable(lock, True)
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"Another local AWS runs on {settings.directory}, and two would spoil what both keep. "
                    "Stop that one first; a second clone has a directory of its own."
                ) from None
            time.sleep(0.1)
        else:
            return


def check_state(settings: Settings) -> None:
    """Raise CannotStart when a state file cannot be read: MiniStack would go on with an empty one."""
    try:
        env_file.read(settings.root_env)["AWS_SECRET_ACCESS_KEY"]
        for path in settings.state.glob("*.json"):
            json.loads(path.read_bytes())
    except (CannotStart, ValueError, KeyError) as error:
        raise CannotStart(
            f"The state of the local AWS in {settings.directory} cannot be read ({error}). "
            f"Delete that directory and {settings.site_env} to start afresh."
        ) from error


def write_address(settings: Settings) -> None:
    """Write beside the administrator's key where it is good, which another start may have had on another port."""
    address = {"AWS_REGION": settings.region, "AWS_ENDPOINT_URL": settings.endpoint}
    env_file.write(settings.root_env, env_file.read(settings.root_env) | address)


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment MiniStack is imported with; nothing of the caller's AWS configuration is in it."""
    root = env_file.read(settings.root_env)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return inherited | {
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": root["AWS_ACCESS_KEY_ID"],
        "AWS_SECRET_ACCESS_KEY": root["AWS_SECRET_ACCESS_KEY"],
        "BIND_HOST": HOST,
        "DOCKER_HOST": "unix:///nonexistent",  # MiniStack would remove containers of other MiniStacks
        "GATEWAY_PORT": str(settings.port),
        "IOT_MTLS_ENABLED": "0",  # its listener ignores BIND_HOST
        "LOG_LEVEL": "WARNING",
        "MINISTACK_HOST": "localhost",
        "MINISTACK_REGION": settings.region,
        "PERSIST_STATE": "1",
        "S3_DATA_DIR": str(settings.directory.resolve() / "s3"),
        "S3_PERSIST": "1",
        "SERVICES": ",".join(SERVICES),
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(settings.state.resolve()),
        "TMPDIR": str(settings.directory.resolve() / "tmp"),
    }
