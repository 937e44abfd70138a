"""Setting up an authenticator app."""

from dataclasses import replace
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from accounts import authenticator, conf, federation, limits, passkeys, pool, two_step, users
from accounts.cognito.errors import FactorNotSetUp, InputRejected, WrongCode
from accounts.cognito.factors import Factor
from accounts.decorators import fresh_sign_in_required
from accounts.forms.account import AuthenticatorForm
from accounts.http import AuthenticatedRequest, access_token, own_profile
from accounts.models import Activity
from accounts.sessions.pending import PendingAuthenticator
from accounts.views.base import WRONG_CLOCK, CognitoFormView, Refusals

ACT = gettext_lazy("You’re about to set up an authenticator app. Confirm it’s you, and we’ll do the rest.")
BACKUP = gettext_lazy("Add a backup method in case you lose your phone.")


@method_decorator(federation.own_password_required, name="dispatch")
@method_decorator(fresh_sign_in_required(act=ACT), name="dispatch")
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
        """Get a key from Cognito, unless one is waiting for its first code, or the app is on by this very form."""
        if Factor.TOTP not in pool.description().mfa_factors:
            messages.error(request, two_step.NOT_POSSIBLE[True])
            return redirect("security")
        self.token = access_token(request)
        pending = PendingAuthenticator.find(request)
        if pending is None:
            if request.method == "POST" and Factor.TOTP in own_profile(request, self.token).factors:
                return redirect("security")
            secret, _session = conf.user_account().associate_software_token(access_token=self.token)
            pending = PendingAuthenticator(secret=secret)
            pending.park(request)
        self.pending = pending
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the key in its three forms, and how many passkeys cannot be used once the app is on."""
        user, described = self.request.user, pool.description()
        shown = authenticator.totp_context(self.pending.secret, users.own_name(user))
        first = not user.second_factors and not described.passkeys_satisfy_mfa
        pauses = passkeys.count(self.token, described) if first else 0
        return super().get_context_data(**shown, pauses=pauses, **kwargs)

    def submit(self, form: AuthenticatorForm) -> HttpResponse:
        """Check the code and turn the app on. What is refused after the code is not the code's fault."""
        account = conf.user_account()
        if not self.pending.proven:
            account.verify_software_token(form.cleaned_data["code"], access_token=self.token)
            replace(self.pending, proven=True).park(self.request)
            # Saved at once: a code works only once, and an outage at the next call would leave the session unsaved.
            self.request.session.save()
        try:
            now = two_step.turn(self.request, Factor.TOTP, on=True, kind=Activity.Kind.FACTOR_ADDED)
        except two_step.NotSwitched as refused:
            PendingAuthenticator.drop(self.request)
            messages.error(self.request, refused.why)
            return redirect("security")
        PendingAuthenticator.drop(self.request)
        messages.success(self.request, two_step.outcome(Factor.TOTP, now, on=True))
        if now == {Factor.TOTP} and pool.description().mfa_factors - now:
            messages.warning(self.request, BACKUP)
        return redirect("security")
