"""Pages that wait for a mailed code: for whom, and asking for another one."""

import logging
import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_variables

from accounts import after_answer, conf, form_again, kept_name, limits, newcomers, return_address
from accounts.cognito.errors import (
    CodeNotDelivered,
    CognitoError,
    InputRejected,
    NotAuthorized,
    NotConfirmed,
    TooManyAttempts,
    UserNotFound,
)
from accounts.cognito.sign_in_names import NameKind, SignInWith
from accounts.form_again import Again
from accounts.forms.entrance import ResendCodeForm
from accounts.limits import Budget
from accounts.sessions.pending import PendingAccount, PendingChallenge, PendingRegistration, PendingReset
from accounts.views.base import CognitoFormView, EntranceMixin, levelled, resend_wait

logger = logging.getLogger(__name__)

ASKED_OFTEN = gettext_lazy("You’ve asked for several codes already.")
DIGITS = 6  # of a code that this site sends itself

PendingName = type[PendingRegistration] | type[PendingAccount] | type[PendingReset]


def pending_name(request: HttpRequest, pending_step: PendingName) -> str:
    """Return the name whose code this browser waits for, "" when it has told none."""
    pending = pending_step.find(request)
    return pending.username if pending else ""


class AwaitingCodeView(EntranceMixin, CognitoFormView):
    """A form for a code. The name is asked for where this browser has not told it, so that any browser will do."""

    level_refusals = True
    pending_step: ClassVar[PendingName]
    # The name of its address: the button that asks for another code sends its form elsewhere, and comes back.
    page: ClassVar[str]

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the name, where this browser has told it."""
        name = pending_name(self.request, self.pending_step)
        return {**super().get_form_kwargs(), "sign_in_with": conf.config().sign_in_with, "username": name}

    def get_initial(self) -> dict[str, Any]:
        """Fill in the name that was typed elsewhere."""
        return {"username": kept_name.known(self.request)}

    @property
    def next_url(self) -> str:
        """Where the person was going, as the step that they have begun has it, or else the page's address."""
        pending = self.pending_step.find(self.request)
        return (pending.next_url if pending else "") or super().next_url

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
            by_text=newcomers.proves() is NameKind.PHONE,
            by_email=conf.config().sign_in_with is SignInWith.EMAIL,
            sent_to=name if conf.config().sign_in_with.kinds[0] is newcomers.proves() else "",
            code_sent=bool(pending and pending.sent_at),
            resend_wait=resend_wait(pending.sent_at) if pending else 0,
            resend_form=resend_form,
            page_url=reverse(self.page, query={"next": self.next_url} if self.next_url else None),
            **kwargs,
        )


def confirmed(request: HttpRequest) -> str:
    """Return what to say to somebody who has typed the code of a new account, once it is clear where that leads."""
    first = _("Phone number confirmed.") if newcomers.proves() is NameKind.PHONE else _("Email confirmed.")
    if request.user.is_authenticated:
        return f"{first} {_('Welcome to %(site)s.') % {'site': settings.SITE_NAME}}"
    if PendingChallenge.find(request) or PendingReset.find(request):
        return first
    return f"{first} {_('Now sign in.')}"


def resend(
    request: HttpRequest,
    view: type[AwaitingCodeView],
    send: Callable[[HttpRequest, str, str], None],
    budget: Budget,
) -> HttpResponse:
    """Have ``send`` send another code within ``budget``, but not too soon, and go back to the page of ``view``.

    It keeps where the person was going, as the page's address has it, where nothing that was begun says so.
    What is said is the same whether or not there is anybody to send one to. Raises LimitExceeded, Busy: then that page
    is shown at once.
    """
    pending_step = view.pending_step
    show = partial(view.as_view(), request)
    again = Again(lambda notice: form_again.filled_page(request, notice, show), too_often=ASKED_OFTEN)
    form_again.offer(request, again)
    name = pending_name(request, pending_step)
    form = ResendCodeForm(request.POST, sign_in_with=conf.config().sign_in_with, username=name)
    pending = pending_step.find(request)
    wait = resend_wait(pending.sent_at) if pending else 0
    if not form.is_valid():
        return without_name(request, view)
    if wait:
        text = ngettext(
            "You can ask for a new code in %(seconds)d second.",
            "You can ask for a new code in %(seconds)d seconds.",
            wait,
        )
        messages.warning(request, text % {"seconds": wait})
    else:
        with levelled(request, form.username):
            with limits.attempt(request, budget, form.username):
                send(request, form.username, return_address.own_path(request.GET.get("next", "")))
            # The older code is dead, and so are the guesses at it.
            limits.clear(form.username, limits.GUESSES_BY_NAME)
            text = _("If {address} has an account waiting, we sent a new code there.")
            address = format_html("<strong data-wrap>{}</strong>", form.username)
            messages.success(request, format_html(text, address=address))
    return redirect(view.page)


