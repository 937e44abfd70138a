"""Setting up an authenticator app."""

from dataclasses import replace
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts import activity, authenticator, conf, federation, limits, users
from accounts.cognito.errors import FactorNotSetUp, InputRejected, WrongCode
from accounts.cognito.factors import Factor
from accounts.context import Context
from accounts.decorators import fresh_sign_in_required
from accounts.forms.account import AuthenticatorForm
from accounts.http import AuthenticatedRequest, access_token, own_profile
from accounts.models import Activity
from accounts.passkeys import as_both_steps
from accounts.sessions.pending import PendingAuthenticator
from accounts.views.base import WRONG_CLOCK, CognitoFormView, Refusals


@method_decorator(federation.own_password_required, name="dispatch")
@method_decorator(fresh_sign_in_required(), name="dispatch")
class TotpView(CognitoFormView):
    """Show a key, and turn the app on once it has shown a right code. A wrong one leaves the key as it was."""

    request: AuthenticatedRequest
    form_class = AuthenticatorForm
    template_name = "accounts/totp.html"
    budget = limits.FACTOR
    refusals: ClassVar[Refusals] = {
        FactorNotSetUp: ("code", WRONG_CLOCK),
        WrongCode: ("code", WRONG_CLOCK),
        InputRejected: ("code", WRONG_CLOCK),
    }

    @sensitive_variables("secret")
    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Get a key from Cognito, unless one is waiting for its first code."""
        self.token = access_token(request)
        pending = PendingAuthenticator.find(request)
        if pending is None:
            secret, _session = conf.user_account().associate_software_token(access_token=self.token)
            pending = PendingAuthenticator(secret=secret)
            pending.park(request)
        self.pending = pending
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the key in its three forms."""
        user = self.request.user
        shown = authenticator.totp_context(self.pending.secret, users.own_name(user))
        return super().get_context_data(**shown, **kwargs)

    def submit(self, form: AuthenticatorForm) -> HttpResponse:
        """Check the code, turn the app on, and have it asked first."""
        account = conf.user_account()
        if not self.pending.proven:
            account.verify_software_token(form.cleaned_data["code"], access_token=self.token)
            replace(self.pending, proven=True).park(self.request)
            # Saved at once: a code works only once, and an outage at the next call would leave the session unsaved.
            self.request.session.save()
        profile = own_profile(self.request, self.token)
        factors = {**dict.fromkeys(profile.factors, (True, False)), Factor.TOTP: (True, True)}
        passkeys = as_both_steps(self.token, second_step=True)
        account.set_mfa_preference(self.token, factors, passkeys=passkeys)
        PendingAuthenticator.drop(self.request)
        users.update(self.request.user, replace(profile, factors=tuple(factors)))
        activity.record(
            Activity.Kind.FACTOR_ADDED, self.request.user, factor=Factor.TOTP, context=Context.of(self.request)
        )
        messages.success(
            self.request, _("Your authenticator app is on. You will be asked for its code when you sign in.")
        )
        return redirect("security")
