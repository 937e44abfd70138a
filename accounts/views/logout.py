"""Signing out."""

from django.contrib import auth, messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from accounts import activity, federation
from accounts.context import Context
from accounts.models import Activity, User
from accounts.sessions import revocation
from accounts.sessions.engine import session_of


@login_not_required
@require_POST
@sensitive_variables("refresh_token")
def logout(request: HttpRequest) -> HttpResponse:
    """End the session here, then tell Cognito; the first never waits for the second.

    Where the pool's domain remembers the person, the browser goes on to be forgotten there, and comes back.
    Who has no session gets none for the answer's sake, which strangers could have made without end.
    The browser drops what it keeps of the site: https://www.w3.org/TR/clear-site-data/
    """
    user = request.user
    known = federation.known_at_domain(request)
    refresh_token = session_of(request).refresh_token()
    auth.logout(request)
    if isinstance(user, User):
        activity.record(Activity.Kind.SIGNED_OUT, user, context=Context.of(request))
        messages.success(request, _("You’re signed out."))
    revocation.revoke([refresh_token])
    response = federation.sign_out_at_domain(request, known=known) or redirect("login")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@login_not_required
@require_POST
def admin_logout(request: HttpRequest) -> HttpResponse:
    """Leave the admin as one leaves the site."""
    return logout(request)
