"""The server process: MiniStack, imported with its environment in place, and everything that is added to it.

Started by ``devcloud.serve``, which sets the environment: MiniStack reads it once, when it is imported.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app
from ministack.services import cognito as ministack_cognito

from devcloud import change_sets, cloudformation, cognito, mail, policies, resource_types, signatures, texts
from devcloud.command_line import settings_from
from devcloud.front_door import FrontDoor
from devcloud.saving import SavedBeforeAnswered, StateFiles
from devcloud.settings import HOST, Settings

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def install(settings: Settings) -> None:
    """Add to MiniStack what it leaves out; raises RuntimeError when it signs no tokens."""
    if ministack_cognito._RSA_PRIVATE_KEY is None:
        raise RuntimeError("MiniStack started without cryptography: it would accept forged tokens")
    signatures.install(os.environ["AWS_ACCESS_KEY_ID"])
    policies.install()
    mail.install(settings)
    texts.install(settings)
    cloudformation.install()
    resource_types.install()
    change_sets.install()
    cognito.install(settings)


async def run(settings: Settings, *, with_parent: bool) -> None:
    """Serve until SIGTERM, SIGINT or SIGHUP arrives, or until standard input ends if ``with_parent``."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop.set)
    if with_parent:
        loop.add_reader(sys.stdin, stop.set)
    config = Config()
    config.bind = [f"{HOST}:{settings.port}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    config.loglevel = "WARNING"
    saved = SavedBeforeAnswered(app, StateFiles(settings.state)) if settings.saves else app
    await serve(FrontDoor(saved, settings), config, shutdown_trigger=stop.wait)


if __name__ == "__main__":
    logging.getLogger("ministack").setLevel(logging.WARNING)
    chosen, with_parent = settings_from(sys.argv[1:])
    install(chosen)
    asyncio.run(run(chosen, with_parent=with_parent))
