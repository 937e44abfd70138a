"""The offer of a passkey, between a sign-in and where the person was going."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import conf, federation, return_address
from accounts import passkey_offer as offer
from accounts.cognito.errors import CognitoError
from accounts.http import AuthenticatedRequest, access_token, own_profile
from accounts.models import LOCAL_ISSUER


@require_http_methods(["GET", "HEAD", "POST"])
def passkey_offer(request: AuthenticatedRequest) -> HttpResponse:
    """Offer a passkey once, to whoever could use one and has none; go on with whatever is answered.

    Leaving the page counts as not now. Until then it can be loaded again.
    """
    next_url = return_address.checked(request.POST.get("next") or request.GET.get("next", ""))
    if request.method == "POST" or not is_open(request):
        request.session.pop(offer.OFFERED, None)
        return return_address.redirect_to(next_url)
    request.session[offer.OFFERED] = True
    request.user.passkey_offered_at = timezone.now()
    request.user.save(update_fields=["passkey_offered_at"])
    return render(request, "accounts/passkey_offer.html", {"next_url": next_url})


def is_open(request: AuthenticatedRequest) -> bool:
    """Whether the offer can still be made; not where Cognito does not say whether the person has a passkey."""
    user = request.user
    open_ = user.passkey_offered_at is None or request.session.get(offer.OFFERED, False)
    if not open_ or user.issuer == LOCAL_ISSUER or not federation.has_password(request):
        return False
    token = access_token(request)
    try:
        # Which second steps are on is written down with the profile.
        own_profile(request, token)
        return offer.is_usable(user) and not conf.user_account().list_passkeys(token)
    except CognitoError:
        return False
