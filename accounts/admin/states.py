"""The state of an account in a word, as lists show it and are filtered by it."""

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.cognito.results import Person, Status
from accounts.models import User


class State(TextChoices):
    """What administrators tell apart: whether somebody can sign in, and what keeps them from it."""

    ACTIVE = "active", _("Active")
    INVITED = "invited", _("Invited")
    NOT_CONFIRMED = "not_confirmed", _("Not confirmed")
    RESET_REQUIRED = "reset_required", _("Reset required")
    DISABLED = "disabled", _("Disabled")
    GONE = "gone", _("No longer in Cognito")
    OTHER = "other", _("Not known")

    @classmethod
    def of(cls, status: str, *, enabled: bool) -> "State":
        """Return the state of an account that Cognito describes so; "" stands for one it has not described yet."""
        return next((state for state in cls if status in STATUSES[state] and enabled is state.enabled), cls.OTHER)

    @classmethod
    def of_user(cls, user: User) -> "State":
        """Return the state of ``user`` as last seen."""
        return cls.of(user.cognito_status, enabled=user.is_active)

    @classmethod
    def of_person(cls, person: Person) -> "State":
        """Return the state of ``person`` as Cognito has just described them."""
        return cls.of(person.status.value, enabled=person.enabled)

    @property
    def enabled(self) -> bool:
        """Whether accounts in this state are enabled at Cognito."""
        return self not in {State.DISABLED, State.GONE}

    @property
    def kind(self) -> str:
        """The kind of the badge that shows it: "ok", "accent", "warn" or "bad"."""
        return KINDS.get(self, "warn")

    def people(self) -> Q:
        """Return what finds the people in this state by an index."""
        return Q(is_active=self.enabled, cognito_status__in=sorted(STATUSES[self]))


KINDS = {State.ACTIVE: "ok", State.INVITED: "accent", State.DISABLED: "bad", State.GONE: "bad"}
STATUSES: dict[State, set[str]] = {
    # Nothing is known of people who came in before this was kept, but that they came in.
    State.ACTIVE: {Status.CONFIRMED, Status.EXTERNAL_PROVIDER, ""},
    State.INVITED: {Status.FORCE_CHANGE_PASSWORD},
    State.NOT_CONFIRMED: {Status.UNCONFIRMED},
    State.RESET_REQUIRED: {Status.RESET_REQUIRED},
    State.DISABLED: {*Status, ""} - {Status.GONE},
    State.GONE: {Status.GONE},
    State.OTHER: {Status.ARCHIVED, Status.COMPROMISED, Status.UNKNOWN, Status.GONE},
}
