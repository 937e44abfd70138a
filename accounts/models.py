"""What is kept here about people; everything else about them is Cognito's."""

import uuid
from enum import StrEnum
from typing import Any, ClassVar, TypeAlias

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models.functions import Left, Lower
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts import audit
from accounts.cognito.results import Tokens
from accounts.factor_labels import FACTOR_LABELS
from accounts.kept_passkeys import KeptPasskey  # noqa: F401 -- Django looks for models here

LOCAL_ISSUER = "local"
FACTOR_CHOICES = [(factor.value, label) for factor, label in FACTOR_LABELS.items()]

# Characters of a name that people are found by: PostgreSQL takes at most 2704 bytes a row into an index.
NAME_BEGINNING = 100


class Bytewise(models.Func):
    """A text that is compared and sorted by its bytes, so that one index serves a beginning and the order alike.

    PostgreSQL compares by the language of the database otherwise, and uses no index for a beginning; SQLite always
    compares bytes. https://www.postgresql.org/docs/current/indexes-opclass.html
    """

    template = "%(expressions)s"
    arity = 1
    output_field = models.TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        """Return the SQL and its parameters."""
        return self.as_sql(compiler, connection, template='(%(expressions)s COLLATE "C")', **context)


class CameBy(StrEnum):
    """How somebody comes in: known where they do, never read out of a token. A second step changes nothing in it."""

    PASSWORD = "password"  # noqa: S105 -- the name of a way in
    # A mailed code, a code by text message or a passkey, chosen in place of the password.
    CHOICE = "choice"
    # Straight from proving the address of a new account.
    REGISTRATION = "registration"


