"""Where one is signed in, and ending it there."""

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import auth, messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import activity, browser, conf, federation, timeline
from accounts.cognito.errors import CognitoError
from accounts.context import Context
from accounts.http import AuthenticatedRequest, access_token
from accounts.models import Activity, Session, User
from accounts.sessions import revocation

ACCESS_MINUTES = 60  # life of an access token that another program holds


@require_safe
@sensitive_variables("secret")
def sessions(request: AuthenticatedRequest) -> HttpResponse:
    """List the browsers this person is signed in with, this one first, and what happened last."""
    rows = open_sessions(request.user).order_by("-last_seen_at")
    secret = ("tokens", "unverified_tokens", "aws_credentials", "session_data")
    shown = [session_for_page(row, request.session.session_key) for row in rows.defer(*secret)]
    shown.sort(key=lambda row: not row["current"])
    context = {
        "sessions": shown,
        "has_password": federation.has_password(request),
        "days": timeline.latest(request.user, request.COOKIES),
        **timeline.zone(request.COOKIES),
        **ends(request),
    }
    return render(request, "accounts/sessions.html", context)


def open_sessions(user: User) -> QuerySet[Session]:
    """Return the sessions of ``user`` that are not over."""
    return Session.objects.filter(user=user, expire_date__gt=timezone.now())


def ends(request: AuthenticatedRequest) -> dict[str, Any]:
    """Return when this session is over at the latest, ``by_day`` if that is days off, and how long it may rest."""
    times = request.session.times()
    began = times.created_at if times else timezone.now()
    minutes = settings.SESSION_IDLE_AGE // 60
    hours = minutes // 60 if minutes % 60 == 0 else 0
    until = began + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return {
        "until": until,
        "by_day": until - timezone.now() > timedelta(days=1),
        "idle_hours": hours,
        "idle_minutes": 0 if hours else max(minutes, 1),
    }


def session_for_page(row: Session, current_key: str | None) -> dict[str, Any]:
    """Return what a page shows of ``row``."""
    return {
        "id": row.public_id,
        "browser": browser.name(row.user_agent),
        "icon": "phone" if browser.is_phone(row.user_agent) else "laptop",
        "place": row.ip_address,
        "last_seen_at": row.last_seen_at,
        "created_at": row.created_at,
        "current": row.session_key == current_key,
    }


@require_POST
def end_session(request: AuthenticatedRequest, public_id: uuid.UUID) -> HttpResponse:
    """End one session of one's own."""
    row = Session.objects.filter(user=request.user, public_id=public_id).only("user_agent").first()
    if row and revocation.end_session(request.user, public_id):
        device = browser.name(row.user_agent)
        activity.record(Activity.Kind.SESSION_ENDED, request.user, context=Context.of(request), detail=device)
        messages.success(request, _("%(device)s is signed out.") % {"device": device})
    else:
        messages.info(request, _("That device was signed out already."))
    return redirect("sessions")


@require_http_methods(["GET", "HEAD", "POST"])
def end_other_sessions(request: AuthenticatedRequest) -> HttpResponse:
    """Ask, then end every session of one's own but this."""
    if request.method != "POST":
        others = open_sessions(request.user).exclude(session_key=request.session.session_key).count()
        context = {"others": others, "access_minutes": ACCESS_MINUTES}
        return render(request, "accounts/end_other_sessions.html", context)
    ended = revocation.end_sessions(request.user, but=request.session)
    if not ended:
        messages.success(request, _("No other device is signed in."))
        return redirect("sessions")
    activity.record(Activity.Kind.SESSION_ENDED, request.user, context=Context.of(request))
    text = ngettext("%(n)d other device is signed out.", "%(n)d other devices are signed out.", ended)
    messages.success(request, text % {"n": ended})
    return redirect("sessions")


@require_http_methods(["GET", "HEAD", "POST"])
def sign_out_everywhere(request: AuthenticatedRequest) -> HttpResponse:
    """Ask, then end every session here and every token at Cognito."""
    if request.method != "POST":
        return render(request, "accounts/sign_out_everywhere.html", {"access_minutes": ACCESS_MINUTES})
    user, known = request.user, federation.known_at_domain(request)
    try:
        conf.user_account().global_sign_out(access_token(request))
    except CognitoError as error:
        # The sessions here end all the same, and each session's own token is revoked with it.
        activity.refused(request, error)
    activity.record(Activity.Kind.SIGNED_OUT_EVERYWHERE, user, context=Context.of(request))
    revocation.end_everything(user)
    auth.logout(request)
    messages.success(request, _("You’re signed out on all devices."))
    response = federation.sign_out_at_domain(request, known=known) or redirect("login")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
