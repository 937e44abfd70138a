"""The overview of one's own account, and everything that is kept about it."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import activity, awaited, browser, checkup, federation, personal_data, pool
from accounts.context import Context
from accounts.http import AuthenticatedRequest, access_token, own_profile
from accounts.models import LOCAL_ISSUER, Activity, Session, User

SIGN_INS = (Activity.Kind.FIRST_SIGN_IN, Activity.Kind.SIGNED_IN, Activity.Kind.SIGN_IN_REFUSED)
RECENT = 3
# Seconds between the beginning of a session and the row that says so.
SAME_SIGN_IN = 5


@require_safe
def account(request: AuthenticatedRequest) -> HttpResponse:
    """Show who is signed in, how well the account is protected, and the latest sign-ins."""
    user, described = request.user, pool.description()
    context = {
        "checkup": checkup.of(request),
        "proved_by": checkup.proved_by(user),
        "lacks_address": lacks_address(user),
        "two_step": checkup.two_step_in_words(user.second_factors, described),
        "has_two_step": bool(described.mfa_factors or user.second_factors),
        "passkeys_usable": checkup.passkeys_usable(user, described),
        "local": user.issuer == LOCAL_ISSUER,
        "provider": federation.own_provider(request),
        "others": other_devices(request),
        "sign_ins": recent_sign_ins(request),
    }
    return render(request, "accounts/account.html", context)


def lacks_address(user: User) -> bool:
    """Whether there is nothing of ``user`` that a code could prove, nor an address that waits for its code."""
    return not (user.email or user.phone_number) and awaited.EMAIL not in awaited.of(user)


def other_devices(request: AuthenticatedRequest) -> list[str]:
    """Return what the other devices are called that the person is signed in with."""
    rows = Session.objects.filter(user=request.user, expire_date__gt=timezone.now())
    others = rows.exclude(session_key=request.session.session_key).order_by("-last_seen_at")
    return [browser.name(user_agent) for user_agent in others.values_list("user_agent", flat=True)]


def recent_sign_ins(request: AuthenticatedRequest) -> list[dict[str, Any]]:
    """Return the latest sign-ins, also those that failed, as the page shows them."""
    rows = Activity.objects.of_person(request.user).filter(kind__in=SIGN_INS)[:RECENT]
    return [sign_in_for_page(request, row) for row in rows]


def sign_in_for_page(request: AuthenticatedRequest, row: Activity) -> dict[str, Any]:
    """Return what the page shows of ``row``; of this device is the sign-in that this very session began with."""
    times, user_agent = request.session.times(), activity.whence(row).user_agent
    failed = row.kind == Activity.Kind.SIGN_IN_REFUSED
    here = times is not None and abs((row.at - times.created_at).total_seconds()) < SAME_SIGN_IN
    own_agent = request.headers.get("User-Agent", "")[: len(user_agent)]
    return {
        **activity.entry(row),
        "failed": failed,
        # https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/Browser_detection_using_the_user_agent
        "mobile": "Mobi" in user_agent,
        "here": here and not failed and own_agent == user_agent,
    }


@require_safe
def download_data(request: AuthenticatedRequest) -> JsonResponse:
    """Hand out everything that is kept about the person, as JSON."""
    profile = own_profile(request, access_token(request))
    user = request.user
    activity.record(Activity.Kind.DATA_DOWNLOADED, user, context=Context.of(request))
    data: dict[str, Any] = {
        "account": {
            "username": profile.username,
            "attributes": dict(profile.attributes),
            "factors": profile.factors,
            "connected_accounts": personal_data.connected(profile),
        },
        **personal_data.kept_here(user),
    }
    response = JsonResponse(data, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = 'attachment; filename="latchkey-account.json"'
    return response
