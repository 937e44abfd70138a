"""The second steps of signing in: which there are, which are on, which is asked first."""

from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts import activity, conf, federation, limits, passkeys, pool, users
from accounts.cognito.errors import Refused
from accounts.cognito.factors import Factor
from accounts.cognito.results import PoolDescription, Profile
from accounts.context import Context
from accounts.decorators import fresh_sign_in_required
from accounts.forms.account import MfaPreferenceForm
from accounts.http import AuthenticatedRequest, access_token, own_profile
from accounts.models import FACTOR_LABELS, Activity

# What the buttons do -> what is recorded, and what is said.
ACTIONS: dict[str, tuple[Activity.Kind, Any]] = {
    "on": (Activity.Kind.FACTOR_ON, gettext_lazy("%(factor)s: turned on.")),
    "off": (Activity.Kind.FACTOR_OFF, gettext_lazy("%(factor)s: turned off.")),
    "preferred": (Activity.Kind.FACTOR_PREFERRED, gettext_lazy("%(factor)s: asked first from now on.")),
}


@dataclass(frozen=True)
class ShownFactor:
    """A second step, for the page."""

    key: str
    label: Any
    enabled: bool
    preferred: bool
    available: bool
    destination: str


def factors_of(profile: Profile, described: PoolDescription) -> list[ShownFactor]:
    """Return the factors the pool has or the person uses."""
    shown = []
    for factor, label in FACTOR_LABELS.items():
        enabled = factor in profile.factors
        if not enabled and factor not in described.mfa_factors:
            continue
        proved = not factor.attribute or profile.attributes.get(f"{factor.attribute}_verified") == "true"
        shown.append(
            ShownFactor(
                key=factor.key,
                label=label,
                enabled=enabled,
                preferred=enabled and profile.preferred_factor == factor,
                available=proved,
                destination=profile.attributes.get(factor.attribute, ""),
            )
        )
    return shown


@require_safe
def security(request: AuthenticatedRequest) -> HttpResponse:
    """Show the factors, and the ways to everything else that protects the account."""
    token, described = access_token(request), pool.description()
    profile = own_profile(request, token)
    if not federation.has_password(request):
        return render(request, "accounts/security.html", {"provider": federation.own_provider(request)})
    context = {
        "has_password": True,
        "factors": factors_of(profile, described),
        "passkey_count": passkeys.count(token, described),
        "pool": described,
    }
    return render(request, "accounts/security.html", context)


@require_POST
@federation.own_password_required
@fresh_sign_in_required("security")
@limits.limited(limits.FACTOR)
def mfa_preference(request: AuthenticatedRequest) -> HttpResponse:
    """Turn a factor on or off, or have it asked first."""
    form = MfaPreferenceForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the buttons."))
        return redirect("security")
    token = access_token(request)
    profile = own_profile(request, token)
    factor = Factor.of_key(form.cleaned_data["factor"])
    factors = preferences_with(profile, factor, form.cleaned_data["action"])
    both_steps = passkeys.as_both_steps(token, second_step=any(on for on, _preferred in factors.values()))
    kind, saved = ACTIONS[form.cleaned_data["action"]]
    try:
        conf.user_account().set_mfa_preference(token, factors, passkeys=both_steps)
    except Refused as refused:
        activity.refused(request, refused)
        messages.error(request, _("That is not possible for your account. Set the step up first, then turn it on."))
        return redirect("security")
    users.update(request.user, replace(profile, factors=tuple(factor for factor, (on, _) in factors.items() if on)))
    activity.record(kind, request.user, factor=factor, context=Context.of(request))
    messages.success(request, saved % {"factor": FACTOR_LABELS[factor]})
    return redirect("security")


def preferences_with(profile: Profile, changed: Factor, action: str) -> dict[Factor, tuple[bool, bool]]:
    """Return for each factor the person has, and for ``changed``, whether it shall be on and asked first."""
    on = {*profile.factors, changed} if action != "off" else {*profile.factors} - {changed}
    preferred = changed if action == "preferred" or not on - {changed} else profile.preferred_factor
    return {factor: (factor in on, factor in on and factor == preferred) for factor in {*profile.factors, changed}}
