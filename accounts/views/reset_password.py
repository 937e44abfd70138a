"""A new password, by the code that was mailed."""

import time
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import conf, limits, notices, revocation
from accounts.cognito.errors import NotAuthorized, NotConfirmed, UserNotFound
from accounts.forms.entrance import ResendCodeForm, ResetPasswordForm
from accounts.pending import PendingReset
from accounts.views.base import (
    CODE_REFUSALS,
    CODE_REFUSED,
    CognitoFormView,
    EntranceMixin,
    Refusals,
    level,
    new_password_refusals,
    password_policy,
    resend_wait,
    sign_in_with,
)
from accounts.views.forgot_password import send_reset_code
from accounts.views.verify_code import prefixed


def pending_name(request: HttpRequest) -> str:
    """Return the name whose password this browser is about to reset, "" when it has told none."""
    pending = PendingReset.find(request)
    return pending.username if pending else ""


class ResetPasswordView(EntranceMixin, CognitoFormView):
    """Set the password. The person signs in afterwards as always: a second factor is not skipped."""

    form_class = ResetPasswordForm
    template_name = "accounts/reset_password.html"
    level_refusals = True
    refusals: ClassVar[Refusals] = {
        **new_password_refusals("new_password1"),
        **CODE_REFUSALS,
        NotAuthorized: ("code", CODE_REFUSED),
        UserNotFound: ("code", CODE_REFUSED),
        NotConfirmed: ("code", CODE_REFUSED),
    }

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the name, where this browser has told it, and the pool's rules."""
        return {
            **super().get_form_kwargs(),
            "sign_in_with": sign_in_with(),
            "username": pending_name(self.request),
            "policy": password_policy(),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the page says of the code, and the form that asks for another."""
        pending = PendingReset.find(self.request)
        name = pending.username if pending else ""
        return super().get_context_data(
            username=name,
            resend_wait=resend_wait(pending.sent_at) if pending else 0,
            resend_form=prefixed(ResendCodeForm(sign_in_with=sign_in_with(), username=name)),
            **kwargs,
        )

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
    started = time.monotonic()
    form = ResendCodeForm(request.POST, sign_in_with=sign_in_with(), username=pending_name(request))
    if not form.is_valid():
        messages.error(request, _("Type the name of the account first, then ask for a code."))
        return redirect("reset_password")
    pending = PendingReset.find(request)
    wait = resend_wait(pending.sent_at) if pending else 0
    if wait:
        messages.warning(request, _("You can ask for a new code in %(seconds)d seconds.") % {"seconds": wait})
        return redirect("reset_password")
    send_reset_code(request, form.username)
    messages.success(
        request, _("If there is an account for %(name)s, a new code is on its way.") % {"name": form.username}
    )
    level(started)
    return redirect("reset_password")
