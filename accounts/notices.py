"""Mails that tell people what was changed about their account, so that they notice when it was not them."""

import logging
import threading
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts import browser, client_address

logger = logging.getLogger(__name__)

PATIENCE = 0.3  # seconds that a page waits for a mail to be sent; less than a levelled answer takes


def send(request: HttpRequest, what: Any, address: str) -> None:
    """Mail ``address`` that ``what`` happened, when and from where.

    Links are built from SITE_URL, never from what the request says of its host.
    """
    mail(
        "notice",
        address,
        what=what,
        at=timezone.now(),
        browser=browser.name(client_address.user_agent(request)),
        ip_address=client_address.ip_address(request),
    )


def already_registered(address: str) -> None:
    """Mail ``address`` that somebody typed it to register, for an owner who has forgotten the account."""
    mail("already_registered", address)


def address_taken(address: str) -> None:
    """Mail ``address`` that the owner of another account typed it as their new one."""
    mail("address_taken", address)


def mail(name: str, address: str, **context: Any) -> None:
    """Mail ``address`` the templates called ``name``. One that cannot be sent is logged, no more."""
    if not address:
        return
    context |= {
        "site_url": settings.SITE_URL,
        "login_url": f"{settings.SITE_URL}{reverse('login')}",
        "reset_url": f"{settings.SITE_URL}{reverse('forgot_password')}",
    }
    subject = render_to_string(f"accounts/mail/{name}_subject.txt", context).strip()
    message = render_to_string(f"accounts/mail/{name}_message.txt", context)
    # Neither a slow mail server nor the time it takes is for the person at the page to notice.
    sending = threading.Thread(target=deliver, args=(subject, message, address), name="notice", daemon=True)
    sending.start()
    sending.join(PATIENCE)


def deliver(subject: str, message: str, address: str) -> None:
    """Hand a mail to the mail server."""
    try:
        send_mail(subject, message, None, [address])
    except OSError as error:
        logger.error("notice not sent", extra={"error": type(error).__name__})
