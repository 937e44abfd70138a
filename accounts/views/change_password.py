"""Changing one's own password."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import activity, conf, federation, known_browser, limits, pool, recovery
from accounts.cognito.errors import CognitoError, NotAuthorized, TooManyAttempts, UserNotFound, may_be_done
from accounts.context import Context
from accounts.forms.account import ChangePasswordForm
from accounts.http import AuthenticatedRequest, access_token
from accounts.models import Activity
from accounts.sessions import revocation
from accounts.sessions.engine import EndedElsewhere
from accounts.users import own_name
from accounts.views.base import WAIT, CognitoFormView, Refusals, new_password_refusals


def refuse_ended_session(token: str) -> None:
    """Raise EndedElsewhere when Cognito no longer takes ``token``."""
    try:
        conf.user_account().get_user(token)
    except (NotAuthorized, UserNotFound) as error:
        raise EndedElsewhere from error


@method_decorator(federation.own_password_required, name="dispatch")
class ChangePasswordView(CognitoFormView):
    """Change the password, and end every other session: whoever knew the old one is out."""

    request: AuthenticatedRequest
    form_class = ChangePasswordForm
    template_name = "accounts/change_password.html"
    budget = limits.PASSWORD
    refusals: ClassVar[Refusals] = {
        **new_password_refusals("new_password1"),
        NotAuthorized: ("old_password", gettext_lazy("That’s not your current password.")),
        TooManyAttempts: ("", WAIT),
    }

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let in whoever has a password at Cognito. Raises PermissionDenied for others."""
        self.token = access_token(request)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the pool's rules and the person's own names."""
        user, policy = self.request.user, pool.description().password_policy
        return {
            **super().get_form_kwargs(),
            "policy": policy,
            "own_words": (own_name(user), user.email, user.phone_number, user.name),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the name, for password managers, and whether a forgotten password can be recovered."""
        user = self.request.user
        recovered = recovery.of_user(user, pool.description())
        return super().get_context_data(username=own_name(user), recovery=recovered, **kwargs)

    def submit(self, form: ChangePasswordForm) -> HttpResponse:
        """Change it. Where the answer got lost the others are out as well, and the page is that of the outage."""
        user, token, data = self.request.user, self.token, form.cleaned_data
        try:
            conf.user_account().change_password(token, data["old_password"], data["new_password1"])
        except NotAuthorized:
            # Cognito has one code for a wrong password and a dead token. If the token works, the password was wrong.
            refuse_ended_session(token)
            raise
        except CognitoError as error:
            if may_be_done(error):
                revocation.end_everything(user, but=self.request.session)
            raise
        revocation.end_everything(user, but=self.request.session)
        self.request.session.cycle_key()
        activity.record(Activity.Kind.PASSWORD_CHANGED, user, context=Context.of(self.request))
        messages.success(self.request, _("Password changed. You were signed out on all other devices."))
        response = redirect("security")
        known_browser.remember(self.request, response, user)
        return response
