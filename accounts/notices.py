"""Mails that tell people what was changed about their account, so that they notice when it was not them."""

import logging
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts import browser, client_address

logger = logging.getLogger(__name__)


def send(request: HttpRequest, what: Any, address: str) -> None:
    """Mail ``address`` that ``what`` happened, when and from where. A mail that cannot be sent is logged, no more.

    Links are built from SITE_URL, never from what the request says of its host.
    """
    if not address:
        return
    context = {
        "what": what,
        "at": timezone.now(),
        "browser": browser.name(client_address.user_agent(request)),
        "ip_address": client_address.ip_address(request),
        "site_url": settings.SITE_URL,
        "reset_url": f"{settings.SITE_URL}{reverse('forgot_password')}",
    }
    subject = render_to_string("accounts/mail/notice_subject.txt", context).strip()
    try:
        send_mail(subject, render_to_string("accounts/mail/notice_message.txt", context), None, [address])
    except OSError as error:
        logger.error("notice not sent", extra={"error": type(error).__name__})
