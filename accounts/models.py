"""What is kept here about people; everything else about them is Cognito's."""

import uuid
from enum import StrEnum
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts.cognito.factors import Factor
from accounts.cognito.results import Tokens

LOCAL_ISSUER = "local"
FACTOR_LABELS = {
    Factor.TOTP: _("Authenticator app"),
    Factor.EMAIL: _("E-mail"),
    Factor.SMS: _("Text message"),
}
FACTOR_CHOICES = [(factor.value, label) for factor, label in FACTOR_LABELS.items()]


class CameBy(StrEnum):
    """How somebody comes in: known where they do, never read out of a token. A second step changes nothing in it."""

    PASSWORD = "password"  # noqa: S105 -- the name of a way in
    # A mailed code, a code by text message or a passkey, chosen in place of the password.
    CHOICE = "choice"
    # Straight from proving the address of a new account.
    REGISTRATION = "registration"


class UserManager(BaseUserManager["User"]):
    """The people, and how the break-glass superuser is made."""

    def create_superuser(self, username: str, password: str, **fields: Any) -> "User":
        """Return a new superuser who exists in this database only.

        Raises ImproperlyConfigured unless LOCAL_SUPERUSERS is on: without it such a person could not sign in.
        """
        if not settings.LOCAL_SUPERUSERS:
            raise ImproperlyConfigured("Set LOCAL_SUPERUSERS=on first, and off again when the emergency is over.")
        user = self.model(
            username=username,
            issuer=LOCAL_ISSUER,
            sub=str(uuid.uuid4()),
            is_staff=True,
            is_superuser=True,
            **fields,
        )
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by the ``sub`` that ``issuer`` gave them and by nothing else.

    E-mail address and user name may change hands at Cognito, so nobody is looked up by either. The password is unusable
    and stays the same from the first sign-in on: Django derives a session's hash from it, and another one would end
    the person's sessions.
    """

    issuer = models.CharField(_("issuer"), max_length=255)
    # Text, not a UUID: AWS promises no format.
    sub = models.CharField(_("subject"), max_length=255)
    username = models.CharField(_("Cognito user name"), max_length=128)
    email = models.EmailField(_("e-mail address"), max_length=320, blank=True)
    email_verified = models.BooleanField(_("e-mail address confirmed"), default=False)
    name = models.CharField(_("name"), max_length=2048, blank=True)
    # As in the last token, to see at one glance whether memberships changed.
    cognito_groups = models.JSONField(_("Cognito groups"), default=list, blank=True)
    is_staff = models.BooleanField(_("staff"), default=False, help_text=_("May enter this administration."))
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Switch off to shut the person out here."))
    passkey_offered_at = models.DateTimeField(_("answered the offer of a passkey"), null=True, editable=False)
    date_joined = models.DateTimeField(_("first sign-in"), default=timezone.now)
    # Browsers that signed the person in before this moment count as strangers' again: see accounts/known_browser.py.
    known_browsers_since = models.DateTimeField(default=timezone.now, editable=False)

    # What a sign-in that has just succeeded brought along, and whether it was the first one; never stored here.
    cognito_tokens: Tokens | None = None
    is_new: bool = False
    came_by: str = ""

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["issuer", "sub"], name="one_user_per_issuer_and_sub"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["email"]),
            models.Index(fields=["username"]),
            # What people type is compared without regard to upper and lower case.
            models.Index(Lower("email"), name="accounts_user_lower_email"),
            models.Index(Lower("username"), name="accounts_user_lower_username"),
        ]

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        """Return what to call the person: the name, else the e-mail address, else the user name."""
        return self.name or self.email or self.username

    def get_short_name(self) -> str:
        """Return what to call the person where space is short."""
        return self.get_full_name()


class Session(AbstractBaseSession):
    """A browser signed in (or about to), with the tokens Cognito gave for it.

    The tokens have columns of their own because Django's session dictionary is written as a whole by whoever comes
    last, and not at all when a view answers 500: either would lose a rotated refresh token. Times that every request
    looks at are columns too, read by the statement that reads the dictionary.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions")
    # Names a session on pages, where the key, which is the credential, must not appear.
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # What was verified, and the newest refresh token, verified or not.
    tokens = models.TextField(default="", editable=False)
    # The answer to a refresh whose ID token could not be verified yet; nothing in it is used before it is.
    unverified_tokens = models.TextField(default="", editable=False)
    token_version = models.PositiveIntegerField(default=0, editable=False)
    tokens_expire_at = models.DateTimeField(null=True, editable=False)
    refresh_lease = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("signed in"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    ip_address = models.GenericIPAddressField(_("IP address"), null=True)
    user_agent = models.CharField(_("browser"), max_length=512, blank=True)
    # One of CameBy, or the name of an outside provider; "" for a session from before this was kept.
    came_by = models.CharField(_("came in by"), max_length=32, blank=True, editable=False)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    def __str__(self) -> str:
        return str(self.public_id)

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        """Return the engine that reads and writes these rows."""
        store: type[SessionBase] = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
        return store


class UnprovenPassword(models.Model):
    """A name whose address was confirmed by somebody who may not have chosen the account's password.

    The name itself is not kept. Rows go when the password is proved to be its owner's.
    """

    name_digest = models.CharField(max_length=64, db_index=True, editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("unproven password")
        verbose_name_plural = _("unproven passwords")

    def __str__(self) -> str:
        return f"{self.name_digest[:8]}…"


class Activity(models.Model):
    """Something that happened to an account. Rows are added and never changed."""

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
        PASSWORD_RESET = "password_reset", _("Chose a new password by a mailed code")
        PROFILE_CHANGED = "profile_changed", _("Changed the profile")
        EMAIL_CHANGED = "email_changed", _("Changed the e-mail address")
        EMAIL_CONFIRMED = "email_confirmed", _("Confirmed the e-mail address")
        PHONE_CHANGED = "phone_changed", _("Changed the telephone number")
        PHONE_CONFIRMED = "phone_confirmed", _("Confirmed the telephone number")
        FACTOR_ADDED = "factor_added", _("Set up a second step for signing in")
        FACTOR_ON = "factor_on", _("Turned on a second step for signing in")
        FACTOR_OFF = "factor_off", _("Turned off a second step for signing in")
        FACTOR_PREFERRED = "factor_preferred", _("Chose the second step that is asked first")
        PASSKEY_ADDED = "passkey_added", _("Added a passkey")
        PASSKEY_REMOVED = "passkey_removed", _("Removed a passkey")
        DATA_DOWNLOADED = "data_downloaded", _("Downloaded the account's data")
        SHUT_OUT = "shut_out", _("Shut out by the people who run this site")
        LET_IN = "let_in", _("Let in again by the people who run this site")

    # What rows say that were written when nothing more was told apart; none are added.
    EARLIER_KINDS: ClassVar[dict[str, Any]] = {"factor_changed": _("Changed a second step for signing in")}

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="activity")
    kind = models.CharField(_("what"), max_length=32, choices=Kind)
    factor = models.CharField(_("second step"), max_length=32, choices=FACTOR_CHOICES, blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now)
    ip_address = models.GenericIPAddressField(_("IP address"), null=True)
    user_agent = models.CharField(_("browser"), max_length=512, blank=True)

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activity")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "-at"]),
            # Finds what has been kept for long enough.
            models.Index(fields=["at"]),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What happened, in words, with the second step it was about."""
        kind = self.EARLIER_KINDS.get(self.kind) or self.get_kind_display()
        factor = self.get_factor_display()
        return f"{kind}: {factor}" if factor else kind


class Count(models.Model):
    """How often something was tried, where the site has no Redis to count in: see accounts/counters.py."""

    key = models.CharField(max_length=96, primary_key=True)
    count = models.PositiveIntegerField()
    # Seconds since the epoch: what upserts on SQLite and PostgreSQL compare alike.
    expires_at = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return self.key
