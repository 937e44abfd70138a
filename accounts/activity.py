"""What happened: a line in the log always, a row for the person whose account it was."""

import logging

from django.http import HttpRequest

from accounts import client_address
from accounts.models import Activity, User

logger = logging.getLogger("accounts.activity")


def record(request: HttpRequest, kind: Activity.Kind, user: User) -> None:
    """Log ``kind`` and add it to the person's activity."""
    address = client_address.ip_address(request)
    logger.info(kind.value, extra={"user": user.pk, "ip": address})
    Activity.objects.create(user=user, kind=kind, ip_address=address, user_agent=client_address.user_agent(request))


def refused(request: HttpRequest, what: str, error: BaseException | None = None) -> None:
    """Log that ``what`` was refused, and why. Never who: people type passwords into the wrong field."""
    reason = str(error) if error else ""
    logger.warning("refused", extra={"what": what, "ip": client_address.ip_address(request), "reason": reason})


def deleted(request: HttpRequest, user: User) -> None:
    """Log that ``user`` deleted the account; no row, since the person's rows go with it."""
    logger.info("account deleted", extra={"user": user.pk, "ip": client_address.ip_address(request)})
