"""Mails that tell people what was changed about their account, so that they notice when it was not them."""

import logging
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts import after_answer, browser
from accounts.context import Context

logger = logging.getLogger(__name__)


def send(what: Any, address: str, context: Context) -> None:
    """Mail ``address`` that ``what`` happened, when and from where, and that a new password is the remedy.

    Links are built from SITE_URL, never from what the request says of its host.
    """
    mail("notice", address, what=what, **circumstances(context))


def email_changed(old_address: str, context: Context) -> None:
    """Mail ``old_address`` that it is no longer the account's: a code to reset the password would not reach it."""
    mail("email_changed", old_address, **circumstances(context))


def account_deleted(address: str, context: Context) -> None:
    """Mail ``address`` that its account is deleted."""
    mail("account_deleted", address, **circumstances(context))


def circumstances(context: Context) -> dict[str, Any]:
    """Return what a mail says of when and whence: now, and what is known of ``context``."""
    return {"at": timezone.now(), "context": context, "ip_address": context.ip_address}


def already_registered(address: str) -> None:
    """Mail ``address`` that somebody typed it to register, for an owner who has forgotten the account."""
    mail("already_registered", address)


def address_taken(address: str) -> None:
    """Mail ``address`` that the owner of another account typed it as their new one."""
    mail("address_taken", address)


def mail(name: str, address: str, **context: Any) -> None:
    """Mail ``address`` the templates called ``name``. One that cannot be sent is logged, no more.

    After the answer: the page must not wait for a slow mail server, nor tell by its time whether a mail is sent.
    """
    if address:
        after_answer.mails.do(deliver, name, address, context)


def deliver(name: str, address: str, context: dict[str, Any]) -> None:
    """Write the mail and hand it to the mail server."""
    whence = context.get("context")
    context |= {
        # The patterns that browsers are known by take a fifth of a second to load.
        "browser": browser.name(whence.user_agent) if whence and whence.is_known else "",
        "site_url": settings.SITE_URL,
        "login_url": f"{settings.SITE_URL}{reverse('login')}",
        "reset_url": f"{settings.SITE_URL}{reverse('forgot_password')}",
        "security_url": f"{settings.SITE_URL}{reverse('security')}",
    }
    subject = render_to_string(f"accounts/mail/{name}_subject.txt", context).strip()
    message = render_to_string(f"accounts/mail/{name}_message.txt", context)
    try:
        send_mail(subject, message, None, [address])
    except OSError as error:
        # Its words may quote the address, or the password of EMAIL_URL.
        logger.error("notice not sent", extra={"error": type(error).__name__})
