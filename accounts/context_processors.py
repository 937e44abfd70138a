"""What every page may ask for."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts import conf
from accounts.cognito.sign_in_names import readable
from accounts.models import User
from accounts.users import own_name


def site(request: HttpRequest) -> dict[str, object]:
    """Return ``site_name``, ``registration``, whether the site ``has_files``, ``inbox_url`` and ``account_name``.

    ``account_name`` is the address of whoever is signed in, or what else they sign in with; templates call it.
    ``registration`` is self, admin or closed; ``inbox_url`` is "" off the local AWS.
    """
    return {
        "site_name": settings.SITE_NAME,
        "registration": conf.config().registration,
        "has_files": conf.config().has_files,
        "account_name": lambda: account_name(request),
        "inbox_url": reverse("inbox") if settings.DEVCLOUD_OUTBOX else "",
    }


def account_name(request: HttpRequest) -> str:
    """Return the address of whoever is signed in, else the name they sign in with; "" for nobody."""
    user = getattr(request, "user", None)
    return readable(user.email or own_name(user)) if isinstance(user, User) else ""
