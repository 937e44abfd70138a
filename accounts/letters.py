"""The words of each mail of the site.

Links are built from SITE_URL, never from what the request says of its host, and work for whoever is signed out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from accounts import browser, local_time
from accounts.cognito.factors import Factor
from accounts.context import Context
from accounts.factor_labels import FACTOR_LABELS, FACTORS_IN_WORDS
from accounts.mailing import Letter, Link, Words, words
from accounts.models import CameBy

WITH_FACTOR = {
    Factor.TOTP: lambda: _("Password and authenticator app"),
    Factor.EMAIL: lambda: _("Password and code by email"),
    Factor.SMS: lambda: _("Password and text message"),
}


@dataclass(frozen=True)
class Event:
    """What happened to the account of ``address``, whence, and by whose hands as far as that is told.

    ``factor`` is the two-step method it was about and ``factors`` those that are on now; ``target`` what else it was
    about: a passkey's label, a provider, the last digits of a number. ``how`` is in words.
    """

    address: str
    context: Context
    target: str = ""
    factor: Factor | None = None
    factors: tuple[Factor, ...] = ()
    how: str = ""
    at: datetime = field(default_factory=timezone.now)

    def facts(self) -> dict[str, str]:
        """Return what is known of it, as a mail shows it."""
        context = self.context
        shown = {
            # The patterns that browsers are known by take a fifth of a second to load.
            _("Device"): browser.name(context.user_agent) if context.is_known else "",
            _("When"): local_time.in_full(self.at, local_time.zone(context.time_zone)),
            _("Network address"): context.ip_address or "",
            _("How"): self.how,
        }
        return {name: value for name, value in shown.items() if value}

    def letter(self, subject: str, heading: str, *pieces: Words | Link | None) -> Letter:
        """Return a letter with the facts of this."""
        return to_owner(subject, heading, *pieces, facts=self.facts())


def to_owner(
    subject: str, heading: str, *pieces: Words | Link | None, facts: Mapping[str, str] | None = None
) -> Letter:
    """Return a letter to somebody who has an account; their site is named in ``subject``."""
    why = _("You get this email because the account is yours. It can’t be turned off.")
    return Letter(subject % {"site": settings.SITE_NAME}, heading, pieces, facts or {}, why)


def page(name: str, place: str = "") -> str:
    """Return the address of the page called ``name``, at ``place`` in it."""
    return f"{settings.SITE_URL}{reverse(name)}{place}"


def secure() -> str:
    """Return where it says what to do about somebody else in the account: it needs no sign-in."""
    return page("help", "#unknown")


def way_in(came_by: str, *, second_step: bool, factors: tuple[Factor, ...]) -> str:
    """Return by what somebody signed in, in words; "" where that is not known for sure."""
    if came_by != CameBy.PASSWORD:
        return ""
    if not second_step:
        return _("Password")
    return WITH_FACTOR[factors[0]]() if len(factors) == 1 else ""


def new_sign_in(event: Event) -> Letter:
    """Return the mail about a sign-in in a browser that does not know the person."""
    return event.letter(
        _("New sign-in to your %(site)s account"),
        _("New sign-in to your account"),
        words(_("Someone signed in to %(address)s on a device we haven’t seen before."), address=event.address),
        None,
        words(_("**If this was you,** there’s nothing to do.")),
        words(_("**If it wasn’t,** sign that device out and change your password:")),
        Link(_("Review your devices"), page("sessions")),
    )


def password_changed(event: Event) -> Letter:
    """Return the mail about a password that was changed by somebody who knew the old one."""
    return event.letter(
        _("Your %(site)s password was changed"),
        _("Your password was changed"),
        words(
            _("The password of %(address)s was changed, and all other devices were signed out."), address=event.address
        ),
        None,
        *new_password(event),
    )


def password_reset(event: Event) -> Letter:
    """Return the mail about a password that was chosen by a code, from this mailbox where ``target`` says so."""
    from_here = _("Someone with a code from this mailbox chose a new password for %(address)s.")
    return event.letter(
        _("Your %(site)s password was reset"),
        _("Your password was reset"),
        words(
            from_here if event.target else _("Someone with a code chose a new password for %(address)s."),
            address=event.address,
        ),
        None,
        *new_password(event),
    )


def new_password(event: Event) -> list[Words | Link]:
    """Return what to do about a password that is somebody else's.

    Cognito sends no code for a new one to an address that gets the codes of the second step.
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
    """
    nothing = words(_("**If this was you,** there’s nothing to do."))
    if Factor.EMAIL in event.factors:
        return [nothing, words(_("**If it wasn’t,** contact %(support)s right away."))]
    remedy = Link(_("Reset your password"), page("forgot_password"))
    return [nothing, words(_("**If it wasn’t,** set a new password now:")), remedy]


def factor_on(event: Event) -> Letter:
    """Return the mail about a two-step method that was turned on."""
    return event.letter(
        _("Two-step verification is on for your %(site)s account"),
        _("Two-step verification is on"),
        words(
            _("%(method)s was turned on for %(address)s. We ask for a code after the password."),
            method=method(event),
            address=event.address,
        ),
        None,
        words(_("**If this wasn’t you,** contact %(support)s and [secure your account]."), secure()),
    )


def factor_off(event: Event) -> Letter:
    """Return the mail about a two-step method that was turned off: with others left, or as the last."""
    left = event.factors
    was_turned_off = words(
        ngettext(
            "%(method)s was turned off for %(address)s. %(left)s is still on.",
            "%(method)s was turned off for %(address)s. %(left)s are still on.",
            len(left),
        )
        if left
        else _("The password alone now opens %(address)s."),
        method=method(event),
        address=event.address,
        left=str(FACTORS_IN_WORDS.get(frozenset(left), "")),
    )
    return event.letter(
        _("A two-step method was turned off for your %(site)s account")
        if left
        else _("Two-step verification was turned off for your %(site)s account"),
        _("A two-step method was turned off") if left else _("Two-step verification was turned off"),
        was_turned_off,
        None,
        words(_("**If this wasn’t you,** change your password and turn it back on:")),
        Link(_("Secure your account"), secure()),
    )


def method(event: Event) -> str:
    """Return the two-step method of ``event`` in words."""
    return str(FACTOR_LABELS[event.factor]) if event.factor else _("Two-step verification")


def passkey_added(event: Event) -> Letter:
    """Return the mail about a passkey that was added."""
    return event.letter(
        _("A passkey was added to your %(site)s account"),
        _("A passkey was added"),
        words(
            _("“%(label)s” was added to %(address)s. Whoever has that device can sign in with it.")
            if event.target
            else _("A passkey was added to %(address)s. Whoever has that device can sign in with it."),
            label=event.target,
            address=event.address,
        ),
        None,
        words(_("**If this wasn’t you,** remove it and change your password:")),
        Link(_("Review your passkeys"), page("security")),
    )


def passkey_removed(event: Event) -> Letter:
    """Return the mail about a passkey that was removed."""
    return event.letter(
        _("A passkey was removed from your %(site)s account"),
        _("A passkey was removed"),
        words(
            _("“%(label)s” was removed from %(address)s.")
            if event.target
            else _("A passkey was removed from %(address)s."),
            label=event.target,
            address=event.address,
        ),
        None,
        words(_("**If this wasn’t you,** [secure your account]."), secure()),
    )


def provider_connected(event: Event) -> Letter:
    """Return the mail about an account elsewhere that signs in from now on."""
    named = {"provider": event.target, "site": settings.SITE_NAME}
    return event.letter(
        _("%(provider)s was connected to your %(site)s account") % named,
        _("%(provider)s was connected") % named,
        words(_("You can now sign in to %(address)s with %(provider)s."), address=event.address, provider=event.target),
        None,
        words(_("**If this wasn’t you,** [secure your account]."), secure()),
    )


def provider_disconnected(event: Event) -> Letter:
    """Return the mail about an account elsewhere that signs in no longer."""
    named = {"provider": event.target, "site": settings.SITE_NAME}
    return event.letter(
        _("%(provider)s was disconnected from your %(site)s account") % named,
        _("%(provider)s was disconnected") % named,
        words(
            _("You can no longer sign in to %(address)s with %(provider)s."),
            address=event.address,
            provider=event.target,
        ),
        None,
        words(_("**If this wasn’t you,** [secure your account]."), secure()),
    )


def phone_changed(event: Event) -> Letter:
    """Return the mail about another number, or none any more."""
    return event.letter(
        _("The phone number of your %(site)s account was changed"),
        _("Your phone number was changed"),
        words(
            _("The phone number of %(address)s is now the one ending in %(end)s.")
            if event.target
            else _("The phone number of %(address)s was removed."),
            address=event.address,
            end=event.target,
        ),
        None,
        words(_("**If this wasn’t you,** [secure your account]."), secure()),
    )


def email_changed(event: Event) -> Letter:
    """Return the mail to the address that is no longer the account's; ``target`` is the new one, masked."""
    return event.letter(
        _("The email of your %(site)s account was changed"),
        _("The email of your account was changed"),
        words(
            _(
                "The email of your account was changed from %(old)s to %(new)s. From now on, codes and notices go "
                "there, and this address can’t sign in or reset the password."
            ),
            old=event.address,
            new=event.target,
        ),
        None,
        words(_("**If this was you,** there’s nothing to do.")),
        words(_("**If it wasn’t,** contact %(support)s right away. We can’t undo it from this mailbox, but they can.")),
    )


