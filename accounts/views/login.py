"""Signing in."""

from typing import Any, ClassVar

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import conf, entrance, last_used, limits, return_address, way_in
from accounts.challenges import INCORRECT
from accounts.cognito.errors import (
    InputRejected,
    NotAuthorized,
    NotConfirmed,
    PasswordResetRequired,
    TemporaryPasswordExpired,
    TooManyAttempts,
    UserNotFound,
)
from accounts.forms.entrance import LoginForm
from accounts.views.base import CognitoFormView, EntranceMixin, Refusals

TEMPORARY_EXPIRED = _("Your temporary password has expired. Ask the people who invited you for a new one.")


class LoginView(EntranceMixin, CognitoFormView):
    """Exchange a name and a password for a session, or for Cognito's next question."""

    form_class = LoginForm
    template_name = "accounts/login.html"
    budget = limits.LOGIN
    level_refusals = True
    refusals: ClassVar[Refusals] = {
        TemporaryPasswordExpired: ("", TEMPORARY_EXPIRED),
        NotAuthorized: ("password", INCORRECT),
        UserNotFound: ("password", INCORRECT),
        InputRejected: ("password", INCORRECT),
        # Cognito says these of whoever exists, whatever password was typed (docs/adr/0021).
        NotConfirmed: ("password", INCORRECT),
        PasswordResetRequired: ("password", INCORRECT),
        TooManyAttempts: ("password", INCORRECT),
    }

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add what people sign in with."""
        return {**super().get_form_kwargs(), "sign_in_with": conf.config().sign_in_with}

    def get_initial(self) -> dict[str, Any]:
        """Fill in the name of whoever comes from another step, and where they were going."""
        return {
            "username": entrance.take_login_name(self.request),
            "next": return_address.own_path(self.request.GET.get("next", "")),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the page offers besides the password."""
        return super().get_context_data(
            ways_in=way_in.buttons(),
            last_used=last_used.way_in(self.request),
            ended="ended" in self.request.GET,
            again="again" in self.request.GET,
            providers=conf.config().providers,
            next_url=return_address.own_path(self.request.POST.get("next") or self.request.GET.get("next", "")),
            **kwargs,
        )

    def charged_to(self, form: LoginForm) -> str:
        """Return the name that was typed."""
        return form.username

    def submit(self, form: LoginForm) -> HttpResponse:
        """Let the person in, or lead them to Cognito's next question."""
        data = form.cleaned_data
        return entrance.sign_in(self.request, data["username"], data["password"], data["next"])


@login_not_required
def login_options(request: HttpRequest) -> HttpResponsePermanentRedirect:
    """Lead on from the address under which the ways in beside the password stood."""
    return HttpResponsePermanentRedirect(return_address.login_url(request.GET.get("next", "")))


@login_not_required
def admin_login(request: HttpRequest) -> HttpResponse:
    """Enter the admin by the site's own door; somebody who is in and may not come here is told so.

    https://docs.djangoproject.com/en/5.2/ref/contrib/admin/#adding-login-to-the-admin
    """
    next_url = return_address.checked(request.GET.get("next", ""), reverse("admin:index"))
    if not request.user.is_authenticated:
        return HttpResponseRedirect(return_address.login_url(next_url))
    if request.user.is_staff:
        return HttpResponseRedirect(next_url)
    raise PermissionDenied
