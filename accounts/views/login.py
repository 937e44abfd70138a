"""Signing in."""

from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts import client_address, conf, entrance, limits, return_address
from accounts.cognito.errors import (
    InputRejected,
    NotAuthorized,
    NotConfirmed,
    PasswordResetRequired,
    Refused,
    TemporaryPasswordExpired,
    TooManyAttempts,
    UserNotFound,
)
from accounts.forms.entrance import LoginForm, LoginOptionsForm
from accounts.pending import PendingRegistration, PendingReset
from accounts.views.base import WAIT, CognitoFormView, EntranceMixin, Refusals, sign_in_with
from accounts.views.logout import logout

CANNOT = _("This name cannot sign in that way. Sign in with your password.")
INCORRECT = _("This name and password do not belong together. Check both, or reset your password.")
TEMPORARY_EXPIRED = _("Your first password was only good for some days. Ask the people who invited you for a new one.")


def first_things_first(request: HttpRequest, refused: Refused, name: str, next_url: str) -> HttpResponse:
    """Lead somebody to what has to be done before signing in: Cognito says so only after the right proof."""
    if isinstance(refused, NotConfirmed):
        PendingRegistration(username=name, next_url=next_url).park(request)
        messages.info(request, _("Confirm your e-mail address first. Type the code we sent you, or ask for one."))
        return redirect("verify_code")
    PendingReset(username=name).park(request)
    messages.warning(
        request, _("The people who run this site ask you to choose a new password. Ask for a code to do so.")
    )
    return redirect("reset_password")


class LoginView(EntranceMixin, CognitoFormView):
    """Exchange a name and a password for a session, or for Cognito's next question."""

    form_class = LoginForm
    template_name = "accounts/login.html"
    level_refusals = True
    refusals: ClassVar[Refusals] = {
        TemporaryPasswordExpired: ("", TEMPORARY_EXPIRED),
        NotAuthorized: ("", INCORRECT),
        UserNotFound: ("", INCORRECT),
        InputRejected: ("", INCORRECT),
        TooManyAttempts: ("", WAIT),
    }

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add what people sign in with."""
        return {**super().get_form_kwargs(), "sign_in_with": sign_in_with()}

    def get_initial(self) -> dict[str, Any]:
        """Fill in the name of whoever comes from another step, and where they were going."""
        return {
            "username": self.request.session.pop("login_username", ""),
            "next": return_address.own_path(self.request.GET.get("next", "")),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the page offers besides the password."""
        return super().get_context_data(
            choice_available=conf.pool_description().choice,
            ended="ended" in self.request.GET,
            again="again" in self.request.GET,
            **kwargs,
        )

    def submit(self, form: LoginForm) -> HttpResponse:
        """Let the person in, or lead them to what has to be done first."""
        data = form.cleaned_data
        try:
            with limits.charged(self.request, limits.LOGIN_BY_ADDRESS, limits.LOGIN_BY_NAME, data["username"]):
                return entrance.sign_in(self.request, data["username"], data["password"], data["next"])
        except (NotConfirmed, PasswordResetRequired) as refused:
            return first_things_first(self.request, refused, data["username"], data["next"])


class LoginOptionsView(EntranceMixin, CognitoFormView):
    """Ask Cognito how somebody may sign in without a password. It answers for names it does not know, too."""

    form_class = LoginOptionsForm
    template_name = "accounts/login_options.html"
    level_refusals = True
    refusals: ClassVar[Refusals] = {
        NotAuthorized: ("username", CANNOT),
        UserNotFound: ("username", CANNOT),
        InputRejected: ("username", CANNOT),
        NotConfirmed: ("username", CANNOT),
        PasswordResetRequired: ("username", CANNOT),
        TooManyAttempts: ("", WAIT),
    }

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add what people sign in with."""
        return {**super().get_form_kwargs(), "sign_in_with": sign_in_with()}

    def get_initial(self) -> dict[str, Any]:
        """Keep where the person was going."""
        return {"next": return_address.own_path(self.request.GET.get("next", ""))}

    def submit(self, form: LoginOptionsForm) -> HttpResponse:
        """Go on to the choice."""
        data = form.cleaned_data
        limits.charge(self.request, limits.LOGIN_BY_ADDRESS, limits.OPTIONS_BY_NAME, data["username"])
        result = conf.authentication().with_choice(data["username"], client_address.context(self.request))
        return entrance.proceed(self.request, result, typed=data["username"], next_url=data["next"])


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


@login_not_required
@require_POST
def admin_logout(request: HttpRequest) -> HttpResponse:
    """Leave the admin as one leaves the site."""
    return logout(request)
