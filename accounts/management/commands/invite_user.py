"""``manage.py invite_user``: make an account for somebody, who gets a temporary password by mail.

https://docs.djangoproject.com/en/5.2/howto/custom-management-commands/
"""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts import administration, conf, users
from accounts.administration import ActRefused
from accounts.cognito.sign_in_names import SignInWith, international
from accounts.context import Context
from accounts.management.exit_codes import ExitCode, failure, for_scripts
from accounts.management.people import exit_code_of
from accounts.models import User


class Command(BaseCommand):
    """Safe to repeat: an invitation that failed half-way is completed, one that was complete is refused."""

    help = "Makes an account in the user pool and here, and has Cognito mail a temporary password."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add who is invited and how."""
        parser.add_argument("username", help="The e-mail address or phone number; the user name where people have one.")
        parser.add_argument("--email", default="", help="The e-mail address, where people sign in with a user name.")
        parser.add_argument("--phone", default="", help="The phone number, where people sign in with a user name.")
        parser.add_argument("--name", default="", help="What to call the person.")
        parser.add_argument("--group", action="append", default=[], help="A group of the pool; may be given again.")
        parser.add_argument("--no-mail", action="store_true", help="Send no mail: send the invitation again later.")
        parser.add_argument("--language", default="", help="Language of the mail, where the pool has several.")
        parser.add_argument("--dry-run", action="store_true", help="Say whether it could be done, and do nothing.")
        parser.add_argument("--json", action="store_true", help="Write a JSON object.")

    def handle(self, *args: Any, username: str, dry_run: bool, **options: Any) -> None:
        """Invite, and say who that is now."""
        taken = conf.config().sign_in_with
        if taken is SignInWith.EMAIL and options["email"] not in ("", username):
            raise failure("People sign in by e-mail here: give the address alone.", ExitCode.USAGE)
        username, phone_number = taken.spelt(username), international(options["phone"])
        if not phone_number and (options["phone"] or (taken is SignInWith.PHONE and not international(username))):
            raise failure("Give the phone number with + and the country code.", ExitCode.USAGE)
        who = {"email": options["email"], "phone_number": phone_number, "groups": options["group"], "by": None}
        how = {"name": options["name"], "send_mail": not options["no_mail"], "language": options["language"]}
        with for_scripts():
            try:
                if dry_run:
                    administration.rehearse_invitation(username, **who)
                    self.tell({"username": username, "outcome": "would be invited"}, as_json=options["json"])
                else:
                    user = administration.invite(username, **who, **how, context=Context())
                    self.tell(outcome(user), as_json=options["json"])
            except ActRefused as refusal:
                raise failure(f"{username}: {refusal.reason}.", exit_code_of(refusal)) from refusal

    def tell(self, line: dict[str, Any], *, as_json: bool) -> None:
        """Write what was done, as JSON or in words."""
        words = "{username}: {outcome}" + (", sub {sub}, groups {groups}" if "sub" in line else "")
        self.stdout.write(json.dumps(line) if as_json else words.format(**line))


def outcome(user: User) -> dict[str, Any]:
    """Return what there is to say of ``user``, who has just been invited."""
    return {
        "username": users.own_name(user),
        "outcome": "invited",
        "sub": user.sub,
        "groups": user.cognito_groups,
    }
