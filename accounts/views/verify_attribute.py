"""Proving a new e-mail address or telephone number by the code that was sent there."""

import time
from contextlib import nullcontext
from dataclasses import replace
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts import activity, conf, limits
from accounts.cognito.errors import AliasTaken, CodeNotDelivered, InputRejected, TooManyAttempts, WrongCode
from accounts.context import Context
from accounts.forms.account import VerifyAttributeForm
from accounts.http import AuthenticatedRequest, access_token, own_profile
from accounts.models import Activity
from accounts.sessions.pending import PENDING_ATTRIBUTES, PendingAttribute
from accounts.users import own_name
from accounts.views.base import CODE_REFUSALS, CODE_REFUSED, CognitoFormView, Refusals, levelled, resend_wait

CONFIRMED = {"email": Activity.Kind.EMAIL_CONFIRMED, "phone_number": Activity.Kind.PHONE_CONFIRMED}
LABELS = {"email": gettext_lazy("e-mail address"), "phone_number": gettext_lazy("phone number")}


def awaiting_code(request: AuthenticatedRequest, asked: str = "") -> PendingAttribute:
    """Return what is to be proved: ``asked``, else the new value that waits for a code, else what is there now.

    ``asked`` names the attribute where the person said which; any other text counts as if nothing was said.
    """
    found = {name: step.find(request) for name, step in PENDING_ATTRIBUTES.items()}
    only_number = request.user.phone_number and not request.user.email
    usual = "phone_number" if only_number else "email"
    name = asked if asked in PENDING_ATTRIBUTES else next((name for name, step in found.items() if step), usual)
    return found[name] or PENDING_ATTRIBUTES[name](value=getattr(request.user, name))


def redirect_to_code_page(request: AuthenticatedRequest, pending: PendingAttribute) -> HttpResponse:
    """Send the person to the page for the code of ``pending``, which is named where another one would come first."""
    url = resolve_url("verify_attribute")
    first = awaiting_code(request).ATTRIBUTE == pending.ATTRIBUTE
    return redirect(url if first else f"{url}?attribute={pending.ATTRIBUTE}")


class VerifyAttributeView(CognitoFormView):
    """Type the code that was sent to a new address or number."""

    request: AuthenticatedRequest
    form_class = VerifyAttributeForm
    template_name = "accounts/verify_attribute.html"
    budget = limits.ATTRIBUTE_GUESSES
    level_refusals = True
    refusals: ClassVar[Refusals] = {
        **CODE_REFUSALS,
        InputRejected: ("code", CODE_REFUSED),
        # Said only to whoever has typed the right code, and so reads the mail that goes there.
        AliasTaken: (
            "code",
            gettext_lazy("Another account has confirmed this address meanwhile. Choose a different one."),
        ),
    }

    @property
    def pending(self) -> PendingAttribute:
        """What is being proved."""
        return awaiting_code(self.request, self.request.GET.get("attribute", ""))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what is being proved."""
        pending = self.pending
        return super().get_context_data(
            attribute=pending.ATTRIBUTE,
            label=LABELS[pending.ATTRIBUTE],
            destination=pending.value or pending.destination,
            **kwargs,
        )

    def submit(self, form: VerifyAttributeForm) -> HttpResponse:
        """Make the new value the one that counts, and go on to another that waits."""
        pending, token = self.pending, access_token(self.request)
        if pending.taken:
            raise WrongCode("VerifyUserAttribute")
        account, user = conf.user_account(), self.request.user
        # Some pools take a new value at once, others only with its code.
        before = own_profile(self.request, token).attributes
        account.verify_attribute(token, pending.ATTRIBUTE, form.cleaned_data["code"])
        pending.drop(self.request)
        # At once: the code works no second time, and an outage further on would leave the session unsaved.
        self.request.session.save()
        profile = own_profile(self.request, token)
        activity.record(CONFIRMED[pending.ATTRIBUTE], user, context=Context.of(self.request))
        activity.profile_changed(self.request, user, before, profile.attributes)
        messages.success(self.request, _("Confirmed."))
        another = any(step.find(self.request) for step in PENDING_ATTRIBUTES.values())
        return redirect("verify_attribute" if another else "profile")


@require_POST
@limits.declares(limits.ATTRIBUTE_CODES)
def resend_attribute_code(request: AuthenticatedRequest) -> HttpResponse:
    """Send another code to the address or number that is to be proved."""
    pending = awaiting_code(request, request.POST.get("attribute", ""))
    wait = resend_wait(pending.sent_at)
    if wait:
        messages.warning(request, _("You can ask for a new code in %(seconds)d seconds.") % {"seconds": wait})
        return redirect_to_code_page(request, pending)
    try:
        destination = send_code(request, pending)
    except (CodeNotDelivered, InputRejected, TooManyAttempts):
        messages.error(request, _("No code could be sent. Wait an hour, then try again."))
        return redirect_to_code_page(request, pending)
    replace(pending, destination=destination, sent_at=time.time()).park(request)
    messages.success(request, _("A new code is on its way to %(place)s.") % {"place": pending.value or destination})
    return redirect_to_code_page(request, pending)


def send_code(request: AuthenticatedRequest, pending: PendingAttribute) -> str:
    """Have a code sent that proves ``pending``; return where it went, masked. Raises LimitExceeded, and Refused."""
    own, target = limits.person(request), pending.value
    with (
        levelled(request, own_name(request.user)),
        limits.attempt(request, limits.ATTRIBUTE_CODES, own),
        limits.attempt(request, limits.ATTRIBUTE_TARGET, target) if target else nullcontext(),
    ):
        if pending.taken:
            return ""
        return conf.user_account().send_attribute_code(access_token(request), pending.ATTRIBUTE).destination
