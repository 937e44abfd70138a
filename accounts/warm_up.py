"""What the first sign-in of a worker would otherwise wait for, done beside the first request that it serves."""

import logging
import threading
from typing import Any
from urllib.parse import unquote

from django.contrib.auth import get_user_model
from django.core.signals import request_started
from django.core.validators import validate_email
from django.template.loader import get_template
from django.urls import reverse

from accounts import browser, conf

logger = logging.getLogger(__name__)


def at_first_request() -> None:
    """Have this process warm up when it gets its first request, which is a health check or the page with the form.

    Not before that: a server may load the site first and fork its workers afterwards (``gunicorn --preload``), and
    neither threads nor connections come along.
    https://docs.djangoproject.com/en/5.2/ref/signals/#request-started
    """
    request_started.connect(start)


def start(**_: Any) -> None:
    """Warm up in the background, once."""
    if request_started.disconnect(start):
        threading.Thread(target=attempt, name="warm-up", daemon=True).start()


def attempt() -> None:
    """Warm up. A failure is logged and no more: whatever it was, the first sign-in meets it again and can answer."""
    try:
        # These are put off until they are needed: the expression for addresses takes as long to compile as ten
        # sign-ins, what turns the first query into a statement has to be imported, a form that was sent needs the table
        # of quoted characters, the answer needs the address to go on to, and the mail about a browser that is not known
        # needs the patterns of all there are, and its templates.
        validate_email("warm-up@example.com")
        str(get_user_model().objects.filter(sub="").query.exists())
        unquote("%20")
        reverse("account")
        browser.name("")
        for form in ("txt", "html"):
            get_template(f"accounts/mail/letter.{form}")
        conf.warm()
    except Exception as error:  # noqa: BLE001 -- nothing that is wrong here may keep a worker from serving pages
        logger.warning("not warmed up", extra={"error": str(error) or type(error).__name__})
