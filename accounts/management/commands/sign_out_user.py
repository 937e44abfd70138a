"""``manage.py sign_out_user``: end every session of somebody, here and at Cognito.

https://docs.djangoproject.com/en/5.2/howto/custom-management-commands/
"""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts import administration, users
from accounts.administration import ActRefused
from accounts.context import Context
from accounts.management.exit_codes import ExitCode, failure, for_scripts
from accounts.management.people import exit_code_of, one
from accounts.models import Session, User


class Command(BaseCommand):
    """Names are looked up before anybody is signed out. What one refusal stops is that person's, not the next one's."""

    help = "Signs people out everywhere, here and at Cognito, and tells them by mail. They can sign in again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the people, ``--dry-run`` and ``--json``."""
        parser.add_argument("people", nargs="+", metavar="NAME", help="A sub, user name, or sign-in name.")
        parser.add_argument("--dry-run", action="store_true", help="Say who would be signed out, and do nothing.")
        parser.add_argument("--json", action="store_true", help="Write one JSON object a line.")

    def handle(self, *args: Any, people: list[str], dry_run: bool, **options: Any) -> None:
        """Sign everybody out, say how it went with each, and end with the worst of it."""
        self.as_json = options["json"]
        with for_scripts():
            chosen = {user.sub: user for user in map(one, people)}
            ends = [self.dry(user) if dry_run else self.sign_out(user) for user in chosen.values()]
        if worst := max(ends):
            raise failure(f"{sum(map(bool, ends))} of {len(ends)} people were not signed out.", worst)

    def sign_out(self, user: User) -> ExitCode:
        """Sign ``user`` out and say so; return how that ended. Raises Unavailable, Misconfigured."""
        try:
            done = administration.sign_out(user, by=None, context=Context())
        except ActRefused as refusal:
            self.tell(user, "refused", reason=refusal.reason)
            return exit_code_of(refusal)
        self.tell(user, "signed out everywhere", sessions=done.devices)
        return ExitCode.DONE

    def dry(self, user: User) -> ExitCode:
        """Say what signing ``user`` out would end."""
        count = Session.objects.filter(user=user).count() if user.pk else 0
        self.tell(user, "would be signed out everywhere", sessions=count)
        return ExitCode.DONE

    def tell(self, user: User, what: str, *, sessions: int = 0, reason: str = "") -> None:
        """Write a line about ``user``."""
        name = users.own_name(user)
        if self.as_json:
            line = {"sub": user.sub, "username": name, "outcome": what, "sessions": sessions, "reason": reason}
            self.stdout.write(json.dumps(line))
        else:
            counted = f"{sessions} session{'' if sessions == 1 else 's'} here"
            self.stdout.write(f"{name} ({user.sub}): {what}, {reason or counted}")
