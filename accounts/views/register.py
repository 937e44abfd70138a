"""Creating an account."""

import logging
import time
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import after_answer, conf, entrance, limits, notices, pool, return_address
from accounts.cognito.errors import (
    AliasTaken,
    CodeNotDelivered,
    CognitoError,
    InputRejected,
    NotAuthorized,
    RefusedByTrigger,
    UsernameTaken,
)
from accounts.cognito.results import Registration
from accounts.forms.entrance import RegisterForm
from accounts.sessions.pending import PendingRegistration
from accounts.views.base import CognitoFormView, EntranceMixin, Refusals, new_password_refusals

logger = logging.getLogger(__name__)


# Said again, although the mixin says it: this class has a dispatch() of its own, and Django reads the mark off that.
@method_decorator(login_not_required, name="dispatch")
class RegisterView(EntranceMixin, CognitoFormView):
    """Create an account that waits for its code. A name that is taken gets the very same answer."""

    form_class = RegisterForm
    template_name = "accounts/register.html"
    budget = limits.REGISTER
    level_answers = True
    refusals: ClassVar[Refusals] = {
        **new_password_refusals("password1"),
        # Of all that was typed, only the password has been checked against the pool's rules by now.
        InputRejected: ("", _("Some of this was not accepted. Check what you typed, the e-mail address above all.")),
        RefusedByTrigger: ("", _("An account cannot be created with these details. The help page says who to ask.")),
    }

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Say so where people cannot register themselves."""
        registration = conf.config().registration
        if registration != "self" and not request.user.is_authenticated:
            status = 200 if request.method == "GET" else 403
            return render(request, self.template_name, {"registration": registration}, status=status)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the pool's rules and what it wants to know."""
        described = pool.description()
        return {
            **super().get_form_kwargs(),
            "policy": described.password_policy,
            "attributes": described.attributes,
            "sign_in_with": conf.config().sign_in_with,
        }

    def get_initial(self) -> dict[str, Any]:
        """Fill in what was typed before, for somebody who comes back to correct it."""
        pending = PendingRegistration.find(self.request) if "correct" in self.request.GET else None
        return dict(pending.details) if pending else {}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add that registration is open."""
        return super().get_context_data(registration="self", **kwargs)

    def charged_to(self, form: RegisterForm) -> str:
        """Return the name that the account would have."""
        return form.username

    def submit(self, form: RegisterForm) -> HttpResponse:
        """Create the account, and go on to the code."""
        made = self.sign_up(form)
        # A new code may be on its way, and ends an older one. So guesses at that are forgotten, whatever the name.
        limits.clear(form.username, limits.GUESSES_BY_NAME)
        next_url = return_address.own_path(self.request.GET.get("next", ""))
        if made and made.confirmed:
            messages.success(self.request, gettext("Your account is ready. Sign in to go on."))
            return entrance.to_login(self.request, form.username, next_url)
        PendingRegistration(
            username=form.username,
            session=made.session if made else "",
            owned=made is not None,
            details=form.details,
            sent_at=time.time(),
            next_url=next_url,
        ).park(self.request)
        return redirect("verify_code")

    def sign_up(self, form: RegisterForm) -> Registration | None:
        """Return the new account, None where there is one of that name: only its mailbox is told so."""
        try:
            return conf.user_pool().sign_up(form.username, form.cleaned_data["password1"], form.attributes)
        except CodeNotDelivered:
            # The account is there, and its code can be asked for again on the next page.
            return Registration(confirmed=False)
        except (UsernameTaken, AliasTaken):
            # After the answer: the time it takes would tell that the name is taken.
            after_answer.mails.do(tell_mailbox, form.username)
            return None


def tell_mailbox(username: str) -> None:
    """Mail the owner of an account that somebody has just typed to register: a code, or that there is one already.

    Who is waiting for a code gets a fresh one, since the registration may be theirs; the others hear of the account.
    """
    try:
        conf.user_pool().resend_confirmation_code(username)
    except (InputRejected, NotAuthorized):
        if conf.config().sign_in_with == "email":
            notices.already_registered(username)
    except CognitoError as error:
        logger.warning("owner of a taken name not told", extra={"error": str(error)})
