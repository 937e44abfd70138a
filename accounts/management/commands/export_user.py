"""``manage.py export_user``: what is kept of a person, for somebody who asks for it.

https://docs.djangoproject.com/en/5.2/howto/custom-management-commands/
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from accounts import administration, users
from accounts.administration import ActRefused
from accounts.context import Context
from accounts.management.exit_codes import ExitCode, failure, for_scripts
from accounts.management.people import exit_code_of, one
from accounts.models import User


class Command(BaseCommand):
    """Whoever is signed in fetches the same from the page of their account. That it was exported is recorded."""

    help = "Writes everything that Cognito and this site keep of a person as JSON: no password, token or other secret."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add whom, and where to."""
        parser.add_argument("person", metavar="NAME", help="A sub, user name, or sign-in name.")
        parser.add_argument("--output", type=Path, metavar="FILE", help="A new file (mode 0600); else standard output.")

    def handle(self, *args: Any, person: str, output: Path | None, **options: Any) -> None:
        """Write the data."""
        if output is None:
            _user, text = exported(person)
            self.stdout.write(text)
            return
        # Before anything is recorded: what cannot be written down is not exported.
        with private_file(output) as file:
            user, text = exported(person)
            file.write(f"{text}\n")
        self.stderr.write(f"{users.own_name(user)} ({user.sub}): written to {output}")


def exported(name: str) -> tuple[User, str]:
    """Return who is called ``name``, and what is kept of them as JSON. Raises CommandError."""
    with for_scripts():
        user = one(name)
        try:
            data = administration.export(user, by=None, context=Context())
        except ActRefused as refusal:
            raise failure(f"{users.own_name(user)}: {refusal.reason}.", exit_code_of(refusal)) from refusal
    return user, json.dumps(data, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False)


@contextmanager
def private_file(path: Path) -> Iterator[IO[str]]:
    """Yield a new file that nobody else may read; it goes again where the block fails.

    Raises CommandError where there is one already, or where none can be made or written.
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            try:
                yield file
                file.flush()
            except BaseException:
                path.unlink()
                raise
    except OSError as error:
        raise failure(f"{path}: {error.strerror}.", ExitCode.USAGE) from error
