"""A new password, by the code that was mailed."""

from typing import Any, ClassVar

from django.contrib import auth, messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts import activity, conf, limits, revocation
from accounts.cognito.errors import (
    ExpiredCode,
    InputRejected,
    NotAuthorized,
    NotConfirmed,
    TooManyAttempts,
    UserNotFound,
    WrongCode,
)
from accounts.forms.entrance import ResetPasswordForm
from accounts.pending import PendingReset
from accounts.views.awaiting_code import AwaitingCodeView, resend
from accounts.views.base import WAIT, Refusals, new_password_refusals, password_policy
from accounts.views.forgot_password import send_reset_code

RESET_REFUSED = _(
    "This code does not work, or no longer. Check it, or ask for a new one. If you have changed your password already, "
    "sign in with it."
)
CHANGED = _("Your password is changed. Sign in with the new one.")


class ResetPasswordView(AwaitingCodeView):
    """Set the password. The person signs in afterwards as always: a second factor is not skipped."""

    form_class = ResetPasswordForm
    template_name = "accounts/reset_password.html"
    pending_step = PendingReset
    budget = limits.RESET
    sends_on = False
    refusals: ClassVar[Refusals] = {
        **new_password_refusals("new_password1"),
        TooManyAttempts: ("code", WAIT),
        ExpiredCode: ("code", RESET_REFUSED),
        WrongCode: ("code", RESET_REFUSED),
        # No such account, or one in no state for it: not for a stranger to tell apart.
        InputRejected: ("code", RESET_REFUSED),
        NotAuthorized: ("code", RESET_REFUSED),
        UserNotFound: ("code", RESET_REFUSED),
        NotConfirmed: ("code", RESET_REFUSED),
    }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send whoever sends the form a second time to sign in: the code is spent, and the password changed."""
        pending = PendingReset.find(request)
        if pending and pending.done:
            messages.success(request, CHANGED)
            return redirect("login")
        return super().post(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the pool's rules."""
        return {**super().get_form_kwargs(), "policy": password_policy()}

    def submit(self, form: ResetPasswordForm) -> HttpResponse:
        """Set the password, end what was open with the old one, and go to sign in."""
        data = form.cleaned_data
        conf.user_pool().confirm_forgot_password(form.username, data["code"], data["new_password1"])
        # Whatever was tried against the name before, its owner has the mailbox and a new password.
        limits.clear(form.username, limits.LOGIN_BY_NAME, limits.FORGOT_BY_NAME, limits.RESET_BY_NAME)
        revocation.end_sessions_named(form.username)
        activity.password_reset(self.request, form.username)
        if self.request.user.is_authenticated:
            auth.logout(self.request)
        PendingReset(username=form.username, done=True).park(self.request)
        messages.success(self.request, CHANGED)
        self.request.session["login_username"] = form.username
        return redirect("login")


@login_not_required
@require_POST
@limits.declares(limits.FORGOT)
def resend_reset_code(request: HttpRequest) -> HttpResponse:
    """Send another code, and say so whether or not there is anybody to send one to."""
    return resend(request, PendingReset, "reset_password", send_reset_code, limits.FORGOT)
