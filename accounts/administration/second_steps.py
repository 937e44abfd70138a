"""Acts on how somebody proves who they are besides a password: for people who lost a telephone or a key.

Each signs the person out everywhere, because whoever is signed in may be the one who found it.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from accounts import conf, pool
from accounts.administration.acting import ActRefused, Done, Words, attempt
from accounts.audit import Kind
from accounts.cognito.errors import AccessTokenRefused, FactorNotSetUp, InputRejected, Refused
from accounts.cognito.factors import Factor
from accounts.cognito.results import Passkey
from accounts.context import Context
from accounts.factor_labels import FACTOR_LABELS
from accounts.models import Session, User
from accounts.passkeys import forget_all, keep_all
from accounts.sessions import refresh
from accounts.sessions.engine import SessionStore

MOST_SESSIONS = 5  # of one person's, that are tried for an access token


def remove_authenticator(user: User, *, by: User | None, context: Context) -> Done:
    """Forget the authenticator app of ``user``; other second steps stay as they are.

    They are signed out first: a try that fails half-way is then whole when it is repeated.
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminDeleteSoftwareToken.html
    """
    words: Words = {InputRejected: _("needs the app: the user pool requires two-step verification")}
    with attempt("remove_authenticator", Kind.FACTOR_OFF, user, by=by, context=context, words=words) as act:
        directory, name = conf.directory(), act.person.username
        person = directory.get(name)
        if Factor.TOTP not in {*person.factors, *user.second_factors}:
            raise ActRefused(_("has no authenticator app"))
        left = tuple(factor for factor in person.factors if factor is not Factor.TOTP)
        directory.sign_out(name)
        act.changed = True
        with suppress(FactorNotSetUp):
            directory.delete_software_token(name)
        if not left and pool.description().passkeys_satisfy_mfa:
            directory.set_mfa_preference(name, {}, passkeys=False)
    what = gettext_lazy("Your authenticator app was removed, and you are signed out everywhere.")
    after = replace(person, factors=left, preferred_factor=None)
    devices = act.finish(what, person=after, ends_sessions=True, factors=(Factor.TOTP,))
    return Done(devices, names=labels((Factor.TOTP,)))


def turn_off_mfa(user: User, *, by: User | None, context: Context) -> Done:
    """Turn off every second step of ``user``: the password alone, or a passkey, then opens the account.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminSetUserMFAPreference.html
    """
    words: Words = {InputRejected: _("needs a second step: the user pool requires two-step verification")}
    with attempt("turn_off_mfa", Kind.FACTOR_OFF, user, by=by, context=context, words=words) as act:
        directory, name = conf.directory(), act.person.username
        person = directory.get(name)
        # An earlier try may have got as far as Cognito: then what is known here is older than that.
        factors = person.factors or Factor.all_named(user.second_factors)
        if not factors:
            raise ActRefused(_("has no two-step verification"))
        directory.sign_out(name)
        act.changed = True
        if person.factors:
            passkeys = False if pool.description().passkeys_satisfy_mfa else None
            directory.set_mfa_preference(name, dict.fromkeys(factors, (False, False)), passkeys=passkeys)
    what = gettext_lazy("Two-step verification was turned off, and you are signed out everywhere.")
    after = replace(person, factors=(), preferred_factor=None)
    devices = act.finish(what, person=after, ends_sessions=True, factors=factors)
    return Done(devices, names=labels(factors))


@sensitive_variables("token")
def remove_passkeys(user: User, *, by: User | None, context: Context) -> Done:
    """Forget every passkey of ``user``, who has to be signed in here.

    Cognito lets nobody but the person touch them, so that this takes the access token of one of their sessions, which
    is used for nothing else. https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DeleteWebAuthnCredential.html
    """
    ask_them = _("keeps the passkeys to themselves unless signed in here. Ask them to remove them under Security")
    with attempt(
        "remove_passkeys", Kind.PASSKEY_REMOVED, user, by=by, context=context, words={AccessTokenRefused: ask_them}
    ) as act:
        if not pool.description().passkeys:
            raise ActRefused(_("has no passkeys"))
        token, passkeys = token_and_passkeys(user)
        if not token:
            raise ActRefused(ask_them)
        # An earlier try may have got as far as Cognito: then more is known here than is there.
        names = keep_all(user, passkeys)
        if not names:
            raise ActRefused(_("has no passkeys"))
        for passkey in passkeys:
            conf.user_account().delete_passkey(token, passkey.id)
            act.changed = True
    what = gettext_lazy("Your passkeys were removed, and you are signed out everywhere.")
    devices = act.finish(what, ends_sessions=True, passkeys=names)
    # Only now: until it is written down that they are removed, the next try has to know that they were there.
    forget_all(user)
    # Last, for it ends the token. Should it fail, the sessions here are ended, and a repeated act has no passkeys left.
    try:
        conf.directory().sign_out(act.person.username)
    except Refused as refused:
        raise ActRefused(_("has no passkeys any more, but sign them out everywhere"), changed=True) from refused
    return Done(devices, names=names)


@sensitive_variables("token")
def token_and_passkeys(user: User) -> tuple[str, tuple[Passkey, ...]]:
    """Return an access token of ``user`` that works, and their passkeys; "" and none where no session has one."""
    for token in access_tokens(user):
        with suppress(AccessTokenRefused):
            return token, conf.user_account().list_passkeys(token)
    return "", ()


@sensitive_variables("held")
def access_tokens(user: User) -> Iterator[str]:
    """Yield the access token of each session of ``user``, renewed where its time is over, newest first."""
    going_on = Session.objects.filter(user=user, expire_date__gt=timezone.now()).exclude(tokens="")
    for key in going_on.order_by("-last_seen_at").values_list("session_key", flat=True)[:MOST_SESSIONS]:
        session = SessionStore(key)
        if refresh.ensure_fresh(session) is refresh.Outcome.USABLE:
            held = session.read_tokens()
            if held and held.tokens:
                yield held.tokens.access_token


def labels(factors: tuple[Factor, ...]) -> tuple[str, ...]:
    """Return what pages call ``factors``."""
    return tuple(str(FACTOR_LABELS[factor]) for factor in factors)
