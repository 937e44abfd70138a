"""How well one's account is protected: the steps to that, and the next of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import federation, pool
from accounts.cognito.errors import CognitoError
from accounts.cognito.factors import Factor
from accounts.cognito.results import PoolDescription
from accounts.factor_labels import FACTORS_IN_WORDS
from accounts.forms.fields import Sentence
from accounts.http import AuthenticatedRequest, access_token, own_profile
from accounts.models import LOCAL_ISSUER, User
from accounts.passkeys import OwnPasskey, passkeys_of

MOST_NAMES = 2  # passkeys that are called by their names
HEADLINES: tuple[Sentence, ...] = (
    _("Your account is well protected"),
    _("One thing left to do"),
    _("Two things left to do"),
    _("Three things left to do"),
)
BACKUP = {
    Factor.TOTP: _("Authenticator app only. Add a backup."),
    Factor.SMS: _("Text message only. Add a backup."),
    Factor.EMAIL: _("Email only. Add a backup."),
}


@dataclass(frozen=True)
class Checkup:
    """The steps of an account, by name and whether they are done, and the passkeys; None where nobody could say."""

    steps: tuple[tuple[str, bool], ...]
    passkeys: tuple[OwnPasskey, ...] | None

    @property
    def total(self) -> int:
        """How many steps there are for this person."""
        return len(self.steps)

    @property
    def done(self) -> int:
        """How many of them are done."""
        return sum(done for _name, done in self.steps)

    @property
    def next(self) -> str:
        """The first step that is open, "" for none."""
        return next((name for name, done in self.steps if not done), "")

    @property
    def headline(self) -> Sentence:
        """What is left to do."""
        return HEADLINES[self.total - self.done]

    @property
    def lead(self) -> str:
        """How far the person is."""
        words = {"done": self.done, "total": self.total}
        if self.next:
            return (
                ngettext(
                    "%(done)d of %(total)d step to a well-protected account",
                    "%(done)d of %(total)d steps to a well-protected account",
                    self.total,
                )
                % words
            )
        return (
            ngettext(
                "The only step is done. Nothing needs your attention.",
                "All %(total)d steps done. Nothing needs your attention.",
                self.total,
            )
            % words
        )

    @property
    def passkeys_named(self) -> tuple[str, ...]:
        """The names of the first passkeys."""
        return tuple(each.label for each in (self.passkeys or ())[:MOST_NAMES])

    @property
    def passkeys_more(self) -> int:
        """How many passkeys there are besides those."""
        return max(0, len(self.passkeys or ()) - MOST_NAMES)


def of(request: AuthenticatedRequest) -> Checkup | None:
    """Return the check-up of whoever makes ``request``: of how things stand at Cognito, which is written down here.

    None for people whose protection is not looked after here, and where Cognito does not say how things stand.
    """
    user, described = request.user, pool.description()
    if user.issuer == LOCAL_ISSUER or not federation.has_password(request):
        return None
    try:
        own_profile(request, access_token(request))
    except CognitoError:
        return None
    found = own_passkeys(request) if described.passkeys else ()
    steps = [(proved_by(user), user.phone_number_verified if proved_by(user) == "phone" else user.email_verified)]
    if described.mfa_factors or user.second_factors:
        steps.append(("two_step", bool(user.second_factors)))
    if passkeys_usable(user, described) and found is not None:
        steps.append(("passkey", bool(found)))
    return Checkup(tuple(steps), found)


def proved_by(user: User) -> str:
    """Return what somebody is reached by: "phone" for people who have a number and no address, else "email"."""
    return "phone" if user.phone_number and not user.email else "email"


def passkeys_usable(user: User, described: PoolDescription) -> bool:
    """Whether ``user`` can sign in with a passkey: not with a second step on, unless one stands for both steps.

    It does once Cognito has been told so of this person.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
    """
    stands_for_both = described.passkeys_satisfy_mfa and not user.passkeys_waiting
    return described.passkeys and (not user.second_factors or stands_for_both)


def own_passkeys(request: AuthenticatedRequest) -> tuple[OwnPasskey, ...] | None:
    """Return the person's passkeys, None where Cognito does not say: the overview is shown all the same."""
    try:
        return passkeys_of(request.user, access_token(request))
    except CognitoError:
        return None


def two_step_in_words(factors: Sequence[str], described: PoolDescription) -> Sentence:
    """Return which second steps are on, with the advice to add another where there is one and another can be had."""
    on = frozenset(factor for value in factors if (factor := Factor.named(value)))
    if len(on) == 1 and described.mfa_factors - on:
        return BACKUP[next(iter(on))]
    return FACTORS_IN_WORDS.get(on, _("A code as well as your password"))
