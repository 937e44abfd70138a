"""Asking for a code that allows a new password."""

from typing import Any, ClassVar

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts import conf, kept_name, limits
from accounts.forms.entrance import ForgotPasswordForm
from accounts.models import User
from accounts.users import own_name
from accounts.views.awaiting_code import send_reset_code
from accounts.views.base import CognitoFormView, EntranceMixin, Refusals


class ForgotPasswordView(EntranceMixin, CognitoFormView):
    """Have a code sent. The answer is the same whether or not there is anybody to send it to."""

    form_class = ForgotPasswordForm
    template_name = "accounts/forgot_password.html"
    budget = limits.FORGOT
    level_answers = True
    back_shows_it = True
    changes_nothing = True
    sends_on = False
    refusals: ClassVar[Refusals] = {}

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add what people sign in with."""
        return {**super().get_form_kwargs(), "sign_in_with": conf.config().sign_in_with}

    def get_initial(self) -> dict[str, Any]:
        """Fill in the name of who is signed in, or the name that was typed elsewhere, and where they were going."""
        user = self.request.user
        name = own_name(user) if isinstance(user, User) else kept_name.known(self.request)
        return {"username": name, "next": self.next_url}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what people sign in with."""
        return super().get_context_data(**{"sign_in_with": conf.config().sign_in_with, **kwargs})

    def charged_to(self, form: ForgotPasswordForm) -> str:
        """Return the name that was typed."""
        return form.username

    def submit(self, form: ForgotPasswordForm) -> HttpResponse:
        """Go on to the code."""
        kept_name.keep(self.request, form.username)
        send_reset_code(self.request, form.username, form.cleaned_data["next"])
        return redirect("reset_password")
