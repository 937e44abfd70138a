"""The door of the administration: the site's own sign-in, the right to be staff, and a second step where one is asked.

https://docs.djangoproject.com/en/5.2/ref/contrib/admin/#overriding-the-default-admin-site
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from accounts import error_responses
from accounts.models import LOCAL_ISSUER
from accounts.sessions.engine import session_of

AnyView = TypeVar("AnyView", bound=Callable[..., HttpResponseBase])


class AdministrationSite(AdminSite):
    """Django's, without a form for a password: people come in where they sign in to the site."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether ``request`` comes from staff, who have passed a second step where one is asked."""
        return super().has_permission(request) and has_steps_enough(request)

    def admin_view(self, view: AnyView, cacheable: bool = False) -> AnyView:
        """Return ``view`` behind the door: whoever is signed in and may not come in is told so where they stand."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated:
                if not super(AdministrationSite, self).has_permission(request):
                    raise PermissionDenied
                if not has_steps_enough(request):
                    return error_responses.second_step_required(request)
            return inner(request, *args, **kwargs)

        return cast(AnyView, guarded)

    # Django's stubs know of a page alone.
    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        """Send on to where the site changes passwords: none is typed into the administration."""
        return redirect("change_password")

    def password_change_done(  # type: ignore[override]
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        """Send on likewise."""
        return redirect("change_password")


def has_steps_enough(request: HttpRequest) -> bool:
    """Whether the session of ``request`` began with as many steps as ADMIN_REQUIRES_MFA asks for.

    Superusers of this database have a password alone, and are let in: they are for the day Cognito is away, and with it
    every second step (docs/adr/0033).
    """
    if not settings.ADMIN_REQUIRES_MFA or getattr(request.user, "issuer", "") == LOCAL_ISSUER:
        return True
    return session_of(request).passed_second_step()
