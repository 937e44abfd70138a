"""What a browser remembers of its last sign-in: the way in, the kind of code, and the passkey that is here.

Three cookies that decide nothing: which button has a badge, which kind of code is asked for first, which passkey is
called this device's. They hold neither a name nor an address, and signing out keeps them.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.activity import BY_CHOICE
from accounts.cognito.factors import Factor
from accounts.models import CameBy

WAY_IN, SECOND_STEP, PASSKEY = "way_in", "second_step", "passkey_here"
AGE = 180 * 24 * 60 * 60  # seconds


def remember(response: HttpResponse, came_by: str, answered: str) -> None:
    """Have the browser that gets ``response`` remember how somebody has just come in.

    ``came_by`` is a CameBy or a provider's name; ``answered`` is the question whose answer let them in, "" for none.
    """
    way = way_of(came_by, answered)
    if way:
        keep(response, WAY_IN, way)
    factor = Factor.named(answered) if answered and came_by == CameBy.PASSWORD else None
    if factor:
        keep(response, SECOND_STEP, factor.key)


def remember_passkey(response: HttpResponse, credential_id: str) -> None:
    """Have the browser that gets ``response`` remember that it has the passkey ``credential_id``, made or used here."""
    keep(response, PASSKEY, digest(credential_id))


def way_in(request: HttpRequest) -> str:
    """Return how somebody last came in: password, passkey, email, text or a provider's name; "" where nobody has.

    Whoever has the browser may write anything here, so it is only good for comparing.
    """
    return request.COOKIES.get(WAY_IN, "")


def second_step(request: HttpRequest) -> Factor | None:
    """Return which kind of code was last used in the browser of ``request``, None for none."""
    return next((factor for factor in Factor if factor.key == request.COOKIES.get(SECOND_STEP)), None)


def passkey_here(request: HttpRequest, credential_id: str) -> bool:
    """Whether ``credential_id`` is the passkey that was last made or used in the browser of ``request``."""
    return constant_time_compare(request.COOKIES.get(PASSKEY, ""), digest(credential_id))


def way_of(came_by: str, answered: str) -> str:
    """Return what the cookie says of a sign-in, "" for what leaves nothing to come back by."""
    if came_by == CameBy.CHOICE:
        return BY_CHOICE.get(answered, "")
    return "" if came_by == CameBy.REGISTRATION else came_by


def digest(credential_id: str) -> str:
    """Return what stands for a passkey in the cookie."""
    return salted_hmac("accounts.last_used", credential_id, algorithm="sha256").hexdigest()[:32]


def keep(response: HttpResponse, name: str, value: str) -> None:
    """Set one of the cookies on ``response``."""
    response.set_cookie(name, value, max_age=AGE, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax")
