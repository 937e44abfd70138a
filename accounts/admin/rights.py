"""Who may touch what, where Django's permissions alone do not say it."""

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import User


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that staff with the permission may look at, and that nobody adds, changes or deletes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False."""
        return False


def staff_of(request: HttpRequest) -> User:
    """Return who sent ``request``: somebody signed in, or the administration would not have let them in."""
    return cast(User, request.user)


def is_superuser(request: HttpRequest) -> bool:
    """Whether ``request`` comes from an active superuser."""
    return bool(request.user.is_active and getattr(request.user, "is_superuser", False))