class UserManager(BaseUserManager["User"]):
    """The people, and how the break-glass superuser is made."""

    @sensitive_variables("password")
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
    email = models.EmailField(_("email"), max_length=320, blank=True)
    email_verified = models.BooleanField(_("email confirmed"), default=False)
    # In E.164 form; kept where people sign in with it, else "".
    phone_number = models.CharField(_("phone number"), max_length=32, blank=True)
    phone_number_verified = models.BooleanField(_("phone number confirmed"), default=False)
    name = models.CharField(_("name"), max_length=2048, blank=True)
    # As in the last token, to see at one glance whether memberships changed.
    cognito_groups = models.JSONField(_("Cognito groups"), default=list, blank=True)
    is_staff = models.BooleanField(_("staff"), default=False, help_text=_("May enter this administration."))
    # False for somebody disabled at Cognito, or no longer there: the two are switched together.
    is_active = models.BooleanField(_("active"), default=True)
    # As last seen at Cognito: one of results.Status, and the values of the second factors that are on.
    cognito_status = models.CharField(_("status at Cognito"), max_length=32, blank=True, editable=False)
    second_factors = models.JSONField(_("two-step verification"), default=list, blank=True, editable=False)
    cognito_seen_at = models.DateTimeField(_("last compared with Cognito"), null=True, editable=False)
    passkey_offered_at = models.DateTimeField(_("answered the offer of a passkey"), null=True, editable=False)
    # Whether Cognito has still to be told that the passkeys stand for both steps, None where that is not known.
    passkeys_waiting = models.BooleanField(null=True, editable=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)
    # Browsers that signed the person in before this moment count as strangers' again: see accounts/known_browser.py.
    known_browsers_since = models.DateTimeField(default=timezone.now, editable=False)
    # Access tokens of sign-ins up to this moment are refused by the API: see accounts/bearer.py.
    tokens_valid_from = models.DateTimeField(null=True, editable=False)

    # What a sign-in that has just succeeded brought along, and whether it was the first one; never stored here.
    cognito_tokens: Tokens | None = None
    is_new: bool = False
    came_by: str = ""
    second_step: bool = False
    authenticated_at: int = 0
    locale: str = ""

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
            models.Index(fields=["phone_number"], name="accounts_user_phone_number"),
            # What people type is compared without regard to upper and lower case.
            models.Index(Lower("email"), name="accounts_user_lower_email"),
            models.Index(Lower("username"), name="accounts_user_lower_username"),
            models.Index(Lower("sub"), name="accounts_user_lower_sub"),
            # The administration finds people by the beginning of these: see accounts/admin/search.py.
            models.Index(Bytewise(Lower("email")), name="accounts_user_email_begins"),
            models.Index(Bytewise(Lower(Left("name", NAME_BEGINNING))), name="accounts_user_name_begins"),
            # It lists the newest of those that a filter lets through, who may be few among a million.
            models.Index(fields=["is_active", "cognito_status", "-id"], name="accounts_user_state"),
            models.Index(fields=["-id"], condition=models.Q(second_factors=[]), name="accounts_user_one_step"),
            models.Index(fields=["-id"], condition=~models.Q(second_factors=[]), name="accounts_user_two_steps"),
            models.Index(fields=["-id"], condition=models.Q(is_staff=True), name="accounts_user_staff"),
        ]
        # One for each act of accounts/administration.py; Django makes those to view and to delete.
        permissions: ClassVar[list[tuple[str, Any]]] = [
            ("invite_user", _("Can invite people")),
            ("resend_invitation_user", _("Can send invitations again")),
            ("confirm_user", _("Can confirm people who registered")),
            ("disable_user", _("Can disable people")),
            ("enable_user", _("Can enable people")),
            ("reset_password_user", _("Can have people choose a new password")),
            ("sign_out_user", _("Can sign people out everywhere")),
            ("remove_authenticator_user", _("Can remove authenticator apps")),
            ("turn_off_mfa_user", _("Can turn off two-step verification")),
            ("remove_passkeys_user", _("Can remove passkeys")),
            ("change_email_user", _("Can correct emails")),
            ("change_groups_user", _("Can put people into groups and take them out")),
            ("synchronise_user", _("Can bring people up to date with Cognito")),
        ]

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        """Return what to call the person: the name, else the e-mail address, else the user name.

        Where the user name is one that Cognito made up, and nobody has seen, the phone number comes before it.
        """
        return self.name or self.email or (self.phone_number if self.username == self.sub else "") or self.username

    @property
    def names(self) -> set[str]:
        """What the person may sign in with, whichever of it the pool takes."""
        return {self.username, self.email, self.phone_number} - {""}

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
    # What the identity pool gave for the ID token, encrypted as the tokens are; gone with the session.
    aws_credentials = models.TextField(default="", editable=False)
    created_at = models.DateTimeField(_("signed in"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    ip_address = models.GenericIPAddressField(_("IP address"), null=True)
    user_agent = models.CharField(_("browser"), max_length=512, blank=True)
    # One of CameBy, or the name of an outside provider; "" for a session from before this was kept.
    came_by = models.CharField(_("came in by"), max_length=32, blank=True, editable=False)
    # Whether a second step is known to have been passed: see accounts/entrance.py.
    second_step = models.BooleanField(_("two-step verification passed"), default=False, editable=False)

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
    """Something that happened to an account, or that staff did: who, with whom, what, whence, and what came of it.

    Rows are added and never changed: see accounts/audit.py.
    """

    Kind: TypeAlias = audit.Kind
    Outcome: TypeAlias = audit.Outcome
    Role: TypeAlias = audit.Role

    # With whose account; None for an act on something else, and once the person is deleted.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="activity", verbose_name=_("person")
    )
    kind = models.CharField(_("what"), max_length=32, choices=Kind)
    factor = models.CharField(_("second step"), max_length=32, choices=FACTOR_CHOICES, blank=True)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome, default=audit.Outcome.DONE)
    # Who did it, where that was another person: an administrator. The role says who it was elsewhere.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="acts",
        verbose_name=_("by"),
        # An index of its own has only the rows that name somebody.
        db_index=False,
    )
    role = models.CharField(_("role"), max_length=8, choices=Role, default=audit.Role.PERSON)
    # The name of a group, or the ``sub`` of somebody without a row here: never an address.
    target = models.CharField(_("concerning"), max_length=audit.LONGEST_TARGET, blank=True)
    # More for the person's own eyes: how they came in, what was wrong, which device. See accounts/activity_words.py.
    detail = models.CharField(_("detail"), max_length=audit.LONGEST_DETAIL, blank=True, default="", db_default="")
    # Who the two were, once their rows are gone.
    user_sub = models.CharField(_("subject"), max_length=255, blank=True)
    by_sub = models.CharField(_("by the subject"), max_length=255, blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now)
    # Whence it was done. The person sees it only of what was their own act: see accounts/activity.py, entry().
    ip_address = models.GenericIPAddressField(_("IP address"), null=True)
    user_agent = models.CharField(_("browser"), max_length=512, blank=True)
    request_id = models.CharField(_("request id"), max_length=64, blank=True)

    objects = audit.ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activity")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        permissions: ClassVar[list[tuple[str, Any]]] = [("export_activity", _("Can export activity"))]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "-at"]),
            # Finds what has been kept for long enough, and a range of dates.
            models.Index(fields=["at"]),
            models.Index(fields=["kind", "-at"]),
            models.Index(fields=["ip_address", "-at"]),
            # What is looked for among few rows has an index of these rows alone.
            models.Index(fields=["by", "-at"], name="activity_by", condition=models.Q(by__isnull=False)),
            models.Index(
                fields=["role", "-at"],
                name="activity_role",
                condition=models.Q(role__in=["staff", "command", "pool", "unknown"]),
            ),
            models.Index(
                fields=["outcome", "-at"],
                name="activity_outcome",
                condition=models.Q(outcome__in=["refused", "failed"]),
            ),
            models.Index(fields=["target", "-at"], name="activity_target", condition=~models.Q(target="")),
            models.Index(fields=["user_sub"], name="activity_user_sub", condition=~models.Q(user_sub="")),
            models.Index(fields=["by_sub"], name="activity_by_sub", condition=~models.Q(by_sub="")),
        ]

    def __str__(self) -> str:
        return self.label

    def save(self, *args: Any, **options: Any) -> None:
        """Add the row. Raises AppendOnly for one that is there."""
        if not self._state.adding:
            raise audit.AppendOnly("save")
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """Raise AppendOnly."""
        raise audit.AppendOnly("delete")

    @property
    def label(self) -> str:
        """What happened, in words, with the second step it was about."""
        kind = audit.EARLIER_KINDS.get(self.kind) or self.get_kind_display()
        factor = self.get_factor_display()
        return f"{kind}: {factor}" if factor else kind


