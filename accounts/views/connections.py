"""Connecting providers with one's own account, and disconnecting them."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts import activity, conf, federation, limits, linking
from accounts.cognito.config import Provider
from accounts.cognito.errors import AliasTaken, InputRejected
from accounts.cognito.sign_in_names import SignInWith
from accounts.decorators import charged_to, is_fresh, prove_first
from accounts.http import AuthenticatedRequest, access_token
from accounts.one_at_a_time import UnderWay

CONNECT = gettext_lazy("You’re about to connect %(provider)s. Confirm it’s you, and we’ll do the rest.")
DISCONNECT = gettext_lazy("You’re about to disconnect %(provider)s. Confirm it’s you, and we’ll do the rest.")
ONLY_WAY = gettext_lazy("%(provider)s can’t be disconnected: it’s your way in.")
NOT_THERE = gettext_lazy("%(provider)s isn’t connected.")


@require_safe
def connections(request: AuthenticatedRequest) -> HttpResponse:
    """Lead on to the page of security, which shows what is connected: people may come by an address they kept."""
    return redirect("security")


@require_http_methods(["GET", "HEAD", "POST"])
@limits.limited(limits.FACTOR, charged_to)
def connect_provider(request: AuthenticatedRequest, provider: str) -> HttpResponse:
    """Ask, then send the browser to ``provider``, from where it comes back to be connected."""
    wanted = next((known for known in linking.offered() if known.name == provider), None)
    if wanted is None or not linking.changeable():
        raise Http404
    try:
        linking.refuse_one_more(conf.user_account().get_user(access_token(request)), provider)
    except linking.AlreadyConnected:
        return told(request, linking.ALREADY_CONNECTED % {"provider": wanted.label})
    except linking.Full:
        return told(request, str(linking.FULL))
    if request.method != "POST":
        by_email = conf.config().sign_in_with is SignInWith.EMAIL
        return render(request, "accounts/connect_provider.html", {"provider": wanted, "by_email": by_email})
    if not is_fresh(request):
        act = CONNECT % {"provider": wanted.label}
        return prove_first(request, act, page=resolve_url("security"), fields=("takes_address",))
    takes_address = request.POST.get("takes_address") == "on"
    purpose = {"connects": request.user.pk, "takes_address": takes_address}
    url = federation.set_out(request, wanted, resolve_url("security"), **purpose)
    return federation.leave_for(request, url, wanted.label)


@require_http_methods(["GET", "HEAD", "POST"])
@limits.limited(limits.FACTOR, charged_to)
def disconnect_provider(request: AuthenticatedRequest, provider: str) -> HttpResponse:
    """Ask, then disconnect ``provider``, unless it is the only way in."""
    known = conf.config().provider(provider) or Provider(provider, provider)
    try:
        found = linking.to_disconnect(conf.user_account().get_user(access_token(request)), provider)
    except linking.OnlyWay:
        return told(request, ONLY_WAY % {"provider": known.label})
    if not linking.changeable() or not (found or known in linking.offered()):
        raise Http404
    if not found:
        return told(request, NOT_THERE % {"provider": known.label})
    if request.method != "POST":
        return render(request, "accounts/disconnect_provider.html", {"provider": known})
    if not is_fresh(request):
        return prove_first(request, DISCONNECT % {"provider": known.label}, page=resolve_url("security"), fields=())
    return disconnected(request, known)


def disconnected(request: AuthenticatedRequest, provider: Provider) -> HttpResponse:
    """Disconnect ``provider``, and say what came of it."""
    try:
        done = linking.disconnect(request, provider.name)
    except linking.OnlyWay:
        return told(request, ONLY_WAY % {"provider": provider.label})
    except (UnderWay, InputRejected, AliasTaken) as refused:
        activity.refused(request, refused)
        return told(
            request, _("We couldn’t disconnect %(provider)s. Nothing was changed.") % {"provider": provider.label}
        )
    if not done:
        return told(request, NOT_THERE % {"provider": provider.label})
    messages.success(request, _("%(provider)s disconnected.") % {"provider": provider.label})
    return redirect("security")


def told(request: AuthenticatedRequest, sentence: str) -> HttpResponse:
    """Return the way back to the page, where ``sentence`` says why nothing was changed."""
    messages.error(request, sentence)
    return redirect("security")
