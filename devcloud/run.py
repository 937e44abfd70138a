"""The commands that stay in the foreground: the local AWS, alone or with the site."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from devcloud import env_file
from devcloud.deploy import deploy
from devcloud.errors import CannotStart
from devcloud.ports import check_port
from devcloud.settings import Settings
from devcloud.site import Site
from devcloud.start import LocalAWS

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOK_SECONDS = 0.2


def up(settings: Settings) -> int:
    """Run the local AWS until told to stop; return the exit status of this process. Raises CannotStart."""
    with interruptible() as at_exit:
        local_aws = started(settings, at_exit)
        print(f"Local AWS  {settings.endpoint}")
        print(f"Site env   {settings.site_env}")
        print(f"Outbox     {settings.outbox}", flush=True)
        return watch({"The local AWS": local_aws.exit_status})
    return 0


def run(settings: Settings) -> int:
    """Run the local AWS and the site until told to stop; return the exit status. Raises CannotStart."""
    port = site_port(os.environ.get("PORT", "8000"))
    settings = replace(settings, origin=f"http://localhost:{port}")
    check_port(port, needed_by="the site", variable="PORT")
    with interruptible() as at_exit:
        local_aws = started(settings, at_exit)
        site = Site(port, local_aws.env)
        at_exit.callback(site.stop)
        site.migrate()
        site.start()
        staff = env_file.read(settings.staff_env)
        print()
        print(f"  Site    {settings.origin}/")
        print(f"  Inbox   {settings.origin}/dev/inbox/   every mail and text message the local AWS sends")
        print(f"  Staff   {staff['STAFF_EMAIL']}   password {staff['STAFF_PASSWORD']}")
        print("\n  Ctrl-C stops both.\n", flush=True)
        return watch({"The site": site.exit_status, "The local AWS": local_aws.exit_status})
    return 0


def started(settings: Settings, at_exit: ExitStack) -> LocalAWS:
    """Return a local AWS that serves and is deployed to, and that `at_exit` stops. Raises CannotStart."""
    local_aws = LocalAWS(settings)
    local_aws.serve()
    at_exit.callback(local_aws.stop)
    local_aws.env = deploy(settings)
    return local_aws


def watch(exit_statuses: Mapping[str, Callable[[], int | None]]) -> int:
    """Wait until one of the processes has ended, say which, and return 1."""
    while True:
        for name, exit_status in exit_statuses.items():
            status = exit_status()
            if status is not None:
                print(f"{name} ended with status {status}. Stopping.", flush=True)
                return 1
        time.sleep(LOOK_SECONDS)


@contextmanager
def interruptible() -> Iterator[ExitStack]:
    """Yield a stack of things to do at the end, last first; SIGINT, SIGTERM and SIGHUP end the block in peace."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.default_int_handler)
    with ExitStack() as at_exit:
        try:
            yield at_exit
        except KeyboardInterrupt:
            print("\nStopping.", flush=True)
        finally:
            # An impatient second Ctrl-C must not leave a half-stopped site behind.
            for number in STOP_SIGNALS:
                signal.signal(number, signal.SIG_IGN)


def site_port(text: str) -> int:
    """Return the TCP port that `text` names; raises CannotStart for anything else."""
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CannotStart(f"PORT is {text!r}. Set it to a port number: make run PORT=8000")
    return int(text)
