"""One's own passkeys: adding one, calling it something, removing it.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
"""

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import (
    activity,
    checkup,
    conf,
    federation,
    last_used,
    limits,
    passkey_offer,
    pool,
    return_address,
    two_step,
)
from accounts.cognito.errors import (
    InputRejected,
    Misconfigured,
    NotAuthorized,
    PasskeyRefused,
    TooManyPasskeys,
)
from accounts.context import Context
from accounts.decorators import charged_to, fresh_sign_in_required, is_fresh, prove_first
from accounts.error_responses import for_scripts
from accounts.forms.account import PasskeyAddForm, PasskeyNameForm
from accounts.http import AuthenticatedRequest, access_token, own_profile
from accounts.models import Activity
from accounts.passkeys import (
    MOST,
    OwnPasskey,
    forget,
    keep,
    note_removed,
    parsed_credential,
    passkeys_of,
    rename,
)
from accounts.sessions.pending import PendingAct

ADD = gettext_lazy("You’re about to add a passkey. Confirm it’s you, and we’ll do the rest.")
REMOVE = gettext_lazy("You’re about to remove a passkey. Confirm it’s you, and we’ll do the rest.")


@require_safe
@federation.own_password_required
def passkeys(request: AuthenticatedRequest) -> HttpResponse:
    """Show where a passkey is added; it starts by itself for whoever has just proved who they are to add one."""
    found = own_passkeys(request)
    own_profile(request, access_token(request))
    context = {
        "most_passkeys": MOST if len(found) >= MOST else 0,
        "usable": checkup.passkeys_usable(request.user, pool.description()),
        "starts": was_about_to_add(request),
    }
    return render(request, "accounts/passkeys.html", context)


def was_about_to_add(request: AuthenticatedRequest) -> bool:
    """Whether the person was on the way to add a passkey when they had to prove who they are, and has; true once.

    Only what was begun in this browser says so: no address does, or a stranger could have a device asked.
    """
    act = PendingAct.find(request)
    if act is None or act.path != request.path or not is_fresh(request):
        return False
    PendingAct.drop(request)
    return True


def own_passkeys(request: AuthenticatedRequest) -> tuple[OwnPasskey, ...]:
    """Return the person's passkeys. Raises Http404 where the pool has none."""
    try:
        return passkeys_of(request.user, access_token(request))
    except Misconfigured as error:
        raise Http404 from error


def own_passkey(request: AuthenticatedRequest, passkey_id: str) -> tuple[OwnPasskey, int]:
    """Return the person's passkey with that id, and how many others they have. Raises Http404."""
    found = own_passkeys(request)
    for passkey in found:
        if passkey.id == passkey_id:
            return passkey, len(found) - 1
    raise Http404


@for_scripts
@require_POST
@federation.own_password_required
@fresh_sign_in_required("passkeys", act=ADD)
@limits.limited(limits.FACTOR)
def passkey_options(request: AuthenticatedRequest) -> JsonResponse:
    """Answer a script with the options for making a passkey."""
    return JsonResponse(conf.user_account().start_passkey_registration(access_token(request)))


@require_POST
@sensitive_post_parameters()
@federation.own_password_required
@fresh_sign_in_required("passkeys", act=ADD)
@limits.limited(limits.FACTOR)
def passkey_add(request: AuthenticatedRequest) -> HttpResponse:
    """Hand the passkey the browser made to Cognito, which checks it; then on to ``next``, or to the page of security.

    Where it was not taken, back to where it was made, with the reason.
    """
    form = PasskeyAddForm(request.POST)
    credential = parsed_credential(form.data.get("credential", "")) if form.is_valid() else None
    if credential is None:
        return not_added(request, _("Your browser didn’t make a passkey. Try again, or on another device."))
    try:
        conf.user_account().complete_passkey_registration(access_token(request), credential)
    except TooManyPasskeys:
        return not_added(
            request, _("You have %(number)d passkeys, the most there can be. Remove one first.") % {"number": MOST}
        )
    except (PasskeyRefused, InputRejected, NotAuthorized) as refused:
        activity.refused(request, refused)
        return not_added(request, _("This passkey couldn’t be added. Try again, or on another device."))
    user, context = request.user, Context.of(request)
    user.passkey_offered_at = timezone.now()
    user.save(update_fields=["passkey_offered_at"])
    label = keep(user, credential["id"], context)
    activity.record(Activity.Kind.PASSKEY_ADDED, user, context=context, detail=label, label=label)
    if two_step.let_passkeys_count(request):
        messages.success(request, _("Passkey added. Use it next time you sign in."))
    else:
        messages.warning(request, _("Passkey added. You can use it once two-step verification is off."))
    response = redirect(return_address.own_path(request.POST.get("next", "")) or "security")
    last_used.remember_passkey(response, credential["id"])
    return response


def not_added(request: AuthenticatedRequest, why: str) -> HttpResponse:
    """Return the way to where the passkey was made, with what was wrong: the offer alone leads on to ``next``."""
    messages.error(request, why)
    next_url = return_address.own_path(request.POST.get("next", ""))
    return passkey_offer.to_offer(next_url) if next_url else redirect("passkeys")


@require_http_methods(["GET", "HEAD", "POST"])
@federation.own_password_required
@limits.limited(limits.FACTOR, charged_to)
def passkey(request: AuthenticatedRequest, passkey_id: str) -> HttpResponse:
    """Show one passkey, and call it by another name."""
    found, _others = own_passkey(request, passkey_id)
    form = PasskeyNameForm(request.POST if request.method == "POST" else None, initial={"name": found.label})
    if request.method == "POST" and form.is_valid():
        label = form.cleaned_data["name"]
        if label != found.label:
            rename(request.user, found, label)
            activity.record(Activity.Kind.PASSKEY_RENAMED, request.user, context=Context.of(request), detail=label)
            named = format_html("<strong data-wrap>{}</strong>", label)
            messages.success(request, format_html(_("Passkey renamed to {label}."), label=named))
        return redirect("security")
    return render(request, "accounts/passkey.html", {"passkey": found, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@federation.own_password_required
@limits.limited(limits.FACTOR, charged_to)
def delete_passkey(request: AuthenticatedRequest, passkey_id: str) -> HttpResponse:
    """Ask, then remove a passkey; a form goes on by itself after a proof, and one that is sent again has been done."""
    if request.method == "POST" and not is_fresh(request):
        return prove_first(request, REMOVE, page=resolve_url("security"), fields=())
    try:
        found, others = own_passkey(request, passkey_id)
    except Http404:
        if request.method == "POST":
            return redirect("security")
        raise
    if request.method != "POST":
        return render(request, "accounts/delete_passkey.html", {"passkey": found, "others": others})
    conf.user_account().delete_passkey(access_token(request), passkey_id)
    forget(request.user, passkey_id)
    activity.record(
        Activity.Kind.PASSKEY_REMOVED,
        request.user,
        context=Context.of(request),
        detail=found.label,
        label=found.label,
    )
    note_removed(request, passkey_id)
    named = format_html("<strong data-wrap>{}</strong>", found.label)
    messages.success(request, format_html(_("Passkey {label} removed."), label=named))
    return redirect("security")
