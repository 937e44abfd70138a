"""The process of the outside provider: ``python -m devcloud.outside_provider``.

Started by ``devcloud.provider``, which sets the environment.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.urls import get_resolver

from devcloud.settings import HOST
from devcloud.with_parent import end_with_standard_input


class Quiet(WSGIRequestHandler):
    """Serves a request at once and says nothing of it."""

    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name in the base class
        """Stay silent."""


def prepare() -> None:
    """Make the tables anew, and the pool's account in them; load the addresses, which may not load."""
    get_resolver().url_patterns  # noqa: B018 -- it imports what they lead to
    call_command("migrate", run_syncdb=True, verbosity=0)
    applications: Any = apps.get_app_config("oauth2_provider").get_model("Application")
    applications.objects.create(
        name="the user pool",
        client_id=os.environ["PROVIDER_CLIENT_ID"],
        client_secret=os.environ["PROVIDER_CLIENT_SECRET"],
        redirect_uris=os.environ["PROVIDER_REDIRECT_URIS"],
        client_type=applications.CLIENT_CONFIDENTIAL,
        authorization_grant_type=applications.GRANT_AUTHORIZATION_CODE,
        algorithm=applications.RS256_ALGORITHM,
    )


def serve(port: int) -> None:
    """Serve on the loopback interface until the process is ended."""
    server = ThreadedWSGIServer((HOST, port), Quiet)
    server.set_app(WSGIHandler())
    server.serve_forever()


if __name__ == "__main__":
    end_with_standard_input()
    os.environ["DJANGO_SETTINGS_MODULE"] = "devcloud.outside_provider.settings"
    (Path(os.environ["PROVIDER_DIRECTORY"]) / "provider.sqlite3").unlink(missing_ok=True)
    django.setup()
    prepare()
    serve(int(os.environ["PROVIDER_PORT"]))
