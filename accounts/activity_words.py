"""What happened, in the words and with the drawing that the person whose account it is gets to see.

Staff read the plain name of the kind; whoever it happened to reads what they did.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.attribute_names import within_sentence
from accounts.audit import Kind
from accounts.cognito.factors import Factor
from accounts.models import Activity

# How somebody came in, as Activity.detail has it.
REGISTERED, INVITED, OUTSIDE = "registration", "invitation", "provider"
SIGNED_IN: Mapping[str, Any] = {
    "password": gettext_lazy("Signed in with a password"),
    "password totp": gettext_lazy("Signed in with a password and a code from your app"),
    "password email": gettext_lazy("Signed in with a password and an email code"),
    "password sms": gettext_lazy("Signed in with a password and a text code"),
    "passkey": gettext_lazy("Signed in with a passkey"),
    "email": gettext_lazy("Signed in with an email code"),
    "text": gettext_lazy("Signed in with a text code"),
    REGISTERED: gettext_lazy("Created the account"),
    INVITED: gettext_lazy("Chose a password after an invitation"),
}
# What was wrong with a try to sign in.
FAILED: Mapping[str, Any] = {
    "password": gettext_lazy("Sign-in failed: wrong password"),
    "code": gettext_lazy("Sign-in failed: wrong code"),
    "off": gettext_lazy("Sign-in failed: account switched off"),
}
SECOND_STEPS: Mapping[str, Any] = {
    Factor.TOTP: gettext_lazy("authenticator app"),
    Factor.EMAIL: gettext_lazy("email codes"),
    Factor.SMS: gettext_lazy("text message codes"),
}
# Of kinds about one thing: the words that name it, and those for a row that does not say which.
ABOUT: Mapping[str, tuple[Any, Any]] = {
    Kind.SESSION_ENDED: (gettext_lazy("Signed out %(what)s"), gettext_lazy("Signed out other devices")),
    Kind.FACTOR_ADDED: (
        gettext_lazy("Turned on two-step verification: %(what)s"),
        gettext_lazy("Turned on two-step verification"),
    ),
    Kind.FACTOR_ON: (
        gettext_lazy("Turned on two-step verification: %(what)s"),
        gettext_lazy("Turned on two-step verification"),
    ),
    Kind.FACTOR_OFF: (
        gettext_lazy("Turned off two-step verification: %(what)s"),
        gettext_lazy("Turned off two-step verification"),
    ),
    Kind.PASSKEY_ADDED: (gettext_lazy("Added passkey “%(what)s”"), gettext_lazy("Added a passkey")),
    Kind.PASSKEY_REMOVED: (gettext_lazy("Removed passkey “%(what)s”"), gettext_lazy("Removed a passkey")),
    Kind.PASSKEY_RENAMED: (gettext_lazy("Renamed passkey “%(what)s”"), gettext_lazy("Renamed a passkey")),
    Kind.PROVIDER_CONNECTED: (gettext_lazy("Connected %(what)s"), gettext_lazy("Connected another way to sign in")),
    Kind.PROVIDER_DISCONNECTED: (gettext_lazy("Disconnected %(what)s"), gettext_lazy("Disconnected a way to sign in")),
    Kind.EMAIL_ASKED: (gettext_lazy("Asked to change email to %(what)s"), gettext_lazy("Asked to change email")),
    Kind.EMAIL_CHANGED: (gettext_lazy("Changed email from %(what)s"), gettext_lazy("Changed email")),
    Kind.PROFILE_CHANGED: (gettext_lazy("Changed %(what)s"), gettext_lazy("Changed profile")),
}
# By the attribute that the code went to.
RESET: Mapping[str, Any] = {
    "email": gettext_lazy("Reset password by email"),
    "phone_number": gettext_lazy("Reset password by text message"),
}
PLAIN: Mapping[str, Any] = {
    Kind.PASSWORD_CHANGED: gettext_lazy("Changed password"),
    Kind.EMAIL_CONFIRMED: gettext_lazy("Verified email"),
    Kind.PHONE_CHANGED: gettext_lazy("Changed phone number"),
    Kind.PHONE_CONFIRMED: gettext_lazy("Verified phone number"),
    Kind.DATA_DOWNLOADED: gettext_lazy("Downloaded data"),
    Kind.SHUT_OUT: gettext_lazy("Switched off the account"),
    Kind.LET_IN: gettext_lazy("Switched on the account"),
    Kind.INVITED: gettext_lazy("Invited you"),
    Kind.INVITED_AGAIN: gettext_lazy("Sent the invitation again"),
    Kind.CONFIRMED: gettext_lazy("Confirmed the account"),
    Kind.PASSWORD_RESET_REQUIRED: gettext_lazy("Asked you to choose a new password"),
    Kind.GROUPS_CHANGED: gettext_lazy("Changed groups"),
}
ICONS: Mapping[str, str] = {
    Kind.FIRST_SIGN_IN: "sign-in",
    Kind.SIGNED_IN: "sign-in",
    Kind.SIGN_IN_REFUSED: "error",
    Kind.CONFIRMED_ACCESS: "lock",
    Kind.SIGNED_OUT: "sign-out",
    Kind.SESSION_ENDED: "sign-out",
    Kind.SIGNED_OUT_EVERYWHERE: "sign-out",
    Kind.ENDED_ELSEWHERE: "sign-out",
    Kind.PASSWORD_CHANGED: "password",
    Kind.PASSWORD_RESET: "password",
    Kind.PASSWORD_RESET_REQUIRED: "password",
    Kind.PROFILE_CHANGED: "edit",
    Kind.EMAIL_ASKED: "edit",
    Kind.EMAIL_CHANGED: "edit",
    Kind.PHONE_CHANGED: "edit",
    Kind.EMAIL_CONFIRMED: "mail",
    Kind.PHONE_CONFIRMED: "phone",
    Kind.FACTOR_ADDED: "shield",
    Kind.FACTOR_ON: "shield",
    Kind.FACTOR_OFF: "shield",
    Kind.PASSKEY_ADDED: "passkey",
    Kind.PASSKEY_REMOVED: "passkey",
    Kind.PASSKEY_RENAMED: "passkey",
    Kind.DATA_DOWNLOADED: "download",
}


def icon(row: Activity) -> str:
    """Return the name of the drawing beside ``row``, one of static/img/icons.svg."""
    # Of other kinds the detail may be what somebody called a thing.
    came_in = row.detail if row.kind in (Kind.FIRST_SIGN_IN, Kind.SIGNED_IN) else ""
    if came_in == REGISTERED:
        return "user"
    return "password" if came_in == INVITED else ICONS.get(row.kind, "user")


def words(row: Activity) -> str:
    """Return what happened in ``row``: as much as the row says, and no more."""
    if row.kind in (Kind.FIRST_SIGN_IN, Kind.SIGNED_IN):
        return sign_in(row)
    if row.kind == Kind.SIGN_IN_REFUSED:
        return str(FAILED.get(row.detail) or _("Sign-in failed"))
    if row.kind == Kind.PASSWORD_RESET:
        return str(RESET.get(row.detail) or _("Reset password with a code"))
    if row.kind in ABOUT:
        named, unnamed = ABOUT[row.kind]
        what = thing(row)
        return str(named) % {"what": what} if what else str(unnamed)
    return str(PLAIN.get(row.kind) or row.label)


def with_target(row: Activity) -> str:
    """Return what happened in ``row`` as records name it, with the group or the like that it was about."""
    return _("%(what)s: %(which)s") % {"what": row.label, "which": row.target} if row.target else str(row.label)


def sign_in(row: Activity) -> str:
    """Return how the person of ``row`` signed in."""
    if row.detail == OUTSIDE:
        return _("Signed in with %(provider)s") % {"provider": row.target}
    return str(SIGNED_IN.get(row.detail) or _("Signed in"))


def thing(row: Activity) -> str:
    """Return what ``row`` was about, "" where it does not say: the step, the provider, or what its detail names."""
    if row.factor:
        return str(SECOND_STEPS.get(row.factor, row.get_factor_display()))
    if row.kind == Kind.PROFILE_CHANGED:
        return within_sentence(row.detail)
    return row.target if row.kind in (Kind.PROVIDER_CONNECTED, Kind.PROVIDER_DISCONNECTED) else row.detail
