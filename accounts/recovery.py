"""What becomes of somebody who has lost what they sign in with: the ways back, and what is missing for them.

Cognito sends no code for a new password to what gets the codes of the second step.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from accounts import conf
from accounts.cognito.factors import Factor
from accounts.cognito.results import PoolDescription, Profile
from accounts.cognito.sign_in_names import NameKind, readable
from accounts.models import User

SENT_TO = ("email", "phone_number")  # the attributes that a code can go to


class Readiness(StrEnum):
    """Whether a forgotten password can be recovered: now, once something is proved, or not by the person alone."""

    READY = "ready"
    UNPROVED = "unproved"
    SECOND_STEP = "second_step"
    BY_STAFF = "by_staff"


@dataclass(frozen=True, slots=True)
class Recovery:
    """Whether a forgotten password can be recovered, by which attribute (Cognito's word), and to where codes go.

    In ``SECOND_STEP`` the attribute is what gets the codes of the second step, in ``UNPROVED`` what is to be proved.
    The target is as people read it.
    """

    readiness: Readiness
    attribute: str = ""
    target: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether the person can choose a new password without help."""
        return self.readiness is Readiness.READY

    @property
    def goes_to(self) -> str:
        """The attribute that a code goes to, "" where that does not follow from what is known."""
        return self.attribute if self.is_ready else ""


def of(profile: Profile, described: PoolDescription, factors: Collection[Factor]) -> Recovery:
    """Return how the person of ``profile`` gets a new password while ``factors`` are their second steps."""
    told = profile.attributes
    values = {name: told.get(name, "") for name in SENT_TO}
    proved = {name for name in SENT_TO if values[name] and told.get(f"{name}_verified") == "true"}
    return recovery(described, values, proved, factors)


def of_user(user: User, described: PoolDescription) -> Recovery:
    """Return the same by what is kept here of ``user``; of a phone number, only where people sign in with it."""
    values = {"email": user.email, "phone_number": user.phone_number}
    marks = {"email": user.email_verified, "phone_number": user.phone_number_verified}
    proved = {name for name, mark in marks.items() if mark and values[name]}
    return recovery(described, values, proved, Factor.all_named(user.second_factors))


def recovery(
    described: PoolDescription, values: Mapping[str, str], proved: Collection[str], factors: Collection[Factor]
) -> Recovery:
    """Return how somebody with these attributes, of which some are ``proved``, gets a new password."""
    contact = conf.config().sign_in_with.contact.value
    order = described.recovers_by if described.recovers_by is not None else (contact,)
    taken = {factor.attribute for factor in factors}
    for name in order:
        if name in proved and name not in taken:
            return Recovery(Readiness.READY, name, readable(values[name]))
    if not order:
        return Recovery(Readiness.BY_STAFF)
    for name in order:
        if name in proved:
            return Recovery(Readiness.SECOND_STEP, name, readable(values[name]))
    wanted = contact if contact in order else order[0]
    return Recovery(Readiness.UNPROVED, wanted, readable(values.get(wanted, "")))


def may_be_texted(described: PoolDescription) -> bool:
    """Whether the code for a new password goes to phones as a rule: as the pool says, or as people sign in."""
    return NameKind.PHONE in {*conf.config().sign_in_with.kinds, *(described.recovers_by or ())[:1]}


def depends_on(profile: Profile, described: PoolDescription, factor: Factor) -> bool:
    """Whether a forgotten password is recovered by what ``factor`` sends its codes to, as long as that one is off."""
    found = of(profile, described, {*profile.factors} - {factor})
    return found.is_ready and found.attribute == factor.attribute
