"""A new password, by the code that was mailed."""

import json
import logging
from dataclasses import replace
from typing import Any, ClassVar

from django.contrib import auth, messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from accounts import activity, client_address, conf, entrance, holds, limits, pool, recovery, return_address
from accounts.cognito.errors import (
    CognitoError,
    ExpiredCode,
    InputRejected,
    NotAuthorized,
    NotConfirmed,
    Refused,
    RefusedByTrigger,
    TooManyAttempts,
    UserNotFound,
    WrongCode,
    may_be_done,
)
from accounts.cognito.results import Challenge
from accounts.cognito.sign_in_names import NameKind
from accounts.forms.entrance import ResetPasswordForm
from accounts.models import User
from accounts.sessions import revocation
from accounts.sessions.engine import session_of
from accounts.sessions.pending import PendingProof, PendingReset
from accounts.views.awaiting_code import AwaitingCodeView, resend, send_reset_code
from accounts.views.base import FAILED_AFTER_CODE, Refusals, new_password_refusals

logger = logging.getLogger(__name__)

RESET_REFUSED = _(
    "That code didn’t work. Check it, or ask for a new one. If you’ve already changed your password, sign in with it."
)
CHANGED = _("Password changed. Sign in with the new one. You were signed out on all other devices.")


class ResetPasswordView(AwaitingCodeView):
    """Set the password. The person signs in afterwards as always: a second factor is not skipped."""

    form_class = ResetPasswordForm
    template_name = "accounts/reset_password.html"
    pending_step = PendingReset
    page = "reset_password"
    budget = limits.RESET
    sends_on = False
    refusals: ClassVar[Refusals] = {
        **new_password_refusals("new_password1"),
        # Cognito counts guesses for accounts that exist only, so this must read like a wrong code.
        TooManyAttempts: ("code", RESET_REFUSED),
        ExpiredCode: ("code", RESET_REFUSED),
        WrongCode: ("code", RESET_REFUSED),
        # No such account, or one in no state for it: not for a stranger to tell apart.
        InputRejected: ("code", RESET_REFUSED),
        NotAuthorized: ("code", RESET_REFUSED),
        UserNotFound: ("code", RESET_REFUSED),
        NotConfirmed: ("code", RESET_REFUSED),
        RefusedByTrigger: ("", FAILED_AFTER_CODE),
    }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send whoever sends the same form a second time to sign in: the code is spent, and the password changed."""
        pending = PendingReset.find(request)
        if pending and pending.done and constant_time_compare(pending.done_by, digest(request)):
            messages.success(request, CHANGED)
            return HttpResponseRedirect(return_address.login_url(pending.next_url))
        return super().post(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the pool's rules."""
        return {**super().get_form_kwargs(), "policy": pool.description().password_policy}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add why the person is here, whether names may be numbers, and whether codes may come by text message."""
        pending = PendingReset.find(self.request)
        context = {
            "unproven": bool(pending and pending.unproven),
            "by_phone": NameKind.PHONE in conf.config().sign_in_with.kinds,
            "may_be_texted": recovery.may_be_texted(pool.description()),
            "reset": pending,
        }
        return super().get_context_data(**context, **kwargs)

    @sensitive_variables("refresh_token")
    def submit(self, form: ResetPasswordForm) -> HttpResponse:
        """Set the password, end what was open with the old one, and go to sign in."""
        data = form.cleaned_data
        try:
            conf.user_pool().confirm_forgot_password(form.username, data["code"], data["new_password1"])
        except CognitoError as error:
            if may_be_done(error):
                note_unsure(self.request, form.username)
            raise
        # Earlier tries count no longer: the owner has proved the mailbox and chosen a new password.
        limits.clear(form.username, limits.LOGIN_BY_NAME, limits.FORGOT_BY_NAME, limits.RESET_BY_NAME)
        next_url = self.next_url
        if holds.is_held([form.username]):
            end_earlier_tokens(self.request, form.username, data["new_password1"])
            holds.lift([form.username])
        revocation.end_sessions_named(form.username)
        activity.password_reset(self.request, form.username)
        if self.request.user.is_authenticated:
            # It may be somebody else's session, which the reset has not ended.
            refresh_token = session_of(self.request).refresh_token()
            auth.logout(self.request)
            revocation.revoke([refresh_token])
        done_by = digest(self.request)
        PendingReset(username=form.username, done=True, done_by=done_by, next_url=next_url).park(self.request)
        # The account may still be held under another of its names, so the proof of the mailbox is kept.
        PendingProof(username=form.username).park(self.request)
        messages.success(self.request, CHANGED)
        return entrance.to_login(self.request, form.username, next_url)

    def refused(self, form: Any, refused: Refused) -> HttpResponse:
        """Return the form with a sentence. A trigger fails after the code was taken: that proves the mailbox."""
        if isinstance(refused, RefusedByTrigger):
            PendingProof(username=form.username).park(self.request)
        return super().refused(form, refused)


@sensitive_variables("sent")
def digest(request: HttpRequest) -> str:
    """Return what is kept of code and password as ``request`` sent them, to know the same form by: never them."""
    sent = json.dumps([request.POST.get("code", ""), request.POST.get("new_password1", "")])
    return salted_hmac("accounts.reset_password", sent, algorithm="sha256").hexdigest()


def note_unsure(request: HttpRequest, username: str) -> None:
    """Note that the password of ``username`` may be new: who next signs in by that name here ends their other sessions.

    Not at once: whoever sends the form in an outage has proved nothing. One who is signed in by that name has.
    """
    user = request.user
    if isinstance(user, User) and entrance.is_name_of(user, username):
        revocation.end_everything(user, but=request.session)
    pending = PendingReset.find(request) or PendingReset(username=username)
    replace(pending, unsure=True).park(request)
    # An answer of 503 saves no session; where there is none, it would not tell the browser of one.
    if request.session.session_key:
        request.session.save()


@sensitive_variables("password", "result")
def end_earlier_tokens(request: HttpRequest, username: str, password: str) -> None:
    """End the tokens that a stranger won with the password the account had before; a failure is logged.

    Cognito ends all tokens of a person only for one of their own, so the new password is used once.
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GlobalSignOut.html
    """
    try:
        result = conf.authentication().with_password(username, password, client_address.context(request))
        if isinstance(result, Challenge):
            logger.warning("earlier tokens not ended", extra={"challenge": result.name})
        else:
            conf.user_account().global_sign_out(result.access_token)
    except CognitoError as error:
        logger.warning("earlier tokens not ended", extra={"error": str(error)})


@login_not_required
@require_POST
@limits.declares(limits.FORGOT)
def resend_reset_code(request: HttpRequest) -> HttpResponse:
    """Send another code, and say so whether or not there is anybody to send one to."""
    return resend(request, ResetPasswordView, send_reset_code, limits.FORGOT)
