"""One's own attributes. A new address or number counts once a code that went there is typed."""

import time
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import activity, limits, own_account, pool
from accounts.decorators import is_fresh, prove_first
from accounts.forms.account import ProfileForm
from accounts.http import AuthenticatedRequest, access_token, own_profile
from accounts.sessions.pending import PENDING_ATTRIBUTES, PendingAttribute, PendingEmail, PendingNumber
from accounts.views.base import ATTRIBUTE_REFUSALS, CognitoFormView, changing_addresses

ACTS = {
    frozenset({"email"}): gettext_lazy("You’re about to change your email. Confirm it’s you, and we’ll do the rest."),
    frozenset({"phone_number"}): gettext_lazy(
        "You’re about to change your phone number. Confirm it’s you, and we’ll do the rest."
    ),
    frozenset({"email", "phone_number"}): gettext_lazy(
        "You’re about to change your email and your phone number. Confirm it’s you, and we’ll do the rest."
    ),
}


class ProfileView(CognitoFormView):
    """Change the attributes the app client may write.

    Nobody can learn here whether an address or a number has an account: a value that Cognito refuses as taken is
    answered like one that it takes.
    """

    request: AuthenticatedRequest
    form_class = ProfileForm
    template_name = "accounts/profile.html"
    budget = limits.PROFILE
    refusals = ATTRIBUTE_REFUSALS

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Look up the person at Cognito, whose answer fills the form."""
        self.token = access_token(request)
        self.profile = own_profile(request, self.token)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the attributes."""
        return {**super().get_form_kwargs(), "attributes": pool.description().attributes}

    def get_initial(self) -> dict[str, Any]:
        """Return the present values."""
        return {**self.profile.attributes}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add how things stand with the e-mail address and the telephone number."""
        email, number = PendingEmail.find(self.request), PendingNumber.find(self.request)
        return super().get_context_data(
            email=self.profile.attributes.get("email", ""),
            email_verified=self.profile.attributes.get("email_verified") == "true",
            pending_email=email.value if email else "",
            pending_number=number.value if number else "",
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
        if PENDING_ATTRIBUTES.keys() & changed.keys() and not is_fresh(self.request):
            act = ACTS[frozenset(PENDING_ATTRIBUTES.keys() & changed.keys())]
            return prove_first(self.request, act, page=resolve_url("profile"), fields=tuple(form.fields))
        proved = {name: value for name, value in changed.items() if name in PENDING_ATTRIBUTES and value}
        awaiting = self.change(proved) if proved else False
        self.write({name: value for name, value in changed.items() if name not in proved})
        profile = own_profile(self.request, self.token)
        activity.profile_changed(self.request, self.request.user, self.profile.attributes, profile.attributes)
        messages.success(self.request, _("Saved."))
        return redirect("verify_attribute" if awaiting else "profile")

    def change(self, proved: dict[str, str]) -> bool:
        """Have the addresses in ``proved`` changed; return whether a code is to be typed for any.

        None is answered sooner whether it is taken or not.
        """
        with changing_addresses(self.request, proved.values()):
            awaiting = [self.change_one(name, value) for name, value in proved.items()]
        return any(awaiting)

    def change_one(self, name: str, value: str) -> bool:
        """Have the attribute ``name`` changed to ``value``; return whether a code is to be typed for it.

        Each is written by a call of its own, so that none is lost with another.
        """
        step, now = PENDING_ATTRIBUTES[name], time.time()
        deliveries = own_account.ask_for(self.request, self.token, name, value)
        if deliveries is None:
            self.await_code(step(value=value, sent_at=now, taken=True))
            return True
        if not deliveries:
            step.drop(self.request)
            return False
        self.await_code(step(value=value, destination=deliveries[0].destination, sent_at=now))
        return True

    def await_code(self, pending: PendingAttribute) -> None:
        """Keep ``pending`` at once: its code is on its way, and an outage later would leave the session unsaved."""
        pending.park(self.request)
        self.request.session.save()

    def write(self, values: dict[str, str]) -> None:
        """Write the attributes that need no proof; what waited for a code does so no longer where "" removes it."""
        own_account.write(self.token, values)
        for name in PENDING_ATTRIBUTES.keys() & {name for name, value in values.items() if not value}:
            PENDING_ATTRIBUTES[name].drop(self.request)
