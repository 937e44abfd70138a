"""Asking for a code that allows a new password."""

import contextlib
import time
from dataclasses import replace
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import conf, limits
from accounts.cognito.errors import (
    CodeNotDelivered,
    InputRejected,
    NotAuthorized,
    NotConfirmed,
    TooManyAttempts,
    UserNotFound,
)
from accounts.forms.entrance import ForgotPasswordForm
from accounts.models import User
from accounts.pending import PendingReset
from accounts.views.base import CognitoFormView, EntranceMixin, Refusals
from accounts.views.confirm_access import own_name


class ForgotPasswordView(EntranceMixin, CognitoFormView):
    """Have a code sent. The answer is the same whether or not there is anybody to send it to."""

    form_class = ForgotPasswordForm
    template_name = "accounts/forgot_password.html"
    budget = limits.FORGOT
    level_answers = True
    sends_on = False
    refusals: ClassVar[Refusals] = {}

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add what people sign in with."""
        return {**super().get_form_kwargs(), "sign_in_with": conf.config().sign_in_with}

    def get_initial(self) -> dict[str, Any]:
        """Fill in the name that was typed at the sign-in page, or the name of who is signed in."""
        user = self.request.user
        known = own_name(user) if isinstance(user, User) else ""
        return {"username": self.request.session.get("login_username", known)}

    def charged_to(self, form: ForgotPasswordForm) -> str:
        """Return the name that was typed."""
        return form.username

    def submit(self, form: ForgotPasswordForm) -> HttpResponse:
        """Go on to the code."""
        send_reset_code(self.request, form.username)
        return redirect("reset_password")


def send_reset_code(request: HttpRequest, username: str) -> None:
    """Ask Cognito for a code, and keep for the next page that one may be on its way."""
    # Each of these would tell a stranger whether the account exists, and in what state.
    with contextlib.suppress(
        UserNotFound, InputRejected, NotAuthorized, NotConfirmed, CodeNotDelivered, TooManyAttempts
    ):
        conf.user_pool().forgot_password(username)
    pending = PendingReset.find(request)
    if pending is None or pending.done or pending.username != username:
        pending = PendingReset(username=username)
    replace(pending, at=time.time(), sent_at=time.time()).park(request)
