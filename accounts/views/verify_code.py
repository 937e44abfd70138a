"""Proving the e-mail address of a new account by the code that was mailed to it."""

import contextlib
import logging
import time
from dataclasses import replace
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import client_address, conf, entrance, limits, return_address
from accounts.cognito.errors import (
    AliasTaken,
    CodeNotDelivered,
    CognitoError,
    InputRejected,
    NotAuthorized,
    TooManyAttempts,
    UserNotFound,
)
from accounts.forms.entrance import VerifyCodeForm
from accounts.pending import PendingRegistration
from accounts.views.awaiting_code import AwaitingCodeView, resend
from accounts.views.base import CODE_REFUSALS, CODE_REFUSED, Refusals

logger = logging.getLogger(__name__)


class VerifyCodeView(AwaitingCodeView):
    """Confirm an account. Whatever is wrong with code or name, the answer is one and the same."""

    form_class = VerifyCodeForm
    template_name = "accounts/verify_code.html"
    pending_step = PendingRegistration
    refusals: ClassVar[Refusals] = {
        **CODE_REFUSALS,
        # Nothing to confirm, nobody of that name, or an address that another account has proved meanwhile.
        NotAuthorized: ("code", CODE_REFUSED),
        UserNotFound: ("code", CODE_REFUSED),
        InputRejected: ("code", CODE_REFUSED),
        AliasTaken: ("code", CODE_REFUSED),
    }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether a mistyped address can be corrected."""
        pending = PendingRegistration.find(self.request)
        return super().get_context_data(can_correct=bool(pending and pending.details), **kwargs)

    def submit(self, form: VerifyCodeForm) -> HttpResponse:
        """Confirm the account, and let its owner in where Cognito hands out a session for that."""
        limits.charge_guess(self.request, form.username)
        pending = PendingRegistration.find(self.request)
        session = conf.user_pool().confirm_sign_up(
            form.username, form.cleaned_data["code"], pending.session if pending else ""
        )
        next_url = pending.next_url if pending else ""
        PendingRegistration.drop(self.request)
        add_to_default_group(form.username)
        messages.success(self.request, _("Your e-mail address is confirmed."))
        if session:
            # Whatever goes wrong here, the account is confirmed and its owner can sign in by hand.
            with contextlib.suppress(CognitoError):
                context = client_address.context(self.request)
                result = conf.authentication().with_session(form.username, session, context)
                return entrance.proceed(self.request, result, typed=form.username, next_url=next_url)
        return login_with(self.request, form.username, next_url)


def add_to_default_group(username: str) -> None:
    """Put a newly confirmed person into COGNITO_DEFAULT_GROUP, if there is one. Needs an AWS key."""
    group = settings.COGNITO["DEFAULT_GROUP"]
    if not group:
        return
    try:
        conf.directory().add_to_group(username, group)
    except CognitoError as error:
        # The address is confirmed by now, and its owner should hear that and nothing else.
        logger.error("newcomer not in the default group", extra={"error": str(error)})


def login_with(request: HttpRequest, username: str, next_url: str) -> HttpResponse:
    """Send somebody to sign in, with the name filled in."""
    request.session["login_username"] = username
    return HttpResponseRedirect(return_address.login_url(next_url))


@login_not_required
@require_POST
def resend_code(request: HttpRequest) -> HttpResponse:
    """Send another code, and say so whether or not there is anybody to send one to."""
    return resend(request, PendingRegistration, "verify_code", send_confirmation_code)


def send_confirmation_code(request: HttpRequest, username: str) -> None:
    """Ask Cognito for another code, and keep for the next page that one may be on its way. Raises LimitExceeded."""
    limits.charge(request, limits.RESEND_BY_ADDRESS, limits.RESEND_BY_NAME, username)
    # Each of these would tell a stranger whether the account exists, and in what state.
    with contextlib.suppress(UserNotFound, InputRejected, NotAuthorized, CodeNotDelivered, TooManyAttempts):
        conf.user_pool().resend_confirmation_code(username)
    pending = PendingRegistration.find(request) or PendingRegistration(username=username)
    replace(pending, sent_at=time.time()).park(request)
