"""Proving again that it is you, before something that protects the account is changed."""

from typing import Any, ClassVar

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts import client_address, conf, entrance, limits, pool, return_address
from accounts.cognito.errors import NotAuthorized, NotConfirmed, PasswordResetRequired, TooManyAttempts, UserNotFound
from accounts.forms.account import ConfirmAccessForm
from accounts.http import AuthenticatedRequest
from accounts.models import CameBy
from accounts.users import own_name
from accounts.views.base import WAIT, CognitoFormView, Refusals


class ConfirmAccessView(CognitoFormView):
    """Sign in once more, by password and whatever Cognito asks besides; a new session begins."""

    request: AuthenticatedRequest
    form_class = ConfirmAccessForm
    template_name = "accounts/confirm_access.html"
    budget = limits.LOGIN
    level_refusals = True
    refusals: ClassVar[Refusals] = {
        NotAuthorized: ("password", _("This is not your password. Check it and type it again.")),
        UserNotFound: ("password", _("This is not your password. Check it and type it again.")),
        NotConfirmed: ("password", _("Your account has changed meanwhile. Sign out and in again.")),
        PasswordResetRequired: ("password", _("Your password has to be reset. Sign out, then choose a new one.")),
        TooManyAttempts: ("password", WAIT),
    }

    def get_initial(self) -> dict[str, Any]:
        """Keep where the person was going."""
        return {"next": return_address.own_path(self.request.GET.get("next", ""))}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether there are other proofs than the password."""
        return super().get_context_data(
            choice_available=pool.description().choice, username=own_name(self.request.user), **kwargs
        )

    def charged_to(self, form: ConfirmAccessForm) -> str:
        """Return the person's own name: a password is guessed here as well as on the sign-in page, in one budget."""
        return own_name(self.request.user)

    def submit(self, form: ConfirmAccessForm) -> HttpResponse:
        """Go on where the person was going."""
        name, data = own_name(self.request.user), form.cleaned_data
        return entrance.sign_in(self.request, name, data["password"], data["next"])


@require_POST
@limits.limited(limits.OPTIONS, lambda request: own_name(request.user))
def confirm_access_options(request: AuthenticatedRequest) -> HttpResponse:
    """Offer the proofs besides the password: a mailed code, a passkey."""
    name = own_name(request.user)
    next_url = return_address.own_path(request.POST.get("next", ""))
    try:
        result = conf.authentication().with_choice(name, client_address.context(request))
    except (NotAuthorized, UserNotFound):
        return redirect("confirm_access")
    return entrance.proceed(request, result, typed=name, next_url=next_url, came_by=CameBy.CHOICE)