def email_is_new(event: Event) -> Letter:
    """Return the mail to an address that is the account's from now on; ``target`` says that it signs in, too."""
    told = _("You can now sign in to %(site)s with %(new)s. Notices about your account come here.")
    return event.letter(
        _("This is now the email of your %(site)s account"),
        _("This is now the email of your account"),
        words(told if event.target else _("Notices about your account come here."), new=event.address),
    )


def account_deleted(event: Event) -> Letter:
    """Return the mail about an account that is no more."""
    letter = event.letter(
        _("Your %(site)s account was deleted"),
        _("Your account was deleted"),
        words(_("The account %(address)s and everything in it was deleted."), address=event.address),
        None,
        words(_("No one can restore it.")),
        words(_("**If this wasn’t you,** contact %(support)s: they can tell you what happened.")),
    )
    # It is theirs no longer.
    return replace(letter, why=_("You get this email because the account was yours."))


def already_registered() -> Letter:
    """Return the mail to somebody whose address was typed to register, and who may have forgotten the account."""
    return to_owner(
        _("You already have a %(site)s account"),
        _("You already have an account"),
        words(
            _("Someone entered your email to create a %(site)s account. You already have one, so nothing was changed.")
        ),
        words(_("If that was you:")),
        Link(_("Sign in"), page("login")),
        words(_("Forgot your password?")),
        Link(_("Reset your password"), page("forgot_password")),
        words(_("If it wasn’t you, there’s nothing to do.")),
    )


