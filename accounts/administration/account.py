"""Acts on somebody's account as a whole: who may come in, with which address, and whether it is there at all."""

import logging
import time
from contextlib import suppress
from dataclasses import replace

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import activity, awaited, conf, notices
from accounts.administration.acting import ActRefused, Done, Gone, Words, attempt, proved_address
from accounts.audit import Kind
from accounts.awaited import Awaited
from accounts.cognito.errors import AliasTaken, InputRejected, NotAuthorized, UsernameTaken
from accounts.cognito.results import Person, Status
from accounts.context import Context
from accounts.models import User
from accounts.sessions import revocation

logger = logging.getLogger(__name__)


def disable(user: User, *, by: User | None, context: Context) -> Done:
    """Let ``user`` in no longer, there and here, and end their sessions and tokens at once.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminDisableUser.html
    """
    with attempt("disable", Kind.SHUT_OUT, user, by=by, context=context) as act:
        conf.directory().disable(act.person.username)
    what = gettext_lazy("Your account is disabled: you can’t sign in, and you are signed out everywhere.")
    return Done(act.finish(what, person=replace(act.person, enabled=False), ends_sessions=True))


def enable(user: User, *, by: User | None, context: Context) -> Done:
    """Let ``user`` in again, there and here. What was signed out stays so."""
    with attempt("enable", Kind.LET_IN, user, by=by, context=context) as act:
        conf.directory().enable(act.person.username)
    return Done(
        act.finish(
            gettext_lazy("Your account is enabled. You can sign in again."),
            person=replace(act.person, enabled=True),
            lets_in=True,
        )
    )


def sign_out(user: User, *, by: User | None, context: Context) -> Done:
    """End every session of ``user`` here, and every token at Cognito. They can sign in again.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminUserGlobalSignOut.html
    """
    with attempt("sign_out", Kind.SIGNED_OUT_EVERYWHERE, user, by=by, context=context) as act:
        conf.directory().sign_out(act.person.username)
    return Done(act.finish(gettext_lazy("You are signed out everywhere. You can sign in again."), ends_sessions=True))


def confirm(user: User, *, by: User | None, context: Context, verified: bool = True) -> Done:
    """Confirm the registration of ``user`` in place of the mailed code, and the address too unless not ``verified``.

    Cognito's own operation confirms the account alone; without a proved address nobody can reset their password. The
    address comes first: if the second call fails, nobody has got in. The password stays the one of whoever registered,
    who may not be the owner of the mailbox (docs/adr/0020): whoever confirms makes sure, and the owner is told.
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminConfirmSignUp.html
    """
    words: Words = {
        NotAuthorized: _("is confirmed already"),
        AliasTaken: _("has an address that another account has confirmed"),
    }
    with attempt("confirm", Kind.CONFIRMED, user, by=by, context=context, words=words) as act:
        person = act.person
        # An earlier try may have got as far as Cognito: then what is known here is older than that.
        if person.status is not Status.UNCONFIRMED and user.cognito_status != Status.UNCONFIRMED:
            raise ActRefused(words[NotAuthorized])
        flag = f"{conf.config().sign_in_with.contact}_verified"
        if verified and has_unproved_contact(person):
            conf.directory().update_attributes(person.username, {flag: "true"})
            act.changed = True
            person = replace(person, attributes={**person.attributes, flag: "true"})
        if person.status is Status.UNCONFIRMED:
            conf.directory().confirm(person.username)
            person = replace(person, status=Status.CONFIRMED)
    what = gettext_lazy(
        "Your account is confirmed, with the password chosen when it was made. If that wasn’t you, choose another now."
    )
    return Done(act.finish(what, person=person, address=proved_address(person)))


# Why there is no password to reset.
NO_PASSWORD = {
    Status.UNCONFIRMED: lambda: _("has not confirmed the address yet: confirm it first"),
    Status.FORCE_CHANGE_PASSWORD: lambda: _("has not accepted the invitation yet: send it again instead"),
    Status.EXTERNAL_PROVIDER: lambda: _("signs in with another service, which keeps the password"),
}


def reset_password(user: User, *, by: User | None, context: Context) -> Done:
    """Make the password of ``user`` useless and have Cognito send a code to choose another.

    Sessions go on until the new password ends them.
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminResetUserPassword.html
    """
    words: Words = {
        InputRejected: _("has no confirmed address that a code could be sent to"),
        NotAuthorized: _("is in no state to choose a new password"),
    }
    with attempt("reset_password", Kind.PASSWORD_RESET_REQUIRED, user, by=by, context=context, words=words) as act:
        if act.person.status in NO_PASSWORD:
            raise ActRefused(NO_PASSWORD[act.person.status]())
        if not act.person.enabled:
            raise ActRefused(_("is disabled: enable them first"))
        conf.directory().reset_password(act.person.username)
    what = gettext_lazy(
        "Your password was reset. You can’t sign in until you choose a new one, with the code that was sent to you."
    )
    return Done(act.finish(what, person=replace(act.person, status=Status.RESET_REQUIRED)))


