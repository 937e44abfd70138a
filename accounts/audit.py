"""The record of what happened: its words, and the rule that rows are added and never changed."""

from collections.abc import Mapping
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What can happen."""

    FIRST_SIGN_IN = "first_sign_in", _("Signed in here for the first time")
    SIGNED_IN = "signed_in", _("Signed in")
    SIGN_IN_REFUSED = "sign_in_refused", _("Sign-in failed")
    CONFIRMED_ACCESS = "confirmed_access", _("Confirmed it was you")
    SIGNED_OUT = "signed_out", _("Signed out")
    SESSION_ENDED = "session_ended", _("Signed out another device")
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere", _("Signed out everywhere")
    ENDED_ELSEWHERE = "ended_elsewhere", _("Signed out by the account service")
    PASSWORD_CHANGED = "password_changed", _("Changed the password")
    PASSWORD_RESET = "password_reset", _("Reset the password with a code")
    PROFILE_CHANGED = "profile_changed", _("Changed the profile")
    EMAIL_ASKED = "email_asked", _("Asked to change the email")
    EMAIL_CHANGED = "email_changed", _("Changed the email")
    EMAIL_CONFIRMED = "email_confirmed", _("Confirmed the email")
    PHONE_CHANGED = "phone_changed", _("Changed the phone number")
    PHONE_CONFIRMED = "phone_confirmed", _("Confirmed the phone number")
    FACTOR_ADDED = "factor_added", _("Set up a second step for signing in")
    FACTOR_ON = "factor_on", _("Turned on a second step for signing in")
    FACTOR_OFF = "factor_off", _("Turned off a second step for signing in")
    PASSKEY_ADDED = "passkey_added", _("Added a passkey")
    PASSKEY_REMOVED = "passkey_removed", _("Removed a passkey")
    PASSKEY_RENAMED = "passkey_renamed", _("Renamed a passkey")
    PROVIDER_CONNECTED = "provider_connected", _("Connected another way to sign in")
    PROVIDER_DISCONNECTED = "provider_disconnected", _("Disconnected a way to sign in")
    DATA_DOWNLOADED = "data_downloaded", _("Downloaded the account’s data")
    SHUT_OUT = "shut_out", _("Shut out")
    LET_IN = "let_in", _("Let in again")
    INVITED = "invited", _("Invited")
    INVITED_AGAIN = "invited_again", _("Invitation sent again")
    CONFIRMED = "confirmed", _("Account confirmed")
    PASSWORD_RESET_REQUIRED = "password_reset_required", _("Asked to choose a new password")
    GROUPS_CHANGED = "groups_changed", _("Groups changed")
    SYNCHRONISED = "synchronised", _("Brought up to date with the account service")
    ACCOUNT_DELETED = "account_deleted", _("Account deleted")
    GROUP_CREATED = "group_created", _("Group made")
    GROUP_CHANGED = "group_changed", _("Group changed")
    GROUP_DELETED = "group_deleted", _("Group deleted")
    ACTIVITY_EXPORTED = "activity_exported", _("Activity exported")


# What rows say that were written when nothing more was told apart; none are added.
EARLIER_KINDS: Mapping[str, Any] = {
    "factor_changed": _("Changed a second step for signing in"),
    "factor_preferred": _("Chose the second step that is asked first"),
}


class Outcome(models.TextChoices):
    """What came of it: REFUSED where it may not be, FAILED where something else was in the way."""

    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")
    FAILED = "failed", _("Failed")


class Role(models.TextChoices):
    """As what somebody acted."""

    PERSON = "person", _("The person")
    STAFF = "staff", _("An administrator")
    COMMAND = "command", _("A command")
    POOL = "pool", _("The account service")
    # Whoever fails to sign in has not proved who they are.
    UNKNOWN = "unknown", _("Somebody unknown")


LONGEST_TARGET = 255  # characters
LONGEST_DETAIL = 128
# Those who act on an account that is not theirs.
OTHERS = (Role.STAFF, Role.COMMAND)


class AppendOnly(Exception):
    """Somebody would change or delete what is kept to be looked back at."""


class ActivityQuerySet(models.QuerySet[Any]):
    """Rows that are read and added to; only :meth:`erase` and :meth:`forget` take anything away."""

    def update(self, **values: Any) -> int:
        """Raise AppendOnly."""
        raise AppendOnly("update")

    def bulk_update(self, objs: Any, fields: Any, batch_size: int | None = None) -> int:
        """Raise AppendOnly."""
        raise AppendOnly("bulk_update")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Raise AppendOnly."""
        raise AppendOnly("delete")

    def bulk_create(self, objs: Any, *args: Any, **options: Any) -> list[Any]:
        """Add many rows. Raises AppendOnly where rows that are there would be changed."""
        if options.get("update_conflicts"):
            raise AppendOnly("update_conflicts")
        return super().bulk_create(objs, *args, **options)

    def erase(self) -> int:
        """Delete these rows and return how many: those kept for long enough, and what a person leaves behind."""
        return super().delete()[0]

    def of_person(self, user: Any) -> Self:
        """Return what ``user`` gets to see of their account: not what somebody else tried in vain to do with it."""
        in_vain = ~models.Q(outcome=Outcome.DONE)
        return self.filter(user=user).exclude(in_vain, role__in=OTHERS)

    def forget(self, user: Any) -> None:
        """Take out what is personal, before the row of ``user`` goes (docs/adr/0034).

        What they did with their own account goes. What others did with it stays, and so does what they did as staff:
        under the ``sub``, which is a random text and leads to nobody once the account is gone; whence they acted goes.
        """
        own = models.Q(user=user) & ~models.Q(role__in=OTHERS)
        self.filter(own).exclude(kind=Kind.ACCOUNT_DELETED).erase()
        whence = {"ip_address": None, "user_agent": ""}
        super(ActivityQuerySet, self.filter(own)).update(user_sub=user.sub, **whence)
        super(ActivityQuerySet, self.filter(user=user)).update(user_sub=user.sub)
        super(ActivityQuerySet, self.filter(by=user)).update(by_sub=user.sub, **whence)
