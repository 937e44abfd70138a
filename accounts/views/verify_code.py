"""Proving the address or number of a new account by the code that was sent there."""

import logging
import time
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts import client_address, conf, entrance, limits, newcomers
from accounts.cognito.errors import CognitoError, Refused, RefusedByTrigger, TokenError
from accounts.forms.entrance import VerifyCodeForm
from accounts.models import CameBy
from accounts.sessions.pending import PendingProof, PendingRegistration, PendingReset
from accounts.views.awaiting_code import AwaitingCodeView, asking_again, confirmed, resend, send_reset_code
from accounts.views.base import CONFIRMATION_REFUSALS

logger = logging.getLogger(__name__)


class VerifyCodeView(AwaitingCodeView):
    """Confirm an account. Whatever is wrong with code or name, the answer is one and the same."""

    form_class = VerifyCodeForm
    template_name = "accounts/verify_code.html"
    pending_step = PendingRegistration
    page = "verify_code"
    budget = limits.VERIFY
    refusals = CONFIRMATION_REFUSALS

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether a mistyped address can be corrected."""
        pending = PendingRegistration.find(self.request)
        return super().get_context_data(can_correct=bool(pending and pending.details), **kwargs)

    def submit(self, form: VerifyCodeForm) -> HttpResponse:
        """Confirm the account, and lead on to a password that is its owner's, or in."""
        pending = PendingRegistration.find(self.request) or PendingRegistration(username=form.username)
        # The password is surely this person's only if this browser set it.
        code, owned, next_url = form.cleaned_data["code"], pending.owned, self.next_url
        session = newcomers.confirm(form.username, code, pending.session, owned=owned)
        PendingRegistration.drop(self.request)
        if owned:
            response = let_in(self.request, form.username, session, next_url)
        else:
            PendingProof(username=form.username).park(self.request)
            # With details, the name was typed here to register; without, only to have another code sent.
            onwards = choose_password if pending.details else entrance.to_login
            response = onwards(self.request, form.username, next_url)
        messages.success(self.request, confirmed(self.request))
        return response

    def refused(self, form: Any, refused: Refused) -> HttpResponse:
        """Return the form with a sentence. A trigger fails after the code was taken: that proves the mailbox."""
        if isinstance(refused, RefusedByTrigger):
            PendingProof(username=form.username).park(self.request)
        return super().refused(form, refused)


def let_in(request: HttpRequest, username: str, session: str, next_url: str) -> HttpResponse:
    """Sign in whoever has just confirmed, where Cognito gave a ``session`` for that; else lead them to sign in."""
    if session:
        # Whatever goes wrong here, the account is confirmed and its owner can sign in by hand.
        try:
            result = conf.authentication().with_session(username, session, client_address.context(request))
            return entrance.proceed(request, result, typed=username, next_url=next_url, came_by=CameBy.REGISTRATION)
        except TokenError as error:
            logger.error("token refused after a confirmation", extra={"error": str(error)})
        except CognitoError as error:
            logger.warning("not signed in after a confirmation", extra={"error": str(error)})
    return entrance.to_login(request, username, next_url)


def choose_password(request: HttpRequest, username: str, next_url: str) -> HttpResponse:
    """Send somebody on to a password of their own: the account had one before they came.

    That no code could be sent now ends nothing, since the page can ask for another.
    """
    PendingReset(username=username, unproven=True, next_url=next_url).park(request)
    try:
        with limits.attempt(request, limits.FORGOT, username):
            send_reset_code(request, username)
    except (limits.LimitExceeded, CognitoError) as error:
        logger.warning("no reset code after a confirmation", extra={"error": type(error).__name__})
    return redirect("reset_password")


@login_not_required
@require_POST
@limits.declares(limits.RESEND)
def resend_code(request: HttpRequest) -> HttpResponse:
    """Send another code, and say so whether or not there is anybody to send one to."""
    return resend(request, VerifyCodeView, send_confirmation_code, asking_again())


def send_confirmation_code(request: HttpRequest, username: str, next_url: str = "") -> None:
    """Ask Cognito for another code, and keep for the next page that one may be on its way, and ``next_url``."""
    newcomers.send_code(username)
    pending = PendingRegistration.find(request) or PendingRegistration(username=username)
    replace(pending, sent_at=time.time(), next_url=pending.next_url or next_url).park(request)
