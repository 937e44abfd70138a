"""The options that a local AWS is started with, on the command line and from the environment."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from devcloud.settings import DEFAULT_ORIGIN, DEFAULT_PORT, DEFAULT_REGION, Settings

DEFAULT_DIRECTORY = Path("var/devcloud")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which local AWS is meant."""
    # Text, which argparse converts and complains about as it does with what is typed.
    port = os.environ.get("DEVCLOUD_PORT", str(DEFAULT_PORT))
    parser.add_argument("--port", type=int, default=port, help=f"TCP port on the loopback interface ({port})")
    parser.add_argument("--dir", type=Path, default=DEFAULT_DIRECTORY, help=f"where it is kept ({DEFAULT_DIRECTORY})")
    parser.add_argument("--origin", default=DEFAULT_ORIGIN, help=f"origin of the site ({DEFAULT_ORIGIN})")
    parser.add_argument("--region", default=DEFAULT_REGION, help=f"AWS region it plays ({DEFAULT_REGION})")
    parser.add_argument("--no-saving", action="store_true", help="write the state at the end, not before each answer")
    parser.add_argument("--with-parent", action="store_true", help="stop when the process that started this ends")


def settings(options: argparse.Namespace) -> Settings:
    """Return the settings that parsed options stand for."""
    return Settings(
        directory=options.dir.resolve(),
        port=options.port,
        origin=options.origin,
        region=options.region,
        saves=not options.no_saving,
    )


def settings_from(arguments: Sequence[str]) -> tuple[Settings, bool]:
    """Return the settings that ``arguments`` stand for, and whether to stop when standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m devcloud.engine")
    add_options(parser)
    options = parser.parse_args(arguments)
    return settings(options), options.with_parent