class AwaitedCode(models.Model):
    """A new address or number of somebody, which waits for the code that was sent there: see accounts/awaited.py."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="awaited_codes")
    attribute = models.CharField(max_length=32)
    # The value and when its code was sent, encrypted as tokens are.
    record = models.TextField(editable=False)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "attribute"], name="one_awaited_code_per_attribute"),
        ]

    def __str__(self) -> str:
        return self.attribute


class Synchronisation(models.Model):
    """How far the comparison of a pool with this database has got, and which run is at it; one row for each pool."""

    issuer = models.CharField(max_length=255, primary_key=True)
    # The run at work, and until when it is taken to be; without one, what stands below is where the last one stopped.
    run = models.UUIDField(null=True)
    lease = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    # Which page of the pool comes next; whether there is none left.
    page_token = models.TextField(default="")
    listed = models.BooleanField(default=False)
    # The highest primary key at the beginning, and a bit for each person who was met (accounts/sync/marks.py).
    newest = models.BigIntegerField(default=0)
    met = models.BinaryField(default=bytes)
    counts = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.issuer


class Count(models.Model):
    """How often something was tried, where the site has no Redis to count in: see accounts/counters.py."""

    key = models.CharField(max_length=96, primary_key=True)
    count = models.PositiveIntegerField()
    # Seconds since the epoch: what upserts on SQLite and PostgreSQL compare alike.
    expires_at = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return self.key
