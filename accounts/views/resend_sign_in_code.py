"""Another code for a sign-in under way."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import activity, challenges, choosing, limits, way_in
from accounts.cognito.challenges import ChallengeName
from accounts.cognito.errors import Refused
from accounts.limits import declares
from accounts.sessions.pending import PendingChallenge
from accounts.views.base import levelled, resend_wait
from accounts.views.steps import start_again


@login_not_required
@require_POST
@declares(limits.OPTIONS)
def resend_sign_in_code(request: HttpRequest) -> HttpResponse:
    """Send another code, not too soon, and go back to its page.

    Where Cognito cannot be asked for one the sign-in begins again, and says so. Raises LimitExceeded, Busy.
    """
    pending = PendingChallenge.find(request)
    if pending is None:
        return start_again(request, None)
    asked = challenges.supported(pending.asked)
    if asked is None or not asked.code_sent:
        return redirect("challenge")
    wait = resend_wait(pending.at)
    if wait:
        words = ngettext(
            "You can ask for a new code in %(seconds)d second.",
            "You can ask for a new code in %(seconds)d seconds.",
            wait,
        )
        messages.warning(request, words % {"seconds": wait})
        return redirect("challenge")
    with levelled(request, pending.typed), limits.attempt(request, limits.OPTIONS, pending.typed):
        return for_a_name(request, pending) if pending.unproven else after_proof(request, pending)


def for_a_name(request: HttpRequest, pending: PendingChallenge) -> HttpResponse:
    """Ask Cognito once more for a code in place of the password. The answer is the same for every name."""
    response = way_in.ask(request, pending.name, typed=pending.typed, next_url=pending.next_url)
    words = _("If {address} has an account, we sent a new code. Only the newest one works.")
    if pending.name == ChallengeName.EMAIL_OTP and "@" in pending.typed:
        words = _("If {address} has an account, we sent a new code there. Only the newest one works.")
    messages.success(request, format_html(words, address=bold(pending.typed)))
    return response


def after_proof(request: HttpRequest, pending: PendingChallenge) -> HttpResponse:
    """Have the choice made once more where there was one; begin again where Cognito takes it no more."""
    try:
        following = choosing.sent_again(request, pending)
    except Refused as refused:
        activity.refused(request, refused)
        return start_again(request, pending, _("Enter your password again to get a new code."))
    following.park(request)
    messages.success(request, sent(challenges.masked(following)))
    return redirect("challenge")


def sent(target: str) -> str:
    """Return what to say of a code that went to ``target``: an address, the end of a number, "" for nobody knows."""
    if not target:
        return _("New code sent. Only the newest one works.")
    words = _("New code sent to {target}. Only the newest one works.")
    if "@" not in target:
        words = _("New code sent to the phone number ending in {target}. Only the newest one works.")
    return format_html(words, target=bold(target))


def bold(value: str) -> str:
    """Return ``value`` as it stands out in a sentence."""
    return format_html("<strong data-wrap>{}</strong>", value)
