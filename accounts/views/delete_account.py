"""Deleting one's own account."""

from typing import Any, ClassVar

from django.contrib import auth, messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts import conf, files, limits, own_account
from accounts.cognito.sign_in_names import NameKind, readable
from accounts.decorators import charged_to, is_fresh, prove_first
from accounts.forms.account import DeleteAccountForm
from accounts.http import AuthenticatedRequest, access_token
from accounts.models import User
from accounts.users import own_name
from accounts.views.base import CognitoFormView, Refusals

ACT = _("You’re about to delete your account. Confirm it’s you, and we’ll do the rest.")
DELETED = _("Your account is deleted.")
DELETED_AND_MAILED = _("Your account is deleted. We sent a last email to <strong data-wrap>{address}</strong>.")
REMAIN = {
    files.Remains.SOME: _("You had so many files that deleting the last of them takes a few more minutes."),
    files.Remains.ALL: _(
        "Your files couldn’t be deleted. No one can open them here any more, and the people who run this site have "
        "been told to remove them."
    ),
}


class DeleteAccountView(CognitoFormView):
    """Delete the files, the account at Cognito, and then what is kept here; each only after what is before it."""

    request: AuthenticatedRequest
    form_class = DeleteAccountForm
    template_name = "accounts/delete_account.html"
    budget = limits.FACTOR
    refusals: ClassVar[Refusals] = {}

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let in whoever has an account at Cognito. Raises PermissionDenied for others."""
        self.token = access_token(request)
        return super().dispatch(request, *args, **kwargs)

    def charged_to(self, form: Any) -> str:
        """Return whom it is charged to."""
        return charged_to(self.request)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whose account it is."""
        return super().get_context_data(name=readable(own_name(self.request.user)), **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add what has to be typed out."""
        user, sign_in_with = self.request.user, conf.config().sign_in_with
        own = {"expected": own_name(user), "kind": kind_of_name(user), "sign_in_with": sign_in_with}
        return {**super().get_form_kwargs(), **own}

    def submit(self, form: DeleteAccountForm) -> HttpResponse:
        """Delete the account, here and there, once the person has proved that it is theirs."""
        if not is_fresh(self.request):
            return prove_first(self.request, ACT, page=resolve_url("delete_account"), fields=("confirm",))
        address = self.request.user.email
        remains = files.Remains.NONE
        if conf.config().has_files:
            # Without the account there would be nobody any more whom S3 lets at the files, so they go first.
            own_account.refuse_in_outage(self.token)
            remains = files.delete_own(self.request)
        own_account.delete(self.request, self.request.user, self.token)
        auth.logout(self.request)
        messages.success(self.request, format_html(str(DELETED_AND_MAILED), address=address) if address else DELETED)
        if remains in REMAIN:
            messages.warning(self.request, REMAIN[remains])
        return redirect("home")


def kind_of_name(user: User) -> NameKind:
    """Return what the name is that ``user`` signs in with."""
    named = {user.email: NameKind.EMAIL, user.phone_number: NameKind.PHONE}
    return named.get(own_name(user), NameKind.USERNAME)
