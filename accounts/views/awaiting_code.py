"""Pages that wait for a mailed code: for whom, and asking for another one."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts import conf, limits
from accounts.cognito.errors import (
    CodeNotDelivered,
    InputRejected,
    NotAuthorized,
    NotConfirmed,
    TooManyAttempts,
    UserNotFound,
)
from accounts.forms.entrance import ResendCodeForm
from accounts.limits import Budget
from accounts.sessions.pending import PendingRegistration, PendingReset
from accounts.views.base import CognitoFormView, EntranceMixin, levelled, resend_wait

PendingName = type[PendingRegistration] | type[PendingReset]


def pending_name(request: HttpRequest, pending_step: PendingName) -> str:
    """Return the name whose code this browser waits for, "" when it has told none."""
    pending = pending_step.find(request)
    return pending.username if pending else ""


class AwaitingCodeView(EntranceMixin, CognitoFormView):
    """A form for a code. The name is asked for where this browser has not told it, so that any browser will do."""

    level_refusals = True
    pending_step: ClassVar[PendingName]

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the name, where this browser has told it."""
        name = pending_name(self.request, self.pending_step)
        return {**super().get_form_kwargs(), "sign_in_with": conf.config().sign_in_with, "username": name}

    def charged_to(self, form: Any) -> str:
        """Return the name whose code it is."""
        return str(form.username)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the page says of the code, and the form that asks for another."""
        pending = self.pending_step.find(self.request)
        name = pending.username if pending else ""
        # It stands beside another form, so its elements have ids of their own.
        resend_form = ResendCodeForm(sign_in_with=conf.config().sign_in_with, username=name, auto_id="id_resend_%s")
        return super().get_context_data(
            username=name,
            resend_wait=resend_wait(pending.sent_at) if pending else 0,
            resend_form=resend_form,
            **kwargs,
        )


def resend(
    request: HttpRequest, pending_step: PendingName, page: str, send: Callable[[HttpRequest, str], None], budget: Budget
) -> HttpResponse:
    """Have ``send`` send another code within ``budget``, but not too soon, and go back to ``page``.

    What is said is the same whether or not there is anybody to send one to. Raises LimitExceeded, Busy.
    """
    name = pending_name(request, pending_step)
    form = ResendCodeForm(request.POST, sign_in_with=conf.config().sign_in_with, username=name)
    pending = pending_step.find(request)
    wait = resend_wait(pending.sent_at) if pending else 0
    if not form.is_valid():
        with limits.attempt(request, limits.UNNAMED, ""):
            messages.error(request, _("Type the name of the account first, then ask for a code."))
    elif wait:
        messages.warning(request, _("You can ask for a new code in %(seconds)d seconds.") % {"seconds": wait})
    else:
        with levelled(request, form.username):
            with limits.attempt(request, budget, form.username):
                send(request, form.username)
            # The older code is dead, and so are the guesses at it.
            limits.clear(form.username, limits.GUESSES_BY_NAME)
            text = _("If %(name)s is waiting for one, a new code is on its way.")
            messages.success(request, text % {"name": form.username})
    return redirect(page)


def send_reset_code(request: HttpRequest, username: str) -> None:
    """Ask Cognito for a code, and keep for the next page that one may be on its way."""
    # Each of these would tell a stranger whether the account exists, and in what state.
    with suppress(UserNotFound, InputRejected, NotAuthorized, NotConfirmed, CodeNotDelivered, TooManyAttempts):
        conf.user_pool().forgot_password(username)
    pending = PendingReset.find(request)
    if pending is None or pending.done or pending.username != username:
        pending = PendingReset(username=username)
    replace(pending, at=time.time(), sent_at=time.time()).park(request)
