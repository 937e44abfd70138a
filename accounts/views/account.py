"""The overview of one's own account, and everything that is kept about it."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts import activity, browser, conf, pool
from accounts.context import Context
from accounts.http import AuthenticatedRequest, access_token
from accounts.models import LOCAL_ISSUER, Activity, Session


@require_safe
def account(request: AuthenticatedRequest) -> HttpResponse:
    """Show who is signed in and until when. Nothing is asked of Cognito."""
    times = request.session.times()
    began = times.created_at if times else timezone.now()
    until = began + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    latest = Activity.objects.filter(user=request.user)[:3]
    return render(
        request,
        "accounts/account.html",
        {
            "session_expires_at": until,
            "session_idle_until": min(until, timezone.now() + timedelta(seconds=settings.SESSION_IDLE_AGE)),
            "email_verified": request.user.email_verified,
            "local": request.user.issuer == LOCAL_ISSUER,
            "events": [activity.entry(row) for row in latest],
            "offer_passkey": offers_passkey(request),
            "passkey_is_one_step": not pool.description().passkeys_satisfy_mfa,
        },
    )


def offers_passkey(request: AuthenticatedRequest) -> bool:
    """Whether to offer a passkey: where they work, until the person has answered once, and to people of the pool."""
    user = request.user
    return user.issuer != LOCAL_ISSUER and user.passkey_offered_at is None and pool.description().passkeys


@require_POST
def dismiss_passkey_offer(request: AuthenticatedRequest) -> HttpResponse:
    """Do not offer a passkey again."""
    request.user.passkey_offered_at = timezone.now()
    request.user.save(update_fields=["passkey_offered_at"])
    return redirect("account")


@require_safe
def download_data(request: AuthenticatedRequest) -> JsonResponse:
    """Hand out everything that is kept about the person, as JSON."""
    profile = conf.user_account().get_user(access_token(request))
    user = request.user
    activity.record(Activity.Kind.DATA_DOWNLOADED, user, context=Context.of(request))
    data: dict[str, Any] = {
        "account": {"username": profile.username, "attributes": dict(profile.attributes), "factors": profile.factors},
        "site": {
            "first_sign_in": user.date_joined,
            "last_sign_in": user.last_login,
            "groups": user.cognito_groups,
        },
        "sessions": [
            {
                "signed_in": session.created_at,
                "last_seen": session.last_seen_at,
                "ip_address": session.ip_address,
                "browser": browser.name(session.user_agent),
            }
            for session in Session.objects.filter(user=user).defer("tokens", "unverified_tokens")
        ],
        "activity": [
            {
                "what": row.kind,
                "factor": row.factor,
                "at": row.at,
                "ip_address": row.ip_address,
                "browser": row.user_agent,
            }
            for row in Activity.objects.filter(user=user)
        ],
    }
    response = JsonResponse(data, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = 'attachment; filename="latchkey-account.json"'
    return response
