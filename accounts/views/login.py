"""Signing in."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import ngettext

from accounts import conf, entrance, kept_name, last_used, limits, local_time, newcomers, return_address, way_in
from accounts.challenges import INCORRECT
from accounts.cognito.errors import Refused
from accounts.cognito.sign_in_names import NameKind
from accounts.forms.entrance import LoginForm
from accounts.forms.fields import Sentence
from accounts.views.base import SIGN_IN_REFUSALS, CognitoFormView, EntranceMixin


class LoginView(EntranceMixin, CognitoFormView):
    """Exchange a name and a password for a session, or for Cognito's next question."""

    form_class = LoginForm
    template_name = "accounts/login.html"
    budget = limits.LOGIN
    level_refusals = True
    back_shows_it = True
    changes_nothing = True
    refusals = SIGN_IN_REFUSALS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form; somebody else than whose name is known finds it empty, and so the pages it leads to."""
        if kept_name.SOMEBODY_ELSE in request.GET:
            kept_name.forget(request)
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add what people sign in with."""
        return {**super().get_form_kwargs(), "sign_in_with": conf.config().sign_in_with}

    def get_initial(self) -> dict[str, Any]:
        """Fill in the name of whoever has typed it before, and where they were going."""
        return {"username": kept_name.known(self.request), "next": self.next_url}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the page offers besides the password."""
        return super().get_context_data(
            ways_in=way_in.buttons(),
            last_used=last_used.way_in(self.request),
            ended=self.request.GET.get("ended", ""),
            again="again" in self.request.GET,
            providers=conf.config().providers,
            by_text=newcomers.proves() is NameKind.PHONE,
            by_name=limits.LOGIN_BY_NAME.name,
            **kwargs,
        )

    def charged_to(self, form: LoginForm) -> str:
        """Return the name that was typed."""
        return form.username

    def submit(self, form: LoginForm) -> HttpResponse:
        """Let the person in, or lead them to Cognito's next question."""
        data = form.cleaned_data
        return entrance.sign_in(self.request, data["username"], data["password"], data["next"])

    def explain(self, refused: Refused) -> tuple[str, Sentence]:
        """Say how many tries are left where they are few: they are counted alike for every name."""
        field, sentence = super().explain(refused)
        left = self.tried.left
        if sentence is not INCORRECT or left is None or left > limits.FEW:
            return field, sentence
        return field, f"{sentence} {tries_left(left)}"


def tries_left(left: int) -> str:
    """Return the sentence that tells that ``left`` tries of a password are left."""
    if not left:
        return local_time.wait_words(limits.LOGIN_BY_NAME.seconds)
    text = ngettext(
        "%(left)d try left, then a %(minutes)d-minute wait.",
        "%(left)d tries left, then a %(minutes)d-minute wait.",
        left,
    )
    return text % {"left": left, "minutes": limits.LOGIN_BY_NAME.seconds // 60}


@login_not_required
def login_options(request: HttpRequest) -> HttpResponsePermanentRedirect:
    """Lead on from the address under which the ways in beside the password stood."""
    return HttpResponsePermanentRedirect(return_address.login_url(request.GET.get("next", "")))


@login_not_required
def admin_login(request: HttpRequest) -> HttpResponse:
    """Enter the admin by the site's own door; somebody who is in and may not come here is told so.

    https://docs.djangoproject.com/en/5.2/ref/contrib/admin/#adding-login-to-the-admin
    """
    next_url = return_address.checked(request.GET.get("next", ""), reverse("admin:index"))
    if not request.user.is_authenticated:
        return HttpResponseRedirect(return_address.login_url(next_url))
    if request.user.is_staff:
        return HttpResponseRedirect(next_url)
    raise PermissionDenied
