"""Proving the e-mail address of a new account by the code that was mailed to it."""

import contextlib
import time
from dataclasses import replace
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import conf, entrance, limits
from accounts.cognito.errors import (
    AliasTaken,
    CodeNotDelivered,
    CognitoError,
    InputRejected,
    NotAuthorized,
    TooManyAttempts,
    UserNotFound,
)
from accounts.forms.entrance import ResendCodeForm, VerifyCodeForm
from accounts.pending import PendingRegistration
from accounts.views.base import (
    CODE_REFUSALS,
    CODE_REFUSED,
    CognitoFormView,
    EntranceMixin,
    Refusals,
    level,
    resend_wait,
    sign_in_with,
)


def pending_name(request: HttpRequest) -> str:
    """Return the name of the account this browser is about to confirm, "" when it has none."""
    pending = PendingRegistration.find(request)
    return pending.username if pending else ""


class VerifyCodeView(EntranceMixin, CognitoFormView):
    """Confirm an account. Whatever is wrong with code or name, the answer is one and the same."""

    form_class = VerifyCodeForm
    template_name = "accounts/verify_code.html"
    level_refusals = True
    refusals: ClassVar[Refusals] = {
        **CODE_REFUSALS,
        # Nothing to confirm, nobody of that name, or an address that another account has proved meanwhile.
        NotAuthorized: ("code", CODE_REFUSED),
        UserNotFound: ("code", CODE_REFUSED),
        InputRejected: ("code", CODE_REFUSED),
        AliasTaken: ("code", CODE_REFUSED),
    }

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the name, where this browser has told it."""
        name = pending_name(self.request)
        return {**super().get_form_kwargs(), "sign_in_with": sign_in_with(), "username": name}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the page says of the code, and the form that asks for another."""
        pending = PendingRegistration.find(self.request)
        resend = ResendCodeForm(sign_in_with=sign_in_with(), username=pending.username if pending else "")
        return super().get_context_data(
            username=pending.username if pending else "",
            resend_wait=resend_wait(pending.sent_at) if pending else 0,
            resend_form=prefixed(resend),
            can_correct=bool(pending and pending.details),
            **kwargs,
        )

    def submit(self, form: VerifyCodeForm) -> HttpResponse:
        """Confirm the account, and let its owner in where Cognito hands out a session for that."""
        limits.charge(self.request, limits.CODE_BY_ADDRESS, limits.CODE_BY_NAME, form.username)
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
                result = conf.authentication().with_session(form.username, session)
                return entrance.proceed(self.request, result, typed=form.username, next_url=next_url)
        return login_with(self.request, form.username, next_url)


def add_to_default_group(username: str) -> None:
    """Put a newly confirmed person into COGNITO_DEFAULT_GROUP, if there is one. Needs an AWS key."""
    group = settings.COGNITO["DEFAULT_GROUP"]
    if group:
        conf.directory().add_to_group(username, group)


def login_with(request: HttpRequest, username: str, next_url: str) -> HttpResponse:
    """Send somebody to sign in, with the name filled in."""
    request.session["login_username"] = username
    return redirect(entrance.login_url(next_url))


def prefixed(form: ResendCodeForm) -> ResendCodeForm:
    """Return ``form`` with element ids of its own, since it stands on a page beside another form."""
    form.auto_id = "id_resend_%s"
    return form


@login_not_required
@require_POST
def resend_code(request: HttpRequest) -> HttpResponse:
    """Send another code, and say so whether or not there is anybody to send one to."""
    started = time.monotonic()
    form = ResendCodeForm(request.POST, sign_in_with=sign_in_with(), username=pending_name(request))
    if not form.is_valid():
        messages.error(request, _("Type the name of the account first, then ask for a code."))
        return redirect("verify_code")
    pending = PendingRegistration.find(request) or PendingRegistration(username=form.username)
    wait = resend_wait(pending.sent_at)
    if wait:
        messages.warning(request, _("You can ask for a new code in %(seconds)d seconds.") % {"seconds": wait})
        return redirect("verify_code")
    limits.charge(request, limits.RESEND_BY_ADDRESS, limits.RESEND_BY_NAME, form.username)
    with contextlib.suppress(UserNotFound, InputRejected, NotAuthorized, CodeNotDelivered, TooManyAttempts):
        conf.user_pool().resend_confirmation_code(form.username)
    replace(pending, username=form.username, sent_at=time.time()).park(request)
    messages.success(
        request, _("If %(name)s is waiting to be confirmed, a new code is on its way.") % {"name": form.username}
    )
    level(started)
    return redirect("verify_code")
