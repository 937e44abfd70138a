"""Creating an account."""

import time
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from accounts import conf, limits, notices, return_address
from accounts.cognito.errors import AliasTaken, CodeNotDelivered, InputRejected, RefusedByTrigger, UsernameTaken
from accounts.forms.entrance import RegisterForm
from accounts.pending import PendingRegistration
from accounts.views.base import CognitoFormView, EntranceMixin, Refusals, new_password_refusals, sign_in_with


# Again, although the mixin says so: Django reads it off the last dispatch that was defined.
@method_decorator(login_not_required, name="dispatch")
class RegisterView(EntranceMixin, CognitoFormView):
    """Create an account that waits for its code. A name that is taken gets the very same answer."""

    form_class = RegisterForm
    template_name = "accounts/register.html"
    level_answers = True
    refusals: ClassVar[Refusals] = {
        **new_password_refusals("password1"),
        # Of all that was typed, only the password has been checked against the pool's rules by now.
        InputRejected: ("", _("Some of this was not accepted. Check what you typed, the e-mail address above all.")),
        RefusedByTrigger: ("", _("An account cannot be created with these details. The help page says who to ask.")),
    }

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Say so where people cannot register themselves."""
        if settings.COGNITO["REGISTRATION"] != "self" and not request.user.is_authenticated:
            status = 200 if request.method == "GET" else 403
            context = {"registration": settings.COGNITO["REGISTRATION"]}
            return render(request, self.template_name, context, status=status)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the pool's rules and what it wants to know."""
        pool = conf.pool_description()
        return {
            **super().get_form_kwargs(),
            "policy": pool.password_policy,
            "attributes": pool.attributes,
            "sign_in_with": sign_in_with(),
        }

    def get_initial(self) -> dict[str, Any]:
        """Fill in what was typed before, for somebody who comes back to correct it."""
        pending = PendingRegistration.find(self.request) if "correct" in self.request.GET else None
        return dict(pending.details) if pending else {}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add that registration is open."""
        return super().get_context_data(registration="self", **kwargs)

    def submit(self, form: RegisterForm) -> HttpResponse:
        """Create the account, and go on to the code."""
        limits.charge(self.request, limits.REGISTER_BY_ADDRESS, limits.REGISTER_BY_NAME, form.username)
        PendingRegistration(
            username=form.username,
            session=self.sign_up(form),
            details=form.details,
            sent_at=time.time(),
            next_url=return_address.own_path(self.request.GET.get("next", "")),
        ).park(self.request)
        return redirect("verify_code")

    def sign_up(self, form: RegisterForm) -> str:
        """Return the session of the new account, "" where there is one of that name: only its owner is told so."""
        try:
            return conf.user_pool().sign_up(form.username, form.cleaned_data["password1"], form.attributes).session
        except CodeNotDelivered:
            # The account is there, and its code can be asked for again on the next page.
            return ""
        except (UsernameTaken, AliasTaken):
            if sign_in_with() == "email":
                notices.already_registered(form.username)
            return ""