def without_name(request: HttpRequest, view: type[AwaitingCodeView]) -> HttpResponse:
    """Return the page of ``view`` again, with what is wrong with the name: nothing else is wanted for another code."""
    page = view()
    page.setup(request)
    form = page.get_form()
    for name in [*form.errors]:
        if name != "username":
            del form.errors[name]
    return page.form_invalid(form)


def send_registration_code(request: HttpRequest, pending: PendingAccount) -> None:
    """Have a code sent that proves mailbox or phone of ``pending``, and keep what to know it by in place of others.

    Raises LimitExceeded.
    """
    with_registration_code(request, pending).park(request)


@sensitive_variables("code")
def with_registration_code(request: HttpRequest, pending: PendingAccount) -> PendingAccount:
    """Have a code sent that proves the mailbox or phone of ``pending``; return it with what to know the code by.

    Whether there is an account already is asked after the answer, and the message alone says so. Raises LimitExceeded.
    """
    code, address = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}", newcomers.proved_among(pending.attributes)
    with charging_target(request, pending.username, address):
        after_answer.mails.do(newcomers.tell_owner_of, address, pending.username, code)
    now, digest = time.time(), code_digest(pending.username, code)
    return replace(pending, code_digest=digest, tries=0, at=now, sent_at=now)


def charging_target(request: HttpRequest, username: str, address: str) -> AbstractContextManager[object]:
    """Return what charges a code that goes to ``address`` to it, where that is not the name it is charged to already.

    Otherwise many user names could have codes sent to one address. Raises LimitExceeded when it is entered.
    """
    return limits.attempt(request, limits.ATTRIBUTE_TARGET, address) if address != username else nullcontext()


def registering() -> Budget:
    """Return what registering may cost: text messages are paid for."""
    return limits.REGISTER_BY_TEXT if newcomers.proves() is NameKind.PHONE else limits.REGISTER


def asking_again() -> Budget:
    """Return what another code for a new account may cost."""
    return limits.RESEND_BY_TEXT if newcomers.proves() is NameKind.PHONE else limits.RESEND


def code_digest(username: str, code: str) -> str:
    """Return what is kept of the ``code`` for the account called ``username``."""
    return salted_hmac("accounts.registration", f"{username}:{code}", algorithm="sha256").hexdigest()


def require_confirmation(request: HttpRequest, username: str, next_url: str) -> HttpResponse:
    """Lead somebody who has proved a password to the code of their account, and send one, once."""
    PendingRegistration(username=username, next_url=next_url).park(request)
    try:
        with limits.attempt(request, asking_again(), username):
            newcomers.send_code(username)
    except (limits.LimitExceeded, CognitoError) as error:
        logger.warning("no confirmation code at a sign-in", extra={"error": type(error).__name__})
        messages.info(request, _("Confirm your account first, then you’re in. Ask for a new code to do so."))
        return redirect("verify_code")
    PendingRegistration(username=username, sent_at=time.time(), next_url=next_url).park(request)
    by_text = newcomers.proves() is NameKind.PHONE
    first = _("Confirm your phone number first, then you’re in.") if by_text else None
    first = first or _("Confirm your email first, then you’re in.")
    messages.info(request, f"{first} {_('We sent you a new code.')}")
    return redirect("verify_code")


def require_reset(request: HttpRequest, username: str, next_url: str) -> HttpResponse:
    """Lead somebody who has proved a password that has to be changed to a new one, and send the code for it, once."""
    destination, sent_at = "", 0.0
    try:
        with limits.attempt(request, limits.FORGOT, username):
            destination, sent_at = conf.user_pool().forgot_password(username).destination, time.time()
    except (limits.LimitExceeded, CognitoError) as error:
        logger.warning("no reset code at a sign-in", extra={"error": type(error).__name__})
    PendingReset(username=username, required=True, destination=destination, sent_at=sent_at, next_url=next_url).park(
        request
    )
    return redirect("reset_password")


def send_reset_code(request: HttpRequest, username: str, next_url: str = "") -> None:
    """Ask Cognito for a code, and keep for the next page that one may be on its way, and where the person was going."""
    # Each of these would tell a stranger whether the account exists, and in what state.
    destination = ""
    with suppress(UserNotFound, InputRejected, NotAuthorized, NotConfirmed, CodeNotDelivered, TooManyAttempts):
        destination = conf.user_pool().forgot_password(username).destination
    pending = PendingReset.find(request)
    if pending is None or pending.done or pending.username != username:
        pending = PendingReset(username=username)
    if pending.required and destination:
        # Whoever has proved a password may know where the code went.
        pending = replace(pending, destination=destination)
    now = time.time()
    replace(pending, at=now, sent_at=now, next_url=next_url or pending.next_url).park(request)
