"""Where one is signed in, and ending it there."""

import uuid
from typing import Any

from django.contrib import auth, messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import activity, browser, conf, known_browser
from accounts.cognito.errors import CognitoError
from accounts.context import Context
from accounts.http import AuthenticatedRequest, access_token
from accounts.models import Activity, Session
from accounts.sessions import revocation

ACCESS_MINUTES = 60  # life of an access token that another program holds


@require_safe
def sessions(request: AuthenticatedRequest) -> HttpResponse:
    """List the browsers this person is signed in with, this one first."""
    rows = Session.objects.filter(user=request.user, expire_date__gt=timezone.now()).order_by("-last_seen_at")
    secret = ("tokens", "unverified_tokens", "session_data")
    shown = [shape(row, request.session.session_key) for row in rows.defer(*secret)]
    shown.sort(key=lambda row: not row["current"])
    return render(request, "accounts/sessions.html", {"sessions": shown})


def shape(row: Session, current_key: str | None) -> dict[str, Any]:
    """Return what a page shows of ``row``."""
    return {
        "id": row.public_id,
        "browser": browser.name(row.user_agent),
        "place": row.ip_address,
        "last_seen_at": row.last_seen_at,
        "created_at": row.created_at,
        "current": row.session_key == current_key,
    }


@require_POST
def end_session(request: AuthenticatedRequest, public_id: uuid.UUID) -> HttpResponse:
    """End one session of one's own."""
    ended = revocation.end_session(request.user, public_id)
    if ended:
        activity.record(Activity.Kind.SESSION_ENDED, request.user, context=Context.of(request))
        messages.success(request, _("That device is signed out."))
    else:
        messages.info(request, _("That device was signed out already."))
    return redirect("sessions")


@require_POST
def end_other_sessions(request: AuthenticatedRequest) -> HttpResponse:
    """End every session of one's own but this."""
    ended = revocation.end_sessions(request.user, but=request.session)
    activity.record(Activity.Kind.SESSION_ENDED, request.user, context=Context.of(request))
    text = ngettext("%(n)d other device is signed out.", "%(n)d other devices are signed out.", ended)
    messages.success(request, text % {"n": ended})
    return redirect("sessions")


@require_http_methods(["GET", "HEAD", "POST"])
def sign_out_everywhere(request: AuthenticatedRequest) -> HttpResponse:
    """Ask, then end every session here and every token at Cognito."""
    if request.method != "POST":
        return render(request, "accounts/sign_out_everywhere.html", {"access_minutes": ACCESS_MINUTES})
    user = request.user
    try:
        conf.user_account().global_sign_out(access_token(request))
    except CognitoError as error:
        # The sessions here end all the same, and each session's own token is revoked with it.
        activity.refused(request, error)
    activity.record(Activity.Kind.SIGNED_OUT_EVERYWHERE, user, context=Context.of(request))
    revocation.end_sessions(user)
    known_browser.forget(user)
    auth.logout(request)
    messages.success(request, _("You are signed out everywhere."))
    response = redirect("login")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
