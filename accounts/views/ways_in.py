"""What the ways in beside the password share: a name, and the page of the way for it, whoever's name it is."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from accounts import conf, kept_name, limits, return_address, way_in
from accounts.cognito.sign_in_names import SignInWith
from accounts.forms.fields import Sentence
from accounts.views.base import CognitoFormView, EntranceMixin


@method_decorator(login_not_required, name="dispatch")
class WayInView(EntranceMixin, CognitoFormView):
    """Ask who it is, where nobody has said it yet, and go on. Each answer is the same for every name."""

    budget = limits.OPTIONS
    level_refusals = True
    level_answers = True
    offered: way_in.Button
    not_offered: Sentence = _("That can’t be used to sign in right now. Sign in with your password.")

    def button(self) -> way_in.Button | None:
        """Return the way in that is wanted, None where the pool or the client does not allow it."""
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Lead to the password where there is no such way in. Only a form is told why: that is kept in a session."""
        offered = self.button()
        if offered is None:
            return self.by_password()
        self.offered = offered
        return super().dispatch(request, *args, **kwargs)

    def by_password(self) -> HttpResponse:
        """Return the way to the sign-in page, with the reason for whoever has sent a form. Raises LimitExceeded."""
        if self.request.method == "POST":
            with limits.attempt(self.request, limits.KEEPING, ""):
                messages.info(self.request, self.not_offered)
        return HttpResponseRedirect(return_address.login_url(self.next_url))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Go on; whoever comes from the sign-in page without having typed a name has made no mistake."""
        if request.POST.get("from") == "login" and not request.POST.get("username", "").strip():
            wanted = {"next": self.next_url, "by": self.offered.name}
            return HttpResponseRedirect(
                f"{request.path}?{urlencode({key: value for key, value in wanted.items() if value})}"
            )
        return super().post(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add what people sign in with."""
        return {**super().get_form_kwargs(), "sign_in_with": conf.config().sign_in_with}

    def get_initial(self) -> dict[str, Any]:
        """Fill in the name of whoever comes from another step, and where they were going."""
        return {"username": kept_name.known(self.request), "next": self.next_url}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what people sign in with, and the way back to the password."""
        return super().get_context_data(
            by_email=conf.config().sign_in_with is SignInWith.EMAIL,
            restart_url=return_address.login_url(self.next_url),
            **kwargs,
        )

    def charged_to(self, form: Any) -> str:
        """Return the name that was typed."""
        return str(form.username)

    def submit(self, form: Any) -> HttpResponse:
        """Go on to the page of the way."""
        return way_in.ask(self.request, self.offered.way, typed=form.username, next_url=self.next_url)
