"""Offering a passkey to somebody who has just signed in without one, once."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts import checkup, pool, return_address
from accounts.cognito.challenges import ChallengeName
from accounts.models import LOCAL_ISSUER, CameBy, User

# The field by which a form tells that scripts run: a passkey needs one (static/js/sign_in.js).
SCRIPTS = "scripts"
# The mark of a session that was offered one: until it is answered, the page can be loaded again.
OFFERED = "passkey_offered"


def way_on(request: HttpRequest, user: User, next_url: str, answered: str) -> HttpResponse:
    """Return the way to ``next_url`` for ``user``, who has just come in, over the offer where it is due."""
    onwards = return_address.redirect_to(next_url)
    if not is_due(request, user, answered):
        return onwards
    return to_offer(onwards.url)


def to_offer(next_url: str) -> HttpResponseRedirect:
    """Return the way to the page of the offer, which leads on to the checked ``next_url``."""
    return HttpResponseRedirect(f"{reverse('passkey_offer')}?{urlencode({'next': next_url})}")


def is_due(request: HttpRequest, user: User, answered: str) -> bool:
    """Whether to offer a passkey after a sign-in: by password or code, where scripts run, and never a second time.

    Nobody is asked yet whether there is one: the page does that.
    """
    by_hand = user.came_by in {CameBy.PASSWORD, CameBy.CHOICE} and answered != ChallengeName.WEB_AUTHN
    return (
        by_hand
        and request.POST.get(SCRIPTS) == "on"
        and user.issuer != LOCAL_ISSUER
        and user.passkey_offered_at is None
        and is_usable(user)
    )


def is_usable(user: User) -> bool:
    """Whether ``user`` could sign in with a passkey, by what the pool says and what this sign-in has just shown."""
    described = pool.description()
    return checkup.passkeys_usable(user, described) and (not user.second_step or described.passkeys_satisfy_mfa)
