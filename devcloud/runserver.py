"""The site's process: Django's development server, which says nothing as long as nothing is wrong.

Started by ``devcloud.site``, which prints where the site is once it answers. ``runserver`` greets with seven lines of
its own. What it says about mistakes, the log, and what the site itself prints come through.
"""

from __future__ import annotations

import logging
import os
from typing import Any

from django.core.management import ManagementUtility
from django.core.management.base import BaseCommand
from django.core.servers.basehttp import WSGIRequestHandler
from django.utils import autoreload

from devcloud.with_parent import end_with_standard_input


def without_greeting(runserver: BaseCommand) -> BaseCommand:
    """Return the project's ``runserver``, which its apps have a say in, without its greeting.

    The checks are run as ever, and only what they find is shown.
    https://docs.djangoproject.com/en/5.2/ref/django-admin/#runserver
    """

    class Command(type(runserver)):  # type: ignore[misc]
        def inner_run(self, *args: Any, **options: Any) -> None:
            autoreload.raise_last_exception()
            self.check()
            super().inner_run(*args, **options | {"skip_checks": True})

        def on_bind(self, server_port: int) -> None:
            pass

    return Command()


class Utility(ManagementUtility):
    """Django's command line, whose ``runserver`` does not greet."""

    def fetch_command(self, subcommand: str) -> BaseCommand:
        """Return the command called ``subcommand``."""
        command = super().fetch_command(subcommand)
        return without_greeting(command) if subcommand == "runserver" else command


def is_news(record: logging.LogRecord) -> bool:
    """Say whether the reloader tells more than that it has started."""
    return not record.getMessage().startswith("Watching for file changes")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    logging.getLogger("django.utils.autoreload").addFilter(is_news)
    # Head and body of an answer are two packets: without this, the second waits until the first is acknowledged.
    WSGIRequestHandler.disable_nagle_algorithm = True
    end_with_standard_input()
    Utility().execute()
