"""One's own attributes, and proving a new address."""

import time
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts import activity, conf, limits, users
from accounts.cognito.errors import AliasTaken, CodeNotDelivered, InputRejected, NotAuthorized, TooManyAttempts
from accounts.forms.account import ProfileForm, VerifyAttributeForm
from accounts.forms.attributes import STANDARD, plain_label
from accounts.models import Activity
from accounts.pending import PendingAttribute, PendingProfile
from accounts.views.account_base import AuthenticatedRequest, access_token, confirm_first, is_fresh
from accounts.views.base import CODE_REFUSALS, CODE_REFUSED, CognitoFormView, Refusals, resend_wait

# A new value of these is where codes go from then on.
SENSITIVE = {"email", "phone_number"}
CONFIRMED = {"email": Activity.Kind.EMAIL_CONFIRMED, "phone_number": Activity.Kind.PHONE_CONFIRMED}
NOT_ACCEPTED = gettext_lazy("Some of this was not accepted. Check what you changed.")


class ProfileView(CognitoFormView):
    """Change the attributes the app client may write."""

    request: AuthenticatedRequest
    form_class = ProfileForm
    template_name = "accounts/profile.html"
    budget = limits.PROFILE
    refusals: ClassVar[Refusals] = {
        InputRejected: ("", NOT_ACCEPTED),
        # An attribute the client may not write; the token has just been good for reading.
        NotAuthorized: ("", NOT_ACCEPTED),
        AliasTaken: ("email", gettext_lazy("Another account uses this address. Choose a different one.")),
        CodeNotDelivered: ("", gettext_lazy("No code could be sent there. Check what you changed, then try again.")),
        TooManyAttempts: ("", gettext_lazy("That was changed too often. Wait an hour, then try again.")),
    }

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Look up the person at Cognito, whose answer fills the form."""
        self.token = access_token(request)
        self.profile = conf.user_account().get_user(self.token)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the attributes."""
        return {**super().get_form_kwargs(), "attributes": conf.pool_description().attributes}

    def get_initial(self) -> dict[str, Any]:
        """Return the present values; a page that is shown again after a proof keeps what had been typed."""
        typed = PendingProfile.find(self.request) if self.request.method == "GET" else None
        return {**self.profile.attributes, **(typed.values if typed else {})}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add how things stand with the e-mail address."""
        pending = PendingAttribute.find(self.request)
        return super().get_context_data(
            email=self.profile.attributes.get("email", ""),
            email_verified=self.profile.attributes.get("email_verified") == "true",
            pending_email=pending.value if pending and pending.attribute == "email" else "",
            unproved_number=self.unproved_number(),
            **kwargs,
        )

    def unproved_number(self) -> str:
        """Return the telephone number that no code has been typed for, "" for none."""
        attributes = self.profile.attributes
        return "" if attributes.get("phone_number_verified") == "true" else attributes.get("phone_number", "")

    def submit(self, form: ProfileForm) -> HttpResponse:
        """Write what was changed; a new address has to be proved before it counts."""
        changed = form.changed()
        if not changed:
            messages.info(self.request, _("Nothing was changed."))
            return redirect("profile")
        if SENSITIVE & changed.keys() and not is_fresh(self.request):
            PendingProfile(values=changed).park(self.request)
            return confirm_first(resolve_url("profile"))
        removed = [name for name, value in changed.items() if not value]
        written = {name: value for name, value in changed.items() if value}
        deliveries = conf.user_account().update_attributes(self.token, written) if written else ()
        if removed:
            conf.user_account().delete_attributes(self.token, removed)
        profile = conf.user_account().get_user(self.token)
        users.adopt_profile(self.request.user, profile)
        activity.profile_changed(self.request, self.request.user, self.profile.attributes, profile.attributes)
        messages.success(self.request, _("Saved."))
        if not deliveries:
            return redirect("profile")
        delivery = deliveries[0]
        PendingAttribute(
            attribute=delivery.attribute,
            value=written.get(delivery.attribute, ""),
            destination=delivery.destination,
            sent_at=time.time(),
        ).park(self.request)
        return redirect("verify_attribute")


def attribute_awaiting_code(request: AuthenticatedRequest, asked: str = "") -> PendingAttribute:
    """Return what is to be proved: the new value that waits for a code, else the address as it is.

    ``asked`` names the attribute where the person said which.
    """
    pending = PendingAttribute.find(request)
    if pending and asked in ("", pending.attribute):
        return pending
    return PendingAttribute(attribute=asked or "email", value="" if asked == "phone_number" else request.user.email)


class VerifyAttributeView(CognitoFormView):
    """Type the code that was sent to a new address."""

    request: AuthenticatedRequest
    form_class = VerifyAttributeForm
    template_name = "accounts/verify_attribute.html"
    budget = limits.ATTRIBUTE_GUESSES
    refusals: ClassVar[Refusals] = {
        **CODE_REFUSALS,
        InputRejected: ("code", CODE_REFUSED),
        AliasTaken: (
            "code",
            gettext_lazy("Another account has confirmed this address meanwhile. Choose a different one."),
        ),
    }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what is being proved."""
        pending = attribute_awaiting_code(self.request)
        label = STANDARD[pending.attribute][0] if pending.attribute in STANDARD else plain_label(pending.attribute)
        if pending.attribute == "email":
            label = _("e-mail address")
        return super().get_context_data(attribute=label, destination=pending.destination or pending.value, **kwargs)

    def submit(self, form: VerifyAttributeForm) -> HttpResponse:
        """Make the new value the one that counts."""
        pending, token = attribute_awaiting_code(self.request), access_token(self.request)
        account, user = conf.user_account(), self.request.user
        # Some pools take a new value at once, others only with its code.
        before = account.get_user(token).attributes
        account.verify_attribute(token, pending.attribute, form.cleaned_data["code"])
        PendingAttribute.drop(self.request)
        profile = account.get_user(token)
        users.adopt_profile(user, profile)
        activity.record(self.request, CONFIRMED[pending.attribute], user)
        activity.profile_changed(self.request, user, before, profile.attributes)
        messages.success(self.request, _("Confirmed."))
        return redirect("profile")


@require_POST
@limits.declares(limits.ATTRIBUTE_CODES)
def resend_attribute_code(request: AuthenticatedRequest) -> HttpResponse:
    """Send another code to the address that is to be proved."""
    asked = request.POST.get("attribute", "")
    pending = attribute_awaiting_code(request, asked if asked in SENSITIVE else "")
    wait = resend_wait(pending.sent_at)
    if wait:
        messages.warning(request, _("You can ask for a new code in %(seconds)d seconds.") % {"seconds": wait})
        return redirect("verify_attribute")
    try:
        with limits.attempt(request, limits.ATTRIBUTE_CODES, limits.person(request)):
            delivery = conf.user_account().send_attribute_code(access_token(request), pending.attribute)
    except (CodeNotDelivered, InputRejected, TooManyAttempts):
        messages.error(request, _("No code could be sent. Wait an hour, then try again."))
        return redirect("verify_attribute")
    PendingAttribute(
        attribute=pending.attribute, value=pending.value, destination=delivery.destination, sent_at=time.time()
    ).park(request)
    messages.success(
        request, _("A new code is on its way to %(place)s.") % {"place": delivery.destination or pending.value}
    )
    return redirect("verify_attribute")
