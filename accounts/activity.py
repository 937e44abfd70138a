"""What happened: a line in the log always, a row for the person whose account it was."""

import logging

from django.http import HttpRequest

from accounts import client_address, notices
from accounts.models import Activity, User

logger = logging.getLogger("accounts.activity")

# What somebody who got into an account would do next, and its owner should hear of.
NOTIFIED = {
    Activity.Kind.PASSWORD_CHANGED,
    Activity.Kind.EMAIL_CHANGED,
    Activity.Kind.FACTOR_ADDED,
    Activity.Kind.FACTOR_CHANGED,
    Activity.Kind.PASSKEY_ADDED,
    Activity.Kind.PASSKEY_REMOVED,
}


def record(request: HttpRequest, kind: Activity.Kind, user: User, *, address: str = "") -> None:
    """Log ``kind``, add it to the person's activity, and mail them where it concerns who can open the account.

    ``address`` is where the mail goes when it is not the person's present one.
    """
    ip_address = client_address.ip_address(request)
    logger.info(kind.value, extra={"user": user.pk, "ip": ip_address})
    Activity.objects.create(user=user, kind=kind, ip_address=ip_address, user_agent=client_address.user_agent(request))
    if kind in NOTIFIED:
        notices.send(request, kind.label, address or user.email)


def refused(request: HttpRequest, error: BaseException) -> None:
    """Log which flow was refused, and why. Never who: people type passwords into the wrong field."""
    what = request.resolver_match.url_name if request.resolver_match else ""
    logger.warning("refused", extra={"what": what, "ip": client_address.ip_address(request), "reason": str(error)})


def deleted(request: HttpRequest, user: User) -> None:
    """Log that ``user`` deleted the account; no row, since the person's rows go with it."""
    logger.info("account deleted", extra={"user": user.pk, "ip": client_address.ip_address(request)})
