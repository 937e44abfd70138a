"""What happened: a line in the log always, a row for the person whose account it was."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib.auth.signals import user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import browser, conf, notices, users
from accounts.cognito.factors import Factor
from accounts.context import Context
from accounts.models import Activity, User

logger = logging.getLogger("accounts.activity")

Kind = Activity.Kind

# The owner is mailed of these, because a stranger who got into the account would do them next. Resets, new addresses
# and new numbers are mailed too, by functions of their own, because their mails go elsewhere or read differently.
NOTIFIED = {
    Kind.PASSWORD_CHANGED,
    Kind.FACTOR_ADDED,
    Kind.FACTOR_ON,
    Kind.FACTOR_OFF,
    Kind.FACTOR_PREFERRED,
    Kind.PASSKEY_ADDED,
    Kind.PASSKEY_REMOVED,
}
# Failed sign-ins kept of one person in 24 hours: enough to notice, and no way for a stranger to fill a table.
MOST_REFUSALS = 10


def record(
    kind: Activity.Kind, user: User, *, by: User | None = None, context: Context, factor: Factor | None = None
) -> None:
    """Log ``kind``, add it to the activity of ``user``, and mail them where it concerns who can open the account.

    ``by`` is who did it, None for the person; ``context`` is whence they did it, and is for the log alone where it was
    somebody else. ``factor`` is the second step it was about, where it was about one.
    """
    row = write(kind, user, by=by, context=context, factor=factor)
    if kind in NOTIFIED:
        notices.send(row.label, user.email, for_owner(context, user, by))


def write(
    kind: Activity.Kind, user: User, *, by: User | None = None, context: Context, factor: Factor | None = None
) -> Activity:
    """Log ``kind`` and return the new row of the activity of ``user``; the words mean what they mean to `record`."""
    extra = {
        "user": user.pk,
        "by": by.pk if by else "",
        "ip": context.ip_address,
        "factor": factor or "",
        "request_id": context.request_id,
    }
    logger.info(kind.value, extra=extra)
    shown = for_owner(context, user, by)
    return Activity.objects.create(
        user=user,
        kind=kind,
        factor=factor.value if factor else "",
        ip_address=shown.ip_address,
        user_agent=shown.user_agent,
    )


def for_owner(context: Context, user: User, by: User | None) -> Context:
    """Return what ``user`` may know of ``context``: nothing, where somebody else acted. Whence is not for them."""
    return context if by is None or by == user else Context()


def signed_in(request: HttpRequest, user: User, *, again: bool, known_browser: bool) -> None:
    """Record a sign-in; ``again`` when the person was in and proved that it is still them.

    The person is mailed where it was in a browser that is not known to be theirs, but for their very first sign-in.
    """
    context = Context.of(request)
    if again:
        write(Kind.CONFIRMED_ACCESS, user, context=context)
        return
    write(Kind.FIRST_SIGN_IN if user.is_new else Kind.SIGNED_IN, user, context=context)
    if not known_browser and not user.is_new:
        notices.send(_("Signed in with a browser that was not used for it before"), user.email, context)


def password_reset(request: HttpRequest, name: str) -> None:
    """Record a password chosen by a mailed code, for whoever is known here as ``name``, and mail the owner.

    The owner is mailed also where this site has never seen them: the code has just proved the address.
    """
    context = Context.of(request)
    people = list(users.named(name)[:MOST_REFUSALS])
    for user in people:
        write(Kind.PASSWORD_RESET, user, context=context)
    addresses = {name} if conf.config().sign_in_with == "email" else {user.email for user in people}
    for address in addresses:
        notices.send(Kind.PASSWORD_RESET.label, address, context)


def profile_changed(request: HttpRequest, user: User, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Record what is different at Cognito: ``before`` and ``after`` are attributes by their names there.

    Of a new e-mail address the old one is told: whoever reads the new one has made the change.
    """
    context = Context.of(request)
    flags = {"email_verified", "phone_number_verified"}
    changed = {name for name in {*before, *after} - flags if before.get(name, "") != after.get(name, "")}
    if "email" in changed:
        write(Kind.EMAIL_CHANGED, user, context=context)
        notices.email_changed(before.get("email", ""), context)
    if "phone_number" in changed:
        row = write(Kind.PHONE_CHANGED, user, context=context)
        notices.send(row.label, before.get("email", ""), context)
    if changed - {"email", "phone_number"}:
        record(Kind.PROFILE_CHANGED, user, context=context)


@receiver(user_login_failed)
def sign_in_failed(sender: Any, credentials: Mapping[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Record a refused password, which Django tells of.

    https://docs.djangoproject.com/en/5.2/ref/contrib/auth/#django.contrib.auth.signals.user_login_failed
    """
    if request is not None and isinstance(credentials.get("username"), str):
        sign_in_refused(request, credentials["username"])


def sign_in_refused(request: HttpRequest, name: str) -> None:
    """Record for whoever is known here as ``name`` that a sign-in failed, at most MOST_REFUSALS times in 24 hours.

    What was typed is kept nowhere, and a name that nobody has leaves no row.
    """
    context, since = Context.of(request), timezone.now() - timedelta(days=1)
    for user in users.named(name)[:MOST_REFUSALS]:
        if Activity.objects.filter(user=user, kind=Kind.SIGN_IN_REFUSED, at__gt=since).count() < MOST_REFUSALS:
            write(Kind.SIGN_IN_REFUSED, user, context=context)


def refused(request: HttpRequest, error: BaseException) -> None:
    """Log which flow was refused, and why. Never who: people type passwords into the wrong field."""
    what = request.resolver_match.url_name if request.resolver_match else ""
    logger.warning("refused", extra={"what": what, "ip": Context.of(request).ip_address, "reason": str(error)})


def deleted(request: HttpRequest, user: User) -> None:
    """Log that ``user`` deleted the account, and mail them; no row, since the person's rows go with it."""
    context = Context.of(request)
    logger.info("account deleted", extra={"user": user.pk, "ip": context.ip_address})
    notices.account_deleted(user.email, context)


def switched(user: User, *, by: User, context: Context) -> None:
    """Record that the administrator ``by`` shut ``user`` out, or let them in again."""
    record(Kind.LET_IN if user.is_active else Kind.SHUT_OUT, user, by=by, context=context)


def entry(row: Activity) -> dict[str, Any]:
    """Return what a page shows of ``row``."""
    return {
        "label": row.label,
        "at": row.at,
        "browser": browser.name(row.user_agent) if row.user_agent else "",
        "ip_address": row.ip_address,
    }
