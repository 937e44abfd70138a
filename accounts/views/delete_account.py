"""Deleting one's own account."""

import contextlib
from typing import Any, ClassVar

from django.contrib import auth, messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

from accounts import activity, conf, limits
from accounts.cognito.errors import UserNotFound
from accounts.decorators import fresh_sign_in_required
from accounts.forms.account import DeleteAccountForm
from accounts.http import AuthenticatedRequest, access_token
from accounts.views.base import CognitoFormView, Refusals


@method_decorator(fresh_sign_in_required(), name="dispatch")
class DeleteAccountView(CognitoFormView):
    """Delete the account at Cognito first; what is kept here goes only after that worked."""

    request: AuthenticatedRequest
    form_class = DeleteAccountForm
    template_name = "accounts/delete_account.html"
    budget = limits.FACTOR
    refusals: ClassVar[Refusals] = {}

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let in whoever has an account at Cognito. Raises PermissionDenied for others."""
        self.token = access_token(request)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add what has to be typed out."""
        user = self.request.user
        return {**super().get_form_kwargs(), "expected": user.email or user.username}

    def submit(self, form: DeleteAccountForm) -> HttpResponse:
        """Delete the account, here and there."""
        user = self.request.user
        # The account may be gone already, by an earlier call whose answer was lost.
        with contextlib.suppress(UserNotFound):
            conf.user_account().delete_user(self.token)
        activity.deleted(self.request, user)
        # The rows of sessions and activity go with the user.
        auth.logout(self.request)
        user.delete()
        messages.success(self.request, _("Your account is deleted."))
        return redirect("home")