def address_taken() -> Letter:
    """Return the mail to somebody whose address was typed as the new one of another account."""
    return to_owner(
        _("Your email belongs to a %(site)s account already"),
        _("Your email belongs to an account already"),
        words(
            _(
                "Someone entered your email as the new one of another %(site)s account. It belongs to an account "
                "already, so nothing was changed."
            )
        ),
        words(_("If that was you, sign in to the account that has this email:")),
        Link(_("Sign in"), page("login")),
        words(_("If it wasn’t you, there’s nothing to do.")),
    )


@sensitive_variables("code")
def registration_code(code: str) -> Letter:
    """Return the mail with the code that proves an address to somebody who registers."""
    subject = _("Your %(site)s code: %(code)s") % {"site": settings.SITE_NAME, "code": code}
    pieces = [
        words(_("Enter **%(code)s** on the page that asked for it. It works for one hour."), code=code),
        words(_("If you didn’t ask for it, ignore this email. Nobody from %(site)s will ever ask you for this code.")),
    ]
    return Letter(subject, _("Your code"), pieces, {}, "")


def by_support(what: str | Promise, at: datetime) -> Letter:
    """Return the mail about what an administrator, or a command, did: ``what`` is one sentence or two."""
    when = local_time.in_full(at, None)
    return to_owner(
        _("Support changed your %(site)s account"),
        _("Support changed your account"),
        words("%(what)s", what=str(what)),
        words(_("This was done by support on %(when)s."), when=when),
        words(_("If you didn’t ask for it, contact %(support)s.")),
    )


def masked(address: str) -> str:
    """Return ``address`` so that whoever has it knows it, and nobody else learns it."""
    name, _at, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}"
