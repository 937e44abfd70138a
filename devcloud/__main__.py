"""The command line: ``python -m devcloud serve``, ``up`` or ``run``."""

from __future__ import annotations

import argparse
import sys

from devcloud import command_line
from devcloud.errors import CannotStart
from devcloud.run import run, up
from devcloud.serve import serve


def main() -> int:
    """Run the command named on the command line; return the exit status of the process."""
    parser = argparse.ArgumentParser(prog="python -m devcloud", description="A local AWS for development and tests.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, description in (
        ("serve", "serve AWS calls until stopped"),
        ("up", "serve, with the site's template deployed"),
        ("run", "serve and deploy, then migrate and start the site"),
    ):
        command_line.add_options(commands.add_parser(name, help=description))
    options = parser.parse_args()
    settings = command_line.settings(options)
    try:
        if options.command == "serve":
            serve(settings, with_parent=options.with_parent)
        elif options.command == "up":
            return up(settings, with_parent=options.with_parent)
        else:
            return run(settings, with_parent=options.with_parent)
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
