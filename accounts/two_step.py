"""The methods of two-step verification: which somebody has or may turn on, and turning one on or off.

While two or more are on, none is preferred at Cognito: it then asks after the password which one shall be used, so that
whoever has lost one of them can take another (docs/adr/0053).
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SetUserMFAPreference.html
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts import activity, conf, passkeys, pool, users
from accounts.cognito.errors import FactorNotSetUp, InputRejected
from accounts.cognito.factors import Factor
from accounts.cognito.results import PoolDescription, Profile
from accounts.cognito.sign_in_names import readable
from accounts.context import Context
from accounts.factor_labels import FACTOR_LABELS
from accounts.forms.fields import Sentence
from accounts.http import AuthenticatedRequest, access_token, own_profile
from accounts.models import Activity, User
from accounts.one_at_a_time import UnderWay, one_at_a_time

SHOWN = (Factor.TOTP, Factor.SMS, Factor.EMAIL)  # in this order
OFF = _("Two-step verification is off. Your password alone opens your account.")
TURNED_ON: Mapping[Factor, Sentence] = {
    Factor.TOTP: _("Authenticator app turned on. We’ll ask for a code after your password."),
    Factor.SMS: _("Text message codes turned on."),
    Factor.EMAIL: _("Email codes turned on."),
}
TURNED_OFF: Mapping[Factor, Sentence] = {
    Factor.TOTP: _("Authenticator app removed."),
    Factor.SMS: _("Text message codes turned off."),
    Factor.EMAIL: _("Email codes turned off."),
}
ALONE: Mapping[Factor, Sentence] = {
    Factor.TOTP: _("Authenticator app is now your only second step."),
    Factor.SMS: _("Text message is now your only second step."),
    Factor.EMAIL: _("Email is now your only second step."),
}
NOT_POSSIBLE: Mapping[bool, Sentence] = {
    True: _("That method can’t be turned on for your account. Nothing was changed."),
    False: _("That method can’t be turned off for your account. Nothing was changed."),
}
REQUIRED = _("This site asks everyone for a second step. Turn on another method first.")
UNDER_WAY = _("Something else was just being changed in another tab. Nothing was changed here. Try again.")


class NotSwitched(Exception):
    """Nothing was changed; ``why`` says so to the person."""

    def __init__(self, why: Sentence) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Method:
    """One method of a person: ``proved`` where nothing stands in the way of turning it on, ``target`` where it sends.

    The target is as people read it. It is there also where it is not proved yet, "" for none.
    """

    factor: Factor
    enabled: bool
    proved: bool
    target: str

    @property
    def label(self) -> Sentence:
        """What pages call it."""
        return FACTOR_LABELS[self.factor]

    @property
    def key(self) -> str:
        """What addresses call it."""
        return self.factor.key


def methods_of(profile: Profile, described: PoolDescription) -> list[Method]:
    """Return the methods that the pool has or the person still uses."""
    return [
        method_of(profile, factor) for factor in SHOWN if factor in profile.factors or factor in described.mfa_factors
    ]


def method_of(profile: Profile, factor: Factor) -> Method:
    """Return how ``factor`` stands with the person of ``profile``."""
    target = profile.attributes.get(factor.attribute, "")
    proved = not factor.attribute or (bool(target) and profile.attributes.get(f"{factor.attribute}_verified") == "true")
    return Method(factor, factor in profile.factors, proved, readable(target))


def objection(profile: Profile, described: PoolDescription, factor: Factor, *, on: bool) -> Sentence:
    """Return why the person of ``profile`` cannot turn ``factor`` on or off, "" where nothing speaks against it."""
    if on:
        possible = factor in described.mfa_factors and method_of(profile, factor).proved
        return "" if possible else NOT_POSSIBLE[on]
    last = set(profile.factors) <= {factor}
    return REQUIRED if last and described.requires_second_step else ""


def preferences(on: Collection[Factor], known: Collection[Factor]) -> dict[Factor, tuple[bool, bool]]:
    """Return whether each of the ``known`` methods shall be on, as ``on`` are, and preferred: one that is alone."""
    return {factor: (factor in on, factor in on and len(on) == 1) for factor in known}


def turn(request: AuthenticatedRequest, factor: Factor, *, on: bool, kind: Activity.Kind) -> set[Factor]:
    """Turn ``factor`` on or off at Cognito and record it as ``kind``; return which are on now.

    Raises NotSwitched where the pool, or what the person has proved, does not allow it, and while they switch another
    one elsewhere.
    """
    try:
        with one_at_a_time(request):
            now = switched(request, factor, on=on)
    except UnderWay as refused:
        activity.refused(request, refused)
        raise NotSwitched(UNDER_WAY) from refused
    except (InputRejected, FactorNotSetUp) as refused:
        activity.refused(request, refused)
        raise NotSwitched(NOT_POSSIBLE[on]) from refused
    activity.record(kind, request.user, factor=factor, context=Context.of(request))
    return now


@sensitive_variables("token")
def switched(request: AuthenticatedRequest, factor: Factor, *, on: bool) -> set[Factor]:
    """Turn ``factor`` on or off beside those that are on at this moment; return which are on. Raises NotSwitched."""
    token = access_token(request)
    profile = own_profile(request, token)
    if why := objection(profile, pool.description(), factor, on=on):
        raise NotSwitched(why)
    now = {*profile.factors, factor} if on else {*profile.factors} - {factor}
    both_steps = passkeys.as_both_steps(token, second_step=bool(now))
    wanted = preferences(now, {*profile.factors, factor})
    conf.user_account().set_mfa_preference(token, wanted, passkeys=both_steps)
    users.update(request.user, replace(profile, factors=tuple(now)))
    if both_steps is not None:
        note_waiting(request.user, waiting=False)
    return now


@sensitive_variables("token")
def let_passkeys_count(request: AuthenticatedRequest) -> bool:
    """Have the passkeys stand for both steps if the person has a second one; return whether they can sign in by them.

    A pool that counts a passkey as one factor leaves people with a second step their password. So does Cognito saying
    no: then the passkeys wait for the next try, as they do where this raises Unavailable.
    """
    note_waiting(request.user, waiting=True)
    try:
        with one_at_a_time(request):
            token = access_token(request)
            profile = own_profile(request, token)
            both_steps = passkeys.as_both_steps(token, second_step=bool(profile.factors))
            if both_steps:
                wanted = preferences(profile.factors, profile.factors)
                conf.user_account().set_mfa_preference(token, wanted, passkeys=True)
    except (UnderWay, InputRejected, FactorNotSetUp) as refused:
        activity.refused(request, refused)
        return False
    note_waiting(request.user, waiting=both_steps is None)
    return bool(both_steps) or not profile.factors


def note_waiting(user: User, *, waiting: bool) -> None:
    """Keep whether Cognito has still to be told that the passkeys of ``user`` stand for both steps."""
    user.passkeys_waiting = waiting
    user.save(update_fields=["passkeys_waiting"])


def outcome(factor: Factor, now: Collection[Factor], *, on: bool) -> str:
    """Return what is said once ``factor`` is turned on or off and ``now`` are on."""
    if on:
        return str(TURNED_ON[factor])
    if not now:
        return str(OFF)
    alone = ALONE[next(iter(now))] if len(now) == 1 else ""
    return f"{TURNED_OFF[factor]} {alone}".rstrip()
