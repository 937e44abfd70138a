"""What happened: a line in the log always, a row for the person whose account it was."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import client_address, notices, users
from accounts.cognito.factors import Factor
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


def record(request: HttpRequest, kind: Activity.Kind, user: User, *, factor: Factor | None = None) -> None:
    """Log ``kind``, add it to the person's activity, and mail them where it concerns who can open the account.

    ``factor`` is the second step it was about, where it was about one.
    """
    row = write(request, kind, user, factor=factor)
    if kind in NOTIFIED:
        notices.send(request, row.label, user.email)


def write(request: HttpRequest, kind: Activity.Kind, user: User, *, factor: Factor | None = None) -> Activity:
    """Log ``kind`` and return the new row of the person's activity."""
    ip_address = client_address.ip_address(request)
    logger.info(kind.value, extra={"user": user.pk, "ip": ip_address, "factor": factor or ""})
    return Activity.objects.create(
        user=user,
        kind=kind,
        factor=factor.value if factor else "",
        ip_address=ip_address,
        user_agent=client_address.user_agent(request),
    )


def signed_in(request: HttpRequest, user: User, *, again: bool, known_browser: bool) -> None:
    """Record a sign-in; ``again`` when the person was in and proved that it is still them.

    The person is mailed where it was in a browser that is not known to be theirs, but for their very first sign-in.
    """
    if again:
        write(request, Kind.CONFIRMED_ACCESS, user)
        return
    write(request, Kind.FIRST_SIGN_IN if user.is_new else Kind.SIGNED_IN, user)
    if not known_browser and not user.is_new:
        notices.send(request, _("Signed in with a browser that was not used for it before"), user.email)


def password_reset(request: HttpRequest, name: str) -> None:
    """Record a password chosen by a mailed code, for whoever is known here as ``name``, and mail the owner.

    The owner is mailed also where this site has never seen them: the code has just proved the address.
    """
    people = list(users.named(name)[:MOST_REFUSALS])
    for user in people:
        write(request, Kind.PASSWORD_RESET, user)
    addresses = {name} if settings.COGNITO["SIGN_IN_WITH"] == "email" else {user.email for user in people}
    for address in addresses:
        notices.send(request, Kind.PASSWORD_RESET.label, address)


def profile_changed(request: HttpRequest, user: User, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Record what is different at Cognito: ``before`` and ``after`` are attributes by their names there.

    Of a new e-mail address the old one is told: whoever reads the new one has made the change.
    """
    flags = {"email_verified", "phone_number_verified"}
    changed = {name for name in {*before, *after} - flags if before.get(name, "") != after.get(name, "")}
    if "email" in changed:
        write(request, Kind.EMAIL_CHANGED, user)
        notices.email_changed(request, before.get("email", ""))
    if "phone_number" in changed:
        row = write(request, Kind.PHONE_CHANGED, user)
        notices.send(request, row.label, before.get("email", ""))
    if changed - {"email", "phone_number"}:
        record(request, Kind.PROFILE_CHANGED, user)


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
    since = timezone.now() - timedelta(days=1)
    for user in users.named(name)[:MOST_REFUSALS]:
        if Activity.objects.filter(user=user, kind=Kind.SIGN_IN_REFUSED, at__gt=since).count() < MOST_REFUSALS:
            write(request, Kind.SIGN_IN_REFUSED, user)


def refused(request: HttpRequest, error: BaseException) -> None:
    """Log which flow was refused, and why. Never who: people type passwords into the wrong field."""
    what = request.resolver_match.url_name if request.resolver_match else ""
    logger.warning("refused", extra={"what": what, "ip": client_address.ip_address(request), "reason": str(error)})


def deleted(request: HttpRequest, user: User) -> None:
    """Log that ``user`` deleted the account, and mail them; no row, since the person's rows go with it."""
    logger.info("account deleted", extra={"user": user.pk, "ip": client_address.ip_address(request)})
    notices.account_deleted(request, user.email)


def switched(user: User, *, by: User) -> None:
    """Record that the administrator ``by`` shut ``user`` out, or let them in again.

    The row has no address: it would be the administrator's, and the person reads it.
    """
    kind = Kind.LET_IN if user.is_active else Kind.SHUT_OUT
    logger.info(kind.value, extra={"user": user.pk, "by": by.pk})
    Activity.objects.create(user=user, kind=kind)
