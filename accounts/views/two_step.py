"""Turning a method of two-step verification on or off: asked first, with what follows from it."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import brand, federation, limits, passkeys, pool, recovery
from accounts.cognito.factors import Factor
from accounts.cognito.results import PoolDescription, Profile
from accounts.decorators import charged_to, is_fresh, prove_first
from accounts.forms.fields import Sentence
from accounts.http import AuthenticatedRequest, access_token, own_profile
from accounts.models import Activity
from accounts.two_step import Method, NotSwitched, method_of, methods_of, objection, outcome, turn

# What the page asks, by method and whether it is to be on. An app is set up on a page of its own.
HEADINGS: Mapping[tuple[Factor, bool], Sentence] = {
    (Factor.EMAIL, True): gettext_lazy("Turn on email codes"),
    (Factor.SMS, True): gettext_lazy("Turn on text messages"),
    (Factor.TOTP, False): gettext_lazy("Remove your authenticator app"),
    (Factor.EMAIL, False): gettext_lazy("Turn off email codes"),
    (Factor.SMS, False): gettext_lazy("Turn off text messages"),
}
LAST = gettext_lazy("Turn off two-step verification")
ACTS: Mapping[tuple[Factor, bool], Sentence] = {
    (Factor.EMAIL, True): gettext_lazy("You’re about to turn on email codes. Confirm it’s you, and we’ll do the rest."),
    (Factor.SMS, True): gettext_lazy("You’re about to turn on text messages. Confirm it’s you, and we’ll do the rest."),
    (Factor.TOTP, False): gettext_lazy(
        "You’re about to remove your authenticator app. Confirm it’s you, and we’ll do the rest."
    ),
    (Factor.EMAIL, False): gettext_lazy(
        "You’re about to turn off email codes. Confirm it’s you, and we’ll do the rest."
    ),
    (Factor.SMS, False): gettext_lazy(
        "You’re about to turn off text messages. Confirm it’s you, and we’ll do the rest."
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
@federation.own_password_required
@limits.limited(limits.FACTOR, charged_to)
def two_step(request: AuthenticatedRequest, method: str, switch: str) -> HttpResponse:
    """Ask, then turn ``method`` on or off as ``switch`` says; a form goes on by itself after a proof."""
    factor, on = asked(method, switch)
    if (factor, on) not in HEADINGS:
        return redirect("totp")
    if request.method == "POST" and not is_fresh(request):
        return prove_first(request, ACTS[factor, on], page=resolve_url("security"), fields=())
    token, described = access_token(request), pool.description()
    profile = own_profile(request, token)
    wanted = method_of(profile, factor)
    if wanted.enabled == on:
        return redirect("security")
    if why := objection(profile, described, factor, on=on):
        messages.error(request, why)
        return redirect("security")
    if request.method == "POST":
        return turned(request, factor, on=on)
    context = consequences(token, profile, described, wanted)
    return render(request, "accounts/two_step.html", context)


def asked(method: str, switch: str) -> tuple[Factor, bool]:
    """Return the factor that an address names, and whether it is to be on. Raises Http404."""
    if method not in {factor.key for factor in Factor} or switch not in {"on", "off"}:
        raise Http404
    return Factor.of_key(method), switch == "on"


def turned(request: AuthenticatedRequest, factor: Factor, *, on: bool) -> HttpResponse:
    """Turn ``factor`` on or off and say what is so now."""
    kind = Activity.Kind.FACTOR_ON if on else Activity.Kind.FACTOR_OFF
    try:
        now = turn(request, factor, on=on, kind=kind)
    except NotSwitched as refused:
        messages.error(request, refused.why)
    else:
        messages.success(request, outcome(factor, now, on=on))
    return redirect("security")


def consequences(token: str, profile: Profile, described: PoolDescription, method: Method) -> dict[str, Any]:
    """Return what the page says before ``method`` is switched: what goes, what stays, and what is left."""
    on, factor = not method.enabled, method.factor
    others = [other for other in methods_of(profile, described) if other.enabled and other.factor != factor]
    after = [other.factor for other in others] + ([factor] if on else [])
    last = not on and not others
    own_passkeys = passkeys.count(token, described)
    return {
        "heading": LAST if last and factor is not Factor.TOTP else HEADINGS[factor, on],
        "button": HEADINGS[factor, on] if on else _("Remove") if factor is Factor.TOTP else _("Turn off"),
        "method": method,
        "turns_on": on,
        "others": others,
        "last": last,
        "loses_recovery": on and recovery.depends_on(profile, described, factor),
        "recovery": recovery.of(profile, described, after),
        "pauses": own_passkeys if on and not others and not described.passkeys_satisfy_mfa else 0,
        # An address has to help, or people have to.
        "helpers_in_number": 1 if brand.contact() else 2,
        "passkey_counts": bool(own_passkeys) and described.passkeys_satisfy_mfa,
    }
