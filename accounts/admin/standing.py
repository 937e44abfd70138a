"""How somebody's account stands, as far as it decides which acts fit: as Cognito has just said, else as last seen."""

from dataclasses import dataclass
from functools import cached_property

from accounts.admin.at_cognito import Description
from accounts.cognito.results import Status
from accounts.kept_passkeys import KeptPasskey
from accounts.models import Session, User

# Of people who chose a password of their own; "" is what was never compared with Cognito.
WITH_PASSWORD = {"", Status.CONFIRMED, Status.RESET_REQUIRED}


@dataclass(frozen=True)
class Standing:
    """``status`` is one of Status or "", ``factors`` are the values of second factors that are on, there or here.

    What was done there and could not be written down here still fits: doing it again does the rest.
    """

    user: User
    status: str
    enabled: bool
    factors: frozenset[str]
    # None where that is not known.
    has_passkey: bool | None

    @classmethod
    def of(cls, user: User, now: Description) -> "Standing":
        """Return how ``user`` stands, of whom Cognito has just said ``now``, which may be nothing."""
        there, factors = now.person, frozenset(user.second_factors)
        if there is None:
            return cls(user, user.cognito_status, user.is_active, factors, now.has_passkey)
        # Whoever is shut out here and not there, or the other way round, can be let in in full.
        enabled = there.enabled and user.is_active
        return cls(user, there.status, enabled, factors.union(there.factors), now.has_passkey)

    @property
    def is_there(self) -> bool:
        """Whether the person has an account in the pool."""
        return self.status != Status.GONE

    @property
    def has_password(self) -> bool:
        """Whether the person signs in with a password of their own, and may."""
        return self.enabled and self.status in WITH_PASSWORD

    @property
    def comes_in(self) -> bool:
        """Whether the person may sign in, in whatever way."""
        return self.enabled and self.status in {*WITH_PASSWORD, Status.EXTERNAL_PROVIDER}

    @cached_property
    def lends_passkeys(self) -> bool:
        """Whether passkeys can be removed: there may be some, and there is a session here that lets Cognito do it."""
        may_have_some = self.has_passkey is not False or KeptPasskey.objects.filter(user=self.user).exists()
        return may_have_some and Session.objects.filter(user=self.user).exclude(tokens="").exists()