def has_unproved_contact(person: Person) -> bool:
    """Whether what ``person`` was sent a code to, address or number, is there and counts as nobody's yet."""
    contact = conf.config().sign_in_with.contact
    return bool(getattr(person, contact)) and not getattr(person, f"{contact}_verified")


def change_email(user: User, *, email: str, verified: bool, by: User | None, context: Context) -> Done:
    """Give ``user`` the address ``email``; it counts as proved where it is ``verified``, else they have to prove it.

    A pool that wants addresses proved before they count keeps the old one until then, and mails a code to the new one:
    the person types it at ``/account/profile/``. What Cognito made of it is read back. The old address is told.
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminUpdateUserAttributes.html
    """
    taken = _("cannot have this address: another account has it")
    words: Words = {
        AliasTaken: taken,
        UsernameTaken: taken,
        InputRejected: _("cannot have this address: Cognito does not take it"),
    }
    with attempt("change_email", Kind.EMAIL_CHANGED, user, by=by, context=context, words=words) as act:
        if act.person.status is Status.EXTERNAL_PROVIDER:
            raise ActRefused(_("signs in with another service, which keeps the address"))
        # An earlier try may have got as far as Cognito: then what is known here is older than that.
        if act.person.email == user.email == email and (act.person.email_verified or not verified):
            raise ActRefused(_("has this address already"))
        after = write_email(act.person, email, verified=verified)
    # The owner of the address as it was is told; of one that has just been proved, whoever has it.
    told = proved_address(user if act.person.email == email else act.person)
    if user.pk:
        await_code(user, "" if after.email == email else email)
    if after.email != email:
        act.kind = Kind.PROFILE_CHANGED
        what: str | Promise = lazy(told_to_enter_code, str)()
    elif user.email == email:
        act.kind = Kind.EMAIL_CONFIRMED
        again = gettext_lazy("Your email has to be confirmed again.")
        what = gettext_lazy("Your email is confirmed.") if verified else again
        told = email
    else:
        what = gettext_lazy("The email of your account was changed. Codes and notices no longer come to this one.")
    act.finish(what, person=after, address=told)
    return Done(names=(email,), awaits_code=after.email != email)


def await_code(user: User, email: str) -> None:
    """Keep that ``user`` has to prove the address ``email``, "" for none, in place of any that was entered before."""
    if email:
        awaited.begin(user, awaited.EMAIL, Awaited(value=email, sent_at=time.time()))
    else:
        awaited.end(user, awaited.EMAIL)


def told_to_enter_code() -> str:
    """Return what the mail about a new address says, as long as that is to be proved."""
    page = f"{settings.SITE_URL}{reverse('profile')}"
    return _("A new email was entered for your account. It counts once its code is entered here: %s") % page


def write_email(person: Person, email: str, *, verified: bool) -> Person:
    """Give ``person`` the address at Cognito, and return them as they then are.

    ``email_verified`` goes along only where it is true: AWS documents that alone, as what makes the new address count
    at once. A server that leaves the flag of the old address standing is told that it is not so.
    """
    directory = conf.directory()
    directory.update_attributes(person.username, {"email": email, **({"email_verified": "true"} if verified else {})})
    after = directory.get(person.username)
    if not verified and after.email == email and after.email_verified:
        directory.update_attributes(person.username, {"email_verified": "false"})
        after = replace(after, attributes={**after.attributes, "email_verified": "false"})
    return after


def delete(user: User, *, by: User | None, context: Context) -> Done:
    """Delete the account of ``user`` for good, there and here. Of somebody gone there, what is here is deleted."""
    address, locale = proved_address(user), ""
    with suppress(Gone), attempt("delete", Kind.ACCOUNT_DELETED, user, by=by, context=context) as act:
        conf.directory().delete(act.person.username)
        address, locale = proved_address(act.person), act.person.locale
    with transaction.atomic():
        devices = revocation.end_everything(user)
        activity.write(Kind.ACCOUNT_DELETED, user, by=by, context=context)
        if user.pk:
            user.delete()
    if conf.config().has_files:
        # The site has no key to them: whoever has one deletes them (docs/operating.md).
        logger.warning("files left behind", extra={"sub": user.sub})
    notices.by_support(gettext_lazy("Your account was deleted. No one can restore it."), address, locale)
    return Done(devices)


def synchronise(user: User, *, by: User | None, context: Context) -> Done:
    """Bring what is known of ``user`` up to date, rights included; the sessions of somebody disabled are ended.

    Second factors are told by AdminGetUser alone, for which AWS bills the person as active this month.
    """
    with attempt("synchronise", Kind.SYNCHRONISED, user, by=by, context=context) as act:
        person = conf.directory().get(act.person.username)
        groups = conf.directory().groups_of(person.username)
    return Done(act.finish("", person=person, groups=groups, lets_in=True), names=groups)
