"""Text messages to people who register with a phone number where this site makes the accounts."""

import logging

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts import conf
from accounts.cognito.errors import CognitoError

logger = logging.getLogger(__name__)


@sensitive_variables("code", "words")
def registration_code(number: str, code: str) -> None:
    """Text ``number`` the code that proves it to somebody who registers."""
    words = _("Your %(site)s code is %(code)s. Give it to nobody.")
    send(number, words % {"site": settings.SITE_NAME, "code": code})


def already_registered(number: str) -> None:
    """Text ``number`` that somebody typed it to register, for an owner who has forgotten the account."""
    words = _("Your number has a %(site)s account already. If you just registered, sign in: %(url)s")
    send(number, words % {"site": settings.SITE_NAME, "url": f"{settings.SITE_URL}{reverse('login')}"})


@sensitive_variables("words")
def send(number: str, words: str) -> None:
    """Have ``words`` sent. What cannot be sent is logged, no more: a page must not tell by it who has an account."""
    try:
        conf.text_messages().send(number, words)
    except CognitoError as error:
        logger.error("text message not sent", extra={"error": str(error)})
