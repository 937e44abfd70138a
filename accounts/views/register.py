"""Creating an account."""

import time
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext

from accounts import activity, conf, entrance, kept_name, limits, newcomers, pool
from accounts.cognito.errors import RegistrationClosed
from accounts.cognito.sign_in_names import NameKind
from accounts.forms.entrance import NewcomerForm, RegisterForm
from accounts.limits import Budget
from accounts.sessions.pending import PendingAccount, PendingRegistration
from accounts.views.awaiting_code import charging_target, registering, send_registration_code
from accounts.views.base import CognitoFormView, EntranceMixin, newcomer_refusals


# Said again, although the mixin says it: this class has a dispatch() of its own, and Django reads the mark off that.
@method_decorator(login_not_required, name="dispatch")
class RegisterView(EntranceMixin, CognitoFormView):
    """Create an account that waits for its code. A name that is taken gets the very same answer.

    Where this site makes the accounts, none is made before the code: the mailbox is asked first, and Cognito not at
    all.
    """

    template_name = "accounts/register.html"
    budget = limits.REGISTER
    level_answers = True
    back_shows_it = True
    refusals = newcomer_refusals("password1")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Say so where people come by invitation, or where the pool takes nobody."""
        if request.user.is_authenticated:
            return super().dispatch(request, *args, **kwargs)
        if conf.config().registration == "closed":
            return self.turn_away("by_invitation")
        if newcomers.are_refused():
            return self.turn_away("closed")
        return super().dispatch(request, *args, **kwargs)

    def turn_away(self, why: str) -> HttpResponse:
        """Return the page that says ``why`` there is no form: ``by_invitation`` or ``closed``."""
        by_text = conf.config().sign_in_with.contact is NameKind.PHONE
        status = 200 if self.request.method in {"GET", "HEAD"} else 403
        context = {"by_text": by_text, "next_url": self.next_url}
        return render(self.request, f"accounts/turned_away/{why}.html", context, status=status)

    @property
    def proves_first(self) -> bool:
        """Whether the account is made by this site, once the mailbox is proved."""
        return conf.config().registration == "admin"

    def get_form_class(self) -> type[NewcomerForm]:
        """Return the form; the password is chosen with the act that makes the account."""
        return NewcomerForm if self.proves_first else RegisterForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the pool's rules and what it wants to know."""
        described = pool.description()
        rules = {} if self.proves_first else {"policy": described.password_policy}
        asked = {"attributes": described.attributes, "sign_in_with": conf.config().sign_in_with}
        return {**super().get_form_kwargs(), **rules, **asked}

    def get_initial(self) -> dict[str, Any]:
        """Fill in what was typed before, for somebody who comes back to correct it."""
        name, sign_in_with = kept_name.known(self.request), conf.config().sign_in_with
        typed = {sign_in_with.kind_of(name).value: name, **kept_name.details(self.request)} if name else {}
        if "correct" not in self.request.GET:
            return typed
        step: type[PendingAccount | PendingRegistration] = PendingAccount if self.proves_first else PendingRegistration
        pending = step.find(self.request)
        return dict(pending.details) if pending else typed

    def keep_typed(self, form: NewcomerForm) -> None:
        """Keep the name and what else was typed, passwords excepted, for the next time the form is opened."""
        typed = {name: str(form.data.get(name, "")).strip() for name in form.fields if name not in form.password_fields}
        kept_name.keep_typed(self.request, typed.get(form.made_under.value, ""), typed)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether the person comes from a page that has no code to wait for."""
        return super().get_context_data(
            by_text=newcomers.proves() is NameKind.PHONE,
            again=self.proves_first and "again" in self.request.GET,
            providers=conf.config().providers,
            **kwargs,
        )

    def get_budget(self) -> Budget:
        """Return what it may cost: text messages are paid for."""
        return registering()

    def charged_to(self, form: NewcomerForm) -> str:
        """Return the name that the account would have."""
        return form.username

    def submit(self, form: NewcomerForm) -> HttpResponse:
        """Go on to the code: of an account that is there now, or of one that is to be made."""
        kept_name.keep(self.request, form.username)
        if isinstance(form, RegisterForm):
            return self.create(form)
        pending = PendingAccount(
            username=form.username, attributes=form.attributes, details=form.details, next_url=self.next_url
        )
        send_registration_code(self.request, pending)
        limits.clear(form.username, limits.GUESSES_BY_NAME)
        return redirect("complete_registration")

    def create(self, form: RegisterForm) -> HttpResponse:
        """Create the account, and go on to the code."""
        try:
            with charging_target(self.request, form.username, form.attributes.get(newcomers.proves(), form.username)):
                made = newcomers.sign_up(form.username, form.cleaned_data["password1"], form.attributes)
        except RegistrationClosed as refused:
            activity.refused(self.request, refused)
            return self.turn_away("closed")
        # A new code may be on its way, and ends an older one. So guesses at that are forgotten, whatever the name.
        limits.clear(form.username, limits.GUESSES_BY_NAME)
        if made and made.confirmed:
            messages.success(self.request, gettext("Your account is ready. Sign in to go on."))
            return entrance.to_login(self.request, form.username, self.next_url)
        PendingRegistration(
            username=form.username,
            session=made.session if made else "",
            owned=made is not None,
            details=form.details,
            sent_at=time.time(),
            next_url=self.next_url,
        ).park(self.request)
        return redirect("verify_code")
