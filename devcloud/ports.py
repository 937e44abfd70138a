"""TCP ports of the loopback interface."""

from __future__ import annotations

import errno
import secrets
import socket

from devcloud.errors import CannotStart
from devcloud.settings import HOST

# Below those that systems give to connections and to whoever asks for any port (from 32768 on Linux, from 49152 as RFC
# 6335 section 6 has it), so that none of those takes a port between its choice and its use.
CHOSEN_FROM = range(15_000, 32_000)


def free_port() -> int:
    """Return a port that nothing listens on; raises CannotStart when there is none."""
    for _ in range(len(CHOSEN_FROM)):
        port = secrets.choice(CHOSEN_FROM)
        if _is_free(socket.AF_INET, HOST, port) and _is_free(socket.AF_INET6, "::1", port):
            return port
    raise CannotStart(f"No port from {CHOSEN_FROM.start} to {CHOSEN_FROM.stop - 1} is free. Stop what has them.")


def check_port(port: int, *, needed_by: str, variable: str) -> None:
    """Raise CannotStart when something listens on ``port`` already, for IPv4 or IPv6.

    The message names who needs it, and the ``variable`` of ``make run`` that chooses another.
    """
    for family, address in ((socket.AF_INET, HOST), (socket.AF_INET6, "::1")):
        if not _is_free(family, address, port):
            raise CannotStart(
                f"Port {port} is taken, and {needed_by} needs one. Stop the program that has it, "
                f"or choose another port: make run {variable}={port + 1}"
            )


def _is_free(family: socket.AddressFamily, address: str, port: int) -> bool:
    try:
        with socket.socket(family) as probe:
            # As servers do; without it a port is taken for a minute after each stop.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
    except OSError as error:
        return error.errno not in (errno.EADDRINUSE, errno.EACCES)
    return True
