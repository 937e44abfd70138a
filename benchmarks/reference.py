"""What the site is compared with: the same project on Django's own sessions and sign-in, without Cognito."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from accounts.models import User
from benchmarks.environment import ISSUER
from benchmarks.project import Project

DJANGO_SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"


class KnownUserBackend(ModelBackend):
    """Looks the person up as ours does and believes them: no password is hashed, no one is asked."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        """Return the user whose e-mail address is ``username``."""
        sub = str(uuid.uuid5(uuid.NAMESPACE_URL, username or ""))
        return User.objects.filter(issuer=ISSUER, sub=sub).first()


def without_ours(middleware: list[str]) -> list[str]:
    """Return the middleware of the project on Django's own sessions."""
    kept = [DJANGO_SESSIONS if name == "accounts.middleware.SessionMiddleware" else name for name in middleware]
    return [name for name in kept if not name.startswith("accounts.")]


def plain_project() -> Project:
    """Return the project on Django's database sessions, whose sign-in is Django's LoginView at /reference/login/."""
    return Project(
        MIDDLEWARE=without_ours(settings.MIDDLEWARE),
        SESSION_ENGINE="django.contrib.sessions.backends.db",
        AUTHENTICATION_BACKENDS=["benchmarks.reference.KnownUserBackend"],
    )
