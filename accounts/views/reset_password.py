"""A new password, by the code that was mailed."""

from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import conf, limits, notices, revocation
from accounts.cognito.errors import InputRejected, NotAuthorized, NotConfirmed, UserNotFound
from accounts.forms.entrance import ResetPasswordForm
from accounts.pending import PendingReset
from accounts.views.awaiting_code import AwaitingCodeView, resend
from accounts.views.base import CODE_REFUSALS, CODE_REFUSED, Refusals, new_password_refusals, password_policy
from accounts.views.forgot_password import send_reset_code


class ResetPasswordView(AwaitingCodeView):
    """Set the password. The person signs in afterwards as always: a second factor is not skipped."""

    form_class = ResetPasswordForm
    template_name = "accounts/reset_password.html"
    pending_step = PendingReset
    refusals: ClassVar[Refusals] = {
        **new_password_refusals("new_password1"),
        **CODE_REFUSALS,
        # No such account, or one in no state for it: not for a stranger to tell apart.
        InputRejected: ("code", CODE_REFUSED),
        NotAuthorized: ("code", CODE_REFUSED),
        UserNotFound: ("code", CODE_REFUSED),
        NotConfirmed: ("code", CODE_REFUSED),
    }

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the pool's rules."""
        return {**super().get_form_kwargs(), "policy": password_policy()}

    def submit(self, form: ResetPasswordForm) -> HttpResponse:
        """Set the password, end what was open with the old one, and go to sign in."""
        limits.charge(self.request, limits.CODE_BY_ADDRESS, limits.CODE_BY_NAME, form.username)
        data = form.cleaned_data
        conf.user_pool().confirm_forgot_password(form.username, data["code"], data["new_password1"])
        PendingReset.drop(self.request)
        revocation.end_sessions_named(form.username)
        if "@" in form.username:
            notices.send(self.request, _("Chose a new password by a mailed code"), form.username)
        messages.success(self.request, _("Your password is changed. Sign in with the new one."))
        self.request.session["login_username"] = form.username
        return redirect("login")


@login_not_required
@require_POST
def resend_reset_code(request: HttpRequest) -> HttpResponse:
    """Send another code, and say so whether or not there is anybody to send one to."""
    return resend(request, PendingReset, "reset_password", send_reset_code)
