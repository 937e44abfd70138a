"""Proving mailbox or phone, and choosing the password, where this site makes accounts (COGNITO_REGISTRATION=admin)."""

import logging
from dataclasses import replace
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from accounts import conf, entrance, limits, newcomers, pool
from accounts.cognito.errors import (
    AliasTaken,
    CognitoError,
    TokenError,
    UsernameTaken,
    WrongCode,
)
from accounts.forms.entrance import CompleteRegistrationForm
from accounts.models import CameBy
from accounts.sessions.pending import PendingAccount, PendingProof
from accounts.views.awaiting_code import (
    AwaitingCodeView,
    asking_again,
    code_digest,
    confirmed,
    resend,
    send_registration_code,
)
from accounts.views.base import CODE_REFUSALS, Refusals, newcomer_refusals

logger = logging.getLogger(__name__)

WRONG_CODES = 5  # after so many only a new code helps


# Said again, although the mixin says it: this class has a dispatch() of its own, and Django reads the mark off that.
@method_decorator(login_not_required, name="dispatch")
class CompleteRegistrationView(AwaitingCodeView):
    """Make the account and let its owner in. Until the code is right, Cognito is not asked at all.

    The code works in the browser that asked for it, which alone knows what was typed.
    """

    form_class = CompleteRegistrationForm
    template_name = "accounts/complete_registration.html"
    pending_step = PendingAccount
    page = "complete_registration"
    budget = limits.VERIFY
    refusals: ClassVar[Refusals] = {**CODE_REFUSALS, **newcomer_refusals("password1")}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send whoever has not said yet which account they want to where they can."""
        waiting = conf.config().registration == "admin" and PendingAccount.find(request) is not None
        if not waiting and not request.user.is_authenticated:
            return HttpResponseRedirect(f"{reverse('register')}?again=1")
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the pool's rules, and the words that the password may not contain."""
        pending = PendingAccount.find(self.request)
        own = (pending.username, newcomers.proved_among(pending.attributes)) if pending else ()
        return {**super().get_form_kwargs(), "policy": pool.description().password_policy, "own_words": own}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add where the code went."""
        pending = PendingAccount.find(self.request)
        return super().get_context_data(address=newcomers.proved_among(pending.attributes) if pending else "", **kwargs)

    @sensitive_variables("password")
    def submit(self, form: CompleteRegistrationForm) -> HttpResponse:
        """Make the account, and let its owner in. Raises WrongCode, and what newcomers.make_account does."""
        pending = proved(self.request, form.cleaned_data["code"])
        password = form.cleaned_data["password1"]
        try:
            newcomers.make_account(pending.username, password, pending.attributes)
        except UsernameTaken:
            return lead_to_account(self.request, pending, pending.username)
        except AliasTaken:
            return lead_to_account(self.request, pending, newcomers.proved_among(pending.attributes))
        PendingAccount.drop(self.request)
        response = let_in(self.request, pending, password)
        messages.success(self.request, confirmed(self.request))
        return response


def proved(request: HttpRequest, code: str) -> PendingAccount:
    """Return what waits for ``code``. Raises WrongCode, and counts it."""
    pending = PendingAccount.find(request)
    if pending is None:
        raise WrongCode("registration")
    right = constant_time_compare(pending.code_digest, code_digest(pending.username, code))
    if right and pending.tries < WRONG_CODES:
        return pending
    replace(pending, tries=pending.tries + 1).park(request)
    raise WrongCode("registration")


def lead_to_account(request: HttpRequest, pending: PendingAccount, name: str) -> HttpResponse:
    """Send somebody to sign in as ``name``, which an account has already; it may be what they have just proved.

    It may be the one they have just made: the form was sent twice, or the answer to the first time got lost.
    """
    PendingAccount.drop(request)
    if name == newcomers.proved_among(pending.attributes):
        PendingProof(username=name).park(request)
        messages.info(request, _("You have an account already. Sign in, or choose a new password."))
    else:
        messages.info(request, _("There’s an account of this name already. If it’s yours, sign in."))
    return entrance.to_login(request, name, pending.next_url)


@sensitive_variables("password")
def let_in(request: HttpRequest, pending: PendingAccount, password: str) -> HttpResponse:
    """Sign in the owner of the new account; whatever goes wrong here, they can do so by hand."""
    try:
        return entrance.sign_in(request, pending.username, password, pending.next_url, CameBy.REGISTRATION)
    except TokenError as error:
        logger.error("token refused after a registration", extra={"error": str(error)})
    except CognitoError as error:
        logger.warning("not signed in after a registration", extra={"error": str(error)})
    return entrance.to_login(request, pending.username, pending.next_url)


@login_not_required
@require_POST
@limits.declares(limits.RESEND)
def resend_registration_code(request: HttpRequest) -> HttpResponse:
    """Send another code, and say so whether or not there is anybody to send one to."""
    if PendingAccount.find(request) is None:
        return redirect("complete_registration")
    return resend(request, CompleteRegistrationView, send_another, asking_again())


def send_another(request: HttpRequest, username: str, next_url: str) -> None:
    """Send another code to the mailbox that this browser has named; one that has named none gets no further.

    What was begun there has the name already, and where they were going.
    """
    pending = PendingAccount.find(request)
    if pending is not None:
        send_registration_code(request, pending)
