"""One's own attributes. A new address or number counts once a code that went there is typed."""

import time
from contextlib import ExitStack
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import activity, conf, limits, notices, pool, users
from accounts.cognito.errors import AliasTaken, CodeNotDelivered, InputRejected, NotAuthorized, TooManyAttempts
from accounts.decorators import confirm_first, is_fresh
from accounts.forms.account import ProfileForm
from accounts.http import AuthenticatedRequest, access_token
from accounts.sessions.pending import (
    PENDING_ATTRIBUTES,
    PendingAttribute,
    PendingEmail,
    PendingNumber,
    PendingProfile,
)
from accounts.users import own_name
from accounts.views.base import CognitoFormView, Refusals, levelled

NOT_ACCEPTED = gettext_lazy("Some of this was not accepted. Check what you changed.")


class ProfileView(CognitoFormView):
    """Change the attributes the app client may write.

    Nobody can learn here whether an address or a number has an account: a value that Cognito refuses as taken is
    answered like one that it takes.
    """

    request: AuthenticatedRequest
    form_class = ProfileForm
    template_name = "accounts/profile.html"
    budget = limits.PROFILE
    refusals: ClassVar[Refusals] = {
        InputRejected: ("", NOT_ACCEPTED),
        # The client may not write an attribute. The token is not the reason: it has just been good for reading.
        NotAuthorized: ("", NOT_ACCEPTED),
        # Of anything but an address or a number: a preferred user name that is another's.
        AliasTaken: ("preferred_username", gettext_lazy("Another account uses this name. Choose a different one.")),
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
        return {**super().get_form_kwargs(), "attributes": pool.description().attributes}

    def get_initial(self) -> dict[str, Any]:
        """Return the present values; a page that is shown again after a proof keeps what had been typed."""
        typed = PendingProfile.find(self.request) if self.request.method == "GET" else None
        return {**self.profile.attributes, **(typed.values if typed else {})}

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
            PendingProfile(values=changed).park(self.request)
            return confirm_first(resolve_url("profile"))
        proved = {name: value for name, value in changed.items() if name in PENDING_ATTRIBUTES and value}
        awaiting = self.change(proved) if proved else False
        self.write({name: value for name, value in changed.items() if name not in proved})
        profile = conf.user_account().get_user(self.token)
        users.update(self.request.user, profile)
        activity.profile_changed(self.request, self.request.user, self.profile.attributes, profile.attributes)
        messages.success(self.request, _("Saved."))
        return redirect("verify_attribute" if awaiting else "profile")

    def change(self, proved: dict[str, str]) -> bool:
        """Have the addresses in ``proved`` changed; return whether a code is to be typed for any.

        Each counts as a code to where it goes before anything is sent, and comes no sooner whether it is taken or not.
        """
        request = self.request
        with levelled(request, own_name(request.user)), ExitStack() as charged:
            for value in proved.values():
                charged.enter_context(limits.attempt(request, limits.ATTRIBUTE_CODES, limits.person(request)))
                charged.enter_context(limits.attempt(request, limits.ATTRIBUTE_TARGET, value))
            awaiting = [self.change_one(name, value) for name, value in proved.items()]
        return any(awaiting)

    def change_one(self, name: str, value: str) -> bool:
        """Have the attribute ``name`` changed to ``value``; return whether a code is to be typed for it.

        Each is written by a call of its own, so that none is lost with another.
        """
        step, now = PENDING_ATTRIBUTES[name], time.time()
        try:
            deliveries = conf.user_account().update_attributes(self.token, {name: value})
        except AliasTaken as refused:
            # Only who reads the mail there is told.
            activity.refused(self.request, refused)
            if name == "email":
                notices.address_taken(value)
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
        """Write the attributes that need no proof; "" removes one."""
        written = {name: value for name, value in values.items() if value}
        removed = [name for name, value in values.items() if not value]
        if written:
            conf.user_account().update_attributes(self.token, written)
        if removed:
            conf.user_account().delete_attributes(self.token, removed)
        for name in PENDING_ATTRIBUTES.keys() & set(removed):
            PENDING_ATTRIBUTES[name].drop(self.request)
