"""One's own passkeys.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
"""

import json
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import activity, conf, federation, last_used, limits, return_address
from accounts.cognito.errors import (
    CognitoError,
    InputRejected,
    Misconfigured,
    NotAuthorized,
    PasskeyRefused,
    Refused,
    TooManyPasskeys,
)
from accounts.cognito.results import Passkey
from accounts.context import Context
from accounts.decorators import fresh_sign_in_required
from accounts.error_responses import for_scripts
from accounts.forms.account import PasskeyAddForm
from accounts.http import AuthenticatedRequest, access_token, own_profile
from accounts.models import Activity
from accounts.passkeys import as_both_steps

MOST = 20  # passkeys that Cognito keeps for one person


@require_safe
@federation.own_password_required
def passkeys(request: AuthenticatedRequest) -> HttpResponse:
    """List the passkeys."""
    found = own_passkeys(request)
    return render(request, "accounts/passkeys.html", {"passkeys": found, "full": len(found) >= MOST})


def own_passkeys(request: AuthenticatedRequest) -> tuple[Passkey, ...]:
    """Return the person's passkeys. Raises Http404 where the pool has none."""
    try:
        return conf.user_account().list_passkeys(access_token(request))
    except Misconfigured as error:
        raise Http404 from error


@for_scripts
@require_POST
@federation.own_password_required
@fresh_sign_in_required("passkeys")
@limits.limited(limits.FACTOR)
def passkey_options(request: AuthenticatedRequest) -> JsonResponse:
    """Answer a script with the options for making a passkey."""
    return JsonResponse(conf.user_account().start_passkey_registration(access_token(request)))


@require_POST
@sensitive_post_parameters()
@federation.own_password_required
@fresh_sign_in_required("passkeys")
@limits.limited(limits.FACTOR)
def passkey_add(request: AuthenticatedRequest) -> HttpResponse:
    """Hand the passkey the browser made to Cognito, which checks it."""
    form = PasskeyAddForm(request.POST)
    credential = parsed_credential(form.data.get("credential", "")) if form.is_valid() else None
    if credential is None:
        messages.error(request, _("Your browser did not make a passkey. Try again, or on another device."))
        return redirect("passkeys")
    try:
        conf.user_account().complete_passkey_registration(access_token(request), credential)
    except TooManyPasskeys:
        messages.error(request, _("You have as many passkeys as there can be. Delete one first."))
        return redirect("passkeys")
    except (PasskeyRefused, InputRejected, NotAuthorized) as refused:
        activity.refused(request, refused)
        messages.error(request, _("This passkey could not be added. Try again, or on another device."))
        return redirect("passkeys")
    request.user.passkey_offered_at = timezone.now()
    request.user.save(update_fields=["passkey_offered_at"])
    label = label_of(request, credential["id"])
    activity.record(Activity.Kind.PASSKEY_ADDED, request.user, context=Context.of(request), label=label)
    if usable_at_sign_in(request):
        messages.success(request, _("Your passkey is added. You can sign in with it from now on."))
    else:
        messages.warning(
            request, _("Your passkey is added. You can sign in with it once no second step is on any more.")
        )
    response = return_address.redirect_to(request.POST.get("next") or resolve_url("passkeys"))
    last_used.remember_passkey(response, credential["id"])
    return response


def label_of(request: AuthenticatedRequest, passkey_id: str) -> str:
    """Return what Cognito calls the passkey that was just added, "" where it does not say: it is added all the same."""
    with suppress(CognitoError, Http404):
        return next((passkey.name for passkey in own_passkeys(request) if passkey.id == passkey_id), "")
    return ""


def usable_at_sign_in(request: AuthenticatedRequest) -> bool:
    """Have the passkeys stand for both steps if the person has a second one; return whether they can sign in by them.

    A pool that counts a passkey as one factor, or Cognito saying no, leaves people with a second step their password.
    """
    token = access_token(request)
    profile = own_profile(request, token)
    if not profile.factors:
        return True
    passkeys = as_both_steps(token, second_step=True)
    if not passkeys:
        return False
    factors = {factor: (True, factor == profile.preferred_factor) for factor in profile.factors}
    try:
        conf.user_account().set_mfa_preference(token, factors, passkeys=True)
    except Refused as refused:
        activity.refused(request, refused)
        return False
    return True


def parsed_credential(text: str) -> dict[str, Any] | None:
    """Return the credential in ``text``, in the JSON form of WebAuthn, section 5.1.7; None for anything else."""
    try:
        credential = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return credential if isinstance(credential, dict) and isinstance(credential.get("id"), str) else None


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_sign_in_required()
@limits.limited(limits.FACTOR)
def delete_passkey(request: AuthenticatedRequest, passkey_id: str) -> HttpResponse:
    """Ask, then forget a passkey."""
    found = [passkey for passkey in own_passkeys(request) if passkey.id == passkey_id]
    if not found:
        raise Http404
    if request.method != "POST":
        return render(request, "accounts/delete_passkey.html", {"passkey": found[0]})
    conf.user_account().delete_passkey(access_token(request), passkey_id)
    activity.record(Activity.Kind.PASSKEY_REMOVED, request.user, context=Context.of(request), label=found[0].name)
    messages.success(request, _("The passkey is deleted here. Remove it from your device as well."))
    return redirect("passkeys")
