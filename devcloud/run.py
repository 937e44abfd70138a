"""The commands that stay in the foreground: the local AWS and the outside provider, alone or with the site."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace

from devcloud import env_file
from devcloud.deploy import deploy
from devcloud.errors import CannotStart
from devcloud.ports import check_port
from devcloud.provider import OutsideProviderServer
from devcloud.settings import Settings
from devcloud.site import Site
from devcloud.start import LocalAWS

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOK_SECONDS = 0.2


def up(settings: Settings, *, with_parent: bool = False) -> int:
    """Run the local AWS until it ends, or until the process that started this one does if ``with_parent``.

    Return the exit status of this process.

    Raises CannotStart, and KeyboardInterrupt once everything has stopped when told to stop.
    """
    parent = os.getppid() if with_parent else None
    settings = with_provider(settings, os.environ)
    with ExitStack() as at_exit:
        provider = provider_started(settings, at_exit)
        local_aws = started(settings, at_exit)
        print(f"Local AWS  {settings.endpoint}")
        print(f"Provider   {settings.issuer}")
        print(f"Site env   {settings.site_env}")
        print(f"Outbox     {settings.outbox}", flush=True)
        statuses = {"The local AWS": local_aws.exit_status, "The outside provider": provider.exit_status}
        return watch(statuses, parent)


def run(settings: Settings, *, with_parent: bool = False) -> int:
    """Run the local AWS and the site until one of them ends, or, if ``with_parent``, the process that started this one.

    Return the exit status of this process.

    Raises CannotStart, and KeyboardInterrupt once everything has stopped when told to stop.
    """
    parent = os.getppid() if with_parent else None
    port = port_number(os.environ.get("PORT", "8000"), "PORT")
    settings = with_provider(replace(settings, origin=f"http://localhost:{port}"), os.environ)
    check_port(port, needed_by="the site", variable="PORT")
    with ExitStack() as at_exit:
        provider = provider_started(settings, at_exit)
        local_aws = started(settings, at_exit)
        site = Site(port, local_aws.env)
        at_exit.callback(to_the_end, site.stop)
        print("Starting the site", flush=True)
        site.migrate()
        site.start()
        staff = env_file.read(settings.staff_env)
        print()
        print(f"  Site    {settings.origin}/")
        print(f"  Inbox   {settings.origin}/dev/inbox/   every mail and text message the local AWS sends")
        print(f"  Staff   {staff['STAFF_NAME']}   password {staff['STAFF_PASSWORD']}")
        print(f"  Other   {settings.issuer}/   a provider outside the pool, where anybody can be anybody")
        print("\n  Ctrl-C stops all of it.\n", flush=True)
        statuses = {"The site": site.exit_status, "The local AWS": local_aws.exit_status}
        return watch(statuses | {"The outside provider": provider.exit_status}, parent)


def provider_started(settings: Settings, at_exit: ExitStack) -> OutsideProviderServer:
    """Return an outside provider that starts, and that ``at_exit`` stops. Raises CannotStart."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.default_int_handler)
    provider = OutsideProviderServer(settings)
    at_exit.callback(to_the_end, provider.stop)
    provider.start()
    return provider


def started(settings: Settings, at_exit: ExitStack) -> LocalAWS:
    """Return a local AWS that serves and is deployed to, and that ``at_exit`` stops. Raises CannotStart."""
    print(f"Starting the local AWS in {settings.directory}", flush=True)
    local_aws = LocalAWS(settings)
    local_aws.serve()
    at_exit.callback(to_the_end, local_aws.stop)
    local_aws.env = deploy(settings, parameters(os.environ))
    return local_aws


def parameters(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the template's parameters that the site's ``variables`` ask for: who makes accounts, under which names.

    What people sign in with stays as it was where nothing is asked for, since a pool keeps it.
    """
    sign_in_with = variables.get("COGNITO_SIGN_IN_WITH")
    return {
        "Registration": variables.get("COGNITO_REGISTRATION") or "self",
        **({"SignInWith": sign_in_with} if sign_in_with else {}),
    }


def to_the_end(stop: Callable[[], None]) -> None:
    """Call ``stop``; an impatient second Ctrl-C does not leave a half-stopped site behind."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    stop()


def watch(exit_statuses: Mapping[str, Callable[[], int | None]], parent: int | None) -> int:
    """Wait until one of the processes has ended, say which, and return 1.

    ``parent`` is the id of the process that started this one, if this one is to end with it: ``make`` may be killed.
    """
    while parent is None or parent == os.getppid():
        for name, exit_status in exit_statuses.items():
            status = exit_status()
            if status is not None:
                print(f"{name} ended with status {status}. Stopping.", flush=True)
                return 1
        time.sleep(LOOK_SECONDS)
    return 1


def port_number(text: str, variable: str) -> int:
    """Return the TCP port that ``text`` names, which ``variable`` holds; raises CannotStart for anything else."""
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CannotStart(f"{variable} is {text!r}. Set it to a port number: make run {variable}=8000")
    return int(text)


def with_provider(settings: Settings, variables: Mapping[str, str]) -> Settings:
    """Return ``settings`` with a port for the outside provider: the one asked for, or the one after the local AWS's.

    Raises CannotStart for one that is no number.
    """
    port = variables.get("PROVIDER_PORT") or str(settings.port + 1)
    return replace(settings, provider_port=port_number(port, "PROVIDER_PORT"))
