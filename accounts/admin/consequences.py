"""What the pages say of an act: before it what follows for those who are chosen, after it what has followed."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import conf, pool, users
from accounts.admin.person import FACTORS
from accounts.administration import Done
from accounts.administration.acting import proved_address
from accounts.cognito.factors import Factor
from accounts.cognito.sign_in_names import NameKind
from accounts.models import Session, User

People = Sequence[User]


def devices(people: People) -> int:
    """Return on how many devices ``people`` are signed in here."""
    return Session.objects.filter(user__in=people, expire_date__gt=timezone.now()).count()


def signed_out(count: int) -> str:
    """Return in words on how many devices somebody was signed out, "" for none."""
    if not count:
        return ""
    words = ngettext("%(count)d device was signed out.", "%(count)d devices were signed out.", count)
    return words % {"count": count}


def methods(factors: Sequence[str]) -> str:
    """Return second factors in words: "app, text message"."""
    return ", ".join(str(label) for factor, label in FACTORS.items() if factor.value in factors)


def of_resending(people: People) -> list[str]:
    """Return what follows from sending an invitation again."""
    return [_("A new temporary password is sent; the old one stops working.")]


def of_confirming(people: People) -> list[str]:
    """Return what follows from confirming what nobody has proved."""
    return [
        _("They can sign in with the password that was chosen when the account was created."),
        _("Their phone number counts as verified. Check that it is really theirs before you do this.")
        if is_by_phone()
        else _("Their address counts as verified. Check that it is really theirs before you do this."),
    ]


def reached_at(user: User) -> str:
    """Return where codes and invitations to ``user`` go, an address or number; a name where neither is known."""
    contact: str = getattr(user, conf.config().sign_in_with.contact)
    return contact or users.own_name(user)


def is_by_phone() -> bool:
    """Whether people are reached by phone: codes and invitations go there."""
    return conf.config().sign_in_with.contact is NameKind.PHONE


def of_signing_out(people: People) -> list[str]:
    """Return what follows from signing out everywhere."""
    count = devices(people)
    if not count:
        return [_("They are not signed in here. Wherever else their account is signed in, it is signed out.")]
    words = ngettext(
        "%(count)d device is signed out. They can sign in again.",
        "%(count)d devices are signed out. They can sign in again.",
        count,
    )
    return [words % {"count": count}]


def of_resetting(people: People) -> list[str]:
    """Return what follows from making a password useless."""
    sent = _("They get a code by text message.") if is_by_phone() else _("They get a code by email.")
    return [sent, _("They can’t sign in until they choose a new password.")]


def of_disabling(people: People) -> list[str]:
    """Return what follows from disabling."""
    return [_("They can’t sign in."), _("They are signed out everywhere.")]


def of_enabling(people: People) -> list[str]:
    """Return what follows from enabling."""
    return [_("They can sign in again.")]


def of_changing_groups(people: People) -> list[str]:
    """Return what follows from changing groups."""
    return [_("Groups decide what they may do. Changes count from their next page on.")]


def of_correcting(people: People) -> list[str]:
    """Return what follows from correcting an address."""
    return [_("Codes and emails go to this address. The old one gets an email about it, if it was verified.")]


def of_synchronising(people: People) -> list[str]:
    """Return what follows from looking at Cognito."""
    return [
        _("What Cognito says of them now is kept here: name, email, status, two-step verification, groups and rights."),
        _("Whoever is disabled or no longer exists in Cognito is signed out."),
    ]


def of_deleting(people: People) -> list[str]:
    """Return what follows from deleting."""
    return [
        _("The account is deleted in Cognito and here. That it was, and by whom, stays on record."),
        _("They are signed out everywhere."),
        *files_stay(),
        _("Nobody can undo this."),
    ]


def files_stay() -> list[str]:
    """Return what becomes of the files of people who are deleted, where people have some."""
    return [_("Their files stay in the bucket, where nobody can open them.")] if conf.config().has_files else []


def without_app(people: People) -> str:
    """Return what stands between a stranger and the account once the authenticator app is gone."""
    if len(people) > 1:
        return password_alone(people)
    others = methods([factor for factor in people[0].second_factors if factor != Factor.TOTP])
    if not others:
        return password_alone(people)
    words = _("%(name)s (%(email)s) is then asked for: %(methods)s. Check that it is really them before you do this.")
    return words % {**called(people[0]), "methods": others}


def password_alone(people: People) -> str:
    """Return that a password is all that is left, where the pool lets anybody in by one."""
    if pool.description().requires_second_step:
        return _(
            "The next sign-in asks for another second step, or to set one up: this site asks everyone for one. "
            "Check that it is really them before you do this."
        )
    if len(people) > 1:
        return _(
            "They can then sign in with a password alone, unless they have another method, until two-step verification "
            "is set up again. Check that it is really them before you do this."
        )
    words = _(
        "%(name)s (%(email)s) can then sign in with a password alone, until two-step verification is set up again. "
        "Check that it is really them before you do this."
    )
    return words % called(people[0])


def called(user: User) -> dict[str, str]:
    """Return the names of ``user`` for a sentence."""
    return {"name": str(user), "email": user.email or users.own_name(user)}


def of_removing_app(people: People) -> list[str]:
    """Return what follows from removing the authenticator app."""
    return [_("The authenticator app stops working."), *aftermath(people)]


def of_turning_off(people: People) -> list[str]:
    """Return what follows from turning two-step verification off, with the methods of one person named."""
    named = capfirst(methods(people[0].second_factors)) if len(people) == 1 else ""
    stops = _("No longer asked for: %s.") % named if named else _("No second step is asked for any more.")
    return [stops, *aftermath(people)]


def without_passkeys(people: People) -> str:
    """Return why to make sure."""
    return _("Check that it is really them before you do this.")


def of_removing_passkeys(people: People) -> list[str]:
    """Return what follows from removing passkeys, and of whom Cognito lets nobody remove them."""
    return [
        _("Their passkeys stop working."),
        _("It takes a session of theirs on this site. If there is none, ask them to remove them under Security."),
        *aftermath(people),
    ]


def aftermath(people: People) -> list[str]:
    """Return what follows from any act that makes an account easier to get into."""
    mailed = [_("They get an email about it.")] if any(map(proved_address, people)) else []
    return [_("They are signed out everywhere."), *mailed]


def after_correcting(done: Done) -> str:
    """Return what is said of another address."""
    if done.awaits_code:
        return _("A code is on its way to %(names)s. The address counts once %(name)s has entered it.")
    return _("The email of %(name)s is now %(names)s.")


def after_changing_groups(done: Done) -> str:
    """Return what is said of the groups somebody is in now."""
    return _("%(name)s is now in: %(names)s.") if done.names else _("%(name)s is in no group now.")


def after_removing_passkeys(done: Done) -> str:
    """Return what is said of passkeys that are gone."""
    count = len(done.names)
    words = ngettext("%(count)d passkey of {name} removed.", "%(count)d passkeys of {name} removed.", count)
    # The name is filled in later, as in every message.
    return (words % {"count": count}).replace("{name}", "%(name)s")
