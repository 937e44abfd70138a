"""What every page may ask for."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts import conf


def site(request: HttpRequest) -> dict[str, object]:
    """Return ``site_name``, ``registration_open`` and ``inbox_url`` ("" unless the site runs on the local AWS)."""
    return {
        "site_name": settings.SITE_NAME,
        "registration_open": conf.config().registration == "self",
        "inbox_url": reverse("inbox") if settings.DEVCLOUD_OUTBOX else "",
    }
