"""The pages of the outside provider: saying who one is, and allowing the pool to know."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.generic import FormView
from oauth2_provider.views import AuthorizationView

from devcloud.outside_provider.models import Person, person


class SignInForm(forms.Form):
    """Who somebody says they are; nothing is checked, since nobody's is here to be kept from others."""

    email = forms.EmailField(label="E-mail address", widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    name = forms.CharField(
        label="Name", max_length=100, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email_verified = forms.BooleanField(label="The provider has verified this address", initial=True, required=False)


class SignIn(FormView):
    """Signs in whoever somebody says they are, and goes on to where they came from."""

    template_name = "sign_in.html"
    form_class = SignInForm

    def get_initial(self) -> dict[str, Any]:
        """Return what the address of the page, or the person signed in, has for the form."""
        known: object = self.request.user
        if isinstance(known, Person):
            return {"email": known.email, "name": known.name, "email_verified": known.email_verified}
        return {}

    def form_valid(self, form: SignInForm) -> HttpResponse:
        """Sign them in, which sets the time that ``auth_time`` tells."""
        typed = form.cleaned_data
        name = typed["name"] or typed["email"].partition("@")[0]
        somebody: Any = person(typed["email"], name, email_verified=typed["email_verified"])
        login(self.request, somebody, backend="django.contrib.auth.backends.ModelBackend")
        address = self.request.GET.get("next", "")
        allowed = url_has_allowed_host_and_scheme(address, allowed_hosts=set())
        return HttpResponseRedirect(address if allowed else "/")


class Authorize(AuthorizationView):  # type: ignore[misc]
    """Django OAuth Toolkit's authorization endpoint, which takes ``max_age``, too.

    https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
    """

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask for a sign-in that is recent enough first."""
        answer: HttpResponse
        if signed_in_too_long_ago(request):
            query = request.GET.copy()
            del query["max_age"]
            answer = redirect_to_login(f"{request.path}?{query.urlencode()}", "sign_in")
        else:
            answer = super().get(request, *args, **kwargs)
        return answer


def signed_in_too_long_ago(request: HttpRequest) -> bool:
    """Say whether the request's ``max_age``, in seconds, has passed since the person signed in."""
    max_age = request.GET.get("max_age", "")
    known: object = request.user
    if not max_age.isascii() or not max_age.isdigit() or not isinstance(known, Person) or known.last_login is None:
        return False
    return (timezone.now() - known.last_login).total_seconds() > int(max_age)
